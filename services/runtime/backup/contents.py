"""What the database of a service holds, by its own metadata and migrations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import sqlalchemy as sa

from services.runtime import migration, tables

VERSIONS = "alembic_version"
"""Alembic's own table: it says of which version the others are, and is made with them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """The tables of a service and how they came about."""

    service: str
    metadata: sa.MetaData
    migrations: Path

    @property
    def tables(self) -> list[sa.Table]:
        """All tables, each after those that it refers to."""
        return [*tables.metadata.sorted_tables, *self.metadata.sorted_tables]

    @property
    def written(self) -> list[sa.Table]:
        """The tables whose rows an archive holds: all but those that triggers write."""
        return [table for table in self.tables if tables.DERIVED not in table.info]

    @property
    def versions(self) -> Sequence[str]:
        """The versions of the tables that this release knows, oldest first."""
        return migration.versions(self.migrations)

    def version(self, connection: sa.Connection) -> str:
        """Return of which version the tables are; "" where there are none."""
        if not sa.inspect(connection).has_table(VERSIONS):
            return ""
        return str(connection.scalar(sa.text(f"SELECT version_num FROM {VERSIONS}")))  # noqa: S608

    def rows(self, before_year: int | None) -> list[tuple[sa.Table, sa.ColumnElement[bool] | None]]:
        """Return the tables of an archive, each with what holds of the rows that go into it.

        None stands for all. With a year they are those of what was reported, with their rows of
        earlier years, and those that they refer to, without which they could not be read.
        """
        if before_year is None:
            return [(table, None) for table in self.written]
        raw = {table for table in self.tables if tables.RAW_BY in table.info}
        needed = set(raw)
        for table in reversed(self.tables):
            if table in needed:
                needed |= {key.column.table for key in table.foreign_keys}
        first = date(before_year, 1, 1)
        return [
            (table, table.c[table.info[tables.RAW_BY]] < first if table in raw else None)
            for table in self.tables
            if table in needed
        ]
