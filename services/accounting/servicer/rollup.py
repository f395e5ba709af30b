"""RollupService: figures that are kept beside the books, and whether they still agree with them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

import grpc
import sqlalchemy as sa

from services.accounting import store
from services.accounting.domain import rollup
from services.accounting.domain.rollup import NOTHING, Difference, Months
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Checked:
    """The months of a year by a method, as they are kept and as the lines add up."""

    name: str
    kept: Months
    recomputed: Months

    def differences(self) -> Iterator[Difference]:
        return rollup.differences(self.kept, self.recomputed)


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
            checked = list(self._checked(connection, parent))
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

    def _checked(self, connection: sa.Connection, owner: str) -> Iterator[_Checked]:
        """Yield the months of an enterprise; of a zone those of its enterprises and its own."""
        if names.ENTERPRISE.matches(owner):
            yield from self._of_enterprise(connection, names.ENTERPRISE.parse(owner)["enterprise"])
            return
        whole: defaultdict[str, rollup.Sum] = defaultdict(rollup.Sum)
        for enterprise, years in store.rollups.counted(connection, owner).items():
            for each in self._of_enterprise(connection, enterprise):
                yield each
                inventory = names.MONTHLY_EMISSIONS.parse(each.name)["inventory"]
                months = years.get(names.of_inventory(inventory)[0], ())
                whole[inventory].add(each.recomputed.within(months), 1)
        yield from self._compared(
            connection, owner, {inventory: made.months() for inventory, made in whole.items()}
        )

    def _of_enterprise(self, connection: sa.Connection, enterprise: str) -> Iterable[_Checked]:
        recomputed = {
            names.inventory_id(year, method_id): rollup.of_lines(
                store.lines.current(connection, [enterprise], year, method_id)
            )
            for year, methods in store.inventories.begun(connection, enterprise).items()
            for method_id in methods
        }
        owner = names.ENTERPRISE.format(enterprise=enterprise)
        return self._compared(connection, owner, recomputed)

    def _compared(
        self, connection: sa.Connection, owner: str, recomputed: dict[str, Months]
    ) -> Iterator[_Checked]:
        """Yield what is kept of an owner beside what was added up anew, by inventory."""
        kept = store.rollups.of_owner(connection, owner)
        for inventory in sorted(kept.keys() | recomputed.keys()):
            yield _Checked(
                name=f"{owner}/monthlyEmissions/{inventory}",
                kept=kept.get(inventory, NOTHING),
                recomputed=recomputed.get(inventory, NOTHING),
            )
