"""Computations that store nothing."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from services.accounting.domain.activity import Kind
from services.accounting.domain.binding import Given, Unresolved
from services.accounting.domain.computation import (
    Activity,
    Computed,
    Question,
    answer,
    by_item,
    chosen_gwp_set,
    needs,
)
from services.accounting.domain.need import enthalpy
from services.accounting.domain.role import Role
from services.kernel.errors import AtField, BalanceNegative, FieldInvalid
from tests.accounting import builders, library
from tests.accounting.library import COAL, MISSING, Figures

AR5, AR6 = "gwp100-ar5", "gwp100-ar6"


def question(method_id: str = "gbt32150", gwp_set: str = "", year: int = 2023) -> Question:
    method = builders.method(method_id)
    return Question(
        method=method,
        accounting_year=year,
        region_code="CN-JS",
        gwp_set=chosen_gwp_set(method, gwp_set),
    )


HOME = question()


def activity(number: int = 0, **overrides: Any) -> Activity:
    fields: dict[str, Any] = {
        "path": f"activities[{number}]",
        "kind": Kind.ELECTRICITY_PURCHASED,
        "subject": "",
        "quantity": builders.quantity("1000 kWh"),
        "given": (),
        "errors": (),
    }
    return Activity(**(fields | overrides))


def fuel(number: int = 0, what: str = "10 t", **overrides: Any) -> Activity:
    fields = {"kind": Kind.FUEL_COMBUSTION, "subject": COAL, "quantity": builders.quantity(what)}
    return activity(number, **fields | overrides)


def given_factor(role: Role, text: str, number: int = 0, **fields: Any) -> Given:
    return Given(
        path=f"given_factors[{number}]",
        role=role,
        quantity=builders.quantity(text),
        **{"subject": ""} | fields,
    )


def computed(
    *activities: Activity, asked: Question = HOME, figures: Figures | None = None
) -> tuple[Computed, ...]:
    wanted = needs(activities, asked)
    return answer(wanted, library.found([each.need for each in wanted], figures))


def told(*activities: Activity, asked: Question = HOME, figures: Figures | None = None) -> Any:
    """Return the field and the reason of what is raised."""
    with pytest.raises(AtField) as caught:
        computed(*activities, asked=asked, figures=figures)
    return caught.value.field, caught.value.reason


def test_the_steps_begin_with_the_conversion_of_the_unit() -> None:
    (result,) = computed(activity())

    assert [(step.formula.en, step.value, step.unit) for step in result.emission.steps] == [
        ("1 kWh = 0.001 MWh", Fraction(1), "MWh"),
        ("emissions = activity × grid factor", Fraction("0.6451"), "tCO2"),
    ]
    assert result.emission.steps[0].clause is None
    assert result.emission.booked.co2_g == 645_100
    assert (result.sign, result.item.item_id) == (1, "electricity_purchased")


def test_a_unit_that_already_fits_is_not_converted() -> None:
    (result,) = computed(activity(quantity=builders.quantity("1 MWh")))

    assert len(result.emission.steps) == 1


def test_a_given_factor_needs_no_library() -> None:
    given = given_factor(Role.GRID_AVERAGE, "0.5 tCO2/MWh")

    (result,) = computed(activity(given=(given,)))

    assert result.emission.value_t == Fraction("0.5")
    assert result.need.queries == ()


def test_bought_electricity_has_a_result_on_each_basis() -> None:
    location, market = computed(activity(), asked=question("ghgp"))

    assert (location.item.item_id, location.emission.booked.co2_g) == (
        "electricity_location",
        645_100,
    )
    assert (market.item.item_id, market.emission.booked.co2_g) == ("electricity_market", 700_000)
    assert location.path == market.path == "activities[0]"


def test_it_is_computed_under_the_one_set_that_was_asked_for() -> None:
    (result,) = computed(fuel(), asked=question("ghgp", AR6))

    assert result.binding.gwp_sets == (AR6,)
    assert dict(result.emission.booked.co2e_g).keys() == {AR6}


def test_a_set_that_the_method_is_not_shown_under_is_refused() -> None:
    assert chosen_gwp_set(builders.method("ghgp"), "") == AR5
    with pytest.raises(FieldInvalid) as caught:
        chosen_gwp_set(builders.method("ets-power"), AR6)

    assert (caught.value.field, caught.value.allowed) == ("gwp_set", AR5)


def test_a_co2e_factor_is_refused_under_another_set_than_its_own() -> None:
    freight = activity(
        kind=Kind.OTHER_INDIRECT,
        subject="freight",
        quantity=builders.quantity("10 t"),
        value_chain_category=4,
        given=(given_factor(Role.CO2E_FACTOR, "0.1 tCO2e/t", gwp_set=AR6),),
    )
    unsaid = replace(freight, given=(given_factor(Role.CO2E_FACTOR, "0.1 tCO2e/t"),))

    (result,) = computed(freight, asked=question("ghgp", AR6))

    assert result.emission.booked.under(AR6) == 1_000_000
    assert told(freight, asked=question("ghgp")) == (
        "activities[0].given_factors[0].gwp_set",
        "GWP_SET_MISMATCH",
    )
    assert told(unsaid, asked=question("ghgp")) == (
        "activities[0].given_factors[0].gwp_set",
        "FIELD_REQUIRED",
    )


def test_results_are_gathered_by_item() -> None:
    found = by_item(computed(fuel(0), activity(1), fuel(2, "5 t")))

    assert {item: [each.path for each in results] for item, results in found.items()} == {
        "combustion": ["activities[0]", "activities[2]"],
        "electricity_purchased": ["activities[1]"],
    }


@pytest.mark.parametrize(
    ("overrides", "figure", "expected"),
    [
        ({"subject": "heat"}, None, ("activities[0].subject", "FIELD_INVALID")),
        (
            {"quantity": builders.quantity("-1 MWh")},
            None,
            ("activities[0].quantity.value", "QUANTITY_INVALID"),
        ),
        (
            {"quantity": builders.quantity("1 t")},
            None,
            ("activities[0].quantity.unit_code", "UNIT_DIMENSION"),
        ),
        (
            {"quantity": builders.quantity("1e20 MWh")},
            None,
            ("activities[0].quantity.value", "FIELD_INVALID"),
        ),
        (
            {},
            Unresolved(reason="FACTOR_NOT_APPLICABLE", candidates=("2024",)),
            ("accounting_year", "FACTOR_NOT_APPLICABLE"),
        ),
        ({}, MISSING, ("activities[0].subject", "FACTOR_MISSING")),
        (
            {"kind": Kind.GAS_RELEASED, "subject": "argon"},
            None,
            ("activities[0].subject", "FIELD_INVALID"),
        ),
        (
            {"value_chain_category": 4},
            None,
            ("activities[0].value_chain_category_number", "FIELD_INVALID"),
        ),
        ({"certificate": "GEC-1"}, None, ("activities[0].certificate", "FIELD_INVALID")),
        (
            {"steam": enthalpy("0.5 MPa 400 °C", "heat", builders.steam_table())},
            None,
            ("activities[0].steam", "FIELD_INVALID"),
        ),
        (
            {"subject": "electricity-non-fossil"},
            None,
            ("activities[0].evidence", "FIELD_REQUIRED"),
        ),
    ],
)
def test_what_is_wrong_is_raised_with_its_field(
    overrides: dict[str, Any], figure: Unresolved | None, expected: tuple[str, str]
) -> None:
    figures: Figures | None = {(Role.GRID_AVERAGE, "electricity"): figure} if figure else None

    assert told(activity(**overrides), figures=figures) == expected


@pytest.mark.parametrize(
    ("kind", "given", "expected"),
    [
        (Kind.FUEL_COMBUSTION, (Role.NET_CALORIFIC_VALUE, "41.87 GJ(NCV)/t"), None),
        (Kind.FUEL_COMBUSTION, (Role.NET_CALORIFIC_VALUE, "9.3 kcal(IT,NCV)/kg"), None),
        (Kind.FUEL_COMBUSTION, (Role.OXIDATION_RATE, "0.98 1"), None),
        (Kind.HEAT_PURCHASED, (Role.HEAT_DEFAULT, "0 tCO2/GJ"), None),
        (
            Kind.ELECTRICITY_PURCHASED,
            (Role.HEAT_DEFAULT, "0.11 tCO2/GJ"),
            ("role", "FIELD_INVALID"),
        ),
        (
            Kind.ELECTRICITY_PURCHASED,
            (Role.GRID_AVERAGE, "0.5 kgCO2e/kWh"),
            ("quantity.unit_code", "UNIT_DIMENSION"),
        ),
        (
            Kind.FUEL_COMBUSTION,
            (Role.OXIDATION_RATE, "100.1 %"),
            ("quantity.value", "FIELD_INVALID"),
        ),
        (
            Kind.FUEL_COMBUSTION,
            (Role.NET_CALORIFIC_VALUE, "-1 GJ(NCV)/t"),
            ("quantity.value", "QUANTITY_INVALID"),
        ),
        (
            Kind.FUEL_COMBUSTION,
            (Role.CARBON_CONTENT_PER_HEAT, "94 tCO2/TJ(NCV)"),
            ("quantity.unit_code", "UNIT_DIMENSION"),
        ),
    ],
)
def test_a_factor_is_taken_where_it_belongs_to_the_formula_and_measures_its_role(
    kind: Kind, given: tuple[Role, str], expected: tuple[str, str] | None
) -> None:
    units = {Kind.FUEL_COMBUSTION: "1 t", Kind.HEAT_PURCHASED: "1 GJ"}
    brought = activity(
        kind=kind,
        subject="" if kind.carrier else COAL,
        quantity=builders.quantity(units.get(kind, "1 MWh")),
        given=(given_factor(*given),),
    )

    if expected is None:
        assert len(computed(brought)) == 1
    else:
        field, reason = expected
        assert told(brought) == (f"activities[0].given_factors[0].{field}", reason)


def test_a_factor_is_given_once() -> None:
    twice = tuple(
        given_factor(Role.OXIDATION_RATE, text, number)
        for number, text in enumerate(["98 %", "99 %"])
    )

    assert told(fuel(given=twice)) == ("activities[0].given_factors[1].role", "FIELD_INVALID")


def test_of_several_errors_the_contracts_first_is_raised() -> None:
    assert told(activity(0, quantity=builders.quantity("-1 MWh")), fuel(1, subject="")) == (
        "activities[1].subject",
        "FIELD_REQUIRED",
    )


def test_a_fuel_by_mass_and_by_heat_would_be_counted_twice() -> None:
    assert told(fuel(0), fuel(1, "200 GJ(NCV)")) == (
        "activities[1].quantity.unit_code",
        "FUEL_COUNTED_TWICE",
    )
    assert len(computed(fuel(0), fuel(1, "5000 kg"))) == 2
    feed = fuel(1, "200 GJ(NCV)", kind=Kind.FEEDSTOCK_USED)
    assert told(fuel(0), feed, asked=question("park910")) == (
        "activities[1].quantity.unit_code",
        "FUEL_COUNTED_TWICE",
    )


def test_a_certificate_is_claimed_once() -> None:
    claim = activity(
        kind=Kind.GREEN_POWER_CLAIMED,
        subject="green-certificate",
        certificate="GEC-1",
        evidence="register extract",
    )

    assert told(claim, replace(claim, path="activities[1]"), asked=question("ghgp")) == (
        "activities[1].certificate",
        "CERTIFICATE_RETIRED",
    )
    other = replace(claim, path="activities[1]", certificate="GEC-2")
    assert len(computed(claim, other, asked=question("ghgp"))) == 2


def test_a_balance_of_which_both_sides_are_given_may_not_come_out_negative() -> None:
    iron = activity(
        0,
        kind=Kind.MATERIAL_CONSUMED,
        subject="pig-iron",
        quantity=builders.quantity("1 t"),
    )
    steel = activity(
        1, kind=Kind.PRODUCT_OUTPUT, subject="crude-steel", quantity=builders.quantity("100 t")
    )

    with pytest.raises(BalanceNegative) as caught:
        computed(iron, steel)

    assert (caught.value.item, caught.value.given) == ("carbon-balance", "-1.368 tCO2")
    assert [each.sign for each in computed(steel)] == [-1]
    assert len(computed(replace(iron, quantity=builders.quantity("100 t")), steel)) == 2


def test_what_a_method_does_not_count_names_what_it_counts() -> None:
    with pytest.raises(FieldInvalid) as caught:
        computed(
            activity(
                kind=Kind.PRODUCT_OUTPUT, subject="bicycle", quantity=builders.quantity("1 t")
            ),
            asked=question("ets-aluminium"),
        )

    assert str(caught.value.allowed) == "what ets-aluminium counts under PRODUCT_OUTPUT: aluminium"
