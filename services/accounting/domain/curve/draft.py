"""What a block makes of the days that are stored, and of the months of the books.

A day is new, supersedes the version before, or is a duplicate of it. Each month that gets a day is
added up anew from the days it has then, and becomes the row of a report: it is judged as any other
row is, and where it is refused, its days are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from typing import Final

from services.accounting.domain.activity import CurveMonth
from services.accounting.domain.curve.block import Block, Day, Place
from services.accounting.domain.curve.curve import Curve
from services.accounting.domain.curve.part import Part
from services.accounting.domain.curve.readings import Readings
from services.accounting.domain.line import Grain
from services.accounting.domain.refusal import PeriodNotOver, ReferenceNotFound
from services.accounting.domain.report import Refused, Verdict
from services.accounting.domain.row import Row
from services.kernel.errors import DomainError, FieldInvalid
from services.kernel.period import Period


class Outcome(StrEnum):
    """What becomes of a day that was sent."""

    NEW = "NEW"
    SUPERSEDING = "SUPERSEDING"
    DUPLICATE = "DUPLICATE"
    REFUSED = "REFUSED"


_TAKEN: Final = frozenset({Outcome.NEW, Outcome.SUPERSEDING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What is stored of the curves of a block."""

    curves: Mapping[str, Curve]
    """Those there are, by name."""
    days: Mapping[str, Mapping[date, Day]]
    """The current days of the months that the block speaks of, by curve."""
    records: Mapping[Grain, str]
    """The records that count of those months, by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """A month of a curve that gets days."""

    row: Row
    places: tuple[Place, ...]
    """The days of the block that it gets."""


@dataclass(slots=True, kw_only=True)
class Draft:
    """What becomes of each day; months may yet be refused."""

    outcomes: dict[Place, Outcome] = field(default_factory=dict)
    errors: dict[Place, tuple[DomainError, ...]] = field(default_factory=dict)
    months: list[Month] = field(default_factory=list)

    @property
    def rows(self) -> list[Row]:
        """The months as rows of a report."""
        return [month.row for month in self.months]

    @property
    def stored(self) -> list[Place]:
        """The days that are to be stored, in the order of the block."""
        return sorted(place for place, outcome in self.outcomes.items() if outcome in _TAKEN)

    def refuse(self, places: Iterable[Place], errors: tuple[DomainError, ...]) -> None:
        """Refuse days for the first of `errors`."""
        for place in places:
            self.outcomes[place], self.errors[place] = Outcome.REFUSED, errors

    def settle(self, verdicts: Sequence[Verdict]) -> None:
        """Refuse the days of the months that were refused."""
        for month, verdict in zip(self.months, verdicts, strict=True):
            if isinstance(verdict, Refused):
                self.refuse(month.places, verdict.errors)


def draft(block: Block, stored: Stored, today: date) -> Draft:
    """Return what `block` makes of what is stored."""
    made, wrong = Draft(), block.wrong()
    for index, name in enumerate(block.curves):
        places = [(index, day) for day in range(block.day_count)]
        curve = stored.curves.get(name)
        refused = _unfit(index, name, curve, block)
        if curve is None or refused:
            made.refuse(places, refused)
            continue
        before = stored.days.get(name, {})
        for place in places:
            day = block.dates[place[1]]
            if day > today:
                period = Period.day(day)
                error = PeriodNotOver(field="first_date", given=str(period), today=today)
                made.refuse([place], (error,))
            elif place in wrong:
                made.refuse([place], (wrong[place],))
            else:
                made.outcomes[place] = _outcome(block.days[index][place[1]], before.get(day))
        made.months += _months(index, curve, block, made, stored)
    return made


def span(block: Block) -> Period:
    """Return the whole months that a block speaks of."""
    return Period(start=_month(block.dates[0]).start, end=_month(block.dates[-1]).end)


def _unfit(index: int, name: str, curve: Curve | None, block: Block) -> tuple[DomainError, ...]:
    """Return why no day of a curve can be taken, if so it is."""
    if curve is None:
        return (ReferenceNotFound(field=f"curves[{index}]", name=name),)
    if block.is_of_registers != (curve.register is not None):
        names = {True: "CURVE_READING_REGISTER", False: "CURVE_READING_INTERVAL"}
        return (
            FieldInvalid(
                field="reading",
                given=names[block.is_of_registers],
                allowed=f"{names[curve.register is not None]}: {name}",
            ),
        )
    return tuple(
        FieldInvalid(field=field, given=str(given), allowed=f"{kept}: {name}")
        for field, given, kept in (
            ("unit_code", block.scale.unit, curve.scale.unit),
            ("decimal_count", block.scale.decimal_count, curve.scale.decimal_count),
            ("step", block.scale.step, curve.scale.step),
        )
        if given != kept
    )


def _outcome(day: Day, before: Day | None) -> Outcome:
    if before is None:
        return Outcome.NEW
    return Outcome.DUPLICATE if day.digest == before.digest else Outcome.SUPERSEDING


def _months(index: int, curve: Curve, block: Block, made: Draft, stored: Stored) -> Iterator[Month]:
    """Yield the months of a curve that get a day."""
    moved: defaultdict[Period, list[Place]] = defaultdict(list)
    days: defaultdict[Period, dict[date, Day]] = defaultdict(dict)
    for day, found in stored.days.get(curve.name, {}).items():
        days[_month(day)][day] = found
    for offset, day in enumerate(block.dates):
        place = (index, offset)
        if made.outcomes[place] in _TAKEN:
            month = _month(day)
            moved[month].append(place)
            days[month][day] = block.days[index][offset]
    for month, places in moved.items():
        of_month = days[month]
        grain = Grain(source_id=curve.source.source_id, month=month)
        yield Month(
            row=curve.row(
                path=_path(index),
                period=Period(start=min(of_month), end=max(of_month) + timedelta(days=1)),
                total_count=sum([day.total_count for day in of_month.values()]),
                corrects=stored.records.get(grain, ""),
                curve_month=_curve_month(curve, of_month),
            ),
            places=tuple(places),
        )


def sketch(points: Block | Readings | Part, curves: Mapping[str, Curve]) -> list[Row]:
    """Return a row of nothing for each curve and month that points speak of.

    What the registry must be asked before days can be booked depends on no more.
    """
    months = sorted({_month(day) for day in points.dates})
    return [
        curves[name].row(path=_path(index), period=month, total_count=0)
        for index, name in enumerate(points.curves)
        if name in curves
        for month in months
    ]


def _path(index: int) -> str:
    return f"curves[{index}]"


@cache
def _month(day: date) -> Period:
    return Period.month(day.year, day.month)


def _curve_month(curve: Curve, days: Mapping[date, Day]) -> CurveMonth:
    estimated = sum([found.estimated_count for found in days.values()])
    missing = sum([found.missing_count for found in days.values()])
    return CurveMonth(
        curve=curve.name,
        whole_days=sum(
            [1 << day.day - 1 for day, found in days.items() if not found.missing_count]
        ),
        measured_count=len(days) * curve.scale.step.points_per_day - estimated - missing,
        estimated_count=estimated,
        missing_count=missing,
        assumption_count=sum([found.assumption_count for found in days.values()]),
    )
