"""The benchmark of the kernel, small: that it runs and says what it should, never how fast."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import kernel
from benchmarks.harness import Figure, Plan
from benchmarks.kernel import Arrays, Sizes

SIZES = Sizes(
    row_count=3_000, decimal_row_count=50, pint_row_count=3, month_count=40, binding_count=7
)
GASES = "activity → CO2, CH4, N2O"


@pytest.fixture(scope="module")
def figures() -> dict[str, Figure]:
    plan = Plan(repetition_count=1, attempt_count=1)
    return {each.figure: each for each in kernel.run(SIZES, plan)}


def test_every_goal_that_was_set_has_its_figure(figures: dict[str, Figure]) -> None:
    assert {name: (each.unit, each.goal) for name, each in figures.items() if each.goal} == {
        GASES: ("GB/s", 0.25),
        "constant factors × series, three gases": ("GB/s", 0.5),
        f"{GASES}, against Decimal": ("rows/s", 200),
        f"{GASES}, against pint": ("rows/s", 10_000),
        "exact booking of 40 source-months, three gases and CO2e": ("s", 1),
    }


def test_grouping_is_reported_beside_them_with_nothing_to_reach(
    figures: dict[str, Figure],
) -> None:
    grouping = figures["sums by zone, month and source"]

    assert (grouping.unit, grouping.goal, grouping.met) == ("GB/s", 0, True)


def test_every_figure_is_a_ratio_of_two_that_were_measured(figures: dict[str, Figure]) -> None:
    assert all(each.value > 0 and each.ratio > 0 and each.against for each in figures.values())
    booking = figures["exact booking of 40 source-months, three gases and CO2e"]
    assert (booking.ratio, booking.against) == (booking.value, "1 s")


def test_what_is_compared_computes_the_same() -> None:
    """A peer that did less would make the ratio a lie."""
    arrays = Arrays.of(SIZES.row_count, kernel.per_units(SIZES.binding_count))

    emissions = arrays.emissions().copy()

    assert np.array_equal(arrays.emissions_made_anew(), emissions)
    assert np.array_equal(arrays.emissions_naively(), emissions)
    assert np.allclose(arrays.grouped().sum(axis=(1, 2, 3)), emissions.sum(axis=1))
    for peer in (kernel.by_decimal, kernel.by_coefficients, kernel.by_pint):
        rows = np.array(peer(arrays, 20)(), dtype=float)
        assert np.allclose(rows, emissions[:, :20].T, rtol=1e-12)
