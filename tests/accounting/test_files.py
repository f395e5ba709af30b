"""The method file as it is read."""

from __future__ import annotations

from fractions import Fraction

from services.accounting.domain.activity import Kind
from services.accounting.domain.method import Category, Role
from services.kernel.mass import Rounding
from services.kernel.trust import Status
from tests.accounting import builders


def test_the_method_says_which_factors_a_fuel_takes_and_in_which_order() -> None:
    term = builders.method().terms[Kind.FUEL_COMBUSTION]

    assert term.roles == (
        Role.NET_CALORIFIC_VALUE,
        Role.CARBON_CONTENT_PER_HEAT,
        Role.OXIDATION_RATE,
    )
    assert (term.sign, term.category) == (1, Category.DIRECT)
    assert term.formula.en == "E = FC × NCV × CC × OF × 44/12"


def test_sold_energy_is_deducted_and_indirect() -> None:
    for kind in (Kind.ELECTRICITY_EXPORTED, Kind.HEAT_EXPORTED):
        term = builders.method().terms[kind]

        assert (term.sign, term.category) == (-1, Category.INDIRECT)


def test_carbon_becomes_co2_by_an_exact_fraction() -> None:
    assert builders.method().carbon_to_co2 == Fraction(44, 12)


def test_rounding_and_basis_are_named() -> None:
    method = builders.method()

    assert method.rounding is Rounding.HALF_UP
    assert method.rounding_reason
    assert (method.gwp_set, method.scope2_basis) == ("gwp100-ar5", "location-based")


def test_a_clause_is_trusted_no_more_than_its_document() -> None:
    clause = builders.method().terms[Kind.HEAT_PURCHASED].clause

    assert clause.status is Status.SECONDARY
    assert "Table C.3" in clause.locator


def test_a_steel_works_lacks_process_emissions() -> None:
    industry = builders.method().incomplete_industries["3120"]

    assert "fluxes" in industry.missing.en
    assert "熔剂" in industry.missing.zh
