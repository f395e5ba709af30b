"""A registry that was set up before is brought along with what it holds."""

from __future__ import annotations

import shutil
from pathlib import Path

import sqlalchemy as sa

from services.registry import store
from services.registry.domain.label import Label
from services.registry.domain.zone import Zone
from services.runtime import revision
from services.runtime.database import Database


def test_a_registry_without_custom_factors_gets_them_and_keeps_what_it_had(
    database_url: str, tmp_path: Path
) -> None:
    first = tmp_path / "first"
    (first / "versions").mkdir(parents=True)
    for file in ("env.py", "script.py.mako", "versions/0001_tables.py"):
        shutil.copy(store.MIGRATIONS / file, first / file)
    zone = Zone(zone="z", display_name="Zone", region_code="CN-JS", label=Label.SYNTHETIC)

    database = Database(database_url, "registry")
    database.migrate(first)
    with database.write() as connection:
        taken = revision.take(connection)
        store.zones.add(connection, zone, taken)
        assert not sa.inspect(connection).has_table("custom_factors")
    database.migrate(store.MIGRATIONS)

    with database.read() as connection:
        assert store.zones.get(connection, "z", None) == (zone, taken)
        assert store.custom_factors.page(connection, "chp", after="", size=1) == []
    database.close()
