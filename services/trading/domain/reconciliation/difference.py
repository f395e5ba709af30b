"""A break: where ledger and statement differ, what kind of difference it is, and by how much."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

import orjson

from services.kernel.errors import Words
from services.kernel.period import SHANGHAI
from services.trading.domain.reconciliation.line import Line


class BreakKind(StrEnum):
    """What kind of difference a break is; the contract says it in words."""

    MISSING = "MISSING"
    EXTRA = "EXTRA"
    WRONG_QUANTITY = "WRONG_QUANTITY"
    WRONG_VINTAGE = "WRONG_VINTAGE"
    WRONG_ACCOUNT = "WRONG_ACCOUNT"
    DUPLICATE = "DUPLICATE"
    SIGN = "SIGN"
    LATE = "LATE"
    SPLIT_OR_MERGED = "SPLIT_OR_MERGED"
    REVERSED = "REVERSED"
    UNIT = "UNIT"
    PARTIAL_SETTLEMENT = "PARTIAL_SETTLEMENT"

    @property
    def words(self) -> Words:
        """What people call it."""
        return _WORDS[self]


_WORDS: Final = {
    BreakKind.MISSING: Words(en="missing in the statement", zh="对账单缺失"),
    BreakKind.EXTRA: Words(en="missing in the ledger", zh="账簿缺失"),
    BreakKind.WRONG_QUANTITY: Words(en="wrong quantity", zh="数量不符"),
    BreakKind.WRONG_VINTAGE: Words(en="wrong vintage", zh="年度不符"),
    BreakKind.WRONG_ACCOUNT: Words(en="wrong account", zh="账户不符"),
    BreakKind.DUPLICATE: Words(en="twice", zh="重复"),
    BreakKind.SIGN: Words(en="wrong direction", zh="方向相反"),
    BreakKind.LATE: Words(en="settled on another day", zh="交割日不符"),
    BreakKind.SPLIT_OR_MERGED: Words(en="split or merged", zh="拆分或合并"),
    BreakKind.REVERSED: Words(en="reversed on one side alone", zh="单方冲销"),
    BreakKind.UNIT: Words(en="wrong unit", zh="计量单位有误"),
    BreakKind.PARTIAL_SETTLEMENT: Words(en="settled in part", zh="部分交割"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """By how much a statement has more than the ledger of an instrument on an account."""

    book: str
    instrument: str
    unit_count: int
    """Tonnes or fen, negative where the ledger has more; never 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """Where the two differ: the transfers and the lines that it is about, either may be none."""

    kind: BreakKind
    ours: tuple[Line, ...]
    theirs: tuple[Line, ...]

    @property
    def id(self) -> str:
        """The same for the same kind, transfers and lines, in whichever run."""
        content = [self.kind, [each.id for each in self.ours], [each.id for each in self.theirs]]
        return f"b-{hashlib.sha256(orjson.dumps(content)).hexdigest()[:20]}"

    @property
    def day(self) -> date:
        """The first day that it is about."""
        return min(each.day for each in (*self.ours, *self.theirs))

    @property
    def our_count(self) -> int:
        """What the ledger moved, tonnes or fen."""
        return sum(each.unit_count for each in self.ours)

    @property
    def their_count(self) -> int:
        """What the statement says was moved, tonnes or fen."""
        return sum(each.unit_count for each in self.theirs)

    @property
    def differences(self) -> tuple[Difference, ...]:
        """By how much accounts differ; empty where they come out the same."""
        found: dict[tuple[str, str], int] = {}
        for sign, lines in ((-1, self._counted), (1, self.theirs)):
            for each in lines:
                key = each.book, each.instrument
                found[key] = found.get(key, 0) + sign * each.unit_count
        return tuple(
            Difference(book=book, instrument=instrument, unit_count=count)
            for (book, instrument), count in sorted(found.items())
            if count
        )

    @property
    def _counted(self) -> Sequence[Line]:
        """Transfers that differ: where a line takes one back, both sides have had that one."""
        if self.kind is BreakKind.REVERSED and self.theirs:
            return ()
        if self.kind is BreakKind.REVERSED:
            return [each for each in self.ours if each.reverses]
        if self.kind is BreakKind.DUPLICATE and self.theirs:
            return ()
        return self.ours


def blocked(breaks: Iterable[Break]) -> frozenset[str]:
    """Return the accounts that differ: they alone are blocked."""
    return frozenset(found.book for each in breaks for found in each.differences)


def open_days(first_time: datetime, now: datetime) -> int:
    """Return how many days of China a break has been open, 0 on the day it was found.

    >>> from datetime import UTC
    >>> open_days(datetime(2026, 1, 1, 15, 59, tzinfo=UTC), datetime(2026, 1, 1, 16, tzinfo=UTC))
    1
    """
    return (now.astimezone(SHANGHAI).date() - first_time.astimezone(SHANGHAI).date()).days
