"""Base years of enterprises: every version stays."""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa

from services.accounting.domain.knowledge.base_year import BaseYear, Event, Policy
from services.accounting.domain.method import Basis
from services.accounting.store.tables import metadata
from services.kernel.quantity import Quantity
from services.runtime.revision import Revision
from services.runtime.stored import Stored

_PERCENT = "%"


class BaseYearColumns(Stored):
    """One row a version of a base year."""

    enterprise: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    method_id: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    version: sa.Named[int] = sa.Column(sa.BigInteger, primary_key=True, autoincrement=False)
    accounting_year: sa.Named[int] = sa.Column(sa.Integer)
    scope2_basis: sa.Named[str] = sa.Column(sa.Text)
    gwp_set: sa.Named[str] = sa.Column(sa.Text)
    threshold_percent: sa.Named[str] = sa.Column(sa.Text)
    """The digits as the enterprise states them."""
    inventory_version: sa.Named[int] = sa.Column(sa.BigInteger)
    total_co2e_g: sa.Named[int] = sa.Column(sa.BigInteger)
    event: sa.Named[str] = sa.Column(sa.Text)
    below_threshold: sa.Named[bool] = sa.Column(sa.Boolean)
    reason: sa.Named[str] = sa.Column(sa.Text)
    decider: sa.Named[str] = sa.Column(sa.Text)


base_years = sa.Table("base_years", metadata, BaseYearColumns)
_newer = base_years.alias("newer")


def add(connection: sa.Connection, base_year: BaseYear, revision: Revision) -> BaseYear:
    """Insert a version of a base year; return it as it is stored."""
    policy = base_year.policy
    connection.execute(
        sa.insert(base_years).values(
            enterprise=base_year.enterprise,
            method_id=base_year.method_id,
            version=base_year.version,
            accounting_year=policy.accounting_year,
            scope2_basis=policy.basis.value,
            gwp_set=policy.gwp_set,
            threshold_percent=policy.threshold.text,
            inventory_version=base_year.inventory_version,
            total_co2e_g=base_year.total_g,
            event=base_year.event.value,
            below_threshold=base_year.below_threshold,
            reason=base_year.reason,
            decider=base_year.decider,
            create_time=revision.commit_time,
            revision=revision.number,
        )
    )
    return replace(base_year, revision=revision.number, create_time=revision.commit_time)


def find(
    connection: sa.Connection,
    enterprise: str,
    method_id: str,
    *,
    version: int = 0,
    as_of: int | None = None,
) -> BaseYear | None:
    """Return a version of a base year; None where there is none.

    The current one for 0; the one that was current at the revision `as_of`.
    """
    c = base_years.c
    which = c.version == version if version else _is_current(as_of)
    row = (
        connection.execute(
            sa.select(base_years).where(c.enterprise == enterprise, c.method_id == method_id, which)
        )
        .mappings()
        .one_or_none()
    )
    return None if row is None else _base_year(row)


def _is_current(as_of: int | None) -> sa.ColumnElement[bool]:
    """Return the condition of a version that no next one follows, or none did at a revision.

    Versions have no gaps.
    """
    follows = sa.select(_newer.c.version).where(
        _newer.c.enterprise == base_years.c.enterprise,
        _newer.c.method_id == base_years.c.method_id,
        _newer.c.version == base_years.c.version + 1,
    )
    if as_of is None:
        return ~follows.exists()
    followed = follows.where(_newer.c.revision <= as_of)
    return sa.and_(base_years.c.revision <= as_of, ~followed.exists())


def _base_year(row: sa.RowMapping) -> BaseYear:
    return BaseYear(
        enterprise=row["enterprise"],
        method_id=row["method_id"],
        policy=Policy(
            accounting_year=row["accounting_year"],
            basis=Basis(row["scope2_basis"]),
            gwp_set=row["gwp_set"],
            threshold=Quantity.parse(row["threshold_percent"], _PERCENT),
        ),
        inventory_version=row["inventory_version"],
        total_g=row["total_co2e_g"],
        event=Event(row["event"]),
        below_threshold=row["below_threshold"],
        reason=row["reason"],
        decider=row["decider"],
        version=row["version"],
        revision=row["revision"],
        create_time=row["create_time"],
    )
