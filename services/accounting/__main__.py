"""Puts accounting together; `python -m services accounting` runs it alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from services.accounting import files, store
from services.accounting.collector import Collector
from services.accounting.jobs import ZoneFigures
from services.accounting.neighbours import Registry
from services.accounting.servicer import ACCESS, Accounting, Metering, Parks, Rules
from services.runtime import revision
from services.runtime.config import Settings
from services.runtime.database import Database
from services.runtime.identity import registry_authenticator
from services.runtime.metrics import Metrics
from services.runtime.repeat import Repeated
from services.runtime.server import Service
from zonecarbon.accounting.v1 import (
    accounting_service_pb2_grpc,
    metering_service_pb2_grpc,
    park_service_pb2_grpc,
)
from zonecarbon.client import channel
from zonecarbon.registry.v1 import principal_service_pb2_grpc


def build(settings: Settings, metrics: Metrics) -> Service:
    """Return accounting on its database, migrated, beside the registry of the settings."""
    database = Database.of(settings, "accounting")
    database.migrate(store.MIGRATIONS)
    to_registry = channel(settings.registry_address or settings.registry_listen)
    registry = Registry(to_registry)
    rules = Rules(methods=files.methods(), steam=files.steam_table())
    accounting = Accounting(database, registry, rules)
    metering = Metering(
        heat_rules=files.heat_rules(),
        steam_table=rules.steam,
        calibration_rules=files.calibration_rules(),
        equivalent_values=files.equivalent_values(),
    )
    parks = Parks(files.park_indicators())
    key = settings.service_key.get_secret_value()
    figures = ZoneFigures(
        newest=_newest(database),
        zones=lambda: registry.zones(key=key),
        compute=accounting.zone_inventory,
        methods=[each.method_id for each in rules.methods.values() if each.is_of_zones],
        key=key,
    )
    metrics.registry.register(Collector(database, figures.held))

    def close() -> None:
        to_registry.close()
        database.close()

    return Service(
        name="accounting",
        register=[
            lambda server: accounting_service_pb2_grpc.add_AccountingServiceServicer_to_server(
                accounting, server
            ),
            lambda server: metering_service_pb2_grpc.add_MeteringServiceServicer_to_server(
                metering, server
            ),
            lambda server: park_service_pb2_grpc.add_ParkServiceServicer_to_server(parks, server),
        ],
        protos=[
            "zonecarbon.accounting.v1.AccountingService",
            "zonecarbon.accounting.v1.MeteringService",
            "zonecarbon.accounting.v1.ParkService",
        ],
        access=ACCESS,
        authenticate=registry_authenticator(
            principal_service_pb2_grpc.PrincipalServiceStub(to_registry)
        ),
        close=close,
        # Without a key of its own it may ask the registry nothing unless somebody calls.
        jobs=[lambda: Repeated("zone-figures", figures.refresh, settings.follow_seconds)]
        if key
        else [],
    )


def _newest(database: Database) -> Callable[[], tuple[int, Sequence[int]]]:
    """Return what tells the newest revision and the years with reports."""

    def newest() -> tuple[int, Sequence[int]]:
        with database.read() as connection:
            return revision.newest(connection), store.inventories.years(connection)

    return newest
