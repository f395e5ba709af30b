"""Who may call, and the keys by which they are known."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.kernel import names
from services.kernel.errors import FieldInvalid, Words


class Role(StrEnum):
    """What a principal may do."""

    ADMINISTRATOR = "ADMINISTRATOR"
    DESK = "DESK"
    ENTERPRISE = "ENTERPRISE"
    SERVICE = "SERVICE"
    VERIFIER = "VERIFIER"


_SCOPE = {
    Role.DESK: names.ZONE,
    Role.ENTERPRISE: names.ENTERPRISE,
    Role.VERIFIER: names.ENTERPRISE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """A person, program or desk that calls."""

    principal: str
    display_name: str
    role: Role
    scopes: tuple[str, ...]
    person: str = ""
    """Whose it is, as the installation knows its people; empty where it stands for itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A key; of its secret only the digest is known."""

    principal: str
    key: str
    digest: str
    create_time: datetime
    retire_time: datetime | None = None


def checked(principal: Principal) -> Principal:
    """Return `principal` if its scopes are those its role has.

    Raises:
        FieldInvalid: a desk, an enterprise or a verifier without a scope, or another role with one.
        NameInvalid: a scope is not a name of the role's kind.
    """
    pattern = _SCOPE.get(principal.role)
    if pattern is None or not principal.scopes:
        _check_count(principal.role, principal.scopes)
        return principal
    for index, scope in enumerate(principal.scopes):
        pattern.parse(scope, f"principal.scopes[{index}]")
    return principal


def digest(secret: str) -> str:
    """Return what is stored of a secret.

    A secret is 256 random bits, so one pass of SHA-256 suffices: there is nothing to guess.
    """
    return hashlib.sha256(secret.encode()).hexdigest()


def _check_count(role: Role, scopes: Sequence[str]) -> None:
    if bool(scopes) != (role in _SCOPE):
        raise FieldInvalid(
            field="principal.scopes",
            given=", ".join(scopes),
            allowed=Words(
                en="zones for a DESK, enterprises for an ENTERPRISE or a VERIFIER, none for the "
                "other roles",
                zh="DESK 填园区，ENTERPRISE 和 VERIFIER 填企业，其他角色不填",
            ),
        )
