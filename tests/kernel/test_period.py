from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kernel.errors import PeriodInvalid, PeriodProblem
from services.kernel.period import Period

DAYS = st.dates(date(1990, 1, 1), date(2100, 12, 31))


@st.composite
def periods(draw: st.DrawFn, longest: int = 1000) -> Period:
    start = draw(DAYS)
    days = draw(st.integers(1, min(longest, (date(2101, 1, 1) - start).days)))
    return Period(start=start, end=start + timedelta(days=days))


def problem_of(caught: pytest.ExceptionInfo[PeriodInvalid]) -> PeriodProblem:
    return caught.value.problem


@given(period=periods())
def test_the_months_of_a_period_fill_it_exactly(period: Period) -> None:
    months = period.months()

    assert months[0].start == period.start
    assert months[-1].end == period.end
    assert all(a.end == b.start for a, b in pairwise(months))
    assert all(month.within_one_month for month in months)
    assert sum(month.days for month in months) == period.days


@given(one=periods(), other=periods())
def test_two_periods_overlap_where_a_day_lies_in_both(one: Period, other: Period) -> None:
    shared = (min(one.end, other.end) - max(one.start, other.start)).days

    assert one.overlaps(other) == other.overlaps(one) == (shared > 0)
    assert one.common_days(other) == other.common_days(one) == max(0, shared)


@given(period=periods())
def test_instants_are_midnights_of_shanghai_and_come_back(period: Period) -> None:
    start, end = period.instants()

    assert (start.tzinfo, end.tzinfo) == (UTC, UTC)
    assert Period.between(start, end) == period
    assert Period.between(start.astimezone(ZoneInfo("America/New_York")), end) == period


def test_a_period_is_half_open() -> None:
    january, february = Period.month(2024, 1), Period.month(2024, 2)

    assert not january.overlaps(february)
    assert january.common_days(Period.day(date(2024, 2, 1))) == 0
    assert january.common_days(Period.day(date(2024, 1, 31))) == 1


def test_the_first_instant_of_a_day_is_four_in_the_afternoon_in_utc() -> None:
    assert Period.day(date(2024, 1, 1)).instants() == (
        datetime(2023, 12, 31, 16, tzinfo=UTC),
        datetime(2024, 1, 1, 16, tzinfo=UTC),
    )


def test_the_summer_time_of_1991_is_kept() -> None:
    start, end = Period.day(date(1991, 7, 1)).instants()

    assert start == datetime(1991, 6, 30, 15, tzinfo=UTC)
    assert end - start == timedelta(days=1)


@pytest.mark.parametrize(("year", "days"), [(2023, 28), (2024, 29), (2000, 29), (2100, 28)])
def test_february_has_the_days_of_its_year(year: int, days: int) -> None:
    assert Period.month(year, 2).days == days
    assert Period.year(year).days == 337 + days


def test_forty_years_have_480_months() -> None:
    period = Period.parse("1990-01-01", "2030-01-01")

    assert len(period.months()) == 480
    assert period.days == 14_610
    assert period.months()[-1] == Period.month(2029, 12)


def test_december_ends_at_new_year() -> None:
    assert Period.month(2024, 12).end == date(2025, 1, 1)
    assert Period.month(2024, 12).within_one_month


def test_the_grain_is_the_whole_month_and_a_second_month_is_refused() -> None:
    assert Period.parse("2024-01-05", "2024-01-20").one_month() == Period.month(2024, 1)
    with pytest.raises(PeriodInvalid) as caught:
        Period.parse("2024-01-05", "2024-02-02").one_month()

    assert problem_of(caught) is PeriodProblem.NOT_ONE_MONTH
    assert caught.value.given == "[2024-01-05, 2024-02-02)"


def test_a_year_is_within_one_year_and_a_day_more_is_not() -> None:
    assert Period.year(2024).within_one_year
    assert not Period.parse("2024-01-01", "2025-01-02").within_one_year


@pytest.mark.parametrize(
    ("start", "end", "problem"),
    [
        ("2023-02-01", "2023-01-01", PeriodProblem.ENDS_BEFORE_START),
        ("2023-02-01", "2023-02-01", PeriodProblem.EMPTY),
        ("1989-12-31", "1990-02-01", PeriodProblem.OUT_OF_BOUNDS),
        ("2100-12-31", "2101-01-02", PeriodProblem.OUT_OF_BOUNDS),
        ("2023-02-29", "2023-03-01", PeriodProblem.NOT_A_DATE),
        ("2023-13-01", "2024-01-01", PeriodProblem.NOT_A_DATE),
        ("20230101", "20230201", PeriodProblem.NOT_A_DATE),
        ("2023-W01-1", "2023-02-01", PeriodProblem.NOT_A_DATE),
        ("２０２３-01-01", "2023-02-01", PeriodProblem.NOT_A_DATE),
        ("2023-01-01\n", "2023-02-01", PeriodProblem.NOT_A_DATE),
        ("", "2023-02-01", PeriodProblem.NOT_A_DATE),
    ],
)
def test_a_wrong_period_is_refused(start: str, end: str, problem: PeriodProblem) -> None:
    with pytest.raises(PeriodInvalid) as caught:
        Period.parse(start, end)

    assert problem_of(caught) is problem
    assert caught.value.field == "period"
    assert caught.value.given == f"[{start}, {end})"


@pytest.mark.parametrize(
    "instant",
    [
        datetime(2024, 1, 1),  # noqa: DTZ001  a time without a zone is what is refused here
        datetime(2024, 1, 1, tzinfo=UTC),
        datetime(2023, 12, 31, 16, 0, 1, tzinfo=UTC),
        datetime(2024, 1, 1, tzinfo=timezone(timedelta(hours=9))),
        datetime.max.replace(tzinfo=UTC),
    ],
    ids=str,
)
def test_an_instant_that_is_no_midnight_of_shanghai_is_refused(instant: datetime) -> None:
    with pytest.raises(PeriodInvalid) as caught:
        Period.between(instant, datetime(2025, 12, 31, 16, tzinfo=UTC))

    assert problem_of(caught) is PeriodProblem.NOT_MIDNIGHT


@pytest.mark.parametrize(("year", "month"), [(2024, 0), (2024, 13), (1989, 1), (2101, 1), (-1, 1)])
def test_a_month_out_of_bounds_is_refused(year: int, month: int) -> None:
    with pytest.raises(PeriodInvalid) as caught:
        Period.month(year, month)

    assert problem_of(caught) is PeriodProblem.OUT_OF_BOUNDS


@pytest.mark.parametrize("year", [0, 1989, 2101, 10**9])
def test_a_year_out_of_bounds_is_refused(year: int) -> None:
    with pytest.raises(PeriodInvalid):
        Period.year(year)


@pytest.mark.parametrize("day", [date.min, date(1989, 12, 31), date(2101, 1, 1), date.max])
def test_a_day_out_of_bounds_is_refused(day: date) -> None:
    with pytest.raises(PeriodInvalid):
        Period.day(day)


def test_periods_sort_by_start_then_end() -> None:
    whole, first, second = Period.year(2024), Period.month(2024, 1), Period.month(2024, 2)

    assert sorted([second, whole, first]) == [first, whole, second]
