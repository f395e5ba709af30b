"""The figures of zones that are kept ready."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from services.accounting.domain.zone import ZoneInventory
from services.accounting.jobs import ZoneFigures
from services.kernel.errors import NeighbourUnavailable, NotFound
from tests.accounting import builders


@dataclass(slots=True, kw_only=True)
class Books:
    """A revision and its years, and what was computed of them."""

    revision: int = 1
    years: Sequence[int] = (2023, 2024)
    away: bool = False
    computed: list[tuple[str, int, str]] = field(default_factory=list)

    def newest(self) -> tuple[int, Sequence[int]]:
        """Return the revision and the years."""
        return self.revision, self.years

    def compute(self, zone: str, year: int, *, key: str) -> ZoneInventory:
        """Return the zone of 2023; it has no member in other years."""
        self.computed.append((zone, year, key))
        if self.away:
            raise NeighbourUnavailable(service="registry")
        if year != 2023:
            raise NotFound(name=f"zones/{zone}/inventories/{year}")
        return builders.zone(builders.member("mill", builders.year_of_lines()))

    def figures(self) -> ZoneFigures:
        """Return the job over these books."""
        return ZoneFigures(
            newest=self.newest, zones=lambda: ["zones/home"], compute=self.compute, key="secret"
        )


def test_every_zone_is_computed_for_every_year_with_reports() -> None:
    books = Books()
    figures = books.figures()

    figures.refresh()

    assert books.computed == [("home", 2023, "secret"), ("home", 2024, "secret")]
    assert [each.accounting_year for each in figures.held()] == [2023]


def test_nothing_is_computed_again_until_something_is_reported() -> None:
    books = Books(years=[2023])
    figures = books.figures()

    for revision in (1, 1, 2):
        books.revision = revision
        figures.refresh()

    assert len(books.computed) == 2


def test_what_failed_is_still_to_be_done() -> None:
    books = Books(years=[2023], away=True)
    figures = books.figures()
    try:
        figures.refresh()
    except NeighbourUnavailable:
        books.away = False
    assert figures.held() == ()

    figures.refresh()

    assert len(figures.held()) == 1
