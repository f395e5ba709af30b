"""Lines of the books: every version stays, the newest of each is current."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

import sqlalchemy as sa

from services.accounting.domain.line import Amount, Line
from services.accounting.store import bindings, booked, sources
from services.accounting.store.tables import metadata
from services.kernel.period import Period
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
)
_newer = lines.alias("newer")


def add(connection: sa.Connection, new: Sequence[Line], revision: Revision) -> None:
    """Insert `new`, each a version of its line."""
    digests = bindings.keep(connection, {line.binding for line in new}, revision)
    connection.execute(
        sa.insert(lines),
        [
            {
                "enterprise": line.enterprise,
                "line": line.line_id,
                "version": line.version,
                "source_id": line.source.source_id,
                "accounting_year": line.binding.accounting_year,
                "month_date": line.month.start,
                "method_id": line.binding.method_id,
                "facility": line.facility,
                "activity": str(line.activity),
                "activity_unit": line.activity_unit,
                "activities": [[written(each.value), each.unit] for each in line.activities],
                "binding": digests[line.binding],
                "registry_revision": line.registry_revision,
                **booked.columns(line.booked),
                "days": [[f"{each.start}", f"{each.end}"] for each in line.days],
                "reported_day_count": line.reported_day_count,
                "record_count": line.record_count,
                "create_time": revision.commit_time,
                "revision": line.revision,
            }
            for line in new
        ],
    )


def current(
    connection: sa.Connection,
    enterprises: Collection[str],
    accounting_year: int,
    method_id: str = "",
) -> list[Line]:
    """Return the current lines of a year that have records, by enterprise, source and month.

    Of every method where none is named.
    """
    lines_of = every(connection, enterprises, accounting_year, method_id)
    return [line for line in lines_of if line.record_count]


def every(
    connection: sa.Connection,
    enterprises: Collection[str],
    accounting_year: int,
    method_id: str = "",
) -> list[Line]:
    """Return the current lines of a year, those whose records moved to another too."""
    c = lines.c
    conditions = [
        c.enterprise.in_(sorted(enterprises)),
        c.accounting_year == accounting_year,
        _is_current(),
    ]
    if method_id:
        conditions.append(c.method_id == method_id)
    return _select(connection, sa.and_(*conditions))


def find(connection: sa.Connection, enterprise: str, line: str) -> Line | None:
    """Return the current version of a line; None where there is none."""
    which = sa.and_(lines.c.enterprise == enterprise, lines.c.line == line, _is_current())
    return next(iter(_select(connection, which)), None)


def _is_current() -> sa.ColumnElement[bool]:
    """Return the condition of a version that no next one follows; versions have no gaps."""
    return ~(
        sa.select(_newer.c.version)
        .where(
            _newer.c.enterprise == lines.c.enterprise,
            _newer.c.line == lines.c.line,
            _newer.c.version == lines.c.version + 1,
        )
        .exists()
    )


def _select(connection: sa.Connection, which: sa.ColumnElement[bool]) -> list[Line]:
    c = lines.c
    rows = (
        connection.execute(
            sa.select(lines, *sources.DESCRIPTION)
            .join(sources.sources, sources.of(lines))
            .where(which)
            .order_by(c.enterprise, c.source_id, c.month_date, c.line)
        )
        .mappings()
        .all()
    )
    bound = bindings.get(connection, {row["binding"] for row in rows})
    return [
        Line(
            enterprise=row["enterprise"],
            line_id=row["line"],
            source=sources.read(row),
            month=Period.month(row["month_date"].year, row["month_date"].month),
            facility=row["facility"],
            activity=Fraction(row["activity"]),
            activity_unit=row["activity_unit"],
            activities=tuple(
                Amount(value=read(value), unit=unit) for value, unit in row["activities"]
            ),
            binding=bound[row["binding"]],
            registry_revision=row["registry_revision"],
            booked=booked.of_columns(row),
            days=tuple(Period.parse(start, end) for start, end in row["days"]),
            reported_day_count=row["reported_day_count"],
            record_count=row["record_count"],
            version=row["version"],
            revision=row["revision"],
        )
        for row in rows
    ]


def written(value: Decimal | Fraction) -> str:
    """Return an exact amount as text: a decimal with its digits, or a fraction, "31/3"."""
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def read(text: str) -> Decimal | Fraction:
    """Return the exact amount that `written` made."""
    return Fraction(text) if "/" in text else Decimal(text)
