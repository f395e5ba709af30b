"""Inventories of enterprises and of zones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import grpc
import sqlalchemy as sa

from services.accounting import store
from services.accounting.domain import zone as zone_domain
from services.accounting.domain.enterprise import Enterprise
from services.accounting.domain.inventory import Inventory
from services.accounting.domain.line import Line
from services.accounting.domain.method import Method
from services.accounting.domain.transfer import Inside, Member, member_of
from services.accounting.domain.zone import MemberCoverage, Snapshot, ZoneInventory
from services.accounting.neighbours import NOW, View
from services.accounting.servicer.base import Asked, Base
from services.accounting.store.inventories import Key
from services.accounting.wire import inventory as wire
from services.accounting.wire.method import from_method
from services.kernel import names
from services.kernel.errors import NotFound
from services.runtime import revision
from services.runtime.wire import to_instant
from zonecarbon.accounting.v1 import accounting_service_pb2 as pb
from zonecarbon.accounting.v1 import inventory_pb2, zone_inventory_pb2

_MEMBERS_AT_A_TIME = 20
"""Of a zone, whose lines are in memory together."""

AskedVersion = pb.GetEnterpriseInventoryRequest | pb.ExportBundleRequest


class Inventories(Base):
    def GetEnterpriseInventory(
        self, request: pb.GetEnterpriseInventoryRequest, context: grpc.ServicerContext
    ) -> inventory_pb2.EnterpriseInventory:
        key = self._seen(request.name)
        full = request.view == inventory_pb2.INVENTORY_VIEW_FULL
        with self._database.read() as connection:
            inventory, create_time = self._asked_inventory(connection, key, request)
            is_past = request.resource_version or request.HasField("as_of_time")
            lines = (
                store.lines.current(
                    connection,
                    [key.enterprise],
                    key.accounting_year,
                    key.method_id,
                    # Every version of a line makes one of its inventory: so they are current there.
                    inventory.revision if is_past else None,
                )
                if full
                else []
            )
        return wire.from_inventory(inventory, create_time, lines)

    def GetZoneInventory(
        self, request: pb.GetZoneInventoryRequest, context: grpc.ServicerContext
    ) -> zone_inventory_pb2.ZoneInventory:
        coverage = wire.to_member_coverage(request.member_coverage)
        return wire.from_zone(self._zone_called(request.name, request, coverage, with_lines=False))

    def ListMethods(
        self, request: pb.ListMethodsRequest, context: grpc.ServicerContext
    ) -> pb.ListMethodsResponse:
        return pb.ListMethodsResponse(
            methods=[from_method(method) for method in self._methods.values()]
        )

    def zone_inventory(  # noqa: PLR0913 (what of the zone is asked for, and how it is seen)
        self,
        zone: str,
        year: int,
        *,
        method_id: str = "",
        view: View = NOW,
        asked: dict[str, dict[str, str]] | None = None,
        with_lines: bool = True,
    ) -> ZoneInventory:
        """Return the inventory of a zone, of members and figures as they are or were known.

        `asked` holds the partners in zones that were asked for already; those in this one are put
        there. Without lines, those of some members at a time are held.

        Raises:
            NotFound: there is no such zone to be seen, it had no member in the year, or zones are
                not accounted by that method.
        """
        method = self._method(method_id)
        inventory = names.inventory_id(year, method.method_id)
        name = names.ZONE_INVENTORY.format(zone=zone, inventory=inventory)
        if not method.is_of_zones:
            raise NotFound(name=name)
        found = self._registry.members(f"zones/{zone}", year, wanted=name, view=view)
        if not found.enterprises:
            raise NotFound(name=name)
        asked = {} if asked is None else asked
        if zone not in asked:
            asked[zone] = self._registry.partners(zone=f"zones/{zone}", view=view)
        months = {each.name: each.zones_in(year)[f"zones/{zone}"] for each in found.enterprises}
        with self._database.read() as connection:
            as_of = view.revision
            if as_of is None and view.moment is not None:
                as_of = revision.as_of(connection, view.moment)
            newest = revision.newest(connection) if as_of is None else as_of
            return zone_domain.of(
                zone,
                year,
                _members(
                    connection,
                    found.enterprises,
                    year,
                    method,
                    as_of=as_of,
                    partners=asked[zone],
                    months=months,
                ),
                method=method,
                snapshot=Snapshot(
                    revision=newest,
                    registry_revision=found.registry_revision,
                    member_coverage=view.member_coverage,
                ),
                inside=months,
                with_lines=with_lines,
            )

    def _asked_inventory(
        self, connection: sa.Connection, key: Key, request: AskedVersion
    ) -> tuple[Inventory, datetime]:
        """Return the version of an inventory that is asked for, and when it was stored.

        Raises:
            FieldInvalid: a version and a moment are asked for at once.
            NotFound: there is no such version, or nothing was known at the moment.
        """
        version, as_of = self._asked_version(connection, request)
        found = store.inventories.find(connection, key, self._methods, version, as_of)
        if found is None:
            raise NotFound(name=request.name)
        return found

    def _zone_called(
        self,
        name: str,
        asked: Asked,
        member_coverage: MemberCoverage = MemberCoverage.ALL,
        *,
        with_lines: bool = True,
    ) -> ZoneInventory:
        ids = names.ZONE_INVENTORY.parse(name)
        year, method_id = self._year_and_method(ids["inventory"], name)
        moment = (
            to_instant(asked.as_of_time, "as_of_time") if asked.HasField("as_of_time") else None
        )
        return self.zone_inventory(
            ids["zone"],
            year,
            method_id=method_id,
            view=View(moment=moment, member_coverage=member_coverage),
            with_lines=with_lines,
        )

    def _seen(self, name: str) -> Key:
        """Return which inventory a name means, of an enterprise that the caller may see."""
        key = self._key(name)
        parent = names.ENTERPRISE.format(enterprise=key.enterprise)
        self._registry.enterprise(parent, wanted=name)
        return key


def _members(  # noqa: PLR0913 (what is read of whom, and how it is seen)
    connection: sa.Connection,
    enterprises: Sequence[Enterprise],
    year: int,
    method: Method,
    *,
    as_of: int | None,
    partners: Mapping[str, str],
    months: Inside,
) -> Iterator[Member]:
    """Yield members with what they reported for a year by a method, some of them read at a time."""
    for start in range(0, len(enterprises), _MEMBERS_AT_A_TIME):
        some = enterprises[start : start + _MEMBERS_AT_A_TIME]
        ids = [each.enterprise_id for each in some]
        inventories = store.inventories.current(connection, ids, year, method, as_of)
        lines = store.lines.current(connection, ids, year, method.method_id, as_of)
        of_member: defaultdict[str, list[Line]] = defaultdict(list)
        for line in zone_domain.counted(lines, method):
            of_member[line.enterprise].append(line)
        del lines
        for each in some:
            yield member_of(
                each,
                inventories.get(each.enterprise_id),
                of_member.pop(each.enterprise_id, []),
                partners=partners,
                months=months[each.name],
            )
