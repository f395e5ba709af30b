"""Posts groups of transfers in one transaction: load what they need, let the domain decide, save.

The ends of the chains are locked in the order of their books before anything is read, so whoever
posts to a book sees all that was posted to it before, and two who post never wait for each other in
a circle. What came about follows from the rows inserted, by triggers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from threading import Lock
from types import ModuleType
from typing import Any, Final, Protocol, TypeAlias

import sqlalchemy as sa

from services.kernel.errors import DomainError, NotFound, RequestIdReused
from services.kernel.names import ACCOUNT
from services.runtime.database import Database
from services.runtime.grouped import Grouped
from services.trading.domain.ledger import posting as domain
from services.trading.domain.ledger.transfer import Transfer
from services.trading.store.ledger import postgresql, sqlite
from services.trading.store.ledger.group import Group, Needs, Request
from services.trading.store.ledger.loaded import Loaded
from services.trading.store.ledger.memory import Memory
from services.trading.store.ledger.saving import Appending, Condition, Ends, Outdated, Saved

Outcome: TypeAlias = "list[Transfer] | DomainError"
Taken: TypeAlias = "Callable[[], list[Outcome]]"
"""Has the database take what was decided; tells what became of it."""
Objection: TypeAlias = "Callable[[domain.Books, Group], DomainError | None]"
"""Tells why a group is not to be posted to books, None if it may be."""


_TRANSFERS_TOGETHER: Final = 400
"""Enough that a commit costs little beside them."""


class Permission(Protocol):
    """Who may post what, beside the rules of the ledger."""

    def remembered(self, groups: Sequence[Group], now: datetime) -> tuple[Objection, Condition]:
        """Return what is objected to as it was last read, and the condition that it still is so.

        Raises:
            Outdated: it was not read yet.
        """

    def read(self, connection: sa.Connection, groups: Sequence[Group], now: datetime) -> Objection:
        """Return what is objected to, read in the transaction of the transfers."""


class _Open:
    """Whoever gets here may post."""

    def remembered(self, _groups: Sequence[Group], _now: datetime) -> tuple[Objection, Condition]:
        return _none, Condition()

    def read(
        self, _connection: sa.Connection, _groups: Sequence[Group], _now: datetime
    ) -> Objection:
        return _none


def _none(_books: domain.Books, _group: Group) -> None:
    return None


class Poster:
    """Posts groups in transactions of its own, one after the other.

    Those that come next can be decided `ahead`, by what the books will be if the database takes
    those before. If it does not, it takes none that were decided on top of them either.
    """

    def __init__(self, database: Database, permission: Permission | None = None) -> None:
        self._database = database
        self._permission = permission or _Open()
        self._memory = Memory()
        self._deciding = Lock()
        """For the memory and the permission: one decides ahead, while another may do so anew."""
        self._mistaken = False
        """Whether something that was decided was not taken, by which others may be decided."""

    def __call__(self, groups: Sequence[Group]) -> list[Outcome]:
        """Return what became of each group: its transfers once they are committed, or its refusal.

        A group that is refused leaves nothing and keeps no other from its effect.

        Raises:
            StorageUnavailable, Busy: as `Database.append`; then of none is known that it was
                posted.
        """
        self._mistaken = False
        take = self._by_memory(groups)
        return self._by_loading(groups) if take is None else take()

    def ahead(self, groups: Sequence[Group]) -> Taken | None:
        """Decide while those before may still be on their way; what is returned has them taken.

        It is to be called once those before were, and gives what posting `groups` would. None: only
        the database can tell what becomes of them; so do not decide before those ahead are done.
        """
        # What others are decided by would be wrong again, group by group for as long as they come.
        return None if self._mistaken else self._by_memory(groups)

    def _by_memory(self, groups: Sequence[Group]) -> Taken | None:
        """Decide by what is remembered; what is returned saves it if that is how it is.

        None: it is not remembered, or something is refused, which only the database can tell.
        """
        needs, now = Needs.of(groups), datetime.now(UTC)
        with self._deciding:
            loaded = self._memory.recall(needs)
            if loaded is None:
                return None
            try:
                objection, condition = self._permission.remembered(groups, now)
            except Outdated:
                return None
            before = {**loaded.books.heads}
            decided = _decide(loaded, groups, objection, now)
            if any(isinstance(each, DomainError) for each in decided.outcomes):
                return None
            self._memory.keep(needs, loaded, before)
        append = _dialect(self._database.engine).appending(Ends(before, condition), decided.saved)
        return partial(self._taken, groups, append, decided.outcomes)

    def _taken(
        self, groups: Sequence[Group], append: Appending, outcomes: list[Outcome]
    ) -> list[Outcome]:
        try:
            append(self._database)
        except Outdated:
            self._mistaken = True
            return self._by_loading(groups)
        except Exception:
            self._mistaken = True
            raise
        return outcomes

    def _by_loading(self, groups: Sequence[Group]) -> list[Outcome]:
        needs, now = Needs.of(groups), datetime.now(UTC)
        with self._deciding:
            with self._database.append() as connection:
                objection = self._permission.read(connection, groups, now)
                loaded = _load(connection, needs)
                before = {**loaded.books.heads}
                decided = _decide(loaded, groups, objection, now)
                _save(connection, decided.saved)
            self._memory.keep(needs, loaded, before)
        return decided.outcomes


def writer(
    database: Database, permission: Permission | None = None
) -> Grouped[Group, list[Transfer]]:
    """Return what posts for all who wait at once, and decides ahead."""
    poster = Poster(database, permission)
    beside = _dialect(database.engine).BESIDE_ITS_TRANSFERS
    return Grouped(
        "post transfers",
        poster,
        largest=_TRANSFERS_TOGETHER,
        size=lambda group: len(group.wanted) + beside,
        ahead=poster.ahead,
    )


def post(database: Database, groups: Sequence[Group]) -> list[Outcome]:
    """Return what became of groups, as a `Poster` does that remembers nothing."""
    return Poster(database)(groups)


def post_in(connection: sa.Connection, groups: Sequence[Group], now: datetime) -> list[Outcome]:
    """Post `groups` in the transaction of `connection`, at the moment `now`."""
    decided = _decide(_load(connection, Needs.of(groups)), groups, _none, now)
    _save(connection, decided.saved)
    return decided.outcomes


def _dialect(engine: sa.Engine) -> ModuleType:
    return sqlite if engine.dialect.name == "sqlite" else postgresql


def _load(connection: sa.Connection, needs: Needs) -> Loaded:
    driver: Any = connection.connection.driver_connection
    found: Loaded = _dialect(connection.engine).load(driver, needs)
    return found


def _save(connection: sa.Connection, saved: Saved) -> None:
    if saved:
        driver: Any = connection.connection.driver_connection
        _dialect(connection.engine).save(driver, saved)


@dataclass(slots=True)
class _Decided:
    """What became of groups, and what is to be stored for it."""

    outcomes: list[Outcome] = field(default_factory=list)
    saved: Saved = field(default_factory=Saved)


def _decide(
    loaded: Loaded, groups: Sequence[Group], objection: Objection, now: datetime
) -> _Decided:
    decided = _Decided()
    for group in groups:
        try:
            if refusal := objection(loaded.books, group):
                raise refusal
            done = _decided(loaded, group, decided.saved.requests, now)
        except DomainError as refusal:
            decided.outcomes.append(refusal)
            continue
        decided.outcomes.append(done)
    decided.saved.transfers = loaded.books.posted
    return decided


def _decided(loaded: Loaded, group: Group, kept: list[Request], now: datetime) -> list[Transfer]:
    """Return the transfers of a group; its request is to be kept with them, unless it was."""
    known = loaded.requests.get(group.request_key)
    if group.request_id and known is not None and known != group.digest():
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
        digest = group.digest(each.digest for each in done)
        loaded.requests[group.request_key] = digest
        kept.append(Request(group.principal, group.request_id, digest, now))
    return done
