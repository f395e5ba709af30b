"""Holdings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import grpc
import sqlalchemy as sa

from services.kernel import names
from services.kernel.batch import check_each_once
from services.runtime import outbox, replay, revision
from services.runtime.revision import Revision
from services.runtime.wire import to_optional_day
from services.trading import store
from services.trading.domain import holding as domain
from services.trading.domain.account import HOLDING, Account
from services.trading.domain.holding import Holding, Statement
from services.trading.servicer.house import House
from services.trading.wire import holding as wire
from zonecarbon.trading.v1 import trading_service_pb2, trading_service_pb2_grpc

_Answer = trading_service_pb2.RecordHoldingsResponse


class Holdings(trading_service_pb2_grpc.TradingServiceServicer):
    def __init__(self, house: House) -> None:
        self._house = house

    def RecordHoldings(
        self, request: trading_service_pb2.RecordHoldingsRequest, context: grpc.ServicerContext
    ) -> trading_service_pb2.RecordHoldingsResponse:
        account_id = names.ACCOUNT.parse(request.parent, "parent")["account"]
        wanted = wire.to_holdings(request)
        check_each_once("holdings", (each.id for each in wanted))
        tenant = self._house.registry.tenant()
        with self._house.database.read() as connection:
            account = store.accounts.get(connection, tenant, account_id).value
            if (kept := replay.find(connection, request, _Answer)) is not None:
                return kept
        with self._house.database.write() as connection:
            taken = revision.take(connection)
            # The same request may have come twice at once.
            if (kept := replay.find(connection, request, _Answer)) is not None:
                return kept
            stored = _save(connection, account, wanted, taken)
            answer = _Answer(holdings=[wire.from_statement(each) for each in stored])
            replay.keep(connection, request, answer, taken)
        return answer

    def ListHoldings(
        self, request: trading_service_pb2.ListHoldingsRequest, context: grpc.ServicerContext
    ) -> trading_service_pb2.ListHoldingsResponse:
        account_id = names.ACCOUNT.parse(request.parent, "parent")["account"]
        by = to_optional_day(request.statement_date, "statement_date") or date.max
        tenant = self._house.registry.tenant()
        with self._house.database.read() as connection:
            account = store.accounts.get(connection, tenant, account_id).value
            statements = store.holdings.statements(connection, account)
        return trading_service_pb2.ListHoldingsResponse(
            holdings=[wire.from_statement(each) for each in domain.stated(statements, by)]
        )


def _save(
    connection: sa.Connection, account: Account, wanted: Sequence[Holding], taken: Revision
) -> list[Statement]:
    """Insert the statements that say something new; return all as they stand in the books."""
    known = store.holdings.statements(connection, account)
    newest = {each.value.id: each for each in known}
    stored: list[Statement] = []
    for holding in wanted:
        before = newest.get(holding.id)
        if before is None or before.value != holding:
            before = store.holdings.add(connection, account, holding, before, taken)
        stored.append(before)
    outbox.publish(
        connection,
        taken,
        [
            (HOLDING.format(account=account.account, holding=each.value.id), each.version)
            for each in stored
            if each.revision == taken.number
        ],
    )
    return stored
