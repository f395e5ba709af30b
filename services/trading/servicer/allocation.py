"""Allocations."""

from __future__ import annotations

import grpc

from services.kernel import names
from services.kernel.errors import NotFound, within
from services.runtime import outbox, replay, revision
from services.trading import store
from services.trading.domain import allocation as domain
from services.trading.domain.account import ALLOCATION, Account, check_takes_part
from services.trading.domain.allocation import Allocation
from services.trading.servicer.house import House
from services.trading.wire import allocation as wire
from zonecarbon.trading.v1 import allocation_pb2, trading_service_pb2, trading_service_pb2_grpc


class Allocations(trading_service_pb2_grpc.TradingServiceServicer):
    def __init__(self, house: House) -> None:
        self._house = house

    def AllocateAllowances(
        self, request: trading_service_pb2.AllocateAllowancesRequest, context: grpc.ServicerContext
    ) -> allocation_pb2.Allocation:
        account_id = names.ACCOUNT.parse(request.account, "account")["account"]
        tenant = self._house.registry.tenant()
        with self._house.database.read() as connection:
            account = store.accounts.get(connection, tenant, account_id).value
            if (kept := replay.find(connection, request, allocation_pb2.Allocation)) is not None:
                return kept
        wanted = self._computed(account, request)
        with self._house.database.write() as connection:
            taken = revision.take(connection)
            # The same request may have come twice at once.
            if (kept := replay.find(connection, request, allocation_pb2.Allocation)) is not None:
                return kept
            stored = store.allocations.newest(connection, account, wanted.compliance_year)
            if stored is None or stored.value != wanted:
                stored = store.allocations.add(connection, wanted, stored, taken)
                name = account.name_of(ALLOCATION, wanted.compliance_year)
                outbox.publish(connection, taken, [(name, stored.version)])
            answer = wire.from_allocation(stored)
            replay.keep(connection, request, answer, taken)
        return answer

    def GetAllocation(
        self, request: trading_service_pb2.GetAllocationRequest, context: grpc.ServicerContext
    ) -> allocation_pb2.Allocation:
        account_id = names.ACCOUNT.parse(request.account, "account")["account"]
        tenant = self._house.registry.tenant()
        with self._house.database.read() as connection:
            account = store.accounts.get(connection, tenant, account_id).value
            found = store.allocations.newest(connection, account, request.compliance_year)
        if found is None:
            raise NotFound(name=account.name_of(ALLOCATION, request.compliance_year))
        return wire.from_allocation(found)

    def _computed(
        self, account: Account, request: trading_service_pb2.AllocateAllowancesRequest
    ) -> Allocation:
        """Return what the rulebook allocates; each unit is one that the registry knows as such."""
        check_takes_part(account, request.compliance_year)
        rulebook = self._house.shelf.get(account.sector, request.compliance_year)
        productions = wire.to_productions(request)
        computed = domain.allocate(account, rulebook, productions)
        for index, each in enumerate(productions):
            with within(f"units[{index}]."):
                rated_power = self._house.registry.rated_power(each.facility)
                domain.check_rated_power(rulebook, each.unit_class, rated_power)
        return computed
