"""What was surrendered and offset, sold and bought, by day: read from the ledger.

Each query takes books: who may see them has been settled before.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

import sqlalchemy as sa

from services.trading.domain.ledger.as_of import NOW, AsOf
from services.trading.domain.ledger.chart import Kind
from services.trading.domain.ledger.transfer import Phase
from services.trading.domain.surrender import Delivery
from services.trading.store.ledger import balances
from services.trading.store.ledger.tables import DELIVERING, is_kind, transfers
from services.trading.store.ledger.transfers import conditions


def of_books(
    connection: sa.Connection, books: Sequence[str] | None, *, as_of: AsOf = NOW
) -> dict[str, list[Delivery]]:
    """Return what some books, or all (None), delivered by the day of settlement."""
    c = transfers.c
    back = c.phase == Phase.REVERSAL.value
    count = sa.func.sum(sa.case((back, -c.unit_count), else_=c.unit_count))
    query = (
        sa.select(c.book, c.settlement_date, c.kind, sa.cast(count, sa.BigInteger))
        .where(
            is_kind(*DELIVERING),
            c.unit_count > 0,
            sa.true() if books is None else c.book.in_(books),
            *conditions(as_of),
        )
        .group_by(c.book, c.settlement_date, c.kind)
    )
    found: dict[str, list[Delivery]] = {}
    for book, day, kind, moved in connection.execute(query):
        offset = kind == Kind.OFFSET_CANCELLATION.name
        found.setdefault(book, []).append(Delivery(day=day, count=moved, offset=offset))
    return found


def traded_count(
    connection: sa.Connection,
    book: str,
    instruments: Iterable[str],
    kinds: Sequence[Kind],
    days: tuple[date, date],
) -> int:
    """Return what transfers of some kinds moved, by the day of trade, both days included."""
    of = list(instruments)
    until, before = (
        balances.moved_count(connection, book, of, kinds, AsOf(trade_date=day))
        for day in (days[1], days[0] - timedelta(days=1))
    )
    return until - before
