"""Who calls: the principal behind an API key, what it may do, and to whose data.

The edge puts the caller into the context of the call; servicers and stores read it there. No
principal is ever taken from a request.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from services.kernel.errors import Language, NotFound, PermissionDenied, Unauthenticated

_SCHEME = "Bearer"


class Role(StrEnum):
    """What a principal may do; the contract says it in words."""

    ADMINISTRATOR = "ADMINISTRATOR"
    DESK = "DESK"
    ENTERPRISE = "ENTERPRISE"
    SERVICE = "SERVICE"
    VERIFIER = "VERIFIER"


ANYONE = frozenset(Role)
READERS = ANYONE
FOLLOWERS = frozenset({Role.ADMINISTRATOR, Role.SERVICE})
OFFICE = frozenset({Role.ADMINISTRATOR, Role.DESK})
OFFICE_READERS = OFFICE | {Role.SERVICE}
REPORTERS = OFFICE | {Role.ENTERPRISE}
VERIFIERS = frozenset({Role.ADMINISTRATOR, Role.VERIFIER})
ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})

Access = Mapping[str, frozenset[Role]]
"""Which roles may call each method, by full method name. What is not in it nobody may call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The principal behind a key."""

    name: str
    role: Role
    zones: frozenset[str] = frozenset()
    """Ids of the zones of a desk."""
    enterprises: frozenset[str] = frozenset()
    """Ids of the enterprises that an enterprise's principal reports for, or a verifier verifies."""
    key: str = field(default="", repr=False)
    """The secret it came with, to be passed on to neighbours."""
    known_as: str = ""
    """Whose the principal is, as the installation knows its people; empty where it is not said."""

    @property
    def person(self) -> str:
        """Who it is where four eyes are needed: principals of one person are one."""
        return self.known_as or self.name


Authenticator = Callable[[str], Caller]
"""Returns the principal of a secret, or raises Unauthenticated."""


@dataclass(frozen=True, slots=True)
class Tenant:
    """The enterprises whose rows a query may touch; None stands for all.

    Every query of a store takes one, so that none can forget whose data it reads.
    """

    enterprises: frozenset[str] | None

    def covers(self, enterprise: str) -> bool:
        """Tell whether rows of `enterprise` may be touched."""
        return self.enterprises is None or enterprise in self.enterprises

    def clause(self, column: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
        """Return the condition that keeps a query to the tenant's rows."""
        return sa.true() if self.enterprises is None else column.in_(sorted(self.enterprises))

    def require(self, enterprise: str, name: str) -> None:
        """Raise NotFound for `name` unless rows of `enterprise` may be touched."""
        if not self.covers(enterprise):
            raise NotFound(name=name)


EVERYONE = Tenant(None)

_caller: ContextVar[Caller | None] = ContextVar("caller", default=None)
_language: ContextVar[Language] = ContextVar("language", default="en")


def caller() -> Caller:
    """Return who calls."""
    found = _caller.get()
    assert found is not None, "outside a call"
    return found


def language() -> Language:
    """Return the language the caller reads."""
    return _language.get()


def language_of(header: str) -> Language:
    """Return the language that the header `accept-language` asks for first."""
    return "zh" if header.lower().startswith("zh") else "en"


@contextmanager
def acting(as_caller: Caller | None, language: Language = "en") -> Iterator[None]:
    """Run what is inside as a call of `as_caller`."""
    who, words = _caller.set(as_caller), _language.set(language)
    try:
        yield
    finally:
        _caller.reset(who)
        _language.reset(words)


def secret(metadata: Mapping[str, Any]) -> str:
    """Return the secret of `authorization: Bearer {secret}`.

    Raises:
        Unauthenticated: there is none.
    """
    scheme, _, given = str(metadata.get("authorization", "")).partition(" ")
    if scheme != _SCHEME or not given.strip():
        raise Unauthenticated
    return given


def permit(access: Access, method: str, who: Caller) -> None:
    """Raise PermissionDenied unless the role of `who` may call `method`."""
    if who.role not in access.get(method, frozenset()):
        raise PermissionDenied(method=method.rpartition("/")[2], role=who.role)


class Remembering:
    """An authenticator that asks another one, and remembers its answer for a while.

    A key that is retired is therefore taken for at most `seconds` more.
    """

    def __init__(self, ask: Authenticator, seconds: float = 30.0, largest: int = 10_000) -> None:
        self._ask = ask
        self._seconds = seconds
        self._largest = largest
        self._known: dict[str, tuple[float, Caller]] = {}
        self._lock = threading.Lock()

    def known(self, given: str) -> Caller | None:
        """Return the principal of the secret `given`, None where it has to be asked for."""
        with self._lock:
            until, known = self._known.get(given, (0.0, None))
        return known if time.monotonic() < until else None

    def __call__(self, given: str) -> Caller:
        """Return the principal of the secret `given`."""
        if (known := self.known(given)) is not None:
            return known
        now = time.monotonic()
        found = self._ask(given)
        with self._lock:
            if len(self._known) >= self._largest:
                self._known.clear()
            self._known[given] = (now + self._seconds, found)
        return found
