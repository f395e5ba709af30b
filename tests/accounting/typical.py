"""A typical case of every formula of every shipped method: one plausible figure a role."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from services.accounting.domain.activity import EmissionSource, Kind
from services.accounting.domain.binding import Binding, BoundFactor, Potential, activity_unit
from services.accounting.domain.formula import Constant, Formula, Slot, Token
from services.accounting.domain.line import Entry, Line
from services.accounting.domain.method import ANY_SUBJECT, Method, Term
from services.accounting.domain.role import Role
from services.kernel import units
from services.kernel.mass import Gas
from tests.accounting import builders, library
from tests.accounting.library import COAL

FIGURES: Mapping[Role, str] = {
    Role.NET_CALORIFIC_VALUE: "23.204 GJ(NCV)/t",
    Role.CARBON_CONTENT_PER_HEAT: "26.18 tC/TJ(NCV)",
    Role.CARBON_CONTENT: "0.58 tC/t",
    Role.OXIDATION_RATE: "93 %",
    Role.GRID_AVERAGE: "0.6451 tCO2/MWh",
    Role.GRID_RESIDUAL: "0.7 tCO2/MWh",
    Role.GRID_FOSSIL: "0.8325 tCO2/MWh",
    Role.ELECTRICITY_NONFOSSIL: "0 tCO2/MWh",
    Role.HEAT_DEFAULT: "0.11 tCO2/GJ",
    Role.HEAT_CONSTANT: "83.74 kJ/kg",
    Role.GWP100: "28.5 kgCO2e/kg",
    Role.CO2_PER_HEAT: "94600 kgCO2/TJ(NCV)",
    Role.CH4_PER_HEAT: "1 kgCH4/TJ(NCV)",
    Role.N2O_PER_HEAT: "1.5 kgN2O/TJ(NCV)",
    Role.CO2_FACTOR: "0.44 tCO2/t",
    Role.CH4_FACTOR: "0.03 kgCH4/t",
    Role.N2O_FACTOR: "7.5 kgN2O/t",
    Role.CF4_FACTOR: "0.034 kgCF4/t",
    Role.C2F6_FACTOR: "0.0034 kgC2F6/t",
    Role.CO2E_FACTOR: "0.1 tCO2e/t",
    Role.DENSITY: "0.83 t/m3",
    Role.COMPONENT_SHARE: "90 %",
    Role.CONVERSION_RATE: "95 %",
    Role.VOLATILE_SHARE: "10 %",
    Role.VOLATILE_COEFFICIENT: "0.35 1",
    Role.ANODE_CARBON: "0.411 tC/t",
    Role.SULPHUR_SHARE: "2 %",
    Role.ASH_SHARE: "0.4 %",
    Role.CF4_SLOPE: "0.143 kgCF4/t",
    Role.ANODE_EFFECT_MINUTES: "0.2 1",
    Role.STEAM_ENTHALPY: "3273.7 kJ/kg",
    Role.METHANE_CAPACITY: "0.25 kgCH4/kg",
    Role.METHANE_CORRECTION: "0.5 1",
}

OF_UNIT: Mapping[tuple[Role, str], str] = {
    (Role.CARBON_CONTENT_PER_HEAT, "GJ(GCV)"): "24.9 tC/TJ(GCV)",
    (Role.CO2_PER_HEAT, "GJ(GCV)"): "89900 kgCO2/TJ(GCV)",
    (Role.CH4_PER_HEAT, "GJ(GCV)"): "0.95 kgCH4/TJ(GCV)",
    (Role.N2O_PER_HEAT, "GJ(GCV)"): "1.4 kgN2O/TJ(GCV)",
}
"""For a formula of activity in a unit of its own."""

OF_ELECTRICITY: Mapping[Role, str] = {
    Role.CO2_FACTOR: "0.5 tCO2/MWh",
    Role.CH4_FACTOR: "0.01 kgCH4/MWh",
    Role.N2O_FACTOR: "0.01 kgN2O/MWh",
    Role.CO2E_FACTOR: "0.51 tCO2e/MWh",
}


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Case:
    """A formula with its figures, and a source that takes it."""

    method: Method
    formula: Formula
    source: EmissionSource
    binding: Binding

    def __repr__(self) -> str:
        binding = self.binding
        what = f"{self.source.kind.lower()} {binding.subject}"
        return f"{binding.method_id} {binding.item_id} {what} {binding.formula_id}"

    @property
    def unit(self) -> str:
        """The unit in which its activity is added up."""
        return activity_unit(self.formula, self.binding)

    def line(self, entries: Sequence[Entry]) -> Line:
        """Return the line of entries of one month."""
        return builders.line_of(self.source, entries, self.binding)


@cache
def cases() -> tuple[Case, ...]:
    """Return the cases, method by method."""
    return tuple(
        case_of(method, term, formula)
        for method in builders.methods().values()
        for term in method.terms
        for formula in term.formulas
    )


def case_of(method: Method, term: Term, formula: Formula) -> Case:
    """Return a formula with all its figures but those that may be left out."""
    subject = _subject(method, term)
    wanted = (slot.of(subject) for slot in formula.slots() if not slot.optional)
    gases = {chain.gas for chain in formula.chains} - {Gas.CO2, Gas.CO2E}
    potential = library.factor(Role.GWP100, FIGURES[Role.GWP100], "gas")
    return Case(
        method=method,
        formula=formula,
        source=builders.source(term.kind, "source", subject=subject),
        binding=Binding(
            method_id=method.method_id,
            item_id=term.item.item_id,
            formula_id=formula.formula_id,
            subject=subject,
            accounting_year=2023,
            gwp_sets=method.gwp_sets,
            factors=tuple(_factor(slot, term, formula) for slot in dict.fromkeys(wanted)),
            potentials=tuple(
                Potential(gwp_set=gwp_set, gas=gas, factor=potential)
                for gwp_set in method.gwp_sets
                for gas in sorted(gases)
            ),
        ),
    )


def _factor(slot: Slot, term: Term, formula: Formula) -> BoundFactor:
    text = FIGURES[slot.role]
    if term.kind.carrier == "electricity" or term.kind is Kind.GREEN_POWER_CLAIMED:
        text = OF_ELECTRICITY.get(slot.role, text)
    return library.factor(slot.role, OF_UNIT.get((slot.role, formula.unit), text), slot.subject)


def _subject(method: Method, term: Term) -> str:
    """Return a subject that this very term counts: of several the first."""
    if ANY_SUBJECT not in term.subjects:
        return term.subjects[0]
    others = {each for other in method.terms if other.kind is term.kind for each in other.subjects}
    return COAL if COAL not in others else "natural-gas"


def per_unit(case: Case) -> Mapping[str, Fraction]:
    """Return the grams of each gas of one unit of activity, multiplied by hand."""
    found: dict[str, Fraction] = {}
    for chain in case.formula.chains:
        product, codes = Fraction(1), [case.unit]
        for token in chain.tokens:
            if isinstance(token, Slot) and token.optional:
                continue
            value, code = _worth(token, case)
            product, codes = product * value, [*codes, code]
        grams = product * units.coefficient(*codes, to=f"g{chain.gas}")
        found[chain.gas] = found.get(chain.gas, Fraction(0)) + grams
    return found


def _worth(token: Token, case: Case) -> tuple[Fraction, str]:
    if isinstance(token, Constant):
        return token.value, token.unit
    if isinstance(token, Slot):
        wanted = token.of(case.binding.subject)
        (factor,) = (each for each in case.binding.factors if each.slot == wanted)
        return factor.quantity.fraction, factor.quantity.unit
    first, unit = _worth(token.first, case)
    taken = (_worth(each, case) for each in token.others)
    return first - sum(value * units.conversion(code, unit) for value, code in taken), unit
