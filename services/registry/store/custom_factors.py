"""Factors of single enterprises in the database: every version stays.

Each query names the enterprises: who may see them has been settled by `enterprises` before.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

import sqlalchemy as sa

from services.kernel.period import Period
from services.kernel.quantity import Quantity
from services.registry.domain.custom_factor import (
    Basis,
    CustomFactor,
    Origin,
    Standing,
    State,
    Version,
)
from services.registry.domain.factor import FactorRole
from services.registry.store.tables import metadata
from services.registry.store.versions import is_current
from services.runtime.revision import Revision
from services.runtime.stored import Stored


class CustomFactorColumns(Stored):
    """One row a version of a custom factor."""

    enterprise: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    custom_factor: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    version: sa.Named[int] = sa.Column(sa.BigInteger, primary_key=True, autoincrement=False)
    role: sa.Named[str] = sa.Column(sa.Text)
    subject: sa.Named[str] = sa.Column(sa.Text)
    value: sa.Named[str] = sa.Column(sa.Text)
    """The digits as the proposer wrote them."""
    unit_code: sa.Named[str] = sa.Column(sa.Text)
    start_date: sa.Named[date] = sa.Column(sa.Date)
    end_date: sa.Named[date] = sa.Column(sa.Date)
    origin: sa.Named[str] = sa.Column(sa.Text)
    evidence: sa.Named[str] = sa.Column(sa.Text)
    basis: sa.Named[str] = sa.Column(sa.Text)
    """Empty for a role that is no property of a sample."""
    moisture_as_received_value: sa.Named[str | None] = sa.Column(sa.Text)
    moisture_as_received_unit: sa.Named[str | None] = sa.Column(sa.Text)
    moisture_air_dried_value: sa.Named[str | None] = sa.Column(sa.Text)
    moisture_air_dried_unit: sa.Named[str | None] = sa.Column(sa.Text)
    state: sa.Named[str] = sa.Column(sa.Text)
    proposer: sa.Named[str] = sa.Column(sa.Text)
    decider: sa.Named[str] = sa.Column(sa.Text)
    """Empty while proposed."""
    reason: sa.Named[str] = sa.Column(sa.Text)
    lower_value: sa.Named[str | None] = sa.Column(sa.Text)
    """The digits as the proposer wrote them, in the unit of the figure."""
    upper_value: sa.Named[str | None] = sa.Column(sa.Text)


custom_factors = sa.Table("custom_factors", metadata, CustomFactorColumns)


def add(
    connection: sa.Connection,
    factor: CustomFactor,
    standing: Standing,
    revision: Revision,
    before: Version | None,
) -> Version:
    """Insert `factor` as the version after `before`; return it."""
    stored = Version(
        factor=factor,
        standing=standing,
        version=before.version + 1 if before else 1,
        create_time=revision.commit_time,
        revision=revision.number,
    )
    received, dried = factor.moisture_as_received, factor.moisture_air_dried
    connection.execute(
        sa.insert(custom_factors).values(
            enterprise=factor.enterprise,
            custom_factor=factor.custom_factor,
            version=stored.version,
            role=factor.role.value,
            subject=factor.subject,
            value=factor.quantity.text,
            unit_code=factor.quantity.unit,
            start_date=factor.period.start,
            end_date=factor.period.end,
            origin=factor.origin.value,
            evidence=factor.evidence,
            basis="" if factor.basis is None else factor.basis.value,
            moisture_as_received_value=received and received.text,
            moisture_as_received_unit=received and received.unit,
            moisture_air_dried_value=dried and dried.text,
            moisture_air_dried_unit=dried and dried.unit,
            state=standing.state.value,
            proposer=standing.proposer,
            decider=standing.decider,
            reason=standing.reason,
            lower_value=factor.lower and factor.lower.text,
            upper_value=factor.upper and factor.upper.text,
            create_time=revision.commit_time,
            revision=revision.number,
        )
    )
    return stored


def find(
    connection: sa.Connection, enterprise: str, custom_factor: str, version: int = 0
) -> Version | None:
    """Return a version of a custom factor, the current one for 0; None where there is none."""
    c = custom_factors.c
    which = c.version == version if version else is_current(custom_factors)
    named = sa.and_(c.enterprise == enterprise, c.custom_factor == custom_factor)
    return next(iter(_select(connection, named, which, limit=1)), None)


def page(connection: sa.Connection, enterprise: str, *, after: str, size: int) -> list[Version]:
    """Return the current versions of an enterprise's custom factors, by id after `after`."""
    c = custom_factors.c
    following = sa.and_(c.enterprise == enterprise, c.custom_factor > after)
    return _select(connection, following, is_current(custom_factors), limit=size)


def active(
    connection: sa.Connection,
    enterprises: Collection[str],
    things: Collection[tuple[FactorRole, str]],
    as_of: int | None = None,
) -> list[Version]:
    """Return the active custom factors of `enterprises` for roles and subjects, by name.

    They are those that were active at the revision `as_of`; those that are, for None.
    """
    if not enterprises:
        return []
    c = custom_factors.c
    wanted = sa.and_(
        c.enterprise.in_(sorted(enterprises)),
        sa.tuple_(c.role, c.subject).in_(sorted((role.value, subject) for role, subject in things)),
        c.state == State.ACTIVE.value,
    )
    return _select(connection, wanted, is_current(custom_factors, as_of))


def states(connection: sa.Connection) -> dict[State, int]:
    """Return how many custom factors are in each state; every state is there."""
    c = custom_factors.c
    rows = connection.execute(
        sa.select(c.state, sa.func.count()).where(is_current(custom_factors)).group_by(c.state)
    )
    counted = {State(state): count for state, count in rows}
    return {state: counted.get(state, 0) for state in State}


def _select(
    connection: sa.Connection, *which: sa.ColumnElement[bool], limit: int | None = None
) -> list[Version]:
    c = custom_factors.c
    query = sa.select(custom_factors).where(*which).order_by(c.enterprise, c.custom_factor)
    rows: Sequence[sa.RowMapping] = connection.execute(query.limit(limit)).mappings().all()
    return [_version(row) for row in rows]


def _version(row: sa.RowMapping) -> Version:
    return Version(
        factor=_factor(row),
        standing=Standing(
            state=State(row["state"]),
            proposer=row["proposer"],
            decider=row["decider"],
            reason=row["reason"],
        ),
        version=row["version"],
        create_time=row["create_time"],
        revision=row["revision"],
    )


def _factor(row: sa.RowMapping) -> CustomFactor:
    return CustomFactor(
        enterprise=row["enterprise"],
        custom_factor=row["custom_factor"],
        role=FactorRole(row["role"]),
        subject=row["subject"],
        quantity=Quantity.parse(row["value"], row["unit_code"]),
        period=Period(start=row["start_date"], end=row["end_date"]),
        origin=Origin(row["origin"]),
        evidence=row["evidence"],
        basis=Basis(row["basis"]) if row["basis"] else None,
        moisture_as_received=_optional(row, "moisture_as_received"),
        moisture_air_dried=_optional(row, "moisture_air_dried"),
        lower=_optional(row, "lower", "unit_code"),
        upper=_optional(row, "upper", "unit_code"),
    )


def _optional(row: sa.RowMapping, which: str, unit: str = "") -> Quantity | None:
    if row[f"{which}_value"] is None:
        return None
    return Quantity.parse(row[f"{which}_value"], row[unit or f"{which}_unit"])
