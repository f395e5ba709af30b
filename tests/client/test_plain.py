from __future__ import annotations

import pytest
from google.protobuf import json_format, timestamp_pb2
from google.type import date_pb2, decimal_pb2, money_pb2

from zonecarbon.cli.plain import plain
from zonecarbon.trading.v1 import account_pb2, position_pb2, price_pb2, trading_service_pb2


def test_a_day_and_a_decimal_are_one_text_each_however_deep() -> None:
    price = price_pb2.Price(
        price_cny_per_t=decimal_pb2.Decimal(value="76.390"),
        end_date=date_pb2.Date(year=2026, month=1, day=1),
    )

    shown = plain(
        position_pb2.Position(price=price, valuation_date=date_pb2.Date(year=2025, month=3, day=4))
    )

    assert shown == {
        "valuation_date": "2025-03-04",
        "price": {"price_cny_per_t": "76.390", "end_date": "2026-01-01"},
    }


def test_the_items_of_a_list_are_written_so_too() -> None:
    stated = account_pb2.Holding(statement_date=date_pb2.Date(year=2024, month=12, day=16))
    holdings = trading_service_pb2.ListHoldingsResponse(holdings=[stated])

    assert plain(holdings) == {"holdings": [{"statement_date": "2024-12-16"}]}


@pytest.mark.parametrize(
    ("units", "nanos", "text"),
    [
        (71_899, 380_000_000, "71899.38 CNY"),
        (-1_893_860, -880_000_000, "-1893860.88 CNY"),
        (0, -10_000_000, "-0.01 CNY"),
    ],
)
def test_money_keeps_its_sign_and_its_fen(units: int, nanos: int, text: str) -> None:
    money = money_pb2.Money(currency_code="CNY", units=units, nanos=nanos)

    assert plain(position_pb2.Position(gap_value=money)) == {"gap_value": text}


@pytest.mark.parametrize(
    ("date", "text"),
    [(date_pb2.Date(year=2025, month=7), "2025-07"), (date_pb2.Date(year=2025), "2025")],
)
def test_of_a_day_that_is_half_known_the_known_half_is_written(
    date: date_pb2.Date, text: str
) -> None:
    assert plain(position_pb2.Position(surrender_date=date)) == {"surrender_date": text}


def test_all_the_rest_is_proto_json() -> None:
    obligation = position_pb2.Obligation(
        basis=position_pb2.OBLIGATION_BASIS_ESTIMATE,
        known=True,
        allowance_count=1_134_020,
        create_time=timestamp_pb2.Timestamp(seconds=1),
    )

    assert plain(obligation) == json_format.MessageToDict(
        obligation, preserving_proto_field_name=True
    )
