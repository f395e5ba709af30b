"""What a year will add up to: the months that are known, and a forecast of the others.

The seasonal method is exponential smoothing with an additive season and no trend, ETS(A, N, A), as
statsmodels estimates it. The interval reaches t standard deviations to either side of the sum of
the months to come, t of Student's distribution. The deviation is the larger of two:

    σ · √(Σₖ₌₀..ₕ₋₁ (1 + α·k)² + h/y)          √(mean of (said − came)²)

The first is the model's: an error moves every later month by α of it, no two months to come are a
whole season apart, and a figure of the season is estimated from y years of it. It rests on errors
that are normal, alike and independent. The second rests on nothing: it is by how much the method
was wrong about so many months each time that it is held against a recent month of the history
itself, where growth and drift show that the model knows nothing of. The backtest beside it says how
often the method was wrong by how much, and how wrong the naive one was, which repeats the months of
the year before.

Figures are float64: statistics, never books.

Source: R. J. Hyndman, A. B. Koehler, J. K. Ord, R. D. Snyder, Forecasting with Exponential
Smoothing (2008), chapter 6, class 1 (from memory, unverified); the error of the season and the
second deviation are ours.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from services.kernel.period import MONTHS_PER_YEAR
from services.kernel.source import Source

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlookRule:
    """When a forecast is made, and how it is told."""

    least_month_count: int
    """So many months of history it takes."""
    interval_ratio: float
    """How often the interval should hold the year, from 0 to 1."""
    backtest_year_count: int
    """So many earlier years are forecast again at the most."""
    recent_month_count: int
    """From so many recent months at the most the history itself is forecast again."""
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """The sum of the months to come, in the unit of the series."""

    months: tuple[float, ...]
    """One by one."""
    deviation: float
    """The standard deviation of the error of their sum, by the model."""
    freedom: int = 1
    """Degrees of freedom that it was estimated with."""

    @property
    def total(self) -> float:
        """Their sum."""
        return math.fsum(self.months)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """An earlier year, forecast from what was known at the same month of it."""

    year: int
    actual: int
    seasonal: float
    """What the seasonal method would have said of the year."""
    naive: float
    """What the year before, repeated, would have said of it."""
    inside: bool
    """Whether the year lay in the interval."""

    @property
    def seasonal_error_ratio(self) -> float:
        """How far the seasonal method was off, of the year; 0 for a year of nothing."""
        return abs(self.seasonal - self.actual) / abs(self.actual) if self.actual else 0.0

    @property
    def naive_error_ratio(self) -> float:
        """The same of the naive method."""
        return abs(self.naive - self.actual) / abs(self.actual) if self.actual else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class YearEnd:
    """What a year will add up to, in the unit of the series."""

    known: int
    """The sum of its months that are known, exact."""
    known_month_count: int
    total: float
    """Known and forecast."""
    lower: float
    upper: float
    months: tuple[float, ...]
    """The forecast, month by month; none where the year is known."""
    backtests: tuple[Backtest, ...]
    """Latest first."""


def year_end(
    history: Sequence[int], year: int, known_month_count: int, rule: OutlookRule
) -> YearEnd | None:
    """Return what a year will add up to; None where the history is too short to tell.

    `history` are months without a gap; the last `known_month_count` of them are of the year.
    """
    known = sum(history[len(history) - known_month_count :])
    to_come = MONTHS_PER_YEAR - known_month_count
    if not to_come:
        return _known_year(known)
    if len(history) < rule.least_month_count:
        return None
    past = _Past(history, to_come, rule)
    forecast, spread = past.forecast(len(history)), past.spread(len(history))
    total = known + forecast.total
    return YearEnd(
        known=known,
        known_month_count=known_month_count,
        total=total,
        lower=total - spread,
        upper=total + spread,
        months=forecast.months,
        backtests=tuple(_backtests(past, year)),
    )


def _known_year(known: int) -> YearEnd:
    return YearEnd(
        known=known,
        known_month_count=MONTHS_PER_YEAR,
        total=known,
        lower=known,
        upper=known,
        months=(),
        backtests=(),
    )


@dataclass(frozen=True, slots=True)
class _Past:
    """A history, forecast from several of its months: each of them once."""

    history: Sequence[int]
    month_count: int
    """So many months to come."""
    rule: OutlookRule
    _made: dict[int, Forecast] = field(default_factory=dict)

    def can_tell(self, end: int) -> bool:
        """Tell whether the months before `end` are enough."""
        return end >= self.rule.least_month_count

    def forecast(self, end: int) -> Forecast:
        """Return what was to be said when the months before `end` were known."""
        if end not in self._made:
            self._made[end] = seasonal(self.history[:end], self.month_count)
        return self._made[end]

    def spread(self, end: int) -> float:
        """Return how far its interval reaches to either side."""
        # Some of scipy takes long to import, as statsmodels does.
        from scipy.special import stdtrit  # noqa: PLC0415

        said = self.forecast(end)
        times = float(stdtrit(said.freedom, (1 + self.rule.interval_ratio) / 2))
        return times * max(said.deviation, self._recent_error(end))

    def _recent_error(self, end: int) -> float:
        """Return by how much the method was wrong lately, as a deviation; 0 where nothing tells."""
        last = end - self.month_count
        from_months = range(last, last - self.rule.recent_month_count, -1)
        errors = [self._error(each) for each in from_months if self.can_tell(each)]
        return math.sqrt(math.fsum(each**2 for each in errors) / len(errors)) if errors else 0.0

    def _error(self, end: int) -> float:
        came = sum(self.history[end : end + self.month_count])
        return self.forecast(end).total - came


def seasonal(history: Sequence[int], month_count: int) -> Forecast:
    """Return the forecast of the months that follow `history`, at most twelve, by ETS(A, N, A)."""
    # Takes seconds to import, and a service that starts need not wait for a forecast.
    from statsmodels.tsa.holtwinters import ExponentialSmoothing  # noqa: PLC0415

    series = np.asarray(history, dtype=np.float64)
    scale = float(np.abs(series).max())
    if not scale:
        return Forecast(months=(0.0,) * month_count, deviation=0.0)
    with warnings.catch_warnings():
        # That a series without noise has no single best smoothing is no fault of it.
        warnings.simplefilter("ignore")
        model = ExponentialSmoothing(
            series / scale,
            seasonal="add",
            seasonal_periods=MONTHS_PER_YEAR,
            initialization_method="heuristic",
        )
        fitted = model.fit()
    months = tuple(scale * float(each) for each in fitted.forecast(month_count))
    alpha = float(fitted.params["smoothing_level"])
    # What is estimated: the level, its smoothing and the season's, and a figure for each month.
    freedom = max(len(series) - MONTHS_PER_YEAR - 2, 1)
    deviation = scale * math.sqrt(float(fitted.sse) / freedom)
    reach = math.fsum((1 + alpha * step) ** 2 for step in range(month_count))
    of_season = month_count * MONTHS_PER_YEAR / len(series)
    return Forecast(
        months=months, deviation=deviation * math.sqrt(reach + of_season), freedom=freedom
    )


def naive(history: Sequence[int], month_count: int) -> Forecast:
    """Return the forecast that repeats the same months of the year before.

    >>> naive([*range(1, 13), 100], 2).months
    (2.0, 3.0)
    """
    begin = len(history) - MONTHS_PER_YEAR
    return Forecast(
        months=tuple(float(each) for each in history[begin : begin + month_count]), deviation=0.0
    )


def _backtests(past: _Past, year: int) -> list[Backtest]:
    """Return earlier years, each forecast at the same month as the year is."""
    found: list[Backtest] = []
    history, to_come = past.history, past.month_count
    for back in range(1, past.rule.backtest_year_count + 1):
        end = len(history) - back * MONTHS_PER_YEAR
        if not past.can_tell(end):
            break
        known = sum(history[end + to_come - MONTHS_PER_YEAR : end])
        actual = known + sum(history[end : end + to_come])
        said = known + past.forecast(end).total
        found.append(
            Backtest(
                year=year - back,
                actual=actual,
                seasonal=said,
                naive=known + naive(history[:end], to_come).total,
                inside=abs(said - actual) <= past.spread(end),
            )
        )
    return found
