"""Spans of whole days, `[start, end)`. A day begins at midnight of Asia/Shanghai.

All boundaries of years, months and days of the product are those of Asia/Shanghai; they are said
here and in the contract, nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Final, Self
from zoneinfo import ZoneInfo

from services.kernel.errors import PeriodInvalid, PeriodProblem

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
"""The official time of China; from the tz database, for 1990 and 1991 had summer time."""

EARLIEST: Final = date(1990, 1, 1)
LATEST_END: Final = date(2101, 1, 1)
MONTHS_PER_YEAR: Final = 12

_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Period:
    """The days from `start` up to, not including, `end`, between 1990 and 2100.

    Ordered by start, then by end.

    >>> february = Period.parse("2024-02-01", "2024-03-01")
    >>> february.days
    29
    >>> print(february)
    [2024-02-01, 2024-03-01)
    >>> Period.parse("2024-02-01", "2024-02-01")
    Traceback (most recent call last):
    services.kernel.errors.fields.PeriodInvalid: period is [2024-02-01, 2024-02-01): \
it has no day; write as its end the day after the last day.
    """

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise self._invalid(PeriodProblem.ENDS_BEFORE_START)
        if self.end == self.start:
            raise self._invalid(PeriodProblem.EMPTY)
        if self.start < EARLIEST or self.end > LATEST_END:
            raise self._invalid(PeriodProblem.OUT_OF_BOUNDS)

    def __str__(self) -> str:
        return _written(self.start, self.end)

    @classmethod
    def parse(cls, start: str, end: str) -> Self:
        """Return the period between two dates written as in 2024-01-31; `end` is excluded.

        Raises:
            PeriodInvalid: a date does not exist or is written otherwise, or the period is wrong.
        """
        try:
            return cls(start=_date(start), end=_date(end))
        except ValueError:
            problem = PeriodProblem.NOT_A_DATE
            raise PeriodInvalid(given=_written(start, end), problem=problem) from None

    @classmethod
    def between(cls, start: datetime, end: datetime) -> Self:
        """Return the period between two instants, each a midnight of Asia/Shanghai.

        Raises:
            PeriodInvalid: an instant is no such midnight or has no time zone.
        """
        days = [_midnight(instant) for instant in (start, end)]
        if days[0] is None or days[1] is None:
            given = _written(start.isoformat(), end.isoformat())
            raise PeriodInvalid(given=given, problem=PeriodProblem.NOT_MIDNIGHT)
        return cls(start=days[0], end=days[1])

    @classmethod
    def day(cls, day: date) -> Self:
        """Return the period of one day."""
        if not EARLIEST <= day < LATEST_END:
            raise PeriodInvalid(given=str(day), problem=PeriodProblem.OUT_OF_BOUNDS)
        return cls(start=day, end=day + _DAY)

    @staticmethod
    def month(year: int, month: int) -> Period:
        """Return a calendar month; `month` from 1 to 12."""
        return _month(year, month)

    @classmethod
    def year(cls, year: int) -> Self:
        """Return a calendar year, from 1990 to 2100."""
        if not EARLIEST.year <= year < LATEST_END.year:
            raise PeriodInvalid(given=str(year), problem=PeriodProblem.OUT_OF_BOUNDS)
        return cls(start=date(year, 1, 1), end=date(year + 1, 1, 1))

    @property
    def days(self) -> int:
        """The number of days, at least 1."""
        return (self.end - self.start).days

    @property
    def within_one_month(self) -> bool:
        """Whether all days lie in the same calendar month."""
        return self.end <= _month(self.start.year, self.start.month).end

    @property
    def within_one_year(self) -> bool:
        """Whether all days lie in the same calendar year."""
        return self.start.year == (self.end - _DAY).year

    def months(self) -> tuple[Period, ...]:
        """Return the period cut at the first day of each month: parts that fill it exactly.

        >>> [str(part) for part in Period.parse("2023-12-15", "2024-02-02").months()]
        ['[2023-12-15, 2024-01-01)', '[2024-01-01, 2024-02-01)', '[2024-02-01, 2024-02-02)']
        """
        return tuple(self._cut_at_months())

    def one_month(self) -> Period:
        """Return the whole calendar month that the period lies in: the grain of the books.

        Raises:
            PeriodInvalid: the period reaches into a second month.
        """
        month = _month(self.start.year, self.start.month)
        if self.end > month.end:
            raise self._invalid(PeriodProblem.NOT_ONE_MONTH)
        return month

    def overlaps(self, other: Period) -> bool:
        """Say whether a day lies in both; neighbours that only touch do not overlap."""
        return self.start < other.end and other.start < self.end

    def common_days(self, other: Period) -> int:
        """Return how many days lie in both."""
        return max(0, (min(self.end, other.end) - max(self.start, other.start)).days)

    def instants(self) -> tuple[datetime, datetime]:
        """Return start and end as instants in UTC, the end excluded.

        >>> [instant.isoformat() for instant in Period.year(2024).instants()]
        ['2023-12-31T16:00:00+00:00', '2024-12-31T16:00:00+00:00']
        """
        return _instant(self.start), _instant(self.end)

    def _cut_at_months(self) -> Iterator[Period]:
        start = self.start
        while start < self.end:
            end = min(self.end, _next_month(start))
            yield Period(start=start, end=end)
            start = end

    def _invalid(self, problem: PeriodProblem) -> PeriodInvalid:
        return PeriodInvalid(given=str(self), problem=problem)


def _written(start: object, end: object) -> str:
    return f"[{start}, {end})"


def _date(text: str) -> date:
    if _DATE.fullmatch(text) is None:
        raise ValueError(text)
    return date.fromisoformat(text)


def _instant(day: date) -> datetime:
    return datetime.combine(day, time.min, SHANGHAI).astimezone(UTC)


def _midnight(instant: datetime) -> date | None:
    """Return the day that begins at `instant`, if one does."""
    if instant.tzinfo is None:
        return None
    try:
        local = instant.astimezone(SHANGHAI)
    except OverflowError:  # The very last hours that an instant can hold begin no day.
        return None
    return local.date() if local.time() == time.min else None


@cache
def _month(year: int, month: int) -> Period:
    """Return a calendar month: there are few, and every record asks for its own."""
    if not (EARLIEST.year <= year < LATEST_END.year and 1 <= month <= MONTHS_PER_YEAR):
        given = f"{year:04d}-{month:02d}"
        raise PeriodInvalid(given=given, problem=PeriodProblem.OUT_OF_BOUNDS)
    start = date(year, month, 1)
    return Period(start=start, end=_next_month(start))


def _next_month(day: date) -> date:
    years, month = divmod(day.month, MONTHS_PER_YEAR)
    return date(day.year + years, month + 1, 1)
