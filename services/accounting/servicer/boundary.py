"""Who is inside a zone, kept in memory as long as the registry says the same."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from services.accounting.domain.enterprise import Enterprise
from services.accounting.domain.zone import MemberCoverage
from services.accounting.neighbours import Registry, View
from services.runtime import auth

MOST_KEPT = 256
"""Boundaries of zones, each as a caller sees it."""

_Seer = tuple[str, auth.Role, frozenset[str], frozenset[str]]
Counted = Sequence[tuple[Enterprise, Collection[int]]]
"""Members, each with the months of a year, from 1 to 12, that it is counted in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Boundary:
    """A zone's members at any time, and who stands behind their partners."""

    zone: str
    """The name."""
    enterprises: Sequence[Enterprise]
    partners: Mapping[str, str]
    """Counterparty → the registered enterprise behind it."""
    registry_revision: int
    """The highest among what was read of the zone and its members."""
    _years: dict[tuple[int, MemberCoverage], Counted] = field(default_factory=dict)

    def members(self, year: int, member_coverage: MemberCoverage) -> Counted:
        """Return who is counted in a year, by name."""
        key = year, member_coverage
        if key not in self._years:
            self._years[key] = [
                (each, each.zones_in(year)[self.zone])
                for each in self.enterprises
                if member_coverage.takes(each, self.zone, year)
            ]
        return self._years[key]


class Boundaries:
    """Boundaries by zone, by the registry's revision and by who looks."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._kept: OrderedDict[tuple[str, int, _Seer], Boundary] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, zone: str, view: View) -> Boundary:
        """Return the boundary of a zone as the caller sees it, now or as it was known.

        Raises:
            NotFound: the zone does not exist or is not the caller's to see.
        """
        if view.moment is not None:
            return self._read(zone, view)
        # The newest is asked first: what is read after it is at least as new.
        newest = self._registry.newest_revision(key=view.key)
        caller = auth.caller()
        key = zone, newest, (caller.name, caller.role, caller.zones, caller.enterprises)
        with self._lock:
            found = self._kept.get(key)
        if found is None:
            found = self._read(zone, view)
            with self._lock:
                self._kept[key] = found
                while len(self._kept) > MOST_KEPT:
                    self._kept.popitem(last=False)
        return found

    def _read(self, zone: str, view: View) -> Boundary:
        ever = self._registry.ever(zone, wanted=zone, view=view)
        return Boundary(
            zone=zone,
            enterprises=ever.enterprises,
            partners=self._registry.partners(zone=zone, view=view),
            registry_revision=ever.registry_revision,
        )
