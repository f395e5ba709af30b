"""What became of an inventory between two versions, and the versions there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import grpc
import sqlalchemy as sa
from google.protobuf import timestamp_pb2

from services.accounting import store
from services.accounting.domain.computation import chosen_gwp_set
from services.accounting.domain.knowledge.restatement import Side, compare
from services.accounting.domain.method import Method
from services.accounting.domain.period import AccountingPeriod
from services.accounting.servicer.inventory import Inventories
from services.accounting.store.inventories import Key
from services.accounting.wire import inventory as inventory_wire
from services.accounting.wire import restatement as wire
from services.kernel.errors import NotFound, PageTokenInvalid
from services.runtime import paging, revision
from services.runtime.wire import to_instant
from zonecarbon.accounting.v1 import accounting_service_pb2 as pb
from zonecarbon.accounting.v1 import restatement_pb2


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """A side of a comparison, and when its version was stored."""

    side: Side
    revision: int
    """Of the version; 0 where nothing was known."""
    create_time: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """Both sides of a comparison, and the decisions in between."""

    before: Dated
    after: Dated
    decisions: Sequence[AccountingPeriod]


def between(connection: sa.Connection, key: Key, before: Dated, after: Dated) -> Sides:
    """Return both sides with the decisions on the year that were taken in between."""
    decisions = store.periods.between(
        connection, key.enterprise, key.accounting_year, before.revision, after.revision
    )
    return Sides(before=before, after=after, decisions=decisions)


def report(sides: Sides, method: Method, gwp_set: str) -> restatement_pb2.RestatementReport:
    """Return what became of an inventory, its CO2 equivalents under `gwp_set`."""
    found = compare(sides.before.side, sides.after.side, method)
    return wire.dated(
        wire.from_comparison(found, gwp_set),
        began=sides.before.create_time,
        ended=sides.after.create_time,
        decisions=sides.decisions,
    )


class Comparisons(Inventories):
    def ListInventoryVersions(
        self, request: pb.ListInventoryVersionsRequest, context: grpc.ServicerContext
    ) -> pb.ListInventoryVersionsResponse:
        key, size = self._seen(request.name), paging.size(request)
        after = paging.start(request, request.name) or "0"
        if not after.isdecimal():
            raise PageTokenInvalid(field="page_token")
        with self._database.read() as connection:
            found = store.inventories.page(
                connection, key, self._methods, after=int(after), size=size + 1
            )
        if not found and after == "0":
            raise NotFound(name=request.name)
        versions = [str(each.version) for each, _ in found]
        return pb.ListInventoryVersionsResponse(
            versions=[inventory_wire.from_inventory(*each) for each in found[:size]],
            next_page_token=paging.next_token(versions, size, request.name),
        )

    def CompareInventory(
        self, request: pb.CompareInventoryRequest, context: grpc.ServicerContext
    ) -> restatement_pb2.RestatementReport:
        key = self._seen(request.name)
        method = self._method(key.method_id)
        gwp_set = chosen_gwp_set(method, request.gwp_set)
        with self._database.read() as connection:
            before = self._dated(
                connection, key, request.from_version, request.from_time, "from_time"
            )
            to_time = request.to_time if request.HasField("to_time") else None
            after = self._dated(connection, key, request.to_version, to_time, "to_time")
            if before.side.inventory is None and after.side.inventory is None:
                raise NotFound(name=request.name)
            sides = between(connection, key, before, after)
        return report(sides, method, gwp_set)

    def _dated(
        self,
        connection: sa.Connection,
        key: Key,
        version: int,
        moment: timestamp_pb2.Timestamp | None,
        field: str,
    ) -> Dated:
        """Return what was known in a version or at a moment; now where neither is said.

        Raises:
            NotFound: there is no such version.
        """
        as_of = None
        if not version and moment is not None:
            as_of = revision.as_of(connection, to_instant(moment, field))
        found = store.inventories.find(connection, key, self._methods, version, as_of)
        if found is None:
            if version:
                raise NotFound(name=f"{key.name}@{version}")
            return Dated(side=Side(inventory=None), revision=0, create_time=None)
        inventory, create_time = found
        year = key.accounting_year
        # Every version of a line makes one of its inventory: they are current in its revision.
        lines = store.lines.current(
            connection, [key.enterprise], year, key.method_id, inventory.revision
        )
        records = store.records.current(connection, key.enterprise, year, inventory.revision)
        return Dated(
            side=Side(inventory=inventory, lines=lines, records=records),
            revision=inventory.revision,
            create_time=create_time,
        )
