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
from services.accounting.wire import inventory as wire
from services.kernel import names
from services.kernel.errors import NotFound
from services.kernel.period import EARLIEST, LATEST_END
from services.runtime import revision
from zonecarbon.accounting.v1 import accounting_service_pb2 as pb
from zonecarbon.accounting.v1 import inventory_pb2, zone_inventory_pb2


class Inventories(Base):
    def GetEnterpriseInventory(
        self, request: pb.GetEnterpriseInventoryRequest, context: grpc.ServicerContext
    ) -> inventory_pb2.EnterpriseInventory:
        enterprise, year = self._seen(request.name)
        with self._database.read() as connection:
            found = store.inventories.find(connection, enterprise, year, request.resource_version)
            full = request.view == inventory_pb2.INVENTORY_VIEW_FULL
            lines = (
                store.lines.current(connection, [enterprise], year)
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

    def zone_inventory(self, zone: str, year: int, *, key: str | None = None) -> ZoneInventory:
        """Return the inventory of a zone as it is now, in the name of the caller or of `key`.

        Raises:
            NotFound: there is no such zone to be seen, or it had no member in the year.
        """
        name = names.ZONE_INVENTORY.format(zone=zone, year=str(year))
        found = self._registry.members(f"zones/{zone}", year, wanted=name, key=key)
        if not found.enterprises:
            raise NotFound(name=name)
        ids = [each.enterprise_id for each in found.enterprises]
        with self._database.read() as connection:
            inventories = store.inventories.current(connection, ids, year)
            lines = store.lines.current(connection, ids, year)
            newest = revision.newest(connection)
        of_member: defaultdict[str, list[Line]] = defaultdict(list)
        for line in lines:
            of_member[line.enterprise].append(line)
        return zone_domain.of(
            zone,
            year,
            [
                Member(
                    enterprise=each,
                    inventory=inventories.get(each.enterprise_id),
                    lines=tuple(of_member[each.enterprise_id]),
                    partners=self._partners(each.name, of_member[each.enterprise_id], key),
                )
                for each in found.enterprises
            ],
            method=self._method(),
            snapshot=Snapshot(revision=newest, registry_revision=found.registry_revision),
        )

    def _zone_called(self, name: str) -> ZoneInventory:
        ids = names.ZONE_INVENTORY.parse(name)
        return self.zone_inventory(ids["zone"], _year(ids["year"], name))

    def _partners(self, enterprise: str, lines: Iterable[Line], key: str | None) -> dict[str, str]:
        """Ask who is behind the counterparties of `enterprise`, where its lines have any."""
        if not any(line.source.counterparty for line in lines):
            return {}
        return self._registry.partners(enterprise, key=key)

    def _seen(self, name: str) -> tuple[str, int]:
        """Return enterprise and year of an inventory whose enterprise the caller may see."""
        ids = names.INVENTORY.parse(name)
        year = _year(ids["year"], name)
        parent = names.ENTERPRISE.format(enterprise=ids["enterprise"])
        self._registry.enterprise(parent, wanted=name)
        return ids["enterprise"], year


def _year(text: str, name: str) -> int:
    year = int(text)
    if not EARLIEST.year <= year < LATEST_END.year:
        raise NotFound(name=name)
    return year
