"""Published prices of allowances, and which of several is the price of a day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from services.kernel.errors import FieldInvalid, Words
from services.kernel.period import Period
from services.kernel.source import Source
from services.trading.domain.versioned import Versioned

MOST_CNY_PER_T: Final = 10_000
"""A bound on slips of the pen: a hundred times the prices of 2026."""


class PriceKind(StrEnum):
    """What a price is, the better one first."""

    CLOSE = "CLOSE"
    """The closing price of the period's last trading day."""
    VWAP = "VWAP"
    """Amount over volume of the period (成交均价)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """One published price."""

    product: str
    kind: PriceKind
    period: Period
    price_cny_per_t: Decimal
    volume_t: int
    price_basis: str
    source: Source

    @property
    def key(self) -> tuple[str, PriceKind, Period]:
        """What makes it the same price in another version."""
        return self.product, self.kind, self.period

    @property
    def date(self) -> date:
        """The day it is the price of: the last one of its period."""
        return self.period.end - timedelta(days=1)


def checked(price: Price) -> Price:
    """Return `price` if it can be one.

    Raises:
        FieldInvalid: it is beyond every price yet seen; at `price_cny_per_t`.
    """
    if price.price_cny_per_t > MOST_CNY_PER_T:
        raise FieldInvalid(
            field="price_cny_per_t",
            given=str(price.price_cny_per_t),
            allowed=Words(
                en=f"at most {MOST_CNY_PER_T} yuan per tonne; check the decimal point and the unit",
                zh=f"每吨不超过 {MOST_CNY_PER_T} 元，请核对小数点和计价单位",
            ),
        )
    return price


def preferred(prices: Iterable[Versioned[Price]], by: date) -> Versioned[Price] | None:
    """Return the newest of the prices whose period ended by the end of the day `by`; None if none.

    Of those that end together the shortest period goes first, then a close before a VWAP.
    """
    ended = [each for each in prices if each.value.date <= by]
    return max(ended, key=lambda each: _rank(each.value), default=None)


def _rank(price: Price) -> tuple[date, date, int]:
    return price.period.end, price.period.start, -[*PriceKind].index(price.kind)
