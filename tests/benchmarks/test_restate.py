"""The benchmark of restatements, small: that it runs and says what it should, never how fast."""

from __future__ import annotations

from benchmarks import restate
from benchmarks.harness import Plan
from benchmarks.restate import Sizes

SIZES = Sizes(
    enterprise_count=4, source_count=2, years=(2023, 2024), recomputed_count=4, call_count=3
)


def test_every_goal_has_its_figure_and_the_records_say_what_was_restated() -> None:
    """The benchmark itself compares each restated line and inventory with its records."""
    figures = restate.run(SIZES, Plan(repetition_count=1, attempt_count=1))

    assert {each.figure: (each.unit, each.goal) for each in figures} == {
        "192 electricity figures restated, stored and explained": ("s", 1.0),
        "the same from the records (4 enterprises, scaled)": ("s", 20.0),
        "ExplainFigure of line, p99 of 3 calls": ("ms", 1.0),
        "ExplainFigure of inventory, p99 of 3 calls": ("ms", 1.0),
        "an inventory with its lines, as of before the revisions": ("ms/call", 1.5),
    }
