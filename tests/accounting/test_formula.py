"""The little language of formulas: what it can say, and what comes out of it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accounting.domain.formula import (
    Chain,
    Constant,
    Difference,
    Known,
    Slot,
    activity_unit,
    evaluate,
    parse,
)
from services.accounting.domain.role import Role
from services.kernel.errors import UnitDimension
from services.kernel.mass import Gas
from services.kernel.quantity import Quantity
from tests.accounting import builders

CARBON = Constant(text="44/12", value=Fraction(44, 12), unit="tCO2/tC")
CONSTANTS = {"44/12": CARBON}

FUEL = "AD × net_calorific_value × carbon_content_per_heat × oxidation_rate × 44/12"
ANODE = "AD × anode_carbon × (1 − sulphur_share − ash_share) × 44/12"

COAL = {
    Slot(role=Role.NET_CALORIFIC_VALUE, subject="coal"): "23.204 GJ(NCV)/t",
    Slot(role=Role.CARBON_CONTENT_PER_HEAT, subject="coal"): "26.18 tC/TJ(NCV)",
    Slot(role=Role.OXIDATION_RATE, subject="coal"): "93 %",
}

amounts = st.decimals(min_value=0, max_value=10**9, places=6, allow_nan=False)
figures = st.decimals(min_value=0, max_value=100, places=5, allow_nan=False)


def chain(text: str, gas: Gas = Gas.CO2, *, optional: bool = False) -> Chain:
    return parse(text, gas, CONSTANTS, optional=optional)


def known(figures: Mapping[Slot, str], subject: str = "coal") -> Known:
    return Known(
        subject=subject,
        figures={slot: builders.quantity(text) for slot, text in figures.items()},
    )


def result(text: str, activity: str, figures: Mapping[Slot, str], gas: Gas = Gas.CO2) -> Fraction:
    """Return the tonnes of gas of an activity such as "1000 kWh"."""
    amount = builders.quantity(activity)
    steps = evaluate(chain(text, gas), amount.fraction, amount.unit, known(figures), None)
    assert steps[-1].unit == f"t{gas}"
    return steps[-1].value


def of(role: Role, subject: str = "coal") -> Slot:
    return Slot(role=role, subject=subject)


def test_a_product_is_read_in_the_order_it_is_written() -> None:
    assert chain(FUEL).tokens == (
        Slot(role=Role.NET_CALORIFIC_VALUE),
        Slot(role=Role.CARBON_CONTENT_PER_HEAT),
        Slot(role=Role.OXIDATION_RATE),
        CARBON,
    )


def test_a_subject_stands_in_brackets_and_what_may_be_left_out_has_a_question_mark() -> None:
    read = chain("AD × oxidation_rate[coal-2026]? × co2_factor[limestone]")

    assert read.tokens == (
        Slot(role=Role.OXIDATION_RATE, subject="coal-2026", optional=True),
        Slot(role=Role.CO2_FACTOR, subject="limestone"),
    )


def test_a_difference_is_of_the_whole_or_of_a_factor() -> None:
    share, ash = Slot(role=Role.SULPHUR_SHARE), Slot(role=Role.ASH_SHARE)
    enthalpy = Slot(role=Role.STEAM_ENTHALPY)
    water = Slot(role=Role.HEAT_CONSTANT, subject="water-20c")

    whole = Difference(first=Constant(text="1", value=Fraction(1), unit="1"), others=(share, ash))
    assert chain(ANODE).tokens[1] == whole
    assert chain("AD × (steam_enthalpy − heat_constant[water-20c])").tokens == (
        Difference(first=enthalpy, others=(water,)),
    )


def test_every_factor_of_a_difference_is_a_place_for_one() -> None:
    assert [slot.role for slot in chain(ANODE).slots()] == [
        Role.ANODE_CARBON,
        Role.SULPHUR_SHARE,
        Role.ASH_SHARE,
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "net_calorific_value",
        "FC × net_calorific_value",
        "AD ×",
        "AD × calorific_value",
        "AD × co2_factor × 44/13",
        "AD * co2_factor",
        "AD × co2_factor[Limestone]",
        "AD × CO2_FACTOR",
        "AD × (1 − 44/12)",
        "AD × ((1 − ash_share) − ash_share)",
        "AD × 1",
    ],
)
def test_what_the_language_cannot_say_is_a_mistake_of_the_data(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        chain(text)


def test_each_step_comes_out_in_the_unit_people_write_it_in() -> None:
    steps = evaluate(chain(FUEL), Fraction(1000), "t", known(COAL), None)

    assert [(step.formula.en, step.value, step.unit) for step in steps] == [
        ("heat = activity × net calorific value", Fraction(23204), "GJ(NCV)"),
        ("carbon = heat × carbon content per heat", Fraction("607.48072"), "tC"),
        ("carbon = carbon × oxidation rate", Fraction("564.9570696"), "tC"),
        ("emissions = carbon × 44/12", Fraction("2071.5092552"), "tCO2"),
    ]
    assert steps[0].formula.zh == "热量 = 活动数据 × 低位发热量"
    assert [step.slots for step in steps] == [*((slot,) for slot in COAL), ()]


def test_factors_that_make_nothing_by_themselves_share_a_step() -> None:
    litre = {
        of(Role.DENSITY): "0.83 kg/L",
        of(Role.NET_CALORIFIC_VALUE): "43 MJ(NCV)/kg",
        of(Role.CO2_PER_HEAT): "74.1 tCO2/TJ(NCV)",
    }
    text = "AD × density × net_calorific_value × co2_per_heat"

    steps = evaluate(chain(text), Fraction(1000), "L", known(litre), None)

    assert [step.unit for step in steps] == ["t", "GJ(NCV)", "tCO2"]
    assert steps[-1].value == Fraction("0.83") * 43 * Fraction("74.1") / 1000


def test_a_factor_of_another_subject_says_whose_it_is() -> None:
    text = "AD × co2_factor[calcium-carbonate]"
    figure = {of(Role.CO2_FACTOR, "calcium-carbonate"): "0.44 tCO2/t"}

    (step,) = evaluate(chain(text), Fraction(2), "t", known(figure, "agent"), None)

    assert step.formula.en == "emissions = activity × CO2 factor of calcium-carbonate"
    assert step.formula.zh == "排放量 = 活动数据 × calcium-carbonate 二氧化碳排放因子"
    assert step.value == Fraction("0.88")


def test_a_figure_that_may_be_left_out_counts_only_where_it_is_given() -> None:
    text = "AD × component_share? × conversion_rate? × co2_factor"
    stone = {of(Role.CO2_FACTOR): "0.44 tCO2/t"}

    assert result(text, "100 t", stone) == 44
    assert result(text, "100 t", {**stone, of(Role.COMPONENT_SHARE): "90 %"}) == Fraction("39.6")
    both = {**stone, of(Role.COMPONENT_SHARE): "90 %", of(Role.CONVERSION_RATE): "50 %"}
    assert result(text, "100 t", both) == Fraction("19.8")


def test_a_difference_subtracts_in_the_unit_of_its_first() -> None:
    anode = {
        of(Role.ANODE_CARBON): "0.411 tC/t",
        of(Role.SULPHUR_SHARE): "2 %",
        of(Role.ASH_SHARE): "0.004 1",
    }
    steam = {
        of(Role.STEAM_ENTHALPY): "3273 kJ/kg",
        of(Role.HEAT_CONSTANT): "0.08374 MJ/kg",
        of(Role.HEAT_DEFAULT): "0.11 tCO2/GJ",
    }

    assert result(ANODE, "1 t", anode) == Fraction("0.411") * Fraction("0.976") * 44 / 12
    assert result(
        "AD × (steam_enthalpy − heat_constant) × heat_default", "1000 kg", steam
    ) == Fraction("3189.26") / 1000 * Fraction("0.11")


def test_a_gas_that_is_weighed_is_its_own_mass() -> None:
    (step,) = evaluate(chain("AD", Gas.SF6), Fraction(5), "kgSF6", known({}), None)

    assert (step.value, step.unit, step.formula.en) == (Fraction(5, 1000), "tSF6", "SF6 = activity")


def test_zero_is_a_factor_and_makes_zero() -> None:
    assert result("AD × co2_factor", "7 MWh", {of(Role.CO2_FACTOR): "0 tCO2/MWh"}) == 0


def test_a_factor_that_is_not_known_is_no_zero() -> None:
    with pytest.raises(KeyError):
        result("AD × co2_factor", "7 MWh", {})


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("AD × co2_factor", {of(Role.CO2_FACTOR): "0.5 tCO2e/t"}),
        ("AD × co2_factor", {of(Role.CO2_FACTOR): "0.5 tCO2/MWh"}),
        ("AD × net_calorific_value × 44/12", {of(Role.NET_CALORIFIC_VALUE): "20 GJ(NCV)/t"}),
        (FUEL, {**COAL, of(Role.NET_CALORIFIC_VALUE): "25 GJ(GCV)/t"}),
    ],
)
def test_a_product_that_is_no_mass_of_the_gas_is_refused(
    text: str, figures: Mapping[Slot, str]
) -> None:
    with pytest.raises(UnitDimension):
        result(text, "1 t", figures)


@pytest.mark.parametrize(
    ("text", "figures", "unit"),
    [
        (FUEL, COAL, "t"),
        (FUEL, {**COAL, of(Role.NET_CALORIFIC_VALUE): "389.31 GJ(NCV)/10^4 Nm3"}, "10^4 Nm3"),
        ("AD × grid_average", {of(Role.GRID_AVERAGE): "0.5568 kgCO2/kWh"}, "kWh"),
        # A share is per nothing: the next factor says what the activity is in.
        (
            "AD × component_share × co2_factor",
            {of(Role.COMPONENT_SHARE): "90 %", of(Role.CO2_FACTOR): "0.44 tCO2/t"},
            "t",
        ),
        ("AD × component_share? × co2_factor", {of(Role.CO2_FACTOR): "0.44 kgCO2/kg"}, "kg"),
        (
            "AD × (steam_enthalpy − heat_constant) × heat_default",
            {
                of(Role.STEAM_ENTHALPY): "3273 kJ/kg",
                of(Role.HEAT_CONSTANT): "83.74 kJ/kg",
                of(Role.HEAT_DEFAULT): "0.11 tCO2/GJ",
            },
            "kg",
        ),
        ("AD × 44/12", {}, "tC"),
        ("AD × oxidation_rate × 44/12", COAL, "tC"),
        ("AD", {}, "tCO2"),
    ],
)
def test_activity_is_added_up_in_the_unit_that_the_first_factor_is_per(
    text: str, figures: Mapping[Slot, str], unit: str
) -> None:
    assert activity_unit(chain(text), known(figures)) == unit


def test_a_gas_nobody_has_a_figure_for_is_left_out_only_where_the_method_says_so() -> None:
    whole = builders.method("ghgp").terms[0].formula("whole_factor")
    co2, ch4 = of(Role.CO2_FACTOR), of(Role.CH4_FACTOR)

    assert [each.gas for each in whole.taken("coal", {co2})] == [Gas.CO2]
    assert [each.gas for each in whole.taken("coal", {co2, ch4})] == [Gas.CO2, Gas.CH4]
    assert [each.gas for each in whole.taken("coal", set())] == [Gas.CO2]


@given(amounts, figures)
def test_kilowatt_hours_and_megawatt_hours_give_the_very_same_fraction(
    amount: Decimal, figure: Decimal
) -> None:
    per_mwh = {of(Role.GRID_AVERAGE): f"{figure:f} tCO2/MWh"}
    per_kwh = {of(Role.GRID_AVERAGE): f"{figure:f} kgCO2/kWh"}
    text, small, large = "AD × grid_average", f"{amount:f} kWh", f"{amount / 1000:f} MWh"

    one = result(text, large, per_mwh)

    assert one == result(text, small, per_mwh) == result(text, small, per_kwh)
    assert one == Fraction(amount) / 1000 * Fraction(figure)


@given(amounts, st.integers(0, 10**6))
def test_so_many_times_the_activity_is_so_many_times_the_gas(amount: Decimal, times: int) -> None:
    tonnes = evaluate(chain(FUEL), Fraction(amount), "t", known(COAL), None)[-1].value
    many = evaluate(chain(FUEL), times * Fraction(amount), "t", known(COAL), None)[-1].value

    assert many == times * tonnes


@given(amounts, figures, figures, figures)
def test_a_chain_is_the_product_by_hand(
    amount: Decimal, heat: Decimal, carbon: Decimal, share: Decimal
) -> None:
    figures = {
        of(Role.NET_CALORIFIC_VALUE): f"{heat:f} GJ(NCV)/t",
        of(Role.CARBON_CONTENT_PER_HEAT): f"{carbon:f} tC/TJ(NCV)",
        of(Role.OXIDATION_RATE): f"{share:f} %",
    }
    by_hand = (
        Fraction(amount)
        * Fraction(heat)
        * Fraction(carbon)
        / 1000
        * Fraction(share)
        / 100
        * Fraction(44, 12)
    )

    assert result(FUEL, f"{Quantity(value=amount, unit='t')}", figures) == by_hand
