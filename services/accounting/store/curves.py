"""Curves: what the points of each meter measure, and how their meters were replaced."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import asdict, replace
from datetime import date

import sqlalchemy as sa

from services.accounting.domain.activity import EmissionSource, Kind
from services.accounting.domain.curve.curve import Curve, Scale, Step
from services.accounting.domain.curve.register import Register, Replacement
from services.accounting.store.tables import metadata
from services.kernel import names
from services.runtime.revision import Revision
from services.runtime.stored import Stored
from services.runtime.tables import RAW_BY


class CurveColumns(Stored):
    """One row a curve."""

    enterprise: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    curve: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    source_id: sa.Named[str] = sa.Column(sa.Text)
    kind: sa.Named[str] = sa.Column(sa.Text)
    subject: sa.Named[str] = sa.Column(sa.Text)
    counterparty: sa.Named[str] = sa.Column(sa.Text)
    steam: sa.Named[str] = sa.Column(sa.Text)
    """The state of steam that is measured by mass, or empty."""
    meter: sa.Named[str] = sa.Column(sa.Text)
    facility: sa.Named[str] = sa.Column(sa.Text)
    evidence: sa.Named[str] = sa.Column(sa.Text)
    unit_code: sa.Named[str] = sa.Column(sa.Text)
    decimal_count: sa.Named[int] = sa.Column(sa.Integer)
    step: sa.Named[str] = sa.Column(sa.Text)
    register: sa.Named[dict[str, int] | None] = sa.Column(sa.JSON(none_as_null=True))
    """How its register counts; null where its points are sent as what flowed."""


curves = sa.Table(
    "curves",
    metadata,
    CurveColumns,
    # A revision creates one curve, so it is the short key that the days are stored under.
    sa.UniqueConstraint("revision"),
    # A source is fed by one curve; the database keeps watch too.
    sa.UniqueConstraint("enterprise", "source_id"),
)


class MeterReplacementColumns(Stored):
    """One row a replacement of a curve's meter."""

    curve_revision: sa.Named[int] = sa.Column(
        sa.BigInteger, sa.ForeignKey(curves.c.revision), primary_key=True, autoincrement=False
    )
    """The curve, by the revision that created it."""
    day_date: sa.Named[date] = sa.Column(sa.Date, primary_key=True)
    point_index: sa.Named[int] = sa.Column(sa.Integer, primary_key=True, autoincrement=False)
    closing_count: sa.Named[int] = sa.Column(sa.BigInteger)
    """The last reading of the old register."""
    opening_count: sa.Named[int] = sa.Column(sa.BigInteger)
    """The first reading of the new register."""
    register: sa.Named[dict[str, int]] = sa.Column(sa.JSON)
    """How the new register counts."""
    meter: sa.Named[str] = sa.Column(sa.Text)
    evidence: sa.Named[str] = sa.Column(sa.Text)
    reporter: sa.Named[str] = sa.Column(sa.Text)


meter_replacements = sa.Table(
    "meter_replacements", metadata, MeterReplacementColumns, info={RAW_BY: "day_date"}
)


def add(connection: sa.Connection, new: Curve, revision: Revision) -> Curve:
    """Insert a curve; return it as it is stored."""
    ids = names.CURVE.parse(new.name)
    row = connection.execute(
        sa.insert(curves)
        .values(
            enterprise=ids["enterprise"],
            curve=ids["curve"],
            source_id=new.source.source_id,
            kind=new.source.kind.value,
            subject=new.source.subject,
            counterparty=new.source.counterparty,
            steam=new.source.steam,
            meter=new.meter,
            facility=new.facility,
            evidence=new.evidence,
            unit_code=new.scale.unit,
            decimal_count=new.scale.decimal_count,
            step=new.scale.step.value,
            register=None if new.register is None else asdict(new.register),
            create_time=revision.commit_time,
            revision=revision.number,
        )
        .returning(curves)
    ).mappings()
    return _curve(row.one())


def get(connection: sa.Connection, enterprise: str, wanted: Collection[str]) -> dict[str, Curve]:
    """Return those curves of an enterprise that there are of the names `wanted`, by name."""
    ids = [
        parsed["curve"]
        for name in wanted
        if names.CURVE.matches(name)
        and (parsed := names.CURVE.parse(name))["enterprise"] == enterprise
    ]
    found = _select(connection, enterprise, curves.c.curve.in_(sorted(ids)))
    return {curve.name: curve for curve in found}


def of_source(connection: sa.Connection, enterprise: str, source_id: str) -> Curve | None:
    """Return the curve that feeds an emission source; None where none does."""
    found = _select(connection, enterprise, curves.c.source_id == source_id)
    return next(iter(found), None)


def page(connection: sa.Connection, enterprise: str, *, after: str, size: int) -> list[Curve]:
    """Return curves of an enterprise after an id, by id."""
    return _select(connection, enterprise, curves.c.curve > after, limit=size)


def _select(
    connection: sa.Connection,
    enterprise: str,
    which: sa.ColumnElement[bool],
    *,
    limit: int | None = None,
) -> list[Curve]:
    rows = connection.execute(
        sa.select(curves)
        .where(curves.c.enterprise == enterprise, which)
        .order_by(curves.c.curve)
        .limit(limit)
    ).mappings()
    found = [_curve(row) for row in rows]
    replaced = _replacements(
        connection, [each.revision for each in found if each.register is not None]
    )
    return [
        replace(each, replacements=tuple(replaced[each.revision]))
        if each.revision in replaced
        else each
        for each in found
    ]


def add_replacement(
    connection: sa.Connection, curve: Curve, new: Replacement, reporter: str, revision: Revision
) -> Replacement:
    """Insert a replacement of a curve's meter; return it as it is stored."""
    connection.execute(
        sa.insert(meter_replacements).values(
            curve_revision=curve.revision,
            day_date=new.day,
            point_index=new.point,
            closing_count=new.closing_count,
            opening_count=new.opening_count,
            register=asdict(new.register),
            meter=new.meter,
            evidence=new.evidence,
            reporter=reporter,
            create_time=revision.commit_time,
            revision=revision.number,
        )
    )
    return replace(
        new, reporter=reporter, revision=revision.number, create_time=revision.commit_time
    )


def _replacements(connection: sa.Connection, keys: Collection[int]) -> dict[int, list[Replacement]]:
    """Return the replacements of the meters of curves, by time, by the key of the curve."""
    if not keys:
        return {}
    c = meter_replacements.c
    rows = connection.execute(
        sa.select(meter_replacements)
        .where(c.curve_revision.in_(sorted(keys)))
        .order_by(c.curve_revision, c.day_date, c.point_index)
    ).mappings()
    found: defaultdict[int, list[Replacement]] = defaultdict(list)
    for row in rows:
        found[row["curve_revision"]].append(
            Replacement(
                day=row["day_date"],
                point=row["point_index"],
                closing_count=row["closing_count"],
                opening_count=row["opening_count"],
                register=Register(**row["register"]),
                meter=row["meter"],
                evidence=row["evidence"],
                reporter=row["reporter"],
                revision=row["revision"],
                create_time=row["create_time"],
            )
        )
    return found


def _curve(row: sa.RowMapping) -> Curve:
    return Curve(
        name=names.CURVE.format(enterprise=row["enterprise"], curve=row["curve"]),
        source=EmissionSource(
            source_id=row["source_id"],
            kind=Kind(row["kind"]),
            subject=row["subject"],
            counterparty=row["counterparty"],
            steam=row["steam"],
        ),
        meter=row["meter"],
        facility=row["facility"],
        evidence=row["evidence"],
        scale=Scale(
            unit=row["unit_code"], decimal_count=row["decimal_count"], step=Step(row["step"])
        ),
        register=None if row["register"] is None else Register(**row["register"]),
        revision=row["revision"],
        create_time=row["create_time"],
    )
