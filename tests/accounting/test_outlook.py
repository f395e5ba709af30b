"""What a year will come to, where a zone should be, and the months that both start from."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accounting import files
from services.accounting.domain.enterprise import WHOLE_YEAR
from services.accounting.domain.outlook import history, pathway, year_end
from services.accounting.domain.outlook.pathway import Shape
from services.accounting.domain.rollup import Months
from services.kernel.errors import FieldInvalid
from tests.accounting import builders

RULE = files.zone_rules().outlook
HOME = builders.method("gbt32150")


def seasonal(months: int, noise: float = 0.0, seed: int = 1) -> list[int]:
    """A season of a thousand tonnes and what chance adds to it."""
    chance = np.random.default_rng(seed)
    return [
        round(1e9 * (1 + 0.3 * math.cos(math.pi * at / 6)) + noise * chance.standard_normal())
        for at in range(months)
    ]


def test_a_season_without_noise_is_forecast_as_it_repeats() -> None:
    found = year_end.year_end(seasonal(30), 2025, 6, RULE)

    assert found is not None
    assert found.months == pytest.approx(seasonal(36)[30:], rel=1e-6)
    assert found.total == pytest.approx(sum(seasonal(36)[24:]), rel=1e-6)
    assert found.upper - found.lower < 1e-3 * found.total


def test_the_interval_holds_most_years_of_noise_and_grows_with_what_is_unknown() -> None:
    noise, inside, widths = 5e7, 0, []
    for seed in range(20):
        series = seasonal(48, noise, seed)
        early = year_end.year_end(series[:38], 2025, 2, RULE)
        late = year_end.year_end(series[:46], 2025, 10, RULE)
        assert early is not None
        assert late is not None
        inside += early.lower <= sum(series[36:]) <= early.upper
        widths.append((early.upper - early.lower) / (late.upper - late.lower))

    assert inside >= 18
    assert min(widths) > 1


def test_what_the_model_was_wrong_by_lately_widens_the_interval() -> None:
    inside, by_model = 0, 0
    for seed in range(12):
        drift = np.cumsum(np.random.default_rng(seed).normal(0, 0.03, 60))
        series = [round(value * math.exp(d)) for value, d in zip(seasonal(60), drift, strict=True)]
        found, came = year_end.year_end(series[:48], 2025, 0, RULE), sum(series[48:])
        assert found is not None
        alone = year_end.seasonal(series[:48], 12)
        inside += found.lower <= came <= found.upper
        by_model += abs(alone.total - came) <= 1.96 * alone.deviation

    assert by_model < inside
    assert inside >= 11


def test_a_year_that_is_known_needs_no_forecast() -> None:
    found = year_end.year_end([1] * 12, 2025, 12, RULE)

    assert found is not None
    assert (found.known, found.total, found.lower, found.upper) == (12, 12, 12, 12)
    assert found.months == ()


def test_a_history_that_has_not_seen_each_season_twice_tells_nothing() -> None:
    assert year_end.year_end(seasonal(23), 2025, 11, RULE) is None
    assert year_end.year_end(seasonal(24), 2025, 0, RULE) is not None


def test_a_forecast_shows_how_wrong_it_would_have_been_and_how_wrong_the_naive_one() -> None:
    series = [round(value * 1.1 ** (at // 12)) for at, value in enumerate(seasonal(54))]

    found = year_end.year_end(series, 2026, 6, RULE)

    assert found is not None
    assert [each.year for each in found.backtests] == [2025, 2024]
    for back, each in enumerate(found.backtests, start=1):
        assert each.actual == sum(series[48 - 12 * back : 60 - 12 * back])
        assert 0 < each.seasonal_error_ratio < each.naive_error_ratio


def test_a_zone_that_stands_still_is_forecast_to() -> None:
    found = year_end.year_end([0] * 30, 2025, 6, RULE)

    assert found is not None
    assert (found.total, found.lower, found.upper) == (0, 0, 0)


def months(*grams: int) -> Months:
    padded = [*grams, *[0] * (12 - len(grams))]
    counts = [1] * len(grams) + [0] * (12 - len(grams))
    return Months(
        {"combustion": {"co2e_g.gwp100-ar5": padded, "co2_g": padded, "line_count": counts}}
    )


def test_a_history_goes_back_to_the_first_gap() -> None:
    gap = Months({"combustion": {"line_count": [1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1]}})
    by_year = {2023: gap, 2024: months(*range(1, 13)), 2025: months(7, 8)}

    found = history.history(by_year, 2025, 2, HOME)

    assert found.months_g == (0, 0, *range(1, 13), 7, 8)
    assert found.known_g == 15
    assert "there are 16" in found.needs(2025, RULE).en


def test_a_month_is_known_once_everybody_has_reported_it() -> None:
    members = {"a": WHOLE_YEAR, "b": WHOLE_YEAR, "leaves": frozenset({1, 2})}
    of_year = {"a": months(1, 1, 1, 1), "b": months(1, 1, 1), "leaves": months(1, 1)}

    assert history.of_zone(members, {}, of_year) == (3, ["b"])


def test_nobody_is_late_with_a_month_that_nobody_has_reported() -> None:
    assert history.of_zone({"a": WHOLE_YEAR}, {}, {"a": months(1, 1)}) == (2, ())
    whole = months(*[1] * 12)
    assert history.of_zone({"a": WHOLE_YEAR}, {"a": whole}, {"a": whole}) == (12, ())


figures = st.floats(1e3, 1e15)
shapes = st.sampled_from(list(Shape))


@given(base=figures, target=figures, shape=shapes, year=st.integers(2021, 2040))
def test_a_figure_on_the_pathway_is_neither_ahead_nor_behind(
    base: float, target: float, shape: Shape, year: int
) -> None:
    way = pathway.pathway(2020, base, 2040, target, shape)

    found = pathway.distance(way, year, way.at(year))

    assert found.difference == 0
    if abs(target / base - 1) > 1e-3:
        assert found.months_ahead == pytest.approx(0, abs=1e-3)
    else:
        assert way.at(2020) == pytest.approx(base)


def test_a_pathway_of_equal_rates_needs_that_rate() -> None:
    way = pathway.pathway(2020, 100.0, 2030, 100.0 * 0.95**10, Shape.GEOMETRIC)

    found = pathway.distance(way, 2024, way.at(2024))

    assert found.needed_annual_ratio == pytest.approx(0.05)


def test_a_flat_pathway_has_no_months() -> None:
    way = pathway.pathway(2020, 100.0, 2030, 100.0, Shape.LINEAR)

    assert pathway.distance(way, 2024, 90.0).months_ahead is None


@pytest.mark.parametrize("end", [0.0, -1.0])
def test_no_equal_rate_leads_to_nothing(end: float) -> None:
    with pytest.raises(FieldInvalid, match="greater than 0"):
        pathway.pathway(2020, 100.0, 2030, end, Shape.GEOMETRIC)
