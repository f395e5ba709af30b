"""Answers kept for ever, so that a request sent twice has one effect and one answer."""

from __future__ import annotations

import hashlib
from typing import Protocol, TypeVar

import sqlalchemy as sa
from google.protobuf.message import Message

from services.kernel.errors import RequestIdReused
from services.runtime import auth
from services.runtime.revision import Revision, revisions
from services.runtime.tables import metadata

Answer = TypeVar("Answer", bound=Message)


class Request(Protocol):
    """A message with a `request_id`."""

    request_id: str

    def SerializeToString(self, *, deterministic: bool = ...) -> bytes:
        """Return the message's bytes."""


class ReplayColumns(sa.TypedColumns):
    """One row an answered request."""

    principal: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    request_id: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    digest: sa.Named[str] = sa.Column(sa.Text)
    answer: sa.Named[bytes] = sa.Column(sa.LargeBinary)
    revision: sa.Named[int] = sa.Column(sa.BigInteger, sa.ForeignKey(revisions.c.revision))


replays = sa.Table("replays", metadata, ReplayColumns)


def find(connection: sa.Connection, request: Request, kind: type[Answer]) -> Answer | None:
    """Return the caller's stored answer to `request`, or None where it is new.

    Raises:
        RequestIdReused: the caller sent the same id with other content before.
    """
    c = replays.c
    row = connection.execute(
        sa.select(c.digest, c.answer).where(
            c.principal == auth.caller().name, c.request_id == request.request_id
        )
    ).one_or_none()
    if row is None:
        return None
    digest, answer = row
    if digest != _digest(request):
        raise RequestIdReused(request_id=request.request_id)
    return kind.FromString(answer)


def kept(connection: sa.Connection, principal: str, request_id: str, kind: type[Answer]) -> Answer:
    """Return the stored answer to a request of a principal that is known to have one."""
    c = replays.c
    which = sa.and_(c.principal == principal, c.request_id == request_id)
    return kind.FromString(connection.execute(sa.select(c.answer).where(which)).scalar_one())


def keep(connection: sa.Connection, request: Request, answer: Message, revision: Revision) -> None:
    """Store `answer` in the transaction of its effect."""
    connection.execute(
        sa.insert(replays).values(
            principal=auth.caller().name,
            request_id=request.request_id,
            digest=_digest(request),
            answer=answer.SerializeToString(deterministic=True),
            revision=revision.number,
        )
    )


def _digest(request: Request) -> str:
    kind = type(request).__name__.encode()
    return hashlib.sha256(kind + b"\0" + request.SerializeToString(deterministic=True)).hexdigest()
