"""Rollups: the months of enterprises and of zones, as their current lines add up.

The only rows that change: they hold nothing that the lines do not, see `domain.rollup`. In which
zones an enterprise is counted stands beside them, so that all is taken away that was added.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from services.accounting.domain import rollup
from services.accounting.domain.rollup import NOTHING, Months, Move, Zones
from services.accounting.store.inventories import Key
from services.accounting.store.tables import metadata
from services.kernel import names
from services.runtime.revision import Revision

Year = tuple[str, int]
"""An enterprise, by id, and an accounting year."""
ZonesOfYears = Mapping[Year, Zones]
"""The zones that the years of enterprises are counted in."""


class MonthColumns(sa.TypedColumns):
    """One row the months of a year by a method, of an enterprise or a zone."""

    owner: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    """The name of the enterprise or zone."""
    accounting_year: sa.Named[int] = sa.Column(sa.Integer, primary_key=True, autoincrement=False)
    method_id: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    by_item: sa.Named[dict[str, dict[str, list[int]]]] = sa.Column(sa.JSON)
    """Twelve integers by item and measure."""
    revision: sa.Named[int] = sa.Column(sa.BigInteger)
    """That moved them last."""


class PlacementColumns(sa.TypedColumns):
    """One row a year of an enterprise."""

    enterprise: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    accounting_year: sa.Named[int] = sa.Column(sa.Integer, primary_key=True, autoincrement=False)
    zones: sa.Named[dict[str, list[int]]] = sa.Column(sa.JSON)
    """The zones that it is counted in by name, each with the months."""


months = sa.Table("months", metadata, MonthColumns)
placements = sa.Table("placements", metadata, PlacementColumns)


def add(
    connection: sa.Connection, moved: Mapping[Key, Months], zones: ZonesOfYears, revision: Revision
) -> None:
    """Add to the months of enterprises, and of the zones that they are counted in.

    `zones` are those of the years that are not counted yet.
    """
    counted = placed(connection, {key.enterprise for key in moved})
    years = {_year(key) for key in moved}
    fresh = {year: zones.get(year, {}) for year in years - counted.keys()}
    before = _whole(connection, fresh) | _of_keys(connection, moved)
    moves = {
        key: Move(
            before=before.get(key, NOTHING),
            after=before.get(key, NOTHING) + moved.get(key, NOTHING),
            zones_before=counted.get(_year(key), {}),
            zones_after=fresh.get(_year(key), counted.get(_year(key), {})),
        )
        for key in before.keys() | moved.keys()
    }
    _put(connection, {key: moves[key].after for key in moved}, revision)
    _move_zones(connection, moves, revision)
    _place(connection, fresh)


def place(connection: sa.Connection, zones: ZonesOfYears, revision: Revision) -> None:
    """Count years of enterprises in these zones, and in no others any more."""
    counted = placed(connection, {enterprise for enterprise, _ in zones})
    moves = {
        key: Move(
            before=whole,
            after=whole,
            zones_before=counted.get(_year(key), {}),
            zones_after=zones[_year(key)],
        )
        for key, whole in _whole(connection, zones).items()
    }
    _move_zones(connection, moves, revision)
    _place(connection, zones)


def placed(connection: sa.Connection, enterprises: Collection[str]) -> dict[Year, Zones]:
    """Return the zones that the years of enterprises are counted in, of those that are counted."""
    c = placements.c
    rows = sa.select(placements).where(c.enterprise.in_(sorted(enterprises)))
    return {
        (row["enterprise"], row["accounting_year"]): {
            zone: frozenset(months) for zone, months in row["zones"].items()
        }
        for row in connection.execute(rows).mappings()
    }


def unplaced(connection: sa.Connection) -> list[Year]:
    """Return the years of enterprises whose months were never counted in zones."""
    owner = sa.literal(_ENTERPRISE_PREFIX) + placements.c.enterprise
    c = months.c
    is_placed = sa.exists().where(
        owner == c.owner, placements.c.accounting_year == c.accounting_year
    )
    rows = (
        sa.select(c.owner, c.accounting_year)
        .where(c.owner.startswith(_ENTERPRISE_PREFIX), ~is_placed)
        .distinct()
    )
    return [
        (names.ENTERPRISE.parse(owner)["enterprise"], year)
        for owner, year in connection.execute(rows)
    ]


_ENTERPRISE_PREFIX = names.ENTERPRISE.format(enterprise="x").removesuffix("x")


def of(
    connection: sa.Connection, owners: Collection[str], accounting_year: int, method_id: str
) -> dict[str, Months]:
    """Return the months of enterprises and zones by name, of those that have any."""
    c = months.c
    rows = sa.select(c.owner, c.by_item).where(
        c.owner.in_(sorted(owners)), c.accounting_year == accounting_year, c.method_id == method_id
    )
    return {owner: Months(items) for owner, items in connection.execute(rows)}


def find(
    connection: sa.Connection, owner: str, accounting_year: int, method_id: str
) -> tuple[Months, int] | None:
    """Return the months of an enterprise or a zone, and the revision that moved them last."""
    c = months.c
    row = connection.execute(
        sa.select(c.by_item, c.revision).where(
            c.owner == owner, c.accounting_year == accounting_year, c.method_id == method_id
        )
    ).one_or_none()
    return None if row is None else (Months(row[0]), row[1])


def of_owner(connection: sa.Connection, owner: str) -> dict[str, Months]:
    """Return all months of an enterprise or a zone, by the id of the inventory."""
    rows = sa.select(months).where(months.c.owner == owner)
    return {
        names.inventory_id(row["accounting_year"], row["method_id"]): Months(row["by_item"])
        for row in connection.execute(rows).mappings()
    }


def counted(connection: sa.Connection, zone: str) -> dict[str, dict[int, list[int]]]:
    """Return the enterprises that are counted in a zone, each with the months by year."""
    found: defaultdict[str, dict[int, list[int]]] = defaultdict(dict)
    for row in connection.execute(sa.select(placements)).mappings():
        if zone in row["zones"]:
            found[row["enterprise"]][row["accounting_year"]] = row["zones"][zone]
    return found


def _year(key: Key) -> Year:
    return key.enterprise, key.accounting_year


def _owner(key: Key) -> str:
    return names.ENTERPRISE.format(enterprise=key.enterprise)


def _of_keys(connection: sa.Connection, keys: Collection[Key]) -> dict[Key, Months]:
    by_ledger: defaultdict[tuple[int, str], dict[str, Key]] = defaultdict(dict)
    for key in keys:
        by_ledger[key.accounting_year, key.method_id][_owner(key)] = key
    return {
        of_owner[owner]: found
        for (year, method_id), of_owner in by_ledger.items()
        for owner, found in of(connection, of_owner, year, method_id).items()
    }


def _whole(connection: sa.Connection, years: Collection[Year]) -> dict[Key, Months]:
    """Return the months of enterprises by every method."""
    if not years:
        return {}
    owners = {names.ENTERPRISE.format(enterprise=enterprise): enterprise for enterprise, _ in years}
    c = months.c
    rows = sa.select(c.owner, c.accounting_year, c.method_id, c.by_item).where(
        c.owner.in_(sorted(owners)), c.accounting_year.in_(sorted({year for _, year in years}))
    )
    return {
        Key(enterprise=owners[owner], accounting_year=year, method_id=method_id): Months(items)
        for owner, year, method_id, items in connection.execute(rows)
        if (owners[owner], year) in years
    }


def _move_zones(connection: sa.Connection, moves: Mapping[Key, Move], revision: Revision) -> None:
    by_ledger: defaultdict[tuple[int, str], list[Move]] = defaultdict(list)
    for key, move in moves.items():
        by_ledger[key.accounting_year, key.method_id].append(move)
    for (year, method_id), of_ledger in by_ledger.items():
        differences = {zone: each for zone, each in rollup.of_zones(of_ledger).items() if each}
        before = of(connection, differences, year, method_id)
        after = {zone: before.get(zone, NOTHING) + each for zone, each in differences.items()}
        _put_ledger(connection, after, (year, method_id), revision)


def _put(connection: sa.Connection, after: Mapping[Key, Months], revision: Revision) -> None:
    by_ledger: defaultdict[tuple[int, str], dict[str, Months]] = defaultdict(dict)
    for key, each in after.items():
        by_ledger[key.accounting_year, key.method_id][_owner(key)] = each
    for ledger, of_owner in by_ledger.items():
        _put_ledger(connection, of_owner, ledger, revision)


def _put_ledger(
    connection: sa.Connection,
    after: Mapping[str, Months],
    ledger: tuple[int, str],
    revision: Revision,
) -> None:
    year, method_id = ledger
    rows = [
        {
            "owner": owner,
            "accounting_year": year,
            "method_id": method_id,
            "by_item": each.items,
            "revision": revision.number,
        }
        for owner, each in after.items()
    ]
    _upsert(connection, months, rows)


def _place(connection: sa.Connection, zones: ZonesOfYears) -> None:
    rows = [
        {
            "enterprise": enterprise,
            "accounting_year": year,
            "zones": {zone: sorted(months) for zone, months in each.items()},
        }
        for (enterprise, year), each in zones.items()
    ]
    _upsert(connection, placements, rows)


def _upsert(connection: sa.Connection, table: sa.Table, rows: list[dict[str, object]]) -> None:
    """Insert `rows`, each in the place of the one with its key."""
    if not rows:
        return
    insert = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(table)
    keys = [column.name for column in table.primary_key]
    values = {each.name: insert.excluded[each.name] for each in table.c if each.name not in keys}
    connection.execute(insert.on_conflict_do_update(index_elements=keys, set_=values), rows)
