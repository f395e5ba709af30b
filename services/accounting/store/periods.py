"""Accounting years of enterprises: every decision is a version that stays."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import sqlalchemy as sa

from services.accounting.domain.period import AccountingPeriod, State
from services.accounting.store.tables import metadata
from services.runtime.revision import Revision
from services.runtime.stored import Stored


class PeriodColumns(Stored):
    """One row a version of a period."""

    enterprise: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    accounting_year: sa.Named[int] = sa.Column(sa.Integer, primary_key=True, autoincrement=False)
    version: sa.Named[int] = sa.Column(sa.BigInteger, primary_key=True, autoincrement=False)
    state: sa.Named[str] = sa.Column(sa.Text)
    reason: sa.Named[str] = sa.Column(sa.Text)
    decider: sa.Named[str] = sa.Column(sa.Text)
    pinned_registry_revision: sa.Named[int] = sa.Column(sa.BigInteger)


periods = sa.Table("periods", metadata, PeriodColumns)
_newer = periods.alias("newer")


def add(
    connection: sa.Connection, period: AccountingPeriod, revision: Revision
) -> AccountingPeriod:
    """Insert a version of a period; return it as it is stored."""
    connection.execute(
        sa.insert(periods).values(
            enterprise=period.enterprise,
            accounting_year=period.accounting_year,
            version=period.version,
            state=period.state.value,
            reason=period.reason,
            decider=period.decider,
            pinned_registry_revision=period.pinned_registry_revision,
            create_time=revision.commit_time,
            revision=revision.number,
        )
    )
    return replace(period, revision=revision.number, create_time=revision.commit_time)


def find(
    connection: sa.Connection, enterprise: str, accounting_year: int
) -> AccountingPeriod | None:
    """Return the current version of a period; None where nothing was ever decided."""
    c = periods.c
    which = sa.and_(c.enterprise == enterprise, c.accounting_year == accounting_year, _is_current())
    return next(iter(_select(connection, which)), None)


def of(connection: sa.Connection, enterprise: str) -> dict[int, AccountingPeriod]:
    """Return the current periods of an enterprise by year, of years that were decided on."""
    which = sa.and_(periods.c.enterprise == enterprise, _is_current())
    return {each.accounting_year: each for each in _select(connection, which)}


def decided(
    connection: sa.Connection, enterprises: Collection[str] | None = None
) -> dict[tuple[str, int], AccountingPeriod]:
    """Return the current periods by enterprise and year; of all enterprises if none are named."""
    c = periods.c
    which = _is_current()
    if enterprises is not None:
        which = sa.and_(which, c.enterprise.in_(sorted(enterprises)))
    found = _select(connection, which)
    return {(each.enterprise, each.accounting_year): each for each in found}


def is_decider(connection: sa.Connection, enterprise: str, principal: str) -> bool:
    """Tell whether a principal handed in a year of an enterprise, or decided on one with a reason.

    Locking and verifying are neither.
    """
    c = periods.c
    which = sa.and_(
        c.enterprise == enterprise,
        c.decider == principal,
        sa.or_(c.state == State.SUBMITTED.value, c.reason != ""),
    )
    return connection.execute(sa.select(sa.exists().where(which))).scalar_one()


def between(
    connection: sa.Connection, enterprise: str, accounting_year: int, after: int, up_to: int
) -> list[AccountingPeriod]:
    """Return the versions with a reason that were stored after a revision and up to another."""
    c = periods.c
    return _select(
        connection,
        sa.and_(
            c.enterprise == enterprise,
            c.accounting_year == accounting_year,
            c.revision > after,
            c.revision <= up_to,
            c.reason != "",
        ),
    )


def _is_current() -> sa.ColumnElement[bool]:
    """Return the condition of a version that no next one follows; versions have no gaps."""
    return ~(
        sa.select(_newer.c.version)
        .where(
            _newer.c.enterprise == periods.c.enterprise,
            _newer.c.accounting_year == periods.c.accounting_year,
            _newer.c.version == periods.c.version + 1,
        )
        .exists()
    )


def _select(connection: sa.Connection, which: sa.ColumnElement[bool]) -> list[AccountingPeriod]:
    c = periods.c
    rows = connection.execute(
        sa.select(periods).where(which).order_by(c.enterprise, c.accounting_year, c.version)
    ).mappings()
    return [
        AccountingPeriod(
            enterprise=row["enterprise"],
            accounting_year=row["accounting_year"],
            state=State(row["state"]),
            reason=row["reason"],
            decider=row["decider"],
            pinned_registry_revision=row["pinned_registry_revision"],
            version=row["version"],
            revision=row["revision"],
            create_time=row["create_time"],
        )
        for row in rows
    ]
