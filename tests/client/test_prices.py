from __future__ import annotations

import csv
from pathlib import Path

from services.runtime import contract
from zonecarbon.cli import prices
from zonecarbon.trading.v1 import price_pb2
from zonecarbon.type.v1 import source_pb2

FILE = Path(__file__).parents[2] / "services" / "trading" / "rulebooks" / "prices.csv"


def test_the_shipped_prices_become_a_request_that_the_contract_takes() -> None:
    with FILE.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))

    request = prices.request(FILE)
    assert contract.violations(request) == []
    assert [each.price_cny_per_t.value for each in request.prices] == [
        row["price_cny_per_t"] for row in rows
    ]
    for row, price in zip(rows, request.prices, strict=True):
        day = price.start_date
        assert f"{day.year}-{day.month:02}-{day.day:02}" == row["start_date"]
        assert price_pb2.PriceKind.Name(price.kind) == f"PRICE_KIND_{row['kind'].upper()}"
        status = source_pb2.SourceStatus.Name(price.source.status)
        assert status == f"SOURCE_STATUS_{row['status'].upper()}"
