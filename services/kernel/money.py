"""Money inside the house: whole fen, a hundredth of a yuan (CNY).

Unit prices, average costs and volume-weighted prices are exact decimals or fractions instead; they
become money only when multiplied by a count.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Final

from services.kernel.errors import FieldInvalid, Words
from services.kernel.mass import INT64_MAX, Rounding, round_fraction, round_integer

FEN_PER_YUAN: Final = 100

_WHOLE_FEN: Final = Words(
    en="an amount of yuan with at most 2 decimals, below 9 * 10^16 yuan",
    zh="以元为单位、最多两位小数且小于 9×10^16 元的金额",
)


def fen(amount_yuan: Decimal, field: str = "amount") -> int:
    """Return yuan in fen, exactly; what is not a whole number of fen is refused.

    >>> fen(Decimal("97.49"))
    9749

    Raises:
        FieldInvalid: the amount has a part of a fen, or is no number, or does not fit 64 bits.
    """
    if not amount_yuan.is_finite() or amount_yuan.adjusted() > len(str(INT64_MAX)):
        raise FieldInvalid(field=field, given=str(amount_yuan), allowed=_WHOLE_FEN)
    amount_fen = Fraction(amount_yuan) * FEN_PER_YUAN
    if amount_fen.denominator != 1 or abs(amount_fen) > INT64_MAX:
        raise FieldInvalid(field=field, given=str(amount_yuan), allowed=_WHOLE_FEN)
    return amount_fen.numerator


def yuan(amount_fen: int) -> Decimal:
    """Return fen in yuan, exactly, with two decimals.

    >>> yuan(9_750)
    Decimal('97.50')
    """
    return round_fraction(Fraction(amount_fen, FEN_PER_YUAN), 2, Rounding.FLOOR)


def value_fen(count: int, price_cny_per_t: Decimal | Fraction) -> int:
    """Return what `count` allowances of one tonne are worth, in fen.

    The product is exact and rounded once, to the nearer fen, half away from zero (四舍五入): the
    house's rule where no official text says another, shown wherever the value is.

    >>> value_fen(1_000, Decimal("97.49"))
    9749000
    >>> value_fen(3, Decimal("0.115"))
    35
    """
    return round_integer(count * Fraction(price_cny_per_t) * FEN_PER_YUAN, Rounding.HALF_UP)
