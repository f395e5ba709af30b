"""How a service that is not the registry knows its callers: it asks the registry."""

from __future__ import annotations

from google.rpc import code_pb2, status_pb2

from services.kernel.errors import Unauthenticated
from services.runtime import auth, neighbour
from services.runtime.auth import Caller, Role
from services.runtime.status import Relayed
from zonecarbon.registry.v1 import principal_pb2, principal_service_pb2, principal_service_pb2_grpc


def registry_authenticator(
    principals: principal_service_pb2_grpc.PrincipalServiceStub,
) -> auth.Authenticator:
    """Return an authenticator that asks the registry, and remembers for 30 seconds."""

    def ask(secret: str) -> Caller:
        request = principal_service_pb2.GetCallerRequest()
        try:
            found = neighbour.ask("registry", principals.GetCaller, request, key=secret)
        except Relayed as refused:
            if status_pb2.Status.FromString(refused.status).code != code_pb2.UNAUTHENTICATED:
                raise
            raise Unauthenticated from refused
        return from_principal(found, secret)

    return auth.Remembering(ask)


def from_principal(principal: principal_pb2.Principal, secret: str) -> Caller:
    """Return the caller that `principal` is."""
    scopes = [scope.split("/") for scope in principal.scopes]
    return Caller(
        name=principal.name,
        role=Role(principal_pb2.Role.Name(principal.role).removeprefix("ROLE_")),
        zones=frozenset(id_ for kind, id_ in scopes if kind == "zones"),
        enterprises=frozenset(id_ for kind, id_ in scopes if kind == "enterprises"),
        key=secret,
        known_as=principal.person,
    )
