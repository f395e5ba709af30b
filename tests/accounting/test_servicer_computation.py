"""Computations over the wire, with the whole factor library behind them."""

from __future__ import annotations

import pytest

from tests.accounting.requests import activity, compute, given
from tests.accounting.world import World
from tests.refusals import refused
from zonecarbon.accounting.v1 import accounting_service_pb2 as pb
from zonecarbon.accounting.v1 import inventory_pb2, line_pb2
from zonecarbon.registry.v1 import factor_pb2
from zonecarbon.type.v1 import source_pb2


@pytest.mark.parametrize(
    ("year", "set_", "value"),
    [
        (2023, "cn-grid-2021", "0.6451"),
        (2024, "cn-grid-2022", "0.5978"),
        (2025, "cn-grid-2023", "0.5827"),
    ],
)
def test_an_accounting_year_takes_the_grid_data_of_two_years_before(
    world: World, year: int, set_: str, value: str
) -> None:
    answer = world.desk.accounting.ComputeEmissions(compute(accounting_year=year))

    (factor,) = answer.results[0].binding.factors
    assert factor.factor.startswith(f"factorSets/{set_}/factors/")
    assert factor.region_level == factor_pb2.REGION_LEVEL_PROVINCE
    assert factor.quantity.value.value == value
    assert answer.total.co2_g == round(float(value) * 1_000_000)


def test_bought_and_sold_are_added_and_deducted(world: World) -> None:
    answer = world.desk.accounting.ComputeEmissions(
        compute(
            activity("FUEL_COMBUSTION", "10 t", subject="bituminous-coal"),
            activity("ELECTRICITY_PURCHASED", "2 MWh"),
            activity("HEAT_EXPORTED", "10 GJ"),
        )
    )

    assert answer.direct.co2_g == 20_715_093
    assert answer.indirect.co2_g == 1_290_200 - 1_100_000
    assert answer.total.co2_g == answer.total.co2e_g == 20_715_093 + 190_200
    assert answer.results[2].emissions.co2_g == 1_100_000


def test_the_way_to_the_figure_is_shown_step_by_step(world: World) -> None:
    answer = world.desk.accounting.ComputeEmissions(
        compute(activity("FUEL_COMBUSTION", "1500 kg", subject="bituminous-coal"))
    )

    steps = answer.results[0].steps
    assert [(step.result.value.value, step.result.unit_code) for step in steps] == [
        ("1.5", "t"),
        ("34.806", "GJ(NCV)"),
        ("0.91122108", "tC"),
        ("0.8474356044", "tC"),
        ("3.1072638828", "tCO2"),
    ]
    assert answer.results[0].unrounded_t.value == "3.1072638828"
    assert steps[0].clause == ""
    assert all(step.clause.startswith("GB/T 32151.34-2024") for step in steps[1:])


def test_given_factors_need_no_library_and_are_unverified(world: World) -> None:
    answer = world.desk.accounting.ComputeEmissions(
        compute(
            activity("ELECTRICITY_PURCHASED", "1 MWh", given("GRID_AVERAGE", "0.5 tCO2/MWh")),
            accounting_year=1999,
        )
    )

    binding = answer.results[0].binding
    assert answer.total.co2_g == 500_000
    assert binding.registry_revision == 0
    assert binding.status == source_pb2.SOURCE_STATUS_UNVERIFIED
    assert binding.factors[0].factor == ""
    assert not binding.factors[0].HasField("source")


def test_any_principal_may_compute(world: World, mill: str) -> None:
    for client in (
        world.running.principal("ENTERPRISE", mill),
        world.running.principal("SERVICE"),
        world.running.administrator,
    ):
        assert client.accounting.ComputeEmissions(compute()).total.co2_g == 645_100


@pytest.mark.parametrize(
    ("request_", "reason", "field"),
    [
        (compute(method_id="other"), "FIELD_INVALID", "method_id"),
        (compute(region_code="JS"), "FIELD_INVALID", "region_code"),
        (compute(accounting_year=2019), "FACTOR_NOT_APPLICABLE", "accounting_year"),
        (compute(line_pb2.ActivityInput()), "FIELD_REQUIRED", "activities[0].kind"),
        (
            compute(activity(), activity("FUEL_COMBUSTION", "1 t")),
            "FIELD_REQUIRED",
            "activities[1].subject",
        ),
        (
            compute(activity("FUEL_COMBUSTION", "1 t", subject="moonshine")),
            "FACTOR_MISSING",
            "activities[0].subject",
        ),
        (compute(activity(what="1 kwh")), "UNIT_UNKNOWN", "activities[0].quantity.unit_code"),
        (compute(activity(what="1 kcal")), "UNIT_AMBIGUOUS", "activities[0].quantity.unit_code"),
        (compute(activity(what="1 t")), "UNIT_DIMENSION", "activities[0].quantity.unit_code"),
        (compute(activity(what="NaN MWh")), "QUANTITY_INVALID", "activities[0].quantity.value"),
        (
            compute(activity("HEAT_PURCHASED", "1 GJ", given("GWP100", "1 kgCO2e/kg"))),
            "FIELD_INVALID",
            "activities[0].given_factors[0].role",
        ),
    ],
)
def test_what_is_wrong_is_told_by_field(
    world: World, request_: pb.ComputeEmissionsRequest, reason: str, field: str
) -> None:
    refusal = refused(world.desk.accounting.ComputeEmissions, request_)

    assert (refusal.reason, refusal.fields[0]) == (reason, field)


@pytest.mark.parametrize(
    ("method_id", "indirect_g"),
    [
        ("gbt32150", 597_800),
        ("ghgp", 597_800),
        ("park910", 832_500),
        ("ets-power", 0),
        ("ets-steel", 0),
        ("ets-cement", 0),
        ("ets-aluminium", 0),
    ],
)
def test_every_method_computes_the_same_activity_in_its_own_way(
    world: World, method_id: str, indirect_g: int
) -> None:
    activities = [activity("FUEL_COMBUSTION", "10 t", subject="bituminous-coal")]
    if indirect_g:
        activities.append(activity())
    answer = world.desk.accounting.ComputeEmissions(
        compute(*activities, method_id=method_id, accounting_year=2024)
    )

    assert answer.method_id == method_id
    assert answer.indirect.co2_g == indirect_g
    assert answer.total.co2_g == answer.direct.co2_g + indirect_g
    assert answer.direct.co2_g > 0
    own = answer.totals[0]
    assert (own.total.co2_g, own.known) == (answer.total.co2_g, True)
    assert (
        sum(
            -each.emissions.co2_g if each.deducted else each.emissions.co2_g
            for each in answer.items
            if each.category == inventory_pb2.EMISSION_CATEGORY_DIRECT
        )
        == answer.direct.co2_g
    )
    assert all(each.binding.method_id == method_id for each in answer.results)
