"""What changed, for other services to follow."""

from __future__ import annotations

import grpc

from services.accounting.servicer.base import Base
from services.accounting.servicer.ledger import REGISTRY
from services.runtime import follow, outbox
from zonecarbon.accounting.v1 import accounting_service_pb2 as pb


class Changes(Base):
    def ListChanges(
        self, request: pb.ListChangesRequest, context: grpc.ServicerContext
    ) -> pb.ListChangesResponse:
        changes, newest = follow.changes(self._database, request)
        with self._database.read() as connection:
            followed = outbox.cursor(connection, REGISTRY)
        return pb.ListChangesResponse(changes=changes, revision=newest, registry_revision=followed)
