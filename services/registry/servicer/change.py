"""What changed, for other services to follow."""

from __future__ import annotations

import grpc

from services.runtime import follow, revision
from services.runtime.database import Database
from zonecarbon.registry.v1 import registry_service_pb2 as pb
from zonecarbon.registry.v1 import registry_service_pb2_grpc


class Changes(registry_service_pb2_grpc.RegistryServiceServicer):
    def __init__(self, database: Database) -> None:
        self._database = database

    def ListChanges(
        self, request: pb.ListChangesRequest, context: grpc.ServicerContext
    ) -> pb.ListChangesResponse:
        changes, newest = follow.changes(self._database, request)
        return pb.ListChangesResponse(changes=changes, revision=newest)

    def GetNewestRevision(
        self, request: pb.GetNewestRevisionRequest, context: grpc.ServicerContext
    ) -> pb.GetNewestRevisionResponse:
        with self._database.read() as connection:
            return pb.GetNewestRevisionResponse(revision=revision.newest(connection))
