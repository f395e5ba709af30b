"""A table of facts such as every service has, for the tests of the runtime."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from services.runtime import columns, revision
from services.runtime.database import Database

MIGRATIONS = Path(__file__).parent / "migrations"
SCHEMA = "words"

metadata = sa.MetaData()


class WordColumns(sa.TypedColumns):
    """One row a word that became known."""

    revision: sa.Named[int] = sa.Column(sa.BigInteger, primary_key=True, autoincrement=False)
    word: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    amount: sa.Named[Decimal | None] = sa.Column(columns.DecimalText)
    moment: sa.Named[datetime | None] = sa.Column(columns.Instant)
    parts: sa.Named[Any | None] = sa.Column(sa.JSON)


words = sa.Table("words", metadata, WordColumns)


class Regret(Exception):
    """Why a test rolls a transaction back."""


@contextmanager
def opened(url: str, schema: str = SCHEMA) -> Iterator[Database]:
    """A database at `url` with the runtime's tables and `words`."""
    database = Database(url, schema)
    database.migrate(MIGRATIONS)
    yield database
    database.close()


def learn(connection: sa.Connection, word: str) -> revision.Revision:
    """Take a revision and write `word` under it."""
    taken = revision.take(connection)
    connection.execute(sa.insert(words).values(revision=taken.number, word=word))
    return taken


def known(connection: sa.Connection) -> list[str]:
    """All words, in the order in which they became known."""
    return list(connection.scalars(sa.select(words.c.word).order_by(words.c.revision)))
