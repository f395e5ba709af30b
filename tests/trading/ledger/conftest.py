"""Fixtures of the tests of the ledger."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from services.runtime.database import Database
from services.trading import store
from tests.fixtures.postgresql import Server
from tests.trading.ledger import world


def fill(url: str) -> None:
    """Make the books of a plant and a mill."""
    with closing(Database(url, "trading")) as database:
        database.migrate(store.MIGRATIONS)
        world.fill(database, "chp", "mill")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the books, to be copied."""
    path = tmp_path_factory.mktemp("ledger") / "books.db"
    fill(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: Server) -> Iterator[str]:
    """The name of a database with the books, to be copied."""
    with postgresql_server.database() as url:
        fill(url)
        yield url.rpartition("/")[2]


@pytest.fixture(params=["sqlite", "postgresql"])
def books(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database with the books of a plant and a mill, on SQLite and on PostgreSQL."""
    with (
        _copied(request, tmp_path) as url,
        closing(Database(url, "trading", kept=store.KEPT)) as database,
    ):
        yield database


@contextmanager
def _copied(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    template = request.getfixturevalue(f"{request.param}_template")
    if request.param == "sqlite":
        path = shutil.copy(template, tmp_path / "books.db")
        yield f"sqlite:///{path}"
        return
    server: Server = request.getfixturevalue("postgresql_server")
    with server.database(template) as url:
        yield url
