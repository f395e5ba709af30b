"""BaseYearService: the years that progress is measured against, and their recalculation."""

from __future__ import annotations

import grpc
import sqlalchemy as sa
from google.protobuf import timestamp_pb2

from services.accounting import store
from services.accounting.domain.computation import chosen_gwp_set
from services.accounting.domain.inventory import Inventory
from services.accounting.domain.knowledge import base_year
from services.accounting.domain.knowledge.base_year import BaseYear, Policy
from services.accounting.domain.method import Method
from services.accounting.servicer.comparison import Comparisons, between, report
from services.accounting.servicer.reconciliation import chosen_basis
from services.accounting.store.inventories import Key
from services.accounting.wire import base_year as wire
from services.kernel import names
from services.kernel.errors import FieldRequired, NotFound
from services.runtime import auth, outbox, replay, revision
from services.runtime.revision import Revision
from zonecarbon.accounting.v1 import base_year_pb2, base_year_service_pb2_grpc
from zonecarbon.accounting.v1 import base_year_service_pb2 as pb

_BaseYear = base_year_pb2.BaseYear


class BaseYears(Comparisons, base_year_service_pb2_grpc.BaseYearServiceServicer):
    def SetBaseYear(
        self, request: pb.SetBaseYearRequest, context: grpc.ServicerContext
    ) -> base_year_pb2.BaseYear:
        enterprise, method = self._named(request.name)
        _check_reason(request.reason)
        policy = Policy(
            accounting_year=request.accounting_year,
            basis=chosen_basis(method, request.scope2_basis),
            gwp_set=chosen_gwp_set(method, request.gwp_set),
            threshold=wire.to_threshold(request.threshold_percent),
        )
        with self._database.write() as connection:
            taken = revision.take(connection)
            if answered := replay.find(connection, request, _BaseYear):
                return answered
            before = store.base_years.find(connection, enterprise, method.method_id)
            current = self._current(connection, enterprise, method, policy.accounting_year)
            after = base_year.chosen(
                before, current, policy, decider=auth.caller().name, reason=request.reason
            )
            return self._kept(connection, request, after, taken)

    def GetBaseYear(
        self, request: pb.GetBaseYearRequest, context: grpc.ServicerContext
    ) -> base_year_pb2.BaseYear:
        enterprise, method = self._named(request.name)
        moment = request.as_of_time if request.HasField("as_of_time") else None
        with self._database.read() as connection:
            version, as_of = self._asked_version(connection, request)
            found = store.base_years.find(
                connection, enterprise, method.method_id, version=version, as_of=as_of
            )
            if found is None:
                raise NotFound(name=request.name)
            return self._told(connection, found, moment)

    def RestateBaseYear(
        self, request: pb.RestateBaseYearRequest, context: grpc.ServicerContext
    ) -> base_year_pb2.BaseYear:
        enterprise, method = self._named(request.name)
        _check_reason(request.reason)
        with self._database.write() as connection:
            taken = revision.take(connection)
            if answered := replay.find(connection, request, _BaseYear):
                return answered
            before = store.base_years.find(connection, enterprise, method.method_id)
            if before is None:
                raise NotFound(name=request.name)
            current = self._current(connection, enterprise, method, before.policy.accounting_year)
            after = before.restated(current, decider=auth.caller().name, reason=request.reason)
            return self._kept(connection, request, after, taken)

    def _kept(
        self,
        connection: sa.Connection,
        request: pb.SetBaseYearRequest | pb.RestateBaseYearRequest,
        after: BaseYear,
        taken: Revision,
    ) -> base_year_pb2.BaseYear:
        """Store a version where it is a new one; return the answer, kept too."""
        if not after.revision:
            after = store.base_years.add(connection, after, taken)
            outbox.publish(connection, taken, [(after.name, after.version)])
        answer = self._told(connection, after, None)
        replay.keep(connection, request, answer, taken)
        return answer

    def _told(
        self, connection: sa.Connection, found: BaseYear, moment: timestamp_pb2.Timestamp | None
    ) -> base_year_pb2.BaseYear:
        """Return the message of a base year, with what became of it up to now or a moment."""
        method = self._method(found.method_id)
        key = Key(
            enterprise=found.enterprise,
            accounting_year=found.policy.accounting_year,
            method_id=found.method_id,
        )
        fixed = self._dated(connection, key, found.inventory_version, None, "")
        now = self._dated(connection, key, 0, moment, "as_of_time")
        assert now.side.inventory is not None, "it has the fixed version at least"
        told = report(between(connection, key, fixed, now), method, found.policy.gwp_set)
        return wire.from_base_year(found, method, now.side.inventory, told)

    def _current(
        self, connection: sa.Connection, enterprise: str, method: Method, accounting_year: int
    ) -> Inventory:
        """Return the current version of an inventory.

        Raises:
            NotFound: nothing was reported for the year, or the method did not cover it.
        """
        key = Key(
            enterprise=enterprise, accounting_year=accounting_year, method_id=method.method_id
        )
        found = store.inventories.find(connection, key, self._methods)
        if found is None:
            raise NotFound(name=key.name)
        return found[0]

    def _named(self, name: str) -> tuple[str, Method]:
        """Return the id of the enterprise, which the caller may see, and the method of a base year.

        Raises:
            NotFound: it may not, or there is no such method.
        """
        ids = names.BASE_YEAR.parse(name)
        parent = names.ENTERPRISE.format(enterprise=ids["enterprise"])
        enterprise = self._registry.enterprise(parent, wanted=name)
        method = self._methods.get(ids["method"])
        if method is None:
            raise NotFound(name=name)
        return enterprise.enterprise_id, method


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise FieldRequired(field="reason")
