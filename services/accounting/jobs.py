"""Work in the background: the figures of zones, kept ready for the metrics."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from services.accounting.domain.zone import ZoneInventory
from services.kernel import names
from services.kernel.errors import NotFound


class ComputeZone(Protocol):
    """Computes the inventory of a zone as it is now."""

    def __call__(
        self, zone: str, year: int, *, method_id: str, asked: dict[str, dict[str, str]]
    ) -> ZoneInventory:
        """Return it, without lines; raises NotFound where the zone had no member in the year.

        `asked` holds the partners in zones that were asked for already.
        """


class ZoneFigures:
    """The inventories of all zones in all years with reports, by every method for zones.

    They are as of the newest revision.

    A scrape must not wait for a zone to be computed, nor ask the registry: it reads what is held
    here. `refresh` is the job; it computes again only when something was reported.
    """

    def __init__(
        self,
        *,
        newest: Callable[[], tuple[int, Sequence[int]]],
        zones: Callable[[], Iterable[str]],
        compute: ComputeZone,
        methods: Sequence[str],
    ) -> None:
        self._newest = newest
        self._zones = zones
        self._compute = compute
        self._methods = methods
        self._revision = -1
        self._held: tuple[ZoneInventory, ...] = ()

    def refresh(self) -> None:
        """Compute every zone again if accounting's revision has moved since the last time."""
        revision, years = self._newest()
        if revision == self._revision:
            return
        found = []
        asked: dict[str, dict[str, str]] = {}
        for name in self._zones():
            zone = names.ZONE.parse(name)["zone"]
            for year, method_id in itertools.product(years, self._methods):
                try:
                    inventory = self._compute(zone, year, method_id=method_id, asked=asked)
                    found.append(inventory)
                except NotFound:
                    continue  # It had no member in that year.
        self._held, self._revision = tuple(found), revision

    def held(self) -> Sequence[ZoneInventory]:
        """Return the inventories as they were computed last."""
        return self._held
