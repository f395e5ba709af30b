"""SQLite keeps transfers in the order in which they came, and finds them by keys of their own.

By the order of their books each went to a page of its own, with all that is stored of it, and often
split it: a group of 400 wrote 860 pages of the table and of the tree above them, now 210.
"""

from __future__ import annotations

from collections.abc import Callable

from alembic import context, op

revision = "0011"
down_revision = "0010"

_CLUSTERED = " WITHOUT ROWID"


def upgrade() -> None:
    _rebuild(lambda table: table.replace(_CLUSTERED, ""))


def downgrade() -> None:
    _rebuild(lambda table: table.rstrip() + _CLUSTERED)


def _rebuild(changed: Callable[[str], str]) -> None:
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        before = context.script.get_revision("0010").module
        before.rebuild(connection, changed, before.MOVED)
