"""A registry that was set up before is brought along with what it holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import sqlalchemy as sa

from services.kernel.quantity import Quantity
from services.registry import store
from services.registry.domain.custom_factor import Standing, State
from services.registry.domain.label import Label
from services.registry.domain.zone import Zone
from services.runtime import migration, revision
from services.runtime.database import Database

OF_0002: Mapping[str, Any] = {
    "enterprise": "chp",
    "custom_factor": "coal",
    "version": 1,
    "role": "CARBON_CONTENT",
    "subject": "bituminous-coal",
    "value": "0.600",
    "unit_code": "tC/t",
    "start_date": date(2024, 1, 1),
    "end_date": date(2024, 2, 1),
    "origin": "MEASURED",
    "evidence": "report LAB-2024-017",
    "basis": "AS_RECEIVED",
    "state": "ACTIVE",
    "proposer": "principals/lab",
    "decider": "principals/desk",
    "reason": "",
}
"""A custom factor as a registry of migration 0002 holds it."""


def test_a_registry_without_custom_factors_gets_them_and_keeps_what_it_had(
    database_url: str,
) -> None:
    zone = Zone(zone="z", display_name="Zone", region_code="CN-JS", label=Label.SYNTHETIC)

    database = Database(database_url, "registry")
    with database.migrating() as connection:
        migration.upgrade(connection, store.MIGRATIONS, "0001")
    with database.write() as connection:
        taken = revision.take(connection)
        store.zones.add(connection, zone, taken)
        assert not sa.inspect(connection).has_table("custom_factors")
    database.migrate(store.MIGRATIONS)

    with database.read() as connection:
        assert store.zones.get(connection, "z", None) == (zone, taken)
        assert store.custom_factors.page(connection, "chp", after="", size=1) == []
    database.close()


def test_custom_factors_of_before_have_no_range_and_later_ones_may(database_url: str) -> None:
    lower, upper = (Quantity.parse(text, "tC/t") for text in ("0.580", "0.63"))
    standing = Standing(state=State.ACTIVE, proposer="principals/lab", decider="principals/desk")

    database = Database(database_url, "registry")
    with database.migrating() as connection:
        migration.upgrade(connection, store.MIGRATIONS, "0002")
    with database.write() as connection:
        taken = revision.take(connection)
        connection.execute(
            sa.insert(store.custom_factors.custom_factors).values(
                **OF_0002, create_time=taken.commit_time, revision=taken.number
            )
        )
    database.migrate(store.MIGRATIONS)

    with database.write() as connection:
        (kept,) = store.custom_factors.page(connection, "chp", after="", size=1)
        assert (kept.factor.quantity.text, kept.revision) == ("0.600", taken.number)
        assert (kept.factor.lower, kept.factor.upper) == (None, None)
        bounded = replace(kept.factor, lower=lower, upper=upper)
        later = store.custom_factors.add(
            connection, bounded, standing, revision.take(connection), kept
        )
    with database.read() as connection:
        assert store.custom_factors.find(connection, "chp", "coal") == later
        assert store.custom_factors.find(connection, "chp", "coal", 1) == kept
    database.close()
