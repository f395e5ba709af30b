"""A transfer: as it is wanted, and as it stands in the chain of a book."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple, Self, TypeAlias

import orjson

from services.kernel.errors import FieldInvalid, FieldRequired, SettlementBeforeTrade, Words
from services.kernel.names import Pattern
from services.trading.domain.ledger.chart import Kind, Purpose

TRANSFER: Final = Pattern("accounts/{account}/transfers/{transfer}")
INSTRUMENT: Final = Pattern("instruments/{instrument}")
OURS: Final = "time-out-of-"
"""How the ids of those transfers begin that the service makes itself."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

AccountKey: TypeAlias = "tuple[str, str, Purpose]"
"""Book, instrument and purpose: what a ledger account is known by."""


class Phase(StrEnum):
    """What a transfer does to the books; the contract says it in words."""

    POSTED = "POSTED"
    PENDING = "PENDING"
    POST_PENDING = "POST_PENDING"
    VOID_PENDING = "VOID_PENDING"
    TIME_OUT = "TIME_OUT"
    REVERSAL = "REVERSAL"


FIRST: Final = frozenset({Phase.POSTED, Phase.PENDING})
"""Phases that name a kind and an instrument; the others name a transfer, whose they take."""


class Wanted(NamedTuple):
    """A transfer as the caller wants it."""

    book: str
    transfer: str
    phase: Phase
    trade_date: date
    settlement_date: date
    evidence: str
    kind: Kind | None = None
    instrument: str = ""
    unit_count: int = 0
    """Tonnes or fen; 0 where all of the target is meant."""
    target: str = ""
    """The id of the transfer, in the same book, that it posts, voids, times out or reverses."""
    timeout_time: datetime | None = None

    @classmethod
    def time_out(cls, book: str, number: int, target: str, on: date) -> Self:
        """Return the transfer that ends a reservation whose time is over."""
        return cls(
            book=book,
            transfer=f"{OURS}{number}",
            phase=Phase.TIME_OUT,
            target=target,
            trade_date=on,
            settlement_date=on,
            evidence="timeout",
        )

    @property
    def name(self) -> str:
        """The resource name."""
        return f"accounts/{self.book}/transfers/{self.transfer}"

    @property
    def target_name(self) -> str:
        """The resource name of the target."""
        return f"accounts/{self.book}/transfers/{self.target}"

    def digest(self) -> bytes:
        """Return the SHA-256 of what is wanted: the same for the same content alone."""
        content = [
            self.phase,
            self.kind.name if self.kind else "",
            self.instrument,
            self.unit_count,
            self.target,
            microseconds(self.timeout_time),
            self.trade_date,
            self.settlement_date,
            self.evidence,
        ]
        return hashlib.sha256(orjson.dumps(content)).digest()


def check(wanted: Wanted) -> Wanted:
    """Return `wanted` if it says what its phase needs, and nothing else.

    Raises:
        FieldRequired, FieldInvalid, SettlementBeforeTrade: at the field of `transfer`.
    """
    if wanted.phase in FIRST:
        _check_first(wanted)
    else:
        _check_later(wanted)
    if wanted.timeout_time is not None and wanted.phase is not Phase.PENDING:
        raise _superfluous("timeout_time", str(wanted.timeout_time))
    if wanted.settlement_date < wanted.trade_date:
        raise SettlementBeforeTrade(
            field="transfer.settlement_date",
            given=wanted.settlement_date,
            trade_date=wanted.trade_date,
        )
    return wanted


def _check_first(wanted: Wanted) -> None:
    for field, given in (
        ("kind", wanted.kind),
        ("instrument", wanted.instrument),
        ("unit_count", wanted.unit_count),
    ):
        if not given:
            raise FieldRequired(field=f"transfer.{field}")
    if wanted.target:
        raise _superfluous("target", wanted.target_name)


def _check_later(wanted: Wanted) -> None:
    if not wanted.target:
        raise FieldRequired(field="transfer.target")
    if wanted.kind is not None:
        raise _superfluous("kind", wanted.kind.name)
    if wanted.instrument:
        raise _superfluous("instrument", wanted.instrument)
    if wanted.unit_count and wanted.phase is not Phase.POST_PENDING:
        raise _superfluous("unit_count", str(wanted.unit_count))


def _superfluous(field: str, given: str) -> FieldInvalid:
    allowed = Words(
        en="nothing: a transfer of this phase takes none", zh="留空：该阶段的交易不填此项"
    )
    return FieldInvalid(field=f"transfer.{field}", given=given, allowed=allowed)


class Transfer(NamedTuple):
    """A row of a chain: both sides of one movement, and how both accounts stood after it.

    A tuple, since many are made; its fields are always named.
    """

    book: str
    number: int
    """Its place in the chain, from 1."""
    transfer: str
    phase: Phase
    kind: Kind
    instrument: str
    debit: Purpose
    credit: Purpose
    unit_count: int
    """Moved from the credited to the debited account, tonnes or fen."""
    reserved_count: int
    """Newly reserved on the credited account."""
    released_count: int
    """No longer reserved on the credited account."""
    target_number: int | None
    link: str
    trade_date: date
    settlement_date: date
    timeout_time: datetime | None
    evidence: str
    principal: str
    record_time: datetime
    digest: bytes
    debit_version: int
    debit_balance: int
    debit_reserved: int
    credit_version: int
    credit_balance: int
    credit_reserved: int
    hash: bytes = b""

    @property
    def name(self) -> str:
        """The resource name."""
        return f"accounts/{self.book}/transfers/{self.transfer}"

    @property
    def debit_key(self) -> AccountKey:
        """The ledger account that receives."""
        return self.book, self.instrument, self.debit

    @property
    def credit_key(self) -> AccountKey:
        """The ledger account that gives."""
        return self.book, self.instrument, self.credit


@lru_cache
def microseconds(moment: datetime | None) -> int | None:
    """Return a moment in microseconds since 1970, UTC. Many transfers are recorded at the same."""
    return None if moment is None else (moment - _EPOCH) // _MICROSECOND


def moment(count: int | None) -> datetime | None:
    """Return the moment so many microseconds after 1970, UTC."""
    return None if count is None else _EPOCH + count * _MICROSECOND
