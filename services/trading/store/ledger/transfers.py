"""Transfers and entries in the database: read.

Each query takes a book: who may see it has been settled by `accounts.get` before.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import sqlalchemy as sa

from services.kernel.period import SHANGHAI
from services.trading.domain.ledger.as_of import NOW, AsOf
from services.trading.domain.ledger.chart import Purpose
from services.trading.domain.ledger.transfer import Transfer, Wanted
from services.trading.store.ledger import rows
from services.trading.store.ledger.tables import transfers

_AT_A_TIME = 1000
"""Rows in memory."""


def conditions(as_of: AsOf) -> list[sa.ColumnElement[bool]]:
    """Return what holds of a transfer that counts."""
    c = transfers.c
    found: list[sa.ColumnElement[bool]] = []
    if as_of.trade_date is not None:
        found.append(c.trade_date <= as_of.trade_date)
    if as_of.settlement_date is not None:
        found.append(c.settlement_date <= as_of.settlement_date)
    if as_of.record_time is not None:
        found.append(c.record_time <= as_of.record_time)
    return found


def find(connection: sa.Connection, book: str, transfer: str) -> Transfer | None:
    """Return a transfer of a book by its id, or None."""
    c = transfers.c
    return next(iter(_select(connection, c.book == book, c.transfer == transfer)), None)


def page(connection: sa.Connection, book: str, *, after: int, size: int) -> list[Transfer]:
    """Return `size` transfers of a book after a number, in the order of its chain."""
    c = transfers.c
    return _select(connection, c.book == book, c.number > after, limit=size)


def chain(connection: sa.Connection, book: str) -> Iterator[tuple[int, Transfer | None]]:
    """Yield all transfers of a book by their numbers; None for one that cannot be read.

    Without what SQLAlchemy makes of values: that would cost most of the time, and stumble over a
    value that is none of its kind.
    """
    columns = ", ".join(rows.COLUMNS)
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    query = f"SELECT {columns} FROM ledger_transfers WHERE book = {mark} ORDER BY number"  # noqa: S608 (ours)
    streamed = connection.execution_options(yield_per=_AT_A_TIME)
    for row in streamed.exec_driver_sql(query, (book,)):
        try:
            yield row[1], rows.from_values(row)
        except (KeyError, ValueError, TypeError):
            yield row[1], None


def hash_at(connection: sa.Connection, book: str, number: int) -> bytes | None:
    """Return the hash at a place of a chain, or None where it does not reach so far."""
    c = transfers.c
    query = sa.select(c.hash).where(c.book == book, c.number == number)
    return connection.execute(query).scalar_one_or_none()


def entries(  # noqa: PLR0913 (an argument each of the request)
    connection: sa.Connection,
    book: str,
    instrument: str,
    purpose: Purpose,
    *,
    as_of: AsOf = NOW,
    after: int,
    size: int,
) -> list[Transfer]:
    """Return the transfers that are entries of a ledger account, after one of its versions."""
    c = transfers.c
    of = [c.book == book, c.instrument == instrument, *conditions(as_of)]
    sides = [
        sa.select(transfers, version.label("version"))
        .where(*of, side == purpose.value, version > after)
        .order_by(version)
        .limit(size)
        for side, version in ((c.debit, c.debit_version), (c.credit, c.credit_version))
    ]
    # Each side by its own index; then the two are merged.
    found: list[tuple[int, Transfer]] = []
    for query in sides:
        found += [(row.version, rows.from_row(row)) for row in connection.execute(query)]
    found.sort(key=lambda each: each[0])
    return [transfer for _, transfer in found[:size]]


def settled_in(
    connection: sa.Connection, book: str, start: date, end: date, limit: int
) -> list[Transfer]:
    """Return the transfers of a book settled on days from `start` to before `end`."""
    c = transfers.c
    which = (c.book == book, c.settlement_date >= start, c.settlement_date < end)
    return _select(connection, *which, limit=limit)


def counted(connection: sa.Connection, book: str, as_of: AsOf = NOW) -> list[Transfer]:
    """Return the transfers of a book that count, in the order of its chain."""
    return _select(connection, transfers.c.book == book, *conditions(as_of))


def timed_out(connection: sa.Connection, now: datetime, limit: int) -> list[Wanted]:
    """Return the transfers that end reservations whose time is over and that nothing settled."""
    c, later = transfers.c, transfers.alias("later")
    settled = sa.exists().where(later.c.book == c.book, later.c.target_number == c.number)
    query = (
        sa.select(c.book, c.number, c.transfer, c.timeout_time)
        .where(c.timeout_time <= now, ~settled)
        .order_by(c.timeout_time)
        .limit(limit)
    )
    return [
        Wanted.time_out(book, number, transfer, timeout_time.astimezone(SHANGHAI).date())
        for book, number, transfer, timeout_time in connection.execute(query)
        if timeout_time is not None
    ]


def _select(
    connection: sa.Connection, *which: sa.ColumnElement[bool], limit: int | None = None
) -> list[Transfer]:
    query = sa.select(transfers).where(*which).order_by(transfers.c.number).limit(limit)
    return [rows.from_row(row) for row in connection.execute(query)]
