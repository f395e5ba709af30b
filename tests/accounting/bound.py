"""Formulas of the shipped methods, bound to made figures: what the laws of emissions run on."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache

from hypothesis import strategies as st

from services.accounting import files
from services.accounting.domain.binding import Binding, BoundFactor, Potential
from services.accounting.domain.emission import Emission, PerUnit, compute, per_unit
from services.accounting.domain.formula import Formula, Slot
from services.accounting.domain.method import Method, Term
from services.accounting.domain.role import MANNERS, Role
from services.kernel.errors import UnitDimension
from services.kernel.mass import Gas, Rounding
from services.kernel.quantity import Quantity
from services.kernel.trust import Status

UNITS_OF_FREE_ROLES = {
    Role.CO2_FACTOR: ("tCO2/t", "tCO2/MWh"),
    Role.CH4_FACTOR: ("kgCH4/t", "kgCH4/MWh"),
    Role.N2O_FACTOR: ("kgN2O/t", "kgN2O/MWh"),
    Role.CO2E_FACTOR: ("kgCO2e/t", "kgCO2e/MWh"),
}
"""Of the roles that take any unit: some that the shipped formulas need."""

GWP_SETS = ("gwp100-ar5", "gwp100-ar6")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A formula with the figures it is computed with."""

    formula: Formula
    binding: Binding

    @property
    def per_unit(self) -> PerUnit:
        """What a unit of its activity emits."""
        return per_unit(self.formula, self.binding)

    def compute(self, activity: Fraction, rounding: Rounding = Rounding.HALF_UP) -> Emission:
        """Return the emission of an activity in the binding's unit, by the way of the books."""
        return compute(self.formula, activity, self.binding, rounding)


def factor(slot: Slot, text: str, unit: str) -> BoundFactor:
    return BoundFactor(
        role=slot.role,
        subject=slot.subject,
        quantity=Quantity.parse(text, unit),
        status=Status.OFFICIAL,
    )


def bound(method: Method, term: Term, formula: Formula, factors: Sequence[BoundFactor]) -> Bound:
    binding = Binding(
        method_id=method.method_id,
        item_id=term.item.item_id,
        formula_id=formula.formula_id,
        subject=subject_of(term),
        accounting_year=2024,
        gwp_sets=(),
        factors=tuple(factors),
    )
    return Bound(formula=formula, binding=binding)


def subject_of(term: Term) -> str:
    first = term.subjects[0]
    return "bituminous-coal" if first == "*" else first


def fitting(
    method: Method, term: Term, formula: Formula, slots: Sequence[Slot]
) -> Sequence[BoundFactor]:
    """Return factors of 1 in units that make the formula a mass of its gases."""
    choices = [MANNERS[slot.role].units or UNITS_OF_FREE_ROLES[slot.role] for slot in slots]
    for units in itertools.product(*choices):
        ones = [factor(slot, "1", unit) for slot, unit in zip(slots, units, strict=True)]
        try:
            bound(method, term, formula, ones).compute(Fraction(1))
        except UnitDimension:
            continue
        return ones
    raise AssertionError(f"{method.method_id} {formula.formula_id}: no units fit {slots}")


@cache
def shipped() -> tuple[Bound, ...]:
    """Return every formula of every method, once with what is optional and once without."""
    found: list[Bound] = []
    for method in files.methods().values():
        every = [(term, formula) for term in method.terms for formula in term.formulas]
        for term, formula in every:
            needed = [slot for slot in formula.slots() if not slot.optional]
            optional = {
                slot for chain in formula.chains if chain.optional for slot in chain.slots()
            }
            for slots in {tuple(needed), tuple(each for each in needed if each not in optional)}:
                of_subject = tuple(dict.fromkeys(slot.of(subject_of(term)) for slot in slots))
                ones = fitting(method, term, formula, of_subject)
                found.append(bound(method, term, formula, ones))
    return tuple(found)


@cache
def of_several_gases() -> tuple[Bound, ...]:
    """Return those of `shipped` that emit more than one gas: they are few."""
    return tuple(each for each in shipped() if len(each.per_unit.gases) > 1)


def figures(*, is_share: bool = False) -> st.SearchStrategy[str]:
    """Figures as they are printed; a share is at most a third, so that two leave something."""
    largest = 33 if is_share else 10
    written = st.integers(0, 6).flatmap(lambda places: st.decimals(0, largest, places=places))
    return written.map(lambda value: f"{value:f}")


@st.composite
def bounds(draw: st.DrawFn) -> Bound:
    """A shipped formula with made figures, potentials of its gases under two sets among them."""
    one = draw(st.sampled_from(of_several_gases()) | st.sampled_from(shipped()))
    factors = tuple(
        factor(each.slot, draw(figures(is_share=MANNERS[each.role].is_share)), each.quantity.unit)
        for each in one.binding.factors
    )
    gases = {chain.gas for chain in one.formula.chains} - {Gas.CO2, Gas.CO2E}
    potentials = tuple(
        Potential(
            gwp_set=gwp_set,
            gas=gas,
            factor=factor(Slot(role=Role.GWP100, subject=gas), draw(figures()), "kgCO2e/kg"),
        )
        for gwp_set in GWP_SETS
        for gas in sorted(gases)
    )
    binding = replace(one.binding, factors=factors, potentials=potentials, gwp_sets=GWP_SETS)
    return replace(one, binding=binding)


ACTIVITIES = st.integers(0, 6).flatmap(lambda places: st.decimals(0, 10**5, places=places))
"""Activities as they are reported, with up to six decimals."""
