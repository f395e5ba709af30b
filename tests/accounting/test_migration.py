"""Books that were kept before are brought along with what they hold."""

from __future__ import annotations

from services.accounting import store
from services.accounting.domain import rollup
from services.accounting.domain.activity import Kind
from services.accounting.domain.enterprise import WHOLE_YEAR
from services.runtime import migration, revision
from services.runtime.database import Database
from tests.accounting.ledgers import YEAR, ledger, row
from tests.accounting.test_store import restate


def test_books_without_months_get_those_that_their_lines_add_up_to(database_url: str) -> None:
    steel = ledger(
        "mill",
        "3120",
        row(what="100 MWh"),
        row(Kind.FUEL_COMBUSTION, "10 t", "2024-02", "bituminous-coal"),
    )
    database = Database(database_url, "accounting")
    with database.migrating() as connection:
        migration.upgrade(connection, store.MIGRATIONS, "0005")
    with database.write() as connection:
        taken = revision.take(connection)
        lines = [*steel.lines.values()]
        store.sources.keep(connection, "mill", [each.source for each in lines], taken)
        store.lines.add(connection, lines, taken)
    restate(database, ledger("mill", "1713", row(what="100 MWh")))

    database.migrate(store.MIGRATIONS)

    with database.write() as connection:
        kept = store.rollups.of_owner(connection, "enterprises/mill")
        waiting = store.rollups.unplaced(connection)
        store.rollups.place(
            connection, {("mill", YEAR): {"zones/south": WHOLE_YEAR}}, revision.take(connection)
        )
        of_zone = store.rollups.of_owner(connection, "zones/south")
        current = {
            method_id: store.lines.current(connection, ["mill"], YEAR, method_id)
            for _, method_id in steel.inventories
        }
    database.close()
    assert kept == {
        f"{YEAR}" if method_id == "gbt32150" else f"{YEAR}-{method_id}": rollup.of_lines(of_method)
        for method_id, of_method in current.items()
    }
    assert current["gbt32150"][0].version == 2
    assert waiting == [("mill", YEAR)]
    assert of_zone == kept
