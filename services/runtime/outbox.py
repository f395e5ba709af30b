"""The outbox: what changed, for other services to follow.

The producer writes a change in the transaction of the change itself. The follower lists what is
after its cursor and stores the new cursor in the transaction of its own effect, so each change has
exactly one effect.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from services.runtime.revision import Revision, revisions
from services.runtime.tables import metadata


class ChangeColumns(sa.TypedColumns):
    """One row a resource that got a new version."""

    revision: sa.Named[int] = sa.Column(
        sa.BigInteger, sa.ForeignKey(revisions.c.revision), primary_key=True, autoincrement=False
    )
    order_index: sa.Named[int] = sa.Column(sa.Integer, primary_key=True, autoincrement=False)
    name: sa.Named[str] = sa.Column(sa.Text)
    resource_version: sa.Named[int] = sa.Column(sa.BigInteger)


class CursorColumns(sa.TypedColumns):
    """How far this service has followed another."""

    service: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    revision: sa.Named[int] = sa.Column(sa.BigInteger)


changes = sa.Table("changes", metadata, ChangeColumns)
cursors = sa.Table("cursors", metadata, CursorColumns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A resource got a new version."""

    revision: int
    order_index: int
    name: str
    resource_version: int
    commit_time: datetime


def publish(
    connection: sa.Connection, revision: Revision, versions: Sequence[tuple[str, int]]
) -> None:
    """Write that each named resource got the version beside it."""
    if versions:
        connection.execute(
            sa.insert(changes),
            [
                {
                    "revision": revision.number,
                    "order_index": index,
                    "name": name,
                    "resource_version": version,
                }
                for index, (name, version) in enumerate(versions)
            ],
        )


def after(connection: sa.Connection, revision: int, at_least: int) -> list[Change]:
    """Return the changes of greater revisions, oldest first: `at_least`, and no revision cut."""
    c = changes.c
    last = connection.execute(
        sa.select(c.revision)
        .where(c.revision > revision)
        .order_by(c.revision, c.order_index)
        .offset(at_least - 1)
        .limit(1)
    ).scalar_one_or_none()
    query = (
        sa.select(c.revision, c.order_index, c.name, c.resource_version, revisions.c.commit_time)
        .join(revisions, revisions.c.revision == c.revision)
        .where(c.revision > revision)
        .order_by(c.revision, c.order_index)
    )
    if last is not None:
        query = query.where(c.revision <= last)
    return [
        Change(
            revision=number,
            order_index=order,
            name=name,
            resource_version=version,
            commit_time=commit_time,
        )
        for number, order, name, version, commit_time in connection.execute(query)
    ]


def cursor(connection: sa.Connection, service: str) -> int:
    """Return the last revision of `service` that was handled; 0 before the first."""
    found = connection.execute(
        sa.select(cursors.c.revision).where(cursors.c.service == service)
    ).scalar_one_or_none()
    return found or 0


def advance(connection: sa.Connection, service: str, revision: int) -> None:
    """Store that everything of `service` up to `revision` was handled."""
    moved = connection.execute(
        sa.update(cursors).where(cursors.c.service == service).values(revision=revision)
    )
    if moved.rowcount == 0:
        connection.execute(sa.insert(cursors).values(service=service, revision=revision))
