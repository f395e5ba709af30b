"""Instructions ⇄ their messages."""

from __future__ import annotations

from services.kernel import names
from services.kernel.batch import check_each_once
from services.kernel.errors import FieldInvalid, FieldRequired, PageTokenInvalid, Words, within
from services.runtime import auth, wire
from services.trading.domain.desk import check
from services.trading.domain.desk.instruction import Content, Instruction, State, Step
from services.trading.domain.desk.trade import Trade, transfers_of
from services.trading.domain.ledger.transfer import INSTRUMENT, Wanted
from services.trading.wire import ledger, trade
from zonecarbon.trading.v1 import instruction_pb2, ledger_service_pb2, transfer_pb2

_LONGEST_ID = 50
"""Transfers of a trade are named after it, and an id has at most 63 letters."""
_ALL = "accounts/-"
_KEY = " "
_STATES = {
    instruction_pb2.InstructionState.Value(f"INSTRUCTION_STATE_{state.value}"): state
    for state in State
}
_OF_STATE = {state: value for value, state in _STATES.items()}


def check_id(given: str) -> str:
    """Return the id of an instruction.

    Raises:
        NameInvalid, FieldInvalid: it is none, or too long.
    """
    names.check_id("instruction", given)
    if len(given) > _LONGEST_ID:
        allowed = Words(en=f"at most {_LONGEST_ID} letters", zh=f"最多 {_LONGEST_ID} 个字符")
        raise FieldInvalid(field="instruction_id", given=given, allowed=allowed)
    return given


def to_trade(message: instruction_pb2.Instruction, book: str) -> Trade | None:
    """Return the trade of an instruction; None where it has none.

    Raises:
        NameInvalid, FieldInvalid, QuantityInvalid, SettlementBeforeTrade: at `instruction.trade`.
    """
    if not message.HasField("trade"):
        return None
    with within("instruction.trade."):
        return trade.to_trade(message.trade, book)


def to_content(
    message: instruction_pb2.Instruction, traded: Trade | None, book: str, id_: str
) -> Content:
    """Return what an instruction of `book` wants, its trade with its other side being `traded`.

    Raises:
        NameInvalid, FieldRequired, FieldInvalid, SettlementBeforeTrade, DuplicateRow: at the field.
    """
    with within("instruction."):
        wanted = _wanted(message, traded, book, id_)
        execute_time = wire.to_optional_instant(message, "execute_time")
        expire_time = wire.to_optional_instant(message, "expire_time")
    assert expire_time is not None, "the contract refuses it"
    if execute_time is not None and expire_time <= execute_time:
        allowed = Words(en=f"later than {execute_time}", zh=f"晚于 {execute_time}")
        given = expire_time.isoformat()
        raise FieldInvalid(field="instruction.expire_time", given=given, allowed=allowed)
    if not message.purpose.strip():
        raise FieldRequired(field="instruction.purpose")
    return Content(
        purpose=message.purpose,
        wanted=wanted,
        trade=traded,
        execute_time=execute_time,
        expire_time=expire_time,
    )


def to_parent(name: str) -> str:
    """Return the id of the account whose instructions are listed; "" for all.

    Raises:
        NameInvalid: it is none.
    """
    return "" if name == _ALL else names.ACCOUNT.parse(name, "parent")["account"]


def to_state(value: instruction_pb2.InstructionState.ValueType) -> State | None:
    """Return the state; None where it is not said."""
    return _STATES.get(value)


def to_page_key(token: str) -> tuple[str, str] | None:
    """Return after which instruction a page begins; None for the first page."""
    if not token:
        return None
    account, gap, id_ = token.partition(_KEY)
    if not gap:
        raise PageTokenInvalid
    return account, id_


def from_page_key(each: Instruction) -> str:
    """Return the key of an instruction as it stands in a token."""
    return f"{each.account}{_KEY}{each.instruction}"


def from_instruction(each: Instruction) -> instruction_pb2.Instruction:
    """Return the message of an instruction."""
    content = each.content
    message = instruction_pb2.Instruction(
        name=each.name,
        purpose=content.purpose,
        transfers=[_from_wanted(wanted) for wanted in content.wanted],
        trade=None if content.trade is None else trade.from_trade(content.trade, each.account),
        expire_time=wire.from_instant(content.expire_time),
        state=_OF_STATE[each.state],
        content_version=each.last.version,
        content_digest=each.last.digest,
        maker=each.maker.principal,
        link=next((step.link for step in each.steps if step.link), ""),
        etag=each.etag,
        steps=[_from_step(step) for step in each.steps],
    )
    if content.execute_time is not None:
        message.execute_time.FromDatetime(content.execute_time)
    return message


def from_result(result: check.Result) -> instruction_pb2.CheckResult:
    """Return the message of a check that was run, in the caller's language."""
    said = result.fault or result.check.demand
    return instruction_pb2.CheckResult(
        check_number=result.check.number,
        field=result.field,
        transaction_kind=result.kind,
        passed=result.fault is None,
        text=said.said(auth.language()),
        source=wire.from_source(result.check.rule.source),
    )


def _wanted(
    message: instruction_pb2.Instruction, traded: Trade | None, book: str, id_: str
) -> tuple[Wanted, ...]:
    if traded is None:
        if not message.transfers:
            raise FieldRequired(field="transfers")
        found = tuple(ledger.to_several(message.transfers, "transfers"))
        check_each_once("transfers", (each.name for each in found))
        return found
    if message.transfers:
        allowed = Words(en="nothing: they follow from the trade", zh="留空：划转由成交推出")
        given = str(len(message.transfers))
        raise FieldInvalid(field="transfers", given=given, allowed=allowed)
    return transfers_of(traded, book, id_)


def _from_wanted(wanted: Wanted) -> ledger_service_pb2.PostTransferRequest:
    message = transfer_pb2.Transfer(
        phase=ledger.from_phase(wanted.phase),
        kind=ledger.from_kind(wanted.kind),
        unit_count=wanted.unit_count,
        target=wanted.target_name if wanted.target else "",
        trade_date=wire.from_day(wanted.trade_date),
        settlement_date=wire.from_day(wanted.settlement_date),
        evidence=wanted.evidence,
    )
    if wanted.instrument:
        message.instrument = INSTRUMENT.format(instrument=wanted.instrument)
    if wanted.timeout_time is not None:
        message.timeout_time.FromDatetime(wanted.timeout_time)
    return ledger_service_pb2.PostTransferRequest(
        parent=names.ACCOUNT.format(account=wanted.book),
        transfer_id=wanted.transfer,
        transfer=message,
    )


def _from_step(step: Step) -> instruction_pb2.InstructionStep:
    return instruction_pb2.InstructionStep(
        step_number=step.number,
        state=_OF_STATE[step.state],
        content_version=step.version,
        content_digest=step.digest,
        principal=step.actor.principal,
        person=step.actor.person,
        role=step.actor.role,
        reason=step.reason,
        record_time=wire.from_instant(step.record_time),
    )
