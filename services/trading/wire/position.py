"""Obligation and position → their messages."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from services.kernel import names
from services.kernel.errors import Language, Words
from services.runtime import wire
from services.trading.domain.obligation import Basis, Obligation
from services.trading.domain.position import Position
from services.trading.domain.versioned import Versioned
from services.trading.wire.account import from_sector
from services.trading.wire.duty import from_standings
from services.trading.wire.price import from_price
from zonecarbon.trading.v1 import duty_pb2, position_pb2
from zonecarbon.type.v1 import quantity_pb2

_NOTHING = Words(en="", zh="")
_BASES = {
    basis: position_pb2.ObligationBasis.Value(f"OBLIGATION_BASIS_{basis.value}") for basis in Basis
}


def from_obligation(stored: Versioned[Obligation]) -> position_pb2.Obligation:
    """Return the message of an obligation."""
    obligation = stored.value
    missing, change = obligation.missing or _NOTHING, obligation.change or _NOTHING
    return position_pb2.Obligation(
        account=names.ACCOUNT.format(account=obligation.account),
        compliance_year=obligation.compliance_year,
        basis=from_basis(obligation.basis),
        known=obligation.known,
        allowance_count=obligation.allowance_count,
        missing=missing.en,
        missing_zh=missing.zh,
        inventory=obligation.inventory,
        inventory_version=obligation.inventory_version,
        direct_co2_g=obligation.direct_co2_g,
        status=wire.from_status(obligation.status),
        verification=obligation.verification,
        verification_version=obligation.verification_version,
        reported=_reported(obligation),
        change=change.en,
        change_zh=change.zh,
        resource_version=stored.version,
        revision=stored.revision,
        create_time=wire.from_instant(stored.create_time),
    )


def _reported(obligation: Obligation) -> quantity_pb2.Quantity | None:
    if obligation.reported_t is None:
        return None
    return wire.from_exact(Fraction(obligation.reported_t), "tCO2e")


def from_positions(
    positions: Sequence[Position], revision: int, language: Language
) -> list[position_pb2.Position]:
    """Return the messages of positions that were read at trading's `revision`.

    What those of a sector, a year and a day share is made once.
    """
    waiting = [
        (each.facts.account, each.facts.next_duty) for each in positions if each.facts.next_duty
    ]
    said = from_standings(waiting, language)
    duties = {account.account: duty for (account, _), duty in zip(waiting, said, strict=True)}
    shared: dict[tuple[object, ...], position_pb2.Position] = {}
    found: list[position_pb2.Position] = []
    for each in positions:
        facts = each.facts
        key = (facts.account.sector, facts.compliance_year, each.valuation_date)
        if key not in shared:
            shared[key] = _of_sector(each, revision)
        message = _of_account(each, duties.get(facts.account.account))
        message.MergeFrom(shared[key])
        found.append(message)
    return found


def _of_sector(position: Position, revision: int) -> position_pb2.Position:
    """Return what a position says of its sector, year and day."""
    facts = position.facts
    message = position_pb2.Position(
        sector=from_sector(facts.account.sector),
        compliance_year=facts.compliance_year,
        valuation_date=wire.from_day(position.valuation_date),
        surrender_date=wire.from_day(position.surrender_date),
        revision=revision,
    )
    if facts.rulebook is not None:
        message.rule_status = wire.from_status(facts.rulebook.source.status)
    return message


def _of_account(position: Position, next_duty: duty_pb2.Duty | None) -> position_pb2.Position:
    """Return what a position says of its account."""
    facts, account = position.facts, position.facts.account
    allocation, status, value_fen = facts.allocation, position.status, position.gap_value_fen
    message = position_pb2.Position(
        name=account.name_of(names.POSITION, facts.compliance_year),
        enterprise=account.enterprise_name,
        state=_state(position),
        allocated_count=position.allocated_count,
        issued_count=position.issued_count,
        to_be_issued_count=position.to_be_issued_count,
        held_count=position.held_count,
        obligation_count=position.obligation_count,
        gap_count=position.gap_count,
        banked_count=facts.holdings.banked_count,
        arrear_count=sum(each.missing_count for each in facts.arrears),
        next_duty=next_duty,
        obligation=None if facts.obligation is None else from_obligation(facts.obligation),
    )
    if status is not None:
        message.status = wire.from_status(status)
    for words in position.missing:
        message.missing.append(words.en)
        message.missing_zh.append(words.zh)
    for words in position.notes:
        message.notes.append(words.en)
        message.notes_zh.append(words.zh)
    if value_fen is not None and position.price is not None:
        message.gap_value.CopyFrom(wire.from_fen(value_fen))
        message.price.CopyFrom(from_price(position.price))
    if allocation is not None:
        message.rulebook = names.RULEBOOK.format(rulebook=allocation.value.rulebook)
        message.initial_count = allocation.value.initial_count or 0
        if allocation.value.approved_count is not None:
            message.approved_count = allocation.value.approved_count
    return message


def _state(position: Position) -> position_pb2.PositionState.ValueType:
    if position.verified:
        return position_pb2.POSITION_STATE_VERIFIED
    if position.complete:
        return position_pb2.POSITION_STATE_ESTIMATE
    return position_pb2.POSITION_STATE_INCOMPLETE


def from_basis(basis: Basis) -> position_pb2.ObligationBasis.ValueType:
    """Return the value of what an obligation rests on."""
    return _BASES[basis]
