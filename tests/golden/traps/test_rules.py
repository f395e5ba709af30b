"""The nine traps of the field's rules, into which public data and products fell.

Numbered as in the collected rules of enterprise accounting.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pytest

from services.accounting.domain.activity import Kind
from services.accounting.domain.binding import BoundFactor, Query
from services.accounting.domain.metering.coal_equivalent import declared
from services.accounting.domain.role import Role
from services.kernel.errors import DomainError, ParameterUndeclared
from services.kernel.period import Period
from services.kernel.quantity import Quantity
from services.registry.wire.factor import to_role
from tests.accounting import metering, requests, world
from tests.accounting.world import DATA
from tests.fixtures.house import Running
from tests.golden import books, cases, shelf
from tests.golden.cases import activity, case, co2e
from tests.refusals import refused
from zonecarbon.accounting.v1 import accounting_service_pb2 as pb
from zonecarbon.accounting.v1 import line_pb2
from zonecarbon.cli import library
from zonecarbon.registry.v1 import factor_pb2
from zonecarbon.registry.v1 import factor_service_pb2 as factor_pb

FUEL, POWER = "FUEL_COMBUSTION", "ELECTRICITY_PURCHASED"
OF_FUEL = [Role.NET_CALORIFIC_VALUE, Role.CARBON_CONTENT_PER_HEAT, Role.OXIDATION_RATE]
TABLES = """
    gbt32150  2024 bituminous-coal ndrc-2013-2015 23.204 26.18
    gbt32150  2025 bituminous-coal gbt32151-2024  19.570 26.1
    ets-steel 2024 bituminous-coal ets-steel-2024 23.736 0.02618
    gbt32150  2024 anthracite      ndrc-2013-2015 24.515 27.49
    gbt32150  2025 anthracite      gbt32151-2024  26.7   27.4
    ets-steel 2024 anthracite      ets-steel-2024 25.024 0.02749
"""
ROWS = TABLES.strip().splitlines()
UNUSED = {"mee-cets-2024", "prov-guide-gbt2589-2008"}


def binding(answer: pb.ComputeEmissionsResponse) -> Mapping[str, line_pb2.BoundFactor]:
    return {
        factor_pb2.FactorRole.Name(each.role).removeprefix("FACTOR_ROLE_"): each
        for each in answer.results[0].binding.factors
    }


@pytest.mark.parametrize("row", ROWS, ids=str.strip)
def test_the_method_selects_the_table_and_not_the_fuel(stocked_house: Running, row: str) -> None:
    """Trap 1: one fuel has other figures in each table, and each method and year its table."""
    method, year, fuel, set_, heat, carbon = row.split()
    asked = case(method, activity(FUEL, "1 t", fuel), accounting_year=int(year))
    client = stocked_house.administrator

    answer = client.accounting.ComputeEmissions(cases.message(client, asked))
    (computed,) = cases.computed(asked)

    wanted = {"NET_CALORIFIC_VALUE": heat, "CARBON_CONTENT_PER_HEAT": carbon}
    by_domain = {each.role.value: each for each in computed.binding.factors}
    for role, text in wanted.items():
        assert binding(answer)[role].quantity.value.value == text
        assert by_domain[role].quantity.text == text
    bound = [*(each.name for each in by_domain.values())]
    bound += [each.factor for each in binding(answer).values()]
    assert {name.split("/")[1] for name in bound} == {set_}


def test_no_figure_is_mixed_from_two_tables() -> None:
    """Trap 1: heat value, carbon content and oxidation rate of a fuel are of one table."""
    fuels = [row["fuel"] for row in library.rows(DATA / "fuels.csv")]
    tables = {
        (method, year, fuel): found
        for method in ("gbt32150", "ets-steel", "ets-cement", "ets-aluminium", "park910")
        for year in (2023, 2024, 2025)
        for fuel in fuels
        if (found := tables_of(method, year, fuel))
    }

    assert len(tables) > 100, "the rules lead to tables"
    assert {asked: found for asked, found in tables.items() if len(found) > 1} == {}
    assert not UNUSED & set().union(*tables.values())


def tables_of(method: str, year: int, fuel: str) -> set[str]:
    """Return the sets that the three factors of a fuel come from."""
    queries = [
        Query(
            method_id=method,
            accounting_year=year,
            role=role,
            subject=fuel,
            region_code=cases.REGION,
        )
        for role in OF_FUEL
    ]
    answers = shelf.found(queries).values()
    return {each.name.split("/")[1] for each in answers if isinstance(each, BoundFactor)}


LOOKALIKES = {Fraction("0.5703"), Fraction("0.6205"), Fraction("0.5777")}
"""A factor for ETS reporting, and two of the life cycle of electricity."""
ROLES_OF_GRID = [Role.GRID_AVERAGE, Role.GRID_RESIDUAL, Role.GRID_FOSSIL]


def test_no_organisation_takes_a_reporting_or_a_life_cycle_factor() -> None:
    """Trap 2: 0.5703, 0.6205 and 0.5777 are loaded, and no method is led to them."""
    loaded = {
        factor.quantity.fraction
        for factors in shelf.shelf().factors.values()
        for factor in factors
        if factor.subject == "electricity"
    }
    assert loaded >= LOOKALIKES

    queries = [
        Query(
            method_id=method,
            accounting_year=year,
            role=role,
            subject="electricity",
            region_code=region,
        )
        for method in cases.METHODS
        for year in range(2019, 2031)
        for region in shelf.shelf().grids
        for role in ROLES_OF_GRID
    ]
    answers = shelf.found(queries).values()
    found = {each.quantity.fraction for each in answers if isinstance(each, BoundFactor)}
    assert len(found) > 50
    assert not found & LOOKALIKES


@pytest.mark.parametrize("year", [2023, 2024, 2025])
def test_the_registry_leads_no_method_to_them_either(stocked_house: Running, year: int) -> None:
    """Trap 2: asked over the wire for each role of bought electricity."""
    queries = [
        factor_pb.FactorQuery(
            method_id=method,
            accounting_year=year,
            role=factor_pb2.FactorRole.Value(f"FACTOR_ROLE_{role.value}"),
            subject="electricity",
            region_code="CN-JS",
        )
        for method in cases.METHODS
        for role in ROLES_OF_GRID
    ]
    request = factor_pb.ResolveFactorsRequest(queries=queries)

    answer = stocked_house.administrator.factors.ResolveFactors(request)

    found = [each.resolved.factor for each in answer.resolutions if each.HasField("resolved")]
    assert len(found) >= 4
    assert not {Fraction(each.quantity.value.value) for each in found} & LOOKALIKES
    assert {to_role(each.role).value for each in found} == {role.value for role in ROLES_OF_GRID}


@pytest.mark.parametrize(
    ("gas", "gwp_set", "potential"),
    [
        ("SF6", "gwp100-ar6", "24300"),
        ("SF6", "gwp100-ar5", "23500"),
        ("CH4", "gwp100-ar6", "27.9"),
        ("CH4", "gwp100-ar5", "28"),
        ("CH4", "gwp100-ar4", "25"),
    ],
)
def test_each_set_has_its_own_potential(
    stocked_house: Running, gas: str, gwp_set: str, potential: str
) -> None:
    """Trap 3: the sixth report's SF6 is 24 300, not the 25 200 of a package."""
    released = activity("GAS_RELEASED", f"1 t{gas}", gas.lower())
    asked = case("ghgp", released, gwp_set=gwp_set)

    for shown in (cases.by_domain(asked), cases.by_wire(stocked_house.administrator, asked)):
        assert shown.figure("co2e", "") == (Fraction(potential), "tCO2e")


def test_methane_of_fossil_and_of_living_things_differ(stocked_house: Running) -> None:
    """Trap 3: 29.8 from a fossil fuel, 27.0 from biomass, in one report."""
    factors = {"CO2_FACTOR": "0 tCO2/t", "CH4_FACTOR": "1 tCH4/t"}
    fossil = case("ghgp", activity(FUEL, "1 t", "anthracite", factors), gwp_set="gwp100-ar6")
    living = case(
        "ghgp", activity("BIOMASS_COMBUSTION", "1 t", "wood", factors), gwp_set="gwp100-ar6"
    )
    client = stocked_house.administrator

    for shown in (cases.by_domain(fossil), cases.by_wire(client, fossil)):
        assert shown.figure("co2e", "combustion") == (Fraction("29.8"), "tCO2e")
    for shown in (cases.by_domain(living), cases.by_wire(client, living)):
        assert shown.figure("co2e", "biomass_gases") == (Fraction(27), "tCO2e")


def test_an_unsplit_factor_is_not_restated(stocked_house: Running) -> None:
    """Trap 3: a CO2e-only factor under another set is refused."""
    asked = case(
        "ghgp", activity(FUEL, "1 L", "diesel", co2e("2.58354 kgCO2e/L")), gwp_set="gwp100-ar6"
    )

    assert cases.refusal(stocked_house.administrator, asked).reason == "GWP_SET_MISMATCH"


GAS: dict[str, Any] = {"source_id": "gas", "subject": "natural-gas"}


def test_rounding_inside_the_chain_stands_beside_the_books(stocked_house: Running) -> None:
    """Trap 4: 21 × 10^4 Nm3 of gas are 454.65 t in the books and 454.33 t by the guide's stages."""
    zone = world.in_zone(stocked_house)
    plant = zone.enterprise(industry_code="4411")
    zone.report(plant, requests.fuel(plant, "21 10^4 Nm3", "2024-01", **GAS))
    row = books.row(0, "21 10^4 Nm3", kind=Kind.FUEL_COMBUSTION, **GAS)
    made = books.posted(row, industry="4411").inventories["ets-power"]

    found = zone.desk.accounting.GetEnterpriseInventory(
        pb.GetEnterpriseInventoryRequest(name=f"{plant}/inventories/2024-ets-power")
    )

    assert found.direct_co2_g == made.direct.co2_g == 454_653_192
    (by_wire,) = found.reported.rows
    assert made.reported is not None
    (by_domain,) = made.reported.rows
    assert by_wire.emissions == requests.amount("454.33 tCO2e")
    assert str(by_domain.emissions) == "454.33 tCO2e"
    assert found.reported.total_t.value == f"{made.reported.total}" == "454"
    assert found.reported.difference_g == made.reported.difference_g == -653_192
    assert found.reported.rule.title


def test_the_decimals_of_a_guide_come_with_its_clause() -> None:
    """Trap 4: a method says where it rounds, or that it does not."""
    for method in cases.METHODS.values():
        assert method.rounding_reason
        assert method.reporting is None or method.reporting.clause.locator


def test_a_kilowatt_hour_is_no_megawatt_hour(stocked_house: Running) -> None:
    """Trap 5: another label is another amount."""
    factors = {"GRID_AVERAGE": "0.5 tCO2/MWh"}
    client = stocked_house.administrator
    figures = [
        by(asked).figure("CO2", "")[0]
        for asked in (
            case("gbt32150", activity(POWER, f"7 {unit}", "", factors)) for unit in ("kWh", "MWh")
        )
        for by in (cases.by_domain, lambda asked: cases.by_wire(client, asked))
    ]

    assert figures == [Fraction("0.0035"), Fraction("0.0035"), Fraction("3.5"), Fraction("3.5")]


@pytest.mark.parametrize(
    ("text", "unit", "reason"),
    [
        ("7", "", "FIELD_REQUIRED"),
        ("7", "MWh?", "UNIT_UNKNOWN"),
        ("7", "kcal", "UNIT_AMBIGUOUS"),
        ("NaN", "MWh", "QUANTITY_INVALID"),
        ("7", "kW", "UNIT_DIMENSION"),
    ],
)
def test_no_unit_makes_nothing_or_no_number(
    stocked_house: Running, text: str, unit: str, reason: str
) -> None:
    """Trap 5: a blank unit is not 0 and an odd one not NaN; each is an error that says so."""
    request = requests.compute(requests.activity(what="1 MWh"), accounting_year=2024)
    request.activities[0].quantity.value.value = text
    request.activities[0].quantity.unit_code = unit

    with pytest.raises(DomainError) as caught:
        Quantity.parse(text, unit).to("MWh")
    refusal = refused(stocked_house.administrator.accounting.ComputeEmissions, request)

    assert refusal.reason == caught.value.reason == reason


def test_a_year_without_factors_is_an_error_and_not_nothing(stocked_house: Running) -> None:
    """Trap 5: a factor outside of its validity is not 0; the years that have one are named."""
    asked = case("gbt32150", activity(POWER, "1 MWh"), accounting_year=2022)

    refusal = cases.refusal(stocked_house.administrator, asked)

    assert refusal.reason == "FACTOR_NOT_APPLICABLE"
    assert refusal.metadata["applicable"] == "2023, 2024, 2025"


def test_the_set_that_is_asked_for_is_the_set_that_is_used(stocked_house: Running) -> None:
    """Trap 5: AR6 offered is not AR5 used; the answer names its set and its potentials."""
    client = stocked_house.administrator
    for gwp_set in cases.METHODS["ghgp"].gwp_sets:
        asked = case("ghgp", activity("GAS_RELEASED", "1 tN2O", "n2o"), gwp_set=gwp_set)

        answer = client.accounting.ComputeEmissions(cases.message(client, asked))
        (computed,) = cases.computed(asked)

        assert answer.gwp_set == answer.results[0].binding.gwp_set == gwp_set
        (by_wire,) = answer.results[0].binding.factors
        assert by_wire.factor.startswith(f"factorSets/{gwp_set}/")
        assert [each.gwp_set for each in computed.binding.potentials] == [gwp_set]


def test_late_and_corrected_readings_are_in_the_figure_at_once(stocked_house: Running) -> None:
    """Trap 6: what comes late is picked up, what is corrected computed anew: a new version each."""
    zone = world.in_zone(stocked_house)
    mill = zone.enterprise()
    first = zone.report(mill, requests.record(mill, "10 MWh", "2024-01-16 2024-02-01"))
    late = requests.record(mill, "5 MWh", "2024-01-01 2024-01-16")
    zone.report(mill, late)
    assert zone.inventory(mill, "2024").total_co2_g == 15 * 597_800

    name = first.results[0].activity_record
    zone.report(mill, requests.record(mill, "20 MWh", "2024-01-16 2024-02-01", corrects=name))

    found = zone.inventory(mill, "2024")
    assert (found.total_co2_g, found.resource_version) == (25 * 597_800, 3)
    assert zone.inventory(mill, "2024", resource_version=1).total_co2_g == 10 * 597_800


def test_a_corrected_factor_is_not_for_the_future_alone(house: Running) -> None:
    """Trap 6: all that a month holds is booked anew with it; what was stored stays as it was."""
    for load in library.requests(DATA):
        house.administrator.factors.ImportFactors(load)
    zone = world.in_zone(house)
    mill = zone.enterprise()
    zone.report(mill, requests.record(mill, "10 MWh", "2024-01-01 2024-01-16"))
    name = "factorSets/cn-grid-2022/factors/cn-grid-js-2022"
    factor = house.administrator.factors.GetFactor(factor_pb.GetFactorRequest(name=name))
    factor.quantity.value.value = "0.6000"
    house.administrator.factors.ImportFactors(factor_pb.ImportFactorsRequest(factors=[factor]))

    zone.report(mill, requests.record(mill, "10 MWh", "2024-01-16 2024-02-01"))

    assert zone.inventory(mill, "2024").total_co2_g == 20 * 600_000
    assert zone.inventory(mill, "2024", resource_version=1).total_co2_g == 10 * 597_800


def test_in_which_order_rows_come_moves_no_gram() -> None:
    """Trap 6: to the domain no row is late."""
    first = books.row(0, "5 MWh", period=Period.parse("2024-01-01", "2024-01-16"))
    second = books.row(1, "10 MWh", period=Period.parse("2024-01-16", "2024-02-01"))

    totals = {
        books.posted(*rows).inventories["gbt32150"].total.co2_g
        for rows in ([first, second], [second, first])
    }

    assert totals == {15 * 597_800}


def test_one_kilowatt_hour_has_another_factor_in_each_method(stocked_house: Running) -> None:
    """Trap 7: 910号 0.8325, market-based 0.6096 without traded non-fossil power, else the grid."""
    client = stocked_house.administrator
    wanted = {
        ("gbt32150", "electricity_purchased"): "0.5827",
        ("ghgp", "electricity_location"): "0.5827",
        ("ghgp", "electricity_market"): "0.6096",
        ("park910", "electricity_in"): "0.8325",
    }
    for (method, item), tonnes in wanted.items():
        asked = case(method, activity(POWER, "1 MWh"), accounting_year=2025)
        for shown in (cases.by_domain(asked), cases.by_wire(client, asked)):
            assert shown.figure("CO2", item) == (Fraction(tonnes), "tCO2")
    bought = activity(POWER, "1 MWh")
    refusal = cases.refusal(client, case("ets-power", bought, accounting_year=2025))
    assert (refusal.reason, refusal.fields[0]) == ("FIELD_INVALID", "activities[0].subject")


@pytest.mark.parametrize(
    ("factor", "tonnes"),
    [
        ("0.8273", "211395.303992"),
        ("0.6096", "178740.303992"),
        ("0.5306", "166890.303992"),
    ],
)
def test_another_factor_is_another_figure(stocked_house: Running, factor: str, tonnes: str) -> None:
    """Trap 7: the same park as example G1, which must not be called 910号 with these."""
    g1 = cases.read(DATA.parents[2] / "tests" / "golden" / "emissions" / "g1.toml")
    activities = [
        {**each, "factors": {**each["factors"], "GRID_FOSSIL": f"{factor} tCO2/MWh"}}
        if "GRID_FOSSIL" in each.get("factors", {})
        else each
        for each in g1.activities
    ]
    asked = case("park910", *activities)

    for shown in (cases.by_domain(asked), cases.by_wire(stocked_house.administrator, asked)):
        assert shown.figure("total", "") == (Fraction(tonnes), "tCO2")


def test_imports_and_exports_are_not_netted_at_the_meter(stocked_house: Running) -> None:
    """Trap 8: an export of unknown kind has no factor, so a net meter cannot be counted."""
    sold = activity("ELECTRICITY_EXPORTED", "60000 MWh")

    refusal = cases.refusal(stocked_house.administrator, case("park910", sold))

    assert refusal.reason in {"FACTOR_MISSING", "FACTOR_NOT_APPLICABLE"}


def test_a_negative_intake_is_no_export(stocked_house: Running) -> None:
    """Trap 8: nor can it be hidden in what was bought."""
    asked = case("park910", activity(POWER, "-40000 MWh"))

    assert cases.refusal(stocked_house.administrator, asked).reason == "QUANTITY_INVALID"


@pytest.mark.parametrize("lacking", ["base", "year", "source"])
def test_a_coal_equivalent_without_its_base_is_refused(shared_house: Running, lacking: str) -> None:
    """Trap 9: equal value or equivalent value is 0.64 or 1.31 tCO2/tce for one park."""
    request = metering.coal_request("1000 kWh", coefficient=metering.without(lacking))
    whole = cases.coefficient()

    with pytest.raises(ParameterUndeclared) as caught:
        declared(
            whole.quantity,
            None if lacking == "base" else whole.base,
            0 if lacking == "year" else whole.year,
            None if lacking == "source" else whole.source,
        )
    refusal = refused(shared_house.administrator.metering.ConvertCoalEquivalent, request)

    assert refusal.reason == caught.value.reason == "PARAMETER_UNDECLARED"
    assert refusal.metadata["field"] == f"coefficient.{lacking}"
