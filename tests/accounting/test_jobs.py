"""The figures of zones that are kept ready."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from services.accounting.domain.zone import ZoneInventory
from services.accounting.jobs import ZoneFigures
from services.kernel.errors import NeighbourUnavailable, NotFound
from tests.accounting import builders

HOME, PARK = "gbt32150", "park910"


@dataclass(slots=True, kw_only=True)
class Books:
    """A revision and its years, and what was computed of them."""

    revision: int = 1
    years: Sequence[int] = (2023, 2024)
    away: bool = False
    computed: list[tuple[str, int, str]] = field(default_factory=list)
    asked: list[dict[str, dict[str, str]]] = field(default_factory=list)

    def newest(self) -> tuple[int, Sequence[int]]:
        """Return the revision and the years."""
        return self.revision, self.years

    def compute(
        self, zone: str, year: int, *, method_id: str, asked: dict[str, dict[str, str]]
    ) -> ZoneInventory:
        """Return the zone of 2023; it has no member in other years."""
        self.computed.append((zone, year, method_id))
        self.asked.append(asked)
        if self.away:
            raise NeighbourUnavailable(service="registry")
        if year != 2023:
            raise NotFound(name=f"zones/{zone}/inventories/{year}")
        lines = builders.year_of_lines(by=method_id)
        return builders.zone(builders.member("mill", lines, by=method_id), by=method_id)

    def figures(self, *methods: str) -> ZoneFigures:
        """Return the job over these books."""
        return ZoneFigures(
            newest=self.newest,
            zones=lambda: ["zones/home"],
            compute=self.compute,
            methods=methods or [HOME],
        )


def test_every_zone_is_computed_for_every_year_with_reports_by_every_method() -> None:
    books = Books()
    figures = books.figures(HOME, PARK)

    figures.refresh()

    assert books.computed == [
        ("home", 2023, HOME),
        ("home", 2023, PARK),
        ("home", 2024, HOME),
        ("home", 2024, PARK),
    ]
    assert [(each.accounting_year, each.method_id) for each in figures.held()] == [
        (2023, HOME),
        (2023, PARK),
    ]


def test_partners_are_asked_once_for_all_years_and_methods_and_again_the_next_time() -> None:
    books = Books()
    figures = books.figures(HOME, PARK)

    for revision in (1, 2):
        books.revision = revision
        figures.refresh()

    first, second = books.asked[:4], books.asked[4:]
    assert all(each is first[0] for each in first)
    assert all(each is second[0] for each in second)
    assert first[0] is not second[0]


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
