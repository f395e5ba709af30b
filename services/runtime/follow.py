"""What changed, as every service that has an outbox answers those who follow it."""

from __future__ import annotations

from typing import Protocol

from services.runtime import outbox, paging, revision
from services.runtime.database import Database
from services.runtime.wire import from_instant
from zonecarbon.type.v1 import change_pb2


class Request(paging.Sized, Protocol):
    """A `ListChangesRequest` of the contract."""

    after_revision: int


def changes(database: Database, request: Request) -> tuple[list[change_pb2.Change], int]:
    """Return what changed after the revision of `request`, and the newest revision.

    They are of one snapshot: a follower that got all there was has followed up to the newest.
    """
    with database.read() as connection:
        found = outbox.after(connection, request.after_revision, paging.size(request))
        newest = revision.newest(connection)
    messages = [
        change_pb2.Change(
            revision=each.revision,
            order_index=each.order_index,
            name=each.name,
            resource_version=each.resource_version,
            commit_time=from_instant(each.commit_time),
        )
        for each in found
    ]
    return messages, newest
