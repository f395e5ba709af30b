"""Inventories of enterprises: every version stays, the newest of each year is current."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

import sqlalchemy as sa

from services.accounting.domain.activity import Kind
from services.accounting.domain.enterprise import Label
from services.accounting.domain.inventory import (
    ActivityTotal,
    Coverage,
    Finding,
    FindingKind,
    Gap,
    Inventory,
    ItemTotal,
)
from services.accounting.domain.line import Grain
from services.accounting.domain.method import Method
from services.accounting.store import booked, reported
from services.accounting.store.tables import metadata
from services.kernel.errors import Words
from services.kernel.period import Period
from services.kernel.trust import Status
from services.runtime.revision import Revision
from services.runtime.stored import Stored


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """Which inventory: whose, of which year, by which method."""

    enterprise: str
    accounting_year: int
    method_id: str


class InventoryColumns(Stored):
    """One row a version of an inventory."""

    enterprise: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    accounting_year: sa.Named[int] = sa.Column(sa.Integer, primary_key=True, autoincrement=False)
    method_id: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    version: sa.Named[int] = sa.Column(sa.BigInteger, primary_key=True, autoincrement=False)
    method_version: sa.Named[int] = sa.Column(sa.BigInteger)
    """Of the method's data that it was made with."""
    label: sa.Named[str] = sa.Column(sa.Text)
    findings: sa.Named[list[dict[str, str]]] = sa.Column(sa.JSON)
    gaps: sa.Named[list[dict[str, str]]] = sa.Column(sa.JSON)
    item_totals: sa.Named[list[dict[str, Any]]] = sa.Column(sa.JSON)
    """Booked integers by item and facility."""
    activity_totals: sa.Named[list[dict[str, str]]] = sa.Column(sa.JSON)
    """Exact sums, as fractions."""
    reported: sa.Named[dict[str, Any] | None] = sa.Column(sa.JSON)
    """The figures that a guide rounds in stages, decimals as they are printed."""
    reported_day_count: sa.Named[int] = sa.Column(sa.Integer)
    source_day_count: sa.Named[int] = sa.Column(sa.Integer)
    status: sa.Named[str] = sa.Column(sa.Text)
    registry_revision: sa.Named[int] = sa.Column(sa.BigInteger)


inventories = sa.Table("inventories", metadata, InventoryColumns)
_newer = inventories.alias("newer")

Methods = Mapping[str, Method]
"""By id: an inventory is read with the method that made it."""


def add(connection: sa.Connection, new: Sequence[Inventory], revision: Revision) -> None:
    """Insert `new`, each a version of its inventory."""
    connection.execute(sa.insert(inventories), [_columns(inventory, revision) for inventory in new])


def find(
    connection: sa.Connection, key: Key, methods: Methods, version: int = 0
) -> tuple[Inventory, datetime] | None:
    """Return a version of an inventory, the current one for 0, and when it was stored."""
    c = inventories.c
    which = c.version == version if version else _is_current()
    rows = _select(
        connection,
        sa.and_(
            c.enterprise == key.enterprise,
            c.accounting_year == key.accounting_year,
            c.method_id == key.method_id,
            which,
        ),
        methods,
    )
    return next(iter(rows), None)


def of_year(
    connection: sa.Connection, enterprise: str, accounting_year: int, methods: Methods
) -> dict[str, Inventory]:
    """Return the current inventories of an enterprise and year, by method."""
    c = inventories.c
    rows = _select(
        connection,
        sa.and_(c.enterprise == enterprise, c.accounting_year == accounting_year, _is_current()),
        methods,
    )
    return {inventory.method.method_id: inventory for inventory, _ in rows}


def begun(connection: sa.Connection, enterprise: str) -> dict[int, frozenset[str]]:
    """Return the methods by which an enterprise has an inventory, by year."""
    c = inventories.c
    pair = sa.select(c.accounting_year, c.method_id).where(c.enterprise == enterprise).distinct()
    found: defaultdict[int, set[str]] = defaultdict(set)
    for year, method_id in connection.execute(pair):
        found[year].add(method_id)
    return {year: frozenset(methods) for year, methods in found.items()}


def current(
    connection: sa.Connection, enterprises: Collection[str], accounting_year: int, method: Method
) -> dict[str, Inventory]:
    """Return the current inventories of a year by a method, of those that have one."""
    c = inventories.c
    rows = _select(
        connection,
        sa.and_(
            c.enterprise.in_(sorted(enterprises)),
            c.accounting_year == accounting_year,
            c.method_id == method.method_id,
            _is_current(),
        ),
        {method.method_id: method},
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
            _newer.c.method_id == inventories.c.method_id,
            _newer.c.version == inventories.c.version + 1,
        )
        .exists()
    )


def _select(
    connection: sa.Connection, which: sa.ColumnElement[bool], methods: Methods
) -> list[tuple[Inventory, datetime]]:
    c = inventories.c
    rows = connection.execute(
        sa.select(inventories).where(which).order_by(c.enterprise, c.method_id)
    ).mappings()
    return [
        (_inventory(row, methods[row["method_id"]]), row["create_time"])
        for row in rows
        if row["method_id"] in methods
    ]


def _columns(inventory: Inventory, revision: Revision) -> dict[str, Any]:
    return {
        "enterprise": inventory.enterprise,
        "accounting_year": inventory.accounting_year,
        "method_id": inventory.method.method_id,
        "version": inventory.version,
        "method_version": inventory.method.version,
        "label": inventory.label.value,
        "findings": [
            {"kind": each.kind.value, "subject": each.subject, **_said(each.text)}
            for each in inventory.findings
        ],
        "gaps": [
            {
                "source_id": each.grain.source_id,
                "month": f"{each.grain.month.start:%Y-%m}",
                "item_id": each.item_id,
                "reason": each.reason,
                **_said(each.text),
            }
            for each in inventory.gaps
        ],
        "item_totals": [
            {
                "item_id": each.item_id,
                "facility": each.facility,
                **booked.columns(each.booked),
            }
            for each in inventory.items
        ],
        "activity_totals": [
            {
                "kind": each.kind.value,
                "subject": each.subject,
                "value": str(each.value),
                "unit_code": each.unit,
            }
            for each in inventory.activity_totals
        ],
        "reported": inventory.reported and reported.columns(inventory.reported),
        "reported_day_count": inventory.coverage.reported_day_count,
        "source_day_count": inventory.coverage.source_day_count,
        "status": inventory.status.value,
        "registry_revision": inventory.registry_revision,
        "create_time": revision.commit_time,
        "revision": inventory.revision,
    }


def _said(text: Words) -> dict[str, str]:
    return {"en": text.en, "zh": text.zh}


def _read(each: Mapping[str, str]) -> Words:
    return Words(en=each["en"], zh=each["zh"])


def _inventory(row: sa.RowMapping, method: Method) -> Inventory:
    return Inventory(
        enterprise=row["enterprise"],
        accounting_year=row["accounting_year"],
        method=method,
        label=Label(row["label"]),
        findings=tuple(
            Finding(kind=FindingKind(each["kind"]), subject=each["subject"], text=_read(each))
            for each in row["findings"]
        ),
        gaps=tuple(
            Gap(
                grain=Grain(source_id=each["source_id"], month=_month(each["month"])),
                item_id=each["item_id"],
                reason=each["reason"],
                text=_read(each),
            )
            for each in row["gaps"]
        ),
        items=tuple(
            ItemTotal(
                item_id=each["item_id"],
                facility=each["facility"],
                booked=booked.of_columns(each),
            )
            for each in row["item_totals"]
        ),
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
        reported=reported.of_columns(row["reported"]) if row["reported"] else None,
        status=Status(row["status"]),
        version=row["version"],
        revision=row["revision"],
        registry_revision=row["registry_revision"],
    )


def _month(text: str) -> Period:
    year, _, month = text.partition("-")
    return Period.month(int(year), int(month))
