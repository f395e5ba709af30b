"""PrincipalService: who may call, and by which keys."""

from __future__ import annotations

import secrets
from datetime import datetime

import grpc
import sqlalchemy as sa

from services.kernel import names
from services.kernel.errors import AlreadyExists, NotFound, Unauthenticated
from services.registry import store
from services.registry.domain import principal as domain
from services.registry.domain.principal import Key, Principal, Role
from services.registry.wire import principal as wire
from services.runtime import auth, identity, revision
from services.runtime.database import Database
from zonecarbon.registry.v1 import principal_pb2, principal_service_pb2, principal_service_pb2_grpc

_FIRST = Principal(
    principal="first-administrator",
    display_name="First administrator",
    role=Role.ADMINISTRATOR,
    scopes=(),
)


class Principals(principal_service_pb2_grpc.PrincipalServiceServicer):
    def __init__(self, database: Database) -> None:
        self._database = database

    def GetCaller(
        self, request: principal_service_pb2.GetCallerRequest, context: grpc.ServicerContext
    ) -> principal_pb2.Principal:
        with self._database.read() as connection:
            return wire.from_principal(*_of_secret(connection, auth.caller().key))

    def CreatePrincipal(
        self, request: principal_service_pb2.CreatePrincipalRequest, context: grpc.ServicerContext
    ) -> principal_pb2.Principal:
        wanted = domain.checked(wire.to_principal(request))
        with self._database.write() as connection:
            found = store.principals.find(connection, wanted.principal)
            if found is None:
                taken = revision.take(connection)
                store.principals.add(connection, wanted, taken)
                return wire.from_principal(wanted, taken.commit_time)
            if found[0] != wanted:
                raise AlreadyExists(name=names.PRINCIPAL.format(principal=wanted.principal))
            return wire.from_principal(*found)

    def CreateKey(
        self, request: principal_service_pb2.CreateKeyRequest, context: grpc.ServicerContext
    ) -> principal_pb2.Key:
        principal = names.PRINCIPAL.parse(request.parent, "parent")["principal"]
        name = names.KEY.format(principal=principal, key=request.key_id)
        secret = f"zc-{secrets.token_urlsafe(32)}"
        with self._database.write() as connection:
            if store.principals.find(connection, principal) is None:
                raise NotFound(name=request.parent)
            # A repetition could not be answered: the secret is known to its maker alone.
            if store.principals.find_key(connection, principal, request.key_id) is not None:
                raise AlreadyExists(name=name)
            taken = revision.take(connection)
            key = Key(
                principal=principal,
                key=request.key_id,
                digest=domain.digest(secret),
                create_time=taken.commit_time,
            )
            store.principals.add_key(connection, key, taken)
        return wire.from_key(key, secret)

    def RetireKey(
        self, request: principal_service_pb2.RetireKeyRequest, context: grpc.ServicerContext
    ) -> principal_pb2.Key:
        ids = names.KEY.parse(request.name)
        with self._database.write() as connection:
            key = store.principals.find_key(connection, ids["principal"], ids["key"])
            if key is None:
                raise NotFound(name=request.name)
            if key.retire_time is None:
                store.principals.retire(connection, key, revision.take(connection))
            retired = store.principals.find_key(connection, ids["principal"], ids["key"])
        assert retired is not None, "it was there a moment ago"
        return wire.from_key(retired)


def authenticator(database: Database) -> auth.Authenticator:
    """Return the registry's own authenticator: it looks into its tables, at each call."""

    def look(secret: str) -> auth.Caller:
        with database.read() as connection:
            found = wire.from_principal(*_of_secret(connection, secret))
        return identity.from_principal(found, secret)

    return look


def bootstrap(database: Database, secret: str) -> None:
    """Create the first administrator with `secret`, where no principal exists yet."""
    with database.write() as connection:
        if secret and not store.principals.any_exists(connection):
            taken = revision.take(connection)
            store.principals.add(connection, _FIRST, taken)
            key = Key(
                principal=_FIRST.principal,
                key="bootstrap",
                digest=domain.digest(secret),
                create_time=taken.commit_time,
            )
            store.principals.add_key(connection, key, taken)


def _of_secret(connection: sa.Connection, secret: str) -> tuple[Principal, datetime]:
    found = store.principals.of_digest(connection, domain.digest(secret))
    if found is None:
        raise Unauthenticated
    return found
