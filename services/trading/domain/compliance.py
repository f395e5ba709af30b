"""The rules of the market that hold across sectors and years."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.kernel.errors import CarryOverMissing
from services.trading.domain.carry_over import Scheme
from services.trading.domain.duty import Duty
from services.trading.domain.market import Sector
from services.trading.domain.offset import OffsetRules
from services.trading.domain.penalty import PenaltyRule
from services.trading.domain.plan import Said, Vintages
from services.trading.domain.rule import Rule
from services.trading.domain.trading_day import TradingDays


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrearRule:
    """Which vintages may be surrendered for arrears of some years."""

    first_year: int
    last_year: int
    vintages: Vintages

    def covers(self, compliance_year: int) -> bool:
        """Tell whether it is for arrears of a year."""
        return self.first_year <= compliance_year <= self.last_year


@dataclass(frozen=True, slots=True, kw_only=True)
class PenaltyPrice:
    """Which price a penalty is a multiple of."""

    product: str
    reading: str
    rule: Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Compliance:
    """Offsets, carry-over, arrears, penalties, duties, trading days."""

    offsets: OffsetRules
    schemes: Sequence[Scheme]
    arrears: ArrearRule
    penalties: Sequence[PenaltyRule]
    penalty_price: PenaltyPrice
    calendar: Sequence[Duty]
    trading_days: TradingDays
    differentiated_steps: Said
    """What becomes of allowances that are issued to the province's account."""

    def scheme(self, sector: Sector, target_vintage_year: int) -> Scheme:
        """Return the carry-over of a sector into a vintage.

        Raises:
            CarryOverMissing: none is known, or not its dates.
        """
        known = [each for each in self.schemes if sector in each.sectors and each.complete]
        for each in known:
            if each.target_vintage_year == target_vintage_year:
                return each
        raise CarryOverMissing(
            sector=sector.words,
            vintage_year=target_vintage_year,
            available=tuple(each.target_vintage_year for each in known),
        )
