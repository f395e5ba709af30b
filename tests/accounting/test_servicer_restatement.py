"""The probes that other systems fail: each change makes new versions of exactly what it touches."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.accounting import works
from tests.accounting import world as worlds
from tests.accounting.moments import now, revise
from tests.accounting.requests import fuel, record, year_of
from tests.accounting.world import World
from tests.refusals import refused
from zonecarbon.accounting.v1 import (
    accounting_service_pb2,
    inventory_pb2,
    restatement_pb2,
    zone_inventory_pb2,
)
from zonecarbon.cli import library
from zonecarbon.registry.v1 import custom_factor_pb2, factor_pb2, factor_service_pb2

FULL = inventory_pb2.INVENTORY_VIEW_FULL


def versions(inventory: inventory_pb2.EnterpriseInventory) -> dict[str, int]:
    """The version of each line."""
    return {line.name.rpartition("/")[2]: line.resource_version for line in inventory.lines}


def compare(world: World, name: str, **fields: Any) -> restatement_pb2.RestatementReport:
    """What became of the inventory of 2023."""
    request = accounting_service_pb2.CompareInventoryRequest(
        name=f"{name}/inventories/2023", **fields
    )
    return world.desk.accounting.CompareInventory(request)


def causes(report: restatement_pb2.RestatementReport) -> list[str]:
    """The kinds of all causes, once each."""
    kinds = {cause.kind for line in report.lines for cause in line.causes}
    return sorted(
        restatement_pb2.CauseKind.Name(kind).removeprefix("CAUSE_KIND_") for kind in kinds
    )


def adds_up(report: restatement_pb2.RestatementReport) -> bool:
    """Whether causes add up to lines, and lines to the total."""
    for line in report.lines:
        for cause, figure in (("difference_co2_g", "co2_g"), ("difference_co2e_g", "co2e_g")):
            told = sum(getattr(each, cause) for each in line.causes)
            assert told == getattr(line.after, figure) - getattr(line.before, figure)
    for each in report.figures:
        assert sum(cause.difference_g for cause in each.causes) == each.difference_g
    total = {each.figure: each.difference_g for each in report.figures}
    told = sum(
        (-1 if line.deducted else 1) * (line.after.co2_g - line.before.co2_g)
        for line in report.lines
    )
    return total.get("total_co2_g", 0) == told


def test_a_late_reading_makes_a_new_version_and_the_old_one_stays(world: World, mill: str) -> None:
    world.report(mill, *year_of(mill)[:11])
    before, moment = world.inventory(mill, view=FULL), now()

    world.report(mill, record(mill, when="2023-12"))

    after = world.inventory(mill, view=FULL)
    assert after.resource_version == before.resource_version + 1
    assert versions(after) == versions(before) | {"intake-2023-12": 1}
    assert world.inventory(mill, view=FULL, as_of_time=moment) == before
    report = compare(world, mill, from_time=moment)
    assert (causes(report), adds_up(report)) == (["RECORD_ADDED"], True)
    assert "100 MWh" in report.lines[0].causes[0].text


def test_a_corrected_reading_makes_a_new_version_of_its_line_alone(world: World, mill: str) -> None:
    stored = world.report(mill, *year_of(mill), fuel(mill))
    before = world.inventory(mill, view=FULL)
    march = stored.results[2].activity_record

    world.report(mill, record(mill, "90 MWh", "2023-03", corrects=march))

    after = world.inventory(mill, view=FULL)
    assert versions(after) == versions(before) | {"intake-2023-03": 2}
    assert world.inventory(mill, view=FULL, resource_version=before.resource_version) == before
    report = compare(world, mill, from_version=before.resource_version)
    assert (causes(report), adds_up(report)) == (["RECORD_CORRECTED"], True)
    (cause,) = report.lines[0].causes
    assert (cause.before, cause.after) == (march, after_record(world, mill))
    assert cause.difference_co2_g == report.figures[0].difference_g < 0


def after_record(world: World, name: str) -> str:
    """The newest record of an enterprise."""
    request = accounting_service_pb2.ListActivityRecordsRequest(parent=name, page_size=1000)
    return world.desk.accounting.ListActivityRecords(request).activity_records[-1].name


@pytest.mark.parametrize("what", ["100 kWh", "100000 kWh"], ids=["relabelled", "the same amount"])
def test_another_unit_is_told_as_a_correction_of_the_unit(
    world: World, mill: str, what: str
) -> None:
    """KWh for MWh changes the figure a thousandfold, or not at all: either way it is said."""
    stored = world.report(mill, record(mill), fuel(mill))
    before = world.inventory(mill, view=FULL)

    world.report(mill, record(mill, what, corrects=stored.results[0].activity_record))

    report = compare(world, mill, from_version=before.resource_version)
    assert (causes(report), adds_up(report)) == (["UNIT_CORRECTED"], True)
    (line,) = report.lines
    assert line.line.endswith("intake-2023-01")
    same = what == "100000 kWh"
    assert (line.after.co2_g == line.before.co2_g) is same
    assert bool(report.figures) is not same


def test_a_revised_factor_makes_new_versions_of_what_it_touches(world: World, mill: str) -> None:
    other = world.enterprise(region_code="CN-GD")
    for name in (mill, other):
        world.report(name, *year_of(name)[:2], fuel(name))
    before, elsewhere, moment = (
        world.inventory(mill, view=FULL),
        world.inventory(other, view=FULL),
        now(),
    )
    intake = next(line for line in before.lines if line.source_id == "intake")
    old = Decimal(intake.binding.factors[0].quantity.value.value)

    with revise(world, intake.binding, str(old + Decimal("0.1"))):
        after = world.inventory(mill, view=FULL)
        revised = {name for name in versions(after) if name.startswith("intake")}
        assert versions(after) == versions(before) | dict.fromkeys(revised, 2)
        assert after.total_co2_g - before.total_co2_g == 2 * 10_000_000
        assert world.inventory(other, view=FULL) == elsewhere
        assert world.inventory(mill, view=FULL, as_of_time=moment) == before
        report = compare(world, mill, from_time=moment)
        assert (causes(report), adds_up(report)) == (["FACTOR_REVISED"], True)
        assert f"{old + Decimal('0.1')} tCO2/MWh" in report.lines[0].causes[0].text
    assert world.inventory(mill).total_co2_g == before.total_co2_g


def test_a_line_of_a_revised_factor_is_explained_as_it_is_and_as_it_was(
    world: World, mill: str
) -> None:
    world.report(mill, record(mill))
    (line,) = world.inventory(mill, view=FULL).lines
    moment = now()

    def explained(**fields: Any) -> str:
        request = accounting_service_pb2.ExplainFigureRequest(name=line.name, **fields)
        return world.desk.accounting.ExplainFigure(request).text

    with revise(world, line.binding, "0.7777"):
        assert "0.7777 tCO2/MWh" in explained()
        assert "0.7777" not in explained(as_of_time=moment)
        assert f"{line.name}@1" in explained(as_of_time=moment)
        assert f"{line.name}@2" in explained()


def test_a_changed_potential_touches_what_has_the_gas_and_nothing_else(
    world: World, mill: str
) -> None:
    world.report(mill, record(mill), fuel(mill))
    before, own = world.inventory(mill, "2023-ghgp", view=FULL), world.inventory(mill)
    burnt = next(line for line in before.lines if line.source_id == "boiler-1")
    index = next(
        index
        for index, factor in enumerate(burnt.binding.factors)
        if factor.role == factor_pb2.FACTOR_ROLE_GWP100
    )
    old = burnt.binding.factors[index].quantity.value.value

    with revise(world, burnt.binding, str(Decimal(old) + 1), index):
        after = world.inventory(mill, "2023-ghgp", view=FULL)
        touched = {name for name in versions(after) if name.startswith("boiler-1")}
        assert versions(after) == versions(before) | dict.fromkeys(touched, 2)
        request = accounting_service_pb2.CompareInventoryRequest(
            name=f"{mill}/inventories/2023-ghgp", from_version=before.resource_version
        )
        report = world.desk.accounting.CompareInventory(request)
        assert (causes(report), adds_up(report)) == (["GWP_CHANGED"], True)
        assert world.inventory(mill) == own


def test_nothing_was_known_before_the_first_report(world: World, mill: str) -> None:
    moment = now()
    world.report(mill, record(mill))

    asked = accounting_service_pb2.GetEnterpriseInventoryRequest(
        name=f"{mill}/inventories/2023", as_of_time=moment
    )
    assert refused(world.desk.accounting.GetEnterpriseInventory, asked).reason == "NOT_FOUND"
    report = compare(world, mill, from_time=moment)
    assert (report.from_version, report.to_version) == (0, 1)
    assert (causes(report), adds_up(report)) == (["RECORD_ADDED"], True)


def test_versions_are_listed_oldest_first(world: World, mill: str) -> None:
    for month in ("2023-01", "2023-02", "2023-03"):
        world.report(mill, record(mill, when=month))

    def page(token: str = "") -> accounting_service_pb2.ListInventoryVersionsResponse:
        return world.desk.accounting.ListInventoryVersions(
            accounting_service_pb2.ListInventoryVersionsRequest(
                name=f"{mill}/inventories/2023", page_size=2, page_token=token
            )
        )

    first = page()
    second = page(first.next_page_token)
    found = [each.resource_version for each in (*first.versions, *second.versions)]
    assert found == [1, 2, 3]
    assert second.next_page_token == ""
    none = accounting_service_pb2.ListInventoryVersionsRequest(name=f"{mill}/inventories/2020")
    refusal = refused(world.desk.accounting.ListInventoryVersions, none)
    assert refusal.reason == "NOT_FOUND"


def test_a_zone_is_known_as_it_was(world: World, mill: str) -> None:
    world.report(mill, record(mill))
    name = f"{world.zone}/inventories/2023"

    def zone(**fields: Any) -> zone_inventory_pb2.ZoneInventory:
        request = accounting_service_pb2.GetZoneInventoryRequest(name=name, **fields)
        return world.desk.accounting.GetZoneInventory(request)

    before, moment = zone(), now()
    newcomer = world.enterprise()
    world.report(newcomer, record(newcomer))
    world.report(mill, record(mill, when="2023-02"))

    assert zone(as_of_time=moment) == before
    assert zone().net_co2e_g == 3 * before.net_co2e_g
    assert len(zone().members) == 2


def test_a_moment_and_a_version_together_are_refused(world: World, mill: str) -> None:
    world.report(mill, record(mill))

    asked = accounting_service_pb2.GetEnterpriseInventoryRequest(
        name=f"{mill}/inventories/2023", resource_version=1, as_of_time=now()
    )
    refusal = refused(world.desk.accounting.GetEnterpriseInventory, asked)
    assert (refusal.reason, refusal.fields) == ("FIELD_INVALID", ["resource_version"])


def test_a_factor_that_was_missing_fills_the_gap_by_itself(world: World) -> None:
    plant = world.enterprise(industry_code="4411")
    january = {"period": "2026-01-01 2026-02-01"}
    carbon = {"quantity": "0.55 tC/t", "basis": custom_factor_pb2.SAMPLE_BASIS_AS_RECEIVED}
    works.approved(world, plant, "CARBON_CONTENT", "bituminous-coal", **carbon, **january)
    works.approved(world, plant, "OXIDATION_RATE", "coal", quantity="99 %", **january)
    world.report(plant, fuel(plant, "100 t", "2026-01"))
    world.running.wait_for_restatement()
    missing, guide = world.inventory(plant, "2026"), world.inventory(plant, "2026-ets-power")

    rules = [
        rule
        for request in library.requests(worlds.DATA)
        for rule in request.rules
        if (rule.method_id, rule.accounting_year) == ("gbt32150", 2025)
    ]
    for rule in rules:
        rule.accounting_year = 2026
    world.running.administrator.factors.ImportFactors(
        factor_service_pb2.ImportFactorsRequest(rules=rules)
    )
    world.running.wait_for_restatement()

    filled = world.inventory(plant, "2026", view=FULL)
    lacks = inventory_pb2.FINDING_KIND_FACTOR_MISSING
    assert lacks in {each.kind for each in missing.findings}
    assert lacks not in {each.kind for each in filled.findings}
    assert (missing.total_co2_g, len(filled.lines)) == (0, 1)
    assert filled.total_co2_g == filled.lines[0].emissions.co2_g > 0
    assert filled.resource_version == missing.resource_version + 1
    assert world.inventory(plant, "2026-ets-power") == guide
