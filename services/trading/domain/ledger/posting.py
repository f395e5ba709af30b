"""What posting a transfer does to books, or why it is refused. Pure: the store loads and saves.

Transfers that come together stand or fall together. The order of the checks is the order of the
reasons in the contract.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

from services.kernel.errors import (
    AtField,
    BalanceInsufficient,
    BalanceOverflow,
    DomainError,
    InstrumentUnknown,
    Several,
    TimeoutPast,
    TransferIdReused,
    TransferIrreversible,
    TransferKindUnfit,
    TransferMissing,
    TransferNotPending,
    TransferReversed,
    TransferSettled,
    TransferTimedOut,
    UnitsAbovePending,
)
from services.kernel.names import ACCOUNT
from services.trading.domain.ledger.chain import EMPTY, Head, Standing, hash_of
from services.trading.domain.ledger.chart import INSIDE, InstrumentKind, Kind, Purpose
from services.trading.domain.ledger.transfer import (
    FIRST,
    INSTRUMENT,
    AccountKey,
    Phase,
    Transfer,
    Wanted,
)

LARGEST_BALANCE: Final = 10**18
"""Tonnes or fen, either way: below the bound of 64 bits."""


class Settlement(NamedTuple):
    """What settled a pending transfer, or reversed one."""

    name: str
    phase: Phase


@dataclass(slots=True, kw_only=True)
class Books:
    """What of some books is needed to post; posting moves it on."""

    heads: dict[str, Head] = field(default_factory=dict)
    """The end of the chain of each book."""
    standings: dict[AccountKey, Standing] = field(default_factory=dict)
    """How ledger accounts stand; those that are not there are empty."""
    known: dict[tuple[str, str], Transfer] = field(default_factory=dict)
    """By book and id: transfers that are wanted or named, where they exist."""
    settled: dict[tuple[str, int], Settlement] = field(default_factory=dict)
    """By book and number: what settled or reversed those that are named."""
    instruments: dict[str, InstrumentKind] = field(default_factory=dict)
    posted: list[Transfer] = field(default_factory=list)
    """New transfers, in their order."""


class _Before(NamedTuple):
    """How its book and its accounts stood before a transfer, the debited first."""

    posted: Transfer
    head: Head
    debit: Standing
    credit: Standing


class _Movement(NamedTuple):
    kind: Kind
    instrument: str
    debit: Purpose
    credit: Purpose
    unit_count: int
    reserved_count: int
    released_count: int
    target: Transfer | None


def post(
    books: Books, wanted: Sequence[Wanted], *, principal: str, link: str, now: datetime
) -> list[Transfer]:
    """Return the transfers that are wanted, new ones and those that were posted before.

    A new one has a record time not before `now`. Nothing of `books` changes unless all are taken.

    Raises:
        DomainError: why those that cannot be posted are refused, each that is not so only because
            one before it is; at `requests[i].` where `link` says that they came in one request.
    """
    done: list[Transfer] = []
    undo: list[_Before] = []
    refused = _Refused()
    for index, each in enumerate(wanted):
        try:
            done.append(_posted(books, each, principal, link, now, undo))
        except DomainError as refusal:
            told = refusal
            if link and isinstance(refusal, AtField):
                told = refusal.within(f"requests[{index}].")
            refused.add(each, told)
    if refused.errors:
        _set_back(books, undo)
        raise Several.of(refused.errors)
    return done


@dataclass(slots=True)
class _Refused:
    """Why transfers of a request are refused, but for what only follows from a refusal before."""

    errors: list[DomainError] = field(default_factory=list)
    ids: set[tuple[str, str]] = field(default_factory=set)
    books: set[str] = field(default_factory=set)

    def add(self, each: Wanted, refusal: DomainError) -> None:
        """Note why a transfer is refused; its own refusal may make others look wrong."""
        follows = (each.book, each.target) in self.ids or (
            isinstance(refusal, BalanceInsufficient | BalanceOverflow) and each.book in self.books
        )
        if not follows:
            self.errors.append(refusal)
        self.ids.add((each.book, each.transfer))
        self.books.add(each.book)


def _posted(  # noqa: PLR0913, PLR0917 (called once for each, in the hottest loop)
    books: Books,
    each: Wanted,
    principal: str,
    link: str,
    now: datetime,
    undo: list[_Before],
) -> Transfer:
    digest = each.digest()
    known = books.known.get((each.book, each.transfer))
    if known is not None:
        if known.digest != digest:
            raise TransferIdReused(field="transfer_id", name=each.name)
        return known
    movement = _movement(books, each, now)
    debit_key = (each.book, movement.instrument, movement.debit)
    credit_key = (each.book, movement.instrument, movement.credit)
    debit_before = books.standings.get(debit_key, EMPTY)
    credit_before = books.standings.get(credit_key, EMPTY)
    debit, credit = _moved(each.book, movement, debit_before, credit_before)
    head = books.heads[each.book]
    bare = Transfer(
        book=each.book,
        number=head.number + 1,
        transfer=each.transfer,
        phase=each.phase,
        kind=movement.kind,
        instrument=movement.instrument,
        debit=movement.debit,
        credit=movement.credit,
        unit_count=movement.unit_count,
        reserved_count=movement.reserved_count,
        released_count=movement.released_count,
        target_number=None if movement.target is None else movement.target.number,
        link=link,
        trade_date=each.trade_date,
        settlement_date=each.settlement_date,
        timeout_time=each.timeout_time,
        evidence=each.evidence,
        principal=principal,
        # A clock that was set back must not put what came to be known later before what was.
        record_time=now if head.record_time is None else max(now, head.record_time),
        digest=digest,
        debit_version=debit.version,
        debit_balance=debit.balance,
        debit_reserved=debit.reserved,
        credit_version=credit.version,
        credit_balance=credit.balance,
        credit_reserved=credit.reserved,
    )
    # As `_replace` does, which takes three times as long.
    posted = Transfer._make((*bare[:-1], hash_of(head.hash, bare)))
    undo.append(_Before(posted, head, debit_before, credit_before))
    _take(books, posted, debit, credit)
    return posted


def _take(books: Books, posted: Transfer, debit: Standing, credit: Standing) -> None:
    """Move books on by a transfer, after which its accounts stand as given."""
    books.posted.append(posted)
    books.heads[posted.book] = Head(posted.number, posted.hash, posted.record_time)
    books.standings[posted.debit_key] = debit
    books.standings[posted.credit_key] = credit
    books.known[posted.book, posted.transfer] = posted
    if posted.target_number is not None:
        by = Settlement(posted.name, posted.phase)
        books.settled[posted.book, posted.target_number] = by


def _movement(books: Books, each: Wanted, now: datetime) -> _Movement:
    """Return what a transfer moves, if its kind or the transfer that it names allows it."""
    if each.phase in FIRST:
        return _of_kind(books, each, now)
    target = books.known.get((each.book, each.target))
    if target is None:
        raise TransferMissing(field="transfer.target", name=each.target_name)
    settlement = books.settled.get((each.book, target.number))
    if each.phase is Phase.REVERSAL:
        return _reversed(target, settlement)
    return _settled(each, target, settlement, now)


def _of_kind(books: Books, each: Wanted, now: datetime) -> _Movement:
    kind = each.kind
    assert kind is not None, "checked before"
    instrument = books.instruments.get(each.instrument)
    if instrument is None:
        given = INSTRUMENT.format(instrument=each.instrument)
        raise InstrumentUnknown(field="transfer.instrument", given=given)
    if instrument not in kind.instruments:
        raise TransferKindUnfit(field="transfer.kind", given=kind.name, instrument=instrument.words)
    if each.timeout_time is not None and each.timeout_time <= now:
        raise TimeoutPast(field="transfer.timeout_time", given=each.timeout_time.isoformat())
    posted = each.phase is Phase.POSTED
    return _Movement(
        kind=kind,
        instrument=each.instrument,
        debit=kind.debit,
        credit=kind.credit,
        unit_count=each.unit_count if posted else 0,
        reserved_count=0 if posted else each.unit_count,
        released_count=0,
        target=None,
    )


def _settled(
    each: Wanted, target: Transfer, settlement: Settlement | None, now: datetime
) -> _Movement:
    """Return what posting, voiding or timing out a pending transfer moves."""
    if target.phase is not Phase.PENDING:
        raise TransferNotPending(
            field="transfer.target", name=target.name, phase=target.phase.value
        )
    if settlement is not None:
        raise TransferSettled(
            field="transfer.target",
            name=target.name,
            by=settlement.name,
            phase=settlement.phase.value,
        )
    count = 0
    if each.phase is Phase.POST_PENDING:
        if target.timeout_time is not None and target.timeout_time <= now:
            raise TransferTimedOut(
                field="transfer.target",
                name=target.name,
                timeout_time=target.timeout_time.isoformat(),
            )
        count = each.unit_count or target.reserved_count
        if count > target.reserved_count:
            raise UnitsAbovePending(
                field="transfer.unit_count",
                name=target.name,
                given=count,
                reserved=target.reserved_count,
            )
    return _Movement(
        kind=target.kind,
        instrument=target.instrument,
        debit=target.debit,
        credit=target.credit,
        unit_count=count,
        reserved_count=0,
        released_count=target.reserved_count,
        target=target,
    )


def _reversed(target: Transfer, settlement: Settlement | None) -> _Movement:
    """Return what moves back what another transfer moved."""
    if target.phase not in {Phase.POSTED, Phase.POST_PENDING}:
        raise TransferIrreversible(
            field="transfer.target", name=target.name, phase=target.phase.value
        )
    if settlement is not None:
        raise TransferReversed(field="transfer.target", name=target.name, by=settlement.name)
    return _Movement(
        kind=target.kind,
        instrument=target.instrument,
        debit=target.credit,
        credit=target.debit,
        unit_count=target.unit_count,
        reserved_count=0,
        released_count=0,
        target=target,
    )


def _moved(
    book: str, movement: _Movement, debited: Standing, credited: Standing
) -> tuple[Standing, Standing]:
    """Return how both accounts stand after a movement, the debited first."""
    count = movement.unit_count
    debit = Standing(debited.balance + count, debited.reserved, debited.version + 1)
    credit = Standing(
        credited.balance - count,
        credited.reserved + movement.reserved_count - movement.released_count,
        credited.version + 1,
    )
    if debit.balance > LARGEST_BALANCE:
        raise _overflow(book, movement, movement.debit)
    if credit.balance < -LARGEST_BALANCE or credit.reserved > LARGEST_BALANCE:
        raise _overflow(book, movement, movement.credit)
    if movement.credit in INSIDE and credit.available < 0:
        raise BalanceInsufficient(
            field="transfer.unit_count",
            account=ACCOUNT.format(account=book),
            purpose=movement.credit.value,
            instrument=movement.instrument,
            given=movement.unit_count or movement.reserved_count,
            available=credited.available,
        )
    return debit, credit


def _overflow(book: str, movement: _Movement, purpose: Purpose) -> BalanceOverflow:
    return BalanceOverflow(
        field="transfer.unit_count",
        account=ACCOUNT.format(account=book),
        purpose=purpose.value,
        instrument=movement.instrument,
        given=movement.unit_count or movement.reserved_count,
    )


def _set_back(books: Books, undo: Sequence[_Before]) -> None:
    """Set everything back, the last first; what was not there goes."""
    for posted, head, debit, credit in reversed(undo):
        del books.posted[-1]
        books.heads[posted.book] = head
        for key, standing in ((posted.debit_key, debit), (posted.credit_key, credit)):
            if standing is EMPTY:
                del books.standings[key]
            else:
                books.standings[key] = standing
        del books.known[posted.book, posted.transfer]
        if posted.target_number is not None:
            del books.settled[posted.book, posted.target_number]
