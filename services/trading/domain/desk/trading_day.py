"""Days on which the exchange is open.

Monday to Friday, but not on public holidays; a weekend day that is worked instead is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from services.kernel.errors import TradingDaysUnknown

_SATURDAY = 5
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class TradingDays:
    """The calendar of some years."""

    closed: frozenset[date] = frozenset()
    """Days from Monday to Friday on which it is closed."""
    years: frozenset[int] = frozenset()
    """The years of which all closed days are known."""

    def is_open(self, day: date) -> bool:
        """Tell whether the exchange is open.

        Raises:
            TradingDaysUnknown: the calendar has no such year.
        """
        if day.year not in self.years:
            raise TradingDaysUnknown(year=day.year)
        return day.weekday() < _SATURDAY and day not in self.closed

    def before(self, day: date) -> date:
        """Return the last trading day before a day; raises as `is_open`."""
        day -= _DAY
        while not self.is_open(day):
            day -= _DAY
        return day

    def after(self, day: date, count: int) -> date:
        """Return the trading day `count` trading days after a day; raises as `is_open`.

        >>> week = TradingDays(closed=frozenset({date(2026, 6, 19)}), years=frozenset({2026}))
        >>> week.after(date(2026, 6, 17), 2)
        datetime.date(2026, 6, 22)
        """
        while count:
            day += _DAY
            count -= self.is_open(day)
        return day
