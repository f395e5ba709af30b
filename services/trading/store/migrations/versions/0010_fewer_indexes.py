"""That no version of an account is there twice follows from the triggers alone: two indexes less.

And nothing is put in the place of a transfer, an account or a chain: where SQLite is asked to
replace a row, it deletes it without a word to the triggers.

A transfer is taken only if it goes on from where its accounts stand, and those follow from
transfers. The indexes that said so again took a third of what a post takes on SQLite: each book has
its own pages in each of them. Entries are found by the chain of their book.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import sqlalchemy as sa
from alembic import context, op

revision = "0010"
down_revision = "0009"

UNIQUE = {
    "one_debit_of_a_version": ("book", "instrument", "debit", "debit_version"),
    "one_credit_of_a_version": ("book", "instrument", "credit", "credit_version"),
}
# What moves an account is the transfer after the end of the chain, which moves on last.
MOVED = """CREATE TRIGGER ledger_accounts_moved BEFORE UPDATE ON ledger_accounts
WHEN NEW.version <> OLD.version + 1 OR NEW.book <> OLD.book OR NEW.instrument <> OLD.instrument
OR NEW.purpose <> OLD.purpose OR NOT EXISTS (
    SELECT 1 FROM ledger_transfers
    WHERE book = NEW.book AND instrument = NEW.instrument
    AND number = 1 + coalesce((SELECT number FROM ledger_chains WHERE book = NEW.book), 0)
    AND (debit = NEW.purpose AND debit_version = NEW.version
        AND debit_balance = NEW.balance AND debit_reserved = NEW.reserved
        OR credit = NEW.purpose AND credit_version = NEW.version
        AND credit_balance = NEW.balance AND credit_reserved = NEW.reserved))
BEGIN SELECT RAISE(ABORT, 'ledger_accounts follow from transfers'); END"""
IN_PLACE = (
    """CREATE TRIGGER ledger_transfers_in_place BEFORE INSERT ON ledger_transfers
WHEN EXISTS (
    SELECT 1 FROM ledger_transfers WHERE book = NEW.book AND transfer = NEW.transfer)
OR NEW.target_number IS NOT NULL AND EXISTS (
    SELECT 1 FROM ledger_transfers
    WHERE book = NEW.book AND target_number = NEW.target_number)
BEGIN SELECT RAISE(ABORT, 'ledger: the id is taken, or the target settled'); END""",
    # Those that are there are not opened again by the first transfer.
    """CREATE TRIGGER ledger_accounts_in_place BEFORE INSERT ON ledger_accounts
WHEN EXISTS (
    SELECT 1 FROM ledger_accounts
    WHERE book = NEW.book AND instrument = NEW.instrument AND purpose = NEW.purpose)
BEGIN SELECT RAISE(IGNORE); END""",
    """CREATE TRIGGER ledger_chains_in_place BEFORE INSERT ON ledger_chains
WHEN EXISTS (SELECT 1 FROM ledger_chains WHERE book = NEW.book)
BEGIN SELECT RAISE(IGNORE); END""",
)

_TABLE = "ledger_transfers"
_OLD = "ledger_transfers_before"
_NEXT = "CONSTRAINT two_accounts"


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        rebuild(connection, _without, MOVED)
        for statement in IN_PLACE:
            connection.exec_driver_sql(statement)
        return
    for name in UNIQUE:
        op.drop_constraint(name, _TABLE)


def downgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        for table in (_TABLE, "ledger_accounts", "ledger_chains"):
            connection.exec_driver_sql(f"DROP TRIGGER {table}_in_place")
        first = context.script.get_revision("0002").module.SQLITE
        (moved,) = (each for each in first if "ledger_accounts_moved" in each)
        rebuild(connection, _with, moved)
        return
    for name, columns in UNIQUE.items():
        op.create_unique_constraint(name, _TABLE, columns)


def rebuild(connection: sa.Connection, changed: Callable[[str], str], moved: str) -> None:
    """Copy the transfers into a table that is declared otherwise, row by row as they are.

    SQLite takes no constraint from a table. What names the table is taken away and put back.
    """
    triggers = _declared(connection, "trigger")
    indexes = _declared(connection, "index")
    for kind, those in (("TRIGGER", triggers), ("INDEX", indexes)):
        for name in those:
            connection.exec_driver_sql(f"DROP {kind} {name}")
    (table,) = _declared(connection, "table").values()
    connection.exec_driver_sql(f"ALTER TABLE {_TABLE} RENAME TO {_OLD}")
    connection.exec_driver_sql(changed(table))
    connection.exec_driver_sql(f"INSERT INTO {_TABLE} SELECT * FROM {_OLD}")  # noqa: S608 (ours)
    connection.exec_driver_sql(f"DROP TABLE {_OLD}")
    triggers["ledger_accounts_moved"] = moved
    for statement in (*indexes.values(), *triggers.values()):
        connection.exec_driver_sql(statement)


def _declared(connection: sa.Connection, kind: str) -> dict[str, str]:
    """Return the statements that declare what names the transfers, by the names they declare."""
    query = sa.text(
        "SELECT name, sql FROM sqlite_master WHERE type = :kind AND sql LIKE :named"
        " AND (type <> 'table' OR name = :table)"
    )
    values = {"kind": kind, "named": f"%{_TABLE}%", "table": _TABLE}
    return {row.name: row.sql for row in connection.execute(query, values)}


def _without(table: str) -> str:
    for name in UNIQUE:
        table = re.sub(rf"\s*CONSTRAINT {name} UNIQUE \([^)]*\),", "", table)
    return table


def _with(table: str) -> str:
    unique = "".join(
        f"CONSTRAINT {name} UNIQUE ({', '.join(columns)}),\n\t" for name, columns in UNIQUE.items()
    )
    return table.replace(_NEXT, unique + _NEXT, 1)
