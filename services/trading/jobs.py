"""Work in the background: obligations and allocations follow; what has a time is done at it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

import sqlalchemy as sa

from services.kernel.errors import InstructionExpired, TransferSettled
from services.kernel.names import HOME_METHOD
from services.runtime import auth, outbox, revision
from services.runtime.database import Database
from services.runtime.revision import Revision
from services.trading import store
from services.trading.domain.account import ALLOCATION, OBLIGATION, Account
from services.trading.domain.allocation import Allocation, derived_anew
from services.trading.domain.desk import instruction as desk
from services.trading.domain.desk.actor import OURSELVES, SERVICE
from services.trading.domain.desk.instruction import Instruction, State
from services.trading.domain.desk.rules import DeskRules
from services.trading.domain.ledger.transfer import Transfer
from services.trading.domain.obligation import (
    GUIDES,
    Inventory,
    Obligation,
    Verified,
    explained,
    owed,
)
from services.trading.domain.rulebook import Rulebook, Shelf
from services.trading.domain.versioned import Versioned
from services.trading.neighbours import Accounting, Changed, Changes
from services.trading.store.ledger.posting import Group

_AT_ONCE: Final = 1000


class Follower:
    """Turns each new version of an inventory or a verification into an obligation, once.

    The cursor, what was followed and the obligations are stored in one transaction, so a change is
    neither lost nor counted twice, wherever the work is interrupted. A new account sets the cursor
    back to 0, and everything is listed again: versions that were counted are passed over.
    """

    def __init__(self, database: Database, accounting: Accounting) -> None:
        self._database = database
        self._accounting = accounting

    def follow(self) -> None:
        """Handle every change of accounting that was not handled yet."""
        while self._follow_page():
            pass

    def _follow_page(self) -> bool:
        """Handle one page of changes; tell whether there may be more."""
        with self._database.read() as connection:
            begin = store.obligations.followed(connection)
        changes = self._accounting.changes(begin)
        if changes.up_to == begin:
            return False
        with self._database.read() as connection:
            wanted = _concerned(connection, changes)
        known = {changed: self._asked(account, changed) for account, changed in wanted}
        with self._database.write() as connection:
            # Taken first: until the commit no account can be created and no other follower can
            # store, so what is read from here on stays true.
            taken = revision.take(connection)
            wanted = _concerned(connection, changes)
            # A new account or another follower came in between: look again.
            moved = store.obligations.followed(connection) != begin
            if moved or not known.keys() >= {changed for _, changed in wanted}:
                return True
            saved = [
                version
                for account, changed in wanted
                for version in _follow(connection, account, known[changed], taken)
            ]
            outbox.publish(connection, taken, saved)
            store.obligations.follow_from(connection, changes.up_to)
        return changes.more

    def _asked(self, account: Account, changed: Changed) -> Inventory | Verified:
        """Return what accounting says in the version that a change made."""
        if changed.is_verification:
            return self._accounting.verified(changed, GUIDES[account.sector])
        return self._accounting.inventory(changed)


def _concerned(connection: sa.Connection, changes: Changes) -> list[tuple[Account, Changed]]:
    """Return the changes that may concern an obligation and were not followed yet, oldest first."""
    found: list[tuple[Account, Changed]] = []
    for changed in changes.found:
        of = store.accounts.of_enterprise(connection, auth.EVERYONE, changed.enterprise)
        if of is None or not of.value.takes_part(changed.accounting_year):
            continue
        if not _followed(connection, of.value, changed):
            found.append((of.value, changed))
    return found


def _followed(connection: sa.Connection, account: Account, changed: Changed) -> bool:
    """Tell whether a change was counted, or is none that the account's obligations rest on."""
    year, version = changed.accounting_year, changed.version
    if changed.is_verification:
        return store.evidence.has_verification(connection, account, year, changed.of, version)
    if changed.of not in {HOME_METHOD, GUIDES[account.sector]}:
        return True
    return store.evidence.has_inventory(connection, account, year, changed.of, version)


def _follow(
    connection: sa.Connection, account: Account, said: Inventory | Verified, taken: Revision
) -> list[tuple[str, int]]:
    """Keep what accounting said, and the obligation where that makes another one."""
    if isinstance(said, Verified):
        store.evidence.add_verification(connection, account, said, taken)
    else:
        store.evidence.add_inventory(connection, account, said, taken)
    evidence = store.evidence.newest(connection, account, said.accounting_year)
    obligation = owed(account, evidence)
    return [] if obligation is None else _save(connection, account, obligation, taken)


def _save(
    connection: sa.Connection, account: Account, obligation: Obligation, taken: Revision
) -> list[tuple[str, int]]:
    """Insert the obligation if it says something new; return its name and version for followers."""
    before = store.obligations.newest(connection, account, obligation.compliance_year)
    if before is not None and before.value == obligation:
        return []
    last = None if before is None else before.value
    changed = replace(obligation, change=explained(last, obligation))
    stored = store.obligations.add(connection, changed, before, taken)
    return [(account.name_of(OBLIGATION, obligation.compliance_year), stored.version)]


class TimeOuts:
    """Releases what was reserved until a time that has come."""

    def __init__(self, database: Database, post: Callable[[Group], list[Transfer]]) -> None:
        self._database = database
        self._post = post

    def time_out(self) -> None:
        """Time out every pending transfer that is due."""
        with self._database.read() as connection:
            due = store.ledger.transfers.timed_out(connection, datetime.now(UTC), _AT_ONCE)
        for each in due:
            # It may have been settled meanwhile; then there is nothing left to release.
            with suppress(TransferSettled):
                self._post(Group(wanted=[each], principal=OURSELVES))


class DeskClock:
    """Executes approved instructions whose time has come, and ends those whose time is over.

    Each in a transaction of its own: what it read before it reads again there, so an instruction
    that somebody decided on meanwhile is left alone.
    """

    def __init__(self, database: Database, rules: DeskRules) -> None:
        self._database = database
        self._rules = rules

    def tick(self) -> None:
        """Handle every instruction that is due now."""
        now = datetime.now(UTC)
        with self._database.read() as connection:
            over = store.desk.instructions.ending(connection, now, _AT_ONCE)
            due = store.desk.instructions.due(connection, now, _AT_ONCE)
        for each in over:
            self._decide(each, self._expire)
        for each in due:
            # Its time may be over by now; then it ends at the next tick.
            with suppress(InstructionExpired):
                self._decide(each, self._execute)

    def _decide(
        self,
        found: Instruction,
        decide: Callable[[sa.Connection, Instruction, Revision], Instruction],
    ) -> None:
        with self._database.write() as connection:
            key = (found.account, found.instruction)
            current = store.desk.instructions.get(connection, auth.EVERYONE, found.name, key)
            if current.etag != found.etag:
                return
            taken = revision.take(connection)
            after = decide(connection, current, taken)
            outbox.publish(connection, taken, [(after.name, after.last.number)])

    def _expire(
        self, connection: sa.Connection, current: Instruction, taken: Revision
    ) -> Instruction:
        step = desk.followed(current, State.EXPIRED, SERVICE, taken.commit_time)
        return store.desk.instructions.add(connection, current, step, taken)

    def _execute(
        self, connection: sa.Connection, current: Instruction, taken: Revision
    ) -> Instruction:
        return store.desk.execution.execute_due(connection, self._rules, current, SERVICE, taken)


class Anew:
    """Derives allocations anew when a newer version of their rulebook is there."""

    def __init__(self, database: Database, shelf: Shelf) -> None:
        self._database = database
        self._shelf = shelf

    def derive(self) -> None:
        """Derive every allocation that an older version of its rulebook made."""
        for rulebook in self._shelf.rulebooks:
            while self._derive_some(rulebook):
                pass

    def _derive_some(self, rulebook: Rulebook) -> bool:
        """Derive as many as are stored together; tell whether there may be more."""
        name, version = rulebook.rulebook, rulebook.version
        with self._database.read() as connection:
            if not store.allocations.older_than(connection, name, version, limit=1):
                return False
        with self._database.write() as connection:
            taken = revision.take(connection)
            older = store.allocations.older_than(connection, name, version, limit=_AT_ONCE)
            of = store.accounts.named(connection, [each.value.account for each in older])
            wanted = [
                (derived_anew(of[each.value.account], rulebook, each.value), each) for each in older
            ]
            stored = store.allocations.add_all(connection, wanted, taken)
            outbox.publish(connection, taken, [_named(of, each) for each in stored])
        return len(older) == _AT_ONCE


def _named(of: Mapping[str, Account], stored: Versioned[Allocation]) -> tuple[str, int]:
    allocation = stored.value
    account = of[allocation.account]
    return account.name_of(ALLOCATION, allocation.compliance_year), stored.version
