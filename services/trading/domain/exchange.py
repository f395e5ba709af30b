"""The exchange's rules of trading, as they were on a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from services.kernel.mass import Rounding, round_fraction
from services.trading.domain.rule import Rule


class Mode(StrEnum):
    """How a trade came about; the contract says it in words."""

    LISTED = "LISTED"
    BLOCK = "BLOCK"
    AUCTION = "AUCTION"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeRules:
    """What holds of trades of one mode. None: its notice says it."""

    below_t: int | None
    """Orders are smaller than this many tonnes."""
    from_t: int | None
    """Orders are of at least this many tonnes."""
    limit_ratio: Fraction | None
    """How far a price may be from the previous close, of it."""
    hours: Sequence[tuple[time, time]]
    """When it is open, of China, both ends included; empty: its notice says it."""
    rule: Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeRules:
    """The rules from a day on."""

    since: date
    tick_cny: Decimal
    tick_decimals: int
    step_t: int
    rounding: Rounding
    """Of limit prices, to the tick."""
    modes: Mapping[Mode, ModeRules]
    common: Rule

    def limits_cny(self, mode: Mode, previous_close_cny: Decimal) -> tuple[Decimal, Decimal] | None:
        """Return the lowest and the highest price in yuan a tonne; None where a notice says them.

            limit = previous close × (1 ± ratio), rounded to the tick

        Source: 上海环境能源交易所, announcement of 2021-06-22; the rounding, half up, is read from
        quotes (61.05 → 67.16, 82.59 → 74.33).
        """
        ratio = self.modes[mode].limit_ratio
        if ratio is None:
            return None
        low, high = (
            round_fraction(
                Fraction(previous_close_cny) * (1 + change), self.tick_decimals, self.rounding
            )
            for change in (-ratio, ratio)
        )
        return low, high


def on(versions: Sequence[ExchangeRules], day: date) -> ExchangeRules | None:
    """Return the rules that held on a day; None before the first."""
    held = [each for each in versions if each.since <= day]
    return max(held, key=lambda each: each.since, default=None)
