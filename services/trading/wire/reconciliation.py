"""Statements, breaks and corrections ⇄ their messages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from services.kernel import names
from services.kernel.errors import FieldInvalid, Words
from services.runtime import wire
from services.trading.domain.ledger.transfer import INSTRUMENT, Wanted
from services.trading.domain.reconciliation import difference
from services.trading.domain.reconciliation.correction import (
    BREAK,
    STATEMENT,
    Correction,
    Decided,
    Verdict,
)
from services.trading.domain.reconciliation.difference import Break, BreakKind
from services.trading.domain.reconciliation.form import StatementKind
from services.trading.domain.reconciliation.line import Line
from services.trading.domain.reconciliation.statement import (
    Block,
    OpenBreak,
    Reconciliation,
    Statement,
)
from services.trading.wire import ledger
from zonecarbon.trading.v1 import reconciliation_pb2 as pb
from zonecarbon.trading.v1 import reconciliation_service_pb2, transfer_pb2

MOST_SHOWN: Final = 1_000
"""Breaks that come with a reconciliation."""

_KINDS: Final = {
    kind: pb.StatementKind.Value(f"STATEMENT_KIND_{kind.value}") for kind in StatementKind
}
_OF_KIND: Final = {value: kind for kind, value in _KINDS.items()}
_BREAKS: Final = {kind: pb.BreakKind.Value(f"BREAK_KIND_{kind.value}") for kind in BreakKind}
_VERDICTS: Final = {
    reconciliation_service_pb2.CorrectionVerdict.Value(f"CORRECTION_VERDICT_{each.value}"): each
    for each in Verdict
}
_STATES: Final = {
    each: pb.CorrectionState.Value(f"CORRECTION_STATE_{each.value}") for each in Verdict
}


def to_kind(value: pb.StatementKind.ValueType) -> StatementKind:
    """Return the kind of statement."""
    return _OF_KIND[value]


def to_verdict(value: reconciliation_service_pb2.CorrectionVerdict.ValueType) -> Verdict:
    """Return the verdict."""
    return _VERDICTS[value]


def to_statement(
    request: reconciliation_service_pb2.ImportStatementRequest, principal: str, now: datetime
) -> Statement:
    """Return the statement that is to be imported, its file not read yet.

    Raises:
        NameInvalid, FieldInvalid: at the field.
    """
    names.check_id("statement", request.statement_id)
    replaced = STATEMENT.parse(request.supersedes, "supersedes") if request.supersedes else {}
    if replaced.get("statement") == request.statement_id:
        other = Words(en="another statement", zh="另一份对账单")
        raise FieldInvalid(field="supersedes", given=request.supersedes, allowed=other)
    covered = {
        names.ACCOUNT.parse(each, f"accounts[{index}]")["account"]
        for index, each in enumerate(request.accounts)
    }
    return Statement(
        statement=request.statement_id,
        kind=to_kind(request.kind),
        start=wire.to_day(request.start_date, "start_date"),
        end=wire.to_day(request.end_date, "end_date"),
        books=tuple(sorted(covered)),
        file_name=request.file_name,
        digest=b"",
        line_count=0,
        evidence=request.evidence,
        supersedes=replaced.get("statement", ""),
        principal=principal,
        create_time=now,
    )


def from_statement(statement: Statement) -> pb.Statement:
    """Return the message of a statement."""
    return pb.Statement(
        name=statement.name,
        kind=_KINDS[statement.kind],
        start_date=wire.from_day(statement.start),
        end_date=wire.from_day(statement.end),
        accounts=[names.ACCOUNT.format(account=book) for book in statement.books],
        line_count=statement.line_count,
        file_name=statement.file_name,
        file_digest=statement.digest,
        evidence=statement.evidence,
        supersedes=STATEMENT.format(statement=statement.supersedes) if statement.supersedes else "",
        superseded=statement.superseded,
        principal=statement.principal,
        create_time=wire.from_instant(statement.create_time),
    )


def from_reconciliation(found: Reconciliation, now: datetime) -> pb.Reconciliation:
    """Return the message of a reconciliation, with the first of its breaks."""
    return pb.Reconciliation(
        statement=STATEMENT.format(statement=found.statement),
        run_number=found.number,
        line_count=found.line_count,
        transfer_count=found.transfer_count,
        agreed_count=found.agreed_count,
        netted_count=found.netted_count,
        breaks=[from_break(each, found.statement, now) for each in found.breaks[:MOST_SHOWN]],
        break_count=len(found.breaks),
        blocked_accounts=[names.ACCOUNT.format(account=book) for book in found.blocked],
        principal=found.principal,
        create_time=wire.from_instant(found.create_time),
    )


def from_break(each: OpenBreak, statement: str, now: datetime) -> pb.Break:
    """Return the message of a break."""
    return pb.Break(
        name=each.name_in(statement),
        kind=_BREAKS[each.found.kind],
        transfers=_lines(each.found.ours),
        lines=_lines(each.found.theirs),
        differences=_differences(each.found),
        first_time=wire.from_instant(each.first_time),
        open_day_count=difference.open_days(each.first_time, now),
    )


def from_correction(each: Decided) -> pb.Correction:
    """Return the message of a correction and what was decided on it."""
    stored, decision = each
    message = _proposed(stored.value)
    message.propose_time.CopyFrom(wire.from_instant(stored.create_time))
    if decision is not None:
        message.state = _STATES[decision.verdict]
        message.checker, message.reason = decision.checker, decision.reason
        message.decide_time.CopyFrom(wire.from_instant(decision.decide_time))
    return message


def from_block(block: Block, now: datetime) -> pb.AccountBlock:
    """Return the message of a break that blocks an account."""
    return pb.AccountBlock(
        account=names.ACCOUNT.format(account=block.book),
        statement_break=_break_name(block.statement, block.break_id),
        kind=_BREAKS[block.kind],
        first_time=wire.from_instant(block.first_time),
        open_day_count=difference.open_days(block.first_time, now),
    )


def _proposed(correction: Correction) -> pb.Correction:
    return pb.Correction(
        name=correction.name,
        statement_break=_break_name(correction.statement, correction.break_id),
        transfers=[_wanted(each) for each in correction.wanted],
        evidence=correction.evidence,
        maker=correction.maker.principal,
        state=pb.CORRECTION_STATE_PROPOSED,
    )


def _wanted(each: Wanted) -> transfer_pb2.Transfer:
    message = transfer_pb2.Transfer(
        name=each.name,
        phase=ledger.from_phase(each.phase),
        unit_count=each.unit_count,
        target=each.target_name if each.target else "",
        trade_date=wire.from_day(each.trade_date),
        settlement_date=wire.from_day(each.settlement_date),
        evidence=each.evidence,
    )
    if each.kind is not None:
        message.kind = ledger.from_kind(each.kind)
        message.instrument = INSTRUMENT.format(instrument=each.instrument)
    return message


def _break_name(statement: str, break_id: str) -> str:
    return BREAK.format(statement=statement, **{"break": break_id})


def _lines(lines: Sequence[Line]) -> list[pb.BreakLine]:
    return [
        pb.BreakLine(
            line=each.id,
            account=names.ACCOUNT.format(account=each.book),
            instrument=INSTRUMENT.format(instrument=each.instrument),
            unit_count=each.unit_count,
            settlement_date=wire.from_day(each.day),
            reference=each.reference,
            reverses=each.reverses,
        )
        for each in lines
    ]


def _differences(found: Break) -> list[pb.BreakDifference]:
    return [
        pb.BreakDifference(
            account=names.ACCOUNT.format(account=each.book),
            instrument=INSTRUMENT.format(instrument=each.instrument),
            unit_count=each.unit_count,
        )
        for each in found.differences
    ]
