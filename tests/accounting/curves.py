"""The smallest valid requests about curves, and their answers in short; keywords override."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

import numpy as np

from tests.accounting.requests import GRID
from tests.accounting.world import World
from tests.builders import day
from tests.refusals import Refused
from zonecarbon.accounting.v1 import activity_pb2, curve_pb2
from zonecarbon.accounting.v1 import curve_service_pb2 as pb

POINTS = 24
"""Of a day of the curves here: they are hourly, which makes them short."""

MEASURED, ESTIMATED, MISSING = (
    curve_pb2.POINT_MARK_MEASURED,
    curve_pb2.POINT_MARK_ESTIMATED,
    curve_pb2.POINT_MARK_MISSING,
)


def curve(parent: str, **fields: Any) -> curve_pb2.Curve:
    """Electricity bought from the grid, hour by hour, in counts of 0.01 kWh."""
    values: dict[str, Any] = {
        "source_id": "intake",
        "kind": activity_pb2.ACTIVITY_KIND_ELECTRICITY_PURCHASED,
        "counterparty": f"{parent}/counterparties/{GRID}",
        "unit_code": "kWh",
        "decimal_count": 2,
        "step": curve_pb2.CURVE_STEP_HOUR,
    }
    return curve_pb2.Curve(**values | fields)


def creation(parent: str, curve_id: str = "main", **fields: Any) -> pb.CreateCurveRequest:
    return pb.CreateCurveRequest(parent=parent, curve_id=curve_id, curve=curve(parent, **fields))


def created(world: World, parent: str, curve_id: str = "main", **fields: Any) -> str:
    """Create a curve; return its name."""
    return world.desk.curves.CreateCurve(creation(parent, curve_id, **fields)).name


def flat(*totals: int) -> list[list[int]]:
    """Days that draw everything in their first hour, such that they add up to these counts."""
    return [[total, *[0] * (POINTS - 1)] for total in totals]


def sending(
    curves: Sequence[str], days: Any, first: str = "2023-01-01", marks: Any = None, **fields: Any
) -> pb.ReportCurveDaysRequest:
    """A message of days of curves: `days` by curve, day and point, or by day and point of one."""
    counts = np.array(days, "<i4")
    if counts.ndim == 2:
        counts = counts[np.newaxis]
    values: dict[str, Any] = {
        "parent": curves[0].partition("/curves/")[0],
        "request_id": str(uuid.uuid4()),
        "curves": curves,
        "first_date": day(first),
        "day_count": counts.shape[1],
        "step": curve_pb2.CURVE_STEP_HOUR,
        "unit_code": "kWh",
        "decimal_count": 2,
        "reading": curve_pb2.CURVE_READING_INTERVAL,
        "values": counts.tobytes(),
        "marks": b"" if marks is None else np.array(marks, np.uint8).tobytes(),
    }
    return pb.ReportCurveDaysRequest(**values | fields)


def part(
    curves: Sequence[str], points: Any, first_point: int, day_: str = "2023-01-01", **fields: Any
) -> pb.ReportCurveDaysRequest:
    """A message of points in a row of a day, from `first_point` on: by curve, or of one."""
    counts = np.atleast_2d(np.array(points, "<i4"))
    return sending(
        curves,
        counts[:, np.newaxis],
        day_,
        **{
            "part": pb.CurveDayPart(first_point_index=first_point, point_count=counts.shape[1]),
            **fields,
        },
    )


def told(answer: pb.ReportCurveDaysResponse) -> list[str]:
    """What became of days that were not plainly taken: "2023-01-03 +2 SUPERSEDING"."""
    return [
        f"{each.first_date.year}-{each.first_date.month:02d}-{each.first_date.day:02d} "
        f"+{each.day_count} "
        + (
            Refused(status=each.error).reason
            if each.HasField("error")
            else pb.CurveDaysOutcome.Name(each.outcome).removeprefix("CURVE_DAYS_OUTCOME_")
        )
        for each in answer.results
    ]


def counts(answer: pb.ReportCurveDaysResponse) -> tuple[int, int, int, int]:
    """How many days were new, superseding, duplicate and refused."""
    return (
        answer.new_day_count,
        answer.superseding_day_count,
        answer.duplicate_day_count,
        answer.refused_day_count,
    )


def days_of(world: World, name: str, **fields: Any) -> list[curve_pb2.CurveDay]:
    """The days of a curve as the desk sees them."""
    request = pb.ListCurveDaysRequest(parent=name, page_size=1000, **fields)
    return list(world.desk.curves.ListCurveDays(request).days)
