"""A database and a service for the tests of the runtime, which knows no real service."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from services.runtime.database import Database
from tests.fixtures.postgresql import Server
from tests.runtime import toy, words
from tests.runtime.everything import EVERYTHING


@pytest.fixture(scope="session")
def shared_postgresql_url(postgresql_server: Server) -> Iterator[str]:
    """One database of PostgreSQL for all tests; each has a schema of its own in it."""
    with postgresql_server.database() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A fresh database with the runtime's tables, on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        url, schema = f"sqlite:///{tmp_path / 'words.db'}", "words"
    else:
        url = request.getfixturevalue("shared_postgresql_url")
        schema = f"words_{uuid.uuid4().hex}"
    with words.opened(url, schema) as opened:
        yield opened


@pytest.fixture
def running() -> Iterator[toy.Toy]:
    """A server on loopback whose one method does what the test says."""
    served = toy.start()
    yield served
    served.stop()


@pytest.fixture(scope="module")
def everywhere(
    tmp_path_factory: pytest.TempPathFactory, shared_postgresql_url: str
) -> Iterator[dict[str, Database]]:
    """A table of every kind of column, on SQLite and on PostgreSQL."""
    schema = f"rows_{uuid.uuid4().hex}"
    file = tmp_path_factory.mktemp("rows") / "rows.db"
    with (
        closing(Database(f"sqlite:///{file}", schema)) as sqlite,
        closing(Database(shared_postgresql_url, schema)) as postgresql,
    ):
        found = {"sqlite": sqlite, "postgresql": postgresql}
        for database in found.values():
            with database.migrating() as connection:
                EVERYTHING.create(connection)
        yield found
