"""Blocks of units in the database: every one stays, and those that were split or merged are ended.

Each query takes a book: who may see it has been settled by `accounts.get` before.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from services.runtime.revision import Revision
from services.trading.domain.ledger.block import Block
from services.trading.domain.versioned import Versioned
from services.trading.store.ledger.tables import block_ends, blocks

_ONLY_VERSION = 1


def add(
    connection: sa.Connection, made: Iterable[Block], revision: Revision
) -> list[Versioned[Block]]:
    """Insert blocks; return them."""
    stored: list[Versioned[Block]] = []
    for block in made:
        connection.execute(
            sa.insert(blocks).values(
                book=block.book,
                block=block.block,
                instrument=block.instrument,
                start_number=block.start_number,
                end_number=block.end_number,
                evidence=block.evidence,
                parents="\n".join(block.parents),
                create_time=revision.commit_time,
                revision=revision.number,
            )
        )
        stored.append(_stored(block, revision.number, revision.commit_time))
    return stored


def end(connection: sa.Connection, ended: Iterable[Block], revision: Revision) -> None:
    """Store that blocks were split or merged."""
    connection.execute(
        sa.insert(block_ends),
        [
            {
                "book": block.book,
                "block": block.block,
                "create_time": revision.commit_time,
                "revision": revision.number,
            }
            for block in ended
        ],
    )


def find(connection: sa.Connection, book: str, block: str) -> Versioned[Block] | None:
    """Return a block of a book, ended or not; or None."""
    found = _select(connection, blocks.c.book == book, blocks.c.block == block)
    return found[0] if found else None


def is_ended(connection: sa.Connection, block: Block) -> bool:
    """Tell whether a block was split or merged."""
    c = block_ends.c
    which = sa.and_(c.book == block.book, c.block == block.block)
    return connection.execute(sa.select(c.block).where(which)).one_or_none() is not None


def overlapping(connection: sa.Connection, block: Block) -> list[Block]:
    """Return the blocks, not ended, that have a serial number of `block`."""
    c = blocks.c
    which = (
        c.book == block.book,
        c.instrument == block.instrument,
        c.start_number <= block.end_number,
        c.end_number >= block.start_number,
        _open(),
    )
    return [each.value for each in _select(connection, *which)]


def page(
    connection: sa.Connection, book: str, *, after: tuple[str, int] | None, size: int
) -> list[Versioned[Block]]:
    """Return the blocks of a book that are not ended, by instrument and number, after a place."""
    c = blocks.c
    which = [c.book == book, _open()]
    if after is not None:
        instrument, number = after
        key = sa.tuple_(c.instrument, c.start_number)
        which.append(key > sa.tuple_(sa.literal(instrument), sa.literal(number)))
    return _select(connection, *which, limit=size)


def _open() -> sa.ColumnElement[bool]:
    c = block_ends.c
    return ~sa.exists().where(c.book == blocks.c.book, c.block == blocks.c.block)


def _select(
    connection: sa.Connection, *which: sa.ColumnElement[bool], limit: int | None = None
) -> list[Versioned[Block]]:
    query = (
        sa.select(blocks)
        .where(*which)
        .order_by(blocks.c.instrument, blocks.c.start_number)
        .limit(limit)
    )
    return [
        _stored(
            Block(
                book=row["book"],
                block=row["block"],
                instrument=row["instrument"],
                start_number=row["start_number"],
                end_number=row["end_number"],
                evidence=row["evidence"],
                parents=tuple(row["parents"].splitlines()),
            ),
            row["revision"],
            row["create_time"],
        )
        for row in connection.execute(query).mappings()
    ]


def _stored(block: Block, revision: int, create_time: datetime) -> Versioned[Block]:
    return Versioned(value=block, version=_ONLY_VERSION, revision=revision, create_time=create_time)
