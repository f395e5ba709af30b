"""Obligations follow what accounting knows."""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa

from services.kernel.names import HOME_METHOD
from services.runtime import auth, outbox, revision
from services.runtime.database import Database
from services.runtime.revision import Revision
from services.trading import store
from services.trading.domain.account import OBLIGATION, Account
from services.trading.domain.obligation import (
    GUIDES,
    Inventory,
    Obligation,
    Verified,
    explained,
    owed,
)
from services.trading.neighbours import Accounting, Changed, Changes


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
