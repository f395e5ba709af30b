"""What accounting knows of an enterprise; the registry says it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from services.kernel.names import ENTERPRISE
from services.kernel.period import MONTHS_PER_YEAR, Period

WHOLE_YEAR: Final = frozenset(range(1, MONTHS_PER_YEAR + 1))
"""All months of a year."""


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
    role: str = "ENTERPRISE"
    """What it is in the zone: a value of the contract's MemberRole."""
    above_scale: bool = False
    """Whether it is industry above the designated scale."""

    def holds(self, day: date) -> bool:
        """Tell whether it belongs to the zone on a day."""
        return self.join <= day and (self.leave is None or day < self.leave)


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

    def zones_in(self, year: int) -> dict[str, frozenset[int]]:
        """Return the zones that it is counted in, by name, each with the months of a year.

        A month, from 1 to 12, is counted in the zone that the enterprise belongs to on the month's
        last day: whole, since it is the grain of the books, and so in one of two zones between
        which it moves. In a zone and a zone inside it (园中园) it is counted in both.
        """
        found: defaultdict[str, set[int]] = defaultdict(set)
        for each in self.memberships:
            for month in range(1, MONTHS_PER_YEAR + 1):
                if each.holds(Period.month(year, month).end - timedelta(days=1)):
                    found[each.zone].add(month)
        return {zone: frozenset(months) for zone, months in found.items()}

    def membership_in(self, zone: str, year: int) -> Membership | None:
        """Return its last membership of a zone that counts in a year; None where none does."""
        ends = [Period.month(year, month).end for month in sorted(WHOLE_YEAR)]
        held = (
            each
            for end in reversed(ends)
            for each in self.memberships
            if each.zone == zone and each.holds(end - timedelta(days=1))
        )
        return next(held, None)
