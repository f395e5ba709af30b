"""Days on which the exchange trades: Monday to Friday, but for holidays and notices.

Working days that make up for a holiday on a weekend are no trading days. Where the holidays of a
year are not known, neither is the answer: no weekday is guessed to be open.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from services.kernel.errors import TradingDaysUnknown, Words
from services.kernel.source import Source

_SATURDAY = 5
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """A day on which the exchange is closed, and why."""

    day: date
    text: Words
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class TradingDays:
    """The trading days of the years whose holidays are known."""

    first_day: date
    """The market opened on it."""
    years: frozenset[int]
    closings: Mapping[date, Closing]

    def is_open(self, day: date) -> bool:
        """Tell whether the exchange trades on a day.

        Raises:
            TradingDaysUnknown: the holidays of the year are not known.
        """
        if day < self.first_day or day.weekday() >= _SATURDAY:
            return False
        if day.year not in self.years:
            raise TradingDaysUnknown(year=day.year, available=tuple(sorted(self.years)))
        return day not in self.closings

    def between(self, start: date, end: date) -> list[date]:
        """Return the trading days from `start` to before `end`.

        Raises:
            TradingDaysUnknown: the holidays of a year are not known.
        """
        days = (start + timedelta(days=number) for number in range((end - start).days))
        return [day for day in days if self.is_open(day)]

    def before(self, day: date) -> date | None:
        """Return the last trading day before a day; None before the market opened.

        Raises:
            TradingDaysUnknown: the holidays of a year are not known.
        """
        while day > self.first_day:
            day -= _DAY
            if self.is_open(day):
                return day
        return None

    def after(self, day: date, count: int) -> date:
        """Return the trading day `count` trading days after a day; raises as `is_open`.

        >>> from services.kernel.trust import Status
        >>> festival = Closing(
        ...     day=date(2026, 6, 19),
        ...     text=Words(en="Dragon Boat Festival", zh="端午节"),
        ...     source=Source(title="notice", status=Status.SECONDARY, confidence="package"),
        ... )
        >>> week = TradingDays(
        ...     first_day=date(2021, 7, 16),
        ...     years=frozenset({2026}),
        ...     closings={festival.day: festival},
        ... )
        >>> week.after(date(2026, 6, 17), 2)
        datetime.date(2026, 6, 22)
        """
        while count:
            day += _DAY
            count -= self.is_open(day)
        return day
