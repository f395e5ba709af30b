"""Resource names (AIP-122): made and taken apart in one place.

A name is a path of fixed words and ids, "enterprises/chp/inventories/2023". An id is written by the
caller that creates the resource and never changes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from services.kernel.errors import NameInvalid

_ID: Final = r"[a-z][a-z0-9-]{0,62}"
_ID_OF_KIND: Final = {
    "year": r"[0-9]{4}",
    "month": r"[0-9]{4}-(?:0[1-9]|1[0-2])",
    # Published sets and rows keep the ids of their sources, which have dots and underscores.
    "factor_set": r"[a-z0-9][a-z0-9._-]{0,126}",
    "factor": r"[a-z0-9][a-z0-9._-]{0,126}",
    "role": r"[A-Z][A-Z0-9_]{0,62}",
    # The library's word for a thing, or "*": the only part of a name that may hold any character.
    "subject": r"(?s:.{1,200})",
    "region": r"CN-[A-Z]{2}",
    # A year, and the method where it is not the home method.
    "inventory": r"[0-9]{4}(?:-[a-z][a-z0-9-]{0,39})?",
    # What, when and of what: "industrial_value_added.2024", "product_output.2024-03.crude-steel".
    "statistic": r"[a-z][a-z0-9_]{0,62}"
    r"\.[0-9]{4}(?:-(?:0[1-9]|1[0-2]))?(?:\.[a-z][a-z0-9-]{0,62})?",
    "version": r"[1-9][0-9]{0,4}",
    # A source, a month, and the method and item where it is not the home method.
    "line": r"[a-z][a-z0-9_-]{0,158}",
}


@dataclass(frozen=True, slots=True)
class Pattern:
    """The form of one kind of name.

    >>> FACILITY.format(enterprise="chp", facility="boiler-1")
    'enterprises/chp/facilities/boiler-1'
    >>> FACILITY.parse("enterprises/chp/facilities/boiler-1")
    {'enterprise': 'chp', 'facility': 'boiler-1'}
    >>> FACILITY.matches("enterprises/chp")
    False
    """

    template: str
    kinds: tuple[str, ...] = field(init=False, repr=False)
    _ids: Mapping[str, re.Pattern[str]] = field(init=False, repr=False, compare=False)
    """By kind: a line has several names, and an answer hundreds of lines."""
    _regex: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        kinds = tuple(re.findall(r"\{(\w+)\}", self.template))
        regex = re.sub(
            r"\{(\w+)\}", lambda kind: f"(?P<{kind[1]}>{_id_of(kind[1])})", self.template
        )
        object.__setattr__(self, "kinds", kinds)
        object.__setattr__(self, "_ids", {kind: _compiled(_id_of(kind)) for kind in kinds})
        object.__setattr__(self, "_regex", re.compile(regex))

    def __str__(self) -> str:
        return self.template

    def format(self, **ids: str) -> str:
        """Return the name with these ids.

        Raises:
            NameInvalid: an id has not the form of its kind; `field` is "<kind>_id".
        """
        if ids.keys() != self._ids.keys():
            raise TypeError(f"{self.template} takes the ids {self.kinds}, not {tuple(ids)}")
        for kind, given in ids.items():
            if self._ids[kind].fullmatch(given) is None:
                check_id(kind, given)
        return self.template.format_map(ids)

    def parse(self, name: str, field: str = "name") -> dict[str, str]:
        """Return the ids in `name`, by kind.

        Raises:
            NameInvalid: `name` is not of this form.
        """
        found = self._regex.fullmatch(name)
        if found is None:
            raise NameInvalid(field=field, given=name, pattern=self.template)
        return found.groupdict()

    def matches(self, name: str) -> bool:
        """Say whether `name` is of this form."""
        return self._regex.fullmatch(name) is not None


def check_id(kind: str, given: str, field: str = "") -> str:
    """Return `given` if it is an id of `kind`; `field` is "<kind>_id" unless named.

    >>> check_id("enterprise", "Steel Works")
    Traceback (most recent call last):
    services.kernel.errors.fields.NameInvalid: enterprise_id is "Steel Works", \
which is not a name of the form [a-z][a-z0-9-]{0,62}. Write it in that form.
    """
    if _compiled(_id_of(kind)).fullmatch(given) is None:
        raise NameInvalid(field=field or f"{kind}_id", given=given, pattern=_id_of(kind))
    return given


def _id_of(kind: str) -> str:
    return _ID_OF_KIND.get(kind, _ID)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


ZONE: Final = Pattern("zones/{zone}")
ENTERPRISE: Final = Pattern("enterprises/{enterprise}")
FACILITY: Final = Pattern("enterprises/{enterprise}/facilities/{facility}")
METER: Final = Pattern("enterprises/{enterprise}/meters/{meter}")
COUNTERPARTY: Final = Pattern("enterprises/{enterprise}/counterparties/{counterparty}")
PRINCIPAL: Final = Pattern("principals/{principal}")
KEY: Final = Pattern("principals/{principal}/keys/{key}")
CUSTOM_FACTOR: Final = Pattern("enterprises/{enterprise}/customFactors/{custom_factor}")
FACTOR_SET: Final = Pattern("factorSets/{factor_set}")
FACTOR: Final = Pattern("factorSets/{factor_set}/factors/{factor}")
APPLICABILITY_RULE: Final = Pattern(
    "applicabilityRules/{method}:{year}:{role}:{factor_set}:{subject}"
)
REGION: Final = Pattern("regions/{region}")
ACTIVITY_RECORD: Final = Pattern("enterprises/{enterprise}/activityRecords/{record}")
REPORT_FILE: Final = Pattern("enterprises/{enterprise}/reportFiles/{report_file}")
CURVE: Final = Pattern("enterprises/{enterprise}/curves/{curve}")
LINE: Final = Pattern("enterprises/{enterprise}/lines/{line}")
INVENTORY: Final = Pattern("enterprises/{enterprise}/inventories/{inventory}")
PERIOD: Final = Pattern("enterprises/{enterprise}/periods/{year}")
VERIFICATION: Final = Pattern(
    "enterprises/{enterprise}/periods/{year}/verifications/{verification}"
)
BASE_YEAR: Final = Pattern("enterprises/{enterprise}/baseYears/{method}")
ZONE_INVENTORY: Final = Pattern("zones/{zone}/inventories/{inventory}")
MONTHLY_EMISSIONS: Final = Pattern("enterprises/{enterprise}/monthlyEmissions/{inventory}")
ZONE_MONTHLY_EMISSIONS: Final = Pattern("zones/{zone}/monthlyEmissions/{inventory}")
DATA_QUALITY_PLAN: Final = Pattern("enterprises/{enterprise}/dataQualityPlan")
STATISTIC: Final = Pattern("enterprises/{enterprise}/statistics/{statistic}")
ZONE_STATISTIC: Final = Pattern("zones/{zone}/statistics/{statistic}")
INDICATOR_SYSTEM: Final = Pattern("indicatorSystems/{indicator_system}/versions/{version}")
ZONE_INDICATOR_SYSTEM: Final = Pattern(
    "zones/{zone}/indicatorSystems/{indicator_system}/versions/{version}"
)
EVALUATION: Final = Pattern("zones/{zone}/evaluations/{evaluation}")
EVIDENCE_PACK: Final = Pattern("enterprises/{enterprise}/evidencePacks/{month}")
ACCOUNT: Final = Pattern("accounts/{account}")
POSITION: Final = Pattern("accounts/{account}/positions/{year}")
PRICE_SERIES: Final = Pattern("priceSeries/{series}")
RULEBOOK: Final = Pattern("rulebooks/{rulebook}")

HOME_METHOD: Final = "gbt32150"
"""The method of the zone's own reporting, whose inventories carry the plain year as their id."""


def inventory_id(year: int, method_id: str) -> str:
    """Return the id of the inventory of a year by a method.

    >>> inventory_id(2023, "gbt32150"), inventory_id(2024, "ets-power")
    ('2023', '2024-ets-power')
    """
    return f"{year:04d}" if method_id == HOME_METHOD else f"{year:04d}-{method_id}"


def of_inventory(inventory: str) -> tuple[int, str]:
    """Return the year and the method of an inventory's id.

    >>> of_inventory("2024-ets-power"), of_inventory("2023")
    ((2024, 'ets-power'), (2023, 'gbt32150'))
    """
    year, _, method_id = inventory.partition("-")
    return int(year), method_id or HOME_METHOD
