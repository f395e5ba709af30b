"""Lines of the books: every version stays, the newest of each is current.

A row is a version that records made. A version that only other factors made is kept in columns, see
`rebookings`, and put over the row when lines are read.
"""

from __future__ import annotations

import math
import operator
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

import sqlalchemy as sa

from services.accounting.domain import written
from services.accounting.domain.activity import Kind
from services.accounting.domain.binding import Binding
from services.accounting.domain.booking import Ratios
from services.accounting.domain.knowledge.rebooking import Rebooking, Subtotals
from services.accounting.domain.line import Line
from services.accounting.domain.written.line import Named
from services.accounting.store import bindings, rebookings, sources
from services.accounting.store.tables import metadata
from services.kernel.period import Period
from services.runtime import bulk
from services.runtime.revision import Revision
from services.runtime.stored import Stored


class LineColumns(Stored):
    """One row a version of a line."""

    enterprise: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    line: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    version: sa.Named[int] = sa.Column(sa.BigInteger, primary_key=True, autoincrement=False)
    source_id: sa.Named[str] = sa.Column(sa.Text)
    accounting_year: sa.Named[int] = sa.Column(sa.Integer)
    month_date: sa.Named[date] = sa.Column(sa.Date)
    """The first day of the month."""
    method_id: sa.Named[str] = sa.Column(sa.Text)
    facility: sa.Named[str] = sa.Column(sa.Text)
    activity: sa.Named[str] = sa.Column(sa.Text)
    """The exact sum in `activity_unit`, as a fraction."""
    activity_unit: sa.Named[str] = sa.Column(sa.Text)
    activities: sa.Named[list[list[str]]] = sa.Column(sa.JSON)
    """Exact sums: pairs of decimal and unit."""
    binding: sa.Named[str] = sa.Column(sa.Text, sa.ForeignKey(bindings.bindings.c.binding))
    registry_revision: sa.Named[int] = sa.Column(sa.BigInteger)
    co2_g: sa.Named[int] = sa.Column(sa.BigInteger)
    other_mg: sa.Named[dict[str, int]] = sa.Column(sa.JSON)
    """Milligrams of the other gases, by gas."""
    co2e_g: sa.Named[dict[str, int]] = sa.Column(sa.JSON)
    """Grams of CO2 equivalent, by GWP set."""
    days: sa.Named[list[list[str]]] = sa.Column(sa.JSON)
    """Pairs of first day and end, where it is not made of all records of its month; else empty."""
    reported_day_count: sa.Named[int] = sa.Column(sa.Integer)
    record_count: sa.Named[int] = sa.Column(sa.Integer)


lines = sa.Table(
    "lines",
    metadata,
    LineColumns,
    sa.ForeignKeyConstraint(
        ["enterprise", "source_id"], [sources.sources.c.enterprise, sources.sources.c.source_id]
    ),
    sa.Index("lines_by_year", "enterprise", "accounting_year", "method_id"),
    sa.Index("lines_by_binding", "binding", "enterprise"),
)
_newer = lines.alias("newer")


def add(connection: sa.Connection, new: Sequence[Line], revision: Revision) -> None:
    """Insert `new`, each a version of its line."""
    # Many lines share a binding, which is large: it is hashed once.
    bound = {id(line.binding): line.binding for line in new}
    kept = bindings.keep(connection, set(bound.values()), revision)
    digests = {key: kept[binding] for key, binding in bound.items()}
    bulk.insert(
        connection,
        lines,
        [
            {
                "enterprise": line.enterprise,
                "line": line.line_id,
                "source_id": line.source.source_id,
                "accounting_year": line.binding.accounting_year,
                "month_date": line.month.start,
                "method_id": line.binding.method_id,
                "binding": digests[id(line.binding)],
                **written.line.content(line),
                "create_time": revision.commit_time,
            }
            for line in new
        ],
    )


def current(
    connection: sa.Connection,
    enterprises: Collection[str],
    accounting_year: int,
    method_id: str = "",
    as_of: int | None = None,
) -> list[Line]:
    """Return the current lines of a year that have records, by enterprise, source and month.

    Of every method where none is named; those that were current at the revision `as_of`.
    """
    lines_of = every(connection, enterprises, accounting_year, method_id, as_of)
    return [line for line in lines_of if line.record_count]


def every(
    connection: sa.Connection,
    enterprises: Collection[str],
    accounting_year: int,
    method_id: str = "",
    as_of: int | None = None,
) -> list[Line]:
    """Return the current lines of a year, those whose records moved to another too."""
    rows = connection.execute(
        _of_year(by_method=bool(method_id), in_past=as_of is not None),
        {
            "enterprises": sorted(enterprises),
            "accounting_year": accounting_year,
            "method_id": method_id,
            "as_of": as_of,
        },
    )
    rebooked = rebookings.of_year(connection, enterprises, accounting_year, method_id, as_of)
    return _newest(connection, rows.mappings().all(), rebooked)


def find(
    connection: sa.Connection, enterprise: str, line: str, as_of: int | None = None
) -> Line | None:
    """Return the current version of a line, at the revision `as_of`; None where there is none."""
    asked = {"enterprise": enterprise, "line": line, "as_of": as_of}
    rows = connection.execute(_of_id(in_past=as_of is not None), asked).mappings().all()
    if not rows:
        return None
    (row,) = rows
    rebooked = rebookings.of_year(
        connection, [enterprise], row["accounting_year"], row["method_id"], as_of
    )
    return _newest(connection, rows, rebooked)[0]


def users(connection: sa.Connection) -> dict[str, set[str]]:
    """Return the enterprises that have, or had, a line with each binding, by its digest."""
    found: dict[str, set[str]] = defaultdict(set)
    for table in (lines, rebookings.rebookings):
        pairs = sa.select(table.c.binding, table.c.enterprise).distinct()
        for binding, enterprise in connection.execute(pairs):
            found[binding].add(enterprise)
    return found


def subtotals(
    connection: sa.Connection,
    enterprises: Collection[str],
    accounting_year: int,
    method_id: str,
) -> dict[str, Subtotals]:
    """Return the current lines of a method and year that have records, in columns, by enterprise.

    A binding is its digest. The database makes the columns: a row a line would cost more than all
    that is computed of it.
    """
    c = lines.c
    columns = (
        c.line,
        c.version,
        sources.sources.c.kind,
        c.binding,
        c.activity,
        sa.extract("month", c.month_date),
    )
    rows = connection.execute(
        sa.select(c.enterprise, *(_listed(connection, column) for column in columns))
        .join(sources.sources, sources.of(lines))
        .where(
            c.enterprise.in_(sorted(enterprises)),
            c.accounting_year == accounting_year,
            c.method_id == method_id,
            c.record_count > 0,
            is_current(),
        )
        .group_by(c.enterprise)
        .order_by(c.enterprise)
    )
    kinds = {each.value: each for each in Kind}
    found = {
        enterprise: Subtotals(
            enterprise=enterprise,
            lines=names,
            versions=versions,
            kinds=[kinds[kind] for kind in kinds_of],
            bindings=digests,
            activities=_ratios(activities),
            months=months,
        )
        for enterprise, names, versions, kinds_of, digests, activities, months in rows.all()
    }
    for row in rebookings.versions(connection, enterprises, accounting_year, method_id):
        if row["enterprise"] in found:
            _rebook(found[row["enterprise"]], row)
    return found


def _listed(connection: sa.Connection, column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """Return the values of a group as one list."""
    if connection.dialect.name == "postgresql":
        return sa.func.json_agg(column, type_=sa.JSON)
    return sa.func.json_group_array(column, type_=sa.JSON)


def _ratios(activities: Sequence[str]) -> Ratios:
    """Return fractions that were written by `str`."""
    parts = [activity.partition("/") for activity in activities]
    return Ratios(
        [int(numerator) for numerator, _, _ in parts],
        [int(denominator or 1) for _, _, denominator in parts],
    )


def _rebook(found: Subtotals, row: sa.RowMapping) -> None:
    """Put the versions that a rebooking made over those before it."""
    versions = row["versions"]
    if row["lines"] == found.lines and all(map(operator.lt, found.versions, versions)):
        found.versions, found.bindings = versions, [row["binding"]] * len(versions)
        return
    places = {line_id: place for place, line_id in enumerate(found.lines)}
    for line_id, version in zip(row["lines"], versions, strict=True):
        place = places.get(line_id)
        # One that was reported again since has a later version of its own.
        if place is not None and found.versions[place] < version:
            found.versions[place], found.bindings[place] = version, row["binding"]


def is_current(as_of: sa.BindParameter[int] | None = None) -> sa.ColumnElement[bool]:
    """Return the condition of a row that no newer one follows, or none did at a revision."""
    newer = (
        _newer.c.enterprise == lines.c.enterprise,
        _newer.c.line == lines.c.line,
        _newer.c.version > lines.c.version,
    )
    if as_of is None:
        return ~sa.select(_newer.c.version).where(*newer).exists()
    follows = sa.select(_newer.c.version).where(*newer, _newer.c.revision <= as_of)
    return sa.and_(lines.c.revision <= as_of, ~follows.exists())


@cache
def _of_year(*, by_method: bool, in_past: bool) -> sa.Select[*tuple[Any, ...]]:
    """Return the query of a year's current rows: to make it costs as much as to ask it."""
    c = lines.c
    query = _current(in_past=in_past).where(
        c.enterprise.in_(sa.bindparam("enterprises", expanding=True)),
        c.accounting_year == sa.bindparam("accounting_year"),
    )
    return query.where(c.method_id == sa.bindparam("method_id")) if by_method else query


@cache
def _of_id(*, in_past: bool) -> sa.Select[*tuple[Any, ...]]:
    """Return the query of a line's current row."""
    c = lines.c
    return _current(in_past=in_past).where(
        c.enterprise == sa.bindparam("enterprise"), c.line == sa.bindparam("line")
    )


def _current(*, in_past: bool) -> sa.Select[*tuple[Any, ...]]:
    c = lines.c
    return (
        sa.select(lines, *sources.DESCRIPTION)
        .join(sources.sources, sources.of(lines))
        .where(is_current(sa.bindparam("as_of", type_=sa.BigInteger) if in_past else None))
        .order_by(c.enterprise, c.source_id, c.month_date, c.line)
    )


def _newest(
    connection: sa.Connection, rows: Sequence[sa.RowMapping], rebooked: Sequence[Rebooking]
) -> list[Line]:
    """Return the lines in `rows`, each in the version that the last rebooking of it made."""
    versions = {(row["enterprise"], row["line"]): row["version"] for row in rows}
    newest: dict[tuple[str, str], tuple[Rebooking, int]] = {}
    for each in rebooked:
        for index, line_id in enumerate(each.lines):
            key = each.enterprise, line_id
            # One that was reported again since has a later version of its own.
            if versions.get(key, math.inf) < each.versions[index]:
                versions[key], newest[key] = each.versions[index], (each, index)
    bound = bindings.get(
        connection,
        {row["binding"] for row in rows if (row["enterprise"], row["line"]) not in newest},
    )
    return [_line(row, bound, newest.get((row["enterprise"], row["line"]))) for row in rows]


def _line(
    row: sa.RowMapping, bound: Mapping[str, Binding], rebooked: tuple[Rebooking, int] | None
) -> Line:
    """Return the line in a row, in the version of a rebooking where there is one."""
    if rebooked is None:
        made = written.line.made(row, bound[row["binding"]])
    else:
        rebooking, index = rebooked
        made = rebooking.made(index)
    return written.line.of(
        row,
        Named(
            enterprise=row["enterprise"],
            line_id=row["line"],
            source=sources.read(row),
            month=Period.month(row["month_date"].year, row["month_date"].month),
        ),
        made,
    )
