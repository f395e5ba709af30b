"""Revisions: the order in which a service came to know things.

A writing transaction takes its revision before its first insert and holds the head's row until it
commits. So revisions follow commits: who sees revision n sees everything up to n. `as_of` a moment
is the last revision closed by then.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from services.runtime.columns import Instant
from services.runtime.tables import metadata


class HeadColumns(sa.TypedColumns):
    """The newest revision, in the table's only row."""

    id: sa.Named[int] = sa.Column(sa.Integer, primary_key=True, autoincrement=False)
    revision: sa.Named[int] = sa.Column(sa.BigInteger)


class RevisionColumns(sa.TypedColumns):
    """When each revision was closed."""

    revision: sa.Named[int] = sa.Column(sa.BigInteger, primary_key=True, autoincrement=False)
    commit_time: sa.Named[datetime] = sa.Column(Instant)


head = sa.Table("revision_head", metadata, HeadColumns)
revisions = sa.Table("revisions", metadata, RevisionColumns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """A revision and the moment it was closed."""

    number: int
    commit_time: datetime


def take(connection: sa.Connection) -> Revision:
    """Return this transaction's revision, one above the last; others wait until it commits."""
    number = connection.execute(
        sa.update(head).values(revision=head.c.revision + 1).returning(head.c.revision)
    ).scalar_one()
    # A clock that was set back must not put a later revision before an earlier one.
    last = connection.execute(
        sa.select(revisions.c.commit_time).where(revisions.c.revision == number - 1)
    ).scalar_one_or_none()
    now = datetime.now(UTC)
    commit_time = now if last is None else max(now, last)
    connection.execute(sa.insert(revisions).values(revision=number, commit_time=commit_time))
    return Revision(number=number, commit_time=commit_time)


def newest(connection: sa.Connection) -> int:
    """Return the newest revision that `connection` sees; 0 before the first."""
    return connection.execute(sa.select(head.c.revision)).scalar_one()


def as_of(connection: sa.Connection, moment: datetime) -> int:
    """Return the last revision closed at or before `moment`; 0 before the first."""
    found = connection.execute(
        sa.select(sa.func.max(revisions.c.revision)).where(revisions.c.commit_time <= moment)
    ).scalar_one()
    return found or 0
