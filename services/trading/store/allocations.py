"""Allocations in the database: every version stays.

Each query takes an account: who may see it has been settled by `accounts.get` before.
"""

from __future__ import annotations

from decimal import Decimal

import sqlalchemy as sa

from services.kernel.quantity import Quantity
from services.kernel.trust import Status
from services.runtime.columns import DecimalText
from services.runtime.revision import Revision
from services.runtime.stored import Stored
from services.trading.domain.account import Account
from services.trading.domain.allocation import Allocation, Production, UnitAllocation
from services.trading.domain.versioned import Versioned
from services.trading.store.tables import from_version, metadata, next_version, to_version


class AllocationColumns(Stored):
    """One row a version of an account's allocation of a year."""

    account: sa.Named[str] = sa.Column(sa.Text, sa.ForeignKey("accounts.account"), primary_key=True)
    compliance_year: sa.Named[int] = sa.Column(sa.Integer, primary_key=True, autoincrement=False)
    version: sa.Named[int] = sa.Column(sa.BigInteger, primary_key=True, autoincrement=False)
    rulebook: sa.Named[str] = sa.Column(sa.Text)
    rulebook_version: sa.Named[int] = sa.Column(sa.BigInteger)
    status: sa.Named[str] = sa.Column(sa.Text)
    allowance_count: sa.Named[int] = sa.Column(sa.BigInteger)
    omitted_rules: sa.Named[str] = sa.Column(sa.Text)
    """One a line."""


class UnitColumns(sa.TypedColumns):
    """One row a unit of a version."""

    account: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    compliance_year: sa.Named[int] = sa.Column(sa.Integer, primary_key=True, autoincrement=False)
    version: sa.Named[int] = sa.Column(sa.BigInteger, primary_key=True, autoincrement=False)
    order_index: sa.Named[int] = sa.Column(sa.Integer, primary_key=True, autoincrement=False)
    facility: sa.Named[str] = sa.Column(sa.Text)
    unit_class: sa.Named[str] = sa.Column(sa.Text)
    electricity_value: sa.Named[str] = sa.Column(sa.Text)
    electricity_unit: sa.Named[str] = sa.Column(sa.Text)
    heat_value: sa.Named[str] = sa.Column(sa.Text)
    heat_unit: sa.Named[str] = sa.Column(sa.Text)
    load_factor_ratio: sa.Named[Decimal] = sa.Column(DecimalText)
    evidence: sa.Named[str] = sa.Column(sa.Text)
    power_benchmark_t_per_mwh: sa.Named[Decimal] = sa.Column(DecimalText)
    heat_benchmark_t_per_gj: sa.Named[Decimal] = sa.Column(DecimalText)
    peak_factor_ratio: sa.Named[Decimal] = sa.Column(DecimalText)
    power_allowance_count: sa.Named[int] = sa.Column(sa.BigInteger)
    heat_allowance_count: sa.Named[int] = sa.Column(sa.BigInteger)
    steps: sa.Named[str] = sa.Column(sa.Text)
    """One a line."""


allocations = sa.Table("allocations", metadata, AllocationColumns)
units = sa.Table(
    "allocation_units",
    metadata,
    UnitColumns,
    sa.ForeignKeyConstraint(
        ["account", "compliance_year", "version"],
        ["allocations.account", "allocations.compliance_year", "allocations.version"],
    ),
)


def add(
    connection: sa.Connection,
    allocation: Allocation,
    before: Versioned[Allocation] | None,
    revision: Revision,
) -> Versioned[Allocation]:
    """Insert `allocation` as the version after `before`; return it."""
    stored = next_version(allocation, before, revision)
    connection.execute(
        sa.insert(allocations).values(
            account=allocation.account,
            compliance_year=allocation.compliance_year,
            rulebook=allocation.rulebook,
            rulebook_version=allocation.rulebook_version,
            status=allocation.status.value,
            allowance_count=allocation.allowance_count,
            omitted_rules="\n".join(allocation.omitted_rules),
            **from_version(stored),
        )
    )
    key = {
        "account": allocation.account,
        "compliance_year": allocation.compliance_year,
        "version": stored.version,
    }
    rows = [
        {**key, "order_index": index, **_from_unit(unit)}
        for index, unit in enumerate(allocation.units)
    ]
    connection.execute(sa.insert(units), rows)
    return stored


def newest(
    connection: sa.Connection, account: Account, compliance_year: int, *, known: int | None = None
) -> Versioned[Allocation] | None:
    """Return the allocation of a year, now or as of the revision `known`; or None."""
    c = allocations.c
    query = (
        sa.select(allocations)
        .where(
            c.account == account.account,
            c.compliance_year == compliance_year,
            sa.true() if known is None else c.revision <= known,
        )
        .order_by(c.version.desc())
        .limit(1)
    )
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        return None
    allocation = Allocation(
        account=row["account"],
        compliance_year=row["compliance_year"],
        rulebook=row["rulebook"],
        rulebook_version=row["rulebook_version"],
        status=Status(row["status"]),
        units=_units(connection, row),
        omitted_rules=tuple(row["omitted_rules"].splitlines()),
    )
    return to_version(allocation, row)


def _units(connection: sa.Connection, of: sa.RowMapping) -> tuple[UnitAllocation, ...]:
    c = units.c
    query = (
        sa.select(units)
        .where(
            c.account == of["account"],
            c.compliance_year == of["compliance_year"],
            c.version == of["version"],
        )
        .order_by(c.order_index)
    )
    return tuple(_to_unit(row) for row in connection.execute(query).mappings())


def _from_unit(unit: UnitAllocation) -> dict[str, object]:
    production = unit.production
    return {
        "facility": production.facility,
        "unit_class": production.unit_class,
        "electricity_value": production.electricity.text,
        "electricity_unit": production.electricity.unit,
        "heat_value": production.heat.text,
        "heat_unit": production.heat.unit,
        "load_factor_ratio": production.load_factor_ratio,
        "evidence": production.evidence,
        "power_benchmark_t_per_mwh": unit.power_benchmark_t_per_mwh,
        "heat_benchmark_t_per_gj": unit.heat_benchmark_t_per_gj,
        "peak_factor_ratio": unit.peak_factor_ratio,
        "power_allowance_count": unit.power_allowance_count,
        "heat_allowance_count": unit.heat_allowance_count,
        "steps": "\n".join(unit.steps),
    }


def _to_unit(row: sa.RowMapping) -> UnitAllocation:
    return UnitAllocation(
        production=Production(
            facility=row["facility"],
            unit_class=row["unit_class"],
            electricity=Quantity.parse(row["electricity_value"], row["electricity_unit"]),
            heat=Quantity.parse(row["heat_value"], row["heat_unit"]),
            load_factor_ratio=row["load_factor_ratio"],
            evidence=row["evidence"],
        ),
        power_benchmark_t_per_mwh=row["power_benchmark_t_per_mwh"],
        heat_benchmark_t_per_gj=row["heat_benchmark_t_per_gj"],
        peak_factor_ratio=row["peak_factor_ratio"],
        power_allowance_count=row["power_allowance_count"],
        heat_allowance_count=row["heat_allowance_count"],
        steps=tuple(row["steps"].splitlines()),
    )
