from __future__ import annotations

import contextlib

import pytest
import sqlalchemy as sa

from services.runtime import auth, outbox, replay, tables
from services.runtime.database import Database
from tests.runtime.words import known, learn, metadata, opened
from zonecarbon.accounting.v1 import accounting_service_pb2
from zonecarbon.registry.v1 import unit_pb2

INSERT_ONLY = ("changes", "replays", "revisions", "words")


@pytest.fixture
def filled(database: Database) -> Database:
    """A database with a row in each table that must not change."""
    request = accounting_service_pb2.ReportActivityRequest(request_id="r-1")
    caller = auth.Caller(name="principals/p", role=auth.Role.ENTERPRISE)
    with auth.acting(caller), database.write() as connection:
        taken = learn(connection, "kept")
        outbox.publish(connection, taken, [("words/kept", 1)])
        replay.keep(connection, request, unit_pb2.Unit(), taken)
    return database


def rows(database: Database, table: sa.Table) -> int:
    with database.read() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0


@pytest.mark.parametrize("name", INSERT_ONLY)
@pytest.mark.parametrize("verb", ["UPDATE", "DELETE"])
def test_the_database_itself_refuses_to_change_what_was_said(
    filled: Database, name: str, verb: str
) -> None:
    table = (metadata.tables | tables.metadata.tables)[name]
    column = next(iter(table.columns))
    change = sa.delete(table) if verb == "DELETE" else sa.update(table).values({column: column})

    refusal = pytest.raises(sa.exc.DBAPIError, match=f"{name} is insert-only")
    with refusal, filled.write() as connection:
        connection.execute(change)

    assert rows(filled, table) == 1


def test_postgresql_refuses_to_empty_a_table_too(postgresql_url: str) -> None:
    refusal = pytest.raises(sa.exc.DBAPIError, match="words is insert-only")
    with opened(postgresql_url) as database, refusal, database.write() as connection:
        connection.exec_driver_sql("TRUNCATE words")


def test_after_a_refused_change_the_next_write_goes_on(filled: Database) -> None:
    with contextlib.suppress(sa.exc.DBAPIError), filled.write() as connection:
        learn(connection, "lost")
        connection.exec_driver_sql("DELETE FROM words")

    with filled.write() as connection:
        learn(connection, "next")
    with filled.read() as connection:
        assert known(connection) == ["kept", "next"]
