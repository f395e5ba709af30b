"""Work in the background: obligations follow accounting, and reservations end at their time."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

import sqlalchemy as sa

from services.kernel.errors import TransferSettled
from services.runtime import auth, outbox, revision
from services.runtime.database import Database
from services.runtime.revision import Revision
from services.trading import store
from services.trading.domain.account import OBLIGATION, Account
from services.trading.domain.ledger.transfer import Transfer
from services.trading.domain.obligation import Obligation, estimate
from services.trading.neighbours import Accounting, ChangedInventory, Changes
from services.trading.store.ledger.posting import Group

_AT_ONCE: Final = 1000
_OURSELVES: Final = "services/trading"
"""Who posts timeouts: no principal."""


class Follower:
    """Turns each new version of an inventory into an obligation, once.

    The cursor and the obligations are stored in one transaction, so a change is neither lost nor
    counted twice, wherever the work is interrupted. A new account sets the cursor back to 0, and
    everything is listed again: versions that were counted are passed over.
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
        inventories = {changed: self._accounting.inventory(changed) for _, changed in wanted}
        with self._database.write() as connection:
            # Taken first: until the commit no account can be created and no other follower can
            # store, so what is read from here on stays true.
            taken = revision.take(connection)
            wanted = _concerned(connection, changes)
            # A new account or another follower came in between: look again.
            moved = store.obligations.followed(connection) != begin
            if moved or not inventories.keys() >= {changed for _, changed in wanted}:
                return True
            saved = [
                version
                for account, changed in wanted
                for version in _save(
                    connection, account, estimate(account, inventories[changed]), taken
                )
            ]
            outbox.publish(connection, taken, saved)
            store.obligations.follow_from(connection, changes.up_to)
        return changes.more


def _concerned(
    connection: sa.Connection, changes: Changes
) -> list[tuple[Account, ChangedInventory]]:
    """Return the changes that may concern an obligation and were not counted yet, oldest first."""
    found: list[tuple[Account, ChangedInventory]] = []
    for changed in changes.inventories:
        of = store.accounts.of_enterprise(connection, auth.EVERYONE, changed.enterprise)
        if of is None or not of.value.takes_part(changed.accounting_year):
            continue
        before = store.obligations.newest(connection, of.value, changed.accounting_year)
        if before is None or changed.version > before.value.inventory_version:
            found.append((of.value, changed))
    return found


def _save(
    connection: sa.Connection, account: Account, obligation: Obligation, taken: Revision
) -> list[tuple[str, int]]:
    """Insert the obligation if it says something new; return its name and version for followers."""
    before = store.obligations.newest(connection, account, obligation.compliance_year)
    if before is not None and before.value == obligation:
        return []
    stored = store.obligations.add(connection, obligation, before, taken)
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
                self._post(Group(wanted=[each], principal=_OURSELVES))
