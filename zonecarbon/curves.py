"""Sends curves of meters: cut into messages, streamed, and resumed where the stream breaks.

    days = Days(
        parent="enterprises/chp",
        curves=["enterprises/chp/curves/main"],
        first=date(2024, 1, 1),
        counts=numpy.array(...),  # (curve, day, point)
        scale=Scale(unit_code="kWh", decimal_count=2, step=CURVE_STEP_FIFTEEN_MINUTES),
    )
    for answer in send(client.curves, messages(days)):
        print(answer.new_day_count)

An answer means that its days are durable and booked. Only so many messages are on their way
without one; where the stream breaks, these are sent again under the same ids and have one effect.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
from google.type import date_pb2
from numpy.typing import NDArray

from zonecarbon import streaming
from zonecarbon.accounting.v1 import curve_pb2, curve_service_pb2_grpc
from zonecarbon.accounting.v1 import curve_service_pb2 as pb
from zonecarbon.streaming import PATIENCE_SECONDS, WINDOW

POINTS: Final = 350_000
"""About how many points a message has: a year of ten meters at 15 minutes."""

POINTS_PER_DAY: Final = {
    curve_pb2.CURVE_STEP_FIVE_MINUTES: 288,
    curve_pb2.CURVE_STEP_FIFTEEN_MINUTES: 96,
    curve_pb2.CURVE_STEP_HOUR: 24,
}
"""How many intervals a day has."""

_LONGEST_MESSAGE_DAYS: Final = 366


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """What a count stands for; as in the curves."""

    unit_code: str
    decimal_count: int
    step: curve_pb2.CurveStep.ValueType


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """Days in a row of curves of one enterprise."""

    parent: str
    curves: Sequence[str]
    """Their names."""
    first: date
    counts: NDArray[np.integer]
    """Counts in the intervals; (curve, day, point). Of registers their readings: (curve, instant),
    that at the beginning of the first day, then one at the end of each interval."""
    scale: Scale
    marks: NDArray[np.uint8] | None = None
    """One `PointMark` for each count; None where all were measured."""
    reading: curve_pb2.CurveReading.ValueType = curve_pb2.CURVE_READING_INTERVAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Points in a row of a day of curves of one enterprise; the others stay as they are stored."""

    parent: str
    curves: Sequence[str]
    """Their names."""
    day: date
    first_point: int
    """Its index in the day; 0 for that which begins at midnight."""
    counts: NDArray[np.integer]
    """Counts in the intervals; (curve, point)."""
    scale: Scale
    marks: NDArray[np.uint8] | None = None
    """One `PointMark` for each count; None where all were measured."""


def part_message(part: Part) -> pb.ReportCurveDaysRequest:
    """Return a part of a day as a message, under an id of its own.

    Raises:
        OverflowError: a count does not fit into 32 bits; nothing is cut off.
    """
    _check(part.counts)
    return pb.ReportCurveDaysRequest(
        parent=part.parent,
        request_id=str(uuid.uuid4()),
        curves=part.curves,
        first_date=date_pb2.Date(year=part.day.year, month=part.day.month, day=part.day.day),
        day_count=1,
        step=part.scale.step,
        unit_code=part.scale.unit_code,
        decimal_count=part.scale.decimal_count,
        reading=curve_pb2.CURVE_READING_INTERVAL,
        values=part.counts.astype("<i4").tobytes(),
        marks=b"" if part.marks is None else part.marks.tobytes(),
        part=pb.CurveDayPart(first_point_index=part.first_point, point_count=part.counts.shape[1]),
    )


def messages(days: Days, *, points: int = POINTS) -> Iterator[pb.ReportCurveDaysRequest]:
    """Yield the days in messages of about so many points, each under an id of its own.

    Raises:
        OverflowError: a count does not fit into 32 bits; nothing is cut off.
    """
    counts = days.counts
    _check(counts)
    per_day = POINTS_PER_DAY[days.scale.step]
    of_registers = days.reading == curve_pb2.CURVE_READING_REGISTER
    day_count = (counts.shape[1] - 1) // per_day if of_registers else counts.shape[1]
    at_once = max(1, min(points // (len(counts) * per_day), _LONGEST_MESSAGE_DAYS))
    for start in range(0, day_count, at_once):
        end = min(start + at_once, day_count)
        # Of readings the last of a message is the first of the next.
        part = slice(start * per_day, end * per_day + 1) if of_registers else slice(start, end)
        first = days.first + timedelta(days=start)
        yield pb.ReportCurveDaysRequest(
            parent=days.parent,
            request_id=str(uuid.uuid4()),
            curves=days.curves,
            first_date=date_pb2.Date(year=first.year, month=first.month, day=first.day),
            day_count=end - start,
            step=days.scale.step,
            unit_code=days.scale.unit_code,
            decimal_count=days.scale.decimal_count,
            reading=days.reading,
            values=counts[:, part].astype("<i4").tobytes(),
            marks=b"" if days.marks is None else days.marks[:, part].tobytes(),
        )


def send(
    stub: curve_service_pb2_grpc.CurveServiceStub,
    reports: Iterable[pb.ReportCurveDaysRequest],
    *,
    window: int = WINDOW,
    patience_seconds: float = PATIENCE_SECONDS,
) -> Iterator[pb.ReportCurveDaysResponse]:
    """Yield the answer to each report, in their order, as they become durable; see `streaming`."""
    return streaming.send(
        stub.StreamCurveDays,
        pb.StreamCurveDaysRequest,
        reports,
        window=window,
        patience_seconds=patience_seconds,
    )


def _check(counts: NDArray[np.integer]) -> None:
    bounds = np.iinfo(np.int32)
    if counts.size and not (bounds.min <= counts.min() and counts.max() <= bounds.max):
        raise OverflowError(f"a count is beyond {bounds.max}: use fewer decimals")
