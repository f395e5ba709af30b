"""Reads a file of published allowance prices into the message that loads it."""

from __future__ import annotations

from pathlib import Path

from google.type import decimal_pb2

from zonecarbon.cli.library import date, rows, status
from zonecarbon.trading.v1 import price_pb2, trading_service_pb2
from zonecarbon.type.v1 import source_pb2


def request(file: Path) -> trading_service_pb2.ImportPricesRequest:
    """Return the request that loads the file; `services/trading/rulebooks/prices.csv` is one."""
    return trading_service_pb2.ImportPricesRequest(
        prices=[
            price_pb2.Price(
                product=row["product"],
                kind=price_pb2.PriceKind.Value(f"PRICE_KIND_{row['kind'].upper()}"),
                start_date=date(row["start_date"]),
                end_date=date(row["end_date"]),
                price_cny_per_t=decimal_pb2.Decimal(value=row["price_cny_per_t"]),
                volume_t=int(row["volume_t"] or 0),
                price_basis=row["price_basis"],
                source=source_pb2.Source(
                    title=row["source"],
                    status=status(row["status"]),
                    confidence=row["confidence"],
                    note=row["note"],
                ),
            )
            for row in rows(file)
        ]
    )
