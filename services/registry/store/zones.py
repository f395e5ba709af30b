"""Zones in the database."""

from __future__ import annotations

import sqlalchemy as sa

from services.kernel.errors import NotFound
from services.registry.domain.label import Label
from services.registry.domain.zone import Zone
from services.registry.store.tables import metadata
from services.runtime.revision import Revision
from services.runtime.stored import Stored


class ZoneColumns(Stored):
    """One row a zone."""

    zone: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    display_name: sa.Named[str] = sa.Column(sa.Text)
    region_code: sa.Named[str] = sa.Column(sa.Text)
    label: sa.Named[str] = sa.Column(sa.Text)


zones = sa.Table("zones", metadata, ZoneColumns)


def add(connection: sa.Connection, zone: Zone, revision: Revision) -> None:
    """Insert `zone`."""
    connection.execute(
        sa.insert(zones).values(
            zone=zone.zone,
            display_name=zone.display_name,
            region_code=zone.region_code,
            label=zone.label.value,
            create_time=revision.commit_time,
            revision=revision.number,
        )
    )


def find(
    connection: sa.Connection, zone: str, visible: frozenset[str] | None
) -> tuple[Zone, Revision] | None:
    """Return a zone and the revision that holds it, or None; `visible` as in `page`."""
    return next(iter(_select(connection, visible, zones.c.zone == zone, limit=1)), None)


def get(
    connection: sa.Connection, zone: str, visible: frozenset[str] | None
) -> tuple[Zone, Revision]:
    """Return a zone and the revision that holds it; raises NotFound."""
    found = find(connection, zone, visible)
    if found is None:
        raise NotFound(name=f"zones/{zone}")
    return found


def page(
    connection: sa.Connection, visible: frozenset[str] | None, *, after: str, size: int
) -> list[tuple[Zone, Revision]]:
    """Return zones by id after `after`; `visible` are the ids that may be seen, None for all."""
    return _select(connection, visible, zones.c.zone > after, limit=size)


def _select(
    connection: sa.Connection,
    visible: frozenset[str] | None,
    which: sa.ColumnElement[bool],
    *,
    limit: int,
) -> list[tuple[Zone, Revision]]:
    c = zones.c
    query = (
        sa.select(c.zone, c.display_name, c.region_code, c.label, c.create_time, c.revision)
        .where(which)
        .order_by(c.zone)
        .limit(limit)
    )
    if visible is not None:
        query = query.where(c.zone.in_(sorted(visible)))
    return [
        (
            Zone(zone=zone, display_name=name, region_code=region, label=Label(label)),
            Revision(number=number, commit_time=moment),
        )
        for zone, name, region, label, moment, number in connection.execute(query)
    ]
