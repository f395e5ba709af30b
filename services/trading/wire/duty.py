"""Duty ⇄ its messages."""

from __future__ import annotations

from collections.abc import Iterable

from services.kernel.errors import Language
from services.runtime import wire
from services.trading.domain.account import Account
from services.trading.domain.duty import DutyRecord, Standing
from zonecarbon.trading.v1 import compliance_service_pb2, duty_pb2


def to_record(request: compliance_service_pb2.RecordDutyRequest) -> DutyRecord:
    """Return what is to be recorded."""
    done = (
        wire.to_instant(request.done_time, "done_time") if request.HasField("done_time") else None
    )
    return DutyRecord(duty=request.duty_id, done_time=done, evidence=request.evidence)


def from_standing(account: Account, standing: Standing, language: Language) -> duty_pb2.Duty:
    """Return the message of a duty of an account, in a language."""
    return from_standings([(account, standing)], language)[0]


def from_standings(
    of: Iterable[tuple[Account, Standing]], language: Language
) -> list[duty_pb2.Duty]:
    """Return the messages of duties of accounts, in a language; what many share is made once."""
    shared: dict[tuple[object, ...], duty_pb2.Duty] = {}
    found: list[duty_pb2.Duty] = []
    for account, standing in of:
        # In a sector the id says which duty it is.
        which = (account.sector, standing.duty.duty)
        key = (*which, standing.now, standing.done_time, standing.evidence)
        if key not in shared:
            shared[key] = _without_account(standing, language)
        message = duty_pb2.Duty(account=account.name)
        message.MergeFrom(shared[key])
        found.append(message)
    return found


def _without_account(standing: Standing, language: Language) -> duty_pb2.Duty:
    duty, done = standing.duty, standing.done_time
    return duty_pb2.Duty(
        duty_id=duty.duty,
        kind=duty_pb2.DutyKind.Value(f"DUTY_KIND_{duty.kind.value}"),
        actor=duty_pb2.DutyActor.Value(f"DUTY_ACTOR_{duty.actor.value}"),
        compliance_year=duty.compliance_year,
        text=duty.text.said(language),
        due_date=wire.from_day(duty.due_date),
        deadline_time=wire.from_instant(duty.deadline),
        state=duty_pb2.DutyState.Value(f"DUTY_STATE_{standing.state.value}"),
        left_day_count=standing.days_left,
        done_time=None if done is None else wire.from_instant(done),
        evidence=standing.evidence,
        source=wire.from_source(duty.rule.source),
    )
