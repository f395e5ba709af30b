"""Zones."""

from __future__ import annotations

import grpc

from services.kernel import names
from services.kernel.errors import AlreadyExists
from services.registry import store
from services.registry.wire import zone as wire
from services.runtime import auth, paging, revision
from services.runtime.auth import Role
from services.runtime.database import Database
from zonecarbon.registry.v1 import registry_service_pb2, registry_service_pb2_grpc, zone_pb2


class Zones(registry_service_pb2_grpc.RegistryServiceServicer):
    def __init__(self, database: Database) -> None:
        self._database = database

    def CreateZone(
        self, request: registry_service_pb2.CreateZoneRequest, context: grpc.ServicerContext
    ) -> zone_pb2.Zone:
        wanted = wire.to_zone(request)
        with self._database.write() as connection:
            found = store.zones.find(connection, wanted.zone, None)
            if found is None:
                taken = revision.take(connection)
                store.zones.add(connection, wanted, taken)
                return wire.from_zone(wanted, taken)
            if found[0] != wanted:
                raise AlreadyExists(name=names.ZONE.format(zone=wanted.zone))
            return wire.from_zone(*found)

    def GetZone(
        self, request: registry_service_pb2.GetZoneRequest, context: grpc.ServicerContext
    ) -> zone_pb2.Zone:
        zone = names.ZONE.parse(request.name)["zone"]
        with self._database.read() as connection:
            return wire.from_zone(*store.zones.get(connection, zone, _visible()))

    def ListZones(
        self, request: registry_service_pb2.ListZonesRequest, context: grpc.ServicerContext
    ) -> registry_service_pb2.ListZonesResponse:
        after, size = paging.start(request), paging.size(request)
        with self._database.read() as connection:
            found = store.zones.page(connection, _visible(), after=after, size=size + 1)
        return registry_service_pb2.ListZonesResponse(
            zones=[wire.from_zone(*each) for each in found[:size]],
            next_page_token=paging.next_token([zone.zone for zone, _ in found], size),
        )


def _visible() -> frozenset[str] | None:
    """Return the ids of the zones that the caller may see; None for all."""
    caller = auth.caller()
    if caller.role in {Role.ADMINISTRATOR, Role.SERVICE}:
        return None
    return caller.zones
