"""A statement of a book: what every ledger account had, what came and went, what was left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from services.trading.domain.ledger.transfer import AccountKey, Transfer


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of a statement; without a transfer it is an opening or a closing."""

    key: AccountKey
    day: date
    transfer: Transfer | None
    change_count: int
    balance_count: int
    """After it, in the order of settlement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What is settled from `start` to before `end`."""

    book: str
    start: date
    end: date
    opening: Mapping[AccountKey, int]
    """Balances of what was settled before `start`, tonnes or fen."""
    transfers: Sequence[Transfer]

    @property
    def file_name(self) -> str:
        """The name that its file should have."""
        return f"{self.book}-{self.start}-{self.end}.csv"

    def lines(self) -> Iterator[Line]:
        """Yield the lines account by account: opening, entries by day of settlement, closing."""
        entries: dict[AccountKey, list[tuple[Transfer, int]]] = {}
        for each in sorted(self.transfers, key=lambda it: (it.settlement_date, it.number)):
            entries.setdefault(each.debit_key, []).append((each, each.unit_count))
            entries.setdefault(each.credit_key, []).append((each, -each.unit_count))
        for key in sorted({*self.opening, *entries}):
            balance = self.opening.get(key, 0)
            yield self._bare(key, self.start, balance)
            for transfer, change in entries.get(key, ()):
                balance += change
                yield Line(
                    key=key,
                    day=transfer.settlement_date,
                    transfer=transfer,
                    change_count=change,
                    balance_count=balance,
                )
            yield self._bare(key, self.end - timedelta(days=1), balance)

    @staticmethod
    def _bare(key: AccountKey, day: date, balance: int) -> Line:
        return Line(key=key, day=day, transfer=None, change_count=0, balance_count=balance)
