"""Databases that are not well any more, and what is said of them."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from services.runtime.backup import check
from services.runtime.backup.contents import Contents
from services.runtime.database import Database
from tests.runtime.words import MIGRATIONS, SCHEMA, learn, metadata

CONTENTS = Contents(service=SCHEMA, metadata=metadata, migrations=MIGRATIONS)


def _is_sqlite(database: Database) -> bool:
    return database.engine.dialect.name == "sqlite"


def _unguarded(database: Database, table: str, *statements: str) -> None:
    """Change rows of an insert-only table by hand, and leave its guards as they were."""
    with database.engine.begin() as connection:
        if _is_sqlite(database):
            guards = connection.exec_driver_sql(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?",
                (table,),
            ).all()
            for name, _ in guards:
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
        else:
            connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for statement in statements:
            connection.exec_driver_sql(statement)
        if _is_sqlite(database):
            for _, sql in guards:
                connection.exec_driver_sql(sql)
        else:
            connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def _found(database: Database) -> dict[str, str]:
    with database.read() as connection:
        return {each.where: each.text.en for each in check.findings(connection, CONTENTS)}


@pytest.fixture
def kept(database: Database) -> Database:
    """A database that learned three words."""
    for word in ("one", "two", "three"):
        with database.write() as connection:
            learn(connection, word)
    return database


def test_a_database_that_is_well_has_no_findings(kept: Database) -> None:
    assert _found(kept) == {}


def test_one_that_knows_nothing_yet_is_well_too(database: Database) -> None:
    assert _found(database) == {}


def test_a_place_without_tables_is_told(tmp_path: Path) -> None:
    with closing(Database(f"sqlite:///{tmp_path / 'x.db'}", SCHEMA)) as database:
        assert "there are no tables of words" in _found(database)["alembic_version"]


def test_a_version_that_this_release_does_not_know_is_told(kept: Database) -> None:
    with kept.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'later'")

    assert "which this release does not know" in _found(kept)["alembic_version"]


def test_a_table_that_was_changed_by_hand_is_told(kept: Database) -> None:
    with kept.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE extra (id integer PRIMARY KEY)")

    assert "extra" in _found(kept)[SCHEMA]


def test_a_guard_that_was_taken_away_is_missed(kept: Database) -> None:
    with kept.engine.begin() as connection:
        connection.exec_driver_sql(
            "DROP TRIGGER words_no_DELETE"
            if _is_sqlite(kept)
            else "ALTER TABLE words DISABLE TRIGGER words_no_change"
        )

    assert _found(kept).keys() == {"words"}
    assert "put its triggers back" in _found(kept)["words"]


def test_a_revision_that_is_missing_is_told(kept: Database) -> None:
    _unguarded(kept, "revisions", "DELETE FROM revisions WHERE revision = 2")

    assert _found(kept).keys() == {"revisions"}
    assert _found(kept)["revisions"].startswith("2 revisions lead from 1 to 3, and the head says 3")


def test_a_head_that_was_set_back_is_told_by_each_table_that_is_beyond_it(kept: Database) -> None:
    with kept.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE revision_head SET revision = 2")

    assert _found(kept).keys() == {"revisions", "words"}
    assert "rows of revision 3, and the newest is 2" in _found(kept)["words"]


def test_a_revision_that_is_dated_before_its_predecessor_is_told(kept: Database) -> None:
    long_ago = "0" if _is_sqlite(kept) else "'1970-01-01'"
    statement = f"UPDATE revisions SET commit_time = {long_ago} WHERE revision = 3"  # noqa: S608
    _unguarded(kept, "revisions", statement)

    assert "revision 3 is dated before" in _found(kept)["revisions"]


def test_a_page_that_was_overwritten_is_noticed(tmp_path: Path) -> None:
    file = tmp_path / "words.db"
    with closing(Database(f"sqlite:///{file}", SCHEMA)) as database:
        database.migrate(MIGRATIONS)
        with database.write() as connection:
            for number in range(500):
                learn(connection, f"word {number}")
        with database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    content = file.read_bytes()
    # It stands in the table and in the index, which agree no more.
    assert content.count(b"word 250") == 2
    file.write_bytes(content.replace(b"word 250", b"WORD 250", 1))

    with closing(Database(f"sqlite:///{file}", SCHEMA)) as database:
        assert "it is damaged" in _found(database)["integrity_check"]


def test_who_followed_another_beyond_its_end_is_told() -> None:
    well = {"accounting": 5, "trading": 2}

    assert list(check.of_followers(well, {"trading": {"accounting": 5}})) == []
    assert list(check.of_followers({"trading": 2}, {"trading": {"accounting": 9}})) == []
    (found,) = check.of_followers(well, {"trading": {"accounting": 6}})
    assert found.where == "trading"
    assert "up to revision 6, but accounting ends at 5" in found.text.en
