"""Indicator systems of desks: every version, and every decision on it, stays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from services.accounting.domain.indicator import written
from services.accounting.domain.indicator.publication import Publication, State
from services.accounting.store.tables import metadata
from services.runtime.revision import Revision
from services.runtime.stored import Stored


class IndicatorSystemColumns(Stored):
    """One row a decision on a version of a system."""

    zone: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    indicator_system: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    version: sa.Named[int] = sa.Column(sa.Integer, primary_key=True, autoincrement=False)
    decision_number: sa.Named[int] = sa.Column(sa.Integer, primary_key=True, autoincrement=False)
    state: sa.Named[str] = sa.Column(sa.Text)
    proposer: sa.Named[str] = sa.Column(sa.Text)
    decider: sa.Named[str] = sa.Column(sa.Text)
    """Empty while proposed."""
    reason: sa.Named[str] = sa.Column(sa.Text)
    content: sa.Named[dict[str, Any]] = sa.Column(sa.JSON)


indicator_systems = sa.Table("indicator_systems", metadata, IndicatorSystemColumns)
_newer = indicator_systems.alias("newer")


def add(connection: sa.Connection, publication: Publication, revision: Revision) -> Publication:
    """Insert a system as it was proposed or decided on; return it as it is stored."""
    connection.execute(
        sa.insert(indicator_systems).values(
            zone=publication.zone,
            indicator_system=publication.system.system_id,
            version=publication.system.version,
            decision_number=publication.decision_number,
            state=publication.state.value,
            proposer=publication.proposer,
            decider=publication.decider,
            reason=publication.reason,
            content=written.plain(publication.system),
            create_time=revision.commit_time,
            revision=revision.number,
        )
    )
    return replace(publication, revision=revision.number, create_time=revision.commit_time)


def find(
    connection: sa.Connection, zone: str, indicator_system: str, version: int
) -> Publication | None:
    """Return a version of a system as it stands; None where there is none."""
    c = indicator_systems.c
    which = sa.and_(c.indicator_system == indicator_system, c.version == version)
    return next(iter(_select(connection, zone, which)), None)


def versions(connection: sa.Connection, zone: str, indicator_system: str) -> Sequence[Publication]:
    """Return every version of a system as it stands, the first first."""
    return _select(connection, zone, indicator_systems.c.indicator_system == indicator_system)


def of_zone(connection: sa.Connection, zone: str) -> Sequence[Publication]:
    """Return every version of every system of a zone as it stands, by id and version."""
    return _select(connection, zone, sa.true())


def _select(
    connection: sa.Connection, zone: str, which: sa.ColumnElement[bool]
) -> list[Publication]:
    c = indicator_systems.c
    newest = ~(
        sa.select(_newer.c.decision_number)
        .where(
            _newer.c.zone == c.zone,
            _newer.c.indicator_system == c.indicator_system,
            _newer.c.version == c.version,
            _newer.c.decision_number == c.decision_number + 1,
        )
        .exists()
    )
    rows = connection.execute(
        sa.select(indicator_systems)
        .where(c.zone == zone, which, newest)
        .order_by(c.indicator_system, c.version)
    ).mappings()
    return [_publication(row) for row in rows]


def _publication(row: sa.RowMapping) -> Publication:
    return Publication(
        zone=row["zone"],
        system=written.system(row["content"]),
        state=State(row["state"]),
        proposer=row["proposer"],
        decider=row["decider"],
        reason=row["reason"],
        decision_number=row["decision_number"],
        revision=row["revision"],
        create_time=row["create_time"],
    )
