"""Transfers lie as they come: on SQLite their rows, on both databases the ids of a book.

By the order of their books, each transfer went to pages of its own in the table and in two indexes.
Those that come together have ids that begin alike, so what holds each id to one effect begins with
the id: they share a page or two. On SQLite the table is in the order in which they came.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from alembic import context, op

revision = "0011"
down_revision = "0010"

_TABLE = "ledger_transfers"
_ONE_EFFECT = "one_effect_of_an_id"
_BY_BOOK = ("book", "transfer")
_BY_ID = ("transfer", "book")
_CLUSTERED = " WITHOUT ROWID"


def upgrade() -> None:
    _change(lambda table: _by(_BY_ID, table).replace(_CLUSTERED, ""), _BY_ID)


def downgrade() -> None:
    _change(lambda table: _by(_BY_BOOK, table).rstrip() + _CLUSTERED, _BY_BOOK)


def _change(declared: Callable[[str], str], columns: Sequence[str]) -> None:
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        before = context.script.get_revision("0010").module
        before.rebuild(connection, declared, before.MOVED)
        return
    op.drop_constraint(_ONE_EFFECT, _TABLE)
    op.create_unique_constraint(_ONE_EFFECT, _TABLE, columns)


def _by(columns: Sequence[str], table: str) -> str:
    """Return the statement that declares the table, with the id's columns in another order."""
    return re.sub(rf"({_ONE_EFFECT} UNIQUE) \([^)]*\)", rf"\1 ({', '.join(columns)})", table)
