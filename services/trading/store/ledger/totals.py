"""Sums of the ledger over many books at once: one query each, whatever their number.

Who may see the books has been settled before; None stands for all of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import sqlalchemy as sa

from services.trading.domain.ledger.as_of import AsOf
from services.trading.domain.ledger.chart import Kind, Purpose
from services.trading.domain.ledger.transfer import Phase
from services.trading.store.ledger.tables import accounts, chains, is_kind, transfers
from services.trading.store.ledger.transfers import conditions, later


def opened(connection: sa.Connection, books: Sequence[str] | None) -> list[str]:
    """Return the books that have any transfer."""
    query = sa.select(chains.c.book).where(chains.c.number > 0, _of(chains.c.book, books))
    return list(connection.execute(query).scalars())


def balances(
    connection: sa.Connection,
    books: Sequence[str] | None,
    instruments: Collection[str],
    purposes: Iterable[Purpose],
    as_of: AsOf,
) -> dict[str, int]:
    """Return the balances of some instruments and purposes, summed by book, as of some days.

    Now, less what came later: most ask for what is not long ago.
    """
    a, of = accounts.c, sorted(purposes)
    query = (
        sa.select(a.book, sa.cast(sa.func.sum(a.balance), sa.BigInteger))
        .where(a.instrument.in_(sorted(instruments)), a.purpose.in_(of), _of(a.book, books))
        .group_by(a.book)
    )
    found: dict[str, int] = {row[0]: row[1] for row in connection.execute(query)}
    if as_of.is_now:
        return found
    c = transfers.c
    change = sa.case((c.debit.in_(of), c.unit_count), else_=0) - sa.case(
        (c.credit.in_(of), c.unit_count), else_=0
    )
    changes = (
        sa.select(c.book, sa.cast(sa.func.sum(change), sa.BigInteger))
        .where(
            c.instrument.in_(sorted(instruments)),
            later(as_of),
            _of(c.book, books),
        )
        .group_by(c.book)
    )
    for book, count in connection.execute(changes):
        found[book] = found.get(book, 0) - count
    return found


def moved(
    connection: sa.Connection,
    books: Sequence[str] | None,
    instruments: Collection[str],
    kind: Kind,
    as_of: AsOf,
) -> dict[str, int]:
    """Return what transfers of a kind moved, less those that were moved back, by book."""
    c = transfers.c
    back = c.phase == Phase.REVERSAL.value
    count = sa.func.sum(sa.case((back, -c.unit_count), else_=c.unit_count))
    query = (
        sa.select(c.book, sa.cast(count, sa.BigInteger))
        .where(
            c.instrument.in_(sorted(instruments)),
            is_kind(kind),
            _of(c.book, books),
            *conditions(as_of),
        )
        .group_by(c.book)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def _of(column: sa.ColumnElement[str], books: Sequence[str] | None) -> sa.ColumnElement[bool]:
    return sa.true() if books is None else column.in_(books)
