"""Positions, and how far the obligations in them follow accounting."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import grpc
import sqlalchemy as sa

from services.kernel import names
from services.kernel.errors import NotFound
from services.runtime import auth, revision
from services.runtime.wire import to_day
from services.trading import store
from services.trading.domain.account import Account
from services.trading.domain.ledger.as_of import AsOf
from services.trading.domain.position import Position
from services.trading.servicer.house import House
from services.trading.wire import position as wire
from services.trading.wire.ledger import to_as_of
from zonecarbon.trading.v1 import position_pb2, trading_service_pb2, trading_service_pb2_grpc


class Positions(trading_service_pb2_grpc.TradingServiceServicer):
    def __init__(self, house: House) -> None:
        self._house = house

    def GetPosition(
        self, request: trading_service_pb2.GetPositionRequest, context: grpc.ServicerContext
    ) -> position_pb2.Position:
        ids = names.POSITION.parse(request.name)
        year, on = int(ids["year"]), to_day(request.valuation_date, "valuation_date")
        as_of = to_as_of(request.as_of)
        tenant = self._house.registry.tenant()
        with self._house.database.read() as connection:
            account = store.accounts.get(connection, tenant, ids["account"]).value
            if not account.takes_part(year):
                raise NotFound(name=request.name)
            [position] = self._positions(connection, [account], year, on, as_of)
        return position

    def ListPositions(
        self, request: trading_service_pb2.ListPositionsRequest, context: grpc.ServicerContext
    ) -> trading_service_pb2.ListPositionsResponse:
        year, on = request.compliance_year, to_day(request.valuation_date, "valuation_date")
        as_of = to_as_of(request.as_of)
        tenant = self._house.registry.tenant(request.zone)
        with self._house.database.read() as connection:
            accounts = [
                each.value
                for each in store.accounts.page(connection, tenant)
                if each.value.takes_part(year)
            ]
            positions = self._positions(connection, accounts, year, on, as_of)
        return trading_service_pb2.ListPositionsResponse(positions=positions)

    def GetFollowState(
        self, request: trading_service_pb2.GetFollowStateRequest, context: grpc.ServicerContext
    ) -> trading_service_pb2.FollowState:
        with self._house.database.read() as connection:
            return trading_service_pb2.FollowState(
                accounting_revision=store.obligations.followed(connection),
                revision=revision.newest(connection),
            )

    def _positions(
        self,
        connection: sa.Connection,
        accounts: Sequence[Account],
        year: int,
        on: date,
        as_of: AsOf,
    ) -> list[position_pb2.Position]:
        price = store.positions.price_of_vintage(connection, year, self._house.market, by=on)
        newest, language = revision.newest(connection), auth.language()
        facts = store.positions.facts(
            connection, accounts, year, self._house.rules, on=on, as_of=as_of
        )
        positions = [Position(facts=each, valuation_date=on, price=price) for each in facts]
        return wire.from_positions(positions, newest, language)
