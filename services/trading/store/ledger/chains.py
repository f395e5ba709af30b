"""Chains in the database: walked, and held against what is stored beside them."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from services.kernel.errors import Words
from services.trading.domain.ledger import chain as domain
from services.trading.domain.ledger.chain import Finding, Head, Link, Walk
from services.trading.store.ledger import balances, transfers
from services.trading.store.ledger.tables import chains
from services.trading.store.ledger.tables import transfers as rows


def head(connection: sa.Connection, book: str) -> Head:
    """Return the end of a book's chain as it is stored."""
    c = chains.c
    query = sa.select(c.number, c.hash, c.record_time).where(c.book == book)
    row = connection.execute(query).one_or_none()
    if row is None:
        return Head()
    return Head(number=row.number, hash=bytes(row.hash), record_time=row.record_time)


def books(connection: sa.Connection) -> list[str]:
    """Return the books that have a chain, or transfers without one."""
    of = (chains.c.book, rows.c.book)
    query = sa.union(*(sa.select(column) for column in of))
    return sorted(connection.execute(query).scalars())


def verify(
    connection: sa.Connection, book: str, exported: Head | None = None
) -> tuple[Walk, list[Finding]]:
    """Walk a chain, and return what it came to and all that does not agree.

    Args:
        connection: Sees one state throughout.
        book: Whose chain.
        exported: A head that was kept outside, which the chain must still hold.
    """
    unreadable: list[Finding] = []
    found = domain.walk(_readable(connection, book, unreadable))
    wrong = [
        *unreadable,
        *found.findings,
        *domain.compare(found, book, head(connection, book), balances.standings(connection, book)),
    ]
    if exported is not None:
        there = transfers.hash_at(connection, book, exported.number)
        wrong += domain.against(exported, there, book)
    return found, wrong


def _readable(connection: sa.Connection, book: str, unreadable: list[Finding]) -> Iterator[Link]:
    """Yield the transfers of a chain; find those that cannot be read."""
    for number, each in transfers.links(connection, book):
        if each is None:
            text = Words(
                en="it holds what no transfer holds: it was changed",
                zh="其内容不是任何交易所能有的：该交易被改动",
            )
            unreadable.append(Finding(number=number, name=f"accounts/{book}", text=text))
        else:
            yield each
