"""Books that were kept before are brought along with what they hold."""

from __future__ import annotations

import shutil
from pathlib import Path

from services.accounting import store
from services.accounting.domain import rollup
from services.accounting.domain.activity import Kind
from services.runtime import revision
from services.runtime.database import Database
from tests.accounting.ledgers import YEAR, ledger, row
from tests.accounting.test_store import restate


def up_to(version: str, folder: Path) -> Path:
    """Migrations as they were before those that follow `version`."""
    (folder / "versions").mkdir(parents=True)
    for name in ("env.py", "script.py.mako"):
        shutil.copy(store.MIGRATIONS / name, folder / name)
    for file in (store.MIGRATIONS / "versions").glob("*_*.py"):
        if file.stem.partition("_")[0] <= version:
            shutil.copy(file, folder / "versions" / file.name)
    return folder


def test_books_without_months_get_those_that_their_lines_add_up_to(
    database_url: str, tmp_path: Path
) -> None:
    steel = ledger(
        "mill",
        "3120",
        row(what="100 MWh"),
        row(Kind.FUEL_COMBUSTION, "10 t", "2024-02", "bituminous-coal"),
    )
    database = Database(database_url, "accounting")
    database.migrate(up_to("0005", tmp_path))
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
            connection, {("mill", YEAR): ["zones/south"]}, revision.take(connection)
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
