"""Revisions: the order in which a service came to know things.

A writing transaction takes its revision before its first insert and holds the head's row until it
commits. So revisions follow commits: who sees revision n sees everything up to n. `as_of` a moment
is the last revision closed by then.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import overload

import sqlalchemy as sa

from services.kernel.errors import FieldInvalid, Words
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


def known(connection: sa.Connection, asked: int, field: str = "as_of_revision") -> int | None:
    """Return the revision that is asked for; None for 0, which stands for now.

    Raises:
        FieldInvalid: no transaction took it yet; at `field`.
    """
    last = newest(connection)
    if asked > last:
        raise FieldInvalid(
            field=field,
            given=str(asked),
            allowed=Words(
                en=f"0 for now, or a revision up to {last}, the newest",
                zh=f"0（当前），或不大于最新修订号 {last} 的修订号",
            ),
        )
    return asked or None


@overload
def as_of(connection: sa.Connection, moment: datetime) -> int: ...
@overload
def as_of(connection: sa.Connection, moment: None) -> None: ...
def as_of(connection: sa.Connection, moment: datetime | None) -> int | None:
    """Return the last revision closed at or before `moment`; 0 before the first.

    None, which stands for now, is answered by None.
    """
    if moment is None:
        return None
    # Times never go back, so the search is from the newest on: most ask for what is not long ago.
    found = connection.execute(
        sa.select(revisions.c.revision)
        .where(revisions.c.commit_time <= moment)
        .order_by(revisions.c.revision.desc())
        .limit(1)
    ).scalar_one_or_none()
    return found or 0
