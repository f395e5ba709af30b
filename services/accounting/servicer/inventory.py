"""Inventories of enterprises and of zones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import grpc

from services.accounting import store
from services.accounting.domain import zone as zone_domain
from services.accounting.domain.line import Line
from services.accounting.domain.transfer import Member
from services.accounting.domain.zone import Snapshot, ZoneInventory
from services.accounting.servicer.base import Base
from services.accounting.store.inventories import Key
from services.accounting.wire import inventory as wire
from services.accounting.wire.method import from_method
from services.kernel import names
from services.kernel.errors import NotFound
from services.runtime import revision
from zonecarbon.accounting.v1 import accounting_service_pb2 as pb
from zonecarbon.accounting.v1 import inventory_pb2, zone_inventory_pb2


class Inventories(Base):
    def GetEnterpriseInventory(
        self, request: pb.GetEnterpriseInventoryRequest, context: grpc.ServicerContext
    ) -> inventory_pb2.EnterpriseInventory:
        key = self._seen(request.name)
        with self._database.read() as connection:
            found = store.inventories.find(connection, key, self._methods, request.resource_version)
            full = request.view == inventory_pb2.INVENTORY_VIEW_FULL
            lines = (
                store.lines.current(
                    connection, [key.enterprise], key.accounting_year, key.method_id
                )
                if full and not request.resource_version
                else []
            )
        if found is None:
            raise NotFound(name=request.name)
        inventory, create_time = found
        return wire.from_inventory(inventory, create_time, lines)

    def GetZoneInventory(
        self, request: pb.GetZoneInventoryRequest, context: grpc.ServicerContext
    ) -> zone_inventory_pb2.ZoneInventory:
        return wire.from_zone(self._zone_called(request.name))

    def ListMethods(
        self, request: pb.ListMethodsRequest, context: grpc.ServicerContext
    ) -> pb.ListMethodsResponse:
        return pb.ListMethodsResponse(
            methods=[from_method(method) for method in self._methods.values()]
        )

    def zone_inventory(
        self,
        zone: str,
        year: int,
        *,
        method_id: str = "",
        key: str | None = None,
        asked: dict[str, dict[str, str]] | None = None,
    ) -> ZoneInventory:
        """Return the inventory of a zone as it is now, in the name of the caller or of `key`.

        `asked` holds the partners of members that were asked for already; those of others are put
        there.

        Raises:
            NotFound: there is no such zone to be seen, it had no member in the year, or zones are
                not accounted by that method.
        """
        method = self._method(method_id)
        inventory = names.inventory_id(year, method.method_id)
        name = names.ZONE_INVENTORY.format(zone=zone, inventory=inventory)
        if not method.is_of_zones:
            raise NotFound(name=name)
        found = self._registry.members(f"zones/{zone}", year, wanted=name, key=key)
        if not found.enterprises:
            raise NotFound(name=name)
        ids = [each.enterprise_id for each in found.enterprises]
        with self._database.read() as connection:
            inventories = store.inventories.current(connection, ids, year, method)
            lines = store.lines.current(connection, ids, year, method.method_id)
            newest = revision.newest(connection)
        asked = {} if asked is None else asked
        of_member: defaultdict[str, list[Line]] = defaultdict(list)
        for line in zone_domain.counted(lines, method):
            of_member[line.enterprise].append(line)
        return zone_domain.of(
            zone,
            year,
            [
                Member(
                    enterprise=each,
                    inventory=inventories.get(each.enterprise_id),
                    lines=tuple(of_member[each.enterprise_id]),
                    partners=self._partners(each.name, of_member[each.enterprise_id], key, asked),
                )
                for each in found.enterprises
            ],
            method=method,
            snapshot=Snapshot(revision=newest, registry_revision=found.registry_revision),
        )

    def _zone_called(self, name: str) -> ZoneInventory:
        ids = names.ZONE_INVENTORY.parse(name)
        year, method_id = self._year_and_method(ids["inventory"], name)
        return self.zone_inventory(ids["zone"], year, method_id=method_id)

    def _partners(
        self,
        enterprise: str,
        lines: Iterable[Line],
        key: str | None,
        asked: dict[str, dict[str, str]],
    ) -> dict[str, str]:
        """Ask who is behind the counterparties of `enterprise`, where its lines have any."""
        if not any(line.source.counterparty for line in lines):
            return {}
        if enterprise not in asked:
            asked[enterprise] = self._registry.partners(enterprise, key=key)
        return asked[enterprise]

    def _seen(self, name: str) -> Key:
        """Return which inventory a name means, of an enterprise that the caller may see."""
        key = self._key(name)
        parent = names.ENTERPRISE.format(enterprise=key.enterprise)
        self._registry.enterprise(parent, wanted=name)
        return key
