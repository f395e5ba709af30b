"""The gases of a formula, their steps, their potentials, and the one rounding."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accounting.domain.activity import Kind
from services.accounting.domain.binding import Binding, Given, Need
from services.accounting.domain.emission import (
    NOTHING,
    Booked,
    Emission,
    compute,
    of_quantity,
    total,
)
from services.accounting.domain.role import Role
from services.kernel.errors import FieldInvalid, GwpSetMismatch
from services.kernel.mass import Gas, Rounding
from tests.accounting import builders, library
from tests.accounting.library import COAL, Figures

BOILER = builders.source(Kind.FUEL_COMBUSTION, "boiler-1")
AR4, AR5, AR6 = "gwp100-ar4", "gwp100-ar5", "gwp100-ar6"

grams = st.integers(-(10**17), 10**17)


def computed(
    wanted: Need,
    activity: str,
    figures: Figures | None = None,
    rounding: Rounding = Rounding.HALF_UP,
) -> Emission:
    """Return the emissions of an amount in the unit that the binding asks for."""
    binding = builders.bound(wanted, figures)
    formula = wanted.term.formula(binding.formula_id)
    return compute(formula, Fraction(activity), binding, rounding)


def booked(co2_g: int = 0, *, other_mg: Iterable[tuple[Gas, int]] = (), **co2e_g: int) -> Booked:
    """Return booked emissions, as `booked(5, ar5=6)`."""
    return Booked(
        co2_g=co2_g,
        other_mg=tuple(other_mg),
        co2e_g=tuple((f"gwp100-{name}", value) for name, value in co2e_g.items()),
    )


def test_a_fuel_becomes_heat_then_carbon_then_co2() -> None:
    emission = computed(builders.need(BOILER, "1 t"), "1000")

    assert [(step.formula.en, step.value, step.unit) for step in emission.steps] == [
        ("heat = activity × net calorific value", Fraction(23204), "GJ(NCV)"),
        ("carbon = heat × carbon content per heat", Fraction("607.48072"), "tC"),
        ("carbon = carbon × oxidation rate", Fraction("564.9570696"), "tC"),
        ("emissions = carbon × 44/12", Fraction("2071.5092552"), "tCO2"),
    ]
    assert emission.value_t == Fraction("2071.5092552")
    assert emission.booked == booked(2_071_509_255, ar5=2_071_509_255)


def test_every_step_names_its_clause() -> None:
    emission = computed(builders.need(BOILER, "1 t", by="ghgp"), "1")

    steps = [step for gas in emission.gases for steps in gas.chains for step in steps]
    assert len(steps) == 6
    assert all(step.clause and step.clause.document_no and step.clause.locator for step in steps)


def test_each_gas_is_booked_by_itself_and_its_equivalent_under_every_set() -> None:
    emission = computed(builders.need(BOILER, "1 t", by="ghgp"), "1000")

    heat_tj = Fraction("23.204")
    co2, ch4, n2o = heat_tj * Fraction("94.6"), heat_tj / 1000, heat_tj * Fraction("0.0015")
    assert [(gas.gas, gas.value_t) for gas in emission.gases] == [
        (Gas.CO2, co2),
        (Gas.CH4, ch4),
        (Gas.N2O, n2o),
    ]
    assert emission.co2e_t == {
        AR5: co2 + 30 * ch4 + 265 * n2o,
        AR4: co2 + 25 * ch4 + 298 * n2o,
        AR6: co2 + Fraction("29.8") * ch4 + 273 * n2o,
    }
    assert emission.booked == Booked(
        co2_g=2_195_098_400,
        other_mg=((Gas.CH4, 23_204_000), (Gas.N2O, 34_806_000)),
        co2e_g=((AR4, 2_206_050_688), (AR5, 2_205_018_110), (AR6, 2_205_291_917)),
    )


def test_equivalents_come_from_the_unrounded_product_never_from_rounded_gases() -> None:
    # 1 g of coal: 0.023 mg of CH4 and 0.035 mg of N2O round to nothing, their equivalent does not.
    figures: Figures = {(Role.CH4_PER_HEAT, COAL): "20 kgCH4/TJ(NCV)"}

    emission = computed(builders.need(BOILER, "1 t", by="ghgp"), "0.000001", figures)

    assert dict(emission.booked.other_mg) == {Gas.CH4: 0, Gas.N2O: 0}
    co2 = Fraction("0.023204") * Fraction("94.6")
    assert emission.booked.co2_g == round(co2) == 2
    by_hand = co2 + Fraction("0.023204") * (30 * Fraction("0.02") + 265 * Fraction("0.0015"))
    assert emission.co2e_t[AR5] * 10**6 == by_hand
    assert dict(emission.booked.co2e_g)[AR5] == round(by_hand)


def test_several_products_of_one_gas_are_added_before_they_are_rounded() -> None:
    green = builders.source(Kind.MATERIAL_CONSUMED, "kiln", subject="green-coke")
    figures: Figures = {
        Role.CARBON_CONTENT: "0.86 tC/t",
        Role.VOLATILE_SHARE: "10 %",
        Role.VOLATILE_COEFFICIENT: "1 1",
    }

    emission = computed(builders.need(green, "1 t"), "1", figures)

    (gas,) = emission.gases
    assert [steps[-1].value for steps in gas.chains] == [
        Fraction("0.86") * 44 / 12,
        Fraction("0.1") * 44 / 16,
    ]
    assert emission.value_t == sum(steps[-1].value for steps in gas.chains)


def test_a_factor_of_co2e_alone_is_booked_under_the_set_it_was_asked_for() -> None:
    haulier = builders.source(
        Kind.OTHER_INDIRECT, "haulier", subject="freight", value_chain_category=4
    )
    given = Given(
        path="given_factors[0]",
        role=Role.CO2E_FACTOR,
        subject="",
        quantity=builders.quantity("0.1 tCO2e/t"),
        gwp_set=AR6,
    )
    wanted = replace(builders.need(haulier, "1 t", by="ghgp"), given=(given,), gwp_sets=(AR6,))

    emission = computed(wanted, "10")

    assert emission.booked == booked(0, ar6=1_000_000)
    with pytest.raises(GwpSetMismatch):
        emission.booked.under(AR5)


def test_a_gas_without_a_potential_cannot_be_weighed() -> None:
    wanted = builders.need(BOILER, "1 t", by="ghgp")
    binding = builders.bound(wanted)
    without = replace(
        binding,
        potentials=tuple(each for each in binding.potentials if each.gas is not Gas.N2O),
    )

    with pytest.raises(KeyError):
        compute(wanted.term.formula("default"), Fraction(1), without, Rounding.HALF_UP)


@pytest.mark.parametrize(
    ("rounding", "expected_g"),
    [
        (Rounding.HALF_UP, 1),
        (Rounding.HALF_EVEN, 0),
        (Rounding.FLOOR, 0),
        (Rounding.CEILING, 1),
    ],
)
def test_the_method_names_the_rounding(rounding: Rounding, expected_g: int) -> None:
    figures: Figures = {(Role.GRID_AVERAGE, "electricity"): "0.5 tCO2/MWh"}

    emission = computed(builders.need(), "0.000001", figures, rounding)

    assert emission.booked == booked(expected_g, ar5=expected_g)


def test_the_factor_may_be_per_another_unit_than_was_written() -> None:
    wanted = builders.need()
    figures: Figures = {(Role.GRID_AVERAGE, "electricity"): "0.5568 kgCO2/kWh"}
    binding: Binding = builders.bound(wanted, figures)
    formula = wanted.term.formula(binding.formula_id)

    emission = of_quantity(formula, builders.quantity("0.36 GJ"), binding, Rounding.HALF_UP)

    assert emission.value_t == Fraction("0.05568")


def test_an_amount_beyond_all_bounds_is_refused_at_its_value() -> None:
    wanted = builders.need()
    binding = builders.bound(wanted)
    formula = wanted.term.formula(binding.formula_id)

    with pytest.raises(FieldInvalid) as caught:
        of_quantity(formula, builders.quantity("1e20 MWh"), binding, Rounding.HALF_UP)

    assert caught.value.field == "quantity.value"
    assert caught.value.given == "1e20 MWh"


def test_a_total_adds_with_signs() -> None:
    one = booked(5, other_mg=[(Gas.CH4, 7)], ar5=6)
    two = booked(3, other_mg=[(Gas.CH4, 2), (Gas.N2O, 1)], ar5=3)

    assert total([(1, one), (-1, two)]) == booked(2, other_mg=[(Gas.CH4, 5), (Gas.N2O, -1)], ar5=3)
    assert one - two == total([(1, one), (-1, two)])
    assert total([]) == NOTHING


def test_figures_under_different_sets_are_never_added() -> None:
    with pytest.raises(GwpSetMismatch) as caught:
        booked(1, ar5=1) + booked(1, ar4=1)

    assert (caught.value.given, caught.value.wanted) == (AR4, AR5)
    with pytest.raises(GwpSetMismatch):
        booked(1, ar5=1) - booked(1, ar4=1, ar5=1)


def test_nothing_adds_up_with_everything_but_a_figure_without_a_set_does_not() -> None:
    one = booked(1, ar5=1)

    assert one + NOTHING == NOTHING + one == one
    with pytest.raises(GwpSetMismatch):
        one + booked(1)


def test_a_figure_is_shown_only_under_a_set_it_was_booked_under() -> None:
    one = booked(5, ar5=6)

    assert one.under(AR5) == 6
    assert NOTHING.under(AR6) == 0
    with pytest.raises(GwpSetMismatch) as caught:
        one.under(AR6)
    assert caught.value.wanted == AR5


@given(st.lists(st.tuples(grams, grams, grams), max_size=20), st.randoms())
def test_integers_add_in_any_order(parts: list[tuple[int, int, int]], chance: Random) -> None:
    given_parts = [booked(co2, other_mg=[(Gas.CH4, mg)], ar5=co2e) for co2, mg, co2e in parts]
    shuffled = chance.sample(given_parts, k=len(given_parts))

    assert sum(shuffled, NOTHING) == sum(given_parts, NOTHING)
    if parts:
        assert sum(shuffled, NOTHING) == booked(
            sum(co2 for co2, _, _ in parts),
            other_mg=[(Gas.CH4, sum(mg for _, mg, _ in parts))],
            ar5=sum(co2e for _, _, co2e in parts),
        )


@given(st.decimals(min_value=0, max_value=10**6, places=6))
def test_a_potential_scales_its_gas_and_nothing_else(amount: Decimal) -> None:
    wanted = builders.need(BOILER, "1 t", by="ghgp")

    emission = computed(wanted, str(amount))

    co2, ch4, n2o = (gas.value_t for gas in emission.gases)
    for name, potentials in library.POTENTIALS.items():
        if name in emission.co2e_t:
            assert emission.co2e_t[name] == (
                co2 + ch4 * Fraction(potentials["ch4-fossil"]) + n2o * Fraction(potentials["n2o"])
            )
