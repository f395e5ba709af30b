"""Posting on SQLite: one query loads, or two, and one statement saves, if it may.

Each call of the driver lets other threads of the process run, and has to wait for them, which can
take longer than the call. So what is asked goes as one list and comes as one, and what can be one
statement is no transaction of several.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache, partial
from itertools import chain
from typing import Any, Final, NamedTuple

import orjson

from services.runtime.database import Database
from services.trading.domain.ledger.transfer import AccountKey, microseconds
from services.trading.store.ledger import rows
from services.trading.store.ledger.group import Needs, Request
from services.trading.store.ledger.loaded import Loaded
from services.trading.store.ledger.saving import Appending, Ends, Outdated, Saved

BESIDE_ITS_TRANSFERS: Final = 0
"""What a group counts for, of those that go together: two threads of this process would take turns
for single posts, and gain nothing."""
_COLUMNS: Final = ", ".join(rows.COLUMNS)
_BYTES: Final = {"digest", "hash"}
_AS_JSON: Final = ", ".join(
    f"hex(found.{name})" if name in _BYTES else f"found.{name}" for name in rows.COLUMNS
)
# What is asked for is gone through first: each is looked up by its key.
_STANDINGS: Final = """
(SELECT json_group_array(json_array(book, instrument, purpose, balance, reserved, version))
    FROM json_each(?1) AS id CROSS JOIN ledger_accounts
    ON book = id.value ->> 0 AND instrument = id.value ->> 1 AND purpose = id.value ->> 2),
(SELECT json_group_array(json_array(instrument, kind))
    FROM json_each(?2) AS id CROSS JOIN ledger_instruments ON instrument = id.value)"""
_LOAD: Final = f"""SELECT {_STANDINGS},
(SELECT json_group_array(json_array(account, enterprise, number, hex(hash), record_time))
    FROM json_each(?3) AS book CROSS JOIN accounts ON account = book.value
    LEFT JOIN ledger_chains AS chain ON chain.book = account),
(SELECT json_group_array(json_array({_AS_JSON}))
    FROM json_each(?4) AS id CROSS JOIN ledger_transfers AS found
    ON found.book = id.value ->> 0 AND found.transfer = id.value ->> 1),
(SELECT json_group_array(json_array(principal, request_id, hex(digest)))
    FROM json_each(?5) AS id CROSS JOIN ledger_requests
    ON principal = id.value ->> 0 AND request_id = id.value ->> 1)"""  # noqa: S608 (ours)
_OF_NAMED: Final = f"""SELECT {_STANDINGS},
(SELECT json_group_array(json_array(book, target_number, transfer, phase))
    FROM json_each(?3) AS id CROSS JOIN ledger_transfers
    ON book = id.value ->> 0 AND target_number = id.value ->> 1)"""  # noqa: S608 (ours)
_AGREED: Final = """SELECT count(*) FROM json_each(?) AS id CROSS JOIN ledger_chains
    ON book = id.value ->> 0 AND number = id.value ->> 1 AND hex(hash) = upper(id.value ->> 2)"""
_TRANSFERS: Final = f"ledger_transfers ({_COLUMNS})"
_REQUESTS: Final = f"ledger_requests ({', '.join(Request._fields)})"
_MOST_AT_ONCE: Final = 512
"""How many rows a statement inserts at the most: more than most groups have."""
_STATEMENTS: Final = 128
"""How many are kept, as by the driver: each number of rows has one of its own."""


class _Insert(NamedTuple):
    """Rows of a table that one statement inserts."""

    into: str
    """The table, and the columns in their order."""
    width: int
    row_count: int
    values: Sequence[Any]
    """Row by row."""


def load(driver: sqlite3.Connection, needs: Needs) -> Loaded:
    """Return what books, accounts, transfers and requests are; the database is locked already."""
    standings, instruments, heads, named, kept = _ask(
        driver,
        _LOAD,
        *_accounts(needs.keys),
        [*needs.books],
        [*needs.ids],
        [*needs.requests],
    )
    found = Loaded()
    found.add_standings(standings)
    found.add_instruments(instruments)
    found.add_heads(heads)
    found.add_transfers(named)
    found.add_requests(kept)
    if named:
        of_named = {*found.keys_of_transfers()}
        standings, instruments, settled = _ask(
            driver, _OF_NAMED, *_accounts(of_named), [*found.there]
        )
        found.add_standings(standings)
        found.add_instruments(instruments)
        found.add_settlements(settled)
    return found


def _accounts(keys: Iterable[AccountKey]) -> tuple[list[AccountKey], list[str]]:
    """Return the keys of accounts and the instruments in them, each once."""
    each = [*keys]
    return each, [*{key[1] for key in each}]


def _ask(driver: sqlite3.Connection, query: str, *lists: Sequence[object]) -> list[Any]:
    """Return the lists that a query of lists gives."""
    marks = [orjson.dumps(each).decode() for each in lists]
    return [orjson.loads(each) for each in driver.execute(query, marks).fetchone()]


def appending(ends: Ends, saved: Saved) -> Appending:
    """Return what inserts as `save` does, in a transaction of its own, if the books end there.

    There is a transfer at least.

    It raises

        Outdated: the books do not end there, or one of the ids is taken.
        StorageUnavailable, Busy: as `Database.append`.
    """
    heads = [(book, head.number, head.hash.hex()) for book, head in ends.heads.items()]
    holds = (ends.condition.value, orjson.dumps(heads).decode(), len(heads))
    first, *others = _inserts(saved)
    # By the first alone: what it finds stays so until the commit.
    query = _where(first.into, first.width, first.row_count, ends.condition.query)
    return partial(_append, query, (*first.values, *holds), others)


def _append(
    query: str, values: Sequence[Any], others: Sequence[_Insert], database: Database
) -> None:
    with _transaction(database) if others else database.statement() as driver:
        try:
            if not driver.execute(query, values).rowcount:
                raise Outdated
            _execute(driver, others)
        except sqlite3.IntegrityError as refused:
            raise Outdated from refused


@contextmanager
def _transaction(database: Database) -> Iterator[Any]:
    with database.append() as connection:
        yield connection.connection.driver_connection


def save(driver: sqlite3.Connection, saved: Saved) -> None:
    """Insert transfers, in their order, and the requests that they came with."""
    _execute(driver, _inserts(saved))


def _execute(driver: sqlite3.Connection, inserts: Iterable[_Insert]) -> None:
    for each in inserts:
        driver.execute(_values(each.into, each.width, each.row_count), each.values)


def _inserts(saved: Saved) -> list[_Insert]:
    """Return what inserts the requests, then the transfers."""
    requests = [(*each[:-1], microseconds(each.record_time)) for each in saved.requests]
    transfers = [rows.to_values(each) for each in saved.transfers]
    return [*_parts(_REQUESTS, requests), *_parts(_TRANSFERS, transfers)]


def _parts(into: str, values: Sequence[Sequence[Any]]) -> Iterator[_Insert]:
    for place in range(0, len(values), _MOST_AT_ONCE):
        some = values[place : place + _MOST_AT_ONCE]
        yield _Insert(into, len(some[0]), len(some), tuple(chain.from_iterable(some)))


@lru_cache(_STATEMENTS)
def _values(into: str, width: int, count: int) -> str:
    """Return the statement that inserts so many rows."""
    row = f"({', '.join('?' * width)})"
    return f"INSERT INTO {into} VALUES {', '.join([row] * count)}"  # noqa: S608 (ours)


@lru_cache(_STATEMENTS)
def _where(into: str, width: int, count: int, condition: str) -> str:
    """Return the statement that inserts so many rows if a condition holds and chains end there."""
    insert, values, marks = _values(into, width, count).partition("VALUES")
    return f"""{insert} SELECT * FROM ({values}{marks})
        WHERE (SELECT ({condition}) = ? AND ({_AGREED}) = ?)"""  # noqa: S608 (ours)
