"""Who acts, limits and trusted counterparties ⇄ their messages."""

from __future__ import annotations

from datetime import date
from typing import TypeVar

from services.kernel import names
from services.runtime import auth, wire
from services.trading.domain.desk.actor import Actor
from services.trading.domain.desk.counterparty import Counterparty
from services.trading.domain.desk.limit import Act, Limit
from services.trading.domain.desk.proposal import Proposal, State
from services.trading.domain.ledger.chart import InstrumentKind
from zonecarbon.registry.v1 import principal_pb2
from zonecarbon.trading.v1 import (
    desk_limit_pb2,
    desk_service_pb2,
    instrument_pb2,
    trusted_counterparty_pb2,
)

Value = TypeVar("Value")

_ACTS = {desk_limit_pb2.DeskAct.Value(f"DESK_ACT_{act.value}"): act for act in Act}
_OF_ACT = {act: value for value, act in _ACTS.items()}
_ROLES = {value: name.removeprefix("ROLE_") for name, value in principal_pb2.Role.items() if value}
_OF_ROLE = {role: value for value, role in _ROLES.items()}
_KINDS = {
    instrument_pb2.InstrumentKind.Value(f"INSTRUMENT_KIND_{kind.value}"): kind
    for kind in InstrumentKind
}
_OF_KIND = {kind: value for value, kind in _KINDS.items()}
_OF_STATE = {
    state: desk_limit_pb2.ProposalState.Value(f"PROPOSAL_STATE_{state.value}") for state in State
}


def actor() -> Actor:
    """Return who calls."""
    caller = auth.caller()
    return Actor(principal=caller.name, person=caller.person, role=caller.role.value)


def to_limit(request: desk_service_pb2.CreateLimitRequest) -> Limit:
    """Return the limit that is proposed.

    Raises:
        NameInvalid, FieldInvalid: at the field.
    """
    message = request.limit
    return Limit(
        limit=names.check_id("limit", request.limit_id),
        act=_ACTS[message.act],
        role=_ROLES.get(message.role, ""),
        principal=message.principal,
        instrument_kind=_KINDS[message.instrument_kind],
        largest_count=message.largest_count,
        expire_time=wire.to_optional_instant(message, "expire_time"),
        purpose=message.purpose,
    )


def from_limit(each: Proposal[Limit]) -> desk_limit_pb2.DeskLimit:
    """Return the message of a limit."""
    limit, standing = each.value, each.standing
    message = desk_limit_pb2.DeskLimit(
        name=limit.name,
        act=_OF_ACT[limit.act],
        role=_OF_ROLE.get(limit.role, principal_pb2.ROLE_UNSPECIFIED),
        principal=limit.principal,
        instrument_kind=_OF_KIND[limit.instrument_kind],
        largest_count=limit.largest_count,
        purpose=limit.purpose,
        state=_OF_STATE[standing.state],
        proposer=standing.proposer.principal,
        decider=standing.decider.principal if standing.decider else "",
        reason=standing.reason,
        etag=each.etag,
        create_time=wire.from_instant(each.create_time),
    )
    if limit.expire_time is not None:
        message.expire_time.FromDatetime(limit.expire_time)
    return message


def to_counterparty(request: desk_service_pb2.CreateTrustedCounterpartyRequest) -> Counterparty:
    """Return the counterparty that is proposed.

    Raises:
        NameInvalid: at the field.
    """
    message = request.trusted_counterparty
    counter = message.counterparty_account
    field = "trusted_counterparty.counterparty_account"
    return Counterparty(
        account=names.ACCOUNT.parse(request.parent, "parent")["account"],
        counterparty=names.check_id("trusted_counterparty", request.trusted_counterparty_id),
        display_name=message.display_name,
        credit_code=message.credit_code,
        counter_account=names.ACCOUNT.parse(counter, field)["account"] if counter else "",
        evidence=message.evidence,
    )


def from_counterparty(
    each: Proposal[Counterparty], usable_date: date | None
) -> trusted_counterparty_pb2.TrustedCounterparty:
    """Return the message of a counterparty."""
    value, standing = each.value, each.standing
    counter = value.counter_account
    return trusted_counterparty_pb2.TrustedCounterparty(
        name=value.name,
        display_name=value.display_name,
        credit_code=value.credit_code,
        counterparty_account=names.ACCOUNT.format(account=counter) if counter else "",
        evidence=value.evidence,
        state=_OF_STATE[standing.state],
        usable_date=wire.from_day(usable_date),
        proposer=standing.proposer.principal,
        decider=standing.decider.principal if standing.decider else "",
        reason=standing.reason,
        etag=each.etag,
        create_time=wire.from_instant(each.create_time),
    )
