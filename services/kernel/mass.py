"""Booked masses of gas: integers, made from exact fractions by one rounding.

CO2 and CO2e are booked in grams, every other gas in milligrams. A fraction is rounded once, at the
grain of the books (source, month, factor binding); above it only integers are added, so that no
order of records changes a total.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.kernel.errors import FieldInvalid, Words

G_PER_T: Final = 1_000_000
MG_PER_T: Final = 1_000_000_000

CO2_PER_C: Final = Fraction(44, 12)
"""Mass of CO2 per mass of carbon, in the integer molar masses of GB/T 32150 and IPCC 2006.

A step of the accounting method, not a conversion of units: tC and tCO2 measure different things.
"""

BOOKED_BOUND: Final = 10**17
"""The largest booked amount, in g or mg: 100 Gt of CO2, twice what the world emits in a year.

Ninety of them still fit into 64 bits.
"""

INT64_MAX: Final = 2**63 - 1

Integers = NDArray[Any]
"""Whole numbers in an array: of 64 bits, or Python's own where those would not hold them."""


class Gas(StrEnum):
    """A greenhouse gas, or the sum of gases weighted by a GWP set; the value stands in unit codes.

    >>> f"t{Gas.CO2E}"
    'tCO2e'
    """

    CO2 = "CO2"
    CH4 = "CH4"
    N2O = "N2O"
    SF6 = "SF6"
    NF3 = "NF3"
    CF4 = "CF4"
    C2F6 = "C2F6"
    HFC23 = "HFC23"
    HFC32 = "HFC32"
    HFC125 = "HFC125"
    HFC134A = "HFC134a"
    HFC143A = "HFC143a"
    HFC152A = "HFC152a"
    HFC227EA = "HFC227ea"
    HFC236FA = "HFC236fa"
    CO2E = "CO2e"

    @property
    def booked_per_t(self) -> int:
        """Booked units in a tonne: grams of CO2 and CO2e, milligrams of every other gas."""
        return G_PER_T if self in {Gas.CO2, Gas.CO2E} else MG_PER_T


class Rounding(StrEnum):
    """How a number between two neighbours becomes one of them."""

    HALF_UP = "HALF_UP"
    """To the nearer; from the middle away from zero (四舍五入)."""
    HALF_EVEN = "HALF_EVEN"
    """To the nearer; from the middle to the even one (四舍六入五成双, GB/T 8170-2008, 3.2)."""
    FLOOR = "FLOOR"
    """To the lower, also below zero."""
    CEILING = "CEILING"
    """To the higher, also below zero."""


def booked(gas: Gas, value_t: Fraction, rounding: Rounding) -> int:
    """Return tonnes of `gas` as booked: grams of CO2 and CO2e, milligrams of every other gas.

    >>> booked(Gas.CH4, Fraction(1, 3), Rounding.HALF_UP)
    333333333

    Raises:
        FieldInvalid: the amount is beyond the bound of the books.
    """
    return rounded(value_t * gas.booked_per_t, rounding)


def grams(value_t: Fraction, rounding: Rounding) -> int:
    """Return tonnes in grams, rounded once.

    >>> grams(Fraction(7, 3), Rounding.HALF_UP)
    2333333

    Raises:
        FieldInvalid: the amount is beyond the bound of the books, 10^17 g.
    """
    return rounded(value_t * G_PER_T, rounding)


def milligrams(value_t: Fraction, rounding: Rounding) -> int:
    """Return tonnes in milligrams, rounded once.

    >>> milligrams(Fraction("0.0000000015"), Rounding.HALF_EVEN)
    2

    Raises:
        FieldInvalid: the amount is beyond the bound of the books, 10^17 mg.
    """
    return rounded(value_t * MG_PER_T, rounding)


def tonnes(mass_g: int) -> Decimal:
    """Return grams in tonnes, exactly, with six decimals.

    >>> tonnes(2_784_000_000)
    Decimal('2784.000000')
    """
    return _shifted(mass_g, 6)


def round_fraction(value: Fraction, decimals: int, rounding: Rounding) -> Decimal:
    """Return `value` rounded to `decimals` places; the zeros at its end are kept.

    Works on the exact fraction, so no digit of an intermediate result can tip the rounding.

    >>> round_fraction(Fraction(5, 2), 0, Rounding.HALF_UP)
    Decimal('3')
    >>> round_fraction(Fraction(5, 2), 0, Rounding.HALF_EVEN)
    Decimal('2')
    >>> round_fraction(Fraction(-1, 8), 2, Rounding.HALF_UP)
    Decimal('-0.13')
    """
    return _shifted(round_integer(value * Fraction(10) ** decimals, rounding), decimals)


def round_integer(value: Fraction, rounding: Rounding) -> int:
    """Return `value` rounded to a whole number.

    >>> round_integer(Fraction(-5, 2), Rounding.CEILING)
    -2
    """
    return int(_rounded(value.numerator, value.denominator, rounding))


def integers(values: Sequence[int], times: int = 1) -> Integers:
    """Return whole numbers in an array that holds them `times` as large too."""
    try:
        array: Integers = np.array(values, dtype=np.int64)
    except OverflowError:
        return np.array(values, dtype=object)
    return array if (_largest(array) + 1) * abs(times) <= INT64_MAX else array.astype(object)


def round_products(values: Integers, times: int, per: int, rounding: Rounding) -> Integers:
    """Return each of `values` × `times` / the positive `per`, rounded to a whole number.

    Exact, whatever the size.

    >>> round_products(integers([5, -5, 4]), 2, 4, Rounding.HALF_UP).tolist()
    [3, -3, 2]
    """
    # Twice the product, since the middle between two whole numbers is looked for. Also of nothing:
    # no array of int64 takes a larger factor.
    if 2 * (max(1, _largest(values)) * abs(times) + per) > INT64_MAX:
        values = values.astype(object)
    rounded: Integers = _rounded(values * times, per, rounding)
    return rounded


def _largest(values: Integers) -> int:
    """Return the largest, by size; 0 for none."""
    return max(abs(int(values.max())), abs(int(values.min()))) if values.size else 0


def _rounded(numerator: Any, denominator: int, rounding: Rounding) -> Any:
    """Return a whole number, or each in an array, over a positive one, rounded."""
    twice = 2 * denominator
    match rounding:
        case Rounding.FLOOR:
            return numerator // denominator
        case Rounding.CEILING:
            return -(-numerator // denominator)
        case Rounding.HALF_EVEN:
            # Half up, less one where it was the middle and became odd.
            nearest = (2 * numerator + denominator) // twice
            is_middle = (2 * numerator + denominator) % twice == 0
            return nearest - (nearest & 1) * is_middle
        case Rounding.HALF_UP:
            return (2 * abs(numerator) + denominator) // twice * (1 - 2 * (numerator < 0))


def sum_fits(*, count: int, largest: int) -> bool:
    """Say whether `count` integers of at most `largest`, in size, add up inside 64 bits.

    An array of int64 wraps around in silence, so this is asked before one is summed.

    >>> sum_fits(count=92, largest=BOOKED_BOUND), sum_fits(count=93, largest=BOOKED_BOUND)
    (True, False)
    """
    return count * abs(largest) <= INT64_MAX


def check_bound(rounded: int) -> None:
    """Refuse an amount, in g or mg, beyond the bound of the books.

    Raises:
        FieldInvalid: so it is, or below its negative.
    """
    if abs(rounded) > BOOKED_BOUND:
        raise FieldInvalid(
            field="emissions",
            given=str(rounded),
            allowed=Words(
                en="at most 10^17 g (10^17 mg of a gas other than CO2); check quantity and unit",
                zh="绝对值不超过 10^17 克（二氧化碳以外的气体为 10^17 毫克），请核对数量和计量单位",
            ),
        )


def rounded(booked_units: Fraction, rounding: Rounding) -> int:
    """Return an amount, in g or mg, rounded to a whole number as it is booked.

    Raises:
        FieldInvalid: it is beyond the bound of the books, 10^17.
    """
    return rounded_product(booked_units, Fraction(1), rounding)


def rounded_product(amount: Fraction, times: Fraction, rounding: Rounding) -> int:
    """Return a product, in g or mg, rounded to a whole number as it is booked.

    To bring it to lowest terms first would take longer than all else.

    Raises:
        FieldInvalid: it is beyond the bound of the books, 10^17.
    """
    numerator = amount.numerator * times.numerator
    whole = int(_rounded(numerator, amount.denominator * times.denominator, rounding))
    check_bound(whole)
    return whole


def _shifted(digits: int, decimals: int) -> Decimal:
    """Return `digits` with the decimal point moved left, without the limits of a context."""
    sign = 1 if digits < 0 else 0
    return Decimal((sign, tuple(map(int, str(abs(digits)))), -decimals))
