"""Transfers, entries and balances ⇄ their messages."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache

from services.kernel import names
from services.kernel.errors import DomainError, FieldInvalid, Several, Words, within
from services.runtime import auth, wire
from services.trading.domain.ledger.as_of import AsOf
from services.trading.domain.ledger.chain import Finding, Head, Standing
from services.trading.domain.ledger.chart import Kind, Purpose
from services.trading.domain.ledger.transfer import (
    INSTRUMENT,
    OURS,
    TRANSFER,
    AccountKey,
    Phase,
    Transfer,
    Wanted,
    check,
)
from zonecarbon.trading.v1 import ledger_service_pb2, transfer_pb2

_KINDS = {transfer_pb2.TransferKind.Value(f"TRANSFER_KIND_{kind.name}"): kind for kind in Kind}
_PHASES = {
    transfer_pb2.TransferPhase.Value(f"TRANSFER_PHASE_{phase.value}"): phase for phase in Phase
}
_PURPOSES = {
    transfer_pb2.LedgerPurpose.Value(f"LEDGER_PURPOSE_{purpose.value}"): purpose
    for purpose in Purpose
}
_OF_KIND = {kind: value for value, kind in _KINDS.items()}
_OF_PHASE = {phase: value for value, phase in _PHASES.items()}
_OF_PURPOSE = {purpose: value for value, purpose in _PURPOSES.items()}


def to_wanted(request: ledger_service_pb2.PostTransferRequest) -> Wanted:
    """Return the transfer that is to be posted.

    Raises:
        NameInvalid, FieldRequired, FieldInvalid, SettlementBeforeTrade: at the field.
    """
    message = request.transfer
    book = _book(request.parent)
    trade_date = wire.to_day(message.trade_date, "transfer.trade_date")
    settlement_date = wire.to_optional_day(message.settlement_date, "transfer.settlement_date")
    return check(
        Wanted(
            book=book,
            transfer=_own_id(request.transfer_id),
            phase=_PHASES[message.phase],
            kind=_KINDS.get(message.kind),
            instrument=to_instrument(message.instrument, "transfer.instrument"),
            unit_count=message.unit_count,
            target=_target(book, message.target),
            timeout_time=_timeout_time(message),
            trade_date=trade_date,
            settlement_date=settlement_date or trade_date,
            evidence=message.evidence,
        )
    )


def to_several(
    requests: Iterable[ledger_service_pb2.PostTransferRequest], field: str = "requests"
) -> list[Wanted]:
    """Return the transfers that are to be posted together.

    Raises:
        NameInvalid, FieldRequired, FieldInvalid, SettlementBeforeTrade, Several: as `to_wanted`,
            of all of them; at `field`.
    """
    found: list[Wanted] = []
    wrong: list[DomainError] = []
    for index, request in enumerate(requests):
        try:
            with within(f"{field}[{index}]."):
                found.append(to_wanted(request))
        except DomainError as error:
            wrong.append(error)
    if wrong:
        raise Several.of(wrong)
    return found


@lru_cache
def to_instrument(name: str, field: str = "instrument") -> str:
    """Return the id of an instrument; "" where none is named. Most name one of a few."""
    return INSTRUMENT.parse(name, field)["instrument"] if name else ""


def to_purpose(value: transfer_pb2.LedgerPurpose.ValueType) -> Purpose:
    """Return the purpose."""
    return _PURPOSES[value]


def to_as_of(message: transfer_pb2.LedgerAsOf) -> AsOf:
    """Return what counts.

    Raises:
        FieldInvalid: a day or moment does not exist; at `as_of`.
    """
    with within("as_of."):
        return AsOf(
            trade_date=wire.to_optional_day(message.trade_date, "trade_date"),
            settlement_date=wire.to_optional_day(message.settlement_date, "settlement_date"),
            record_time=wire.to_optional_instant(message, "record_time"),
        )


def to_head(message: ledger_service_pb2.ChainHead) -> Head:
    """Return the head that was exported."""
    return Head(number=message.chain_number, hash=message.chain_hash)


def from_transfer(each: Transfer, target: str = "") -> transfer_pb2.Transfer:
    """Return the message of a transfer, whose target has the name `target`."""
    message = transfer_pb2.Transfer()
    fill(message, each, target)
    return message


def fill(message: transfer_pb2.Transfer, each: Transfer, target: str = "") -> None:
    """Make a message that of a transfer, as `from_transfer` does; one of a list need not be copied.

    What many transfers have in common is translated once, and copied.
    """
    message.CopyFrom(
        _in_common(
            each.phase,
            each.kind,
            each.instrument,
            each.debit,
            each.credit,
            each.trade_date,
            each.settlement_date,
            each.timeout_time,
            each.record_time,
            each.link,
            each.principal,
        )
    )
    message.name = each.name
    message.unit_count = each.unit_count or each.reserved_count or each.released_count
    message.target = target
    message.evidence = each.evidence
    message.chain_number = each.number
    message.chain_hash = each.hash


@lru_cache
def _in_common(  # noqa: PLR0913, PLR0917 (as a transfer has them)
    phase: Phase,
    kind: Kind,
    instrument: str,
    debit: Purpose,
    credit: Purpose,
    trade_date: date,
    settlement_date: date,
    timeout_time: datetime | None,
    record_time: datetime,
    link: str,
    principal: str,
) -> transfer_pb2.Transfer:
    """Return what the messages of some transfers have in common; it is only copied."""
    return transfer_pb2.Transfer(
        phase=_OF_PHASE[phase],
        kind=_OF_KIND[kind],
        instrument=INSTRUMENT.format(instrument=instrument),
        trade_date=wire.from_day(trade_date),
        settlement_date=wire.from_day(settlement_date),
        link=link,
        debit_purpose=_OF_PURPOSE[debit],
        credit_purpose=_OF_PURPOSE[credit],
        principal=principal,
        record_time=wire.from_instant(record_time),
        timeout_time=None if timeout_time is None else wire.from_instant(timeout_time),
    )


def from_kind(kind: Kind | None) -> transfer_pb2.TransferKind.ValueType:
    """Return the value of a kind; unspecified where there is none."""
    return transfer_pb2.TRANSFER_KIND_UNSPECIFIED if kind is None else _OF_KIND[kind]


def from_phase(phase: Phase) -> transfer_pb2.TransferPhase.ValueType:
    """Return the value of a phase."""
    return _OF_PHASE[phase]


def from_balance(key: AccountKey, standing: Standing) -> transfer_pb2.LedgerBalance:
    """Return the message of how a ledger account stands."""
    book, instrument, purpose = key
    return transfer_pb2.LedgerBalance(
        account=names.ACCOUNT.format(account=book),
        instrument=INSTRUMENT.format(instrument=instrument),
        purpose=_OF_PURPOSE[purpose],
        balance_count=standing.balance,
        reserved_count=standing.reserved,
        available_count=standing.available,
        account_version=standing.version,
    )


def from_entry(each: Transfer, purpose: Purpose) -> transfer_pb2.LedgerEntry:
    """Return the message of a transfer as the account of `purpose` saw it."""
    debited = each.debit is purpose
    return transfer_pb2.LedgerEntry(
        transfer=each.name,
        kind=_OF_KIND[each.kind],
        phase=_OF_PHASE[each.phase],
        change_count=each.unit_count if debited else -each.unit_count,
        balance_count=each.debit_balance if debited else each.credit_balance,
        reserved_count=each.debit_reserved if debited else each.credit_reserved,
        account_version=each.debit_version if debited else each.credit_version,
        trade_date=wire.from_day(each.trade_date),
        settlement_date=wire.from_day(each.settlement_date),
        record_time=wire.from_instant(each.record_time),
        evidence=each.evidence,
    )


def from_head(book: str, head: Head) -> ledger_service_pb2.ChainHead:
    """Return the message of the end of a chain."""
    return ledger_service_pb2.ChainHead(
        account=names.ACCOUNT.format(account=book), chain_number=head.number, chain_hash=head.hash
    )


def from_finding(finding: Finding) -> ledger_service_pb2.LedgerFinding:
    """Return the message of a finding, in the caller's language."""
    return ledger_service_pb2.LedgerFinding(
        chain_number=finding.number,
        name=finding.name,
        text=finding.text.said(auth.language()),
    )


@lru_cache(10_000)
def _book(parent: str) -> str:
    """Return the id of a book; most post to the same again and again."""
    return names.ACCOUNT.parse(parent, "parent")["account"]


def _own_id(given: str) -> str:
    names.check_id("transfer", given)
    if given.startswith(OURS):
        allowed = Words(
            en=f"an id that does not begin with {OURS}: those are of timeouts",
            zh=f"不以 {OURS} 开头的标识（该前缀供到期释放使用）",
        )
        raise FieldInvalid(field="transfer_id", given=given, allowed=allowed)
    return given


def _target(book: str, name: str) -> str:
    """Return the id of the target, which is in the same book; "" where none is named."""
    if not name:
        return ""
    ids = TRANSFER.parse(name, "transfer.target")
    if ids["account"] != book:
        allowed = Words(en=f"a transfer of accounts/{book}", zh=f"accounts/{book} 的交易")
        raise FieldInvalid(field="transfer.target", given=name, allowed=allowed)
    return ids["transfer"]


def _timeout_time(message: transfer_pb2.Transfer) -> datetime | None:
    if not message.HasField("timeout_time"):
        return None
    return wire.to_instant(message.timeout_time, "transfer.timeout_time")
