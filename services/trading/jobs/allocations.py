"""Allocations follow the newest version of their rulebook."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from services.runtime import outbox, revision
from services.runtime.database import Database
from services.trading import store
from services.trading.domain.account import ALLOCATION, Account
from services.trading.domain.allocation import Allocation, derived_anew
from services.trading.domain.rulebook import Rulebook, Shelf
from services.trading.domain.versioned import Versioned

_AT_ONCE: Final = 1000


class Anew:
    """Derives allocations anew when a newer version of their rulebook is there."""

    def __init__(self, database: Database, shelf: Shelf) -> None:
        self._database = database
        self._shelf = shelf

    def derive(self) -> None:
        """Derive every allocation that an older version of its rulebook made."""
        for rulebook in self._shelf.rulebooks:
            # Of a first version none is older: nothing is asked for it, time and again.
            while rulebook.version > 1 and self._derive_some(rulebook):
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
