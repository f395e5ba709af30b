"""Puts the registry together; `python -m services registry` runs it alone."""

from __future__ import annotations

from services.registry import store
from services.registry.collector import Collector
from services.registry.servicer import (
    ACCESS,
    CustomFactors,
    Factors,
    Principals,
    Registry,
    Units,
    authenticator,
    bootstrap,
)
from services.runtime.config import Settings
from services.runtime.database import Database
from services.runtime.metrics import Metrics
from services.runtime.service import Service
from zonecarbon.registry.v1 import (
    custom_factor_service_pb2,
    custom_factor_service_pb2_grpc,
    factor_service_pb2,
    factor_service_pb2_grpc,
    principal_service_pb2,
    principal_service_pb2_grpc,
    registry_service_pb2,
    registry_service_pb2_grpc,
    unit_service_pb2,
    unit_service_pb2_grpc,
)


def build(settings: Settings, metrics: Metrics) -> Service:
    """Return the registry on its database, migrated; the first administrator created."""
    database = Database.of(settings, "registry", metrics.storage("registry"))
    database.migrate(store.MIGRATIONS)
    bootstrap(database, settings.bootstrap_key.get_secret_value())
    metrics.gauges(Collector(database))
    return Service(
        name="registry",
        register=[
            lambda server: registry_service_pb2_grpc.add_RegistryServiceServicer_to_server(
                Registry(database), server
            ),
            lambda server: factor_service_pb2_grpc.add_FactorServiceServicer_to_server(
                Factors(database), server
            ),
            lambda server: custom_factor_service_pb2_grpc.add_CustomFactorServiceServicer_to_server(
                CustomFactors(database), server
            ),
            lambda server: principal_service_pb2_grpc.add_PrincipalServiceServicer_to_server(
                Principals(database), server
            ),
            lambda server: unit_service_pb2_grpc.add_UnitServiceServicer_to_server(Units(), server),
        ],
        protos=[
            service.full_name
            for file in (
                registry_service_pb2,
                factor_service_pb2,
                custom_factor_service_pb2,
                principal_service_pb2,
                unit_service_pb2,
            )
            for service in file.DESCRIPTOR.services_by_name.values()
        ],
        access=ACCESS,
        authenticate=authenticator(database),
        close=database.close,
    )
