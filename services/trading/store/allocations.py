"""Allocations in the database: every version stays.

Each query takes an account: who may see it has been settled by `accounts.get` before.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import sqlalchemy as sa

from services.kernel.quantity import Quantity
from services.kernel.trust import Status
from services.runtime.auth import Tenant
from services.runtime.columns import DecimalText
from services.runtime.revision import Revision
from services.runtime.stored import Stored
from services.trading.domain.account import Account
from services.trading.domain.allocation import Allocated, Allocation
from services.trading.domain.production import Production
from services.trading.domain.unit_allocation import UnitAllocation
from services.trading.domain.versioned import Versioned
from services.trading.store import details
from services.trading.store.accounts import accounts, to_account
from services.trading.store.tables import from_version, metadata, next_version, to_version

_AT_ONCE = 500
"""Allocations whose units are asked for together."""
_NO_FACTOR = "1"
_NO_DETAILS = "{}"


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
    initial_count: sa.Named[int | None] = sa.Column(sa.BigInteger)
    approved_count: sa.Named[int | None] = sa.Column(sa.BigInteger)
    obligation_count: sa.Named[int | None] = sa.Column(sa.BigInteger)
    pre_allocated_count: sa.Named[int | None] = sa.Column(sa.BigInteger)
    details: sa.Named[str] = sa.Column(sa.Text)


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
    details: sa.Named[str] = sa.Column(sa.Text)


allocations = sa.Table("allocations", metadata, AllocationColumns)
_NEWER = allocations.alias("newer")
units = sa.Table(
    "allocation_units",
    metadata,
    UnitColumns,
    sa.ForeignKeyConstraint(
        ["account", "compliance_year", "version"],
        ["allocations.account", "allocations.compliance_year", "allocations.version"],
    ),
)
_needed_details = sa.case((allocations.c.initial_count.is_(None), allocations.c.details), else_="")
# Of what is known the details say no figure that the columns do not, and they are long.
_FIGURES = [
    *(column for column in allocations.c if column.name != "details"),
    _needed_details.label("details"),
]


def add(
    connection: sa.Connection,
    allocation: Allocation,
    before: Versioned[Allocation] | None,
    revision: Revision,
) -> Versioned[Allocation]:
    """Insert `allocation` as the version after `before`; return it."""
    (stored,) = add_all(connection, [(allocation, before)], revision)
    return stored


def add_all(
    connection: sa.Connection,
    wanted: Sequence[tuple[Allocation, Versioned[Allocation] | None]],
    revision: Revision,
) -> list[Versioned[Allocation]]:
    """Insert each allocation as the version after the one beside it; return them."""
    stored = [next_version(allocation, before, revision) for allocation, before in wanted]
    if stored:
        connection.execute(sa.insert(allocations), [_from_allocation(each) for each in stored])
    rows = [row for each in stored for row in _from_units(each)]
    if rows:
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
    return next(iter(_loaded(connection, query)), None)


def figures(
    connection: sa.Connection,
    names: Sequence[str] | None,
    compliance_year: int,
    *,
    known: int | None = None,
) -> dict[str, Versioned[Allocated]]:
    """Return the figures of a year's allocations by account, of some accounts or all (None)."""
    c = allocations.c
    query = sa.select(*_FIGURES).where(
        c.compliance_year == compliance_year,
        is_newest(known),
        sa.true() if names is None else c.account.in_(names),
    )
    return {
        row["account"]: to_version(_to_figures(row), row)
        for row in connection.execute(query).mappings().all()
    }


def older_than(
    connection: sa.Connection, rulebook: str, rulebook_version: int, *, limit: int | None = None
) -> list[Versioned[Allocation]]:
    """Return the newest allocations by a rulebook that were made with an older version of it."""
    c = allocations.c
    query = (
        sa.select(allocations)
        .where(c.rulebook == rulebook, c.rulebook_version < rulebook_version, is_newest())
        .order_by(c.account)
        .limit(limit)
    )
    return _loaded(connection, query)


def made_with(
    connection: sa.Connection, rulebook: str, tenant: Tenant, *, after: str = "", size: int
) -> list[tuple[Account, Versioned[Allocation]]]:
    """Return the newest allocations of a rulebook of the tenant's accounts, by account."""
    c, a = allocations.c, accounts.c
    query = (
        sa.select(accounts)
        .join(allocations, c.account == a.account)
        .where(c.rulebook == rulebook, a.account > after, tenant.clause(a.enterprise), is_newest())
        .order_by(a.account)
        .limit(size)
    )
    of = {row["account"]: to_account(row) for row in connection.execute(query).mappings()}
    which = sa.select(allocations).where(
        c.rulebook == rulebook, c.account.in_(sorted(of)), is_newest()
    )
    found = _loaded(connection, which.order_by(c.account))
    return [(of[each.value.account], each) for each in found]


def is_newest(known: int | None = None) -> sa.ColumnElement[bool]:
    """Return the condition that a row is the newest version, now or as of the revision `known`."""
    c, newer = allocations.c, _NEWER
    newest_version = (
        sa.select(sa.func.max(newer.c.version))
        .where(
            newer.c.account == c.account,
            newer.c.compliance_year == c.compliance_year,
            sa.true() if known is None else newer.c.revision <= known,
        )
        .scalar_subquery()
    )
    return c.version == newest_version


def _loaded(
    connection: sa.Connection, query: sa.Select[tuple[object, ...]]
) -> list[Versioned[Allocation]]:
    rows = connection.execute(query).mappings().all()
    of = _units(connection, rows)
    return [to_version(_to_allocation(row, of.get(_key(row), ())), row) for row in rows]


def _units(
    connection: sa.Connection, rows: Sequence[sa.RowMapping]
) -> dict[tuple[str, int, int], tuple[UnitAllocation, ...]]:
    """Return the units of allocations, by account, year and version."""
    c = units.c
    found: dict[tuple[str, int, int], tuple[UnitAllocation, ...]] = {}
    for start in range(0, len(rows), _AT_ONCE):
        keys = [_key(row) for row in rows[start : start + _AT_ONCE]]
        query = (
            sa.select(units)
            .where(sa.tuple_(c.account, c.compliance_year, c.version).in_(keys))
            .order_by(c.account, c.compliance_year, c.version, c.order_index)
        )
        for row in connection.execute(query).mappings():
            found[_key(row)] = (*found.get(_key(row), ()), _to_unit(row))
    return found


def _key(row: sa.RowMapping) -> tuple[str, int, int]:
    return row["account"], row["compliance_year"], row["version"]


def _from_allocation(stored: Versioned[Allocation]) -> dict[str, object]:
    allocation = stored.value
    return {
        "account": allocation.account,
        "compliance_year": allocation.compliance_year,
        "rulebook": allocation.rulebook,
        "rulebook_version": allocation.rulebook_version,
        "status": allocation.status.value,
        "allowance_count": allocation.allowance_count,
        "omitted_rules": "\n".join(allocation.omitted_rules),
        "initial_count": allocation.initial_count,
        "approved_count": allocation.approved_count,
        "obligation_count": allocation.approval.obligation_count,
        "pre_allocated_count": allocation.pre_allocated_count,
        "details": details.dumped(
            {
                "processes": [details.from_process(each) for each in allocation.processes],
                "balance_value": details.from_balance(allocation.balance_value),
                "open_deduction_count": allocation.open_deduction_count,
                "approval": details.from_approval(allocation.approval),
                "issue": details.from_issue(allocation.issue),
            }
        ),
        **from_version(stored),
    }


def _to_allocation(row: sa.RowMapping, of: tuple[UnitAllocation, ...]) -> Allocation:
    content = details.loaded(row["details"])
    return Allocation(
        account=row["account"],
        compliance_year=row["compliance_year"],
        rulebook=row["rulebook"],
        rulebook_version=row["rulebook_version"],
        status=Status(row["status"]),
        units=of,
        processes=tuple(details.to_process(each) for each in content.get("processes", ())),
        balance_value=details.to_balance(content.get("balance_value")),
        open_deduction_count=content.get("open_deduction_count", 0),
        approval=details.to_approval(
            content.get("approval", {}),
            approved=row["approved_count"],
            obligation=row["obligation_count"],
        ),
        issue=details.to_issue(content.get("issue")),
        omitted_rules=tuple(row["omitted_rules"].splitlines()),
    )


def _to_figures(row: sa.RowMapping) -> Allocated:
    """Return the figures of a row; one of an earlier release has its initial allocation alone."""
    initial, missing = row["initial_count"], None
    if initial is None and row["details"] == _NO_DETAILS:
        initial = row["allowance_count"]
    elif initial is None:
        missing = _to_allocation(row, ()).missing
    return Allocated(
        rulebook=row["rulebook"],
        rulebook_version=row["rulebook_version"],
        status=Status(row["status"]),
        initial_count=initial,
        approved_count=row["approved_count"],
        obligation_count=row["obligation_count"],
        missing=missing,
    )


def _from_units(stored: Versioned[Allocation]) -> list[dict[str, object]]:
    key = {
        "account": stored.value.account,
        "compliance_year": stored.value.compliance_year,
        "version": stored.version,
    }
    return [
        {**key, "order_index": index, **_from_unit(unit)}
        for index, unit in enumerate(stored.value.units)
    ]


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
        "details": details.dumped(
            {
                **details.from_production(production),
                "allocated_by": unit.unit_class,
                "cooling_factor_ratio": str(unit.cooling_factor_ratio),
                "heat_factor_ratio": str(unit.heat_factor_ratio),
                "approved_count": unit.approved_count,
                "pre_allocated_count": unit.pre_allocated_count,
            }
        ),
    }


def _to_unit(row: sa.RowMapping) -> UnitAllocation:
    content = details.loaded(row["details"])
    return UnitAllocation(
        production=Production(
            facility=row["facility"],
            unit_class=row["unit_class"],
            electricity=Quantity.parse(row["electricity_value"], row["electricity_unit"]),
            heat=Quantity.parse(row["heat_value"], row["heat_unit"]),
            load_factor_ratio=row["load_factor_ratio"],
            evidence=row["evidence"],
            **details.to_production(content),
        ),
        unit_class=content.get("allocated_by", row["unit_class"]),
        cooling_factor_ratio=Decimal(content.get("cooling_factor_ratio", _NO_FACTOR)),
        heat_factor_ratio=Decimal(content.get("heat_factor_ratio", _NO_FACTOR)),
        approved_count=content.get("approved_count"),
        pre_allocated_count=content.get("pre_allocated_count"),
        power_benchmark_t_per_mwh=row["power_benchmark_t_per_mwh"],
        heat_benchmark_t_per_gj=row["heat_benchmark_t_per_gj"],
        peak_factor_ratio=row["peak_factor_ratio"],
        power_allowance_count=row["power_allowance_count"],
        heat_allowance_count=row["heat_allowance_count"],
        steps=tuple(row["steps"].splitlines()),
    )
