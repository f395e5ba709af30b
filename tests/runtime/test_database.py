from __future__ import annotations

import contextlib
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from services.kernel.errors import StorageUnavailable
from services.runtime import revision
from services.runtime.config import Settings
from services.runtime.database import Database
from tests.runtime.words import MIGRATIONS, SCHEMA, known, learn, opened, words


def test_a_reader_sees_one_state_from_its_first_query_to_its_last(database: Database) -> None:
    with database.write() as connection:
        learn(connection, "before")

    with database.read() as reader:
        assert known(reader) == ["before"]
        with database.write() as writer:
            learn(writer, "meanwhile")
        assert known(reader) == ["before"]
        assert revision.newest(reader) == 1

    with database.read() as reader:
        assert known(reader) == ["before", "meanwhile"]


def test_nobody_sees_a_write_before_it_is_committed(database: Database) -> None:
    with database.write() as writer:
        learn(writer, "coming")
        with database.read() as reader:
            assert known(reader) == []


def test_a_reader_writes_nothing(database: Database) -> None:
    # PostgreSQL refuses, SQLite forgets.
    with contextlib.suppress(sa.exc.InternalError), database.read() as connection:
        connection.execute(sa.insert(words).values(revision=1, word="smuggled"))

    with database.read() as connection:
        assert known(connection) == []


def test_what_a_writer_checked_stays_true_until_it_commits(database: Database) -> None:
    together = threading.Barrier(2, timeout=30)

    def learn_once(_: int) -> bool:
        together.wait()
        with database.write() as connection:
            if "once" in known(connection):
                return False
            learn(connection, "once")
            return True

    for _ in range(10):
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(learn_once, range(2)))

    with database.read() as connection:
        assert known(connection) == ["once"]


def test_more_threads_than_connections_all_get_their_turn(database: Database) -> None:
    def write(number: int) -> None:
        with database.write() as connection:
            learn(connection, f"w-{number}")
        with database.read() as connection:
            assert f"w-{number}" in known(connection)

    with ThreadPoolExecutor(40) as pool:
        list(pool.map(write, range(40)))

    with database.read() as connection:
        assert revision.newest(connection) == 40


def test_migrating_again_changes_nothing(database: Database) -> None:
    with database.write() as connection:
        learn(connection, "kept")

    database.migrate(MIGRATIONS)

    with database.read() as connection:
        assert known(connection) == ["kept"]


def test_a_migration_that_fails_half_way_leaves_no_table(database_url: str, tmp_path: Path) -> None:
    scripts = tmp_path / "scripts"
    (scripts / "versions").mkdir(parents=True)
    (scripts / "env.py").write_text((MIGRATIONS / "env.py").read_text("utf-8"))
    script = (MIGRATIONS / "versions" / "first_tables.py").read_text("utf-8")
    (scripts / "versions" / "first_tables.py").write_text(
        f"{script}    raise RuntimeError('half-way')\n"
    )

    database = Database(database_url, SCHEMA)
    with pytest.raises(RuntimeError, match="half-way"):
        database.migrate(scripts)
    with database.engine.connect() as connection:
        left = set(sa.inspect(connection).get_table_names())
    database.migrate(MIGRATIONS)
    with database.write() as connection:
        assert learn(connection, "first").number == 1
    database.close()

    assert left <= {"alembic_version"}


def test_without_a_url_each_service_has_a_file_of_its_own(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "var"
    database = Database.of(Settings(data_folder=str(folder)), "registry")
    database.migrate(MIGRATIONS)
    database.close()

    assert (folder / "registry.db").is_file()


def test_a_folder_made_for_the_files_is_for_its_owner_alone(tmp_path: Path) -> None:
    made, there = tmp_path / "made", tmp_path / "there"
    there.mkdir()
    there.chmod(0o750)

    for folder in (made, there):
        database = Database.of(Settings(data_folder=str(folder)), "registry")
        database.migrate(MIGRATIONS)
        database.close()

    assert f"{made.stat().st_mode:o}"[-3:] == "700"
    assert f"{there.stat().st_mode:o}"[-3:] == "750"


def test_on_postgresql_each_service_has_a_schema_of_its_own(postgresql_url: str) -> None:
    settings = Settings(database_url=SecretStr(postgresql_url))
    databases = {name: Database.of(settings, name) for name in ("registry", "trading")}
    for name, database in databases.items():
        database.migrate(MIGRATIONS)
        with database.write() as connection:
            learn(connection, name)

    for name, database in databases.items():
        with database.read() as connection:
            assert known(connection) == [name]
        database.close()


def test_a_connection_in_use_at_the_end_is_closed_when_it_comes_back(database: Database) -> None:
    with database.read() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        database.close()
        assert connection.scalar(sa.text("SELECT 1")) == 1

    with pytest.raises((sqlite3.ProgrammingError, psycopg.OperationalError), match="closed"):
        driver.execute("SELECT 1")
    with database.read() as connection:
        assert connection.scalar(sa.text("SELECT 1")) == 1


def test_connections_that_the_server_ended_are_not_asked_again(postgresql_url: str) -> None:
    ended, other = Database(postgresql_url, "service"), Database(postgresql_url, "service")
    ended.migrate(MIGRATIONS)
    with ended.read(), ended.read():
        pass

    def end_all() -> int:
        query = "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity"
        where = "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        with other.engine.connect() as connection:
            return int(connection.scalar(sa.text(f"{query} {where}")) or 0)

    def interrupted() -> None:
        with ended.append() as connection:
            driver = connection.connection.driver_connection
            assert driver is not None
            assert end_all() == 2
            driver.execute("SELECT 1")

    assert end_all() == 2
    with ended.read(), ended.read() as connection:
        assert known(connection) == []
    with pytest.raises(StorageUnavailable):
        interrupted()
    with ended.read() as connection:
        assert known(connection) == []
    other.close()
    ended.close()


def test_a_checkpoint_brings_the_log_into_the_file_while_somebody_reads(tmp_path: Path) -> None:
    file, copy = tmp_path / "words.db", tmp_path / "copy.db"
    with opened(f"sqlite:///{file}") as database:
        with database.write() as connection:
            learn(connection, "steel")
        copy.write_bytes(file.read_bytes())
        with contextlib.closing(sqlite3.connect(copy)) as before:
            tables = before.execute("SELECT name FROM sqlite_master").fetchall()
        assert ("words",) not in tables, "the log has it still"

        with database.read() as reader:
            assert known(reader) == ["steel"]
            database.checkpoint()
        copy.write_bytes(file.read_bytes())

    with contextlib.closing(sqlite3.connect(copy)) as after:
        assert after.execute("SELECT word FROM words").fetchall() == [("steel",)]


def test_a_row_that_is_replaced_is_deleted_for_the_triggers_too(tmp_path: Path) -> None:
    with opened(f"sqlite:///{tmp_path / 'words.db'}") as database:
        with database.write() as connection:
            connection.exec_driver_sql(
                "CREATE TRIGGER kept BEFORE DELETE ON words BEGIN SELECT RAISE(ABORT, 'kept'); END"
            )
            taken = learn(connection, "steel")
        again = sa.insert(words).prefix_with("OR REPLACE")
        with (
            pytest.raises(sa.exc.IntegrityError, match="kept"),
            database.write() as connection,
        ):
            connection.execute(again.values(revision=taken.number, word="steel"))
