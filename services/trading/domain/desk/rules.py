"""What the desk works by in this release."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from services.trading.domain.compliance import Compliance
from services.trading.domain.desk.check import Checks
from services.trading.domain.exchange import ExchangeRules
from services.trading.domain.market import Market
from services.trading.domain.rulebook import Shelf
from services.trading.domain.trading_day import TradingDays


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskRules:
    """What the desk's tables say."""

    checks: Checks
    exchange: tuple[ExchangeRules, ...]
    days: TradingDays
    market: Market
    shelf: Shelf
    """For which years what may be surrendered."""
    compliance: Compliance
    cooling_off_days: int
    """Trading days from the approval of a counterparty to its first use."""
    instruction_days: int
    """The longest that an instruction may wait."""
    mandate: timedelta
    """The longest that a mandate may last."""
