"""Quotes: bulletins read, quotes stored, each with the price that it makes known."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import grpc
import sqlalchemy as sa

from services.kernel.batch import check_each_once
from services.runtime import paging, revision
from services.runtime.revision import Revision
from services.trading import store
from services.trading.domain import exchange
from services.trading.domain.exchange import ExchangeRules
from services.trading.domain.quotes import quote as domain
from services.trading.domain.quotes.quote import Quote
from services.trading.domain.versioned import Versioned
from services.trading.servicer.house import House
from services.trading.servicer.price import differing as differing_prices
from services.trading.wire import quote as wire
from zonecarbon.trading.v1 import quote_pb2, quote_service_pb2, quote_service_pb2_grpc

_Answer = quote_service_pb2.ImportQuotesResponse
_Rows = list[tuple[Quote, Versioned[Quote] | None]]


class Quotes(quote_service_pb2_grpc.QuoteServiceServicer):
    def __init__(self, house: House) -> None:
        self._house = house

    def ImportBulletin(
        self, request: quote_service_pb2.ImportBulletinRequest, context: grpc.ServicerContext
    ) -> quote_service_pb2.ImportQuotesResponse:
        return self._import(
            wire.read(request), lambda at, taken: store.quotes.keep(at, request.text, taken)
        )

    def ImportQuotes(
        self, request: quote_service_pb2.ImportQuotesRequest, context: grpc.ServicerContext
    ) -> quote_service_pb2.ImportQuotesResponse:
        wanted = wire.to_quotes(request.quotes)
        check_each_once("quotes", (each.key for each in wanted))
        return self._import(wanted, lambda _at, _taken: b"")

    def ListQuotes(
        self, request: quote_service_pb2.ListQuotesRequest, context: grpc.ServicerContext
    ) -> quote_service_pb2.ListQuotesResponse:
        size = paging.size(request)
        after = wire.to_page_key(paging.start(request, request.product))
        with self._house.database.read() as connection:
            found = store.quotes.page(connection, request.product, after=after, size=size + 1)
            messages = [
                _message(connection, each, self._house.desk.exchange) for each in found[:size]
            ]
        keys = [each.value.day.isoformat() for each in found]
        return quote_service_pb2.ListQuotesResponse(
            quotes=messages, next_page_token=paging.next_token(keys, size, request.product)
        )

    def _import(
        self, wanted: Sequence[Quote], keep: Callable[[sa.Connection, Revision], bytes]
    ) -> _Answer:
        days = frozenset(each.day for each in wanted)
        with self._house.database.write() as connection:
            rows = _differing(connection, wanted)
            if rows:
                taken = revision.take(connection)
                # Another import may have been first while this one waited for its revision.
                rows = _differing(connection, wanted)
                keep(connection, taken)
                _save(connection, rows, taken)
            stored = store.quotes.current(connection, days)
            messages = [
                _message(connection, stored[each.key], self._house.desk.exchange) for each in wanted
            ]
        created_count = sum(before is None for _, before in rows)
        return _Answer(
            quotes=messages,
            created_count=created_count,
            changed_count=len(rows) - created_count,
            unchanged_count=len(wanted) - len(rows),
        )


def _save(connection: sa.Connection, rows: _Rows, taken: Revision) -> None:
    if not rows:
        return
    store.quotes.add(connection, rows, taken)
    closes = [price for each, _ in rows for price in each.prices()]
    # The same figure from another source is the same price: sources must not take turns.
    prices = [
        (price, before)
        for price, before in differing_prices(connection, closes)
        if before is None or before.value.price_cny_per_t != price.price_cny_per_t
    ]
    if prices:
        store.prices.add(connection, prices, taken)


def _differing(connection: sa.Connection, wanted: Sequence[Quote]) -> _Rows:
    """Return the quotes that are new or other than known, each with what is known of it."""
    known = store.quotes.current(connection, frozenset(each.day for each in wanted))
    found = [(each, known.get(each.key)) for each in wanted]
    return [(each, before) for each, before in found if before is None or before.value != each]


def _message(
    connection: sa.Connection, stored: Versioned[Quote], versions: Sequence[ExchangeRules]
) -> quote_pb2.Quote:
    quote = stored.value
    before = store.quotes.close_before(connection, quote.product, quote.day)
    return wire.from_quote(stored, domain.findings(quote, before, exchange.on(versions, quote.day)))
