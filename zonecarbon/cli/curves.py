"""Creates curves of meters, and sends the points of a file as days of one.

The file is CSV with the columns `time` and `value`. A time is the beginning of an interval, of a
register the instant of the reading: "2024-01-01T00:15", of China if no zone is said. A value is a
decimal in the unit of the curve, a reading as the register shows it; an empty one is missing, as is
a time that is left out of a day. A day that has no line is not sent.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import typer

from zonecarbon import curves
from zonecarbon.accounting.v1 import activity_pb2, curve_pb2
from zonecarbon.accounting.v1 import curve_service_pb2 as pb
from zonecarbon.cli.terminal import REFUSED, errors, lines, services, show

app = typer.Typer(no_args_is_help=True, help="Curves of meters.")

_CHINA: Final = ZoneInfo("Asia/Shanghai")
_DAY: Final = timedelta(days=1)
_COLUMNS: Final = ["time", "value"]


@app.command("create")
def create(  # noqa: PLR0913 (an option each)
    name: Annotated[str, typer.Argument(help="enterprises/{enterprise}/curves/{curve}")],
    *,
    kind: Annotated[str, typer.Option(help="of activity, as ELECTRICITY_PURCHASED")],
    source: Annotated[str, typer.Option(help="the emission source that it feeds")],
    unit: Annotated[str, typer.Option(help="of its counts, as kWh")],
    decimals: Annotated[int, typer.Option(help="of a count in that unit: 2 for 0.01 kWh")],
    step: Annotated[str, typer.Option(help="FIVE_MINUTES, FIFTEEN_MINUTES or HOUR")],
    subject: Annotated[str, typer.Option(help="the fuel or energy; left out: the kind's")] = "",
    counterparty: Annotated[str, typer.Option(help="enterprises/{e}/counterparties/{c}")] = "",
    meter: Annotated[str, typer.Option(help="enterprises/{e}/meters/{m}")] = "",
    facility: Annotated[str, typer.Option(help="enterprises/{e}/facilities/{f}")] = "",
    evidence: Annotated[str, typer.Option(help="where its readings are kept")] = "",
    register: Annotated[
        tuple[int, int, int] | None,
        typer.Option(
            metavar="DIGITS MULTIPLIER LARGEST",
            help="of a cumulative register (表底数): digits of its counter, multiplier (倍率), and "
            "by how many counts it can advance in an interval",
        ),
    ] = None,
) -> None:
    """Create the curve NAME, which days are sent to later; it is printed as it is stored."""
    parent, _, curve_id = name.partition("/curves/")
    curve = curve_pb2.Curve(
        source_id=source,
        kind=_chosen(activity_pb2.ActivityKind, "ACTIVITY_KIND_", kind, "--kind"),
        subject=subject,
        counterparty=counterparty,
        meter=meter,
        facility=facility,
        evidence=evidence,
        unit_code=unit,
        decimal_count=decimals,
        step=_chosen(curve_pb2.CurveStep, "CURVE_STEP_", step, "--step"),
    )
    if register is not None:
        digits, multiplier, largest = register
        curve.register.digit_count = digits
        curve.register.multiplier_number = multiplier
        curve.register.largest_interval_count = largest
    with services() as to:
        show(
            to.curves.CreateCurve(
                pb.CreateCurveRequest(parent=parent, curve_id=curve_id, curve=curve)
            )
        )


def _chosen(enum: Any, prefix: str, given: str, option: str) -> Any:
    """Return the value of an enum of the contract that is called so.

    Raises:
        typer.BadParameter: it has none; names those it has.
    """
    names = [each.removeprefix(prefix) for each, number in enum.items() if number]
    if given.upper() not in names:
        raise typer.BadParameter(f"{given} is none of {', '.join(names)}", param_hint=option)
    return enum.Value(prefix + given.upper())


@app.command("send")
def send(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    *,
    curve: Annotated[str, typer.Option(help="enterprises/{enterprise}/curves/{curve}")],
) -> None:
    """Send the points in FILE, CSV with time and value; sending them again changes nothing."""
    with services() as to:
        known = to.curves.GetCurve(pb.GetCurveRequest(name=curve))
        try:
            days = read(file, known)
        except FileWrong as error:
            raise typer.BadParameter(str(error)) from None
        refused = 0
        messages = (message for run in days for message in curves.messages(run))
        for answer in curves.send(to.curves, messages):
            lines(told(answer))
            refused += answer.refused_day_count
    if refused:
        errors.print(f"{refused} days were refused; what is said of them tells why.")
        raise typer.Exit(REFUSED)


class FileWrong(ValueError):
    """The file does not say what the curve measures; tells the line and what is allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Point:
    """A line of the file."""

    time: datetime
    """Of China, without its zone."""
    count: int | None
    """None where it is missing."""


def read(file: Path, curve: curve_pb2.Curve) -> list[curves.Days]:
    """Return the days that a file has points of, those in a row together.

    Raises:
        FileWrong: a line cannot be read, or is of a time or a value that the curve cannot have.
    """
    points = list(_points(file, curve))
    if not points:
        raise FileWrong(f"{file.name} has no point")
    return [
        _days(points, first, end, curve)
        for first, end in _runs(points, reading=curve.HasField("register"))
    ]


def _runs(points: Sequence[_Point], *, reading: bool) -> Iterator[tuple[datetime, datetime]]:
    """Yield the first midnight and the last of days in a row that have a point."""
    days = {_midnight(point.time) for point in points}
    if reading:
        # A reading at midnight closes the day before; it alone begins no other.
        begun = {_midnight(each.time) for each in points if each.time != _midnight(each.time)}
        days -= {day for day in days - begun if day - _DAY in days}
    for day in sorted(days):
        if day - _DAY in days:
            continue
        end = day + _DAY
        while end in days:
            end += _DAY
        yield day, end


def _days(
    points: Sequence[_Point], first: datetime, end: datetime, curve: curve_pb2.Curve
) -> curves.Days:
    """Return the days between two midnights; what no point says is missing."""
    reading, per_day = curve.HasField("register"), curves.POINTS_PER_DAY[curve.step]
    day_count = (end - first) // _DAY
    counts = np.zeros(day_count * per_day + reading, np.int64)
    marks = np.full(len(counts), curve_pb2.POINT_MARK_MISSING, np.uint8)
    for point in points:
        index = (point.time - first) // (_DAY / per_day)
        if 0 <= index < len(counts) and point.count is not None:
            counts[index], marks[index] = point.count, curve_pb2.POINT_MARK_MEASURED
    shape = (1, len(counts)) if reading else (1, day_count, per_day)
    return curves.Days(
        parent=curve.name.partition("/curves/")[0],
        curves=[curve.name],
        first=first.date(),
        counts=counts.reshape(shape),
        scale=curves.Scale(
            unit_code=curve.unit_code, decimal_count=curve.decimal_count, step=curve.step
        ),
        marks=None if (marks == curve_pb2.POINT_MARK_MEASURED).all() else marks.reshape(shape),
        reading=curve_pb2.CURVE_READING_REGISTER if reading else curve_pb2.CURVE_READING_INTERVAL,
    )


def _midnight(time: datetime) -> datetime:
    return time.replace(hour=0, minute=0, second=0, microsecond=0)


def _points(file: Path, curve: curve_pb2.Curve) -> Iterator[_Point]:
    step = _DAY / curves.POINTS_PER_DAY[curve.step]
    seen: dict[datetime, int] = {}
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            rows = csv.DictReader(text)
            if rows.fieldnames is None or not set(_COLUMNS) <= set(rows.fieldnames):
                raise FileWrong(f"line 1: write the columns {', '.join(_COLUMNS)}")
            for row in rows:
                line = rows.line_num
                time = _time(row["time"] or "", step, line)
                if time in seen:
                    raise FileWrong(f"line {line}: {time} stands in line {seen[time]} already")
                seen[time] = line
                yield _Point(time=time, count=_count(row["value"] or "", curve, line))
    except UnicodeDecodeError as error:
        raise FileWrong(f"{file.name} is not UTF-8: {error}") from None


def _time(text: str, step: timedelta, line: int) -> datetime:
    try:
        time = datetime.fromisoformat(text.strip())
    except ValueError:
        raise FileWrong(f'line {line}: "{text}" is no time; write it as 2024-01-01T00:15') from None
    local = (time.astimezone(_CHINA) if time.tzinfo else time).replace(tzinfo=None)
    if (local - _midnight(local)) % step:
        raise FileWrong(f'line {line}: "{text}" begins no interval of {step} of the curve')
    return local


def _count(text: str, curve: curve_pb2.Curve, line: int) -> int | None:
    """Return a value in counts of the curve; None for an empty one."""
    if not text.strip():
        return None
    try:
        shifted = Decimal(text.strip()).scaleb(curve.decimal_count)
        whole = int(shifted)
    except (InvalidOperation, ValueError, OverflowError):
        raise FileWrong(f'line {line}: "{text}" is no number; write it as 12.34') from None
    if shifted != whole:
        raise FileWrong(
            f'line {line}: "{text}" has more than the {curve.decimal_count} decimals of the curve; '
            "nothing is rounded"
        )
    return whole


def told(answer: pb.ReportCurveDaysResponse) -> Iterator[str]:
    """Yield what became of the days of a message, and why some were refused."""
    yield (
        f"{answer.new_day_count} days new, {answer.superseding_day_count} superseding, "
        f"{answer.duplicate_day_count} sent before, {answer.refused_day_count} refused"
    )
    for each in answer.results:
        if each.HasField("error"):
            day = each.first_date
            yield (
                f"  {day.year:04d}-{day.month:02d}-{day.day:02d}, {each.day_count} days: "
                f"{each.error.message}"
            )
