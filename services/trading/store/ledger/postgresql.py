"""Posting on PostgreSQL: one call loads, one statement saves."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any, Final

import psycopg

from services.trading.domain.ledger.chain import Head, Standing
from services.trading.domain.ledger.chart import InstrumentKind, Purpose
from services.trading.domain.ledger.posting import Settlement
from services.trading.domain.ledger.transfer import AccountKey, Phase, Transfer, moment
from services.trading.store.ledger import rows
from services.trading.store.ledger.loaded import Loaded

_LOAD: Final = "SELECT ledger_load(%s, %s, %s)"
_COLUMNS: Final = ", ".join(rows.COLUMNS)
_MARKS: Final = ", ".join(["%s"] * len(rows.COLUMNS))
_INSERT: Final = f"INSERT INTO ledger_transfers ({_COLUMNS}) VALUES ({_MARKS})"  # noqa: S608 (ours)
_COPY: Final = f"COPY ledger_transfers ({_COLUMNS}) FROM STDIN"
_MOMENTS: Final = [rows.COLUMNS.index(name) for name in ("timeout_time", "record_time")]


def load(
    driver: psycopg.Connection[Any],
    books: Sequence[str],
    keys: Sequence[AccountKey],
    ids: Sequence[tuple[str, str]],
) -> Loaded:
    """Lock the chains of `books`, and return what they, the accounts and the transfers are."""
    # No id has a comma, so lists go as text: arrays would cost the driver more than the query.
    wanted = tuple(",".join(each) for each in (books, chain(*keys), chain(*ids)))
    with driver.cursor() as cursor:
        cursor.execute(_LOAD, wanted, prepare=True)
        found = cursor.fetchone()
    assert found is not None, "a function gives one row"
    heads, accounts, instruments, named, settled = found[0]
    loaded = Loaded()
    into = loaded.books
    for book, enterprise, number, digits, record_time in heads or ():
        loaded.enterprises[book] = enterprise
        into.heads[book] = Head(
            number=number, hash=bytes.fromhex(digits), record_time=moment(record_time)
        )
    for book, instrument, purpose, balance, reserved, version in accounts or ():
        into.standings[book, instrument, Purpose(purpose)] = Standing(balance, reserved, version)
    for instrument, kind in instruments or ():
        into.instruments[instrument] = InstrumentKind(kind)
    for row in named or ():
        each = rows.from_values(row)
        into.known[each.book, each.transfer] = each
        loaded.there.add((each.book, each.number))
    for book, number, transfer, phase in settled or ():
        name = f"accounts/{book}/transfers/{transfer}"
        into.settled[book, number] = Settlement(name, Phase(phase))
    return loaded


def save(driver: psycopg.Connection[Any], fresh: Sequence[Transfer]) -> None:
    """Insert transfers, in their order."""
    with driver.cursor() as cursor:
        if len(fresh) == 1:
            cursor.execute(_INSERT, _values(fresh[0]), prepare=True)
            return
        with cursor.copy(_COPY) as copy:
            for each in fresh:
                copy.write_row(_values(each))


def _values(each: Transfer) -> list[Any]:
    values = list(rows.to_values(each))
    for index in _MOMENTS:
        if values[index] is not None:
            values[index] = moment(values[index])
    return values
