"""The formula, its steps and its one rounding."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from services.accounting.domain.activity import Kind
from services.accounting.domain.emission import NOTHING, Booked, compute, of_quantity, total
from services.accounting.domain.method import Role
from services.kernel.errors import FieldInvalid
from services.kernel.mass import Rounding
from tests.accounting import builders


def test_a_fuel_becomes_heat_then_carbon_then_co2() -> None:
    method = builders.method()

    emission = compute(
        method, method.terms[Kind.FUEL_COMBUSTION], Fraction(1000), builders.binding(builders.COAL)
    )

    assert [(step.formula.en, step.value, step.unit) for step in emission.steps] == [
        ("heat = fuel × net calorific value", Fraction(23204), "GJ(NCV)"),
        ("carbon = heat × carbon content per heat", Fraction("607.48072"), "tC"),
        ("oxidised carbon = carbon × oxidation rate", Fraction("564.9570696"), "tC"),
        ("emissions = oxidised carbon × 44/12", Fraction("2071.5092552"), "tCO2"),
    ]
    assert emission.value_t == Fraction("2071.5092552")
    assert emission.booked == Booked(co2_g=2_071_509_255, co2e_g=2_071_509_255)


def test_a_measured_carbon_content_stands_for_heat_value_and_carbon_per_heat() -> None:
    method = builders.method()
    measured = {Role.CARBON_CONTENT: "0.02 tC/t", Role.OXIDATION_RATE: "1 1"}

    emission = compute(
        method, method.terms[Kind.FUEL_COMBUSTION], Fraction(10), builders.binding(measured)
    )

    assert [step.unit for step in emission.steps] == ["tC", "tC", "tCO2"]
    assert emission.value_t == Fraction(11, 15)


def test_every_step_but_a_conversion_names_its_clause() -> None:
    method = builders.method()
    binding = builders.binding(builders.COAL)

    emission = compute(method, method.terms[Kind.FUEL_COMBUSTION], Fraction(1), binding)

    assert all(step.clause and step.clause.document_no for step in emission.steps)


@pytest.mark.parametrize(
    ("rounding", "grams"),
    [
        (Rounding.HALF_UP, 1),
        (Rounding.HALF_EVEN, 0),
        (Rounding.FLOOR, 0),
        (Rounding.CEILING, 1),
    ],
)
def test_the_method_names_the_rounding(rounding: Rounding, grams: int) -> None:
    method = replace(builders.method(), rounding=rounding)
    binding = builders.binding({Role.GRID_AVERAGE: "0.5 tCO2/MWh"})

    emission = compute(
        method, method.terms[Kind.ELECTRICITY_PURCHASED], Fraction("0.000001"), binding
    )

    assert emission.booked.co2_g == grams


def test_the_factor_may_be_per_another_unit_than_was_written() -> None:
    method = builders.method()
    binding = builders.binding({Role.GRID_AVERAGE: "0.5568 kgCO2/kWh"})

    emission = of_quantity(
        method,
        method.terms[Kind.ELECTRICITY_PURCHASED],
        builders.quantity("0.36 GJ"),
        binding,
    )

    assert binding.activity_unit == "kWh"
    assert emission.value_t == Fraction("0.05568")


def test_an_amount_beyond_all_bounds_is_refused_at_its_value() -> None:
    method = builders.method()

    with pytest.raises(FieldInvalid) as caught:
        of_quantity(
            method,
            method.terms[Kind.ELECTRICITY_PURCHASED],
            builders.quantity("1e20 MWh"),
            builders.binding(),
        )

    assert caught.value.field == "quantity.value"
    assert caught.value.given == "1e20 MWh"


def test_a_total_adds_with_signs() -> None:
    one, two = Booked(co2_g=5, co2e_g=6), Booked(co2_g=3, co2e_g=3)

    assert total([(1, one), (-1, two)]) == Booked(co2_g=2, co2e_g=3)
    assert total([]) == NOTHING
