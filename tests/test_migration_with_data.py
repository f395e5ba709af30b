"""Databases of earlier versions that hold data are brought along, whichever version they are of.

What they hold is the sample zone: of each table what it had at that version.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import sqlalchemy as sa

from services.admin import HOUSE
from services.runtime import migration
from services.runtime.backup import archive, check, rows, saving
from services.runtime.backup.archive import Manifest
from services.runtime.backup.contents import Contents
from services.runtime.backup.rows import Kind, Row
from services.runtime.database import Database
from tests.fixtures.house import on_loopback, start
from tests.test_journey import load

# What a migration writes anew, from what was there.
DERIVED = {"months", "placements"}
# Trading's 0003 follows accounting from its beginning once more.
SET_BACK = {"cursors"}
# The methods of accounting came with 0002, which takes no records of before.
FIRST_WITH_DATA = {"accounting": "0002"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """The rows of a table, and what its columns are."""

    kinds: dict[str, Kind]
    rows: list[Row] = field(default_factory=list)

    def only(self, columns: list[str]) -> Held:
        """Return what it holds in some of its columns."""
        places = [list(self.kinds).index(name) for name in columns]
        return Held(
            kinds={name: self.kinds[name] for name in columns},
            rows=[[row[place] for place in places] for row in self.rows],
        )

    def first_of_each(self, columns: list[str]) -> Held:
        """Return the first row of each that is one and the same in some columns."""
        places = [list(self.kinds).index(name) for name in columns]
        first = {tuple(row[place] for place in places): row for row in reversed(self.rows)}
        return Held(kinds=self.kinds, rows=[*reversed(first.values())])


Books = dict[str, Held]


@pytest.fixture(scope="module")
def zone(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Books]:
    """All rows of each service that holds the sample zone."""
    running = start(on_loopback(tmp_path_factory.mktemp("zone")))
    load(running, {})
    running.stop()
    found = {}
    for name, contents in HOUSE.items():
        with (
            closing(Database.of(running.settings, name)) as database,
            database.read() as connection,
        ):
            found[name] = _held(connection, contents.written)
    return found


def _held(connection: sa.Connection, tables: list[sa.Table]) -> Books:
    return {
        table.name: Held(kinds=rows.kinds(table), rows=list(rows.read(connection, table)))
        for table in tables
    }


def _versions() -> Iterator[tuple[str, str]]:
    for name, contents in HOUSE.items():
        for version in contents.versions:
            if version >= FIRST_WITH_DATA.get(name, ""):
                yield name, version


@pytest.mark.parametrize(("service", "version"), [*_versions()])
def test_what_a_database_of_any_version_holds_is_there_in_the_newest(
    database_url: str, zone: dict[str, Books], service: str, version: str
) -> None:
    contents = HOUSE[service]
    with closing(Database(database_url, service)) as database:
        before = _at(database, contents, version, zone[service])

        database.migrate(contents.migrations)

        with database.read() as connection:
            assert check.findings(connection, contents) == []
            after = _held(connection, contents.written)
    for table, held in before.items():
        if table not in DERIVED | SET_BACK:
            now = after[table].only(list(held.kinds))
            assert sorted(now.rows, key=str) == sorted(held.rows, key=str), table


@pytest.mark.parametrize("service", HOUSE)
def test_an_archive_of_the_oldest_version_becomes_a_database_of_the_newest(
    database_url: str, tmp_path: Path, zone: dict[str, Books], service: str
) -> None:
    contents, path = HOUSE[service], tmp_path / "old.zip"
    version = FIRST_WITH_DATA.get(service, contents.versions[0])
    with closing(Database(f"sqlite:///{tmp_path / 'old.db'}", service)) as old:
        before = _at(old, contents, version, zone[service])
    with archive.writing(path) as to:
        for table, held in before.items():
            to.add(table, held.kinds, held.rows)
        to.close(
            Manifest(
                service=service,
                release="0",
                alembic_version=version,
                revision=0,
                cursors={},
                create_time="",
                parts=to.parts,
            )
        )

    with closing(Database(database_url, service)) as database:
        saving.restore(database, contents, path)

        with database.read() as connection:
            assert contents.version(connection) == contents.versions[-1]
            after = _held(connection, contents.written)
    assert {name: len(held.rows) for name, held in before.items()}.items() <= {
        name: len(held.rows) for name, held in after.items()
    }.items()


def _at(database: Database, contents: Contents, version: str, books: Books) -> Books:
    """Make the database as it was at a version; return what it holds."""
    before: Books = {}
    with database.migrating() as connection:
        migration.upgrade(connection, contents.migrations, version)
        inspector = sa.inspect(connection)
        for table in contents.written:
            if not inspector.has_table(table.name):
                continue
            columns = [column["name"] for column in inspector.get_columns(table.name)]
            held = books[table.name].only(columns)
            # What a later version lets be there twice was there once.
            for constraint in inspector.get_unique_constraints(table.name):
                held = held.first_of_each([name for name in constraint["column_names"] if name])
            if table.name == "revision_head":
                connection.execute(sa.delete(table))
            rows.write(connection, table.name, held.kinds, held.rows)
            before[table.name] = held
    return before
