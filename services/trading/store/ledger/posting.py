"""Posts groups of transfers in one transaction: load what they need, let the domain decide, save.

The ends of the chains are locked in the order of their books before anything is read, so whoever
posts to a book sees all that was posted to it before, and two who post never wait for each other in
a circle. What came about follows from the rows inserted, by triggers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeAlias

import sqlalchemy as sa

from services.kernel.errors import DomainError, NotFound, RequestIdReused
from services.kernel.names import ACCOUNT
from services.runtime import auth
from services.runtime.auth import Tenant
from services.runtime.database import Database
from services.trading.domain.ledger import posting as domain
from services.trading.domain.ledger.transfer import AccountKey, Transfer, Wanted
from services.trading.store.ledger import postgresql, sqlite
from services.trading.store.ledger.loaded import Loaded, Request, RequestKey

Outcome: TypeAlias = "list[Transfer] | DomainError"
Objection: TypeAlias = "Callable[[domain.Books, Group], DomainError | None]"
"""Tells why a group is not to be posted to books, None if it may be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Transfers that stand or fall together, and who wants them."""

    wanted: Sequence[Wanted]
    principal: str
    tenant: Tenant = auth.EVERYONE
    request_id: str = ""
    """The link of several; empty for one alone."""
    alone: bool = False
    """Whether a principal wants them by itself, for which it needs a mandate."""

    @property
    def request_key(self) -> RequestKey:
        """What the request is known by."""
        return self.principal, self.request_id

    def digest(self) -> bytes:
        """Return the SHA-256 of what is wanted, under which names, in which order."""
        parts = (each.name.encode() + b"\0" + each.digest() for each in self.wanted)
        return hashlib.sha256(b"".join(parts)).digest()


@dataclass(slots=True)
class _Needs:
    """What groups need to know of the books."""

    books: set[str] = field(default_factory=set)
    keys: set[AccountKey] = field(default_factory=set)
    ids: set[tuple[str, str]] = field(default_factory=set)
    requests: set[RequestKey] = field(default_factory=set)

    def add(self, group: Group) -> None:
        if group.request_id:
            self.requests.add(group.request_key)
        for each in group.wanted:
            self.books.add(each.book)
            self.ids.add((each.book, each.transfer))
            if each.target:
                self.ids.add((each.book, each.target))
            if each.kind is not None:
                self.keys.add((each.book, each.instrument, each.kind.debit))
                self.keys.add((each.book, each.instrument, each.kind.credit))


def post(database: Database, groups: Sequence[Group]) -> list[Outcome]:
    """Return what became of each group: its transfers once they are committed, or its refusal.

    A group that is refused leaves nothing and keeps no other from its effect.

    Raises:
        StorageUnavailable, Busy: as `Database.append`; then of none is known that it was posted.
    """
    with database.append() as connection:
        return post_in(connection, groups, datetime.now(UTC))


def post_in(
    connection: sa.Connection,
    groups: Sequence[Group],
    now: datetime,
    objection: Objection = lambda _, __: None,
) -> list[Outcome]:
    """Post `groups` in the transaction of `connection`, at the moment `now`."""
    needs = _Needs()
    for group in groups:
        needs.add(group)
    driver: Any = connection.connection.driver_connection
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    loaded = dialect.load(driver, needs.books, needs.keys, needs.ids, needs.requests)
    outcomes: list[Outcome] = []
    fresh: list[Transfer] = []
    kept: list[Request] = []
    for group in groups:
        try:
            if refusal := objection(loaded.books, group):
                raise refusal
            done = _decided(loaded, group, kept, now)
        except DomainError as refusal:
            outcomes.append(refusal)
            continue
        fresh += [each for each in done if (each.book, each.number) not in loaded.there]
        loaded.there.update((each.book, each.number) for each in done)
        outcomes.append(done)
    if fresh or kept:
        dialect.save(driver, fresh, kept)
    return outcomes


def _decided(loaded: Loaded, group: Group, kept: list[Request], now: datetime) -> list[Transfer]:
    """Return the transfers of a group; its request is to be kept with them, unless it was."""
    known, digest = None, b""
    if group.request_id:
        known, digest = loaded.requests.get(group.request_key), group.digest()
        if known is not None and known != digest:
            raise RequestIdReused(request_id=group.request_id)
    for each in group.wanted:
        enterprise = loaded.enterprises.get(each.book)
        if enterprise is None or not group.tenant.covers(enterprise):
            raise NotFound(name=ACCOUNT.format(account=each.book))
    done = domain.post(
        loaded.books,
        group.wanted,
        principal=group.principal,
        link=group.request_id,
        now=now,
    )
    if group.request_id and known is None:
        loaded.requests[group.request_key] = digest
        kept.append(Request(group.principal, group.request_id, digest, now))
    return done
