"""Several methods over the same records: who judges a row, who lacks a factor, who begins late."""

from __future__ import annotations

import pytest
from google.protobuf import field_mask_pb2

from tests.accounting import works
from tests.accounting.requests import fuel, record, report
from tests.accounting.world import World
from tests.refusals import Refused, refused
from zonecarbon.accounting.v1 import accounting_service_pb2 as pb
from zonecarbon.accounting.v1 import activity_pb2, inventory_pb2
from zonecarbon.registry.v1 import custom_factor_pb2, registry_service_pb2

FULL = inventory_pb2.INVENTORY_VIEW_FULL
COAL = "bituminous-coal"


def refusals(answer: pb.ReportActivityResponse) -> list[Refused]:
    """What the refused rows were refused for."""
    return [Refused(status=row.error) for row in answer.results if row.HasField("error")]


def move(world: World, name: str, industry_code: str) -> None:
    """Give an enterprise another industry."""
    asked = registry_service_pb2.GetEnterpriseRequest(name=name)
    enterprise = world.desk.registry.GetEnterprise(asked)
    enterprise.industry_code = industry_code
    world.desk.registry.UpdateEnterprise(
        registry_service_pb2.UpdateEnterpriseRequest(
            enterprise=enterprise, update_mask=field_mask_pb2.FieldMask(paths=["industry_code"])
        )
    )


def test_the_methods_are_listed_with_their_formulas_the_home_method_first(world: World) -> None:
    methods = world.desk.accounting.ListMethods(pb.ListMethodsRequest()).methods

    assert methods[0].method_id == "gbt32150"
    assert sorted(each.method_id for each in methods) == [
        "ets-aluminium",
        "ets-cement",
        "ets-power",
        "ets-steel",
        "gbt32150",
        "ghgp",
        "park910",
    ]
    of = {each.method_id: each for each in methods}
    assert list(of["ets-steel"].industry_codes) == ["3110", "3120"]
    assert list(of["ghgp"].gwp_sets) == ["gwp100-ar5", "gwp100-ar4", "gwp100-ar6"]
    assert list(of["ghgp"].scope2_bases) == ["location-based", "market-based"]
    assert {each.method_id for each in methods if each.zones} == {"gbt32150", "ghgp", "park910"}
    for method in methods:
        assert method.status
        for item in method.items:
            assert all(each.text and each.text_zh and each.source.title for each in item.formulas)


def test_a_row_that_only_the_guide_has_factors_for_is_its_line_and_a_gap_of_the_home_inventory(
    world: World,
) -> None:
    plant = world.enterprise(industry_code="4411")
    january = {"period": "2026-01-01 2026-02-01"}
    works.approved(
        world,
        plant,
        "CARBON_CONTENT",
        COAL,
        quantity="0.55 tC/t",
        basis=custom_factor_pb2.SAMPLE_BASIS_AS_RECEIVED,
        **january,
    )
    works.approved(world, plant, "OXIDATION_RATE", "coal", quantity="99 %", **january)

    answer = world.report(plant, fuel(plant, "100 t", "2026-01"))

    (line,) = answer.lines
    assert (line.binding.method_id, line.binding.formula_id) == ("ets-power", "measured_carbon")
    # 100 t × 0.55 × 0.99 × 44/12
    assert line.emissions.co2_g == 199_650_000
    assert world.inventory(plant, "2026-ets-power").total_co2_g == 199_650_000
    home = world.inventory(plant, "2026", view=FULL)
    assert (home.total_co2_g, list(home.lines)) == (0, [])
    assert home.state == inventory_pb2.INVENTORY_STATE_INCOMPLETE
    assert not home.totals[0].known
    gaps = [
        each for each in home.findings if each.kind == inventory_pb2.FINDING_KIND_FACTOR_MISSING
    ]
    assert {each.subject for each in gaps} == {"boiler-1"}
    assert all("2026-01" in each.text and "by itself" in each.text for each in gaps)
    assert all("自动重新计算" in each.text_zh for each in gaps)


def test_a_row_that_no_method_has_factors_for_is_refused(world: World, mill: str) -> None:
    unheard = fuel(mill, subject="moonshine")
    early = record(mill, when="2019-01")

    answer = world.desk.accounting.ReportActivity(report(mill, unheard, early))

    assert [each.reason for each in refusals(answer)] == [
        "FACTOR_MISSING",
        "FACTOR_NOT_APPLICABLE",
    ]


@pytest.mark.parametrize(
    ("kind", "subject", "fitting"),
    [
        ("FUEL_COMBUSTION", "wood", "BIOMASS_COMBUSTION"),
        ("BIOMASS_COMBUSTION", COAL, "FUEL_COMBUSTION"),
    ],
)
def test_biomass_and_coal_are_told_apart_by_their_kind(
    world: World, mill: str, kind: str, subject: str, fitting: str
) -> None:
    wrong = works.deed(mill, kind, subject, "10 t", "2024-01")
    right = works.deed(mill, fitting, subject, "10 t", "2024-01")

    (refusal,) = refusals(world.desk.accounting.ReportActivity(report(mill, wrong)))

    assert (refusal.reason, refusal.fields) == ("FIELD_INVALID", ["records[0].kind"])
    assert refusal.metadata["allowed"] == f"{fitting} for {subject}"
    world.report(mill, right)


def test_a_method_that_begins_to_cover_an_enterprise_books_the_whole_year(world: World) -> None:
    works_ = world.enterprise()
    world.report(works_, *(fuel(works_, "10 t", f"2024-{month:02d}") for month in (1, 2, 3)))
    missing = pb.GetEnterpriseInventoryRequest(name=f"{works_}/inventories/2024-ets-steel")
    assert refused(world.desk.accounting.GetEnterpriseInventory, missing).reason == "NOT_FOUND"

    move(world, works_, works.STEEL)
    world.report(works_, fuel(works_, "10 t", "2024-04"))

    found = world.inventory(works_, "2024-ets-steel", view=FULL)
    assert [line.period.start_date.month for line in found.lines] == [1, 2, 3, 4]
    assert found.total_co2_g == sum(line.emissions.co2_g for line in found.lines) > 0
    home = world.inventory(works_, "2024", view=FULL)
    assert [line.resource_version for line in home.lines] == [1, 1, 1, 1]


def test_a_method_that_ceases_to_cover_an_enterprise_is_kept_current(world: World) -> None:
    works_ = world.enterprise(industry_code=works.STEEL)
    first = world.report(works_, fuel(works_, "10 t", "2024-01")).results[0].activity_record
    before = world.inventory(works_, "2024-ets-steel")

    move(world, works_, "1713")
    world.report(works_, fuel(works_, "20 t", "2024-01", corrects=first))

    after = world.inventory(works_, "2024-ets-steel")
    # One more may be in between: that the enterprise moved is followed in the background.
    assert after.resource_version > before.resource_version
    assert after.activity_totals[0].quantity.value.value == "20"
    world.report(works_, fuel(works_, "10 t", "2023-01"))
    never = pb.GetEnterpriseInventoryRequest(name=f"{works_}/inventories/2023-ets-steel")
    assert refused(world.desk.accounting.GetEnterpriseInventory, never).reason == "NOT_FOUND"


def in_halves(mill: str, first: str, second: str) -> list[activity_pb2.ActivityRecord]:
    """Coal of January in two halves."""
    return [
        fuel(mill, first, "2024-01-01 2024-01-16"),
        fuel(mill, second, "2024-01-16 2024-02-01"),
    ]


def test_a_month_is_corrected_to_another_path_at_once(world: World, mill: str) -> None:
    stored = [
        each.activity_record for each in world.report(mill, *in_halves(mill, "5 t", "6 t")).results
    ]
    corrections = in_halves(mill, "100 GJ(NCV)", "120 GJ(NCV)")
    for record_, name in zip(corrections, stored, strict=True):
        record_.corrects = name

    (line,) = world.report(mill, *corrections).lines

    assert (line.activity.value.value, line.activity.unit_code) == ("0.22", "TJ(NCV)")
    assert line.binding.formula_id == "heat"


def test_where_one_half_is_refused_the_other_is_counted_twice_and_nothing_changes(
    world: World, mill: str
) -> None:
    stored = [
        each.activity_record for each in world.report(mill, *in_halves(mill, "5 t", "6 t")).results
    ]
    before = world.inventory(mill, "2024")
    corrections = in_halves(mill, "100 GJ(NCV)", "120 GJ(NCV)")
    for record_, name in zip(corrections, stored, strict=True):
        record_.corrects = name
    corrections[1].facility = f"{mill}/facilities/none"

    answer = world.desk.accounting.ReportActivity(report(mill, *corrections))

    assert [each.reason for each in refusals(answer)] == ["FUEL_COUNTED_TWICE", "NOT_FOUND"]
    assert refusals(answer)[0].metadata["other"] == stored[1]
    assert answer.revision == 0
    assert world.inventory(mill, "2024") == before


def test_a_record_of_nothing_stands_in_no_path_s_way(world: World, mill: str) -> None:
    first, second = world.report(mill, *in_halves(mill, "5 t", "6 t")).results
    zero = in_halves(mill, "0 t", "0 t")
    zero[0].corrects, zero[1].corrects = first.activity_record, second.activity_record
    by_heat = fuel(mill, "100 GJ(NCV)", "2024-01", source_id="boiler-2")
    blocked = refusals(world.desk.accounting.ReportActivity(report(mill, by_heat)))

    world.report(mill, *zero)
    world.report(mill, by_heat)

    assert [each.reason for each in blocked] == ["FUEL_COUNTED_TWICE"]
    found = world.inventory(mill, "2024", view=FULL)
    assert sum(line.emissions.co2_g > 0 for line in found.lines) == 1
