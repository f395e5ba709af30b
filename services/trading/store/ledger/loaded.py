"""What was loaded of some books, to post to them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from services.trading.domain.ledger.chain import Head, Standing
from services.trading.domain.ledger.chart import InstrumentKind, Purpose
from services.trading.domain.ledger.posting import Books, Settlement
from services.trading.domain.ledger.transfer import AccountKey, Phase, moment
from services.trading.store.ledger import rows
from services.trading.store.ledger.group import RequestKey

Rows: TypeAlias = "Iterable[Sequence[Any]] | None"
"""Rows of a JSON array: bytes are hexadecimal digits, moments microseconds since 1970."""


@dataclass(slots=True, kw_only=True)
class Loaded:
    """Books, and what of them only the store asks for."""

    books: Books = field(default_factory=Books)
    enterprises: dict[str, str] = field(default_factory=dict)
    """The enterprise of each book that there is."""
    there: set[tuple[str, int]] = field(default_factory=set)
    """Book and number of the transfers that are stored."""
    requests: dict[RequestKey, bytes] = field(default_factory=dict)
    """The digest of what was wanted, of each request that is stored."""

    def add_heads(self, found: Rows) -> None:
        """Add books: id, enterprise, and number, hash and record time of the chain's end."""
        for book, enterprise, number, digits, record_time in found or ():
            self.enterprises[book] = enterprise
            self.books.heads[book] = Head(
                number=number or 0,
                hash=bytes.fromhex(digits or ""),
                record_time=moment(record_time),
            )

    def add_transfers(self, found: Rows) -> None:
        """Add transfers that are stored."""
        for row in found or ():
            each = rows.from_values(row)
            self.books.known[each.book, each.transfer] = each
            self.there.add((each.book, each.number))

    def keys_of_transfers(self) -> Iterator[AccountKey]:
        """Yield the accounts of the transfers that are stored."""
        for each in self.books.known.values():
            yield each.debit_key
            yield each.credit_key

    def add_settlements(self, found: Rows) -> None:
        """Add what settled or reversed: book, number of the target, id, phase."""
        for book, number, transfer, phase in found or ():
            name = f"accounts/{book}/transfers/{transfer}"
            self.books.settled[book, number] = Settlement(name, Phase(phase))

    def add_standings(self, found: Rows) -> None:
        """Add accounts: book, instrument, purpose, balance, reserved, version."""
        for book, instrument, purpose, *standing in found or ():
            self.books.standings[book, instrument, Purpose(purpose)] = Standing(*standing)

    def add_instruments(self, found: Rows) -> None:
        """Add instruments: id, kind."""
        for instrument, kind in found or ():
            self.books.instruments[instrument] = InstrumentKind(kind)

    def add_requests(self, found: Rows) -> None:
        """Add requests: principal, id, digest."""
        for principal, request_id, digits in found or ():
            self.requests[principal, request_id] = bytes.fromhex(digits)
