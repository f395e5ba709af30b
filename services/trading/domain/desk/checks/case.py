"""What a check looks at, and how checks of an instruction are run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TypeAlias

from services.trading.domain.desk.actor import Actor
from services.trading.domain.desk.instruction import Content
from services.trading.domain.desk.limit import Act, InForce
from services.trading.domain.desk.trade import Trade
from services.trading.domain.due import Due
from services.trading.domain.exchange import ExchangeRules
from services.trading.domain.ledger.chain import Standing
from services.trading.domain.ledger.instrument import Instrument
from services.trading.domain.ledger.transfer import AccountKey, Transfer, Wanted
from services.trading.domain.offset import OffsetFacts, OffsetRules
from services.trading.domain.price import Price
from services.trading.domain.trading_day import TradingDays

Wrong: TypeAlias = Mapping[str, object]
"""What is put into the words of a check that fails; empty where nothing is."""


def _no_days() -> TradingDays:
    return TradingDays(first_day=date.min, years=frozenset(), closings={})


@dataclass(frozen=True, slots=True, kw_only=True)
class Usable:
    """A trusted counterparty that is on the list."""

    counter_account: str
    first_day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of all that an instruction touches; nothing left to look up."""

    books: AbstractSet[str] = frozenset()
    """Those that are open, and the caller's to see."""
    blocked: AbstractSet[str] = frozenset()
    """Those that a reconciliation blocks."""
    instruments: Mapping[str, Instrument] = field(default_factory=dict)
    standings: Mapping[AccountKey, Standing] = field(default_factory=dict)
    known: Mapping[tuple[str, str], Transfer] = field(default_factory=dict)
    """By book and id: transfers that are wanted or named, where they exist."""
    settled: AbstractSet[tuple[str, str]] = frozenset()
    """By book and id: those that were settled or reversed."""
    limits: InForce = field(default_factory=dict)
    counterparties: Mapping[str, Usable] = field(default_factory=dict)
    """Of the instruction's account, by id."""
    rules: ExchangeRules | None = None
    """As they were on the day of the trade."""
    days: TradingDays = field(default_factory=_no_days)
    product: str = ""
    """What the vintage is called at the exchange; empty where it is not known."""
    close: Price | None = None
    """The newest close of the product before the day of the trade."""
    recorded: str = ""
    """The transfer of the account by which the same trade is in the books already, or empty."""
    bought_count: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """By book and instrument: units bought on the day of the trade."""
    dues: Mapping[str, Sequence[Due]] = field(default_factory=dict)
    """By book, where something is delivered: for which years, the oldest first."""
    offsets: Mapping[tuple[str, str], OffsetFacts] = field(default_factory=dict)
    """By book and instrument: what the registry of reductions says."""
    offset_rules: OffsetRules | None = None
    longest_days: int = 0
    """How long an instruction may wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One transaction of an instruction: a transfer, or the trade."""

    field: str
    kind: str
    """The kind of transaction, as the table of kinds names it."""
    account: str
    content: Content
    index: int = 0
    """The place of the transfer."""
    act: Act
    actor: Actor
    now: datetime
    begin: datetime
    """When the version was written, which is now where it is being written."""
    makers: Sequence[Actor]
    """Who wrote and submitted it."""
    facts: Facts

    @property
    def wanted(self) -> Wanted:
        """The transfer."""
        return self.content.wanted[self.index]

    @property
    def trade(self) -> Trade:
        """The trade."""
        assert self.content.trade is not None, "a kind of transaction that only trades are"
        return self.content.trade

    @property
    def longest(self) -> timedelta:
        """How long an instruction may wait."""
        return timedelta(days=self.facts.longest_days)

    @property
    def instrument(self) -> Instrument | None:
        """The instrument of the transfer or of the transfer that it names, or of the trade."""
        if self.field == "trade":
            return self.facts.instruments.get(self.trade.instrument)
        target = self.target
        return self.facts.instruments.get(target.instrument if target else self.wanted.instrument)

    @property
    def target(self) -> Transfer | None:
        """The transfer that this one names, where it exists."""
        return self.facts.known.get((self.wanted.book, self.wanted.target))

    @property
    def unit_count(self) -> int:
        """What it moves or reserves at the most."""
        if self.field == "trade":
            return self.trade.unit_count
        target = self.target
        whole = 0 if target is None else target.unit_count or target.reserved_count
        return self.wanted.unit_count or whole
