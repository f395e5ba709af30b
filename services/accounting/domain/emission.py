"""The formula: activity × factors → tonnes of CO2, exactly, step by step, and one rounding.

    combustion              E = FC × NCV × CC × OF × 44/12
    with measured carbon    E = FC × C × OF × 44/12
    electricity, heat       E = AD × EF

Nothing is rounded between the steps: a chain that rounds on its way gives another answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from services.accounting.domain.binding import Binding, BoundFactor
from services.accounting.domain.method import Method, Role, Term
from services.kernel import mass, units
from services.kernel.errors import FieldInvalid, Words
from services.kernel.mass import Rounding
from services.kernel.quantity import Quantity
from services.kernel.source import Source

CO2E_PER_CO2: Final = Fraction(1)
"""The global warming potential of CO2 in every set: it is the gas the others are measured by."""

_CARBON: Final = "tC"
_CO2: Final = "tCO2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """Emissions as integers: what is added in the books."""

    co2_g: int
    co2e_g: int

    def __add__(self, other: Booked) -> Booked:
        return Booked(co2_g=self.co2_g + other.co2_g, co2e_g=self.co2e_g + other.co2e_g)

    def times(self, sign: int) -> Booked:
        """Return the same with the sign of its term."""
        return Booked(co2_g=sign * self.co2_g, co2e_g=sign * self.co2e_g)


NOTHING: Final = Booked(co2_g=0, co2e_g=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step from an activity to its emissions, exact."""

    formula: Words
    value: Fraction
    unit: str
    clause: Source | None
    """Where the step is written; None for a conversion of units, which is nobody's rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Emission:
    """The emissions of an activity: the exact figure, the way to it, and what is booked."""

    steps: tuple[Step, ...]
    value_t: Fraction
    """Tonnes of CO2 before rounding."""
    booked: Booked


@dataclass(frozen=True, slots=True, kw_only=True)
class _Multiplication:
    """What multiplying with a factor of some role gives."""

    formula: Words
    unit: str


_BY_ROLE: Final[Mapping[Role, _Multiplication]] = {
    Role.NET_CALORIFIC_VALUE: _Multiplication(
        formula=Words(
            en="heat = fuel × net calorific value", zh="热量 = 燃料消耗量 × 平均低位发热量"
        ),
        unit="GJ(NCV)",
    ),
    Role.CARBON_CONTENT_PER_HEAT: _Multiplication(
        formula=Words(
            en="carbon = heat × carbon content per heat", zh="含碳量 = 热量 × 单位热值含碳量"
        ),
        unit=_CARBON,
    ),
    Role.CARBON_CONTENT: _Multiplication(
        formula=Words(en="carbon = fuel × carbon content", zh="含碳量 = 燃料消耗量 × 元素碳含量"),
        unit=_CARBON,
    ),
    Role.OXIDATION_RATE: _Multiplication(
        formula=Words(
            en="oxidised carbon = carbon × oxidation rate", zh="氧化碳量 = 含碳量 × 碳氧化率"
        ),
        unit=_CARBON,
    ),
    Role.GRID_AVERAGE: _Multiplication(
        formula=Words(
            en="emissions = electricity × grid factor", zh="排放量 = 电量 × 电力排放因子"
        ),
        unit=_CO2,
    ),
    Role.HEAT_DEFAULT: _Multiplication(
        formula=Words(en="emissions = heat × heat factor", zh="排放量 = 热量 × 热力排放因子"),
        unit=_CO2,
    ),
}
_TO_CO2: Final = Words(en="emissions = oxidised carbon × 44/12", zh="排放量 = 氧化碳量 × 44/12")


def compute(method: Method, term: Term, activity: Fraction, binding: Binding) -> Emission:
    """Return the emissions of `activity`, given in the binding's own unit.

    Raises:
        FieldInvalid: they are beyond the bound of the books.
    """
    steps = list(_multiplied(term, activity, binding))
    if steps[-1].unit == _CARBON:
        value = steps[-1].value * method.carbon_to_co2
        clause = method.carbon_clause
        steps.append(Step(formula=_TO_CO2, value=value, unit=_CO2, clause=clause))
    value_t = steps[-1].value
    return Emission(steps=tuple(steps), value_t=value_t, booked=_booked(value_t, method.rounding))


def of_quantity(method: Method, term: Term, quantity: Quantity, binding: Binding) -> Emission:
    """Return the emissions of one quantity in a unit that fits `binding`.

    Raises:
        FieldInvalid: they are beyond the bound of the books; at `quantity.value`.
    """
    try:
        return compute(method, term, quantity.to(binding.activity_unit), binding)
    except FieldInvalid as error:
        raise FieldInvalid(
            field="quantity.value", given=str(quantity), allowed=error.allowed
        ) from None


def total(parts: Sequence[tuple[int, Booked]]) -> Booked:
    """Return the sum of booked emissions, each with the sign of its term."""
    return sum((booked.times(sign) for sign, booked in parts), NOTHING)


def _multiplied(term: Term, activity: Fraction, binding: Binding) -> Sequence[Step]:
    steps: list[Step] = []
    value, unit = activity, binding.activity_unit
    for factor in binding.factors:
        given = _BY_ROLE[factor.role]
        value, unit = _times(value, unit, factor, given.unit), given.unit
        steps.append(Step(formula=given.formula, value=value, unit=unit, clause=term.clause))
    return steps


def _times(value: Fraction, unit: str, factor: BoundFactor, to: str) -> Fraction:
    one = units.coefficient(unit, factor.quantity.unit, to=to)
    return value * factor.quantity.fraction * one


def _booked(value_t: Fraction, rounding: Rounding) -> Booked:
    """Return the grams; CO2e from the unrounded product, never from rounded CO2."""
    return Booked(
        co2_g=mass.grams(value_t, rounding),
        co2e_g=mass.grams(value_t * CO2E_PER_CO2, rounding),
    )
