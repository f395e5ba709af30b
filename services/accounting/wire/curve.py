"""Curves and their days ⇄ their messages."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from services.accounting.domain.activity import EmissionSource
from services.accounting.domain.curve.block import Block, DayVersion, Place
from services.accounting.domain.curve.curve import Curve, Scale, Step
from services.accounting.domain.curve.draft import Draft, Outcome
from services.accounting.domain.curve.part import Part
from services.accounting.domain.curve.readings import Readings
from services.accounting.domain.curve.register import Register, Replacement
from services.accounting.wire.activity import from_kind, from_steam, to_kind, to_steam
from services.kernel import units
from services.kernel.errors import (
    AtField,
    FieldInvalid,
    Language,
    LimitExceeded,
    PeriodInvalid,
    PeriodProblem,
    Words,
    within,
)
from services.kernel.period import EARLIEST, LATEST_END
from services.runtime import status, wire
from zonecarbon.accounting.v1 import curve_pb2
from zonecarbon.accounting.v1 import curve_service_pb2 as pb

MOST_POINTS = 1_000_000
"""The most points that a message may have."""

POINTS_LIMIT = "curve_points"
_COUNT = np.dtype("<i4")


def to_curve(message: curve_pb2.Curve, name: str) -> Curve:
    """Return the curve of that name.

    Raises:
        FieldInvalid, UnitUnknown, UnitAmbiguous, QuantityInvalid: a field of it is wrong.
    """
    kind = to_kind(message.kind)
    assert kind is not None, "the contract requires it"
    errors: list[AtField] = []
    steam = to_steam(message.steam, errors) if message.HasField("steam") else ""
    for error in errors:
        raise error.within("curve.")
    register = to_register(message.register) if message.HasField("register") else None
    with within("curve."):
        unit = units.unit(message.unit_code).code
    return Curve(
        name=name,
        source=EmissionSource(
            source_id=message.source_id,
            kind=kind,
            subject=message.subject or kind.carrier,
            counterparty=message.counterparty,
            steam=steam,
        ),
        meter=message.meter,
        facility=message.facility,
        evidence=message.evidence,
        scale=Scale(unit=unit, decimal_count=message.decimal_count, step=to_step(message.step)),
        register=register,
    )


def to_register(message: curve_pb2.Register) -> Register:
    """Return how a register counts."""
    return Register(
        digit_count=message.digit_count,
        multiplier=message.multiplier_number,
        largest_interval_count=message.largest_interval_count,
    )


def _from_register(register: Register) -> curve_pb2.Register:
    return curve_pb2.Register(
        digit_count=register.digit_count,
        multiplier_number=register.multiplier,
        largest_interval_count=register.largest_interval_count,
    )


def to_replacement(message: curve_pb2.MeterReplacement) -> Replacement:
    """Return the replacement of a meter.

    Raises:
        FieldInvalid: its day does not exist; at `replacement.date`.
    """
    return Replacement(
        day=wire.to_day(message.date, "replacement.date"),
        point=message.point_index,
        closing_count=message.closing_count,
        opening_count=message.opening_count,
        register=to_register(message.register),
        meter=message.meter,
        evidence=message.evidence,
    )


def _from_replacement(replacement: Replacement) -> curve_pb2.MeterReplacement:
    moment = replacement.create_time
    return curve_pb2.MeterReplacement(
        date=wire.from_day(replacement.day),
        point_index=replacement.point,
        closing_count=replacement.closing_count,
        opening_count=replacement.opening_count,
        register=_from_register(replacement.register),
        meter=replacement.meter,
        evidence=replacement.evidence,
        reporter=replacement.reporter,
        create_time=wire.from_instant(moment) if moment else None,
        revision=replacement.revision,
    )


def to_step(value: curve_pb2.CurveStep.ValueType) -> Step:
    """Return the step; one that is said, as the contract requires."""
    return Step(curve_pb2.CurveStep.Name(value).removeprefix("CURVE_STEP_"))


def from_curve(curve: Curve) -> curve_pb2.Curve:
    """Return the message of a curve that is stored."""
    assert curve.create_time is not None, "it is stored"
    source = curve.source
    return curve_pb2.Curve(
        name=curve.name,
        source_id=source.source_id,
        kind=from_kind(source.kind),
        subject=source.subject,
        counterparty=source.counterparty,
        meter=curve.meter,
        facility=curve.facility,
        evidence=curve.evidence,
        steam=from_steam(source.steam),
        unit_code=curve.scale.unit,
        decimal_count=curve.scale.decimal_count,
        step=curve_pb2.CurveStep.Value(f"CURVE_STEP_{curve.scale.step.value}"),
        register=None if curve.register is None else _from_register(curve.register),
        replacements=map(_from_replacement, curve.replacements),
        create_time=wire.from_instant(curve.create_time),
        revision=curve.revision,
    )


def to_points(message: pb.ReportCurveDaysRequest) -> Block | Readings | Part:
    """Return the points of a message as arrays, or what they are to be made of.

    Raises:
        FieldInvalid: the first day does not exist, there are more or fewer values than are said, or
            a part is of no one day of points.
        PeriodInvalid: a day is out of bounds; at `first_date`.
        UnitUnknown, UnitAmbiguous: the unit is none of the list.
        LimitExceeded: there are more points than a message may have.
    """
    step = to_step(message.step)
    curves, days, points = len(message.curves), message.day_count, step.points_per_day
    if curves * days * points > MOST_POINTS:
        given = curves * days * points
        raise LimitExceeded(limit=POINTS_LIMIT, given=given, allowed=MOST_POINTS)
    first = wire.to_day(message.first_date, "first_date")
    if first < EARLIEST or first > LATEST_END - timedelta(days=days):
        raise PeriodInvalid(
            field="first_date",
            given=f"{first}, {days} days",
            problem=PeriodProblem.OUT_OF_BOUNDS,
        )
    scale = Scale(
        unit=units.unit(message.unit_code).code, decimal_count=message.decimal_count, step=step
    )
    if message.HasField("part"):
        count = _part_size(message, step)
        values, marks = _arrays(message, (curves, count))
        return Part(
            curves=tuple(message.curves),
            day=first,
            scale=scale,
            first_point=message.part.first_point_index,
            counts=values,
            marks=marks,
        )
    if message.reading == curve_pb2.CURVE_READING_REGISTER:
        values, marks = _arrays(message, (curves, days * points + 1))
        return Readings(
            curves=tuple(message.curves),
            first=first,
            day_count=days,
            scale=scale,
            counts=values.astype(np.int64),
            marks=marks,
        )
    values, marks = _arrays(message, (curves, days, points))
    return Block(curves=tuple(message.curves), first=first, scale=scale, counts=values, marks=marks)


def _part_size(message: pb.ReportCurveDaysRequest, step: Step) -> int:
    """Return how many points of each curve a part has.

    Raises:
        FieldInvalid: it is none of one day of points.
    """
    part = message.part
    left = step.points_per_day - part.first_point_index
    if message.reading == curve_pb2.CURVE_READING_REGISTER:
        field, given = "part", "CURVE_READING_REGISTER"
        allowed = Words(
            en="unset with readings of registers: send all readings of the day",
            zh="填报表底数时不得填写：请发送当日全部读数",
        )
    elif message.day_count != 1:
        field, given = "day_count", str(message.day_count)
        allowed = Words(en="1 where a part of a day is sent", zh="发送部分数据点时应为 1")
    elif part.point_count > left:
        field, given = "part.point_count", str(part.point_count)
        allowed = Words(
            en=f"{max(left, 0)} at the most: a day has {step.points_per_day} points, and the part "
            f"begins at point {part.first_point_index}",
            zh=f"不超过 {max(left, 0)}：每日共 {step.points_per_day} 个数据点，"
            f"本次自第 {part.first_point_index} 点起",
        )
    else:
        return part.point_count
    raise FieldInvalid(field=field, given=given, allowed=allowed)


def _arrays(
    message: pb.ReportCurveDaysRequest, shape: tuple[int, ...]
) -> tuple[NDArray[np.int32], NDArray[np.uint8] | None]:
    """Return values and marks in a shape."""
    count = math.prod(shape)
    marks: NDArray[np.uint8] | None = None
    if message.marks:
        _check_size("marks", len(message.marks), count)
        marks = np.frombuffer(message.marks, np.uint8).reshape(shape)
    _check_size("values", len(message.values), count * _COUNT.itemsize)
    return np.frombuffer(message.values, _COUNT).reshape(shape), marks


def _check_size(field: str, given: int, wanted: int) -> None:
    if given != wanted:
        raise FieldInvalid(
            field=field,
            given=f"{given} bytes",
            allowed=Words(
                en=f"{wanted} bytes: curves × days × points a day, of readings one more a curve, "
                "of a part its points alone, "
                + ("4 bytes each" if field == "values" else "a byte each"),
                zh=f"{wanted} 字节，即曲线数 × 天数 × 每日点数"
                "（读数每条曲线多一个；部分数据只计所发点数），"
                + ("每点 4 字节" if field == "values" else "每点 1 字节"),
            ),
        )


def from_draft(
    draft: Draft, block: Block, revision: int, language: Language
) -> pb.ReportCurveDaysResponse:
    """Return what became of the days; `revision` holds those that were stored."""
    outcomes = list(draft.outcomes.values())
    return pb.ReportCurveDaysResponse(
        revision=revision,
        new_day_count=outcomes.count(Outcome.NEW),
        superseding_day_count=outcomes.count(Outcome.SUPERSEDING),
        duplicate_day_count=outcomes.count(Outcome.DUPLICATE),
        refused_day_count=outcomes.count(Outcome.REFUSED),
        results=_results(draft, block, language),
    )


def _results(draft: Draft, block: Block, language: Language) -> Iterator[pb.CurveDaysResult]:
    """Yield the days that were not new, those in a row with the same outcome together."""

    def told(place: Place) -> tuple[object, ...]:
        errors = draft.errors.get(place, ())
        return (
            place[0],
            draft.outcomes[place],
            *((each.reason, getattr(each, "field", "")) for each in errors),
        )

    for _, places in itertools.groupby(sorted(draft.outcomes), key=told):
        first, *more = places
        curve, day = first
        outcome, errors = draft.outcomes[first], draft.errors.get(first)
        if outcome is not Outcome.NEW:
            yield pb.CurveDaysResult(
                curve=block.curves[curve],
                first_date=wire.from_day(block.dates[day]),
                day_count=1 + len(more),
                outcome=pb.CurveDaysOutcome.Value(f"CURVE_DAYS_OUTCOME_{outcome.value}"),
                error=status.violations(errors, language) if errors else None,
            )


def from_day(curve: Curve, stored: DayVersion) -> curve_pb2.CurveDay:
    """Return the message of a day."""
    sums = stored.sums
    return curve_pb2.CurveDay(
        curve=curve.name,
        date=wire.from_day(stored.day),
        values=stored.points,
        marks=stored.marks or b"",
        total=wire.from_quantity(curve.scale.quantity(sums.total_count)),
        measured_count=curve.scale.step.points_per_day - sums.estimated_count - sums.missing_count,
        estimated_count=sums.estimated_count,
        missing_count=sums.missing_count,
        create_time=wire.from_instant(stored.create_time),
        revision=stored.revision,
        register_notes=[
            curve_pb2.RegisterNote(
                kind=curve_pb2.RegisterNoteKind.Value(f"REGISTER_NOTE_KIND_{note.kind.value}"),
                point_index=note.point,
                from_count=note.from_count,
                to_count=note.to_count,
                multiplier_number=note.multiplier,
            )
            for note in stored.notes
        ],
    )


def to_wanted(message: pb.ListCurveDaysRequest) -> tuple[date | None, date | None]:
    """Return the first day that is wanted and the end; None where it is open.

    Raises:
        FieldInvalid: one of them does not exist.
    """
    return (
        wire.to_optional_day(message.start_date, "start_date"),
        wire.to_optional_day(message.end_date, "end_date"),
    )
