"""Duty ⇄ its messages."""

from __future__ import annotations

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
    duty, done = standing.duty, standing.done_time
    return duty_pb2.Duty(
        account=account.name,
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
