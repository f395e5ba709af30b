"""Prices."""

from __future__ import annotations

from collections.abc import Sequence

import grpc
import sqlalchemy as sa

from services.kernel.batch import check_each_once
from services.kernel.errors import PriceMissing
from services.runtime import paging, revision
from services.runtime.wire import to_day
from services.trading import store
from services.trading.domain.price import Price
from services.trading.domain.versioned import Versioned
from services.trading.servicer.house import House
from services.trading.wire import price as wire
from zonecarbon.trading.v1 import price_pb2, trading_service_pb2, trading_service_pb2_grpc


class Prices(trading_service_pb2_grpc.TradingServiceServicer):
    def __init__(self, house: House) -> None:
        self._house = house

    def ImportPrices(
        self, request: trading_service_pb2.ImportPricesRequest, context: grpc.ServicerContext
    ) -> trading_service_pb2.ImportPricesResponse:
        wanted = wire.to_prices(request.prices)
        check_each_once("prices", (each.key for each in wanted))
        with self._house.database.write() as connection:
            rows = differing(connection, wanted)
            if rows:
                taken = revision.take(connection)
                # Another import may have been first while this one waited for its revision.
                rows = differing(connection, wanted)
                store.prices.add(connection, rows, taken)
        created_count = sum(before is None for _, before in rows)
        return trading_service_pb2.ImportPricesResponse(
            created_count=created_count,
            changed_count=len(rows) - created_count,
            unchanged_count=len(wanted) - len(rows),
        )

    def GetPrice(
        self, request: trading_service_pb2.GetPriceRequest, context: grpc.ServicerContext
    ) -> price_pb2.Price:
        by, kind = to_day(request.date, "date"), wire.to_kind(request.kind)
        with self._house.database.read() as connection:
            found = store.positions.price(connection, request.product, by=by, kind=kind)
        if found is None:
            raise PriceMissing(product=request.product, date=by)
        return wire.from_price(found)

    def ListPrices(
        self, request: trading_service_pb2.ListPricesRequest, context: grpc.ServicerContext
    ) -> trading_service_pb2.ListPricesResponse:
        size = paging.size(request)
        after = wire.to_page_key(paging.start(request, request.product))
        with self._house.database.read() as connection:
            found = store.prices.page(connection, request.product, after=after, size=size + 1)
        keys = [wire.from_page_key(store.prices.page_key(each.value)) for each in found]
        return trading_service_pb2.ListPricesResponse(
            prices=[wire.from_price(each) for each in found[:size]],
            next_page_token=paging.next_token(keys, size, request.product),
        )


def differing(
    connection: sa.Connection, wanted: Sequence[Price]
) -> list[tuple[Price, Versioned[Price] | None]]:
    """Return the prices that are new or other than known, each with what is known of it."""
    known = store.prices.current(connection, frozenset(each.product for each in wanted))
    found = [(each, known.get(each.key)) for each in wanted]
    return [(each, before) for each, before in found if before is None or before.value != each]
