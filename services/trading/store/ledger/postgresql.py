"""Posting on PostgreSQL: one call loads, one statement saves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import psycopg

from services.trading.domain.ledger.transfer import AccountKey, Transfer, moment
from services.trading.store.ledger import rows
from services.trading.store.ledger.loaded import Loaded, Request, RequestKey

_LOAD: Final = "SELECT ledger_load(%s, %s, %s, %s, %s, %s, %s, %s)"
_COLUMNS: Final = ", ".join(rows.COLUMNS)
_MARKS: Final = ", ".join(["%s"] * len(rows.COLUMNS))
_INSERT: Final = f"INSERT INTO ledger_transfers ({_COLUMNS}) VALUES ({_MARKS})"  # noqa: S608 (ours)
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
    lists = ([*books], *_columns(keys, 3), *_columns(ids, 2), *_columns(requests, 2))
    with driver.cursor() as cursor:
        # No id has a comma, so lists go as text: arrays would cost the driver more than the query.
        cursor.execute(_LOAD, [",".join(each) for each in lists], prepare=True)
        answer = cursor.fetchone()
    assert answer is not None, "a function gives one row"
    heads, standings, instruments, named, settled, kept = answer[0]
    found = Loaded()
    found.add_heads(heads)
    found.add_standings(standings)
    found.add_instruments(instruments)
    found.add_transfers(named)
    found.add_settlements(settled)
    found.add_requests(kept)
    return found


def _columns(rows_: Iterable[Sequence[str]], count: int) -> list[Sequence[str]]:
    """Return `count` columns of rows, which may be none."""
    return [*zip(*rows_, strict=True)] or [()] * count


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
