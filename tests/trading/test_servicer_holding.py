"""Holdings over the wire, beside a real registry, on SQLite and on PostgreSQL."""

from __future__ import annotations

import uuid

from tests.trading import requests
from tests.trading.stand import refusal
from zonecarbon.client import Client
from zonecarbon.trading.v1 import trading_service_pb2


def test_holdings_are_read_as_of_a_day(desk: Client) -> None:
    desk.trading.RecordHoldings(requests.record_holdings("2025-04-25 FREE 2024 700"))
    desk.trading.RecordHoldings(
        requests.record_holdings("2025-08-25 FREE 2024 1000", "2025-08-25 BOUGHT 2024 5")
    )

    def counts(on: str = "") -> list[int]:
        request = trading_service_pb2.ListHoldingsRequest(parent="accounts/chp")
        if on:
            request.statement_date.CopyFrom(requests.day(on))
        return [each.allowance_count for each in desk.trading.ListHoldings(request).holdings]

    assert counts("2025-04-24") == []
    assert counts("2025-08-24") == [700]
    assert counts("2025-08-25") == counts() == [1000, 5]


def test_a_statement_sent_twice_is_answered_with_the_same_bytes(desk: Client) -> None:
    request = requests.record_holdings(request_id=str(uuid.uuid4()))
    first = desk.trading.RecordHoldings(request)
    later = desk.trading.RecordHoldings(requests.record_holdings("2025-09-01 FREE 2024 1"))

    assert desk.trading.RecordHoldings(request).SerializeToString() == first.SerializeToString()
    request.holdings[0].allowance_count += 1
    assert refusal(desk.trading.RecordHoldings, request)[0] == "REQUEST_ID_REUSED"
    assert later.holdings[0].revision > first.holdings[0].revision


def test_a_vintage_and_origin_stands_in_a_batch_once(desk: Client) -> None:
    twice = requests.record_holdings("2025-04-25 FREE 2024 1", "2025-08-25 FREE 2024 2")

    assert refusal(desk.trading.RecordHoldings, twice) == ("DUPLICATE_ROW", "holdings[1]")
    listed = trading_service_pb2.ListHoldingsRequest(parent="accounts/chp")
    assert not desk.trading.ListHoldings(listed).holdings
