"""Inventories of enterprises: every version stays, the newest of each year is current."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from services.accounting.domain import written
from services.accounting.domain.inventory import Inventory
from services.accounting.domain.method import Method
from services.accounting.store.tables import metadata
from services.kernel import names
from services.runtime import bulk
from services.runtime.revision import Revision
from services.runtime.stored import Stored


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """Which inventory: whose, of which year, by which method."""

    enterprise: str
    accounting_year: int
    method_id: str

    @property
    def name(self) -> str:
        """The resource name."""
        inventory = names.inventory_id(self.accounting_year, self.method_id)
        return names.INVENTORY.format(enterprise=self.enterprise, inventory=inventory)


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
    bulk.insert(connection, inventories, [_columns(inventory, revision) for inventory in new])


def find(
    connection: sa.Connection,
    key: Key,
    methods: Methods,
    version: int = 0,
    as_of: int | None = None,
) -> tuple[Inventory, datetime] | None:
    """Return a version of an inventory and when it was stored.

    The current one for 0; the one that was current at the revision `as_of`.
    """
    if key.method_id not in methods:
        return None
    asked = {**asdict(key), "version": version, "as_of": as_of}
    query = _of_key(by_version=bool(version), in_past=as_of is not None)
    row = connection.execute(query, asked).mappings().one_or_none()
    return None if row is None else (_inventory(row, methods[key.method_id]), row["create_time"])


@cache
def _of_key(*, by_version: bool, in_past: bool) -> sa.Select[*tuple[Any, ...]]:
    """Return the query of one inventory: to make it costs as much as to ask it."""
    c = inventories.c
    as_of = sa.bindparam("as_of", type_=sa.BigInteger) if in_past else None
    return sa.select(inventories).where(
        c.enterprise == sa.bindparam("enterprise"),
        c.accounting_year == sa.bindparam("accounting_year"),
        c.method_id == sa.bindparam("method_id"),
        c.version == sa.bindparam("version") if by_version else _is_current(as_of),
    )


def method_version(connection: sa.Connection, key: Key, version: int) -> int:
    """Return the version of the method's data that a version of an inventory was made with."""
    c = inventories.c
    return connection.execute(
        sa.select(c.method_version).where(_is_of(key), c.version == version)
    ).scalar_one()


def page(
    connection: sa.Connection, key: Key, methods: Methods, *, after: int, size: int
) -> list[tuple[Inventory, datetime]]:
    """Return versions of an inventory after a version, oldest first, each with its time."""
    which = sa.and_(_is_of(key), inventories.c.version > after)
    return _select(connection, which, methods, limit=size)


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


def versions(
    connection: sa.Connection, enterprise: str, accounting_year: int, as_of: int | None = None
) -> dict[str, int]:
    """Return the current version of each inventory of an enterprise and year, by method.

    Those that were current at the revision `as_of`.
    """
    c = inventories.c
    newest = (
        sa.select(c.method_id, sa.func.max(c.version).label("version"))
        .where(c.enterprise == enterprise, c.accounting_year == accounting_year)
        .group_by(c.method_id)
        .order_by(c.method_id)
    )
    if as_of is not None:
        newest = newest.where(c.revision <= as_of)
    return {row.method_id: row.version for row in connection.execute(newest)}


def newest_versions(
    connection: sa.Connection,
    enterprises: Collection[str],
    accounting_year: int,
    method_id: str,
    as_of: int | None = None,
) -> dict[str, int]:
    """Return the current version of each enterprise's inventory of a year by a method.

    Those that were current at the revision `as_of`.
    """
    c = inventories.c
    rows = (
        sa.select(c.enterprise, sa.func.max(c.version))
        .where(
            c.enterprise.in_(sorted(enterprises)),
            c.accounting_year == accounting_year,
            c.method_id == method_id,
        )
        .group_by(c.enterprise)
    )
    if as_of is not None:
        rows = rows.where(c.revision <= as_of)
    return {row[0]: row[1] for row in connection.execute(rows)}


def enterprises(connection: sa.Connection, accounting_year: int, method_id: str) -> list[str]:
    """Return the enterprises that have an inventory of a year by a method, by id."""
    c = inventories.c
    which = sa.and_(c.accounting_year == accounting_year, c.method_id == method_id)
    query = sa.select(c.enterprise).where(which).distinct().order_by(c.enterprise)
    return list(connection.execute(query).scalars())


def begun(connection: sa.Connection, enterprise: str) -> dict[int, frozenset[str]]:
    """Return the methods by which an enterprise has an inventory, by year."""
    c = inventories.c
    pair = sa.select(c.accounting_year, c.method_id).where(c.enterprise == enterprise).distinct()
    found: defaultdict[int, set[str]] = defaultdict(set)
    for year, method_id in connection.execute(pair):
        found[year].add(method_id)
    return {year: frozenset(methods) for year, methods in found.items()}


def current(
    connection: sa.Connection,
    enterprises: Collection[str],
    accounting_year: int,
    method: Method,
    as_of: int | None = None,
) -> dict[str, Inventory]:
    """Return the current inventories of a year by a method, of those that have one.

    Those that were current at the revision `as_of`.
    """
    c = inventories.c
    rows = _select(
        connection,
        sa.and_(
            c.enterprise.in_(sorted(enterprises)),
            c.accounting_year == accounting_year,
            c.method_id == method.method_id,
            _is_current(as_of),
        ),
        {method.method_id: method},
    )
    return {inventory.enterprise: inventory for inventory, _ in rows}


def lacking(connection: sa.Connection) -> list[tuple[str, int]]:
    """Return the enterprises and years of which a current inventory lacks a factor."""
    c = inventories.c
    rows = connection.execute(
        sa.select(c.enterprise, c.accounting_year)
        .where(sa.cast(c.gaps, sa.Text) != "[]", _is_current())
        .distinct()
        .order_by(c.enterprise, c.accounting_year)
    )
    return [(enterprise, year) for enterprise, year in rows]


def years(connection: sa.Connection) -> list[int]:
    """Return the accounting years in which anything was reported."""
    year = inventories.c.accounting_year
    return list(connection.execute(sa.select(year).distinct().order_by(year)).scalars())


def _is_of(key: Key) -> sa.ColumnElement[bool]:
    c = inventories.c
    return sa.and_(
        c.enterprise == key.enterprise,
        c.accounting_year == key.accounting_year,
        c.method_id == key.method_id,
    )


def _is_current(as_of: int | sa.BindParameter[int] | None = None) -> sa.ColumnElement[bool]:
    """Return the condition of a version that no next one follows, or none did at a revision.

    Versions have no gaps.
    """
    follows = sa.select(_newer.c.version).where(
        _newer.c.enterprise == inventories.c.enterprise,
        _newer.c.accounting_year == inventories.c.accounting_year,
        _newer.c.method_id == inventories.c.method_id,
        _newer.c.version == inventories.c.version + 1,
    )
    if as_of is None:
        return ~follows.exists()
    followed = follows.where(_newer.c.revision <= as_of)
    return sa.and_(inventories.c.revision <= as_of, ~followed.exists())


def _select(
    connection: sa.Connection,
    which: sa.ColumnElement[bool],
    methods: Methods,
    *,
    limit: int | None = None,
) -> list[tuple[Inventory, datetime]]:
    c = inventories.c
    rows = connection.execute(
        sa.select(inventories)
        .where(which, c.method_id.in_(sorted(methods)))
        .order_by(c.enterprise, c.accounting_year, c.method_id, c.version)
        .limit(limit)
    ).mappings()
    return [(_inventory(row, methods[row["method_id"]]), row["create_time"]) for row in rows]


def _columns(inventory: Inventory, revision: Revision) -> dict[str, Any]:
    return {
        "enterprise": inventory.enterprise,
        "method_id": inventory.method.method_id,
        "method_version": inventory.method.version,
        **written.inventory.content(inventory),
        "create_time": revision.commit_time,
    }


def _inventory(row: sa.RowMapping, method: Method) -> Inventory:
    return written.inventory.of(row, enterprise=row["enterprise"], method=method)
