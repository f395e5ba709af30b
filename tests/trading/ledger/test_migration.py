"""Books that an older release kept are posted to by a newer one, and there is a way back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from services.runtime import migration
from services.runtime.database import Database
from services.trading import store
from services.trading.domain.ledger import posting as domain
from services.trading.domain.ledger.chain import Head
from services.trading.domain.ledger.chart import InstrumentKind
from services.trading.domain.ledger.posting import Books
from services.trading.store.ledger.tables import transfers
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


def posted_then(database: Database) -> None:
    """Post an allocation as the code of then did: its row says what comes of it."""
    books = Books(heads={"chp": Head()}, instruments={"cea-2024": InstrumentKind.ALLOWANCE})
    (row,) = domain.post(
        books,
        [wanted("a-1", "ALLOCATION 100 cea-2024")],
        principal=world.PRINCIPAL,
        link="",
        now=world.now(),
    )
    sides = {"phase": row.phase.value, "debit": row.debit.value, "credit": row.credit.value}
    with database.append() as connection:
        values = {**row._asdict(), **sides, "kind": row.kind.name}
        connection.execute(sa.insert(transfers).values(values))


def test_books_of_before_are_posted_to_after_and_stay_whole_on_the_way_back(old: Database) -> None:
    posted_then(old)
    old.migrate(store.MIGRATIONS)
    world.post_all(old, wanted("p-1", "PENDING SALE 40 cea-2024"))
    world.post_all(old, wanted("q-1", "POST_PENDING p-1 30"), wanted("r-1", "REVERSAL q-1"))
    _back(old)
    assert world.findings(old) == []
    with pytest.raises(sa.exc.DBAPIError, match=r"ledger|UNIQUE|unique"):
        posted_then(old)
    old.migrate(store.MIGRATIONS)
    world.post_all(old, wanted("s-1", "SALE 20 cea-2024"))

    assert world.transfer_ids(old) == ["a-1", "p-1", "q-1", "r-1", "s-1"]
    assert world.balances(old)["cea-2024 HELD"] == (80, 0)
    assert world.findings(old) == []


def _back(database: Database) -> None:
    with database.migrating() as connection:
        config = Config()
        config.set_main_option("script_location", str(store.MIGRATIONS))
        config.attributes["connection"] = connection
        command.downgrade(config, BEFORE)
