"""Holdings: which statement counts on a day."""

from __future__ import annotations

from datetime import date

from services.trading.domain.holding import Origin, stated
from tests.trading.builders import statement

STORY = [
    statement("2025-04-25", 700),
    statement("2025-08-25", 1000, version=2),
    statement("2025-10-31", 150, origin=Origin.BOUGHT),
    statement("2024-12-16", 80, vintage=2023),
    statement("2025-11-30", 400, version=3),
]


def on(day: str) -> list[tuple[int, str, int]]:
    return [
        (each.value.vintage_year, each.value.origin.value, each.value.allowance_count)
        for each in stated(STORY, date.fromisoformat(day))
    ]


def test_the_last_statement_on_or_before_the_day_counts() -> None:
    assert on("2024-12-15") == []
    assert on("2025-08-24") == [(2023, "FREE", 80), (2024, "FREE", 700)]
    assert on("2025-10-31") == [(2023, "FREE", 80), (2024, "FREE", 1000), (2024, "BOUGHT", 150)]
    assert on("2025-11-30") == [(2023, "FREE", 80), (2024, "FREE", 400), (2024, "BOUGHT", 150)]


def test_a_correction_of_the_same_day_takes_the_place_of_what_it_corrects() -> None:
    wrong, right = statement("2025-08-25", 9999), statement("2025-08-25", 999, version=2)

    assert [each.version for each in stated([right, wrong], date(2025, 8, 25))] == [2]


def test_a_late_correction_of_an_older_day_does_not_hide_a_newer_day() -> None:
    story = [statement("2025-08-25", 1000), statement("2025-04-25", 710, version=2)]

    assert [each.value.allowance_count for each in stated(story, date(2025, 12, 31))] == [1000]
