"""What is said of a zone beyond its totals, over the wire, on SQLite and on PostgreSQL."""

from __future__ import annotations

import math
import uuid
from typing import Any

import pytest
from google.protobuf.message import Message
from google.type import decimal_pb2

from tests.accounting import requests
from tests.accounting import world as worlds
from tests.accounting.requests import amount, fuel, record
from tests.accounting.world import World
from tests.builders import day
from tests.fixtures.house import Running
from tests.refusals import refused
from zonecarbon.accounting.v1 import (
    activity_pb2,
    coal_equivalent_pb2,
    statistic_pb2,
    statistic_service_pb2,
    zone_drivers_pb2,
    zone_energy_pb2,
    zone_inventory_pb2,
    zone_outlook_pb2,
    zone_output_pb2,
    zone_trend_pb2,
)
from zonecarbon.accounting.v1 import zone_analysis_service_pb2 as pb
from zonecarbon.registry.v1 import factor_pb2
from zonecarbon.type.v1 import period_pb2, source_pb2

MONTHS = [f"{month:02d}" for month in range(1, 13)]
Records = list[activity_pb2.ActivityRecord]
SOLD = activity_pb2.ACTIVITY_KIND_ELECTRICITY_EXPORTED


def year(
    parent: str, what: str, of: int = 2023, **fields: Any
) -> list[activity_pb2.ActivityRecord]:
    return [record(parent, what, f"{of}-{month}", **fields) for month in MONTHS]


def burnt(
    parent: str, what: str, of: int = 2023, **fields: Any
) -> list[activity_pb2.ActivityRecord]:
    return [fuel(parent, what, f"{of}-{month}", **fields) for month in MONTHS]


def plant_and_mill(world: World) -> tuple[str, str]:
    """A plant that burns coal and sells a tenth of its power to a mill, in two years."""
    plant, mill = world.enterprise(), world.enterprise()
    to_mill, to_plant = world.partner(plant, mill), world.partner(mill, plant)
    for of, coal, bought in ((2023, "100 t", "20 MWh"), (2024, "80 t", "30 MWh")):
        world.report(
            plant,
            *burnt(plant, coal, of),
            *year(plant, "10 MWh", of, source_id="out", kind=SOLD, counterparty=to_mill),
        )
        world.report(
            mill,
            *year(mill, bought, of),
            *year(mill, "10 MWh", of, source_id="inside", counterparty=to_plant),
        )
    return plant, mill


def coefficient(
    subject: str, text: str, base: str = "EQUIVALENT"
) -> zone_energy_pb2.CarrierCoefficient:
    return zone_energy_pb2.CarrierCoefficient(
        subject=subject,
        coefficient=coal_equivalent_pb2.CoalEquivalentCoefficient(
            quantity=amount(text),
            base=coal_equivalent_pb2.CoalEquivalentBase.Value(f"COAL_EQUIVALENT_BASE_{base}"),
            year=2020,
            source=source_pb2.Source(
                title="GB/T 2589-2020", status=source_pb2.SOURCE_STATUS_SECONDARY
            ),
        ),
    )


def energy(
    world: World, *declared: zone_energy_pb2.CarrierCoefficient, **fields: Any
) -> pb.ComputeZoneEnergyRequest:
    return pb.ComputeZoneEnergyRequest(
        name=f"{world.zone}/inventories/2023", coefficients=declared, **fields
    )


def outputs(
    *declared: tuple[str, int, str], indices: dict[int, str] | None = None, price_year: int = 2023
) -> zone_output_pb2.ComparableOutputs:
    return zone_output_pb2.ComparableOutputs(
        outputs=[
            zone_output_pb2.DeclaredOutput(enterprise=who, year=of, added_value=amount(text))
            for who, of, text in declared
        ],
        price_indices=[
            zone_output_pb2.PriceIndex(year=of, index=decimal_pb2.Decimal(value=text))
            for of, text in (indices or {}).items()
        ],
        price_year=price_year,
    )


def test_energy_passed_inside_is_taken_off_the_gross(world: World) -> None:
    plant_and_mill(world)
    coal, power = coefficient("bituminous-coal", "0.7143 tce/t"), "0.1229 kgce/kWh"

    found = world.desk.zones.ComputeZoneEnergy(
        energy(world, coal, coefficient("electricity", power))
    )

    # 1200 t of coal, 240 MWh from the grid and 120 MWh from the plant, which are in the coal.
    assert float(found.gross.value.value) == pytest.approx(1200 * 0.7143 + 360 * 0.1229)
    assert float(found.transformation_duplicate.value.value) == pytest.approx(120 * 0.1229)
    assert float(found.net.value.value) == pytest.approx(1200 * 0.7143 + 240 * 0.1229)
    assert found.net.unit_code == "tce"
    assert found.electricity_base == coal_equivalent_pb2.COAL_EQUIVALENT_BASE_EQUIVALENT
    assert found.status == source_pb2.SOURCE_STATUS_SECONDARY
    assert found.explanation.value == found.net
    inside = [
        each for each in found.lines if each.part == zone_energy_pb2.ENERGY_PART_PASSED_INSIDE
    ]
    assert [(each.subject, each.deducted) for each in inside] == [("electricity", True)]


def test_the_equal_value_is_another_figure_and_says_so(world: World) -> None:
    plant_and_mill(world)
    coal = coefficient("bituminous-coal", "0.7143 tce/t")
    by = {
        base: world.desk.zones.ComputeZoneEnergy(
            energy(world, coal, coefficient("electricity", text, base))
        )
        for base, text in (("EQUIVALENT", "0.1229 kgce/kWh"), ("EQUAL_VALUE", "0.3 kgce/kWh"))
    }

    apart = float(by["EQUAL_VALUE"].net.value.value) - float(by["EQUIVALENT"].net.value.value)
    assert apart == pytest.approx(240 * (0.3 - 0.1229))
    assert by["EQUAL_VALUE"].electricity_base == (
        coal_equivalent_pb2.COAL_EQUIVALENT_BASE_EQUAL_VALUE
    )


def test_energy_without_a_coefficient_is_refused_naming_it(world: World) -> None:
    plant_and_mill(world)

    told = refused(
        world.desk.zones.ComputeZoneEnergy,
        energy(world, coefficient("bituminous-coal", "0.7143 tce/t")),
    )

    assert told.reason == "PARAMETER_UNDECLARED"
    assert told.metadata["parameter"] == "coal_equivalent of electricity (MWh)"


def test_feedstock_is_counted_only_as_declared(world: World) -> None:
    works = world.enterprise(industry_code="2511")
    kind = activity_pb2.ACTIVITY_KIND_FEEDSTOCK_USED
    world.report(works, fuel(works, "10 t", source_id="cracker", kind=kind))
    coal = coefficient("bituminous-coal", "0.7143 tce/t")
    parts = {"COUNTED": 7.143, "LEFT_OUT": 0.0}

    told = refused(world.desk.zones.ComputeZoneEnergy, energy(world, coal))
    found = {
        each: world.desk.zones.ComputeZoneEnergy(
            energy(
                world,
                coal,
                feedstock=zone_energy_pb2.FeedstockEnergy.Value(f"FEEDSTOCK_ENERGY_{each}"),
            )
        )
        for each in parts
    }

    assert (told.reason, told.metadata["parameter"]) == ("PARAMETER_UNDECLARED", "feedstock")
    assert {each: float(of.net.value.value) for each, of in found.items()} == parts


def test_recovered_energy_is_taken_off_and_never_more_than_there_is(world: World) -> None:
    plant, _ = plant_and_mill(world)
    declared = (
        coefficient("bituminous-coal", "0.7143 tce/t"),
        coefficient("electricity", "0.1229 kgce/kWh"),
    )

    def recovered(text: str) -> pb.ComputeZoneEnergyRequest:
        again = zone_energy_pb2.RecoveredEnergy(
            enterprise=plant, subject="electricity", quantity=amount(text)
        )
        return energy(world, *declared, recoveries=[again])

    found = world.desk.zones.ComputeZoneEnergy(recovered("100 MWh"))
    told = refused(world.desk.zones.ComputeZoneEnergy, recovered("241 MWh"))

    assert float(found.recovery_duplicate.value.value) == pytest.approx(12.29)
    assert float(found.net.value.value) == pytest.approx(1200 * 0.7143 + 140 * 0.1229)
    assert (told.reason, told.fields) == ("FIELD_INVALID", ["recoveries[0].quantity.value"])


def trend_of(world: World, **fields: Any) -> pb.AnalyzeTrendRequest:
    return pb.AnalyzeTrendRequest(parent=world.zone, first_year=2023, last_year=2024, **fields)


def test_a_trend_is_the_nets_of_the_books_with_output_in_comparable_prices(world: World) -> None:
    plant_and_mill(world)
    nets = [world.zone_inventory(str(each)).net_co2e_g for each in (2023, 2024)]
    produced = outputs(
        ("", 2023, "1000 10^4 CNY"), ("", 2024, "1100 10^4 CNY"), indices={2024: "1.1"}
    )

    found = world.desk.zones.AnalyzeTrend(trend_of(world, outputs=produced))

    assert [each.net_co2e_g for each in found.years] == nets
    assert [each.output.value.value for each in found.years] == ["1000", "1000"]
    decline = 1 - nets[1] / nets[0]
    assert found.years[1].annual_decline_ratio == pytest.approx(decline)
    assert found.years[1].cumulative_decline_ratio == pytest.approx(decline)
    assert found.equivalent_annual_ratio == pytest.approx(decline)
    assert found.decoupling == zone_trend_pb2.DECOUPLING_STATE_UNDEFINED
    assert not found.HasField("tapio_ratio")
    assert found.decoupling_rule.status == source_pb2.SOURCE_STATUS_UNVERIFIED
    assert found.price_year == 2023


def test_emissions_that_fall_while_output_rises_are_decoupled_strongly(world: World) -> None:
    plant_and_mill(world)
    produced = outputs(
        ("", 2023, "1000 10^4 CNY"), ("", 2024, "1200 10^4 CNY"), indices={2024: "1"}
    )

    found = world.desk.zones.AnalyzeTrend(trend_of(world, outputs=produced))

    assert found.years[1].decoupling == zone_trend_pb2.DECOUPLING_STATE_STRONG
    # 1200 t → 960 t of coal at 23.204 GJ/t, 240 → 360 MWh from outside.
    assert found.years[0].energy_gj == pytest.approx(1200 * 23.204 + 240 * 3.6)
    energies = [each.energy_gj for each in found.years]
    expected = (energies[1] / energies[0] - 1) / 0.2
    assert found.energy_elasticity_ratio == pytest.approx(expected)


def test_without_output_a_trend_tells_no_intensity(world: World) -> None:
    plant_and_mill(world)

    found = world.desk.zones.AnalyzeTrend(trend_of(world))

    assert not found.years[1].HasField("annual_decline_ratio")
    assert found.decoupling == zone_trend_pb2.DECOUPLING_STATE_UNSPECIFIED


def test_prices_that_nobody_declared_are_refused_naming_the_year(world: World) -> None:
    plant_and_mill(world)
    produced = outputs(("", 2023, "1000 10^4 CNY"), ("", 2024, "1200 10^4 CNY"))

    told = refused(world.desk.zones.AnalyzeTrend, trend_of(world, outputs=produced))

    assert told.reason == "PARAMETER_UNDECLARED"
    assert told.metadata["parameter"] == "price_index of 2024"


def drivers(world: World, **fields: Any) -> zone_drivers_pb2.ZoneDrivers:
    return world.desk.zones.DecomposeEmissions(
        pb.DecomposeEmissionsRequest(parent=world.zone, from_year=2023, to_year=2024, **fields)
    )


def by_driver(found: zone_drivers_pb2.ZoneDrivers) -> dict[str, float]:
    prefix = "EMISSION_DRIVER_"
    return {
        zone_drivers_pb2.EmissionDriver.Name(each.driver).removeprefix(prefix): each.effect_g
        for each in found.effects
    }


def test_drivers_lead_from_one_net_of_the_books_to_the_other(world: World) -> None:
    plant, mill = plant_and_mill(world)
    nets = [world.zone_inventory(str(each)).net_co2e_g for each in (2023, 2024)]

    found = drivers(world)

    assert [found.before_co2e_g, found.after_co2e_g] == nets
    assert math.fsum(by_driver(found).values()) == pytest.approx(nets[1] - nets[0])
    assert abs(found.unexplained_g) < 1
    assert [each.enterprise for each in found.enterprises] == [plant, mill]
    for each in found.enterprises:
        moved = math.fsum(each.effect_g)
        assert moved == pytest.approx(each.after_co2e_g - each.before_co2e_g)
    assert math.prod(each.effect_ratio for each in found.effects) == pytest.approx(
        nets[1] / nets[0]
    )
    assert by_driver(found)["INTENSITY"] == 0
    assert not found.by_output
    assert found.explanation.children[0].value.unit_code == "gCO2e"


def test_drivers_by_output_need_that_of_every_member(world: World) -> None:
    plant, mill = plant_and_mill(world)
    every = [(who, of, "500 10^4 CNY") for who in (plant, mill) for of in (2023, 2024)]

    found = drivers(world, outputs=outputs(*every, indices={2024: "1.02"}))
    request = pb.DecomposeEmissionsRequest(
        parent=world.zone,
        from_year=2023,
        to_year=2024,
        outputs=outputs(*every[:-1], indices={2024: "1.02"}),
    )
    told = refused(world.desk.zones.DecomposeEmissions, request)

    assert found.by_output
    assert found.price_year == 2023
    assert by_driver(found)["ACTIVITY"] < 0 != by_driver(found)["INTENSITY"]
    assert (told.reason, told.fields) == ("PARAMETER_UNDECLARED", ["outputs"])
    assert told.metadata["parameter"] == f"output of {mill} in 2024"


def value_added(owner: str, of: int, text: str, **fields: Any) -> statistic_pb2.Statistic:
    return statistic_pb2.Statistic(
        input_id="industrial_value_added",
        period=period_pb2.Period(start_date=day(f"{of}-01-01"), end_date=day(f"{of + 1}-01-01")),
        quantity=amount(text),
        source=f"return of {owner}",
        evidence="file 1",
        **fields,
    )


def test_output_that_was_reported_stands_in_where_none_is_declared(world: World) -> None:
    plant, mill = plant_and_mill(world)
    for owner, first, second in ((plant, 500, 510), (mill, 300, 360)):
        world.desk.statistics.ReportStatistics(
            statistic_service_pb2.ReportStatisticsRequest(
                parent=owner,
                request_id=str(uuid.uuid4()),
                statistics=[
                    value_added(owner, 2023, f"{first} 10^4 CNY"),
                    value_added(owner, 2024, f"{second} 10^4 CNY", price_base_year=2023),
                ],
            )
        )
    taken = zone_output_pb2.ComparableOutputs(reported=True, price_year=2023)

    found = drivers(world, outputs=taken)
    shown = world.desk.zones.AnalyzeTrend(trend_of(world, outputs=taken))

    declared = outputs(
        *(
            (who, of, text)
            for who, of, text in (
                (plant, 2023, "500 10^4 CNY"),
                (plant, 2024, "510 10^4 CNY"),
                (mill, 2023, "300 10^4 CNY"),
                (mill, 2024, "360 10^4 CNY"),
            )
        ),
        indices={2024: "1"},
    )
    assert found == drivers(world, outputs=declared)
    assert [each.output.value.value for each in shown.years] == ["800", "870"]


def test_who_comes_to_the_zone_moves_its_structure(world: World) -> None:
    stays, comes = world.enterprise(), world.enterprise(join="2024-01-01")
    for of in (2023, 2024):
        world.report(stays, *year(stays, "100 MWh", of))
    world.report(comes, *year(comes, "50 MWh", 2024))

    found = drivers(world)

    arrived = {each.enterprise: each for each in found.enterprises}[comes]
    assert arrived.before_co2e_g == 0
    assert list(arrived.effect_g) == pytest.approx([0, arrived.after_co2e_g, 0, 0, 0, 0])


def tracked(world: World, **fields: Any) -> pb.TrackTargetRequest:
    values: dict[str, Any] = {
        "parent": world.zone,
        "base_year": 2023,
        "target_year": 2033,
        "reduction_ratio": 0.5,
    }
    return pb.TrackTargetRequest(**values | fields)


def test_a_zone_is_ahead_of_its_pathway_by_months(world: World) -> None:
    mill = world.enterprise()
    world.report(mill, *year(mill, "100 MWh"), *year(mill, "80 MWh", 2024))

    found = world.desk.zones.TrackTarget(tracked(world))

    base, later = (world.zone_inventory(str(each)).net_co2e_g for each in (2023, 2024))
    assert (found.base_co2e_g, found.target_co2e_g) == (base, round(base / 2))
    now = found.years[1]
    assert (now.year, now.known, now.net_co2e_g) == (2024, True, later)
    assert now.planned_co2e_g == pytest.approx(0.95 * base)
    assert now.distance_g == pytest.approx(later - 0.95 * base)
    # The pathway falls by 5 % of the base a year; the zone fell by more.
    part = (base - later) / (0.05 * base)
    assert now.ahead_month_count == pytest.approx(12 * (part - 1))
    assert now.needed_annual_ratio == pytest.approx(1 - (base / 2 / later) ** (1 / 9))
    assert [each.known for each in found.years[2:]] == [False] * 9


def test_a_target_before_its_base_and_one_without_a_base_are_refused(world: World) -> None:
    mill = world.enterprise()
    world.report(mill, *year(mill, "100 MWh"))
    stub = world.desk.zones.TrackTarget

    assert refused(stub, tracked(world, target_year=2023)).fields == ["target_year"]
    assert refused(stub, tracked(world, base_year=2022)).reason == "NOT_FOUND"
    shape = zone_outlook_pb2.PATHWAY_SHAPE_GEOMETRIC
    zero = refused(stub, tracked(world, reduction_ratio=1.0, shape=shape))
    assert (zero.reason, zero.fields) == ("FIELD_INVALID", ["shape"])


def outlook(world: World, owner: str = "", **fields: Any) -> zone_outlook_pb2.Outlook:
    return world.desk.zones.ForecastYear(
        pb.ForecastYearRequest(name=f"{owner or world.zone}/inventories/2025", **fields)
    )


def seasons(parent: str, of: int, upto: int = 12) -> Records:
    """More in winter than in summer."""
    return [
        record(parent, f"{100 + 50 * math.cos(math.pi * number / 6):.3f} MWh", f"{of}-{number:02d}")
        for number in range(1, upto + 1)
    ]


def test_a_year_is_known_months_and_a_forecast_of_the_others(world: World) -> None:
    mill, other = world.enterprise(), world.enterprise()
    for each in (mill, other):
        for of, upto in ((2023, 12), (2024, 12), (2025, 6)):
            world.report(each, *seasons(each, of, upto))

    found = outlook(world)

    whole = found.whole
    assert whole.told
    assert whole.known_month_count == 6
    assert len(whole.month_co2e_g) == 6
    assert whole.year_co2e_g == pytest.approx(whole.known_co2e_g + sum(whole.month_co2e_g))
    # The season repeats itself but for the factor of the year.
    before = world.zone_inventory("2024").net_co2e_g
    assert whole.year_co2e_g == pytest.approx(before, rel=0.05)
    assert whole.lower_co2e_g <= whole.year_co2e_g <= whole.upper_co2e_g
    assert [each.owner for each in found.enterprises] == sorted([mill, other])
    assert all(each.told for each in found.enterprises)
    assert found.rule.confidence.startswith("a choice of this product")
    assert outlook(world, mill).whole == {each.owner: each for each in found.enterprises}[mill]


def test_who_is_late_is_named_and_holds_back_the_zones_month(world: World) -> None:
    early, late = world.enterprise(), world.enterprise()
    world.report(early, *seasons(early, 2025, 3))
    world.report(late, *seasons(late, 2025, 2))

    found = outlook(world)

    assert found.whole.known_month_count == 2
    assert list(found.late_enterprises) == [late]
    assert not found.whole.told
    assert "24 months" in found.whole.needs
    assert "补报" in found.whole.needs_zh


def test_enterprises_of_an_outlook_come_page_by_page(world: World) -> None:
    members = sorted(world.enterprise() for _ in range(3))
    world.report(members[0], *seasons(members[0], 2025, 1))

    first = outlook(world, page_size=2)
    second = outlook(world, page_size=2, page_token=first.next_page_token)

    assert [each.owner for each in (*first.enterprises, *second.enterprises)] == members
    assert second.next_page_token == ""


def simulated(world: World, **fields: Any) -> pb.SimulateZoneRequest:
    return pb.SimulateZoneRequest(name=f"{world.zone}/inventories/2023", **fields)


def test_without_a_member_the_zone_is_what_the_others_are(world: World) -> None:
    plant, mill = plant_and_mill(world)

    found = world.desk.zones.SimulateZone(simulated(world, exits=[plant]))

    # What the mill bought from the plant now comes from outside.
    assert found.simulated.direct_co2e_g == 0
    assert [each.enterprise for each in found.simulated.members] == [mill]
    bought = found.actual.imported_co2e_g + found.actual.internal_purchased_co2e_g
    assert found.simulated.imported_co2e_g == bought
    assert found.difference_g == found.simulated.net_co2e_g - found.actual.net_co2e_g
    assert world.zone_inventory() == found.actual


def test_another_factor_is_booked_as_the_books_would(world: World) -> None:
    plant_and_mill(world)
    other = zone_outlook_pb2.OtherFactor(
        role=factor_pb2.FACTOR_ROLE_GRID_AVERAGE, quantity=amount("0.5 tCO2/MWh")
    )

    found = world.desk.zones.SimulateZone(simulated(world, factors=[other]))

    assert found.simulated.imported_co2e_g == 240 * 500_000
    assert found.simulated.direct_co2e_g == found.actual.direct_co2e_g
    assert found.simulated.status == source_pb2.SOURCE_STATUS_UNVERIFIED


def test_heat_that_comes_from_another_fuel_keeps_its_amount(world: World) -> None:
    mill = world.enterprise()
    gas: dict[str, Any] = {"source_id": "oven", "subject": "natural-gas"}
    world.report(mill, *burnt(mill, "100 t"), *burnt(mill, "1 10^4 Nm3", **gas))
    shift = zone_outlook_pb2.FuelShift(
        from_subject="bituminous-coal", to_subject="natural-gas", share_ratio=0.5
    )

    found = world.desk.zones.SimulateZone(simulated(world, shifts=[shift]))

    coal = 12 * 207_150_926
    gas_g = found.actual.direct_co2e_g - coal
    # 600 t of coal at 23.204 GJ/t are 13 922 GJ, which 10^4 Nm3 of gas at 389.31 GJ give.
    expected = coal / 2 + gas_g + gas_g / 12 * 600 * 23.204 / 389.31
    assert found.simulated.direct_co2e_g == pytest.approx(expected, rel=1e-6)
    assert found.difference_g < 0


def test_each_change_of_a_scenario_says_what_it_does_after_those_before_it(world: World) -> None:
    plant, _ = plant_and_mill(world)
    other = zone_outlook_pb2.OtherFactor(
        role=factor_pb2.FACTOR_ROLE_GRID_AVERAGE, quantity=amount("0.5 tCO2/MWh")
    )
    alone = world.desk.zones.SimulateZone(simulated(world, exits=[plant]))

    found = world.desk.zones.SimulateZone(simulated(world, exits=[plant], factors=[other]))

    told = [(each.title, int(each.value.value.value)) for each in found.explanation.children]
    assert [title for title, _ in told] == [
        f"without {plant}",
        "grid factor 0.5 tCO2/MWh",
    ]
    assert told[0][1] == alone.difference_g
    assert sum(grams for _, grams in told) == found.difference_g
    nothing = world.desk.zones.SimulateZone(simulated(world))
    assert (nothing.difference_g, len(nothing.explanation.children)) == (0, 0)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"exits": ["enterprises/nobody"]}, "exits[0]"),
        (
            {
                "factors": [
                    zone_outlook_pb2.OtherFactor(
                        role=factor_pb2.FACTOR_ROLE_CF4_SLOPE, quantity=amount("1 kgCF4/t")
                    )
                ]
            },
            "factors[0]",
        ),
        (
            {
                "shifts": [
                    zone_outlook_pb2.FuelShift(
                        from_subject="bituminous-coal", to_subject="peat", share_ratio=1
                    )
                ]
            },
            "shifts[0].to_subject",
        ),
    ],
)
def test_what_cannot_be_simulated_is_refused(
    world: World, fields: dict[str, Any], field: str
) -> None:
    plant_and_mill(world)

    told = refused(world.desk.zones.SimulateZone, simulated(world, **fields))

    assert (told.reason, told.fields) == ("FIELD_INVALID", [field])


def test_a_published_table_hides_whoever_is_alone(world: World) -> None:
    for code, count in (("1713", 4), ("2511", 1), ("2011", 5)):
        for number in range(count):
            member = world.enterprise(industry_code=code)
            world.report(member, *year(member, f"{10 + number} MWh"), *burnt(member, "1 t"))

    found = world.desk.zones.GetPublicTable(
        pb.GetPublicTableRequest(name=f"{world.zone}/inventories/2023")
    )

    cells = {(each.division, each.item): each for each in found.cells}
    assert cells["25", "direct"].hidden
    assert (cells["25", "direct"].co2e_g, cells["25", "direct"].enterprise_count) == (0, 0)
    # One hidden row would follow from the sums: another one is hidden with it.
    for item in ("direct", "imported"):
        assert sum(cells[division, item].hidden for division in ("17", "20", "25")) >= 2
    whole = world.zone_inventory()
    assert not cells["", ""].hidden
    assert cells["", ""].co2e_g == whole.direct_co2e_g + whole.imported_co2e_g
    assert found.hidden_count == sum(each.hidden for each in found.cells)
    assert found.rule.status == source_pb2.SOURCE_STATUS_UNVERIFIED


def asked(zone: str) -> dict[str, Message]:
    name = f"{zone}/inventories/2023"
    return {
        "ComputeZoneEnergy": pb.ComputeZoneEnergyRequest(name=name),
        "AnalyzeTrend": pb.AnalyzeTrendRequest(parent=zone, first_year=2023, last_year=2024),
        "DecomposeEmissions": pb.DecomposeEmissionsRequest(
            parent=zone, from_year=2023, to_year=2024
        ),
        "TrackTarget": pb.TrackTargetRequest(
            parent=zone, base_year=2023, target_year=2030, reduction_ratio=0.1
        ),
        "ForecastYear": pb.ForecastYearRequest(name=name),
        "SimulateZone": pb.SimulateZoneRequest(name=name),
        "GetPublicTable": pb.GetPublicTableRequest(name=name),
    }


@pytest.mark.parametrize("method", asked("zones/z"))
def test_a_zone_is_analyzed_for_its_desk_alone(running: Running, world: World, method: str) -> None:
    mill = world.enterprise()
    world.report(mill, *requests.year_of(mill))
    own, stranger = running.principal("ENTERPRISE", mill), worlds.in_zone(running).desk
    request = asked(world.zone)[method]

    assert refused(getattr(own.zones, method), request).reason == "PERMISSION_DENIED"
    assert refused(getattr(stranger.zones, method), request).reason == "NOT_FOUND"


def test_the_outlook_of_an_enterprise_is_its_own_to_see(running: Running, world: World) -> None:
    mill = world.enterprise()
    world.report(mill, *requests.year_of(mill))
    request = pb.ForecastYearRequest(name=f"{mill}/inventories/2023")

    found = running.principal("ENTERPRISE", mill).zones.ForecastYear(request)

    assert (found.whole.known_month_count, found.whole.told) == (12, True)
    assert found.whole.year_co2e_g == found.whole.lower_co2e_g == found.whole.known_co2e_g
    stranger = worlds.in_zone(running).desk
    assert refused(stranger.zones.ForecastYear, request).reason == "NOT_FOUND"
    wrong = pb.ForecastYearRequest(name=mill)
    assert refused(world.desk.zones.ForecastYear, wrong).reason == "NAME_INVALID"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"first_year": 2024}, "FIELD_INVALID"),
        ({"first_year": 2019, "last_year": 2020}, "NOT_FOUND"),
        ({"method_id": "ets-power"}, "FIELD_INVALID"),
    ],
    ids=["one year", "no member yet", "not of zones"],
)
def test_years_and_methods_that_a_zone_has_not_are_refused(
    world: World, fields: dict[str, Any], reason: str
) -> None:
    world.enterprise()
    values: dict[str, Any] = {"parent": world.zone, "first_year": 2023, "last_year": 2024}
    request = pb.AnalyzeTrendRequest(**values | fields)

    assert refused(world.desk.zones.AnalyzeTrend, request).reason == reason


def test_figures_of_above_scale_industry_are_asked_for_and_named(world: World) -> None:
    plant_and_mill(world)
    scale = zone_inventory_pb2.MEMBER_COVERAGE_ABOVE_SCALE

    told = refused(world.desk.zones.AnalyzeTrend, trend_of(world, member_coverage=scale))

    assert told.reason == "NOT_FOUND"
