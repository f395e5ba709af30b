"""The benchmark of the market, small: that it runs and says what it should, never how fast."""

from __future__ import annotations

from benchmarks import market
from benchmarks.harness import Plan
from benchmarks.market import Sizes

SIZES = Sizes(enterprise_count=4, call_count=2, line_count=100, book_count=5)


def test_every_goal_has_its_figure() -> None:
    figures = market.run(SIZES, Plan(repetition_count=1, attempt_count=1))

    assert {each.figure: (each.unit, each.goal) for each in figures} == {
        f"{what}, {database}": (unit, 1.0)
        for database in ("PostgreSQL", "SQLite")
        for what, unit in (
            ("a rulebook supersedes: 4 allocations derived anew, explained", "s"),
            ("a statement of 100 lines imported and reconciled", "s"),
        )
    } | {
        f"positions and gaps of 4 enterprises × 6 vintages, {database}, p99": ("ms", 1.0)
        for database in ("PostgreSQL", "SQLite")
    }
