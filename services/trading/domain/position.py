"""Where an account stands for a compliance year on a day.

    to be issued = max(allocated − issued, 0)
    gap          = held + to be issued − obligation

A year closes on its last day of surrender: what is settled later is no longer about it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from services.kernel import money
from services.kernel.errors import Words
from services.kernel.trust import Status, lowest
from services.trading.domain.account import Account
from services.trading.domain.allocation import Allocation
from services.trading.domain.ledger.usable import Holdings
from services.trading.domain.obligation import Obligation
from services.trading.domain.price import Price
from services.trading.domain.rulebook import Rulebook
from services.trading.domain.versioned import Versioned

NOTHING_REPORTED: Final = Words(
    en="emissions missing: the enterprise has reported nothing for the year",
    zh="缺少排放量：企业尚未填报该年度的活动数据",
)
NOT_ALLOCATED: Final = Words(
    en="allocation missing: enter what the units produced and allocate by the rulebook",
    zh="缺少配额分配结果：请录入机组产量数据并按分配方案核算配额",
)
NOT_OPENED: Final = Words(
    en="transfers missing: holdings were stated, but the ledger has none; post what led to them",
    zh="缺少划转记录：已登记持有量对账单，但账簿为空；请补录形成该持有量的划转",
)


def closing_date(rulebook: Rulebook | None, on: date) -> date:
    """Return the last day whose transfers count in a position of the day `on`."""
    deadline = None if rulebook is None else rulebook.surrender_date
    return on if deadline is None else min(on, deadline)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of an account for a year; nothing left to look up."""

    account: Account
    compliance_year: int
    rulebook: Rulebook | None
    allocation: Versioned[Allocation] | None
    obligation: Versioned[Obligation] | None
    holdings: Holdings
    """What the ledger says, as of `closing_date`."""
    stated: bool
    """Whether the registration system ever stated holdings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where an account stands for a year on a day."""

    facts: Facts
    valuation_date: date
    price: Versioned[Price] | None
    """The price of the day, where one is known."""

    @property
    def surrender_date(self) -> date | None:
        """The last day of surrender, where it was published."""
        return None if self.facts.rulebook is None else self.facts.rulebook.surrender_date

    @property
    def allocated_count(self) -> int:
        """Allocated by the rulebook, tonnes; 0 where nothing is."""
        allocation = self.facts.allocation
        return 0 if allocation is None else allocation.value.allowance_count

    @property
    def issued_count(self) -> int:
        """Allowances of the year's vintage that were issued, tonnes."""
        return self.facts.holdings.issued_count

    @property
    def to_be_issued_count(self) -> int:
        """Allocated and not issued yet, tonnes, not below 0."""
        return max(self.allocated_count - self.issued_count, 0)

    @property
    def held_count(self) -> int:
        """Allowances that may be surrendered for the year, tonnes."""
        return self.facts.holdings.held_count

    @property
    def obligation_count(self) -> int:
        """To be surrendered, tonnes; 0 where it is not known."""
        obligation = self.facts.obligation
        return 0 if obligation is None else obligation.value.allowance_count

    @property
    def missing(self) -> tuple[Words, ...]:
        """What a gap cannot be given for; empty where it can."""
        lacks = (self._no_obligation(), self._no_allocation(), self._no_transfers())
        return tuple(each for each in lacks if each)

    @property
    def complete(self) -> bool:
        """Tell whether a gap can be given."""
        return not self.missing

    @property
    def gap_count(self) -> int:
        """Tonnes left over, negative: lacking; 0 where it cannot be given."""
        if not self.complete:
            return 0
        return self.held_count + self.to_be_issued_count - self.obligation_count

    @property
    def gap_value_fen(self) -> int | None:
        """The gap at the price, fen, rounded half up once; None without gap or price."""
        if not self.complete or self.price is None:
            return None
        return money.value_fen(self.gap_count, self.price.value.price_cny_per_t)

    @property
    def status(self) -> Status | None:
        """The lowest status of allocation, obligation and price; None where none is there."""
        statuses = []
        if self.facts.allocation is not None:
            statuses.append(self.facts.allocation.value.status)
        if self.facts.obligation is not None and self.facts.obligation.value.known:
            statuses.append(self.facts.obligation.value.status)
        if self.gap_value_fen is not None and self.price is not None:
            statuses.append(self.price.value.source.status)
        return lowest(*statuses) if statuses else None

    def _no_obligation(self) -> Words | None:
        obligation = self.facts.obligation
        return NOTHING_REPORTED if obligation is None else obligation.value.missing

    def _no_transfers(self) -> Words | None:
        holdings = self.facts.holdings
        return NOT_OPENED if self.facts.stated and not holdings.opened else None

    def _no_allocation(self) -> Words | None:
        if self.facts.allocation is not None:
            return None
        if self.facts.rulebook is not None:
            return NOT_ALLOCATED
        sector, year = self.facts.account.sector.words, self.facts.compliance_year
        return Words(
            en=f"allocation missing: this release has no rulebook for {sector.en} in {year}",
            zh=f"缺少配额分配结果：本版本没有{sector.zh}行业 {year} 年度的分配规则",
        )
