"""What accounting knows of an enterprise; the registry says it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.kernel.names import ENTERPRISE
from services.kernel.period import Period


class Label(StrEnum):
    """What stands behind data, the most real first."""

    REPORTED = "REPORTED"
    REPLAYED = "REPLAYED"
    SYNTHETIC = "SYNTHETIC"


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """The days on which an enterprise belongs to a zone."""

    zone: str
    """The resource name, "zones/south"."""
    join: date
    """The first day in it."""
    leave: date | None
    """The first day no longer in it; None while it is a member."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enterprise:
    """An enterprise as the registry had it when it was asked."""

    name: str
    """The resource name, "enterprises/chp"."""
    display_name: str
    industry_code: str
    """GB/T 4754-2017, four digits."""
    region_code: str
    """The province in which it emits, "CN-JS"."""
    label: Label
    revision: int
    """The registry's revision that holds this version of it."""
    memberships: tuple[Membership, ...] = ()

    @property
    def enterprise_id(self) -> str:
        """The id in its name."""
        return ENTERPRISE.parse(self.name)["enterprise"]

    def zones_in(self, year: int) -> frozenset[str]:
        """Return the names of the zones that it belongs to on some day of a year."""
        whole = Period.year(year)
        return frozenset(
            each.zone
            for each in self.memberships
            if each.join < whole.end and (each.leave is None or each.leave > whole.start)
        )
