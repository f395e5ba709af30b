"""RollupService: figures that are kept beside the books, and whether they still agree with them."""

from __future__ import annotations

from itertools import islice

import grpc

from services.accounting import store
from services.accounting.servicer.access import ACCESS, ZONE_INVENTORY
from services.accounting.servicer.base import Base
from services.accounting.wire import rollup as wire
from services.kernel import names
from services.kernel.errors import NameInvalid, NotFound
from services.runtime import auth, revision
from zonecarbon.accounting.v1 import monthly_emissions_pb2, rollup_service_pb2_grpc
from zonecarbon.accounting.v1 import rollup_service_pb2 as pb

_LISTED = 1_000
"""Differences that an answer lists."""


class Rollups(Base, rollup_service_pb2_grpc.RollupServiceServicer):
    def GetMonthlyEmissions(
        self, request: pb.GetMonthlyEmissionsRequest, context: grpc.ServicerContext
    ) -> monthly_emissions_pb2.MonthlyEmissions:
        name = request.name
        owner, inventory = self._owner(name)
        year, method_id = self._year_and_method(inventory, name)
        with self._database.read() as connection:
            found = store.rollups.find(connection, owner, year, method_id)
        if found is None:
            raise NotFound(name=name)
        months, moved_at = found
        return wire.from_months(name, year, self._methods[method_id], months, moved_at)

    def CheckMonthlyEmissions(
        self, request: pb.CheckMonthlyEmissionsRequest, context: grpc.ServicerContext
    ) -> pb.CheckMonthlyEmissionsResponse:
        parent = request.parent
        self._see(parent, parent, "parent")
        with self._database.read() as connection:
            number = revision.newest(connection)
            checked = list(store.rollup_check.of(connection, parent))
        found = [(each.name, other) for each in checked for other in each.differences()]
        return pb.CheckMonthlyEmissionsResponse(
            differences=[wire.from_difference(*each) for each in islice(found, _LISTED)],
            difference_count=len(found),
            figure_count=sum(each.recomputed.figure_count for each in checked),
            revision=number,
        )

    def _owner(self, name: str) -> tuple[str, str]:
        """Return whose months a name means, who may be seen, and the id of the inventory.

        Raises:
            NameInvalid: it is no name of months.
            NotFound: there is no such owner to be seen.
        """
        if names.ZONE_MONTHLY_EMISSIONS.matches(name):
            ids = names.ZONE_MONTHLY_EMISSIONS.parse(name)
            auth.permit(ACCESS, ZONE_INVENTORY, auth.caller())
            owner = names.ZONE.format(zone=ids["zone"])
        elif names.MONTHLY_EMISSIONS.matches(name):
            ids = names.MONTHLY_EMISSIONS.parse(name)
            owner = names.ENTERPRISE.format(enterprise=ids["enterprise"])
        else:
            patterns = (names.MONTHLY_EMISSIONS, names.ZONE_MONTHLY_EMISSIONS)
            raise NameInvalid(given=name, pattern=" | ".join(map(str, patterns)))
        self._see(owner, name, "name")
        return owner, ids["inventory"]
