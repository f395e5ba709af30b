"""Transfers and entries in the database: read.

Each query takes a book: who may see it has been settled by `accounts.get` before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from services.kernel.period import SHANGHAI
from services.trading.domain.ledger.as_of import NOW, AsOf
from services.trading.domain.ledger.chain import Link
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


def later(as_of: AsOf) -> sa.ColumnElement[bool]:
    """Return what holds of a transfer that does not count yet.

    Written out: of "not on or before" no index is asked.
    """
    c = transfers.c
    found: list[sa.ColumnElement[bool]] = []
    if as_of.trade_date is not None:
        found.append(c.trade_date > as_of.trade_date)
    if as_of.settlement_date is not None:
        found.append(c.settlement_date > as_of.settlement_date)
    if as_of.record_time is not None:
        found.append(c.record_time > as_of.record_time)
    return sa.or_(*found)


def find(connection: sa.Connection, book: str, transfer: str) -> Transfer | None:
    """Return a transfer of a book by its id, or None."""
    c = transfers.c
    return next(iter(_select(connection, c.book == book, c.transfer == transfer)), None)


def page(connection: sa.Connection, book: str, *, after: int, size: int) -> list[Transfer]:
    """Return `size` transfers of a book after a number, in the order of its chain."""
    c = transfers.c
    return _select(connection, c.book == book, c.number > after, limit=size)


def links(connection: sa.Connection, book: str) -> Iterator[tuple[int, Link | None]]:
    """Yield all transfers of a book by their numbers; None for one that cannot be read.

    Page by page, so that a chain of any length takes the same memory.
    """
    page = _bare(connection, book, "number IS NOT NULL")
    while page:
        read = [(row[1], _read(row)) for row in page]
        open_ = _open(connection, book, [each for _, each in read if each is not None])
        for number, each in read:
            yield number, each and Link(each, open_.get(number))
        page = _bare(connection, book, "number > {}", [page[-1][1]])


def _open(
    connection: sa.Connection, book: str, named_by: Sequence[Transfer]
) -> dict[int, Transfer]:
    """Return what transfers name, by their own numbers: what is ahead and nobody named before."""
    numbers = sorted({each.target_number for each in named_by if each.target_number is not None})
    if not numbers:
        return {}
    marks = ", ".join(["{}"] * len(numbers))
    rows_ = _bare(connection, book, f"number IN ({marks})", numbers)
    targets = {row[1]: _read(row) for row in rows_}
    first = f"""SELECT target_number, min(number) FROM ledger_transfers
        WHERE book = {{}} AND target_number IN ({marks}) GROUP BY target_number"""  # noqa: S608 (ours)
    found: dict[int, Transfer] = {}
    for target_number, number in _run(connection, first, [book, *numbers]):
        target = targets.get(target_number)
        if target is not None and target_number < number:
            found[number] = target
    return found


def _bare(
    connection: sa.Connection, book: str, which: str, values: Sequence[int] = ()
) -> Sequence[Sequence[Any]]:
    """Return rows of a book by their numbers, without what SQLAlchemy makes of values.

    That would cost most of the time, and stumble over a value that is none of its kind.
    """
    query = f"""SELECT {", ".join(rows.COLUMNS)} FROM ledger_transfers
        WHERE book = {{}} AND {which} ORDER BY number LIMIT {_AT_A_TIME}"""  # noqa: S608 (ours)
    return _run(connection, query, [book, *values])


def _run(
    connection: sa.Connection, query: str, values: Sequence[object]
) -> Sequence[Sequence[Any]]:
    """Return the rows of a query with a mark for each value."""
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    return connection.exec_driver_sql(query.replace("{}", mark), tuple(values)).all()


def _read(row: Sequence[Any]) -> Transfer | None:
    """Return the transfer of a row, or None where it holds what no transfer holds."""
    try:
        return rows.from_values(row)
    except (KeyError, ValueError, TypeError):
        return None


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
    """Return the transfers that are entries of a ledger account, after a number of the chain."""
    c = transfers.c
    of = sa.or_(c.debit == purpose.value, c.credit == purpose.value)
    which = (c.book == book, c.number > after, c.instrument == instrument, of)
    return _select(connection, *which, *conditions(as_of), limit=size)


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
