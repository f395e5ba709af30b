"""Limits in the database: every version stays."""

from __future__ import annotations

import sqlalchemy as sa

from services.runtime.revision import Revision
from services.trading.domain.desk.limit import Act, InForce, Limit, newest
from services.trading.domain.desk.proposal import Proposal, Standing, State
from services.trading.domain.ledger.chart import InstrumentKind
from services.trading.store.desk.proposals import from_standing, to_standing
from services.trading.store.desk.tables import limits


def add(
    connection: sa.Connection,
    limit: Limit,
    standing: Standing,
    before: Proposal[Limit] | None,
    revision: Revision,
) -> Proposal[Limit]:
    """Insert `limit` as the version after `before`; return it."""
    version = 1 if before is None else before.version + 1
    connection.execute(
        sa.insert(limits).values(
            limit_id=limit.limit,
            version=version,
            act=limit.act.value,
            role=limit.role,
            principal=limit.principal,
            instrument_kind=limit.instrument_kind.value,
            largest_count=limit.largest_count,
            expire_time=limit.expire_time,
            purpose=limit.purpose,
            create_time=revision.commit_time,
            revision=revision.number,
            **from_standing(standing),
        )
    )
    return Proposal(
        name=limit.name,
        value=limit,
        standing=standing,
        version=version,
        create_time=revision.commit_time,
        revision=revision.number,
    )


def find(connection: sa.Connection, limit: str) -> Proposal[Limit] | None:
    """Return the current version of a limit, or None."""
    return next(iter(_select(connection, limits.c.limit_id == limit)), None)


def page(connection: sa.Connection, *, after: str, size: int) -> list[Proposal[Limit]]:
    """Return `size` limits by id after `after`, each in its current version."""
    return _select(connection, limits.c.limit_id > after, limit=size)


def in_force(connection: sa.Connection, principal: str = "") -> InForce:
    """Return the limits of roles in force, and the mandates of a principal if one is named.

    Of one act, role or principal, and kind, the one approved last: if it was taken back, none.
    """
    c = limits.c
    approved = sa.select(c.limit_id).where(
        c.state == State.ACTIVE.value, c.principal.in_(["", principal])
    )
    order = (
        sa.select(c.limit_id, sa.func.min(c.revision).label("since"))
        .where(c.state == State.ACTIVE.value)
        .group_by(c.limit_id)
    )
    since = {row.limit_id: row.since for row in connection.execute(order)}
    found = _select(connection, c.limit_id.in_(approved))
    found.sort(key=lambda each: since[each.value.limit])
    standing = {each.value.name: each.standing.state for each in found}
    return {
        key: limit
        for key, limit in newest(each.value for each in found).items()
        if standing[limit.name] is State.ACTIVE
    }


def _select(
    connection: sa.Connection, *which: sa.ColumnElement[bool], limit: int | None = None
) -> list[Proposal[Limit]]:
    c, newer = limits.c, limits.alias("newer")
    current = (
        sa.select(sa.func.max(newer.c.version))
        .where(newer.c.limit_id == c.limit_id)
        .scalar_subquery()
    )
    query = sa.select(limits).where(*which, c.version == current).order_by(c.limit_id).limit(limit)
    return [_proposal(row) for row in connection.execute(query).mappings()]


def _proposal(row: sa.RowMapping) -> Proposal[Limit]:
    limit = Limit(
        limit=row["limit_id"],
        act=Act(row["act"]),
        role=row["role"],
        principal=row["principal"],
        instrument_kind=InstrumentKind(row["instrument_kind"]),
        largest_count=row["largest_count"],
        expire_time=row["expire_time"],
        purpose=row["purpose"],
    )
    return Proposal(
        name=limit.name,
        value=limit,
        standing=to_standing(row),
        version=row["version"],
        create_time=row["create_time"],
        revision=row["revision"],
    )
