"""The table of who may call what is complete: every RPC stands in it, and nothing else does."""

from __future__ import annotations

from types import ModuleType

import pytest
from google.protobuf import descriptor_pb2
from google.protobuf.descriptor import ServiceDescriptor

from services.accounting.servicer import ACCESS as ACCOUNTING
from services.registry.servicer import ACCESS as REGISTRY
from services.runtime import auth
from services.trading.servicer import ACCESS as TRADING
from zonecarbon.accounting.v1 import (
    accounting_service_pb2,
    base_year_service_pb2,
    metering_service_pb2,
    park_service_pb2,
    period_service_pb2,
    quality_service_pb2,
    rollup_service_pb2,
    verification_service_pb2,
)
from zonecarbon.registry.v1 import (
    custom_factor_service_pb2,
    factor_service_pb2,
    principal_service_pb2,
    registry_service_pb2,
    unit_service_pb2,
)
from zonecarbon.trading.v1 import trading_service_pb2

READING = (
    *("Get", "List", "Resolve", "Convert", "Compute", "Explain", "Evaluate"),
    *("Reconcile", "Correct", "Estimate", "Assess", "Check", "Compare", "Export"),
)
SERVICES = [
    pytest.param(
        REGISTRY,
        [
            custom_factor_service_pb2,
            factor_service_pb2,
            principal_service_pb2,
            registry_service_pb2,
            unit_service_pb2,
        ],
        id="registry",
    ),
    pytest.param(
        ACCOUNTING,
        [
            accounting_service_pb2,
            base_year_service_pb2,
            metering_service_pb2,
            park_service_pb2,
            period_service_pb2,
            quality_service_pb2,
            rollup_service_pb2,
            verification_service_pb2,
        ],
        id="accounting",
    ),
    pytest.param(TRADING, [trading_service_pb2], id="trading"),
]


def services(files: list[ModuleType]) -> list[ServiceDescriptor]:
    """The protobuf services that the files declare."""
    return [each for file in files for each in file.DESCRIPTOR.services_by_name.values()]


@pytest.mark.parametrize(("access", "files"), SERVICES)
def test_every_method_says_who_may_call_it_and_nothing_else_does(
    access: auth.Access, files: list[ModuleType]
) -> None:
    methods = {
        f"/{service.full_name}/{method.name}"
        for service in services(files)
        for method in service.methods
    }

    assert access.keys() == methods
    assert all(access.values())


@pytest.mark.parametrize(("_access", "files"), SERVICES)
def test_every_method_is_unary_since_the_edge_guards_no_other(
    _access: auth.Access, files: list[ModuleType]
) -> None:
    proto = descriptor_pb2.ServiceDescriptorProto()
    for service in services(files):
        service.CopyToProto(proto)
        assert not [m.name for m in proto.method if m.client_streaming or m.server_streaming]


def writing(access: auth.Access, role: auth.Role) -> list[str]:
    """What a role may call that does more than read."""
    called = [method.rpartition("/")[2] for method, roles in access.items() if role in roles]
    assert called
    return [name for name in called if not name.startswith(READING)]


@pytest.mark.parametrize(("access", "_files"), SERVICES)
def test_a_service_that_follows_another_may_read_but_not_write(
    access: auth.Access, _files: list[ModuleType]
) -> None:
    assert writing(access, auth.Role.SERVICE) == []


@pytest.mark.parametrize("access", [REGISTRY, TRADING], ids=["registry", "trading"])
def test_a_verifier_changes_nothing_that_it_verifies(access: auth.Access) -> None:
    assert writing(access, auth.Role.VERIFIER) == []
    assert auth.Role.VERIFIER not in auth.REPORTERS


def test_a_verifier_of_years_writes_its_verifications_alone() -> None:
    own = "/zonecarbon.accounting.v1.VerificationService/"
    others = {method: roles for method, roles in ACCOUNTING.items() if not method.startswith(own)}

    assert writing(others, auth.Role.VERIFIER) == []
    assert len(writing(ACCOUNTING, auth.Role.VERIFIER)) == 4
