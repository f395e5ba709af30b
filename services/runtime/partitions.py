"""Tables that PostgreSQL keeps by the month: each month is a table of its own behind the one name.

A look at some months then leaves all others alone, and what a month holds can be counted, copied
and removed as one. A month is made in the transaction that first writes to it. SQLite keeps such a
table whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import sqlalchemy as sa

from services.kernel.period import Period
from services.runtime import tables

_COLUMN = sa.text(
    "SELECT attname FROM pg_partitioned_table "
    "JOIN pg_attribute ON attrelid = partrelid AND attnum = partattrs[0] "
    "WHERE partrelid = to_regclass(:name)"
)
_MISSING = sa.text(
    "SELECT name FROM unnest(CAST(:names AS text[])) AS name WHERE to_regclass(name) IS NULL"
)
_ALL = sa.text(
    "SELECT child.relname AS month, parent.relname AS whole FROM pg_inherits "
    "JOIN pg_class AS child ON child.oid = inhrelid "
    "JOIN pg_class AS parent ON parent.oid = inhparent "
    "WHERE parent.relkind = 'p' AND parent.relnamespace = current_schema()::regnamespace"
)


def column_of(connection: sa.Connection, table: str) -> str | None:
    """Return the column of days by which `table` is kept by the month; None where it is whole."""
    if connection.dialect.name == "sqlite":
        return None
    return connection.execute(_COLUMN, {"name": table}).scalar_one_or_none()


def by_name(connection: sa.Connection) -> dict[str, str]:
    """Return the tables that are months of others, and of which."""
    if connection.dialect.name == "sqlite":
        return {}
    return {row.month: row.whole for row in connection.execute(_ALL)}


def make(connection: sa.Connection, table: str, days: Iterable[date]) -> None:
    """Make those months of `table`, which is insert-only, that `days` are in and it lacks.

    Others read the table meanwhile: a month is filled and guarded apart, and then put in its place,
    which waits for no reader.
    """
    if connection.dialect.name == "sqlite":
        return
    months = {_name(table, *month): Period.month(*month) for month in _months(days)}
    for name in connection.scalars(_MISSING, {"names": sorted(months)}).all():
        month = months[name]
        connection.exec_driver_sql(f"CREATE TABLE {name} (LIKE {table} INCLUDING ALL)")
        connection.exec_driver_sql(
            f"ALTER TABLE {table} ATTACH PARTITION {name} "
            f"FOR VALUES FROM ('{month.start}') TO ('{month.end}')"
        )
        tables.insert_only(connection, name)


def drop(connection: sa.Connection, table: str, *, before: date) -> None:
    """Drop the months of `table`, rows and all, that end by `before`, the first of a month."""
    end = _name(table, before.year, before.month)
    for month, whole in by_name(connection).items():
        # Names of a table's months are in the order of time.
        if whole == table and month < end:
            connection.exec_driver_sql(f"ALTER TABLE {table} DETACH PARTITION {month}")
            connection.exec_driver_sql(f"DROP TABLE {month}")


def _months(days: Iterable[date]) -> set[tuple[int, int]]:
    return {(day.year, day.month) for day in days}


def _name(table: str, year: int, month: int) -> str:
    return f"{table}_{year:04}_{month:02}"
