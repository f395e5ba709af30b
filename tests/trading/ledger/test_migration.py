"""Books that an older release kept are posted to by a newer one, and there is a way back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from alembic import command
from alembic.config import Config

from services.runtime import migration
from services.runtime.database import Database
from services.trading import store
from tests.trading.ledger import world
from tests.trading.ledger.world import wanted

BEFORE = "0005"


@pytest.fixture
def old(database_url: str) -> Iterator[Database]:
    """A database as it was before posting by the statement."""
    with closing(Database(database_url, "trading")) as database:
        with database.migrating() as connection:
            migration.upgrade(connection, store.MIGRATIONS, BEFORE)
        world.fill(database, "chp", "mill")
        yield database


def test_books_of_before_are_posted_to_after_and_after_the_way_back(old: Database) -> None:
    story = (
        (wanted("a-1", "ALLOCATION 100 cea-2024"), wanted("p-1", "PENDING SALE 40 cea-2024")),
        (wanted("q-1", "POST_PENDING p-1 30"), wanted("r-1", "REVERSAL q-1")),
        (wanted("s-1", "SALE 20 cea-2024"), wanted("a-1", "ALLOCATION 5 cny", book="mill")),
    )

    world.post_all(old, *story[0])
    old.migrate(store.MIGRATIONS)
    world.post_all(old, *story[1])
    assert world.reasons(world.post(old, wanted("s-0", "SALE 101 cea-2024"))) == [
        "BALANCE_INSUFFICIENT"
    ]
    _back(old)
    world.post_all(old, *story[2][:1])
    old.migrate(store.MIGRATIONS)
    assert world.reasons(world.post(old, story[2][1])) == ["TRANSFER_KIND_UNFIT"]

    assert world.transfer_ids(old) == ["a-1", "p-1", "q-1", "r-1", "s-1"]
    assert world.balances(old)["cea-2024 HELD"] == (80, 0)
    assert world.findings(old) == []


def _back(database: Database) -> None:
    with database.migrating() as connection:
        config = Config()
        config.set_main_option("script_location", str(store.MIGRATIONS))
        config.attributes["connection"] = connection
        command.downgrade(config, BEFORE)
