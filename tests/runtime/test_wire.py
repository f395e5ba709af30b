from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from google.protobuf import timestamp_pb2
from google.type import date_pb2
from hypothesis import given
from hypothesis import strategies as st

from services.kernel.errors import FieldInvalid, PeriodInvalid, QuantityInvalid, UnitUnknown
from services.kernel.period import Period
from services.kernel.source import Source
from services.kernel.trust import Status
from services.runtime import wire
from tests import builders
from zonecarbon.type.v1 import change_pb2, period_pb2, source_pb2


@pytest.mark.parametrize("text", ["1.50", "-0", "1e2", "0.0000001", "007"])
def test_a_quantity_goes_there_and_back_as_written(text: str) -> None:
    message = builders.quantity(text, "t")

    assert wire.from_quantity(wire.to_quantity(message)) == message


def test_a_bad_quantity_is_refused_at_its_part() -> None:
    with pytest.raises(QuantityInvalid) as bad_value:
        wire.to_quantity(builders.quantity("NaN", "t"))
    with pytest.raises(UnitUnknown) as bad_unit:
        wire.to_quantity(builders.quantity("1", "kwh"))

    assert (bad_value.value.field, bad_unit.value.field) == ("value", "unit_code")


@given(st.fractions(min_value=-(10**12), max_value=10**12))
def test_an_exact_value_is_shown_whole_or_to_34_digits(value: Fraction) -> None:
    shown = Fraction(wire.shown(value))

    assert abs(shown - value) <= abs(value) * Fraction(1, 10**33)
    if shown != value:
        assert len(wire.shown(value).as_tuple().digits) == 34


def test_a_decimal_is_sent_without_an_exponent() -> None:
    assert wire.from_decimal(Decimal("1E+3")).value == "1000"
    assert wire.from_decimal(Decimal("1E-7")).value == "0.0000001"


@pytest.mark.parametrize("given", [(2023, 2, 29), (0, 1, 1), (2024, 0, 0), (2**31 - 1, 1, 1)])
def test_a_day_that_does_not_exist_is_refused(given: tuple[int, int, int]) -> None:
    year, month, number = given
    message = date_pb2.Date(year=year, month=month, day=number)

    with pytest.raises(FieldInvalid) as refused:
        wire.to_day(message, "merge_date")
    assert refused.value.field == "merge_date"
    with pytest.raises(FieldInvalid):
        wire.to_optional_day(message, "merge_date")


def test_an_empty_day_is_none() -> None:
    assert wire.to_optional_day(date_pb2.Date(), "leave_date") is None
    assert wire.from_day(None) is None
    assert wire.from_day(date(2024, 2, 29)) == builders.day("2024-02-29")


def test_a_period_goes_there_and_back() -> None:
    period = Period.month(2024, 2)

    assert wire.to_period(wire.from_period(period)) == period
    reversed_ = period_pb2.Period(
        start_date=builders.day("2024-02-01"), end_date=builders.day("2024-01-01")
    )
    with pytest.raises(PeriodInvalid):
        wire.to_period(reversed_)


@given(st.timedeltas(timedelta(0), timedelta(days=365 * 100)))
def test_an_instant_keeps_its_microseconds(after: timedelta) -> None:
    moment = datetime(1990, 1, 1, tzinfo=UTC) + after
    message = wire.from_instant(moment)

    assert (
        datetime(1970, 1, 1, tzinfo=UTC)
        + timedelta(seconds=message.seconds, microseconds=message.nanos // 1000)
        == moment
    )


def test_a_moment_is_read_to_the_microsecond_and_only_where_it_is_set() -> None:
    def read(**fields: int) -> datetime | None:
        change = change_pb2.Change(commit_time=timestamp_pb2.Timestamp(**fields))
        return wire.to_optional_instant(change, "commit_time")

    assert wire.to_optional_instant(change_pb2.Change(), "commit_time") is None
    assert read() == datetime(1970, 1, 1, tzinfo=UTC)
    assert read(seconds=1, nanos=2_999) == datetime(1970, 1, 1, 0, 0, 1, 2, tzinfo=UTC)
    for seconds, nanos in ((1 << 62, 0), (-(1 << 62), 0), (0, -1), (0, 1_000_000_000)):
        with pytest.raises(FieldInvalid) as refused:
            read(seconds=seconds, nanos=nanos)
        assert refused.value.field == "commit_time"


@pytest.mark.parametrize(
    ("fen", "units", "nanos"),
    [(0, 0, 0), (1, 0, 10_000_000), (-1, 0, -10_000_000), (-12345, -123, -450_000_000)],
)
def test_money_carries_one_sign(fen: int, units: int, nanos: int) -> None:
    money = wire.from_fen(fen)

    assert (money.currency_code, money.units, money.nanos) == ("CNY", units, nanos)


@pytest.mark.parametrize("status", list(Status))
def test_a_source_goes_there_and_back(status: Status) -> None:
    source = Source(
        title="公告",
        status=status,
        document_no="47",
        source_year=2025,
        locator="table 2",
        url="https://example.org",
        licence="facts",
        confidence="official text read",
        note="n",
    )

    assert wire.to_source(wire.from_source(source)) == source


@pytest.mark.parametrize("status", [0, 42, -1])
def test_a_status_that_is_not_said_or_unknown_is_refused(status: Any) -> None:
    message = source_pb2.Source()
    message.status = status

    with pytest.raises(FieldInvalid) as refused:
        wire.to_source(message)
    assert refused.value.field == "source.status"
    assert "SOURCE_STATUS_OFFICIAL" in refused.value.text("en")
