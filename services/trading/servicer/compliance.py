"""What to surrender, what may be carried over, what lacking costs."""

from __future__ import annotations

from datetime import date, timedelta

import grpc
import sqlalchemy as sa

from services.kernel import names
from services.kernel.errors import FieldInvalid, NotFound, Words
from services.kernel.period import Period
from services.runtime import auth
from services.runtime.wire import to_day
from services.trading import store
from services.trading.domain import carry_over, differentiated, penalty, surrender
from services.trading.domain.account import Account, check_takes_part
from services.trading.domain.carry_over import Scheme
from services.trading.domain.ledger import usable
from services.trading.domain.ledger.as_of import AsOf
from services.trading.domain.ledger.chart import InstrumentKind, Kind, Purpose
from services.trading.domain.price import Price, PriceKind
from services.trading.domain.rulebook import Rulebook
from services.trading.domain.surrender import Question, Settled, Stock, YearRules
from services.trading.domain.versioned import Versioned
from services.trading.servicer.house import House
from services.trading.wire import compliance as wire
from zonecarbon.trading.v1 import (
    carry_over_pb2,
    compliance_service_pb2,
    compliance_service_pb2_grpc,
    differentiated_issue_pb2,
    exposure_pb2,
    surrender_plan_pb2,
)

_CARRIED = (Purpose.HELD, Purpose.ORDERED, Purpose.FROZEN)


class Surrenders(compliance_service_pb2_grpc.ComplianceServiceServicer):
    def __init__(self, house: House) -> None:
        self._house = house

    def PlanSurrender(
        self, request: compliance_service_pb2.PlanSurrenderRequest, context: grpc.ServicerContext
    ) -> surrender_plan_pb2.SurrenderPlan:
        year, on = request.compliance_year, to_day(request.date, "date")
        with self._house.database.read() as connection:
            account, rulebook = self._asked(connection, request.account, year)
            owed = store.obligations.newest(connection, account, year)
            settled = store.positions.settlements(connection, account, self._house.rules, by=on)
            own = _of_year(settled, year)
            question = Question(
                rules=YearRules(compliance_year=year, vintages=rulebook.vintages),
                arrear_vintages=self._arrear_rules(),
                offsets=self._house.compliance.offsets,
                deadline=rulebook.surrender_date,
                obligation=None if owed is None else owed.value,
                surrendered_count=0 if own is None else own.count,
                offset_used_count=0 if own is None else own.offset_count,
                arrears=surrender.arrears(settled, year, on),
                stocks=_stocks(connection, account, on),
                on=on,
            )
        return wire.from_plan(account, surrender.plan(question), on, owed, auth.language())

    def GetCarryOver(
        self, request: compliance_service_pb2.GetCarryOverRequest, context: grpc.ServicerContext
    ) -> carry_over_pb2.CarryOver:
        on = to_day(request.date, "date")
        with self._house.database.read() as connection:
            account = self._account(connection, request.account)
            scheme = self._house.compliance.scheme(account.sector, request.target_vintage_year)
            facts = self._carried(connection, account, scheme)
        return wire.from_carry_over(account, carry_over.carry_over(scheme, facts, on))

    def GetExposure(
        self, request: compliance_service_pb2.GetExposureRequest, context: grpc.ServicerContext
    ) -> exposure_pb2.Exposure:
        year, on = request.compliance_year, to_day(request.date, "date")
        with self._house.database.read() as connection:
            account, rulebook = self._asked(connection, request.account, year)
            deadline = rulebook.surrender_date
            if deadline is None:
                raise FieldInvalid(field="compliance_year", given=str(year), allowed=_WITH_DEADLINE)
            settled = store.positions.settlements(connection, account, self._house.rules, by=on)
            price = _month_price(connection, self._house.compliance.penalty_price.product, deadline)
        if request.HasField("missing_count"):
            missing = request.missing_count
        elif (own := _of_year(settled, year)) is None:
            raise NotFound(name=f"{account.name}/obligations/{year}")
        else:
            missing = own.missing_count
        breach = deadline + timedelta(days=1)
        rule = penalty.rule_of(self._house.compliance.penalties, breach)
        found = penalty.exposure(rule, breach, missing, price)
        reading = self._house.compliance.penalty_price.reading
        return wire.from_exposure(account, year, deadline, found, reading, auth.language())

    def GetDifferentiatedIssue(
        self,
        request: compliance_service_pb2.GetDifferentiatedIssueRequest,
        context: grpc.ServicerContext,
    ) -> differentiated_issue_pb2.DifferentiatedIssue:
        year = request.compliance_year
        with self._house.database.read() as connection:
            account, rulebook = self._asked(connection, request.account, year)
            rule = differentiated.rule_of(rulebook)
            allocated = store.allocations.newest(connection, account, year)
            owed = store.obligations.newest(connection, account, year)
        issued_assumed, owed_assumed = wire.to_assumed(request)
        found = differentiated.Outcome(
            rule=rule,
            steps=self._house.compliance.differentiated_steps,
            issued=issued_assumed
            or differentiated.issued_by(None if allocated is None else allocated.value),
            obligation=owed_assumed or differentiated.owed_by(None if owed is None else owed.value),
        )
        return wire.from_differentiated(account, year, found, auth.language())

    def _account(self, connection: sa.Connection, name: str) -> Account:
        account = names.ACCOUNT.parse(name, "account")["account"]
        return store.accounts.get(connection, self._house.registry.tenant(), account).value

    def _asked(self, connection: sa.Connection, name: str, year: int) -> tuple[Account, Rulebook]:
        account = self._account(connection, name)
        check_takes_part(account, year)
        return account, self._house.shelf.get(account.sector, year)

    def _arrear_rules(self) -> YearRules:
        arrears = self._house.compliance.arrears
        return YearRules(compliance_year=arrears.last_year, vintages=arrears.vintages)

    def _carried(
        self, connection: sa.Connection, account: Account, scheme: Scheme
    ) -> carry_over.Facts:
        start, end, day = scheme.window_start, scheme.window_end, scheme.holding_date
        if start is None or end is None or day is None:
            raise AssertionError("a scheme that is found has its dates")
        instruments = usable.vintages(
            [each.value for each in store.ledger.instruments.page(connection)],
            first=scheme.first_vintage_year,
            last=scheme.last_vintage_year,
        )
        book, traded = account.account, store.deliveries.traded_count
        standings = store.ledger.balances.standings(
            connection, book, as_of=AsOf(settlement_date=day)
        )
        settled = store.positions.settlements(connection, account, self._house.rules, by=day)
        return carry_over.Facts(
            sold_count=traded(
                connection, book, instruments, [Kind.SALE, Kind.ORDER_EXECUTION], (start, end)
            ),
            bought_count=traded(connection, book, instruments, [Kind.PURCHASE], (start, end)),
            holding_count=sum(
                each.balance - each.reserved
                for (_, instrument, purpose), each in standings.items()
                if instrument in instruments and purpose in _CARRIED
            ),
            carried_count=store.ledger.balances.moved_count(
                connection, book, instruments, [Kind.CARRY_OVER_OUT], AsOf()
            ),
            late_years=tuple(
                year
                for year in scheme.surrendered_years
                if account.takes_part(year)
                and ((own := _of_year(settled, year)) is None or not own.in_time)
            ),
        )


_WITH_DEADLINE = Words(
    en="a year whose last day of surrender was published", zh="已公布清缴截止日的履约年度"
)


def _of_year(settled: list[Settled], year: int) -> Settled | None:
    return next((each for each in settled if each.owed.compliance_year == year), None)


def _stocks(connection: sa.Connection, account: Account, on: date) -> tuple[Stock, ...]:
    """Return what is held and not reserved, by instrument."""
    instruments = {
        each.value.instrument: each.value
        for each in store.ledger.instruments.page(connection)
        if each.value.kind is not InstrumentKind.CASH
    }
    facts = store.offsets.newest(connection, account)
    standings = store.ledger.balances.standings(
        connection, account.account, as_of=AsOf(settlement_date=on)
    )
    return tuple(
        Stock(
            instrument=instrument,
            vintage_year=instruments[instrument].vintage_year,
            available_count=each.balance - each.reserved,
            offset=instruments[instrument].kind is InstrumentKind.OFFSET,
            facts=facts[instrument].value if instrument in facts else None,
        )
        for (_, instrument, purpose), each in standings.items()
        if purpose is Purpose.HELD and instrument in instruments
    )


def _month_price(
    connection: sa.Connection, product: str, deadline: date
) -> Versioned[Price] | None:
    """Return the average price of the month before that of a deadline; no other stands in."""
    start, end = penalty.month_before(deadline)
    month = Period(start=start, end=end)
    found = store.prices.ended_last(
        connection, product, by=end - timedelta(days=1), kind=PriceKind.VWAP
    )
    return next((each for each in found if each.value.period == month), None)
