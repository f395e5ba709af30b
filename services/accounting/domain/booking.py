"""Booking of many source-months at once: the integers that `emission.compute` books, in columns.

A factor that changes touches every month that was bound to it. Here these are booked again without
the steps that explain one of them: integers are multiplied with the exact coefficient of their
binding, and rounded once. Nothing is approximated, so the books can take the result.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from services.accounting.domain.emission import Booked, PerUnit
from services.kernel import mass
from services.kernel.mass import Gas, Integers, Rounding


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """Booked emissions, in columns of equal length: one entry a source-month, in their order."""

    co2_g: Sequence[int]
    other_mg: Mapping[Gas, Sequence[int]]
    """Milligrams of the other gases, by gas; a gas without a figure is left out."""
    co2e_g: Mapping[str, Sequence[int]]
    """Grams of CO2 equivalent by GWP set, each from the unrounded product."""

    def part(self, start: int, end: int) -> Booking:
        """Return the entries from `start` up to `end`."""
        return Booking(
            co2_g=self.co2_g[start:end],
            other_mg={gas: column[start:end] for gas, column in self.other_mg.items()},
            co2e_g={name: column[start:end] for name, column in self.co2e_g.items()},
        )

    def total(self) -> Booked:
        """Return the sum of all entries."""
        return Booked(
            co2_g=sum(self.co2_g),
            other_mg=tuple(sorted((gas, sum(column)) for gas, column in self.other_mg.items())),
            co2e_g=tuple(sorted((name, sum(column)) for name, column in self.co2e_g.items())),
        )

    def row(self, index: int) -> Booked:
        """Return what is booked of one source-month."""
        return Booked(
            co2_g=self.co2_g[index],
            other_mg=tuple(sorted((gas, column[index]) for gas, column in self.other_mg.items())),
            co2e_g=tuple(sorted((name, column[index]) for name, column in self.co2e_g.items())),
        )


def book(activities: Sequence[Fraction], per_unit: PerUnit, rounding: Rounding) -> Booking:
    """Return what `activities` book, which share a binding and the unit that `per_unit` is of.

    Grams of CO2 and CO2e, milligrams of every other gas; each is the exact product of activity and
    coefficient, rounded once.

    >>> per_kwh = PerUnit(gases={Gas.CO2: Fraction("0.5")}, co2e_g={})
    >>> book([Fraction(1), Fraction(2), Fraction("2.9")], per_kwh, Rounding.HALF_UP).co2_g
    [1, 1, 1]

    Raises:
        FieldInvalid: one is beyond the bound of the books.
    """
    return book_ratios(Ratios.of(activities), per_unit, rounding)


class Ratios(NamedTuple):
    """Exact numbers, in columns of equal length."""

    numerators: Sequence[int]
    denominators: Sequence[int]

    @classmethod
    def of(cls, numbers: Sequence[Fraction]) -> Ratios:
        """Return `numbers` in columns."""
        return cls([each.numerator for each in numbers], [each.denominator for each in numbers])


def book_ratios(activities: Ratios, per_unit: PerUnit, rounding: Rounding) -> Booking:
    """Return what `book` does.

    Raises:
        FieldInvalid: one is beyond the bound of the books.
    """
    # As whole numbers of one part of the unit, small since activities are decimals or nearly so.
    parts = math.lcm(*set(activities.denominators))
    numerators = mass.integers(activities.numerators, parts)
    denominators = mass.integers(activities.denominators, parts)
    counts = numerators * (parts // denominators)
    by_gas: dict[Gas, list[int]] = {
        gas: _column(counts, coefficient / parts, rounding)
        for gas, coefficient in per_unit.gases.items()
        if gas is not Gas.CO2E
    }
    return Booking(
        co2_g=by_gas.pop(Gas.CO2, [0] * len(counts)),
        other_mg=by_gas,
        co2e_g={
            gwp_set: _column(counts, coefficient / parts, rounding)
            for gwp_set, coefficient in per_unit.co2e_g.items()
        },
    )


def _column(counts: Integers, coefficient: Fraction, rounding: Rounding) -> list[int]:
    times, per = coefficient.as_integer_ratio()
    column = mass.round_products(counts, times, per, rounding)
    if column.size:
        mass.check_bound(int(column.min()))
        mass.check_bound(int(column.max()))
    booked: list[int] = column.tolist()
    return booked
