"""Flows: what one source of one enterprise uses, buys, sells, makes or claims in each month."""

from __future__ import annotations

import calendar
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias

import numpy as np

Month: TypeAlias = tuple[int, int]
"""Year and month."""

GRID = "grid"
KINDS = {
    ("electricity", "bought"): "ACTIVITY_KIND_ELECTRICITY_PURCHASED",
    ("electricity", "sold"): "ACTIVITY_KIND_ELECTRICITY_EXPORTED",
    ("heat", "bought"): "ACTIVITY_KIND_HEAT_PURCHASED",
    ("heat", "sold"): "ACTIVITY_KIND_HEAT_EXPORTED",
}
COMBUSTION = "ACTIVITY_KIND_FUEL_COMBUSTION"
CONSUMED = "ACTIVITY_KIND_MATERIAL_CONSUMED"
MADE = "ACTIVITY_KIND_PRODUCT_OUTPUT"
PROCESS_INPUT = "ACTIVITY_KIND_PROCESS_INPUT"
PROCESS_OUTPUT = "ACTIVITY_KIND_PROCESS_OUTPUT"
CLAIMED = "ACTIVITY_KIND_GREEN_POWER_CLAIMED"
NOISE_RATIO = 0.02
"""How far a month strays from its season, either way."""


_POWERS_OF_TEN = {"kWh": 3, "10^4 kWh": -1, "Nm3": 4, "kg": 3}
"""A base unit in terms of another unit of the same carrier: 1 MWh is 10^3 kWh."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """How an enterprise writes the quantities of a subject."""

    unit: str
    decimals: int

    def write(self, amount: float) -> Decimal:
        """Return an amount of the base unit as the enterprise writes it.

        >>> Habit(unit="kWh", decimals=0).write(12.3456)
        Decimal('12346')
        """
        shift = _POWERS_OF_TEN.get(self.unit, 0) + self.decimals
        return Decimal(round(amount * 10**shift)).scaleb(-self.decimals)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """One source's quantities by month, in the unit and decimals the enterprise writes."""

    enterprise: str
    source: str
    subject: str
    kind: str
    unit: str
    amounts: Mapping[Month, Decimal]
    partner: str = ""
    """Whom it is bought from or sold to: an enterprise or the grid; empty for all else."""
    facility: str = ""
    meter: str = ""
    evidence: str = ""
    """What is added to the evidence of each record."""
    contract: str = ""
    """What a claim of green power rests on; its months number the certificates."""

    def in_base_unit(self, month: Month) -> Decimal:
        """The month's amount in MWh, GJ, 10^4 Nm3 or t, exact."""
        return self.amounts[month].scaleb(-_POWERS_OF_TEN.get(self.unit, 0))

    @property
    def sold(self) -> bool:
        """Whether the energy leaves the enterprise."""
        return self.kind.endswith("_EXPORTED")


def kind_of(subject: str, *, direction: str) -> str:
    """The kind of activity of bought or sold energy; every other subject is burnt."""
    return KINDS.get((subject, direction), COMBUSTION)


def habit_of(spec: Mapping[str, Any], entry: Mapping[str, Any], subject: str) -> Habit:
    """How the enterprise writes a subject: by its own habit, else as everybody does."""
    return Habit(**(spec["written"][subject] | entry.get("written", {}).get(subject, {})))


def random_of(seed: int, name: str) -> np.random.Generator:
    """A stream of its own for each name, so that a new enterprise does not move the others."""
    return np.random.Generator(np.random.PCG64([seed, zlib.crc32(name.encode())]))


def by_month(
    random: np.random.Generator,
    *,
    annual_amount: float,
    growth_ratio: float,
    season: Mapping[str, Sequence[float]],
    habit: Habit,
) -> dict[Month, Decimal]:
    """Spread the first year's amount over the months of every year of the season.

    The amount is in the subject's base unit: MWh, GJ, 10^4 Nm3 or t.

    A month's part is its days times its use a day, give or take the noise; each later year is the
    one before times `growth_ratio`.
    """
    amounts = {}
    for index, (year_text, uses) in enumerate(sorted(season.items())):
        year = int(year_text)
        weights = [use * days_in((year, month)) for month, use in enumerate(uses, start=1)]
        year_amount = annual_amount * growth_ratio**index
        for month, (weight, throw) in enumerate(zip(weights, random.random(12), strict=True), 1):
            noise = 1 + NOISE_RATIO * (2 * float(throw) - 1)
            amounts[year, month] = habit.write(year_amount * weight / sum(weights) * noise)
    return amounts


def days_in(month: Month) -> int:
    """Days of the month."""
    return calendar.monthrange(*month)[1]
