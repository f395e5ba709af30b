"""Corrections of the electricity benchmark until 2022: for the way of cooling, for heat.

    Fl = 1, air-cooled 1.05        Fr = 1 − slope × 供热比 (condensing units: 1)

Source: 国环规气候〔2020〕3号, 附件2 一 and 附件3 一; the same in 2021 and 2022.
Abolished from 2023.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from services.kernel.errors import FieldInvalid, FieldRequired, Words
from services.trading.domain.rule import Rule


class Cooling(StrEnum):
    """How a unit's condenser is cooled; the contract says it in words."""

    WATER = "WATER"
    AIR = "AIR"
    BACK_PRESSURE = "BACK_PRESSURE"
    """No condenser: the exhaust steam is supplied as heat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoolingFactor:
    """Fl of a rulebook."""

    symbol: str
    fuel_groups: frozenset[str]
    """For others it is `otherwise`."""
    factors: Mapping[Cooling, Decimal]
    otherwise: Decimal
    text: Words
    rule: Rule
    back_pressure_rule: Rule

    def of(self, fuel_group: str, cooling: Cooling | None) -> Decimal:
        """Return the factor of a unit.

        Raises:
            FieldRequired: nobody says how it is cooled; at `cooling`.
        """
        if fuel_group not in self.fuel_groups:
            return self.otherwise
        if cooling is None:
            raise FieldRequired(field="cooling")
        return self.factors[cooling]

    def rule_of(self, cooling: Cooling | None) -> Rule:
        """Return where the factor of a way of cooling stands."""
        return self.back_pressure_rule if cooling is Cooling.BACK_PRESSURE else self.rule


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatFactor:
    """Fr of a rulebook, for some fuels."""

    symbol: str
    fuel_groups: frozenset[str]
    slope: Decimal
    expression: str
    text: Words
    rule: Rule

    def of(self, heat_ratio: Decimal | None, *, cogeneration: bool) -> Decimal:
        """Return the factor of a unit, exactly; 1 for one that only generates electricity.

        Raises:
            FieldRequired: a cogeneration unit without its heat ratio; at `heat_ratio`.
            FieldInvalid: the heat ratio is not 0 to 1; at `heat_ratio`.
        """
        if not cogeneration:
            return Decimal(1)
        if heat_ratio is None:
            raise FieldRequired(field="heat_ratio")
        if not 0 <= heat_ratio <= 1:
            raise FieldInvalid(
                field="heat_ratio",
                given=str(heat_ratio),
                allowed=Words(
                    en="0 to 1: 25 % is 0.25", zh="0 至 1 之间的小数，例如 25 % 写作 0.25"
                ),
            )
        return 1 - self.slope * heat_ratio


def exact(*factors: Decimal) -> Fraction:
    """Return the product of factors, exactly."""
    product = Fraction(1)
    for each in factors:
        product *= Fraction(each)
    return product
