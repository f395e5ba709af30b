"""Emissions: activity × factors → tonnes of each gas, exactly, step by step, and one rounding."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Final, TypeVar

from services.accounting.domain import formula as formulas
from services.accounting.domain.binding import Binding, activity_unit
from services.accounting.domain.formula import Formula, Step
from services.kernel import mass, units
from services.kernel.errors import FieldInvalid, GwpSetMismatch
from services.kernel.mass import Gas, Rounding
from services.kernel.quantity import Quantity

CO2E_PER_CO2: Final = Fraction(1)
"""The global warming potential of CO2 in every set: it is the gas the others are measured by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """Emissions as integers: what is added in the books."""

    co2_g: int = 0
    other_mg: tuple[tuple[Gas, int], ...] = ()
    """Milligrams of the other gases, by gas; a gas without a figure is left out."""
    co2e_g: tuple[tuple[str, int], ...] = ()
    """Grams of CO2 equivalent by GWP set, each from the unrounded product, never from the gases."""

    def __add__(self, other: Booked) -> Booked:
        """Return the sum.

        Raises:
            GwpSetMismatch: the two are shown under different sets; nothing, under none, adds up
                with all.
        """
        sets, others = dict(self.co2e_g), dict(other.co2e_g)
        if NOTHING not in {self, other} and sets.keys() != others.keys():
            raise GwpSetMismatch(
                field="gwp_set", given=", ".join(others), wanted=", ".join(sets) or "none"
            )
        return Booked(
            co2_g=self.co2_g + other.co2_g,
            other_mg=_summed(self.other_mg, other.other_mg),
            co2e_g=_summed(self.co2e_g, other.co2e_g),
        )

    def __sub__(self, other: Booked) -> Booked:
        """Return the difference; raises as the sum does."""
        return self + other.times(-1)

    def times(self, sign: int) -> Booked:
        """Return the same with the sign of its term."""
        return Booked(
            co2_g=sign * self.co2_g,
            other_mg=tuple((gas, sign * mg) for gas, mg in self.other_mg),
            co2e_g=tuple((name, sign * grams) for name, grams in self.co2e_g),
        )

    def under(self, gwp_set: str) -> int:
        """Return the grams of CO2 equivalent under a set; 0 for nothing at all.

        Raises:
            GwpSetMismatch: it was not booked under that set.
        """
        if self == NOTHING:
            return 0
        sets = dict(self.co2e_g)
        if gwp_set not in sets:
            raise GwpSetMismatch(field="gwp_set", given=gwp_set, wanted=", ".join(sets))
        return sets[gwp_set]

    def largest(self) -> int:
        """Return the largest figure in it, by size."""
        figures = (self.co2_g, *dict(self.other_mg).values(), *dict(self.co2e_g).values())
        return max(map(abs, figures))


NOTHING: Final = Booked()


@dataclass(frozen=True, slots=True, kw_only=True)
class GasEmission:
    """The mass of one gas, and the products that make it up."""

    gas: Gas
    chains: tuple[tuple[Step, ...], ...]
    value_t: Fraction
    """Tonnes before rounding."""

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps of the first product: of nearly every formula the only one."""
        return self.chains[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Emission:
    """The emissions of an activity: the exact figures, the way to them, and what is booked."""

    gases: tuple[GasEmission, ...]
    co2e_t: Mapping[str, Fraction]
    """Tonnes of CO2 equivalent before rounding, by GWP set."""
    booked: Booked

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps to the first gas."""
        return self.gases[0].steps

    @property
    def value_t(self) -> Fraction:
        """Tonnes of the first gas before rounding."""
        return self.gases[0].value_t


@dataclass(frozen=True, kw_only=True)
class PerUnit:
    """What one unit of activity emits, exact and not rounded."""

    gases: Mapping[Gas, Fraction]
    """Grams of CO2 and CO2e, milligrams of every other gas, by gas; a gas without a figure is left
    out. CO2e stands here only where a factor is of nothing else."""
    co2e_g: Mapping[str, Fraction]
    """Grams of CO2 equivalent, of all gases, by GWP set."""

    def booked(self, activity: Fraction, rounding: Rounding) -> Booked:
        """Return what so many units book: what `compute` does, without the steps.

        Raises:
            FieldInvalid: it is beyond the bound of the books.
        """
        co2, others, equivalents = self._in_order
        return Booked(
            co2_g=mass.rounded_product(activity, co2, rounding),
            other_mg=tuple(
                (gas, mass.rounded_product(activity, each, rounding)) for gas, each in others
            ),
            co2e_g=tuple(
                (name, mass.rounded_product(activity, each, rounding)) for name, each in equivalents
            ),
        )

    @cached_property
    def _in_order(
        self,
    ) -> tuple[Fraction, list[tuple[Gas, Fraction]], list[tuple[str, Fraction]]]:
        """CO2, the other gases, and the equivalents, in the order of what is booked."""
        others = [pair for pair in self.gases.items() if pair[0] not in {Gas.CO2, Gas.CO2E}]
        co2 = self.gases.get(Gas.CO2, Fraction(0))
        return co2, sorted(others), sorted(self.co2e_g.items())


def compute(formula: Formula, activity: Fraction, binding: Binding, rounding: Rounding) -> Emission:
    """Return the emissions of `activity`, given in the binding's own unit.

    Raises:
        FieldInvalid: they are beyond the bound of the books.
    """
    gases = _gases(formula, activity, binding)
    co2e_t = {gwp_set: _weighed(gases, binding, gwp_set) for gwp_set in binding.gwp_sets}
    return Emission(gases=gases, co2e_t=co2e_t, booked=_booked(gases, co2e_t, rounding))


def per_unit(formula: Formula, binding: Binding, unit: str = "") -> PerUnit:
    """Return what one `unit` of activity emits; empty: one of the binding's own unit.

    Every formula is in proportion to its activity, so that activity times this is what `compute`
    gives before rounding, exactly.

    Raises:
        UnitDimension: activity in `unit` is none of this binding.
    """
    own = activity_unit(formula, binding)
    gases = _gases(formula, units.conversion(unit or own, own), binding)
    return PerUnit(
        gases={each.gas: each.value_t * each.gas.booked_per_t for each in gases},
        co2e_g={
            gwp_set: _weighed(gases, binding, gwp_set) * mass.G_PER_T
            for gwp_set in binding.gwp_sets
        },
    )


def of_quantity(
    formula: Formula, quantity: Quantity, binding: Binding, rounding: Rounding
) -> Emission:
    """Return the emissions of one quantity in a unit that fits `binding`.

    Raises:
        FieldInvalid: they are beyond the bound of the books; at `quantity.value`.
    """
    try:
        return compute(formula, quantity.to(activity_unit(formula, binding)), binding, rounding)
    except FieldInvalid as error:
        raise FieldInvalid(
            field="quantity.value", given=str(quantity), allowed=error.allowed
        ) from None


def total(parts: Iterable[tuple[int, Booked]]) -> Booked:
    """Return the sum of booked emissions, each with the sign of its term.

    Raises:
        GwpSetMismatch: as `Booked.__add__` does.
    """
    co2_g = 0
    others: defaultdict[Gas, int] = defaultdict(int)
    sets: dict[str, int] | None = None
    for sign, booked in parts:
        if booked == NOTHING:
            continue
        co2_g += sign * booked.co2_g
        for gas, mg in booked.other_mg:
            others[gas] += sign * mg
        given = dict(booked.co2e_g)
        if sets is None:
            sets = dict.fromkeys(given, 0)
        if sets.keys() != given.keys():
            raise GwpSetMismatch(
                field="gwp_set", given=", ".join(given), wanted=", ".join(sets) or "none"
            )
        for name, grams in given.items():
            sets[name] += sign * grams
    return Booked(
        co2_g=co2_g,
        other_mg=tuple(sorted(others.items())),
        co2e_g=tuple(sorted((sets or {}).items())),
    )


def _gases(formula: Formula, activity: Fraction, binding: Binding) -> tuple[GasEmission, ...]:
    """Return the mass of each gas, with its steps."""
    unit = activity_unit(formula, binding)
    known = binding.known
    by_gas: dict[Gas, list[tuple[Step, ...]]] = {}
    for chain in formula.taken(binding.subject, known.figures.keys()):
        steps = formulas.evaluate(chain, activity, unit, known, formula.clause)
        by_gas.setdefault(chain.gas, []).append(steps)
    return tuple(
        GasEmission(
            gas=gas,
            chains=tuple(chains),
            value_t=sum((steps[-1].value for steps in chains), Fraction(0)),
        )
        for gas, chains in by_gas.items()
    )


def _weighed(gases: Sequence[GasEmission], binding: Binding, gwp_set: str) -> Fraction:
    potentials = {
        each.gas: each.factor.quantity.fraction
        for each in binding.potentials
        if each.gwp_set == gwp_set
    }
    potentials |= {Gas.CO2: CO2E_PER_CO2, Gas.CO2E: CO2E_PER_CO2}
    return sum((each.value_t * potentials[each.gas] for each in gases), Fraction(0))


def _booked(
    gases: Sequence[GasEmission], co2e_t: Mapping[str, Fraction], rounding: Rounding
) -> Booked:
    """Return the integers; CO2e from the unrounded products, never from rounded gases."""
    rounded = {
        each.gas: mass.booked(each.gas, each.value_t, rounding)
        for each in gases
        if each.gas is not Gas.CO2E
    }
    return Booked(
        co2_g=rounded.pop(Gas.CO2, 0),
        other_mg=tuple(sorted(rounded.items())),
        co2e_g=tuple(sorted((name, mass.grams(value, rounding)) for name, value in co2e_t.items())),
    )


_Key = TypeVar("_Key", bound=str)


def _summed(
    left: Iterable[tuple[_Key, int]], right: Iterable[tuple[_Key, int]]
) -> tuple[tuple[_Key, int], ...]:
    sums = dict(left)
    for key, value in right:
        sums[key] = sums.get(key, 0) + value
    return tuple(sorted(sums.items()))
