"""What the records add up that are months of curves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

import sqlalchemy as sa

from services.accounting.domain.activity import CurveMonth
from services.accounting.store.tables import metadata
from services.runtime import bulk


class CurveMonthColumns(sa.TypedColumns):
    """One row a record that is the month of a curve."""

    enterprise: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    record: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    curve: sa.Named[str] = sa.Column(sa.Text)
    """The name of the curve."""
    whole_days: sa.Named[int] = sa.Column(sa.Integer)
    """The days without a missing point, a bit each: the lowest is the first of the month."""
    measured_count: sa.Named[int] = sa.Column(sa.Integer)
    estimated_count: sa.Named[int] = sa.Column(sa.Integer)
    missing_count: sa.Named[int] = sa.Column(sa.Integer)
    assumption_count: sa.Named[int] = sa.Column(sa.Integer)
    revision: sa.Named[int] = sa.Column(sa.BigInteger)


curve_months = sa.Table("curve_months", metadata, CurveMonthColumns)
DESCRIPTION = (
    curve_months.c.curve,
    curve_months.c.whole_days,
    curve_months.c.measured_count,
    curve_months.c.estimated_count,
    curve_months.c.missing_count,
    curve_months.c.assumption_count,
)
"""What a query of records selects besides its own columns, for `read`."""


def add(
    connection: sa.Connection, enterprise: str, months: Mapping[str, CurveMonth], revision: int
) -> None:
    """Insert what new records add up, by the id of the record."""
    bulk.insert(
        connection,
        curve_months,
        [
            {"enterprise": enterprise, "record": record, "revision": revision, **asdict(month)}
            for record, month in months.items()
        ],
    )


def of(records: sa.Table) -> sa.ColumnElement[bool]:
    """Return the condition that joins a record to what it adds up."""
    c = curve_months.c
    return sa.and_(c.enterprise == records.c.enterprise, c.record == records.c.record)


def read(row: sa.RowMapping) -> CurveMonth | None:
    """Return what the record in `row` adds up; None where it is no month of a curve."""
    if row["curve"] is None:
        return None
    return CurveMonth(**{column.name: row[column.name] for column in DESCRIPTION})
