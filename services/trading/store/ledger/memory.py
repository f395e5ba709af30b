"""What the last posts showed of books: where their chains ended, and how accounts stood there.

It is no source of truth. What is decided by it is saved only where the database, with the chains
locked, says that they still end there: the end of a chain covers all that was posted to its book.
What nobody remembers, an id that was taken or a transfer that is named, is asked of the database.

It may be ahead of the database, by what is on its way there. Even if that is not taken, it says
nothing wrong: wherever the chain of a book has this end, its accounts stand so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from services.trading.domain.ledger.chain import EMPTY, Head, Standing
from services.trading.domain.ledger.chart import InstrumentKind
from services.trading.domain.ledger.transfer import AccountKey
from services.trading.store.ledger.group import Needs
from services.trading.store.ledger.loaded import Loaded

_MOST_BOOKS: Final = 10_000


@dataclass(slots=True, kw_only=True)
class _Book:
    enterprise: str
    head: Head
    standings: dict[AccountKey, Standing] = field(default_factory=dict)
    """As of the head."""


class Memory:
    """What is remembered; for one thread at a time."""

    def __init__(self) -> None:
        self._books: dict[str, _Book] = {}
        self._instruments: dict[str, InstrumentKind] = {}

    def recall(self, needs: Needs) -> Loaded | None:
        """Return what is needed, or None where any of it is not remembered."""
        if needs.named:
            return None
        found = Loaded()
        for name in needs.books:
            book = self._books.get(name)
            # What has no transfer yet has no chain to lock.
            if book is None or not book.head.number:
                return None
            found.enterprises[name] = book.enterprise
            found.books.heads[name] = book.head
        for key in needs.keys:
            name, instrument, _ = key
            standing = self._books[name].standings.get(key)
            kind = self._instruments.get(instrument)
            if standing is None or kind is None:
                return None
            found.books.standings[key] = standing
            found.books.instruments[instrument] = kind
        return found

    def keep(self, needs: Needs, loaded: Loaded, before: Mapping[str, Head]) -> None:
        """Remember books as they stand after transfers, whose heads were `before` until then."""
        if len(self._books) > _MOST_BOOKS:
            self._books.clear()
        for name, head in loaded.books.heads.items():
            book = self._books.get(name)
            if book is None or book.head != before[name]:
                book = self._books[name] = _Book(enterprise=loaded.enterprises[name], head=head)
            book.head = head
        # Also of accounts that nobody named: what settles or reverses another moves its accounts.
        for key in needs.keys | loaded.books.standings.keys():
            if key[0] in loaded.books.heads:
                self._books[key[0]].standings[key] = loaded.books.standings.get(key, EMPTY)
        self._instruments.update(loaded.books.instruments)
