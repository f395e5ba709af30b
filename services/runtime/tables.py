"""What every service's database has besides its own tables, and tables that refuse to forget."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

metadata = sa.MetaData()
"""Revisions, outbox, cursors and kept answers."""

RAW_BY = "raw_by"
"""The key by which a table of what was reported names, in its `info`, the column of its first day:
what may be archived after the retention."""

DERIVED = "derived"
"""The key by which a table that triggers write from others says so in its `info`: it is not
archived, since its rows come about again when those of the others are restored."""

_SQLITE = """CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is insert-only'); END"""

_POSTGRESQL_FUNCTION = """CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger AS $$
BEGIN RAISE USING MESSAGE = TG_TABLE_NAME || ' is insert-only'; END $$ LANGUAGE plpgsql"""

_POSTGRESQL = """CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"""


def insert_only(connection: sa.Connection, *tables: str) -> None:
    """Make the database itself refuse to change or delete a row of `tables`."""
    if connection.dialect.name == "sqlite":
        statements = [
            _SQLITE.format(table=table, verb=verb)
            for table in tables
            for verb in ("UPDATE", "DELETE")
        ]
    else:
        statements = [_POSTGRESQL_FUNCTION, *(_POSTGRESQL.format(table=table) for table in tables)]
    for statement in statements:
        connection.exec_driver_sql(statement)


@contextmanager
def unguarded(connection: sa.Connection, table: str) -> Iterator[None]:
    """Let rows of an insert-only table be deleted inside, in the transaction of `connection`."""
    if connection.dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            connection.exec_driver_sql(f"DROP TRIGGER {table}_no_{verb}")
        yield
        insert_only(connection, table)
    else:
        switch = f"ALTER TABLE {table} {{}} TRIGGER {table}_no_change"
        connection.exec_driver_sql(switch.format("DISABLE"))
        yield
        connection.exec_driver_sql(switch.format("ENABLE"))
