"""Posting on SQLite: one query loads, or two, and one statement saves.

Each call of the driver lets other threads of the process run, and has to wait for them. So what is
asked goes as one list, and comes as one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from functools import cache, partial
from itertools import chain
from typing import Any, Final

import orjson

from services.runtime.database import Database
from services.trading.domain.ledger.transfer import AccountKey, microseconds
from services.trading.store.ledger import rows
from services.trading.store.ledger.group import Needs
from services.trading.store.ledger.loaded import Loaded
from services.trading.store.ledger.saving import Appending, Ends, Outdated, Saved

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
_AGREED: Final = """SELECT count(*) FROM json_each(?2) AS id CROSS JOIN ledger_chains
    ON book = id.value ->> 0 AND number = id.value ->> 1 AND hex(hash) = upper(id.value ->> 2)"""
_KEEP: Final = """INSERT INTO ledger_requests (principal, request_id, digest, record_time)
VALUES (?, ?, ?, ?)"""
_MOST_AT_ONCE: Final = 64
"""How many rows a statement inserts at the most: each number of rows has a statement of its own."""


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

    It raises

        Outdated: the books do not end there, or one of the ids is taken.
        StorageUnavailable, Busy: as `Database.append`.
    """
    return partial(_append, ends, saved)


def _append(ends: Ends, saved: Saved, database: Database) -> None:
    with database.append() as connection:
        driver: Any = connection.connection.driver_connection
        heads = [(book, head.number, head.hash.hex()) for book, head in ends.heads.items()]
        query = f"SELECT ({ends.condition.query}) = ?1 AND ({_AGREED}) = ?3"
        values = (ends.condition.value, orjson.dumps(heads).decode(), len(heads))
        if not driver.execute(query, values).fetchone()[0]:
            raise Outdated
        try:
            save(driver, saved)
        except sqlite3.IntegrityError as refused:
            raise Outdated from refused


def save(driver: sqlite3.Connection, saved: Saved) -> None:
    """Insert transfers, in their order, and the requests that they came with."""
    for place in range(0, len(saved.transfers), _MOST_AT_ONCE):
        some = saved.transfers[place : place + _MOST_AT_ONCE]
        values = chain.from_iterable(rows.to_values(each) for each in some)
        driver.execute(_insert(len(some)), tuple(values))
    for each in saved.requests:
        driver.execute(_KEEP, (*each[:-1], microseconds(each.record_time)))


@cache
def _insert(count: int) -> str:
    """Return the statement that inserts so many transfers."""
    row = f"({', '.join('?' * len(rows.COLUMNS))})"
    return f"INSERT INTO ledger_transfers ({_COLUMNS}) VALUES {', '.join([row] * count)}"  # noqa: S608 (ours)
