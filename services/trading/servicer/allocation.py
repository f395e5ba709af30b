"""Allocations."""

from __future__ import annotations

import grpc

from services.kernel import names
from services.kernel.errors import FieldInvalid, FieldRequired, NotFound, Words, within
from services.runtime import outbox, replay, revision
from services.trading import store
from services.trading.domain import allocation as domain
from services.trading.domain.account import ALLOCATION, Account, check_takes_part
from services.trading.domain.allocation import Allocation
from services.trading.domain.market import Sector
from services.trading.domain.rulebook import Rulebook
from services.trading.domain.unit_allocation import check_rated_power
from services.trading.servicer.house import House
from services.trading.wire import allocation as wire
from zonecarbon.trading.v1 import allocation_pb2, trading_service_pb2, trading_service_pb2_grpc

_Request = trading_service_pb2.AllocateAllowancesRequest


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
        if account.sector is Sector.POWER:
            _check_alone(request, "units", "processes")
            return self._of_units(account, rulebook, request)
        _check_alone(request, "processes", "units")
        return self._of_processes(account, rulebook, request)

    def _of_units(self, account: Account, rulebook: Rulebook, request: _Request) -> Allocation:
        productions = wire.to_productions(request)
        computed = domain.allocate(
            account, rulebook, productions, open_deduction_count=request.open_deduction_count
        )
        for index, each in enumerate(productions):
            with within(f"units[{index}]."):
                rated_power = self._house.registry.rated_power(each.facility)
                check_rated_power(rulebook, each.unit_class, rated_power)
        return computed

    def _of_processes(self, account: Account, rulebook: Rulebook, request: _Request) -> Allocation:
        processes = wire.to_processes(request)
        computed = domain.allocate_processes(
            account,
            rulebook,
            processes,
            wire.to_balance(request),
            open_deduction_count=request.open_deduction_count,
        )
        for each in processes:
            if each.facility != account.enterprise_name:
                self._house.registry.see_facility(each.facility)
        return computed


def _check_alone(request: _Request, needed: str, other: str) -> None:
    """Refuse a request that lacks what the sector is allocated by, or has what it is not."""
    if not getattr(request, needed):
        raise FieldRequired(field=needed)
    if getattr(request, other):
        raise FieldInvalid(
            field=other,
            given=str(len(getattr(request, other))),
            allowed=Words(
                en=f"none: the sector of the account is allocated by {needed}",
                zh=f"留空：该账户所属行业按 {needed} 核算配额",
            ),
        )
