"""Days of curves: one row a version of a day, all its points in one value.

A version is known by the revision that stored it; the newest of a day is current. Writers take
turns (see `revision`), so a block of new versions is written as it is, without looking for
conflicts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from services.accounting.domain.curve.block import Block, Day, DayVersion, Place
from services.accounting.domain.curve.curve import Curve
from services.accounting.domain.curve.part import DayPoints
from services.accounting.domain.curve.register import Note, NoteKind
from services.accounting.store.tables import metadata
from services.kernel.period import Period
from services.runtime import bulk, partitions
from services.runtime.revision import Revision, revisions
from services.runtime.tables import RAW_BY


class CurveDayColumns(sa.TypedColumns):
    """One row a version of a day."""

    curve_revision: sa.Named[int] = sa.Column(sa.BigInteger, primary_key=True, autoincrement=False)
    """The curve, by the revision that created it. No foreign key: each day of a block would be
    looked up, at a third of its cost, and whoever writes has just read its curve."""
    revision: sa.Named[int] = sa.Column(sa.BigInteger, primary_key=True, autoincrement=False)
    total_count: sa.Named[int] = sa.Column(sa.BigInteger)
    """The exact sum of the points."""
    day_date: sa.Named[date] = sa.Column(sa.Date, primary_key=True)
    points: sa.Named[bytes] = sa.Column(sa.LargeBinary)
    """Counts in the order of time, little-endian, 32 bits each."""
    digest: sa.Named[bytes] = sa.Column(sa.LargeBinary)
    """Of points, marks and notes."""
    estimated_count: sa.Named[int] = sa.Column(sa.SmallInteger)
    """How many points were estimated; all that were neither estimated nor missing were measured."""
    missing_count: sa.Named[int] = sa.Column(sa.SmallInteger)
    assumption_count: sa.Named[int] = sa.Column(sa.SmallInteger)
    """How many intervals rest on an assumption about the register."""
    marks: sa.Named[bytes | None] = sa.Column(sa.LargeBinary)
    """One byte a point; null where all were measured."""
    notes: sa.Named[list[list[Any]] | None] = sa.Column(sa.JSON(none_as_null=True))
    """How the points follow from the readings of a register; null where they were sent as such."""


curve_days = sa.Table(
    "curve_days",
    metadata,
    CurveDayColumns,
    sa.PrimaryKeyConstraint("curve_revision", "day_date", "revision"),
    info={RAW_BY: "day_date"},
    postgresql_partition_by="RANGE (day_date)",
)
_newer = curve_days.alias("newer")


def add(
    connection: sa.Connection,
    block: Block,
    places: Sequence[Place],
    of: Mapping[str, Curve],
    revision: Revision,
) -> None:
    """Insert the days of a block at `places`, each a version of its day."""
    if not places:
        return
    partitions.make(connection, curve_days.name, block.dates)
    bulk.insert(connection, curve_days, list(_rows(block, places, of, revision)))


def current(
    connection: sa.Connection, of: Collection[Curve], period: Period
) -> dict[str, dict[date, Day]]:
    """Return the current days of curves within a period, without their points, by curve."""
    c, by_key = curve_days.c, {curve.revision: curve.name for curve in of}
    rows = connection.execute(
        sa.select(
            c.curve_revision,
            c.day_date,
            c.digest,
            c.total_count,
            c.estimated_count,
            c.missing_count,
            c.assumption_count,
        ).where(
            c.curve_revision.in_(sorted(by_key)),
            c.day_date >= period.start,
            c.day_date < period.end,
            _is_current(period),
        )
    )
    found: defaultdict[str, dict[date, Day]] = defaultdict(dict)
    for key, day, digest, *counts in rows:
        found[by_key[key]][day] = Day(digest, *counts)
    return found


def points(connection: sa.Connection, of: Collection[Curve], day: date) -> dict[str, DayPoints]:
    """Return the points of a day as it is stored now, by curve; of those curves that have it."""
    c, by_key = curve_days.c, {curve.revision: curve.name for curve in of}
    rows = connection.execute(
        sa.select(c.curve_revision, c.points, c.marks).where(
            c.curve_revision.in_(sorted(by_key)),
            c.day_date == day,
            _is_current(Period.day(day)),
        )
    )
    return {by_key[key]: DayPoints(points, marks) for key, points, marks in rows}


def page(
    connection: sa.Connection, of: Curve, period: Period, *, as_of: int | None, size: int
) -> list[DayVersion]:
    """Return the days of a curve within a period, by date; current, or at the revision `as_of`."""
    c = curve_days.c
    rows = connection.execute(
        sa.select(curve_days, revisions.c.commit_time)
        .join(revisions, revisions.c.revision == c.revision)
        .where(
            c.curve_revision == of.revision,
            c.day_date >= period.start,
            c.day_date < period.end,
            _is_current(period, as_of),
        )
        .order_by(c.day_date)
        .limit(size)
    ).mappings()
    return [
        DayVersion(
            day=row["day_date"],
            points=row["points"],
            marks=row["marks"],
            sums=Day(
                row["digest"],
                row["total_count"],
                row["estimated_count"],
                row["missing_count"],
                row["assumption_count"],
            ),
            notes=tuple(Note(NoteKind(kind), *counts) for kind, *counts in row["notes"] or ()),
            revision=row["revision"],
            create_time=row["commit_time"],
        )
        for row in rows
    ]


def _is_current(period: Period, as_of: int | None = None) -> sa.ColumnElement[bool]:
    """Return the condition of a version that no newer one follows, or none did at a revision.

    It holds of days within `period`: that it is said of the newer ones too spares PostgreSQL the
    other months.
    """
    c = curve_days.c
    newer = (
        _newer.c.curve_revision == c.curve_revision,
        _newer.c.day_date == c.day_date,
        _newer.c.day_date >= period.start,
        _newer.c.day_date < period.end,
        _newer.c.revision > c.revision,
    )
    if as_of is None:
        return ~sa.select(_newer.c.revision).where(*newer).exists()
    follows = sa.select(_newer.c.revision).where(*newer, _newer.c.revision <= as_of)
    return sa.and_(c.revision <= as_of, ~follows.exists())


def _rows(
    block: Block, places: Sequence[Place], of: Mapping[str, Curve], revision: Revision
) -> Iterator[dict[str, Any]]:
    keys = [of[name].revision if name in of else 0 for name in block.curves]
    for place in places:
        curve, day = place
        yield {
            "curve_revision": keys[curve],
            "revision": revision.number,
            "day_date": block.dates[day],
            "points": block.points(place),
            "marks": block.marks_of(place),
            "notes": [list(note) for note in block.notes.get(place, ())] or None,
            **block.days[curve][day]._asdict(),
        }
