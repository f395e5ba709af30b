"""How ledger accounts stand, or stood.

Now is what the triggers keep. Then is now, less what came later: most ask for what is not long ago.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

import sqlalchemy as sa

from services.trading.domain.ledger.as_of import NOW, AsOf
from services.trading.domain.ledger.chain import Standing
from services.trading.domain.ledger.chart import Kind, Purpose
from services.trading.domain.ledger.transfer import AccountKey, Phase
from services.trading.store.ledger.tables import accounts, transfers
from services.trading.store.ledger.transfers import conditions, later


def standings(
    connection: sa.Connection, book: str, *, as_of: AsOf = NOW, instrument: str = ""
) -> dict[AccountKey, Standing]:
    """Return how the ledger accounts of a book stand as of some days or moment, by their keys.

    Only those that had an entry by then.
    """
    a = accounts.c
    which = [a.book == book] + ([a.instrument == instrument] if instrument else [])
    found = {
        (row.book, row.instrument, Purpose(row.purpose)): Standing(
            row.balance, row.reserved, row.version
        )
        for row in connection.execute(sa.select(accounts).where(*which))
    }
    if as_of.is_now:
        return found
    for key, change in _changes(connection, book, as_of, instrument).items():
        now = found[key]
        found[key] = Standing(
            now.balance - change.balance,
            now.reserved - change.reserved,
            now.version - change.version,
        )
    return {key: standing for key, standing in found.items() if standing.version}


def _changes(
    connection: sa.Connection, book: str, as_of: AsOf, instrument: str
) -> dict[AccountKey, Standing]:
    """Return what the transfers that do not count yet changed, and how many entries they are."""
    c = transfers.c
    which = [c.book == book, later(as_of)] + ([c.instrument == instrument] if instrument else [])
    sides = (
        (c.debit, c.unit_count, sa.literal(0)),
        (c.credit, -c.unit_count, c.reserved_count - c.released_count),
    )
    found: dict[AccountKey, Standing] = {}
    for side, change, reserved in sides:
        query = (
            sa.select(
                c.instrument,
                side,
                sa.cast(sa.func.sum(change), sa.BigInteger),
                sa.cast(sa.func.sum(reserved), sa.BigInteger),
                sa.func.count(),
            )
            .where(*which)
            .group_by(c.instrument, side)
        )
        for of, purpose, balance, reserved_count, count in connection.execute(query):
            key = (book, of, Purpose(purpose))
            before = found.get(key, Standing())
            found[key] = Standing(
                before.balance + balance,
                before.reserved + reserved_count,
                before.version + count,
            )
    return found


def before(connection: sa.Connection, book: str, day: date) -> dict[AccountKey, int]:
    """Return the balances of a book by what was settled before a day, tonnes or fen."""
    if day == date.min:
        return {}
    as_of = AsOf(settlement_date=day - timedelta(days=1))
    found = standings(connection, book, as_of=as_of)
    return {key: standing.balance for key, standing in found.items()}


def moved_count(
    connection: sa.Connection,
    book: str,
    instruments: Iterable[str],
    kinds: Sequence[Kind],
    as_of: AsOf,
) -> int:
    """Return the units that transfers of some kinds moved, less those that were moved back."""
    c = transfers.c
    back = c.phase == Phase.REVERSAL.value
    query = sa.select(sa.func.sum(sa.case((back, -c.unit_count), else_=c.unit_count))).where(
        c.book == book,
        c.instrument.in_(sorted(instruments)),
        c.kind.in_([kind.name for kind in kinds]),
        *conditions(as_of),
    )
    return int(connection.execute(query).scalar_one() or 0)
