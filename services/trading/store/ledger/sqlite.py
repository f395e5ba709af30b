"""Posting on SQLite, which is in this process: to ask it many small things costs little."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Final

from services.trading.domain.ledger.chain import Head, Standing
from services.trading.domain.ledger.chart import InstrumentKind
from services.trading.domain.ledger.posting import Settlement
from services.trading.domain.ledger.transfer import AccountKey, Phase, Transfer, moment
from services.trading.store.ledger import rows
from services.trading.store.ledger.loaded import Loaded

_COLUMNS: Final = ", ".join(rows.COLUMNS)
_MARKS: Final = ", ".join("?" * len(rows.COLUMNS))
_INSERT: Final = f"INSERT INTO ledger_transfers ({_COLUMNS}) VALUES ({_MARKS})"  # noqa: S608 (ours)
_CHAIN: Final = """SELECT enterprise, number, hash, record_time FROM accounts
LEFT JOIN ledger_chains ON book = account WHERE account = ?"""
_ACCOUNT: Final = """SELECT balance, reserved, version FROM ledger_accounts
WHERE book = ? AND instrument = ? AND purpose = ?"""
_INSTRUMENT: Final = "SELECT kind FROM ledger_instruments WHERE instrument = ?"
_TRANSFER: Final = f"SELECT {_COLUMNS} FROM ledger_transfers WHERE book = ? AND transfer = ?"  # noqa: S608 (ours)
_LATER: Final = """SELECT transfer, phase FROM ledger_transfers
WHERE book = ? AND target_number = ?"""


def load(
    driver: sqlite3.Connection,
    books: Sequence[str],
    keys: Sequence[AccountKey],
    ids: Sequence[tuple[str, str]],
) -> Loaded:
    """Return what the books, the accounts and the transfers are; the database is locked already."""
    loaded = Loaded()
    into = loaded.books
    ask = driver.execute
    for book in books:
        chain = ask(_CHAIN, (book,)).fetchone()
        if chain is not None:
            enterprise, number, hash_, record_time = chain
            loaded.enterprises[book] = enterprise
            into.heads[book] = Head(
                number=number or 0, hash=hash_ or b"", record_time=moment(record_time)
            )
    wanted = set(keys)
    for name in ids:
        row = ask(_TRANSFER, name).fetchone()
        if row is None:
            continue
        each = rows.from_values(row)
        into.known[name] = each
        loaded.there.add((each.book, each.number))
        wanted |= {each.debit_key, each.credit_key}
        for transfer, phase in ask(_LATER, (each.book, each.number)):
            by = f"accounts/{each.book}/transfers/{transfer}"
            into.settled[each.book, each.number] = Settlement(by, Phase(phase))
    for key in wanted:
        if (found := ask(_ACCOUNT, key).fetchone()) is not None:
            into.standings[key] = Standing(*found)
    for instrument in {key[1] for key in wanted}:
        if (found := ask(_INSTRUMENT, (instrument,)).fetchone()) is not None:
            into.instruments[instrument] = InstrumentKind(found[0])
    return loaded


def save(driver: sqlite3.Connection, fresh: Sequence[Transfer]) -> None:
    """Insert transfers, in their order."""
    driver.executemany(_INSERT, [rows.to_values(each) for each in fresh])
