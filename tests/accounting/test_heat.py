"""Heat by the rule of each document."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accounting.domain.metering.figure import FindingKind
from services.accounting.domain.metering.heat import (
    Carrier,
    Choice,
    Fuel,
    Heat,
    HotWater,
    RuleName,
    Steam,
    UserCircuit,
    fuel_heat,
    heat,
)
from services.kernel.errors import (
    DomainError,
    FactorImplausible,
    FieldInvalid,
    FieldRequired,
    QuantityInvalid,
    SteamStateOutside,
    UnitDimension,
)
from services.kernel.quantity import Quantity
from services.kernel.trust import Status
from tests.accounting.builders import quantity
from tests.accounting.metering import rules, state, table

POWER = RuleName.CETS_POWER_2026
CARBON = RuleName.GBT32151_34_2024
SUBTRACTING = [RuleName.NDRC_2013_2015, RuleName.CETS_STEEL_2024, RuleName.CETS_POWER_2026]

masses = st.decimals("0", "1000000", places=3)


def of(carrier: Carrier, rule: RuleName | Choice = POWER) -> Heat:
    choice = rules().named(rule) if isinstance(rule, RuleName) else rule
    return heat(carrier, choice, rules(), table())


def steam(mass: str = "1000 t", pressure: str = "1.0", temperature: str = "200") -> Steam:
    return Steam(mass=quantity(mass), heat_content=state(pressure, temperature))


def given_steam(mass: str = "50000 t", enthalpy: str = "2776.9 kJ/kg") -> Steam:
    return Steam(mass=quantity(mass), heat_content=quantity(enthalpy))


def water(mass: str = "200000 t", temperature: str = "95") -> HotWater:
    return HotWater(mass=quantity(mass), supply_temperature_c=Decimal(temperature))


def circuit(text: str = "95000 GJ") -> UserCircuit:
    return UserCircuit(heat=quantity(text))


def kinds(found: Heat) -> list[FindingKind]:
    return [finding.kind for finding in found.findings]


@pytest.mark.parametrize("rule", SUBTRACTING)
def test_most_documents_subtract_the_feed_water(rule: RuleName) -> None:
    found = of(steam(), rule)

    assert (found.value, found.unit) == (Fraction("2827.5") - Fraction("83.74"), "GJ")


def test_gbt32151_34_subtracts_nothing() -> None:
    assert of(steam(), CARBON).value == Fraction("2827.5")


@pytest.mark.parametrize("rule", SUBTRACTING)
def test_hot_water_counts_from_twenty_degrees(rule: RuleName) -> None:
    assert of(water(), rule).value == 62_802
    assert of(water(temperature="20"), rule).value == 0


def test_the_exchanger_of_a_user_circuit_loses_five_per_cent() -> None:
    assert of(circuit()).value == 100_000
    assert of(circuit("100 GJ")).value == Fraction(10_000, 95)


@pytest.mark.parametrize(
    ("carrier", "rule", "allowed"),
    [
        (circuit(), RuleName.NDRC_2013_2015, "CETS_POWER_2026"),
        (circuit(), RuleName.CETS_STEEL_2024, "CETS_POWER_2026"),
        (circuit(), CARBON, "CETS_POWER_2026"),
        (water(), CARBON, "NDRC_2013_2015, CETS_STEEL_2024, CETS_POWER_2026"),
    ],
)
def test_a_document_that_says_nothing_of_a_carrier_gives_no_heat(
    carrier: Carrier, rule: RuleName, allowed: str
) -> None:
    with pytest.raises(FieldInvalid) as refused:
        of(carrier, rule)

    assert (refused.value.field, refused.value.given) == ("heat_rule", rule)
    assert str(refused.value.allowed).startswith(f"{allowed};")


@pytest.mark.parametrize(
    ("year", "rule"), [(2023, SUBTRACTING[0]), (2024, SUBTRACTING[0]), (2025, CARBON)]
)
def test_method_and_year_lead_to_a_rule_that_is_no_more_trusted_than_the_way(
    year: int, rule: RuleName
) -> None:
    choice = rules().chosen("gbt32150", year)
    found = of(steam(), choice)

    assert choice.rule.rule is rule
    assert choice.source is not None
    assert found.status is choice.source.status is Status.UNVERIFIED


@pytest.mark.parametrize(
    ("method", "year", "field", "allowed"),
    [
        ("gbt32150", 2022, "accounting_year", "2023, 2024, 2025"),
        ("gbt32150", 2026, "accounting_year", "2023, 2024, 2025"),
        ("moonshine", 2025, "method_id", "gbt32150"),
    ],
)
def test_a_year_or_method_without_a_rule_takes_no_other_one(
    method: str, year: int, field: str, allowed: str
) -> None:
    with pytest.raises(FieldInvalid) as refused:
        rules().chosen(method, year)

    assert refused.value.field == field
    assert str(refused.value.allowed).startswith(f"{allowed};")


def test_without_a_method_the_rule_must_be_named() -> None:
    with pytest.raises(FieldRequired) as refused:
        rules().chosen("", 2025)

    assert refused.value.field == "heat_rule"


def test_the_way_to_a_heat_names_table_and_clause() -> None:
    found = of(steam("1000000 kg"), RuleName.CETS_STEEL_2024)

    converted, looked_up, counted = found.steps
    assert (converted.value, converted.unit) == (Fraction(1000), "t")
    assert converted.source is None
    assert (looked_up.value, looked_up.unit) == (Fraction("2827.5"), "kJ/kg")
    assert looked_up.source is not None
    assert looked_up.source.locator == "Table C.5"
    assert counted.source is not None
    assert counted.source.document_no.startswith("CETS-AG-03.01-V01-2024")
    assert "(E.2)" in counted.source.locator
    assert counted.source.status is Status.OFFICIAL
    assert counted.value == found.value


def test_a_heat_is_trusted_no_more_than_its_enthalpy() -> None:
    assert of(steam()).status is Status.SECONDARY
    assert of(given_steam()).status is Status.UNVERIFIED
    assert of(water()).status is Status.OFFICIAL
    assert of(water(), RuleName.NDRC_2013_2015).status is Status.SECONDARY


def test_a_given_enthalpy_is_used_as_it_is_and_said_to_be_given() -> None:
    found = of(given_steam())

    assert found.value == 134_658
    assert found.enthalpy is None
    assert kinds(found) == [FindingKind.ENTHALPY_GIVEN]
    assert of(given_steam(enthalpy="2.7769 MJ/kg")).value == 134_658


@pytest.mark.parametrize("enthalpy", ["277.69 kJ/kg", "27769 kJ/kg", "2776.9 MJ/kg", "0 kJ/kg"])
def test_an_enthalpy_that_no_steam_has_is_refused(enthalpy: str) -> None:
    with pytest.raises(FactorImplausible) as refused:
        of(given_steam(enthalpy=enthalpy))

    assert refused.value.field == "steam.enthalpy.value"
    assert refused.value.band == "2159.1 to 3705.2 kJ/kg"


def test_enthalpies_of_another_documents_table_are_said_to_be_so() -> None:
    assert kinds(of(steam())) == [FindingKind.TABLE_OF_ANOTHER_DOCUMENT]
    assert kinds(of(steam(), CARBON)) == []
    assert "水和水蒸气热力性质表" in of(steam()).findings[0].text.zh


def test_the_misprinted_cell_is_flagged_in_the_heat_too() -> None:
    found = of(steam(pressure="0.5", temperature="400"), CARBON)

    assert found.value == Fraction("3217.8")
    (finding,) = found.findings
    assert finding.kind is FindingKind.DEVIATES_FROM_IAPWS97
    assert "printed 3217.8 kJ/kg, calculated 3272.3 kJ/kg" in finding.text.en


@pytest.mark.parametrize(
    ("carrier", "error", "field"),
    [
        (steam("-1 t"), QuantityInvalid, "steam.mass.value"),
        (steam("1 m3"), UnitDimension, "steam.mass.unit_code"),
        (steam("1 tce"), UnitDimension, "steam.mass.unit_code"),
        (steam(temperature="150"), SteamStateOutside, "steam.state"),
        (steam(pressure="23", temperature=""), SteamStateOutside, "steam.saturated_pressure_mpa"),
        (given_steam(enthalpy="2776.9 GJ(NCV)/t"), UnitDimension, "steam.enthalpy.unit_code"),
        (water("1 kWh"), UnitDimension, "hot_water.mass.unit_code"),
        (water(temperature="19.99"), FieldInvalid, "hot_water.supply_temperature_c"),
        (water(temperature="373.69"), FieldInvalid, "hot_water.supply_temperature_c"),
        (water(temperature="950"), FieldInvalid, "hot_water.supply_temperature_c"),
        (circuit("-1 GJ"), QuantityInvalid, "user_circuit.heat.value"),
        (circuit("1 GJ(NCV)"), UnitDimension, "user_circuit.heat.unit_code"),
    ],
)
def test_what_is_wrong_is_told_by_field(
    carrier: Carrier, error: type[DomainError], field: str
) -> None:
    with pytest.raises(error) as refused:
        of(carrier)

    assert getattr(refused.value, "field") == field  # noqa: B009 (any error of these has one)


def test_the_heat_of_a_fuel_keeps_its_basis_and_needs_no_rule() -> None:
    found = fuel_heat(
        Fuel(
            quantity=quantity("21 10^4 Nm3"),
            net_calorific_value=quantity("389.31 GJ(NCV)/10^4 Nm3"),
        )
    )

    assert (found.value, found.unit, found.choice) == (Fraction("8175.51"), "GJ(NCV)", None)


@pytest.mark.parametrize(
    ("amount", "value", "error", "field"),
    [
        ("21 10^4 Nm3", "38.931 GJ(NCV)/t", UnitDimension, "fuel.net_calorific_value.unit_code"),
        ("21 10^4 Sm3", "1 MJ(NCV)/Nm3", UnitDimension, "fuel.net_calorific_value.unit_code"),
        ("21 t", "20 GJ(GCV)/t", UnitDimension, "fuel.net_calorific_value.unit_code"),
        ("-21 t", "20 GJ(NCV)/t", QuantityInvalid, "fuel.quantity.value"),
        ("21 t", "0 GJ(NCV)/t", QuantityInvalid, "fuel.net_calorific_value.value"),
    ],
)
def test_a_fuel_and_a_value_that_make_no_net_heat_are_refused(
    amount: str, value: str, error: type[DomainError], field: str
) -> None:
    with pytest.raises(error) as refused:
        fuel_heat(Fuel(quantity=quantity(amount), net_calorific_value=quantity(value)))

    assert getattr(refused.value, "field") == field  # noqa: B009 (any error of these has one)


@given(kwh=masses)
def test_kwh_and_mwh_of_the_same_heat_give_the_same(kwh: Decimal) -> None:
    in_kwh = of(UserCircuit(heat=Quantity(value=kwh, unit="kWh")))
    in_mwh = of(UserCircuit(heat=Quantity(value=kwh.scaleb(-3), unit="MWh")))

    assert in_kwh.value == in_mwh.value


@given(tonnes=masses, rule=st.sampled_from(SUBTRACTING))
def test_the_rules_differ_by_the_feed_water_alone(tonnes: Decimal, rule: RuleName) -> None:
    carrier = Steam(mass=Quantity(value=tonnes, unit="t"), heat_content=state("0.8", "175"))

    difference = of(carrier, CARBON).value - of(carrier, rule).value
    assert difference == Fraction(tonnes) * Fraction("83.74") / 1000


@given(first=masses, second=masses)
def test_heat_adds_up_over_parts_of_the_mass(first: Decimal, second: Decimal) -> None:
    def part(tonnes: Decimal) -> Fraction:
        mass = Quantity(value=tonnes, unit="t")
        return of(Steam(mass=mass, heat_content=state("1.3", "205"))).value

    assert part(first) + part(second) == part(first + second)
