from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from google.protobuf.message import Message

from services.registry import store
from services.runtime import revision
from services.runtime.database import Database
from tests import builders
from tests.fixtures.registry import ROOT, RunningRegistry, start
from tests.refusals import refused
from zonecarbon.registry.v1 import principal_pb2, registry_service_pb2
from zonecarbon.registry.v1 import principal_service_pb2 as pb

WHO = pb.GetCallerRequest()


def create(registry: RunningRegistry, **fields: Any) -> principal_pb2.Principal:
    return registry.administrator.principals.CreatePrincipal(builders.principal(**fields))


def new_key(registry: RunningRegistry, principal: str, key_id: str = "only") -> principal_pb2.Key:
    request = pb.CreateKeyRequest(parent=principal, key_id=key_id)
    return registry.administrator.principals.CreateKey(request)


def test_a_principal_is_created_once_and_known_by_its_key(registry: RunningRegistry) -> None:
    request = builders.principal(scopes=["zones/a", "zones/b"])
    created = registry.administrator.principals.CreatePrincipal(request)

    assert created.name == f"principals/{request.principal_id}"
    assert registry.administrator.principals.CreatePrincipal(request) == created
    key = new_key(registry, created.name)
    assert registry.client(key.secret).principals.GetCaller(WHO) == created


def test_a_principal_with_a_taken_id_and_other_content_is_refused(
    registry: RunningRegistry,
) -> None:
    request = builders.principal()
    registry.administrator.principals.CreatePrincipal(request)

    request.principal.scopes.append("zones/more")
    told = refused(registry.administrator.principals.CreatePrincipal, request)
    assert (told.reason, told.metadata) == (
        "ALREADY_EXISTS",
        {"name": f"principals/{request.principal_id}"},
    )


ADMINISTRATOR, DESK, ENTERPRISE, SERVICE, VERIFIER = (
    principal_pb2.ROLE_ADMINISTRATOR,
    principal_pb2.ROLE_DESK,
    principal_pb2.ROLE_ENTERPRISE,
    principal_pb2.ROLE_SERVICE,
    principal_pb2.ROLE_VERIFIER,
)


@pytest.mark.parametrize(
    ("fields", "reason", "field"),
    [
        ({"principal_id": "P 1"}, "NAME_INVALID", "principal_id"),
        ({"display_name": ""}, "FIELD_REQUIRED", "principal.display_name"),
        ({"role": 0}, "FIELD_INVALID", "principal.role"),
        ({"role": 9}, "FIELD_INVALID", "principal.role"),
        ({"role": DESK, "scopes": []}, "FIELD_INVALID", "principal.scopes"),
        ({"role": ENTERPRISE, "scopes": []}, "FIELD_INVALID", "principal.scopes"),
        ({"role": ADMINISTRATOR, "scopes": ["zones/z"]}, "FIELD_INVALID", "principal.scopes"),
        ({"role": SERVICE, "scopes": ["zones/z"]}, "FIELD_INVALID", "principal.scopes"),
        (
            {"role": DESK, "scopes": ["zones/z", "enterprises/e"]},
            "NAME_INVALID",
            "principal.scopes[1]",
        ),
        ({"role": ENTERPRISE, "scopes": ["zones/z"]}, "NAME_INVALID", "principal.scopes[0]"),
        ({"role": VERIFIER, "scopes": []}, "FIELD_INVALID", "principal.scopes"),
        ({"role": VERIFIER, "scopes": ["zones/z"]}, "NAME_INVALID", "principal.scopes[0]"),
        ({"scopes": ["zones/z", "zones/z"]}, "FIELD_INVALID", "principal.scopes"),
        ({"scopes": [f"zones/z{n}" for n in range(101)]}, "FIELD_INVALID", "principal.scopes"),
    ],
)
def test_a_principal_whose_scopes_are_not_those_of_its_role_is_refused(
    registry: RunningRegistry, fields: dict[str, Any], reason: str, field: str
) -> None:
    told = refused(registry.administrator.principals.CreatePrincipal, builders.principal(**fields))

    assert (told.code, told.reason, told.fields) == ("INVALID_ARGUMENT", reason, [field])


def test_a_secret_is_shown_once_and_only_its_digest_is_stored(registry: RunningRegistry) -> None:
    principal = create(registry)
    key = new_key(registry, principal.name)

    assert key.name == f"{principal.name}/keys/only"
    assert len(key.secret) > 40
    retired = registry.administrator.principals.RetireKey(pb.RetireKeyRequest(name=key.name))
    assert retired.secret == ""
    database = Database.of(registry.settings, "registry")
    with database.read() as connection:
        for table in store.metadata.sorted_tables:
            rows = connection.execute(sa.select(table)).all()
            assert key.secret not in repr(rows), table.name
    database.close()


def test_every_secret_is_another(registry: RunningRegistry) -> None:
    principal = create(registry).name

    secrets = {new_key(registry, principal, f"key-{number}").secret for number in range(5)}
    assert len(secrets) == 5


def test_a_retired_key_is_refused_at_once_and_for_ever(registry: RunningRegistry) -> None:
    principal = create(registry)
    old, new = new_key(registry, principal.name, "old"), new_key(registry, principal.name, "new")
    client = registry.client(old.secret)
    assert client.principals.GetCaller(WHO) == principal

    request = pb.RetireKeyRequest(name=old.name)
    retired = registry.administrator.principals.RetireKey(request)
    assert retired.retire_time.seconds >= retired.create_time.seconds
    assert refused(client.principals.GetCaller, WHO).reason == "UNAUTHENTICATED"
    assert registry.client(new.secret).principals.GetCaller(WHO) == principal
    assert registry.administrator.principals.RetireKey(request) == retired


def test_an_unknown_and_a_retired_key_look_alike(registry: RunningRegistry) -> None:
    key = new_key(registry, create(registry).name)
    registry.administrator.principals.RetireKey(pb.RetireKeyRequest(name=key.name))

    told = [
        refused(registry.client(secret).principals.GetCaller, WHO).status
        for secret in (key.secret, "zc-unknown", "")
    ]
    assert told == [told[0]] * 3


def test_a_key_that_cannot_be_made_is_refused(registry: RunningRegistry) -> None:
    principal = create(registry).name
    new_key(registry, principal)

    def told(parent: str, key_id: str) -> tuple[str, list[str]]:
        request = pb.CreateKeyRequest(parent=parent, key_id=key_id)
        found = refused(registry.administrator.principals.CreateKey, request)
        return found.reason, found.fields

    assert told("principal", "k") == ("NAME_INVALID", ["parent"])
    assert told(principal, "K") == ("NAME_INVALID", ["key_id"])
    assert told("principals/none", "k") == ("NOT_FOUND", [])
    assert told(principal, "only") == ("ALREADY_EXISTS", [])


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("keys/k", "NAME_INVALID"),
        ("principals/none/keys/k", "NOT_FOUND"),
        ("principals/first-administrator/keys/none", "NOT_FOUND"),
    ],
)
def test_a_key_that_is_not_there_cannot_be_retired(
    registry: RunningRegistry, name: str, reason: str
) -> None:
    told = refused(registry.administrator.principals.RetireKey, pb.RetireKeyRequest(name=name))

    assert told.reason == reason


@pytest.mark.parametrize(
    ("method", "request_"),
    [
        ("CreatePrincipal", builders.principal()),
        ("CreateKey", pb.CreateKeyRequest(parent="principals/p", key_id="k")),
        ("RetireKey", pb.RetireKeyRequest(name="principals/p/keys/k")),
    ],
)
@pytest.mark.parametrize(
    ("role", "scopes"),
    [
        ("DESK", ["zones/z"]),
        ("ENTERPRISE", ["enterprises/e"]),
        ("SERVICE", []),
        ("VERIFIER", ["enterprises/e"]),
    ],
)
def test_only_an_administrator_has_to_do_with_principals(
    registry: RunningRegistry, role: str, scopes: list[str], method: str, request_: Message
) -> None:
    client = registry.principal(role, *scopes)

    told = refused(getattr(client.principals, method), request_)
    assert (told.reason, told.metadata) == ("PERMISSION_DENIED", {"method": method, "role": role})


def test_the_first_administrator_is_created_once(tmp_path: Path) -> None:
    first = start(tmp_path)
    caller = first.administrator.principals.GetCaller(WHO)
    first.stop()

    second = start(tmp_path, key="zc-another-root")
    assert second.administrator.principals.GetCaller(WHO) == caller
    with_other = second.client("zc-another-root")
    assert refused(with_other.principals.GetCaller, WHO).reason == "UNAUTHENTICATED"
    second.stop()

    database = Database.of(second.settings, "registry")
    with database.read() as connection:
        assert revision.newest(connection) == 1
    database.close()


def test_without_a_bootstrap_key_nobody_can_call(tmp_path: Path) -> None:
    running = start(tmp_path, key="")

    for secret in ("", ROOT):
        stub = running.client(secret).registry
        told = refused(stub.ListZones, registry_service_pb2.ListZonesRequest())
        assert told.reason == "UNAUTHENTICATED"
    running.stop()
