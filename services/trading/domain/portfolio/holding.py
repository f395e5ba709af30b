"""A portfolio: what an account has of each instrument, what it cost, and what it is worth.

value            = units · price, rounded half up to a fen
unrealised gain  = value of the bought units − their cost
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from services.kernel import money
from services.kernel.errors import Words
from services.kernel.trust import Status
from services.trading.domain.ledger.chain import Standing
from services.trading.domain.ledger.chart import InstrumentKind, Purpose
from services.trading.domain.ledger.instrument import Instrument
from services.trading.domain.ledger.transfer import AccountKey
from services.trading.domain.portfolio.cost import (
    NOT_DECLARED,
    Costs,
    Declared,
    Method,
    Policy,
    Pool,
    costs,
    total,
)
from services.trading.domain.portfolio.event import Effect, Event
from services.trading.domain.price import Price
from services.trading.domain.versioned import Versioned

_NO_PRICE: Final = Words(
    en="no price is known: the value is not given", zh="无可用价格：不给出市值"
)
_EMPTY: Final = Standing()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What the bought units of an instrument cost by one cost flow, and what sales gained."""

    method: Method
    cost_fen: int | None
    """Of those that are there; None where not known."""
    realised_gain_fen: int | None
    unrealised_gain_fen: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InstrumentHolding:
    """What an account has of one instrument."""

    instrument: Instrument
    standings: Mapping[Purpose, Standing]
    price: Versioned[Price] | None
    free_count: int
    bought_count: int
    costs: tuple[Cost, ...]
    """By each cost flow, the declared one first; none where no policy is declared."""

    def balance_count(self, purpose: Purpose) -> int:
        """Return the units of a purpose, tonnes."""
        return self.standings.get(purpose, _EMPTY).balance

    @property
    def pending_in_count(self) -> int:
        """Units that pending transfers would bring, tonnes."""
        outside = (Purpose.MARKET, Purpose.ISSUANCE)
        return sum(self.standings.get(purpose, _EMPTY).reserved for purpose in outside)

    @property
    def pending_out_count(self) -> int:
        """Units on the account that pending transfers reserve, tonnes."""
        return sum(self.standings.get(purpose, _EMPTY).reserved for purpose in _ON_ACCOUNT)

    @property
    def on_account_count(self) -> int:
        """Units on the account, whatever for: held, ordered, pledged and frozen, tonnes."""
        return sum(self.balance_count(purpose) for purpose in _ON_ACCOUNT)

    @property
    def value_fen(self) -> int | None:
        """What they are worth, fen; None without a price."""
        if self.price is None:
            return None
        return money.value_fen(self.on_account_count, self.price.value.price_cny_per_t)

    @property
    def status(self) -> Status | None:
        """The status of the price; None without one."""
        return None if self.price is None else self.price.value.source.status

    @property
    def missing(self) -> tuple[Words, ...]:
        """What cannot be given."""
        return (_NO_PRICE,) if self.price is None and self.on_account_count else ()


_ON_ACCOUNT: Final = (Purpose.HELD, Purpose.ORDERED, Purpose.PLEDGED, Purpose.FROZEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Portfolio:
    """What an account has."""

    book: str
    valuation_date: date
    policy: Versioned[Policy] | None
    holdings: tuple[InstrumentHolding, ...]
    findings: tuple[Words, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a portfolio is made of."""

    book: str
    valuation_date: date
    instruments: Sequence[Instrument]
    standings: Mapping[AccountKey, Standing]
    events: Sequence[Event]
    policy: Versioned[Policy] | None
    declared: Declared
    prices: Mapping[str, Versioned[Price]]
    """By instrument, where one is known."""


def portfolio(facts: Facts) -> Portfolio:
    """Return what an account has, by instrument; cash is not in it."""
    flows = _flows(facts)
    findings = flows[0].findings if flows else (NOT_DECLARED,)
    holdings = tuple(
        _holding(facts, instrument, flows)
        for instrument in facts.instruments
        if instrument.kind is not InstrumentKind.CASH
        and any(key[1] == instrument.instrument for key in facts.standings)
    )
    return Portfolio(
        book=facts.book,
        valuation_date=facts.valuation_date,
        policy=facts.policy,
        holdings=holdings,
        findings=findings,
    )


def _flows(facts: Facts) -> list[Costs]:
    if facts.policy is None:
        return []
    policy = facts.policy.value
    methods = sorted(Method, key=lambda method: method is not policy.method)
    return [costs(facts.events, policy, facts.declared, method) for method in methods]


def _holding(facts: Facts, instrument: Instrument, flows: Sequence[Costs]) -> InstrumentHolding:
    id_, price = instrument.instrument, facts.prices.get(instrument.instrument)
    standings = {
        purpose: standing for (_, of, purpose), standing in facts.standings.items() if of == id_
    }
    first = flows[0].pools.get(id_, Pool()) if flows else Pool()
    policy = facts.policy
    methods = [] if policy is None else sorted(Method, key=lambda it: it is not policy.value.method)
    return InstrumentHolding(
        instrument=instrument,
        standings=standings,
        price=price,
        free_count=first.free_count,
        bought_count=first.bought_count,
        costs=tuple(
            _cost(id_, method, flow, price) for method, flow in zip(methods, flows, strict=True)
        ),
    )


def _cost(instrument: str, method: Method, flow: Costs, price: Versioned[Price] | None) -> Cost:
    pool = flow.pools.get(instrument, Pool())
    sold = [
        each
        for each in flow.flows
        if each.event.instrument == instrument and each.event.effect is Effect.SOLD
    ]
    unrealised = None
    if price is not None and pool.cost_fen is not None:
        value = money.value_fen(pool.bought_count, price.value.price_cny_per_t)
        unrealised = value - pool.cost_fen
    return Cost(
        method=method,
        cost_fen=pool.cost_fen,
        realised_gain_fen=total(each.gain_fen for each in sold),
        unrealised_gain_fen=unrealised,
    )
