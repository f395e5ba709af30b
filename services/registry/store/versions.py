"""Which version of a noun a query means: every version stays, and each came with a revision."""

from __future__ import annotations

from functools import cache, lru_cache

import sqlalchemy as sa


@lru_cache
def is_current(table: sa.Table, as_of: int | None = None) -> sa.ColumnElement[bool]:
    """Return the condition that keeps a query of `table` to the newest version of each noun.

    That is the newest of those that were known at the revision `as_of`; of all, for None.
    """
    newer = table.alias("newer")
    newest = sa.select(sa.func.max(newer.c.version)).where(
        *(newer.c[name] == table.c[name] for name in key_columns(table))
    )
    if as_of is not None:
        newest = newest.where(newer.c.revision <= as_of)
    return table.c.version == newest.scalar_subquery()


@cache
def key_columns(table: sa.Table) -> tuple[str, ...]:
    """Return the names of the columns that are the key of a noun: all of it but the version."""
    return tuple(column.name for column in table.primary_key.columns if column.name != "version")
