"""What became of an inventory → its message."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from services.accounting.domain.knowledge.restatement import (
    Cause,
    CauseKind,
    Comparison,
    LineChange,
)
from services.accounting.domain.period import AccountingPeriod
from services.accounting.wire.line import from_booked
from services.runtime import wire
from zonecarbon.accounting.v1 import restatement_pb2


def from_comparison(comparison: Comparison, gwp_set: str) -> restatement_pb2.RestatementReport:
    """Return the message of a comparison, its CO2 equivalents under `gwp_set`."""
    return restatement_pb2.RestatementReport(
        inventory=comparison.inventory,
        from_version=comparison.from_version,
        to_version=comparison.to_version,
        gwp_set=gwp_set,
        figures=[
            restatement_pb2.FigureChange(
                figure=each.figure,
                before_g=each.before_g,
                after_g=each.after_g,
                difference_g=each.after_g - each.before_g,
                causes=[
                    restatement_pb2.FigureCause(kind=_from_kind(kind), difference_g=grams)
                    for kind, grams in each.causes
                ],
            )
            for each in comparison.figures
        ],
        lines=[_from_line(each, gwp_set) for each in comparison.lines],
    )


def dated(
    message: restatement_pb2.RestatementReport,
    *,
    began: datetime | None,
    ended: datetime | None,
    decisions: Iterable[AccountingPeriod],
) -> restatement_pb2.RestatementReport:
    """Return the report with the moments of its versions and the decisions in between."""
    if began is not None:
        message.from_time.FromDatetime(began)
    if ended is not None:
        message.to_time.FromDatetime(ended)
    message.decisions.extend(
        restatement_pb2.Decision(
            revision=each.revision,
            create_time=wire.from_instant(each.create_time) if each.create_time else None,
            decider=each.decider,
            reason=each.reason,
        )
        for each in decisions
    )
    return message


def _from_line(change: LineChange, gwp_set: str) -> restatement_pb2.LineChange:
    either = change.after or change.before
    return restatement_pb2.LineChange(
        line=either.name if either else "",
        item_id=change.item.item_id,
        deducted=change.item.sign < 0,
        from_version=change.before.version if change.before else 0,
        to_version=change.after.version if change.after else 0,
        before=from_booked(change.booked_before, gwp_set),
        after=from_booked(change.booked_after, gwp_set),
        causes=[_from_cause(cause, gwp_set) for cause in change.causes],
    )


def _from_cause(cause: Cause, gwp_set: str) -> restatement_pb2.Cause:
    return restatement_pb2.Cause(
        kind=_from_kind(cause.kind),
        before=cause.before,
        after=cause.after,
        text=cause.text.en,
        text_zh=cause.text.zh,
        difference_co2e_g=cause.difference.under(gwp_set),
        difference_co2_g=cause.difference.co2_g,
    )


def _from_kind(kind: CauseKind) -> restatement_pb2.CauseKind.ValueType:
    return restatement_pb2.CauseKind.Value(f"CAUSE_KIND_{kind.value}")
