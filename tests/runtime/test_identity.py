from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import grpc
import pytest

from services.kernel.errors import NeighbourUnavailable, Unauthenticated
from services.runtime import auth, identity
from services.runtime.auth import Role
from services.runtime.metrics import Metrics
from services.runtime.server import Server
from services.runtime.service import Service
from services.runtime.status import Relayed
from tests.runtime import toy
from zonecarbon.client import channel
from zonecarbon.registry.v1 import principal_pb2, principal_service_pb2, principal_service_pb2_grpc

NAME = "zonecarbon.registry.v1.PrincipalService"


@dataclass(slots=True, kw_only=True)
class Callers(principal_service_pb2_grpc.PrincipalServiceServicer):
    """A registry that knows its callers and nothing else."""

    asked: list[str] = field(default_factory=list)
    defect: bool = False
    server: Server = field(init=False)

    def GetCaller(
        self, request: principal_service_pb2.GetCallerRequest, context: grpc.ServicerContext
    ) -> principal_pb2.Principal:
        """Tell who calls."""
        self.asked.append(auth.caller().key)
        if self.defect:
            raise RuntimeError
        return principal_pb2.Principal(
            name=auth.caller().name,
            role=principal_pb2.ROLE_ENTERPRISE,
            scopes=["enterprises/works", "enterprises/plant"],
        )

    def CreatePrincipal(
        self, request: principal_service_pb2.CreatePrincipalRequest, context: grpc.ServicerContext
    ) -> principal_pb2.Principal:
        """Refuse."""
        raise NotImplementedError

    def CreateKey(
        self, request: principal_service_pb2.CreateKeyRequest, context: grpc.ServicerContext
    ) -> principal_pb2.Key:
        """Refuse."""
        raise NotImplementedError

    def RetireKey(
        self, request: principal_service_pb2.RetireKeyRequest, context: grpc.ServicerContext
    ) -> principal_pb2.Key:
        """Refuse."""
        raise NotImplementedError


@pytest.fixture
def registry() -> Iterator[Callers]:
    callers = Callers()
    service = Service(
        name="registry",
        register=[
            lambda server: principal_service_pb2_grpc.add_PrincipalServiceServicer_to_server(
                callers, server
            )
        ],
        protos=[NAME],
        access={f"/{NAME}/GetCaller": auth.ANYONE},
        authenticate=toy.authenticate,
        close=lambda: None,
    )
    callers.server = Server(service, "127.0.0.1:0", Metrics(), threads=2)
    callers.server.start()
    yield callers
    callers.server.stop(0)


@pytest.fixture
def authenticate(registry: Callers) -> Iterator[auth.Authenticator]:
    with channel(registry.server.address) as connected:
        stub = principal_service_pb2_grpc.PrincipalServiceStub(connected)
        yield identity.registry_authenticator(stub)


def test_the_registry_tells_who_calls(authenticate: auth.Authenticator) -> None:
    caller = authenticate(toy.KEY)

    assert caller.name == "principals/tester"
    assert caller.role is Role.ENTERPRISE
    assert caller.enterprises == {"works", "plant"}
    assert caller.zones == frozenset()
    assert caller.key == toy.KEY


def test_the_registry_is_asked_once_for_a_key(
    registry: Callers, authenticate: auth.Authenticator
) -> None:
    for _ in range(3):
        authenticate(toy.KEY)

    assert registry.asked == [toy.KEY]


def test_a_key_that_the_registry_refuses_is_nobodys(authenticate: auth.Authenticator) -> None:
    with pytest.raises(Unauthenticated):
        authenticate("unknown")


def test_a_defect_of_the_registry_does_not_make_a_good_key_bad(
    registry: Callers, authenticate: auth.Authenticator
) -> None:
    registry.defect = True

    with pytest.raises(Relayed):
        authenticate(toy.KEY)


def test_without_the_registry_nobody_is_known_and_nobody_is_refused_for_good(
    registry: Callers, authenticate: auth.Authenticator
) -> None:
    authenticate(toy.KEY)
    registry.server.stop(0)

    assert authenticate(toy.KEY).name == "principals/tester"
    with pytest.raises(NeighbourUnavailable):
        authenticate("another")


@pytest.mark.parametrize(
    ("role", "scopes", "zones", "enterprises"),
    [
        (principal_pb2.ROLE_DESK, ["zones/a", "zones/b"], {"a", "b"}, set()),
        (principal_pb2.ROLE_ADMINISTRATOR, [], set(), set()),
        (principal_pb2.ROLE_SERVICE, [], set(), set()),
        (principal_pb2.ROLE_VERIFIER, ["enterprises/a"], set(), {"a"}),
    ],
)
def test_a_principal_becomes_a_caller(
    role: principal_pb2.Role.ValueType, scopes: list[str], zones: set[str], enterprises: set[str]
) -> None:
    message = principal_pb2.Principal(name="principals/p", role=role, scopes=scopes)

    caller = identity.from_principal(message, "zc-secret")
    assert caller.zones == zones
    assert caller.enterprises == enterprises
    assert f"ROLE_{caller.role.value}" == principal_pb2.Role.Name(role)
