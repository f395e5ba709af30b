"""Fixtures of the tests of the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from services.runtime.database import Database
from services.trading import store
from tests.trading.ledger import world


@pytest.fixture
def books(database_url: str) -> Iterator[Database]:
    """A database with the books of a plant and a mill, on SQLite and on PostgreSQL."""
    with closing(Database(database_url, "trading", kept=store.KEPT)) as database:
        database.migrate(store.MIGRATIONS)
        world.fill(database, "chp", "mill")
        yield database
