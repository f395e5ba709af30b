"""Activity records: the facts, as they were reported."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Final

import sqlalchemy as sa

from services.accounting.domain.activity import Record
from services.accounting.domain.line import Grain
from services.accounting.domain.report import Accepted
from services.accounting.store import corrections, curve_months, sources
from services.accounting.store.tables import metadata
from services.kernel import names
from services.kernel.period import Period
from services.kernel.quantity import Quantity
from services.runtime import bulk, partitions, stored
from services.runtime.revision import Revision
from services.runtime.tables import RAW_BY


class RecordColumns(stored.Stored):
    """One row a record, quantity as written."""

    enterprise: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    record: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    order_index: sa.Named[int] = sa.Column(sa.Integer)
    """Its place among the records of its revision."""
    source_id: sa.Named[str] = sa.Column(sa.Text)
    value: sa.Named[str] = sa.Column(sa.Text)
    """The digits as written: never added up in SQL."""
    unit_code: sa.Named[str] = sa.Column(sa.Text)
    start_date: sa.Named[date] = sa.Column(sa.Date, primary_key=True)
    """Of the key, since its month is where PostgreSQL keeps the row; an id is one record's."""
    end_date: sa.Named[date] = sa.Column(sa.Date)
    facility: sa.Named[str] = sa.Column(sa.Text)
    meter: sa.Named[str] = sa.Column(sa.Text)
    evidence: sa.Named[str] = sa.Column(sa.Text)
    certificate: sa.Named[str | None] = sa.Column(sa.Text)
    """The number of claimed green power; of all enterprises together it counts once."""
    corrects: sa.Named[str | None] = sa.Column(sa.Text)
    """The id of the record that this one replaces."""
    reporter: sa.Named[str] = sa.Column(sa.Text)


records = sa.Table(
    "activity_records",
    metadata,
    RecordColumns,
    sa.ForeignKeyConstraint(
        ["enterprise", "source_id"],
        [sources.sources.c.enterprise, sources.sources.c.source_id],
    ),
    sa.Index("activity_records_by_source", "enterprise", "source_id", "start_date"),
    sa.Index("activity_records_in_order", "enterprise", "revision", "order_index"),
    sa.Index("activity_records_by_certificate", "certificate"),
    info={RAW_BY: "start_date"},
    postgresql_partition_by="RANGE (start_date)",
)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Place:
    """Where a record stands in the order of storing."""

    revision: int
    order_index: int


def add(
    connection: sa.Connection,
    enterprise: str,
    accepted: Sequence[Accepted],
    reporter: str,
    revision: Revision,
) -> list[str]:
    """Insert a record for each accepted row, and the sources that are new; return the names."""
    sources.keep(connection, enterprise, (each.source for each in accepted), revision)
    rows = [
        {
            "enterprise": enterprise,
            "record": f"r{revision.number}-{index}",
            "order_index": index,
            "source_id": each.source.source_id,
            "value": each.quantity.text,
            "unit_code": each.quantity.unit,
            "start_date": each.period.start,
            "end_date": each.period.end,
            "facility": each.row.facility,
            "meter": each.row.meter,
            "evidence": each.row.evidence,
            "certificate": each.row.certificate or None,
            "corrects": id_of(each.row.corrects) if each.row.corrects else None,
            "reporter": reporter,
            "create_time": revision.commit_time,
            "revision": revision.number,
        }
        for index, each in enumerate(accepted)
    ]
    partitions.make(connection, records.name, (each.period.start for each in accepted))
    bulk.insert(connection, records, rows)
    replaced = {str(row["record"]): str(row["corrects"]) for row in rows if row["corrects"]}
    corrections.add(connection, enterprise, replaced, revision.number)
    months = {
        str(row["record"]): month
        for row, each in zip(rows, accepted, strict=True)
        if (month := each.row.curve_month) is not None
    }
    curve_months.add(connection, enterprise, months, revision.number)
    return [name_of(enterprise, str(row["record"])) for row in rows]


def find(connection: sa.Connection, enterprise: str, record: str) -> Record | None:
    """Return a record of the enterprise; None where there is none."""
    rows = connection.execute(
        _DESCRIBED.where(records.c.enterprise == enterprise, records.c.record == record)
    ).mappings()
    return next(map(_record, rows), None)


def page(
    connection: sa.Connection, enterprise: str, *, after: Place, size: int
) -> list[tuple[Place, Record]]:
    """Return records in the order they were stored, corrected ones too."""
    c = records.c
    place = sa.tuple_(c.revision, c.order_index)
    rows = connection.execute(
        _DESCRIBED.where(
            c.enterprise == enterprise, place > sa.tuple_(after.revision, after.order_index)
        )
        .order_by(c.revision, c.order_index)
        .limit(size)
    ).mappings()
    return [
        (Place(revision=row["revision"], order_index=row["order_index"]), _record(row))
        for row in rows
    ]


def current(connection: sa.Connection, enterprise: str, year: int, as_of: int) -> list[Record]:
    """Return the records of a year that counted at a revision, by source and time."""
    return _counted(connection, enterprise, Period.year(year), as_of)


def of_grain(connection: sa.Connection, enterprise: str, grain: Grain, as_of: int) -> list[Record]:
    """Return the records of a source's month that counted at a revision, by time."""
    return _counted(connection, enterprise, grain.month, as_of, source_id=grain.source_id)


def _counted(
    connection: sa.Connection, enterprise: str, period: Period, as_of: int, *, source_id: str = ""
) -> list[Record]:
    asked = {
        "enterprise": enterprise,
        "start": period.start,
        "end": period.end,
        "as_of": as_of,
        "source_id": source_id,
    }
    rows = connection.execute(_of_period(by_source=bool(source_id)), asked).mappings()
    return [_record(row) for row in rows]


@cache
def _of_period(*, by_source: bool) -> sa.Select[*tuple[Any, ...]]:
    """Return the query of records that counted: to make it costs as much as to ask it."""
    c = records.c
    as_of = sa.bindparam("as_of", type_=sa.BigInteger)
    query = _DESCRIBED.where(
        c.enterprise == sa.bindparam("enterprise"),
        c.start_date >= sa.bindparam("start"),
        c.start_date < sa.bindparam("end"),
        c.revision <= as_of,
        corrections.is_current(records, as_of),
    ).order_by(c.source_id, c.start_date)
    return query.where(c.source_id == sa.bindparam("source_id")) if by_source else query


def of_curves(
    connection: sa.Connection, enterprise: str, source_ids: Collection[str], period: Period
) -> dict[Grain, str]:
    """Return the records that count of curves, by what they are the month of; their names."""
    c = records.c
    rows = connection.execute(
        sa.select(c.source_id, c.start_date, c.record)
        .join(curve_months.curve_months, curve_months.of(records))
        .where(
            c.enterprise == enterprise,
            c.source_id.in_(sorted(source_ids)),
            c.start_date >= period.start,
            c.start_date < period.end,
            corrections.is_current(records),
        )
    )
    return {
        Grain(source_id=source_id, month=Period.month(start.year, start.month)): name_of(
            enterprise, record
        )
        for source_id, start, record in rows
    }


def is_reporter(connection: sa.Connection, enterprise: str, principal: str) -> bool:
    """Tell whether a principal ever reported a record of an enterprise."""
    c = records.c
    which = sa.and_(c.enterprise == enterprise, c.reporter == principal)
    return connection.execute(sa.select(sa.exists().where(which))).scalar_one()


def count(connection: sa.Connection) -> int:
    """Return how many records are stored, corrected ones too."""
    return connection.execute(sa.select(sa.func.count()).select_from(records)).scalar_one()


_DESCRIBED: Final = (
    sa.select(records, *sources.DESCRIPTION, *curve_months.DESCRIPTION)
    .select_from(records)
    .join(sources.sources, sources.of(records))
    .outerjoin(curve_months.curve_months, curve_months.of(records))
)


def _record(row: sa.RowMapping) -> Record:
    return Record(
        name=name_of(row["enterprise"], row["record"]),
        source=sources.read(row),
        quantity=Quantity.parse(row["value"], row["unit_code"]),
        period=Period(start=row["start_date"], end=row["end_date"]),
        facility=row["facility"],
        meter=row["meter"],
        evidence=row["evidence"],
        certificate=row["certificate"] or "",
        corrects=name_of(row["enterprise"], row["corrects"]) if row["corrects"] else "",
        reporter=row["reporter"],
        revision=row["revision"],
        create_time=row["create_time"],
        curve_month=curve_months.read(row),
    )


def name_of(enterprise: str, record: str) -> str:
    """Return the resource name of a record."""
    return names.ACTIVITY_RECORD.format(enterprise=enterprise, record=record)


def order_index(record: Record) -> int:
    """Return its place among the records of its revision, which its id ends in."""
    return int(record.name.rpartition("-")[2])


def id_of(name: str) -> str:
    """Return the id of the record of that name."""
    return names.ACTIVITY_RECORD.parse(name)["record"]
