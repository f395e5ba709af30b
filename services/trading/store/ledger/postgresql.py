"""Posting on PostgreSQL: one call loads, one statement saves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, Final

import psycopg

from services.trading.domain.ledger.transfer import AccountKey, Transfer, moment
from services.trading.store.ledger import rows
from services.trading.store.ledger.loaded import Loaded, Request, RequestKey

_LOAD: Final = "SELECT ledger_load(%s, %s, %s)"
_COLUMNS: Final = ", ".join(rows.COLUMNS)
_MARKS: Final = ", ".join(["%s"] * len(rows.COLUMNS))
_INSERT: Final = f"INSERT INTO ledger_transfers ({_COLUMNS}) VALUES ({_MARKS})"  # noqa: S608 (ours)
_REQUEST: Final = """SELECT principal, request_id, encode(digest, 'hex') FROM ledger_requests
WHERE principal = %s AND request_id = %s"""
_KEEP: Final = """INSERT INTO ledger_requests (principal, request_id, digest, record_time)
VALUES (%s, %s, %s, %s)"""
_COPY: Final = f"COPY ledger_transfers ({_COLUMNS}) FROM STDIN"
_MOMENTS: Final = [rows.COLUMNS.index(name) for name in ("timeout_time", "record_time")]


def load(
    driver: psycopg.Connection[Any],
    books: Iterable[str],
    keys: Iterable[AccountKey],
    ids: Iterable[tuple[str, str]],
    requests: Iterable[RequestKey] = (),
) -> Loaded:
    """Lock the chains of `books`; return what they, accounts, transfers and requests are."""
    # No id has a comma, so lists go as text: arrays would cost the driver more than the query.
    wanted = tuple(",".join(each) for each in (books, chain(*keys), chain(*ids)))
    with driver.cursor() as cursor:
        cursor.execute(_LOAD, wanted, prepare=True)
        answer = cursor.fetchone()
        assert answer is not None, "a function gives one row"
        kept = [
            row
            for request in requests
            for row in cursor.execute(_REQUEST, request, prepare=True).fetchall()
        ]
    heads, standings, instruments, named, settled = answer[0]
    found = Loaded()
    found.add_heads(heads)
    found.add_standings(standings)
    found.add_instruments(instruments)
    found.add_transfers(named)
    found.add_settlements(settled)
    found.add_requests(kept)
    return found


def save(
    driver: psycopg.Connection[Any], fresh: Sequence[Transfer], requests: Sequence[Request] = ()
) -> None:
    """Insert transfers, in their order, and the requests that they came with."""
    with driver.cursor() as cursor:
        for request in requests:
            cursor.execute(_KEEP, request, prepare=True)
        if len(fresh) == 1:
            cursor.execute(_INSERT, _values(fresh[0]), prepare=True)
        elif fresh:
            with cursor.copy(_COPY) as copy:
                for each in fresh:
                    copy.write_row(_values(each))


def _values(each: Transfer) -> list[Any]:
    values = list(rows.to_values(each))
    for index in _MOMENTS:
        if values[index] is not None:
            values[index] = moment(values[index])
    return values
