"""The fifteen traps of public data and code.

Numbered as in the collection of published behaviours; each is a test of what the library holds, of
what is refused, or of which figure is taken.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from services.accounting.domain.metering import steam
from services.accounting.domain.metering.coal_equivalent import Base, to_coal
from services.accounting.domain.metering.figure import FindingKind
from services.accounting.files import equivalent_values
from services.kernel import units
from services.kernel.errors import FactorImplausible, FieldInvalid
from services.registry.domain.factor import Factor, FactorRole, check_plausible, checked
from services.registry.wire.factor import to_factor
from tests import builders
from tests.accounting import metering, requests
from tests.fixtures.house import Running
from tests.golden import cases, shelf
from tests.golden.cases import activity, case
from tests.refusals import refused
from zonecarbon.accounting.v1 import coal_equivalent_pb2, metering_pb2
from zonecarbon.registry.v1 import factor_pb2, unit_pb2
from zonecarbon.registry.v1 import factor_service_pb2 as pb

FUEL, POWER = "FUEL_COMBUSTION", "ELECTRICITY_PURCHASED"
HEAT, CARBON = FactorRole.NET_CALORIFIC_VALUE, FactorRole.CARBON_CONTENT_PER_HEAT
TABLES = [
    ("gbt32151-2024", "26.7", "26.1", "15.3"),
    ("ndrc-2013-2015", "24.515", "26.18", "15.30"),
    ("mee-cets-2024", "22.867", "23.08", "17.20"),
    ("prov-guide-gbt2589-2008", "20.908", "26.1", "15.32"),
    ("ets-steel-2024", "25.024", "0.02618", "0.01720"),
]
GRID = [
    (
        "cn-grid-2021",
        {"GRID_AVERAGE": "0.5568", "GRID_RESIDUAL": "0.5942", "GRID_FOSSIL": "0.8426"},
    ),
    (
        "cn-grid-2022",
        {"GRID_AVERAGE": "0.5366", "GRID_RESIDUAL": "0.5856", "GRID_FOSSIL": "0.8325"},
    ),
    (
        "cn-grid-2023",
        {
            "GRID_AVERAGE": "0.5306",
            "GRID_RESIDUAL": "0.6096",
            "GRID_FOSSIL": "0.8273",
            "ELECTRICITY_LIFE_CYCLE": "0.6205",
        },
    ),
]


def on_shelf(set_: str, role: FactorRole, subject: str, place: str = "CN") -> list[Factor]:
    held = shelf.shelf().factors.get((set_, role, subject), ())
    return [each for each in held if each.region_code == place]


def listed(house: Running, set_: str) -> list[factor_pb2.Factor]:
    request = pb.ListFactorsRequest(parent=f"factorSets/{set_}", page_size=1000)
    return list(house.administrator.factors.ListFactors(request).factors)


def implausible(house: Running, text: str, unit: str, **fields: Any) -> None:
    """Hold that a figure is refused by the registry's domain and over the wire."""
    name = f"factorSets/{builders.fresh('slip')}/factors/slip"
    factor = builders.factor(name, text, unit, **fields)
    with pytest.raises(FactorImplausible):
        checked(to_factor(factor))
    request = pb.ImportFactorsRequest(factors=[factor])
    refusal = refused(house.administrator.factors.ImportFactors, request)
    assert refusal.reason == "FACTOR_IMPLAUSIBLE"


@pytest.mark.parametrize(("set_", "heat", "carbon", "of_lng"), TABLES)
def test_the_tables_that_differ_are_held_apart(
    stocked_house: Running, set_: str, heat: str, carbon: str, of_lng: str
) -> None:
    """Trap 1: five tables, five figures for one fuel, none overwritten by another."""
    wanted = {
        (HEAT, "anthracite"): heat,
        (CARBON, "bituminous-coal"): carbon,
        (CARBON, "lng"): of_lng,
    }
    by_wire = {
        (factor_pb2.FactorRole.Name(each.role), each.subject): each.quantity.value.value
        for each in listed(stocked_house, set_)
    }
    for (role, subject), text in wanted.items():
        (held,) = on_shelf(set_, role, subject)
        assert held.quantity.text == text
        assert by_wire[f"FACTOR_ROLE_{role.value}", subject] == text


@pytest.mark.parametrize("text", ["2.749", "274.9"])
def test_a_header_that_was_misread_by_ten_is_refused(stocked_house: Running, text: str) -> None:
    """Trap 2: 10^-2 and 10^-3 tC/GJ are printed over one column: 27.49, never 2.749."""
    check_plausible(CARBON, cases.quantity("27.49 tC/TJ(NCV)"))

    implausible(
        stocked_house,
        text,
        "tC/TJ(NCV)",
        role=factor_pb2.FACTOR_ROLE_CARBON_CONTENT_PER_HEAT,
        subject="anthracite",
    )


@pytest.mark.parametrize(
    ("unit", "kilojoules"), [("kcal(20°C)", "29271.2"), ("kcal(IT)", "29307.6")]
)
def test_seven_thousand_kilocalories_have_an_edition(
    stocked_house: Running, unit: str, kilojoules: str
) -> None:
    """Trap 3: GB/T 2589-2008 counts 4.1816 kJ, 2020 counts 4.1868; "kcal" alone is refused."""
    stub = stocked_house.administrator.units

    def request(code: str) -> unit_pb2.ConvertQuantityRequest:
        quantity = requests.amount(f"7000 {code}")
        return unit_pb2.ConvertQuantityRequest(quantity=quantity, unit_code="kJ")

    assert 7000 * units.conversion(unit, "kJ") == Fraction(kilojoules)
    answer = stub.ConvertQuantity(request(unit))
    assert Fraction(answer.to.value.value) == Fraction(kilojoules)
    assert refused(stub.ConvertQuantity, request("kcal")).reason == "UNIT_AMBIGUOUS"


def test_an_equivalent_value_that_is_declared_as_an_equal_one_is_found(
    shared_house: Running,
) -> None:
    """Trap 4: 0.1229 kgce/kWh is the heat in the electricity, not the coal that made it."""
    mistaken = cases.coefficient("0.1229 kgce/kWh", Base.EQUAL_VALUE, 2025)
    request = metering.coal_request(
        "1000 kWh",
        coefficient=metering.coefficient_message(
            base=coal_equivalent_pb2.COAL_EQUIVALENT_BASE_EQUAL_VALUE, year=2025
        ),
    )

    done = to_coal(cases.quantity("1000 kWh"), mistaken, equivalent_values())
    answer = shared_house.administrator.metering.ConvertCoalEquivalent(request)

    assert [each.kind for each in done.findings] == [FindingKind.COEFFICIENT_UNLIKE_ITS_BASE]
    kind = metering_pb2.METERING_FINDING_KIND_COEFFICIENT_UNLIKE_ITS_BASE
    assert [each.kind for each in answer.findings] == [kind]


@pytest.mark.parametrize(("set_", "wanted"), GRID, ids=[set_ for set_, _ in GRID])
def test_grid_factors_that_look_alike_have_roles_of_their_own(
    stocked_house: Running, set_: str, wanted: dict[str, str]
) -> None:
    """Trap 5: average, without traded power, fossil, life cycle: no role has two of them."""
    national = [each for each in listed(stocked_house, set_) if each.region_code == "CN"]

    assert {
        factor_pb2.FactorRole.Name(each.role).removeprefix("FACTOR_ROLE_"): (
            each.quantity.value.value
        )
        for each in national
    } == wanted
    for role, text in wanted.items():
        (held,) = on_shelf(set_, FactorRole(role), "electricity")
        assert held.quantity.text == text


def test_0_5703_is_for_reporting_and_of_no_data_year(stocked_house: Running) -> None:
    """Trap 6: it is often called the value of 2022, which is 0.5366."""
    (average,) = on_shelf("cn-grid-2022", FactorRole.GRID_AVERAGE, "electricity")
    reporting = on_shelf("cn-ets-grid", FactorRole.GRID_ETS_REPORTING, "electricity")
    given = requests.activity(
        POWER, "1 MWh", requests.given("GRID_ETS_REPORTING", "0.5703 tCO2/MWh")
    )

    assert average.quantity.text == "0.5366"
    assert "0.5703" in [each.quantity.text for each in reporting]
    assert {each.role for each in listed(stocked_house, "cn-ets-grid")} == {
        factor_pb2.FACTOR_ROLE_GRID_ETS_REPORTING
    }
    refusal = refused(
        stocked_house.administrator.accounting.ComputeEmissions,
        requests.compute(given, accounting_year=2024),
    )
    assert (refusal.reason, refusal.fields[0]) == (
        "FIELD_INVALID",
        "activities[0].given_factors[0].role",
    )


@pytest.mark.parametrize("method", ["gbt32150", "ets-cement", "ghgp", "park910"])
def test_clinker_has_one_factor_in_a_method(stocked_house: Running, method: str) -> None:
    """Trap 7: 0.535, 0.500, 0.52 and 0.538 circulate; grey clinker takes 0.535 here."""
    asked = case(method, activity("PRODUCT_OUTPUT", "1 t", "clinker-portland"))

    for shown in (cases.by_domain(asked), cases.by_wire(stocked_house.administrator, asked)):
        assert shown.figure("CO2", "clinker") == (Fraction("0.535"), "tCO2")


def test_a_pound_per_megawatt_hour_is_a_thousand_per_gigawatt_hour(
    stocked_house: Running,
) -> None:
    """Trap 8: eGRID prints CH4 in lb/MWh, the GHG Protocol in lb/GWh, and the two were mixed."""
    client = stocked_house.administrator

    def methane(text: str) -> set[Fraction]:
        factors = {"GRID_AVERAGE": "771.5 lbCO2/MWh", "CH4_FACTOR": text}
        asked = case("ghgp", activity(POWER, "1 GWh", "", factors))
        shown = (cases.by_domain(asked), cases.by_wire(client, asked))
        return {each.figure("CH4", "electricity_location")[0] for each in shown}

    assert methane("0.054 lbCH4/MWh") == methane("54 lbCH4/GWh")
    assert methane("0.054 lbCH4/GWh") == {tonnes / 1000 for tonnes in methane("0.054 lbCH4/MWh")}
    unit = requests.compute(
        requests.activity(POWER, "1 MWh", requests.given("CH4_FACTOR", "1 lb/MWh")),
        method_id="ghgp",
        accounting_year=2024,
    )
    assert refused(client.accounting.ComputeEmissions, unit).reason == "UNIT_UNKNOWN"


@pytest.mark.parametrize(
    ("gwp_set", "kilograms"),
    [("gwp100-ar4", "0.00137"), ("gwp100-ar5", "0.00121828859060402665")],
)
def test_a_gas_divided_out_by_one_set_is_no_gas_of_another(
    stocked_house: Running, gwp_set: str, kilograms: str
) -> None:
    """Trap 9: 4.597e-6 kg of N2O a kilowatt-hour give back 0.00137 kg under AR4 alone."""
    released = activity("GAS_RELEASED", "4.59731543624161e-6 kgN2O", "n2o")
    asked = case("ghgp", released, gwp_set=gwp_set)

    for shown in (cases.by_domain(asked), cases.by_wire(stocked_house.administrator, asked)):
        tonnes, _ = shown.figure("co2e", "")
        assert abs(tonnes * 1000 - Fraction(kilograms)) < Fraction(1, 10**17)


def test_no_density_is_ever_assumed(stocked_house: Running) -> None:
    """Trap 9: that tool's diesel weighs 0.9133 kg/L; a litre without a density is refused."""
    litre = case("gbt32150", activity(FUEL, "1 L", "diesel"))
    weighed = case("gbt32150", activity(FUEL, "1 L", "diesel", {"DENSITY": "0.84 kg/L"}))
    client = stocked_house.administrator

    assert cases.refusal(client, litre).reason == "UNIT_DIMENSION"
    assert not [each for each in shelf.shelf().factors if each[1] is FactorRole.DENSITY]
    by_domain = cases.by_domain(weighed).figure("CO2", "")
    assert by_domain == cases.by_wire(client, weighed).figure("CO2", "")


def test_the_potential_of_a_preprint_stands_under_another_name(stocked_house: Running) -> None:
    """Trap 10: SF6 25 200 of a package is kept and never bound; 24 300 is the final table's."""
    (final,) = on_shelf("gwp100-ar6", FactorRole.GWP100, "sf6", "GLOBAL")
    (preprint,) = on_shelf("gwp100-ar6", FactorRole.GWP100, "sf6-preprint", "GLOBAL")
    asked = case("ghgp", activity("GAS_RELEASED", "1 tSF6", "sf6"), gwp_set="gwp100-ar6")
    client = stocked_house.administrator

    answer = client.accounting.ComputeEmissions(cases.message(client, asked))

    assert (final.quantity.text, preprint.quantity.text) == ("24300", "25200")
    (bound,) = answer.results[0].binding.factors
    assert bound.factor == final.name
    methane = {
        subject: on_shelf("gwp100-ar6", FactorRole.GWP100, subject, "GLOBAL")[0].quantity.text
        for subject in ("ch4", "ch4-fossil", "ch4-nonfossil")
    }
    assert methane == {"ch4": "27.9", "ch4-fossil": "29.8", "ch4-nonfossil": "27.0"}


STEAM = [
    ("1.70", "", "2793.8", "PRESSURE_KEY_PRINTED_TWICE"),
    ("1.80", "", "2795.1", "PRESSURE_KEY_PRINTED_TWICE"),
    ("0.5", "400", "3217.8", "DEVIATES_FROM_IAPWS97"),
    ("30", "420", "2424.7", "DEVIATES_FROM_IAPWS97"),
]


@pytest.mark.parametrize(("pressure", "temperature", "enthalpy", "kind"), STEAM)
def test_a_misprint_of_the_steam_tables_is_used_and_told(
    shared_house: Running, pressure: str, temperature: str, enthalpy: str, kind: str
) -> None:
    """Trap 11: keys 1.40 and 1.50 MPa are printed twice, nine cells lie off IAPWS-IF97."""
    message = (
        metering.steam_message(pressure=pressure, temperature=temperature)
        if temperature
        else metering.steam_message(saturated=pressure)
    )
    found = steam.enthalpy(metering.state(pressure, temperature), metering.table())

    answer = shared_house.administrator.metering.ComputeHeat(metering.heat_request(steam=message))

    assert found.kj_per_kg == Fraction(enthalpy)
    assert FindingKind(kind) in [each.kind for each in found.findings]
    told = metering_pb2.MeteringFindingKind.Value(f"METERING_FINDING_KIND_{kind}")
    assert told in [each.kind for each in answer.findings]
    assert (
        Fraction(answer.heat.value.value.value) == (Fraction(enthalpy) - Fraction("83.74")) / 1000
    )


def test_a_total_is_not_the_sum_of_its_rounded_parts(stocked_house: Running) -> None:
    """Trap 12: 245.2 and 245.19; a CO2 equivalent is rounded from the product, not from gases."""
    factors = {"CO2_FACTOR": "0.6 gCO2/kWh", "CH4_FACTOR": "0.02 gCH4/kWh"}
    asked = case("ghgp", activity(FUEL, "1 kWh", "natural-gas", factors))
    client = stocked_house.administrator

    answer = client.accounting.ComputeEmissions(cases.message(client, asked)).total
    (computed,) = cases.computed(asked)

    # 0.6 g of CO2 and 0.6 g of CO2e of methane: each rounds to 1, together they are 1.2.
    assert (answer.co2_g, answer.co2e_g, answer.other_gases[0].mass_mg) == (1, 1, 20)
    assert computed.emission.booked.co2_g == 1
    assert computed.emission.booked.under("gwp100-ar5") == 1


def test_every_figure_lies_within_its_own_bounds(stocked_house: Running) -> None:
    """Trap 13: a package has the upper bounds of 26 fuels one row too low."""
    bounded = [
        each
        for factors in shelf.shelf().factors.values()
        for each in factors
        if each.lower is not None and each.upper is not None
    ]
    shifted = builders.factor(
        f"factorSets/{builders.fresh('shifted')}/factors/anthracite",
        "98300",
        "kgCO2/TJ(NCV)",
        role=factor_pb2.FACTOR_ROLE_CO2_PER_HEAT,
        subject="anthracite",
        lower_value={"value": "94600"},
        upper_value={"value": "97700"},
    )

    assert len(bounded) > 50
    assert [each.name for each in bounded if not _within(each)] == []
    with pytest.raises(FieldInvalid):
        checked(to_factor(shifted))
    request = pb.ImportFactorsRequest(factors=[shifted])
    stub = stocked_house.administrator.factors
    assert refused(stub.ImportFactors, request).reason == "FIELD_INVALID"


def _within(factor: Factor) -> bool:
    assert factor.lower is not None
    assert factor.upper is not None
    return factor.lower <= factor.quantity.value <= factor.upper


@pytest.mark.parametrize(("year", "value"), [(2023, "0.7075"), (2024, "0.6782"), (2025, "0.6553")])
def test_no_page_number_is_glued_to_anhui(stocked_house: Running, year: int, value: str) -> None:
    """Trap 14: the text of the notice runs the number of its page into that value."""
    asked = case("gbt32150", activity(POWER, "1 MWh"), accounting_year=year, region_code="CN-AH")

    for shown in (cases.by_domain(asked), cases.by_wire(stocked_house.administrator, asked)):
        assert shown.figure("CO2", "") == (Fraction(value), "tCO2")
    implausible(stocked_house, f"1{value}", "tCO2/MWh")


def test_feed_water_is_taken_off_in_one_family_alone(stocked_house: Running) -> None:
    """Trap 15: the guidelines of 2013 to 2015 subtract 83.74 kJ/kg, GB/T 32151.34 does not."""
    steam_ = activity("HEAT_PURCHASED", "1000 t", "", steam="1 MPa 200 °C")
    client = stocked_house.administrator
    older, newer = (case("gbt32150", steam_, accounting_year=year) for year in (2024, 2025))
    enthalpy = steam.enthalpy(metering.state("1", "200"), metering.table()).kj_per_kg

    for by in (cases.by_domain, lambda asked: cases.by_wire(client, asked)):
        assert by(newer).figure("CO2", "")[0] == enthalpy * Fraction("0.11")
        assert by(older).figure("CO2", "")[0] == (enthalpy - Fraction("83.74")) * Fraction("0.11")


def test_no_trap_is_missing() -> None:
    folder = Path(__file__).parent
    for file, count in (("test_rules.py", 9), ("test_data.py", 15)):
        told = (folder / file).read_text(encoding="utf-8")
        wanted = range(1, count + 1)
        assert [number for number in wanted if f'"""Trap {number}:' not in told] == []
