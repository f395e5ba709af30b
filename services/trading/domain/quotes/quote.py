"""A product's quote of a day: prices, and what was traded in each mode."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Final

from services.kernel.errors import FieldInvalid, Words
from services.kernel.mass import Rounding, round_fraction
from services.kernel.money import FEN_PER_YUAN
from services.kernel.period import Period
from services.kernel.source import Source
from services.trading.domain.exchange import ExchangeRules, Mode
from services.trading.domain.market import ALL_VINTAGES
from services.trading.domain.price import Price, PriceKind

COMPOSITE: Final = "composite"
"""The exchange's composite quote (综合价格行情), of no vintage alone: no average of its trades."""
OF_SEVERAL: Final = frozenset({COMPOSITE, ALL_VINTAGES})
"""Products whose close is not the average of their own listed trades."""
TICK_DECIMALS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Turnover:
    """What was traded in a mode; zeros where it is said that nothing was."""

    volume_t: int
    amount_fen: int

    def average_cny_per_t(self) -> Decimal | None:
        """Return amount over volume, yuan per tonne, half up to 0.01; None where nothing traded.

        >>> Turnover(volume_t=40_610, amount_fen=365_129_000).average_cny_per_t()
        Decimal('89.91')
        """
        if not self.volume_t:
            return None
        exact = Fraction(self.amount_fen, self.volume_t * FEN_PER_YUAN)
        return round_fraction(exact, TICK_DECIMALS, Rounding.HALF_UP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """One product on one trading day; None where the source does not say it."""

    product: str
    day: date
    open_cny_per_t: Decimal | None = None
    high_cny_per_t: Decimal | None = None
    low_cny_per_t: Decimal | None = None
    close_cny_per_t: Decimal | None = None
    """The listed trades' average, or the close before where there is none."""
    listed: Turnover | None = None
    block: Turnover | None = None
    auction: Turnover | None = None
    source: Source

    @property
    def key(self) -> tuple[str, date]:
        """What makes it the same quote in another version."""
        return self.product, self.day

    def prices(self) -> list[Price]:
        """Return the price that it makes known: the close; none where it prints none."""
        if self.close_cny_per_t is None:
            return []
        return [
            Price(
                product=self.product,
                kind=PriceKind.CLOSE,
                period=Period(start=self.day, end=self.day + timedelta(days=1)),
                price_cny_per_t=self.close_cny_per_t,
                volume_t=self.listed.volume_t if self.listed else 0,
                price_basis="composite" if self.product == COMPOSITE else "listed, per vintage",
                source=self.source,
            )
        ]


def checked(quote: Quote) -> Quote:
    """Return `quote` if its figures agree with each other.

    Raises:
        FieldInvalid: the lowest is above the highest, open or close lies outside of them (a close
            only where trades made it), a vintage's close is not the average of its listed trades,
            or a mode has an amount without volume or the other way round.
    """
    _check_range(quote)
    for name in ("listed", "block", "auction"):
        mode: Turnover | None = getattr(quote, name)
        if mode is not None and bool(mode.volume_t) is not bool(mode.amount_fen):
            raise _wrong(
                name,
                f"{mode.volume_t} t, {mode.amount_fen} fen",
                "volume and amount both, or neither",
                "成交量与成交额须同时有或同时无",
            )
    average = None if quote.listed is None else quote.listed.average_cny_per_t()
    if quote.product not in OF_SEVERAL and average and quote.close_cny_per_t not in {None, average}:
        raise _wrong(
            "close_cny_per_t",
            str(quote.close_cny_per_t),
            f"{average}: the average of the listed trades",
            f"{average}（挂牌协议成交均价）",
        )
    return quote


def findings(
    quote: Quote, before_cny_per_t: Decimal | None, rules: ExchangeRules | None
) -> list[Words]:
    """Return what of a quote is outside the limits of its day; it may be the source's error.

    Of a composite quote no limits hold, and none before the exchange had rules. Without the close
    before, that is a finding of its own.
    """
    if quote.product in OF_SEVERAL or rules is None:
        return []
    if before_cny_per_t is None:
        return [_NO_CLOSE]
    average = None if quote.block is None else quote.block.average_cny_per_t()
    traded = (
        (Mode.LISTED, _LISTED, quote.low_cny_per_t),
        (Mode.LISTED, _LISTED, quote.high_cny_per_t),
        (Mode.BLOCK, _BLOCK_AVERAGE, average),
    )
    found: list[Words] = []
    for mode, what, given in traded:
        limits = rules.limits_cny(mode, before_cny_per_t)
        if given is not None and limits is not None and not limits[0] <= given <= limits[1]:
            found.append(_outside(what, given, *limits))
    return found


_NO_CLOSE: Final = Words(
    en="no close before it is known: its limits were not checked",
    zh="无前收盘价：未校验涨跌幅",
)


_LISTED: Final = Words(en="listed", zh="挂牌")
_BLOCK_AVERAGE: Final = Words(en="block average", zh="大宗均价")


def _outside(what: Words, given: Decimal, low: Decimal, high: Decimal) -> Words:
    return Words(
        en=f"{what.en} {given} is outside {low} to {high}",
        zh=f"{what.zh} {given} 超出 {low} 至 {high}",
    )


def _check_range(quote: Quote) -> None:
    low, high = quote.low_cny_per_t, quote.high_cny_per_t
    if low is None or high is None:
        return
    if low > high:
        raise _wrong("low_cny_per_t", str(low), f"at most the highest, {high}", f"不高于 {high}")
    traded = quote.listed is None or quote.listed.volume_t > 0
    for name in ("open_cny_per_t", "close_cny_per_t"):
        given = getattr(quote, name)
        if traded and given is not None and not low <= given <= high:
            raise _wrong(name, str(given), f"from {low} to {high}", f"{low} 至 {high}")


def _wrong(field: str, given: str, en: str, zh: str) -> FieldInvalid:
    return FieldInvalid(field=field, given=given, allowed=Words(en=en, zh=zh))
