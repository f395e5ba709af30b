"""The analysis of a large zone: years of it, its drivers, its cost, and how good a forecast is.

Enterprises buy electricity at several meters, month after month, for years. What is measured of a
service is what its desk waits for, once it has asked before. Forecasts are of series that are made
up: a season, a growth and a drift, all of them told here.
"""

from __future__ import annotations

import random
import statistics
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.harness import Contest, Figure, Plan, compare, p99, seconds
from benchmarks.support.large_zone import HALF, ZONE, LargeZone, large_zone
from benchmarks.support.metered import Meters
from services.accounting import files
from services.accounting.domain.activity import Kind
from services.accounting.domain.driver import zone as driver
from services.accounting.domain.driver.zone import Side
from services.accounting.domain.enterprise import Enterprise
from services.accounting.domain.flow import Carrier, Crossing
from services.accounting.domain.outlook.year_end import Forecast, naive, seasonal, year_end
from services.kernel.period import MONTHS_PER_YEAR
from zonecarbon.accounting.v1 import evaluation_pb2, evaluation_service_pb2
from zonecarbon.accounting.v1 import zone_analysis_service_pb2 as pb

_PLAN = Plan(repetition_count=3)
_SYSTEM = "indicatorSystems/jiangsu-near-zero"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How much there is, and how often it is asked for."""

    enterprise_count: int = 2000
    source_count: int = 8
    years: tuple[int, ...] = (2023, 2024, 2025)
    call_count: int = 100
    zone_count: int = 230
    """National development zones of the economic kind: evaluated one after the other."""
    series_count: int = 60
    """Series that are forecast, from every month of their last year."""


def run(sizes: Sizes = Sizes(), plan: Plan = _PLAN) -> Iterable[Figure]:
    """Measure the analysis of a zone, and forecasts."""
    meters = Meters(years=sizes.years, source_count=sizes.source_count)
    with (
        tempfile.TemporaryDirectory() as folder,
        large_zone(Path(folder), sizes.enterprise_count, meters) as zone,
    ):
        yield from _calls(zone, sizes, plan)
    yield _drivers(zone.enterprises, sizes, plan)
    yield from backtest(sizes)


def _calls(zone: LargeZone, sizes: Sizes, plan: Plan) -> Iterator[Figure]:
    """Measure what the desk waits for."""
    what = f"{sizes.enterprise_count:,} enterprises x {12 * len(sizes.years)} months x "
    what += f"{sizes.source_count} sources"
    judge = partial(_judge, zone, ZONE, sizes)
    for name, call, goal_ms in (
        ("evaluation of a zone by an indicator system", judge, 200.0),
        ("years of a zone", partial(_years, zone, sizes), 200.0),
        ("drivers of a zone", partial(_decompose, zone, sizes), 100.0),
    ):
        yield compare(
            Contest(
                figure=f"{name} of {what}, p99 of {sizes.call_count} warm calls",
                unit="ms",
                candidate=partial(_p99_ms, call, sizes.call_count),
                against=f"{goal_ms:g} ms",
                reference=goal_ms,
                goal=1.0,
                less_is_better=True,
            ),
            plan=plan,
        )
    yield compare(
        Contest(
            figure=f"{sizes.zone_count} such evaluations, one after the other",
            unit="s",
            candidate=seconds(lambda: [judge() for _ in range(sizes.zone_count)]),
            against="30 s",
            reference=30.0,
            goal=1.0,
            less_is_better=True,
        ),
        plan=Plan(repetition_count=1, attempt_count=1),
    )
    half = partial(_judge, zone, HALF, sizes)
    yield compare(
        Contest(
            figure="slope: the same evaluation of twice as many enterprises",
            unit="s",
            candidate=seconds(judge),
            against="of half as many",
            reference=seconds(half),
            goal=2.2,
            less_is_better=True,
        ),
        plan=plan,
    )


def _years(zone: LargeZone, sizes: Sizes) -> None:
    years = sizes.years
    found = zone.client.zones.AnalyzeTrend(
        pb.AnalyzeTrendRequest(parent=ZONE, first_year=years[0], last_year=years[-1])
    )
    assert len(found.years) == len(years)


def _judge(zone: LargeZone, name: str, sizes: Sizes) -> None:
    made = zone.client.evaluations.CreateEvaluation(
        evaluation_service_pb2.CreateEvaluationRequest(
            parent=name,
            evaluation_id="benchmark",
            evaluation=evaluation_pb2.Evaluation(
                indicator_system=_SYSTEM, accounting_year=sizes.years[-1]
            ),
            validate_only=True,
        )
    )
    assert made.results


def _decompose(zone: LargeZone, sizes: Sizes) -> None:
    found = zone.client.zones.DecomposeEmissions(
        pb.DecomposeEmissionsRequest(parent=ZONE, from_year=sizes.years[0], to_year=sizes.years[-1])
    )
    assert len(found.enterprises) == sizes.enterprise_count


def _p99_ms(call: Callable[[], object], count: int) -> float:
    took = seconds(call)
    return p99([took() for _ in range(count)]) * 1000


_CARRIERS = [
    *(Carrier(kind=Kind.FUEL_COMBUSTION, subject=f"fuel-{number}") for number in range(6)),
    Carrier(kind=Kind.ELECTRICITY_PURCHASED, subject="electricity"),
    Carrier(kind=Kind.HEAT_PURCHASED, subject="heat"),
]


def _drivers(enterprises: Sequence[Enterprise], sizes: Sizes, plan: Plan) -> Figure:
    """Measure LMDI alone, over as many carriers as there are sources."""
    chance = random.Random(11)  # noqa: S311 (figures of a benchmark)

    def side(year: int) -> Side:
        crossings = [
            Crossing(
                enterprise=each,
                carriers={
                    carrier: (chance.randrange(1, 10**9), float(chance.randrange(1, 10**6)))
                    for carrier in _CARRIERS[: sizes.source_count]
                },
                given_back_co2e_g=0,
            )
            for each in enterprises
        ]
        outputs = {each.name: float(chance.randrange(1, 10**6)) for each in enterprises}
        return Side(year=year, crossings=crossings, outputs=outputs)

    before, after = side(sizes.years[0]), side(sizes.years[-1])
    took = seconds(partial(driver.decompose, before, after))
    count = len(enterprises)
    return compare(
        Contest(
            figure=f"LMDI of {count:,} enterprises x {sizes.source_count} carriers",
            unit="ms",
            candidate=lambda: took() * 1000,
            against="100 ms",
            reference=100.0,
            goal=1.0,
            less_is_better=True,
        ),
        plan=plan,
    )


def backtest(sizes: Sizes) -> Iterator[Figure]:
    """Hold the seasonal method against the naive one, on the same made-up series."""
    whole = [series(number) for number in range(sizes.series_count)]
    errors = {method: _errors(method, whole) for method in (seasonal, naive)}
    yield compare(
        Contest(
            figure=f"forecast of the year's end, mean error of {sizes.series_count} series "
            "from every month",
            unit="ratio",
            candidate=lambda: statistics.fmean(errors[seasonal]),
            against="that of repeating the year before",
            reference=lambda: statistics.fmean(errors[naive]),
            goal=1.0,
            less_is_better=True,
        ),
        plan=Plan(repetition_count=1, attempt_count=1),
    )
    rule = files.zone_rules().outlook
    yield compare(
        Contest(
            figure="years that lay in the interval of their forecast",
            unit="ratio",
            candidate=lambda: _held(whole),
            against="the interval that is stated",
            reference=rule.interval_ratio,
            goal=0.9,
        ),
        plan=Plan(repetition_count=1, attempt_count=1),
    )


def series(number: int) -> list[int]:
    """Return five years of months: a season, a growth of up to 6 % a year, a drift, and noise."""
    chance = np.random.default_rng(number)
    months = np.arange(5 * MONTHS_PER_YEAR)
    season = 1 + chance.uniform(0, 0.4) * np.cos(2 * np.pi * (months - chance.integers(12)) / 12)
    growth = (1 + chance.uniform(-0.06, 0.06)) ** (months / 12)
    drift = np.cumsum(chance.normal(0, 0.01, months.size))
    noise = chance.normal(0, 0.03, months.size)
    return [int(each) for each in 1e9 * season * growth * np.exp(drift + noise)]


def _errors(
    method: Callable[[Sequence[int], int], Forecast], whole: Sequence[Sequence[int]]
) -> list[float]:
    found = []
    for each in whole:
        for known in range(MONTHS_PER_YEAR):
            history, actual = each[: 48 + known], sum(each[48:])
            forecast = method(history, MONTHS_PER_YEAR - known)
            said = sum(history[48:]) + forecast.total
            found.append(abs(said - actual) / actual)
    return found


def _held(whole: Sequence[Sequence[int]]) -> float:
    """Return how many years of all lay in their interval, from 0 to 1."""
    rule = files.zone_rules().outlook
    inside = []
    for each in whole:
        for known in range(MONTHS_PER_YEAR):
            found = year_end(each[: 48 + known], 2025, known, rule)
            assert found is not None
            inside.append(found.lower <= sum(each[48:]) <= found.upper)
    return statistics.fmean(inside)
