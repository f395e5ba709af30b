"""Principals and keys ⇄ their messages."""

from __future__ import annotations

from datetime import datetime

from services.kernel import names
from services.registry.domain.principal import Key, Principal, Role
from services.runtime import wire
from zonecarbon.registry.v1 import principal_pb2, principal_service_pb2


def to_principal(request: principal_service_pb2.CreatePrincipalRequest) -> Principal:
    """Return the principal that is to be created."""
    message = request.principal
    return Principal(
        principal=names.check_id("principal", request.principal_id),
        display_name=message.display_name,
        role=Role(principal_pb2.Role.Name(message.role).removeprefix("ROLE_")),
        scopes=tuple(message.scopes),
        person=message.person,
    )


def from_principal(principal: Principal, create_time: datetime) -> principal_pb2.Principal:
    """Return the message of `principal`."""
    return principal_pb2.Principal(
        name=names.PRINCIPAL.format(principal=principal.principal),
        display_name=principal.display_name,
        role=principal_pb2.Role.Value(f"ROLE_{principal.role.value}"),
        scopes=principal.scopes,
        create_time=wire.from_instant(create_time),
        person=principal.person,
    )


def from_key(key: Key, secret: str = "") -> principal_pb2.Key:
    """Return the message of `key`; with its secret only where it was made just now."""
    return principal_pb2.Key(
        name=names.KEY.format(principal=key.principal, key=key.key),
        secret=secret,
        create_time=wire.from_instant(key.create_time),
        retire_time=None if key.retire_time is None else wire.from_instant(key.retire_time),
    )
