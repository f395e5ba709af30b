"""Booked masses of gas: integers, made from exact fractions by one rounding.

CO2 and CO2e are booked in grams, every other gas in milligrams. A fraction is rounded once, at the
grain of the books (source, month, factor binding); above it only integers are added, so that no
order of records changes a total.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final

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
    return _bounded(value_t * gas.booked_per_t, rounding)


def grams(value_t: Fraction, rounding: Rounding) -> int:
    """Return tonnes in grams, rounded once.

    >>> grams(Fraction(7, 3), Rounding.HALF_UP)
    2333333

    Raises:
        FieldInvalid: the amount is beyond the bound of the books, 10^17 g.
    """
    return _bounded(value_t * G_PER_T, rounding)


def milligrams(value_t: Fraction, rounding: Rounding) -> int:
    """Return tonnes in milligrams, rounded once.

    >>> milligrams(Fraction("0.0000000015"), Rounding.HALF_EVEN)
    2

    Raises:
        FieldInvalid: the amount is beyond the bound of the books, 10^17 mg.
    """
    return _bounded(value_t * MG_PER_T, rounding)


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
    return round_quotients([value.numerator], value.denominator, rounding)[0]


def round_quotients(numerators: Iterable[int], denominator: int, rounding: Rounding) -> list[int]:
    """Return each numerator over the positive `denominator`, rounded to a whole number.

    They need not be in lowest terms: keeping itself so is what a fraction takes longest for.

    >>> round_quotients([10, -10, 9], 4, Rounding.HALF_UP)
    [3, -3, 2]
    """
    twice = 2 * denominator
    match rounding:
        case Rounding.FLOOR:
            return [each // denominator for each in numerators]
        case Rounding.CEILING:
            return [-(-each // denominator) for each in numerators]
        case Rounding.HALF_EVEN:
            # Half up, less one where it was the middle and became odd.
            halves = (divmod(2 * each + denominator, twice) for each in numerators)
            return [nearest - (nearest & (not rest)) for nearest, rest in halves]
        case Rounding.HALF_UP:
            return [
                (2 * each + denominator) // twice
                if each >= 0
                else -((denominator - 2 * each) // twice)
                for each in numerators
            ]


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


def _bounded(value: Fraction, rounding: Rounding) -> int:
    rounded = round_integer(value, rounding)
    check_bound(rounded)
    return rounded


def _shifted(digits: int, decimals: int) -> Decimal:
    """Return `digits` with the decimal point moved left, without the limits of a context."""
    sign = 1 if digits < 0 else 0
    return Decimal((sign, tuple(map(int, str(abs(digits)))), -decimals))
