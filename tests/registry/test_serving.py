"""The registry as a whole: what it tells of itself, and that it forgets nothing."""

from __future__ import annotations

import uuid
from typing import Any

import grpc
import pytest
import sqlalchemy as sa
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from services.registry import store
from services.runtime import tables
from services.runtime.database import Database
from tests import builders
from tests.fixtures.registry import RunningRegistry
from zonecarbon.registry.v1 import factor_service_pb2, principal_service_pb2
from zonecarbon.registry.v1 import registry_service_pb2 as pb

SERVICES = [
    f"zonecarbon.registry.v1.{name}"
    for name in (
        "CustomFactorService",
        "FactorService",
        "PrincipalService",
        "RegistryService",
        "UnitService",
    )
]
# What moves on, or is of no use to the registry.
NOT_FACTS = {"revision_head", "cursors", "changes", "replays"}


@pytest.fixture
def filled(registry: RunningRegistry) -> RunningRegistry:
    """The registry with at least one row in each table of facts."""
    admin, zone = registry.administrator, registry.zone()
    works = registry.enterprise(zone)
    site = admin.registry.CreateFacility(builders.facility(works)).name
    admin.registry.CreateMeter(builders.meter(works, site))
    admin.registry.CreateCounterparty(builders.counterparty(works))
    admin.custom_factors.CreateCustomFactor(builders.custom_factor(works))
    parent = f"factorSets/{builders.fresh('set')}"
    admin.factors.ImportFactors(
        factor_service_pb2.ImportFactorsRequest(
            factors=[builders.factor(f"{parent}/factors/f")],
            rules=[builders.rule(builders.fresh("method"), parent)],
            regions=[builders.region("CN-JS", "CN-region-east")],
        )
    )
    principal = admin.principals.CreatePrincipal(builders.principal()).name
    key = principal_service_pb2.CreateKeyRequest(parent=principal, key_id="k")
    name = admin.principals.CreateKey(key).name
    admin.principals.RetireKey(principal_service_pb2.RetireKeyRequest(name=name))
    return registry


@pytest.mark.parametrize("verb", ["UPDATE", "DELETE"])
def test_the_database_refuses_to_change_any_fact(filled: RunningRegistry, verb: str) -> None:
    database = Database.of(filled.settings, "registry")
    for table in (*store.metadata.sorted_tables, *tables.metadata.sorted_tables):
        if table.name in NOT_FACTS:
            continue
        with database.read() as connection:
            before = connection.execute(sa.select(table)).all()
        assert before, table.name
        column = next(iter(table.columns))
        change = sa.delete(table) if verb == "DELETE" else sa.update(table).values({column: column})
        refusal = pytest.raises(sa.exc.DBAPIError, match=f"{table.name} is insert-only")
        with refusal, database.write() as connection:
            connection.execute(change)
        with database.read() as connection:
            assert connection.execute(sa.select(table)).all() == before
    database.close()


@pytest.mark.parametrize("service", ["", *SERVICES])
def test_health_answers_for_every_service(registry: RunningRegistry, service: str) -> None:
    with grpc.insecure_channel(registry.server.address) as channel:
        stub: Any = health_pb2_grpc.HealthStub(channel)
        answer = stub.Check(health_pb2.HealthCheckRequest(service=service), timeout=5)

    assert answer.status == health_pb2.HealthCheckResponse.SERVING


def test_reflection_describes_every_service(registry: RunningRegistry) -> None:
    request = reflection_pb2.ServerReflectionRequest
    asked = [request(list_services=""), *(request(file_containing_symbol=s) for s in SERVICES)]
    with grpc.insecure_channel(registry.server.address) as channel:
        stub: Any = reflection_pb2_grpc.ServerReflectionStub(channel)
        listed, *files = stub.ServerReflectionInfo(iter(asked), timeout=5)

    names = {service.name for service in listed.list_services_response.service}
    assert names >= set(SERVICES)
    assert all(file.file_descriptor_response.file_descriptor_proto for file in files)


def test_the_gauges_follow_the_store(filled: RunningRegistry) -> None:
    def revision() -> float:
        return filled.metrics.registry.get_sample_value("zonecarbon_registry_revision") or 0

    before = revision()
    filled.zone()
    assert revision() == before + 1
    sets = [
        sample
        for family in filled.metrics.registry.collect()
        for sample in family.samples
        if sample.name == "zonecarbon_factors"
    ]
    assert sum(sample.value for sample in sets) >= 1
    assert {sample.labels["status"] for sample in sets} <= {
        "official",
        "draft",
        "secondary",
        "unverified",
    }


def test_revisions_grow_with_every_write_and_only_with_writes(registry: RunningRegistry) -> None:
    stub = registry.administrator.registry
    request = builders.zone()
    first = stub.CreateZone(request)
    assert stub.CreateZone(request).revision == first.revision
    stub.ListZones(pb.ListZonesRequest())

    assert stub.CreateZone(builders.zone()).revision == first.revision + 1


def test_no_text_of_the_database_leaves_the_service(registry: RunningRegistry) -> None:
    stub = registry.administrator.registry
    for text in ("'; DROP TABLE zones; --", "\u202e", "%s", "😀" * 50, str(uuid.uuid4())):
        request = builders.zone(display_name=text)
        assert stub.CreateZone(request).display_name == text
