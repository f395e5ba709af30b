"""A measured amount or a published factor: the digits exactly as written, and a unit of the list.

The grammar of the digits is that of google.type.Decimal, without its empty string.

>>> coal = Quantity.parse("10.50", "吨")
>>> coal.text, coal.unit
('10.50', 't')
>>> coal.to("kg")
Fraction(10500, 1)
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Final, Self

from services.kernel import units
from services.kernel.errors import QuantityInvalid, QuantityProblem

MOST_DIGITS: Final = 34
"""Significant digits, trailing zeros counted: those of a decimal128 (IEEE 754)."""

MOST_CHARACTERS: Final = 64
LARGEST_EXPONENT: Final = 20

_DECIMAL: Final = re.compile(
    r"[+-]?(?:(?P<whole>[0-9]+)\.?(?P<part>[0-9]*)|\.(?P<bare>[0-9]+))(?:[eE](?P<exp>[+-]?[0-9]+))?"
)
_NOT_FINITE: Final = re.compile(r"[+-]?(?:s?nan[0-9]*|inf(?:inity)?)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """An amount in a unit; equal where value and unit are.

    `unit` becomes the list's code whichever spelling is given. A value that cannot be written
    within the bounds of `parse` cannot be made otherwise either.

    Raises:
        QuantityInvalid: the value is not finite or has too many digits.
        UnitUnknown, UnitAmbiguous: the unit is none of the list.
    """

    value: Decimal
    unit: str
    written: str = field(default="", compare=False, repr=False)

    def __post_init__(self) -> None:
        text = self.written or str(self.value)
        parsed = _decimal(text)
        if parsed != self.value:
            raise ValueError(f"{text} was not written for {self.value}")
        object.__setattr__(self, "unit", units.unit(self.unit).code)
        object.__setattr__(self, "written", text)

    def __str__(self) -> str:
        return f"{self.text} {self.unit}"

    @classmethod
    def parse(cls, text: str, unit: str) -> Self:
        """Return the quantity that is written as `text` in `unit`.

        Allowed are the digits 0 to 9 with at most one point, a sign, and an exponent between -20
        and 20; at most 34 significant digits and 64 characters.

        Raises:
            QuantityInvalid: `text` is something else; `field` is "value".
            FieldRequired, UnitUnknown, UnitAmbiguous: so is `unit`; `field` is "unit_code".
        """
        value, code = _decimal(text), units.unit(unit).code
        # What `__post_init__` makes sure of is so: a report of many rows would pay for it twice.
        made = object.__new__(cls)
        for name, content in (("value", value), ("unit", code), ("written", text)):
            object.__setattr__(made, name, content)
        return made

    @property
    def text(self) -> str:
        """The digits as they were written."""
        return self.written

    @property
    def fraction(self) -> Fraction:
        """The value as an exact fraction."""
        return Fraction(self.value)

    def to(self, unit: str) -> Fraction:
        """Return the exact amount in `unit`.

        Raises:
            UnitDimension: `unit` measures something else.
        """
        return self.fraction * units.conversion(self.unit, unit)

    def non_negative(self, field: str = "value") -> Self:
        """Return the quantity if it is 0 or more."""
        if self.value < 0:
            raise QuantityInvalid(field=field, given=self.text, problem=QuantityProblem.NEGATIVE)
        return self

    def positive(self, field: str = "value") -> Self:
        """Return the quantity if it is more than 0."""
        if self.value <= 0:
            problem = QuantityProblem.NOT_POSITIVE
            raise QuantityInvalid(field=field, given=self.text, problem=problem)
        return self


def product(left: Quantity, *factors: Quantity, to: str) -> Fraction:
    """Return `left` times all factors, in the unit `to`, exactly.

    Dimensions multiply with their basis, so a factor on gross calorific value never meets one on
    net, nor CO2 one of CO2e.

        E = A × EF          heat = FC × NCV          carbon = FC × NCV × CC

    >>> power, factor = Quantity.parse("5000", "MWh"), Quantity.parse("0.5568", "tCO2/MWh")
    >>> product(power, factor, to="tCO2")
    Fraction(2784, 1)

    Raises:
        UnitDimension: the product measures something else than `to`.
    """
    every = (left, *factors)
    exact = math.prod((one.fraction for one in every), start=Fraction(1))
    return exact * units.coefficient(*(one.unit for one in every), to=to)


def _decimal(text: str) -> Decimal:
    """Return the number that `text` writes.

    Raises:
        QuantityInvalid: it writes none that is allowed.
    """
    problem = _problem(text)
    if problem is not None:
        raise QuantityInvalid(given=text, problem=problem)
    return Decimal(text)


def _problem(text: str) -> QuantityProblem | None:
    if len(text) > MOST_CHARACTERS:
        return QuantityProblem.TOO_MANY_DIGITS
    found = _DECIMAL.fullmatch(text)
    if found is None:
        return _reason_it_is_no_decimal(text)
    if abs(int(found["exp"] or 0)) > LARGEST_EXPONENT:
        return QuantityProblem.EXPONENT
    digits = (found["whole"] or "") + (found["part"] or found["bare"] or "")
    if len(digits.lstrip("0")) > MOST_DIGITS:
        return QuantityProblem.TOO_MANY_DIGITS
    return None


def _reason_it_is_no_decimal(text: str) -> QuantityProblem:
    if not text.strip():
        return QuantityProblem.EMPTY
    if _NOT_FINITE.fullmatch(text):
        return QuantityProblem.NOT_FINITE
    if any(mark.isspace() for mark in text):
        return QuantityProblem.SPACE
    if any(mark.isdigit() and not mark.isascii() for mark in text):
        return QuantityProblem.FOREIGN_DIGITS
    if set("_,'，") & set(text):
        return QuantityProblem.SEPARATOR
    return QuantityProblem.NOT_A_DECIMAL
