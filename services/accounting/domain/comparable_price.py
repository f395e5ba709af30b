"""Comparable prices: output of several years in the prices of one, chained by index.

    real output of year t in prices of year b = real output of b × Π index

Nominal output of two years is never compared. An index says output in the prices of the year
before, the year before being 1; where the base of a price series changes, the chain goes on.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from services.kernel.errors import ParameterUndeclared


def comparable(
    nominal: Fraction, year: int, index_by_year: Mapping[int, Fraction], base_year: int
) -> Fraction:
    """Return an output in the prices of `base_year`, exact, in the unit of `nominal`.

    `index_by_year` holds for a year its prices over those of the year before.

    >>> prices = {2021: Fraction("1.05"), 2022: Fraction("1.02")}
    >>> float(comparable(Fraction("107.1"), 2022, prices, 2020))
    100.0
    >>> float(comparable(Fraction(100), 2020, prices, 2022))
    107.1

    Raises:
        ParameterUndeclared: the index of a year between the two is not declared.
    """
    first, last = sorted((year, base_year))
    chain = Fraction(1)
    for each in range(first + 1, last + 1):
        if each not in index_by_year:
            raise ParameterUndeclared(field="price_indices", parameter=f"price_index of {each}")
        chain *= index_by_year[each]
    return nominal / chain if year > base_year else nominal * chain
