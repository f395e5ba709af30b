"""Base years over the wire: set, changed by what becomes known, restated."""

from __future__ import annotations

from typing import Any

import pytest
from google.type import decimal_pb2

from tests.accounting.moments import now, revise
from tests.accounting.requests import record, year_of
from tests.accounting.verifying import new_id
from tests.accounting.world import World
from tests.refusals import refused
from zonecarbon.accounting.v1 import (
    accounting_service_pb2,
    base_year_pb2,
    base_year_service_pb2,
    inventory_pb2,
    restatement_pb2,
)

SET, RESTATED = base_year_pb2.BASE_YEAR_EVENT_SET, base_year_pb2.BASE_YEAR_EVENT_RESTATED
COMPLETE = inventory_pb2.INVENTORY_STATE_COMPLETE
MWH_G = 645_100


@pytest.fixture
def plant(world: World) -> str:
    """A member that has reported 100 MWh in each month of 2023."""
    name = world.enterprise()
    world.report(name, *year_of(name))
    return name


def setting(
    enterprise: str, threshold: str = "5", **fields: Any
) -> base_year_service_pb2.SetBaseYearRequest:
    values: dict[str, Any] = {
        "name": f"{enterprise}/baseYears/gbt32150",
        "accounting_year": 2023,
        "threshold_percent": decimal_pb2.Decimal(value=threshold),
        "reason": "the first year with meters",
        "request_id": new_id(),
    }
    return base_year_service_pb2.SetBaseYearRequest(**values | fields)


def restating(name: str, **fields: Any) -> base_year_service_pb2.RestateBaseYearRequest:
    values: dict[str, Any] = {
        "name": f"{name}/baseYears/gbt32150",
        "reason": "a meter was read wrongly",
        "request_id": new_id(),
    }
    return base_year_service_pb2.RestateBaseYearRequest(**values | fields)


def asked(name: str, **fields: Any) -> base_year_service_pb2.GetBaseYearRequest:
    return base_year_service_pb2.GetBaseYearRequest(name=f"{name}/baseYears/gbt32150", **fields)


def correct(world: World, name: str, what: str, month: int = 3) -> None:
    """Replace the record of a month of 2023."""
    when = f"2023-{month:02d}"
    page = world.desk.accounting.ListActivityRecords(
        accounting_service_pb2.ListActivityRecordsRequest(parent=name)
    )
    *_, standing = [
        each.name for each in page.activity_records if each.period.start_date.month == month
    ]
    world.report(name, record(name, what, when, corrects=standing))


def test_a_base_year_fixes_the_version_and_its_total(world: World, plant: str) -> None:
    own = world.running.principal("ENTERPRISE", plant).base_years
    request = setting(plant, "5.00")

    found = own.SetBaseYear(request)

    assert found.name == f"{plant}/baseYears/gbt32150"
    assert (found.accounting_year, found.scope2_basis) == (2023, "location-based")
    assert (found.gwp_set, found.threshold_percent.value) == ("gwp100-ar5", "5.00")
    assert (found.inventory, found.inventory_version) == (f"{plant}/inventories/2023", 1)
    assert found.total_co2e_g == 1200 * MWH_G
    assert (found.event, found.reason) == (SET, request.reason)
    assert found.decider.startswith("principals/")
    change = found.change
    assert (change.inventory_version, change.inventory_state) == (1, COMPLETE)
    assert (change.difference_co2e_g, change.difference_percent.value) == (0, "0")
    assert not change.exceeds_threshold
    assert not change.report.figures
    assert own.SetBaseYear(request) == found
    assert own.GetBaseYear(asked(plant)) == found
    explained = world.desk.accounting.ExplainFigure(
        accounting_service_pb2.ExplainFigureRequest(name=found.inventory, figure=found.figure)
    ).explanation
    assert explained.value.value.value == f"{found.total_co2e_g}"


@pytest.mark.parametrize(
    ("march", "percent", "exceeds"), [("160 MWh", "5", False), ("160.01 MWh", None, True)]
)
def test_a_change_beyond_the_threshold_is_told_with_its_cause(
    world: World, plant: str, march: str, percent: str | None, *, exceeds: bool
) -> None:
    world.desk.base_years.SetBaseYear(setting(plant))

    correct(world, plant, march)

    change = world.desk.base_years.GetBaseYear(asked(plant)).change
    assert change.exceeds_threshold is exceeds
    assert change.inventory_version == 2
    if percent:
        assert change.difference_percent.value == percent
        assert change.difference_co2e_g == 60 * MWH_G
    (cause,) = [each for line in change.report.lines for each in line.causes]
    assert cause.kind == restatement_pb2.CAUSE_KIND_RECORD_CORRECTED
    assert cause.difference_co2e_g == change.difference_co2e_g
    assert march in cause.text


def test_a_restatement_adopts_what_is_known_now_and_keeps_what_was_fixed(
    world: World, plant: str
) -> None:
    first = world.desk.base_years.SetBaseYear(setting(plant))
    correct(world, plant, "400 MWh")
    told = world.desk.base_years.GetBaseYear(asked(plant))
    moment = now()
    request = restating(plant)

    found = world.desk.base_years.RestateBaseYear(request)

    assert told.change.exceeds_threshold
    assert (found.event, found.below_threshold, found.reason) == (RESTATED, False, request.reason)
    assert (found.resource_version, found.inventory_version) == (2, 2)
    assert found.total_co2e_g == 1500 * MWH_G
    assert (found.change.difference_co2e_g, found.threshold_percent.value) == (0, "5")
    assert world.desk.base_years.RestateBaseYear(request) == found
    then = world.desk.base_years.GetBaseYear(asked(plant, as_of_time=moment))
    assert then == told
    assert (then.total_co2e_g, then.revision) == (1200 * MWH_G, first.revision)
    earlier = world.desk.base_years.GetBaseYear(asked(plant, resource_version=1))
    assert earlier.total_co2e_g == first.total_co2e_g
    assert earlier.change.difference_co2e_g == 300 * MWH_G


def test_a_restatement_below_the_threshold_says_so_and_one_of_nothing_is_none(
    world: World, plant: str
) -> None:
    world.desk.base_years.SetBaseYear(setting(plant))
    correct(world, plant, "101 MWh")

    found = world.desk.base_years.RestateBaseYear(restating(plant))
    again = world.desk.base_years.RestateBaseYear(restating(plant, reason="once more"))

    assert (found.event, found.below_threshold) == (RESTATED, True)
    assert again == found


def test_the_threshold_moves_alone_and_the_figure_by_restatement_alone(
    world: World, plant: str
) -> None:
    world.desk.base_years.SetBaseYear(setting(plant))
    correct(world, plant, "160 MWh")

    found = world.desk.base_years.SetBaseYear(setting(plant, "4.99"))

    assert (found.resource_version, found.inventory_version) == (2, 1)
    assert found.total_co2e_g == 1200 * MWH_G
    assert found.change.exceeds_threshold


def test_a_factor_revision_moves_the_figure_of_now_alone(world: World, plant: str) -> None:
    view = inventory_pb2.INVENTORY_VIEW_FULL
    binding = world.inventory(plant, view=view).lines[0].binding
    world.desk.base_years.SetBaseYear(setting(plant))

    with revise(world, binding, "0.9999"):
        found = world.desk.base_years.GetBaseYear(asked(plant))

    assert found.total_co2e_g == 1200 * MWH_G
    assert found.change.total_co2e_g == 1200 * 999_900
    assert found.change.exceeds_threshold
    kinds = {cause.kind for line in found.change.report.lines for cause in line.causes}
    assert kinds == {restatement_pb2.CAUSE_KIND_FACTOR_REVISED}


def test_an_incomplete_year_is_neither_set_nor_adopted(world: World, mill: str, plant: str) -> None:
    world.report(mill, record(mill))
    world.desk.base_years.SetBaseYear(setting(plant))
    world.report(plant, record(plant, source_id="second"))

    for refusal in (
        refused(world.desk.base_years.SetBaseYear, setting(mill)),
        refused(world.desk.base_years.RestateBaseYear, restating(plant)),
    ):
        assert (refusal.reason, refusal.metadata["missing"]) == ("INVENTORY_INCOMPLETE", "days")
    shown = world.desk.base_years.GetBaseYear(asked(plant)).change
    assert shown.inventory_state == inventory_pb2.INVENTORY_STATE_INCOMPLETE


@pytest.mark.parametrize(
    ("fields", "reason", "field"),
    [
        ({"threshold": "-1"}, "QUANTITY_INVALID", "threshold_percent.value"),
        ({"threshold": "5 %"}, "QUANTITY_INVALID", "threshold_percent.value"),
        ({"threshold_percent": None}, "FIELD_REQUIRED", "threshold_percent"),
        ({"scope2_basis": "market-based"}, "FIELD_INVALID", "scope2_basis"),
        ({"gwp_set": "gwp100-ar4"}, "FIELD_INVALID", "gwp_set"),
        ({"reason": " "}, "FIELD_REQUIRED", "reason"),
        ({"accounting_year": 1989}, "FIELD_INVALID", "accounting_year"),
    ],
    ids=["negative", "a unit", "no default", "basis", "GWP set", "why", "year"],
)
def test_what_is_not_stated_rightly_is_refused_at_its_field(
    world: World, plant: str, fields: dict[str, Any], reason: str, field: str
) -> None:
    refusal = refused(world.desk.base_years.SetBaseYear, setting(plant, **fields))

    assert (refusal.reason, refusal.fields) == (reason, [field])


def test_what_is_not_there_is_not_found(world: World, plant: str, mill: str) -> None:
    before = now()
    stub = world.desk.base_years
    stub.SetBaseYear(setting(plant))

    for refusal in (
        refused(stub.GetBaseYear, asked(mill)),
        refused(stub.GetBaseYear, asked(plant, resource_version=2)),
        refused(stub.GetBaseYear, asked(plant, as_of_time=before)),
        refused(stub.RestateBaseYear, restating(mill)),
        refused(stub.SetBaseYear, setting(mill)),
        refused(stub.SetBaseYear, setting(plant, accounting_year=2022)),
        refused(stub.SetBaseYear, setting(plant, name=f"{plant}/baseYears/none")),
    ):
        assert refusal.reason == "NOT_FOUND"
    both = asked(plant, resource_version=1, as_of_time=before)
    assert refused(stub.GetBaseYear, both).fields == ["resource_version"]


def test_a_base_year_is_seen_with_its_enterprise_and_set_by_who_reports(
    world: World, plant: str
) -> None:
    world.desk.base_years.SetBaseYear(setting(plant))
    verifier = world.running.principal("VERIFIER", plant).base_years
    foreign = world.running.principal("VERIFIER", world.enterprise()).base_years
    neighbour = world.running.principal("ENTERPRISE", world.enterprise()).base_years

    assert verifier.GetBaseYear(asked(plant)).total_co2e_g == 1200 * MWH_G
    assert refused(verifier.SetBaseYear, setting(plant)).reason == "PERMISSION_DENIED"
    for refusal in (
        refused(foreign.GetBaseYear, asked(plant)),
        refused(neighbour.GetBaseYear, asked(plant)),
        refused(neighbour.SetBaseYear, setting(plant)),
        refused(neighbour.RestateBaseYear, restating(plant)),
    ):
        assert refusal.reason == "NOT_FOUND"
