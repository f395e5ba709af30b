"""The gauges of trading, as they are scraped."""

from __future__ import annotations

from prometheus_client import CollectorRegistry

from services.runtime import revision
from services.runtime.database import Database
from services.trading import store
from services.trading.collector import Collector
from services.trading.domain.market import Sector
from services.trading.domain.obligation import estimate
from tests.trading import builders


def fill(database: Database) -> None:
    """A plant that lacks 9,510 t, and a steel works whose process emissions are missing."""
    plant, works = builders.account(), builders.account("steel", sector=Sector.STEEL)
    inventories = {
        plant: builders.inventory(90_000_000_000),
        works: builders.inventory(5_000_000, enterprise="steel", missing="process emissions"),
    }
    with database.write() as connection:
        taken = revision.take(connection)
        for account, inventory in inventories.items():
            store.accounts.add(connection, account, taken)
            store.obligations.add(connection, estimate(account, inventory), None, taken)
        unit = builders.production(heat="0 GJ")
        store.allocations.add(connection, builders.allocation(unit), None, taken)
        store.obligations.follow_from(connection, 42)


def test_the_gauges_are_sums_by_sector_and_year(database: Database) -> None:
    fill(database)
    registry = CollectorRegistry()
    registry.register(Collector(database, builders.rules()))

    def value(name: str, sector: str = "") -> float | None:
        labels = {"sector": sector, "year": "2024"} if sector else {}
        return registry.get_sample_value(f"zonecarbon_{name}", labels)

    assert value("allocated_tonnes", "POWER") == 80_490
    assert value("obligation_tonnes", "POWER") == 90_000
    assert value("position_gap_tonnes", "POWER") == -9_510
    assert value("positions_incomplete", "POWER") == 0
    assert value("positions_incomplete", "STEEL") == 1
    for name in ("allocated_tonnes", "obligation_tonnes", "position_gap_tonnes"):
        assert value(name, "STEEL") is None, "what nobody knows is not 0"
    assert value("followed_revision") == 42


def test_an_empty_market_has_no_sums(database: Database) -> None:
    samples = [
        sample
        for metric in Collector(database, builders.rules()).collect()
        for sample in metric.samples
    ]

    assert [(sample.name, sample.value) for sample in samples] == [
        ("zonecarbon_followed_revision", 0),
        ("zonecarbon_ledger_reservations_overdue", 0),
        ("zonecarbon_desk_instructions_waiting", 0),
        ("zonecarbon_desk_instructions_waiting", 0),
        ("zonecarbon_desk_instructions_waiting", 0),
        ("zonecarbon_desk_instructions_overdue", 0),
        ("zonecarbon_desk_instructions_failed", 0),
    ]
