"""Portfolios, cost policies and journals ⇄ their messages."""

from __future__ import annotations

from typing import Final

from google.type import money_pb2

from services.kernel import names
from services.runtime import auth, wire
from services.trading.domain.ledger.chart import Purpose
from services.trading.domain.ledger.transfer import TRANSFER
from services.trading.domain.portfolio.cost import Method, Order, Policy
from services.trading.domain.portfolio.holding import Cost, InstrumentHolding, Portfolio
from services.trading.domain.portfolio.journal import (
    Journal,
    JournalEntry,
    JournalLine,
    Movement,
    Scheme,
)
from services.trading.domain.versioned import Versioned
from services.trading.wire import price
from zonecarbon.trading.v1 import portfolio_pb2 as pb
from zonecarbon.trading.v1 import portfolio_service_pb2

_METHODS: Final = {each: pb.CostMethod.Value(f"COST_METHOD_{each.value}") for each in Method}
_ORDERS: Final = {each: pb.DisposalOrder.Value(f"DISPOSAL_ORDER_{each.value}") for each in Order}
_OF_METHOD: Final = {value: each for each, value in _METHODS.items()}
_OF_ORDER: Final = {value: each for each, value in _ORDERS.items()}
ROWS: Final = (
    "opening",
    "free",
    "bought",
    "other_in",
    "surrendered",
    "sold",
    "other_out",
    "closing",
)


def to_policy(request: portfolio_service_pb2.DeclareCostPolicyRequest) -> Policy:
    """Return the policy that is declared."""
    return Policy(
        method=_OF_METHOD[request.method],
        sale_order=_OF_ORDER[request.sale_order],
        other_order=_OF_ORDER[request.other_order],
        evidence=request.evidence,
    )


def from_policy(stored: Versioned[Policy]) -> pb.CostPolicy:
    """Return the message of a policy."""
    return pb.CostPolicy(
        method=_METHODS[stored.value.method],
        sale_order=_ORDERS[stored.value.sale_order],
        other_order=_ORDERS[stored.value.other_order],
        evidence=stored.value.evidence,
        resource_version=stored.version,
    )


def from_portfolio(found: Portfolio) -> pb.Portfolio:
    """Return the message of a portfolio, in the caller's language."""
    return pb.Portfolio(
        account=names.ACCOUNT.format(account=found.book),
        valuation_date=wire.from_day(found.valuation_date),
        policy=None if found.policy is None else from_policy(found.policy),
        holdings=[_holding(each) for each in found.holdings],
        findings=[each.said(auth.language()) for each in found.findings],
    )


def totals(portfolios: list[Portfolio]) -> list[pb.PortfolioTotal]:
    """Return what portfolios of one day have together, by instrument."""
    found: dict[str, pb.PortfolioTotal] = {}
    for each in portfolios:
        for holding in each.holdings:
            name = holding.instrument.name
            of = found.setdefault(name, pb.PortfolioTotal(instrument=name))
            of.account_count += 1
            of.on_account_count += holding.on_account_count
            of.surrendered_count += holding.balance_count(Purpose.SURRENDERED)
    for name, of in found.items():
        holdings = [
            holding
            for each in portfolios
            for holding in each.holdings
            if holding.instrument.name == name
        ]
        values = [each.value_fen for each in holdings]
        if None not in values:
            of.value.CopyFrom(wire.from_fen(sum(value or 0 for value in values)))
    return [found[name] for name in sorted(found)]


def from_journal(
    book: str, found: Journal, policy: Versioned[Policy], scheme: Scheme
) -> pb.Journal:
    """Return the message of a journal, in the caller's language."""
    return pb.Journal(
        account=names.ACCOUNT.format(account=book),
        entries=[_entry(book, each, scheme) for each in found.entries],
        movement=movement(found.movement),
        missing=[each.said(auth.language()) for each in found.missing],
        policy=from_policy(policy),
    )


def movement(found: Movement) -> list[pb.MovementRow]:
    """Return the rows of the movement table."""
    rows: list[pb.MovementRow] = []
    for name in ROWS:
        cost_fen = 0 if name == "free" else getattr(found, f"{name}_fen")
        rows.append(
            pb.MovementRow(
                row=name,
                unit_count=getattr(found, f"{name}_count"),
                cost=_money(cost_fen),
            )
        )
    return rows


def _holding(each: InstrumentHolding) -> pb.PortfolioHolding:
    message = pb.PortfolioHolding(
        instrument=each.instrument.name,
        vintage_year=each.instrument.vintage_year,
        held_count=each.balance_count(Purpose.HELD),
        ordered_count=each.balance_count(Purpose.ORDERED),
        pledged_count=each.balance_count(Purpose.PLEDGED),
        frozen_count=each.balance_count(Purpose.FROZEN),
        surrendered_count=each.balance_count(Purpose.SURRENDERED),
        pending_in_count=each.pending_in_count,
        pending_out_count=each.pending_out_count,
        free_count=each.free_count,
        bought_count=each.bought_count,
        value=_money(each.value_fen),
        costs=[_cost(cost) for cost in each.costs],
        missing=[words.said(auth.language()) for words in each.missing],
    )
    if each.price is not None:
        message.price.CopyFrom(price.from_price(each.price))
    if each.status is not None:
        message.status = wire.from_status(each.status)
    return message


def _cost(each: Cost) -> pb.HoldingCost:
    return pb.HoldingCost(
        method=_METHODS[each.method],
        cost=_money(each.cost_fen),
        realised_gain=_money(each.realised_gain_fen),
        unrealised_gain=_money(each.unrealised_gain_fen),
    )


def _entry(book: str, each: JournalEntry, scheme: Scheme) -> pb.JournalEntry:
    return pb.JournalEntry(
        date=wire.from_day(each.day),
        transfer=TRANSFER.format(account=book, transfer=each.transfer),
        rule=each.rule,
        unit_count=each.unit_count,
        lines=[_line(line, scheme) for line in each.lines],
        status=wire.from_status(each.status),
        source=wire.from_source(scheme.rules[each.rule]),
    )


def _line(line: JournalLine, scheme: Scheme) -> pb.JournalLine:
    title = scheme.titles[line.book]
    return pb.JournalLine(
        account_code=title.code,
        title=title.name.said(auth.language()),
        debit=_money(line.debit_fen or None),
        credit=_money(line.credit_fen or None),
    )


def _money(amount_fen: int | None) -> money_pb2.Money | None:
    return None if amount_fen is None else wire.from_fen(amount_fen)
