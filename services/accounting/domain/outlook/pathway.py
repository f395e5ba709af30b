"""A pathway from a base year to a target year, and how far a figure is from it.

    linear:     p(t) = v₀ + (v_T − v₀) · (t − t₀)/(T − t₀)
    geometric:  p(t) = v₀ · (v_T/v₀)^((t − t₀)/(T − t₀))      the same rate every year

A figure is ahead by as many months as the pathway needs from the year to where it would be the
figure. Figures are float64: statistics.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from services.kernel.errors import FieldInvalid, Words
from services.kernel.period import MONTHS_PER_YEAR


class Shape(StrEnum):
    """How a pathway goes; the contract says it in words."""

    LINEAR = "LINEAR"
    GEOMETRIC = "GEOMETRIC"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pathway:
    """Where a figure should be in each year, in the unit of its ends."""

    base_year: int
    base: float
    target_year: int
    target: float
    shape: Shape

    def at(self, year: float) -> float:
        """Return where the figure should be in a year.

        >>> halved = Pathway(
        ...     base_year=2020, base=100.0, target_year=2030, target=50.0, shape=Shape.LINEAR
        ... )
        >>> halved.at(2024)
        80.0
        """
        part = (year - self.base_year) / (self.target_year - self.base_year)
        if self.shape is Shape.LINEAR:
            return self.base + (self.target - self.base) * part
        return float(self.base * (self.target / self.base) ** part)

    def year_of(self, figure: float) -> float | None:
        """Return when the pathway is at a figure; None where it never is, or always."""
        if self.shape is Shape.LINEAR:
            step = self.target - self.base
            part = (figure - self.base) / step if step else None
        else:
            step = math.log(self.target / self.base)
            part = math.log(figure / self.base) / step if step and figure > 0 else None
        return None if part is None else self.base_year + part * (self.target_year - self.base_year)


@dataclass(frozen=True, slots=True, kw_only=True)
class Distance:
    """How a figure of a year stands to a pathway."""

    year: int
    figure: float
    planned: float
    """Where the pathway is in the year."""
    months_ahead: float | None
    """Negative: behind; None where the pathway never is at the figure, or always."""
    needed_annual_ratio: float | None
    """The equal annual decline from the year to the target; None where there is none."""

    @property
    def difference(self) -> float:
        """Figure − planned: positive is too much."""
        return self.figure - self.planned


def pathway(base_year: int, base: float, target_year: int, target: float, shape: Shape) -> Pathway:
    """Return a pathway.

    Raises:
        FieldInvalid: the target is not after the base, or an equal rate cannot lead to it.
    """
    if target_year <= base_year:
        raise FieldInvalid(
            field="target_year",
            given=str(target_year),
            allowed=Words(
                en=f"a year after the base year {base_year}", zh=f"晚于基准年 {base_year}"
            ),
        )
    if shape is Shape.GEOMETRIC and min(base, target) <= 0:
        raise FieldInvalid(
            field="shape",
            given=shape.value,
            allowed=Words(
                en="LINEAR: an equal rate needs a base and a target greater than 0",
                zh="LINEAR：等比路径要求基准值和目标值均大于 0",
            ),
        )
    return Pathway(
        base_year=base_year, base=base, target_year=target_year, target=target, shape=shape
    )


def distance(way: Pathway, year: int, figure: float) -> Distance:
    """Return how a figure of a year stands to a pathway.

    >>> halved = pathway(2020, 100.0, 2030, 50.0, Shape.LINEAR)
    >>> found = distance(halved, 2024, 85.0)
    >>> found.difference, found.months_ahead
    (5.0, -12.0)
    """
    reached = way.year_of(figure)
    years = way.target_year - year
    needed = None
    if years > 0 and figure > 0 and way.target >= 0:
        needed = float(1 - (way.target / figure) ** (1 / years))
    return Distance(
        year=year,
        figure=figure,
        planned=way.at(year),
        months_ahead=None if reached is None else MONTHS_PER_YEAR * (reached - year),
        needed_annual_ratio=needed,
    )
