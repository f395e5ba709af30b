"""Databases that cannot do their work: real ones, that are full, read-only, gone or damaged."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from services.kernel.errors import Busy, StorageProblem, StorageUnavailable
from services.runtime import revision, storage
from services.runtime.database import Database
from services.runtime.metrics import Metrics
from tests.fixtures import faults
from tests.runtime.words import MIGRATIONS, SCHEMA, known, learn, opened, words

LONG = "x" * 100_000
"""A word that needs new pages."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A SQLite file that knows one word."""
    path = tmp_path / "words.db"
    with opened(f"sqlite:///{path}") as database:
        _learn(database, "before")
    return path


@pytest.fixture
def server(postgresql_url: str) -> Iterator[Database]:
    """A database of PostgreSQL that knows one word."""
    with opened(postgresql_url) as database:
        _learn(database, "before")
        yield database


def _learn(database: Database, word: str) -> None:
    with database.write() as connection:
        learn(connection, word)


def _known(database: Database) -> list[str]:
    with database.read() as connection:
        return known(connection)


def _problem(database: Database, word: str) -> StorageProblem:
    """What keeps `database` from learning `word`."""
    with pytest.raises(StorageUnavailable) as failed:
        _learn(database, word)
    assert failed.value.service == SCHEMA
    return failed.value.problem


def _administer(database: Database, statement: str) -> None:
    """Run a statement from another database of the same server, as its administrator."""
    name = database.engine.url.database
    url = database.engine.url.set(database="postgres")
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement.format(name=name))
    engine.dispose()


def test_a_full_sqlite_file_keeps_what_it_has_and_takes_the_word_once_there_is_room(
    file: Path,
) -> None:
    with closing(Database(f"sqlite:///{file}", SCHEMA)) as database:
        full = True

        @sa.event.listens_for(database.engine, "checkout")
        def _limit(connection: sa.engine.interfaces.DBAPIConnection, *_: object) -> None:
            connection.cursor().execute(f"PRAGMA max_page_count = {1 if full else 10**6}")

        assert _problem(database, LONG) is StorageProblem.FULL
        assert _known(database) == ["before"]

        full = False
        _learn(database, LONG)
        assert _known(database) == ["before", LONG]


def test_a_sqlite_file_that_is_read_only_is_still_read(file: Path) -> None:
    url = f"sqlite:///file:{file}?mode=ro&uri=true"
    with closing(Database(url, SCHEMA)) as database:
        assert _problem(database, "late") is StorageProblem.READ_ONLY
        assert _known(database) == ["before"]


def test_a_disk_that_refuses_to_write_is_told_as_damaged(file: Path) -> None:
    with closing(Database(f"sqlite:///{file}", SCHEMA)) as database:
        assert _known(database) == ["before"]
        with faults.unwritable():
            assert _problem(database, LONG) is StorageProblem.DAMAGED
        assert _known(database) == ["before"]

        _learn(database, LONG)
        assert _known(database) == ["before", LONG]


def test_a_folder_that_is_not_there_is_told_as_gone(tmp_path: Path) -> None:
    with closing(Database(f"sqlite:///{tmp_path / 'no' / 'words.db'}", SCHEMA)) as database:
        assert _problem(database, "lost") is StorageProblem.GONE
        with pytest.raises(StorageUnavailable):
            database.migrate(MIGRATIONS)


def test_a_file_that_is_no_database_is_told_as_damaged(tmp_path: Path) -> None:
    path = tmp_path / "words.db"
    path.write_bytes(b"nothing that SQLite wrote" * 100)
    with closing(Database(f"sqlite:///{path}", SCHEMA)) as database:
        assert _problem(database, "lost") is StorageProblem.DAMAGED


def test_a_postgresql_that_became_read_only_is_still_read(server: Database) -> None:
    _administer(server, "ALTER DATABASE {name} SET default_transaction_read_only = on")
    server.close()
    assert _problem(server, "late") is StorageProblem.READ_ONLY
    assert _known(server) == ["before"]

    _administer(server, "ALTER DATABASE {name} RESET default_transaction_read_only")
    server.close()
    _learn(server, "back")
    assert _known(server) == ["before", "back"]


def test_a_full_disk_of_postgresql_is_told_by_its_own_code(server: Database) -> None:
    with server.engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE FUNCTION no_room() RETURNS trigger AS $$ BEGIN "
            "RAISE 'could not extend file' USING ERRCODE = 'disk_full'; END $$ LANGUAGE plpgsql"
        )
        connection.exec_driver_sql(
            "CREATE TRIGGER no_room BEFORE INSERT ON words FOR EACH ROW EXECUTE FUNCTION no_room()"
        )

    assert _problem(server, "late") is StorageProblem.FULL
    assert _known(server) == ["before"]


def test_a_connection_that_is_cut_in_a_transaction_leaves_none_of_it(server: Database) -> None:
    def learn_in_halves() -> None:
        with server.write() as connection:
            learn(connection, "half")
            _administer(
                server,
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'",
            )
            learn(connection, "other half")

    with pytest.raises(StorageUnavailable) as failed:
        learn_in_halves()

    assert failed.value.problem is StorageProblem.GONE
    _learn(server, "back")
    assert _known(server) == ["before", "back"]


def test_a_postgresql_that_takes_no_connections_is_told_as_gone(server: Database) -> None:
    _administer(server, "ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    server.close()
    assert _problem(server, "late") is StorageProblem.GONE

    _administer(server, "ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    _learn(server, "back")
    assert _known(server) == ["before", "back"]


def test_a_server_that_does_not_listen_is_told_as_gone() -> None:
    with closing(Database("postgresql+psycopg://nobody@127.0.0.1:1/x", SCHEMA)) as database:
        assert _problem(database, "lost") is StorageProblem.GONE


def test_a_lock_that_others_keep_for_too_long_is_busy(server: Database) -> None:
    locked, enough = threading.Event(), threading.Event()

    def keep() -> None:
        with server.write():
            locked.set()
            enough.wait(30)

    keeper = threading.Thread(target=keep)
    keeper.start()
    locked.wait(30)
    with pytest.raises(Busy):
        _impatiently(server)
    enough.set()
    keeper.join()


def _impatiently(database: Database) -> None:
    """Write as `Database.write` does, with less patience."""
    with (
        storage.told(SCHEMA, storage.unheard),
        database.engine.begin() as connection,
    ):
        connection.exec_driver_sql("SET LOCAL lock_timeout = '10ms'")
        connection.execute(sa.select(revision.head).with_for_update())


def test_what_is_a_defect_of_ours_stays_one(database: Database) -> None:
    _learn(database, "once")
    again = sa.insert(words).values(revision=1, word="once")
    with pytest.raises(sa.exc.IntegrityError), database.write() as connection:
        connection.execute(again)
    with pytest.raises(sa.exc.DBAPIError), database.read() as connection:
        connection.exec_driver_sql("SELECT * FROM nowhere")


def test_failures_are_counted_by_what_kept_the_database(tmp_path: Path) -> None:
    metrics = Metrics()
    url = f"sqlite:///{tmp_path / 'no' / 'words.db'}"
    with closing(Database(url, SCHEMA, metrics.storage(SCHEMA))) as database:
        for _ in range(2):
            with contextlib.suppress(StorageUnavailable):
                _learn(database, "lost")

    counted = {
        problem.name: metrics.registry.get_sample_value(
            "zonecarbon_storage_failures_total",
            {"service": SCHEMA, "problem": problem.name.lower()},
        )
        for problem in StorageProblem
    }
    assert counted == {"FULL": 0, "READ_ONLY": 0, "GONE": 2, "DAMAGED": 0}
