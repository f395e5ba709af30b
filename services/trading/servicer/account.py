"""Accounts and rulebooks."""

from __future__ import annotations

import grpc
import sqlalchemy as sa

from services.kernel import names
from services.kernel.errors import AlreadyExists
from services.runtime import auth, outbox, paging, revision
from services.trading import store
from services.trading.domain import account as domain
from services.trading.domain.account import Account
from services.trading.domain.versioned import Versioned
from services.trading.servicer.house import House
from services.trading.wire import account as wire
from services.trading.wire.rulebook import from_rulebook
from zonecarbon.trading.v1 import account_pb2, trading_service_pb2, trading_service_pb2_grpc

_BEGINNING = 0


class Accounts(trading_service_pb2_grpc.TradingServiceServicer):
    def __init__(self, house: House) -> None:
        self._house = house

    def CreateAccount(
        self, request: trading_service_pb2.CreateAccountRequest, context: grpc.ServicerContext
    ) -> account_pb2.Account:
        wanted = domain.checked(wire.to_account(request), self._house.market)
        self._house.registry.see_enterprise(wanted.enterprise)
        with self._house.database.write() as connection:
            found = _existing(connection, wanted) or _create(connection, wanted)
        return wire.from_account(found)

    def GetAccount(
        self, request: trading_service_pb2.GetAccountRequest, context: grpc.ServicerContext
    ) -> account_pb2.Account:
        account = names.ACCOUNT.parse(request.name)["account"]
        tenant = self._house.registry.tenant()
        with self._house.database.read() as connection:
            return wire.from_account(store.accounts.get(connection, tenant, account))

    def ListAccounts(
        self, request: trading_service_pb2.ListAccountsRequest, context: grpc.ServicerContext
    ) -> trading_service_pb2.ListAccountsResponse:
        after, size = paging.start(request), paging.size(request)
        tenant = self._house.registry.tenant()
        with self._house.database.read() as connection:
            found = store.accounts.page(connection, tenant, after=after, size=size + 1)
        return trading_service_pb2.ListAccountsResponse(
            accounts=[wire.from_account(each) for each in found[:size]],
            next_page_token=paging.next_token([each.value.account for each in found], size),
        )

    def ListRulebooks(
        self, request: trading_service_pb2.ListRulebooksRequest, context: grpc.ServicerContext
    ) -> trading_service_pb2.ListRulebooksResponse:
        language = auth.language()
        return trading_service_pb2.ListRulebooksResponse(
            rulebooks=[from_rulebook(each, language) for each in self._house.shelf.rulebooks]
        )


def _create(connection: sa.Connection, wanted: Account) -> Versioned[Account]:
    taken = revision.take(connection)
    # Another caller may have created it while this one waited for its revision.
    if (found := _existing(connection, wanted)) is not None:
        return found
    created = store.accounts.add(connection, wanted, taken)
    # What the enterprise reported before it had an account is still to be handled.
    store.obligations.follow_from(connection, _BEGINNING)
    outbox.publish(connection, taken, [(wanted.name, created.version)])
    return created


def _existing(connection: sa.Connection, wanted: Account) -> Versioned[Account] | None:
    """Return the account if it is there already; refuse one that takes its id or enterprise."""
    own = auth.Tenant(frozenset({wanted.enterprise}))
    for found in (
        store.accounts.of_enterprise(connection, own, wanted.enterprise),
        store.accounts.find(connection, auth.EVERYONE, wanted.account),
    ):
        if found is not None and found.value != wanted:
            raise AlreadyExists(name=found.value.name)
        if found is not None:
            return found
    return None
