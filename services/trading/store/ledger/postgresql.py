"""Posting on PostgreSQL: one call loads and one statement saves, or one call does all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, Final

import orjson
import psycopg

from services.runtime.database import Database
from services.trading.domain.ledger.transfer import Transfer, moment
from services.trading.store.ledger import rows
from services.trading.store.ledger.group import Needs
from services.trading.store.ledger.loaded import Loaded
from services.trading.store.ledger.saving import Appending, Ends, Outdated, Saved

BESIDE_ITS_TRANSFERS: Final = 11
"""What a group counts for, of those that go together: so single posts too are decided while the
database, which is no part of this process, takes those before. Who just came too late for one
commit waits less for the next."""
_LOAD: Final = "SELECT ledger_load(%s, %s, %s, %s, %s, %s, %s, %s)"
_COLUMNS: Final = ", ".join(rows.COLUMNS)
_MARKS: Final = ", ".join(["%s"] * len(rows.COLUMNS))
_INSERT: Final = f"INSERT INTO ledger_transfers ({_COLUMNS}) VALUES ({_MARKS})"  # noqa: S608 (ours)
_KEEP: Final = """INSERT INTO ledger_requests (principal, request_id, digest, record_time)
VALUES (%s, %s, %s, %s)"""
_COPY: Final = f"COPY ledger_transfers ({_COLUMNS}) FROM STDIN"
_APPEND: Final = """SELECT CASE WHEN ({condition}) = %s
THEN ledger_append(%s, %s, %s) ELSE false END"""
_MOMENTS: Final = [rows.COLUMNS.index(name) for name in ("timeout_time", "record_time")]


def load(driver: psycopg.Connection[Any], needs: Needs) -> Loaded:
    """Lock the chains of books; return what they, accounts, transfers and requests are."""
    lists = (
        [*needs.books],
        *_columns(needs.keys, 3),
        *_columns(needs.ids, 2),
        *_columns(needs.requests, 2),
    )
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


def appending(ends: Ends, saved: Saved) -> Appending:
    """Return what inserts as `save` does, in a transaction of its own, if the books end there.

    It is one statement, so nobody waits for the locks longer than the database needs. It raises

        Outdated: the books do not end there, or one of the ids is taken.
        StorageUnavailable, Busy: as `Database.statement`.
    """
    heads = [
        {"book": book, "number": head.number, "hash": head.hash.hex()}
        for book, head in ends.heads.items()
    ]
    transfers = [_as_json(each) for each in saved.transfers]
    requests = [{**each._asdict(), "digest": each.digest.hex()} for each in saved.requests]
    query = _APPEND.format(condition=ends.condition.query)
    values = [
        ends.condition.value,
        *(orjson.dumps(each).decode() for each in (heads, transfers, requests)),
    ]
    return partial(_append, query, values)


def _append(query: str, values: Sequence[object], database: Database) -> None:
    with database.statement() as driver, driver.cursor() as cursor:
        try:
            cursor.execute(query, values, prepare=True)
        except psycopg.IntegrityError as refused:
            raise Outdated from refused
        if not cursor.fetchone()[0]:
            raise Outdated


def save(driver: psycopg.Connection[Any], saved: Saved) -> None:
    """Insert transfers, in their order, and the requests that they came with."""
    with driver.cursor() as cursor:
        for request in saved.requests:
            cursor.execute(_KEEP, request, prepare=True)
        if len(saved.transfers) == 1:
            cursor.execute(_INSERT, _values(saved.transfers[0]), prepare=True)
        elif saved.transfers:
            with cursor.copy(_COPY) as copy:
                for each in saved.transfers:
                    copy.write_row(_values(each))


def _as_json(each: Transfer) -> dict[str, Any]:
    """Return a transfer by its columns, as the JSON that PostgreSQL reads."""
    columns = each._asdict()
    columns["kind"] = each.kind.name
    columns["digest"] = each.digest.hex()
    columns["hash"] = each.hash.hex()
    return columns


def _values(each: Transfer) -> list[Any]:
    values = list(rows.to_values(each))
    for index in _MOMENTS:
        if values[index] is not None:
            values[index] = moment(values[index])
    return values
