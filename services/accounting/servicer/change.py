"""What changed, for other services to follow."""

from __future__ import annotations

import grpc

from services.accounting.servicer.base import Base
from services.runtime import outbox, paging, revision
from services.runtime.wire import from_instant
from zonecarbon.accounting.v1 import accounting_service_pb2 as pb
from zonecarbon.type.v1 import change_pb2


class Changes(Base):
    def ListChanges(
        self, request: pb.ListChangesRequest, context: grpc.ServicerContext
    ) -> pb.ListChangesResponse:
        at_least = min(request.page_size or paging.DEFAULT_SIZE, paging.LARGEST_SIZE)
        with self._database.read() as connection:
            found = outbox.after(connection, request.after_revision, at_least)
            newest = revision.newest(connection)
        return pb.ListChangesResponse(
            changes=[
                change_pb2.Change(
                    revision=each.revision,
                    order_index=each.order_index,
                    name=each.name,
                    resource_version=each.resource_version,
                    commit_time=from_instant(each.commit_time),
                )
                for each in found
            ],
            revision=newest,
        )
