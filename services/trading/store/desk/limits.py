"""Limits in the database: every version stays."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from services.runtime.revision import Revision
from services.trading.domain.desk.limit import Act, InForce, Limit, newest
from services.trading.domain.desk.proposal import Proposal, Standing, State
from services.trading.domain.ledger.chart import InstrumentKind
from services.trading.store.desk.proposals import from_standing, to_standing
from services.trading.store.desk.tables import limits

_NEWER = limits.alias("newer")
_IS_CURRENT = limits.c.version == (
    sa.select(sa.func.max(_NEWER.c.version))
    .where(_NEWER.c.limit_id == limits.c.limit_id)
    .scalar_subquery()
)
_SINCE = (
    sa.select(limits.c.limit_id, sa.func.min(limits.c.revision).label("since"))
    .where(
        limits.c.state == State.ACTIVE.value,
        limits.c.principal.in_(sa.bindparam("whose", expanding=True)),
    )
    .group_by(limits.c.limit_id)
    .subquery()
)
_APPROVED = (
    sa.select(limits)
    .join(_SINCE, _SINCE.c.limit_id == limits.c.limit_id)
    .where(_IS_CURRENT)
    .order_by(_SINCE.c.since)
)
"""Limits that were ever approved, in the order of approval. Made once: each commit asks it."""


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


def in_force(connection: sa.Connection, principals: Collection[str] = ()) -> InForce:
    """Return the mandates in force of principals; the limits of roles, where none is named.

    Of one act, role or principal, and kind, the one approved last: if it was taken back, none.
    """
    whose = {"whose": [*principals] or [""]}
    found = [_proposal(row) for row in connection.execute(_APPROVED, whose).mappings()]
    standing = {each.value.name: each.standing.state for each in found}
    return {
        key: limit
        for key, limit in newest(each.value for each in found).items()
        if standing[limit.name] is State.ACTIVE
    }


def _select(
    connection: sa.Connection, *which: sa.ColumnElement[bool], limit: int | None = None
) -> list[Proposal[Limit]]:
    c = limits.c
    query = sa.select(limits).where(*which, _IS_CURRENT).order_by(c.limit_id).limit(limit)
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
