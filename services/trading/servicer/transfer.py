"""Transfers: posted, and read."""

from __future__ import annotations

from collections.abc import Sequence

import grpc
import sqlalchemy as sa

from services.kernel import names
from services.kernel.batch import check_each_once
from services.kernel.errors import NotFound, PageTokenInvalid
from services.runtime import auth, paging
from services.runtime.auth import Tenant
from services.runtime.service import awaited
from services.trading import store
from services.trading.domain.ledger.transfer import TRANSFER, Transfer, Wanted
from services.trading.servicer.house import House
from services.trading.store.ledger.group import Group
from services.trading.wire import ledger as wire
from zonecarbon.trading.v1 import ledger_service_pb2, ledger_service_pb2_grpc, transfer_pb2


class Transfers(ledger_service_pb2_grpc.LedgerServiceServicer):
    def __init__(self, house: House) -> None:
        self._house = house

    @awaited
    async def PostTransfer(
        self, request: ledger_service_pb2.PostTransferRequest, context: grpc.ServicerContext
    ) -> transfer_pb2.Transfer:
        wanted = wire.to_wanted(request)
        group = _group([wanted], await self._house.registry.tenant_awaited())
        (done,) = await self._house.post.awaited(group)
        return wire.from_transfer(done, _target(wanted))

    def PostTransfers(
        self, request: ledger_service_pb2.PostTransfersRequest, context: grpc.ServicerContext
    ) -> ledger_service_pb2.PostTransfersResponse:
        wanted = wire.to_several(request.requests)
        check_each_once("requests", (each.name for each in wanted))
        group = _group(wanted, self._house.registry.tenant(), request.request_id)
        done = self._house.post(group)
        response = ledger_service_pb2.PostTransfersResponse()
        for each, posted in zip(wanted, done, strict=True):
            wire.fill(response.transfers.add(), posted, _target(each))
        return response

    def GetTransfer(
        self, request: ledger_service_pb2.GetTransferRequest, context: grpc.ServicerContext
    ) -> transfer_pb2.Transfer:
        ids = TRANSFER.parse(request.name)
        tenant = self._house.registry.tenant()
        with self._house.database.read() as connection:
            store.accounts.get(connection, tenant, ids["account"])
            found = store.ledger.transfers.find(connection, ids["account"], ids["transfer"])
            if found is None:
                raise NotFound(name=request.name)
            return _message(connection, found)

    def ListTransfers(
        self, request: ledger_service_pb2.ListTransfersRequest, context: grpc.ServicerContext
    ) -> ledger_service_pb2.ListTransfersResponse:
        book = names.ACCOUNT.parse(request.parent, "parent")["account"]
        after, size = to_number(paging.start(request, book)), paging.size(request)
        tenant = self._house.registry.tenant()
        with self._house.database.read() as connection:
            store.accounts.get(connection, tenant, book)
            found = store.ledger.transfers.page(connection, book, after=after, size=size + 1)
            messages = [_message(connection, each) for each in found[:size]]
        return ledger_service_pb2.ListTransfersResponse(
            transfers=messages,
            next_page_token=paging.next_token([str(each.number) for each in found], size, book),
        )


def to_number(token: str) -> int:
    """Return the number after which a page begins.

    Raises:
        PageTokenInvalid: it is none.
    """
    if token and not (token.isascii() and token.isdigit()):
        raise PageTokenInvalid
    return int(token or 0)


def _group(wanted: Sequence[Wanted], tenant: Tenant, request_id: str = "") -> Group:
    return Group(
        wanted=wanted,
        principal=auth.caller().name,
        tenant=tenant,
        request_id=request_id,
        alone=True,
    )


def _target(wanted: Wanted) -> str:
    return wanted.target_name if wanted.target else ""


def _message(connection: sa.Connection, each: Transfer) -> transfer_pb2.Transfer:
    if each.target_number is None:
        return wire.from_transfer(each)
    (target,) = store.ledger.transfers.page(
        connection, each.book, after=each.target_number - 1, size=1
    )
    return wire.from_transfer(each, target.name)
