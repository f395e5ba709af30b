"""Where an account stands for a compliance year on a day.

    to be issued = max(allocated − issued, 0)
    gap          = held + to be issued − obligation

A year closes on its last day of surrender: what is settled later is no longer about it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final

from services.kernel import money
from services.kernel.errors import Words
from services.kernel.trust import Status, lowest
from services.trading.domain.account import Account
from services.trading.domain.allocation import Allocated
from services.trading.domain.duty import Standing
from services.trading.domain.ledger.usable import Holdings
from services.trading.domain.obligation import Basis, Obligation
from services.trading.domain.price import Price
from services.trading.domain.rulebook import Rulebook
from services.trading.domain.surrender import Arrear
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


NOT_VERIFIED: Final = Words(
    en="obligation missing: the plan of the year counts the emissions of bought electricity too; "
    "enter the verified emissions of every unit with the allocation",
    zh="缺少应清缴量：该年度方案包含净购入电力的间接排放，请在配额分配中录入每台机组的经核查排放量",
)
DIRECT: Final = "VERIFIED_DIRECT_EMISSIONS"
"""What obligations are of since 2023, and so what an inventory of direct emissions gives."""


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
    allocation: Versioned[Allocated] | None
    obligation: Versioned[Obligation] | None
    holdings: Holdings
    """What the ledger says, as of `closing_date`."""
    stated: bool
    """Whether the registration system ever stated holdings."""
    arrears: tuple[Arrear, ...] = ()
    """What earlier years still lack on the day."""
    next_duty: Standing | None = None
    """What the enterprise is to do next."""


@dataclass(frozen=True, kw_only=True)
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
        if self._by_plan:
            return self._owed_by_plan or 0
        obligation = self.facts.obligation
        return 0 if obligation is None else obligation.value.allowance_count

    @property
    def verified(self) -> bool:
        """Tell whether obligation and allocation both rest on verified emissions."""
        allocation, obligation = self.facts.allocation, self.facts.obligation
        if not self.complete or allocation is None or allocation.value.approved_count is None:
            return False
        return self._by_plan or (
            obligation is not None and obligation.value.basis is Basis.VERIFIED
        )

    @property
    def notes(self) -> tuple[Words, ...]:
        """What is to be known beside the figures."""
        found = []
        obligation = self.facts.obligation
        if obligation is not None and obligation.value.change is not None:
            found.append(obligation.value.change)
        owed, planned = self.obligation_count, self._owed_by_plan
        known = obligation is not None and obligation.value.known
        if known and planned is not None and not self._by_plan and owed != planned:
            found.append(
                Words(
                    en=f"the allocation was approved from verified emissions of {planned} t and "
                    f"the obligation is {owed} t: allocate again when both are settled",
                    zh=f"核定配额依据的经核查排放量为 {planned} 吨，应清缴量为 {owed} 吨，"
                    "请核实后重新核算",
                )
            )
        found += [
            Words(
                en=f"{each.missing_count} t lack for {each.compliance_year}: its obligation is "
                f"{each.basis.words.en}",
                zh=f"{each.compliance_year} 年度欠缴 {each.missing_count} 吨："
                f"其应清缴量为{each.basis.words.zh}",
            )
            for each in self.facts.arrears
        ]
        return tuple(found)

    @cached_property
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
        obligation = self.facts.obligation
        if obligation is not None and obligation.value.known and not self._by_plan:
            statuses.append(obligation.value.status)
        if self.gap_value_fen is not None and self.price is not None:
            statuses.append(self.price.value.source.status)
        return lowest(*statuses) if statuses else None

    @property
    def _by_plan(self) -> bool:
        """Whether the obligation is the plan's own, not that of direct emissions."""
        rulebook = self.facts.rulebook
        return rulebook is not None and rulebook.obligation_basis != DIRECT

    @property
    def _owed_by_plan(self) -> int | None:
        allocation = self.facts.allocation
        return None if allocation is None else allocation.value.obligation_count

    def _no_obligation(self) -> Words | None:
        if self._by_plan:
            return NOT_VERIFIED if self._owed_by_plan is None else None
        obligation = self.facts.obligation
        return NOTHING_REPORTED if obligation is None else obligation.value.missing

    def _no_transfers(self) -> Words | None:
        holdings = self.facts.holdings
        return NOT_OPENED if self.facts.stated and not holdings.opened else None

    def _no_allocation(self) -> Words | None:
        if self.facts.allocation is not None:
            allocation = self.facts.allocation.value
            return allocation.missing if allocation.initial_count is None else None
        if self.facts.rulebook is not None:
            return NOT_ALLOCATED
        sector, year = self.facts.account.sector.words, self.facts.compliance_year
        return Words(
            en=f"allocation missing: this release has no rulebook for {sector.en} in {year}",
            zh=f"缺少配额分配结果：本版本没有{sector.zh}行业 {year} 年度的分配规则",
        )
