"""Inventories of enterprises: every version stays, the newest of each year is current."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any

import sqlalchemy as sa

from services.accounting.domain.activity import Kind
from services.accounting.domain.emission import Booked
from services.accounting.domain.enterprise import Label
from services.accounting.domain.inventory import (
    ActivityTotal,
    Coverage,
    Finding,
    FindingKind,
    Inventory,
)
from services.accounting.store.tables import metadata
from services.kernel.errors import Words
from services.kernel.trust import Status
from services.runtime.revision import Revision
from services.runtime.stored import Stored


class InventoryColumns(Stored):
    """One row a version of an inventory."""

    enterprise: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    accounting_year: sa.Named[int] = sa.Column(sa.Integer, primary_key=True, autoincrement=False)
    version: sa.Named[int] = sa.Column(sa.BigInteger, primary_key=True, autoincrement=False)
    method_id: sa.Named[str] = sa.Column(sa.Text)
    gwp_set: sa.Named[str] = sa.Column(sa.Text)
    scope2_basis: sa.Named[str] = sa.Column(sa.Text)
    label: sa.Named[str] = sa.Column(sa.Text)
    findings: sa.Named[list[dict[str, str]]] = sa.Column(sa.JSON)
    combustion_co2_g: sa.Named[int] = sa.Column(sa.BigInteger)
    electricity_purchased_co2_g: sa.Named[int] = sa.Column(sa.BigInteger)
    electricity_exported_co2_g: sa.Named[int] = sa.Column(sa.BigInteger)
    heat_purchased_co2_g: sa.Named[int] = sa.Column(sa.BigInteger)
    heat_exported_co2_g: sa.Named[int] = sa.Column(sa.BigInteger)
    direct_co2_g: sa.Named[int] = sa.Column(sa.BigInteger)
    direct_co2e_g: sa.Named[int] = sa.Column(sa.BigInteger)
    indirect_co2_g: sa.Named[int] = sa.Column(sa.BigInteger)
    indirect_co2e_g: sa.Named[int] = sa.Column(sa.BigInteger)
    activity_totals: sa.Named[list[dict[str, str]]] = sa.Column(sa.JSON)
    """Exact sums, as fractions."""
    reported_day_count: sa.Named[int] = sa.Column(sa.Integer)
    source_day_count: sa.Named[int] = sa.Column(sa.Integer)
    status: sa.Named[str] = sa.Column(sa.Text)
    registry_revision: sa.Named[int] = sa.Column(sa.BigInteger)


inventories = sa.Table("inventories", metadata, InventoryColumns)
_newer = inventories.alias("newer")

_COLUMN_OF_KIND: Mapping[Kind, str] = {
    Kind.FUEL_COMBUSTION: "combustion_co2_g",
    Kind.ELECTRICITY_PURCHASED: "electricity_purchased_co2_g",
    Kind.ELECTRICITY_EXPORTED: "electricity_exported_co2_g",
    Kind.HEAT_PURCHASED: "heat_purchased_co2_g",
    Kind.HEAT_EXPORTED: "heat_exported_co2_g",
}


def add(connection: sa.Connection, new: Sequence[Inventory], revision: Revision) -> None:
    """Insert `new`, each a version of its inventory."""
    connection.execute(sa.insert(inventories), [_columns(inventory, revision) for inventory in new])


def find(
    connection: sa.Connection, enterprise: str, accounting_year: int, version: int = 0
) -> tuple[Inventory, datetime] | None:
    """Return a version of an inventory, the current one for 0, and when it was stored."""
    c = inventories.c
    which = c.version == version if version else _is_current()
    rows = _select(
        connection,
        sa.and_(c.enterprise == enterprise, c.accounting_year == accounting_year, which),
    )
    return next(iter(rows), None)


def current(
    connection: sa.Connection, enterprises: Collection[str], accounting_year: int
) -> dict[str, Inventory]:
    """Return the current inventories of a year, by enterprise; of those that have one."""
    c = inventories.c
    rows = _select(
        connection,
        sa.and_(
            c.enterprise.in_(sorted(enterprises)),
            c.accounting_year == accounting_year,
            _is_current(),
        ),
    )
    return {inventory.enterprise: inventory for inventory, _ in rows}


def years(connection: sa.Connection) -> list[int]:
    """Return the accounting years in which anything was reported."""
    year = inventories.c.accounting_year
    return list(connection.execute(sa.select(year).distinct().order_by(year)).scalars())


def _is_current() -> sa.ColumnElement[bool]:
    """Return the condition of a version that no next one follows; versions have no gaps."""
    return ~(
        sa.select(_newer.c.version)
        .where(
            _newer.c.enterprise == inventories.c.enterprise,
            _newer.c.accounting_year == inventories.c.accounting_year,
            _newer.c.version == inventories.c.version + 1,
        )
        .exists()
    )


def _select(
    connection: sa.Connection, which: sa.ColumnElement[bool]
) -> list[tuple[Inventory, datetime]]:
    rows = connection.execute(
        sa.select(inventories).where(which).order_by(inventories.c.enterprise)
    ).mappings()
    return [(_inventory(row), row["create_time"]) for row in rows]


def _columns(inventory: Inventory, revision: Revision) -> dict[str, Any]:
    return {
        "enterprise": inventory.enterprise,
        "accounting_year": inventory.accounting_year,
        "version": inventory.version,
        "method_id": inventory.method_id,
        "gwp_set": inventory.gwp_set,
        "scope2_basis": inventory.scope2_basis,
        "label": inventory.label.value,
        "findings": [
            {
                "kind": each.kind.value,
                "subject": each.subject,
                "en": each.text.en,
                "zh": each.text.zh,
            }
            for each in inventory.findings
        ],
        **{column: inventory.co2_g_by_kind[kind] for kind, column in _COLUMN_OF_KIND.items()},
        "direct_co2_g": inventory.direct.co2_g,
        "direct_co2e_g": inventory.direct.co2e_g,
        "indirect_co2_g": inventory.indirect.co2_g,
        "indirect_co2e_g": inventory.indirect.co2e_g,
        "activity_totals": [
            {
                "kind": each.kind.value,
                "subject": each.subject,
                "value": str(each.value),
                "unit_code": each.unit,
            }
            for each in inventory.activity_totals
        ],
        "reported_day_count": inventory.coverage.reported_day_count,
        "source_day_count": inventory.coverage.source_day_count,
        "status": inventory.status.value,
        "registry_revision": inventory.registry_revision,
        "create_time": revision.commit_time,
        "revision": inventory.revision,
    }


def _inventory(row: sa.RowMapping) -> Inventory:
    return Inventory(
        enterprise=row["enterprise"],
        accounting_year=row["accounting_year"],
        method_id=row["method_id"],
        gwp_set=row["gwp_set"],
        scope2_basis=row["scope2_basis"],
        label=Label(row["label"]),
        findings=tuple(
            Finding(
                kind=FindingKind(each["kind"]),
                subject=each["subject"],
                text=Words(en=each["en"], zh=each["zh"]),
            )
            for each in row["findings"]
        ),
        co2_g_by_kind={kind: row[column] for kind, column in _COLUMN_OF_KIND.items()},
        direct=Booked(co2_g=row["direct_co2_g"], co2e_g=row["direct_co2e_g"]),
        indirect=Booked(co2_g=row["indirect_co2_g"], co2e_g=row["indirect_co2e_g"]),
        activity_totals=tuple(
            ActivityTotal(
                kind=Kind(each["kind"]),
                subject=each["subject"],
                value=Fraction(each["value"]),
                unit=each["unit_code"],
            )
            for each in row["activity_totals"]
        ),
        coverage=Coverage(
            reported_day_count=row["reported_day_count"],
            source_day_count=row["source_day_count"],
        ),
        status=Status(row["status"]),
        version=row["version"],
        revision=row["revision"],
        registry_revision=row["registry_revision"],
    )
