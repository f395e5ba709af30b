"""The benchmark of zones, small: that it runs and says what it should, never how fast."""

from __future__ import annotations

from benchmarks import zones
from benchmarks.harness import Plan
from benchmarks.zones import Sizes

SIZES = Sizes(
    enterprise_count=4,
    source_count=2,
    years=(2023, 2024),
    call_count=2,
    zone_count=3,
    series_count=1,
)


def test_every_goal_has_its_figure() -> None:
    figures = zones.run(SIZES, Plan(repetition_count=1, attempt_count=1))

    what = "4 enterprises x 24 months x 2 sources, p99 of 2 warm calls"
    assert {each.figure: (each.unit, each.goal) for each in figures} == {
        f"evaluation of a zone by an indicator system of {what}": ("ms", 1.0),
        f"years of a zone of {what}": ("ms", 1.0),
        f"drivers of a zone of {what}": ("ms", 1.0),
        "3 such evaluations, one after the other": ("s", 1.0),
        "slope: the same evaluation of twice as many enterprises": ("s", 2.2),
        "LMDI of 4 enterprises x 2 carriers": ("ms", 1.0),
        "forecast of the year's end, mean error of 1 series from every month": ("ratio", 1.0),
        "years that lay in the interval of their forecast": ("ratio", 0.9),
    }
