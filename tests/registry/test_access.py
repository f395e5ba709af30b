"""The table of who may call what is complete: every RPC stands in it, and nothing else does."""

from __future__ import annotations

import importlib
import pkgutil

import pytest
from google.protobuf.descriptor import ServiceDescriptor

from services.accounting.servicer import ACCESS as ACCOUNTING
from services.registry.servicer import ACCESS as REGISTRY
from services.runtime import auth
from services.trading.servicer import ACCESS as TRADING

READING = (
    *("Get", "List", "Resolve", "Convert", "Compute", "Explain", "Evaluate"),
    *("Reconcile", "Correct", "Estimate", "Assess", "Check", "Compare", "Export", "Download"),
    *("Repeat", "Rank", "Analyze", "Decompose", "Track", "Forecast", "Simulate", "Verify", "Plan"),
)
SERVICES = [
    pytest.param(REGISTRY, "registry", id="registry"),
    pytest.param(ACCOUNTING, "accounting", id="accounting"),
    pytest.param(TRADING, "trading", id="trading"),
]


def services(package: str) -> list[ServiceDescriptor]:
    """The protobuf services that the files of a package declare."""
    whole = importlib.import_module(f"zonecarbon.{package}.v1")
    files = [
        importlib.import_module(f"{whole.__name__}.{each.name}")
        for each in pkgutil.iter_modules(whole.__path__)
        if each.name.endswith("_service_pb2")
    ]
    return [each for file in files for each in file.DESCRIPTOR.services_by_name.values()]


@pytest.mark.parametrize(("access", "package"), SERVICES)
def test_every_method_says_who_may_call_it_and_nothing_else_does(
    access: auth.Access, package: str
) -> None:
    methods = {
        f"/{service.full_name}/{method.name}"
        for service in services(package)
        for method in service.methods
    }

    assert access.keys() == methods
    assert all(access.values())


def writing(access: auth.Access, role: auth.Role) -> list[str]:
    """What a role may call that does more than read."""
    called = [method.rpartition("/")[2] for method, roles in access.items() if role in roles]
    assert called
    return [name for name in called if not name.startswith(READING)]


@pytest.mark.parametrize(("access", "_package"), SERVICES)
def test_a_service_that_follows_another_may_read_but_not_write(
    access: auth.Access, _package: str
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
