"""Behaviours that others published as tests, of what is reported: proofs, doubles, balances, steam.

The ids are those of the collection of behaviours; each test is named by what must happen.
"""

from __future__ import annotations

from typing import Any

import pytest

from services.accounting.domain.activity import Kind
from services.accounting.domain.report import Refused
from services.accounting.domain.role import Role
from services.accounting.domain.row import checked
from services.kernel.period import Period
from tests.accounting import requests, world
from tests.fixtures.house import Running
from tests.golden import books, cases
from tests.golden.cases import activity, case
from tests.refusals import Refused as Answer
from zonecarbon.accounting.v1 import accounting_service_pb2 as pb
from zonecarbon.accounting.v1 import activity_pb2, inventory_pb2
from zonecarbon.registry.v1 import factor_pb2

FUEL = "FUEL_COMBUSTION"
CARBON_OUT = {"CARBON_CONTENT": "0.9 tC/t", "VOLATILE_SHARE": "0 1"}

UNPROVEN = {
    "green power of a direct line": (
        activity("ELECTRICITY_PURCHASED", "1 MWh", "electricity-non-fossil"),
        "evidence",
    ),
    "a claim without its certificate": (
        activity("GREEN_POWER_CLAIMED", "1 MWh", "green-certificate", evidence="letter"),
        "certificate",
    ),
    "a claim without its evidence": (
        activity("GREEN_POWER_CLAIMED", "1 MWh", "green-power-trade", certificate="GEC-1"),
        "evidence",
    ),
}


@pytest.mark.parametrize(("asked", "field"), UNPROVEN.values(), ids=UNPROVEN.keys())
def test_a_zero_factor_needs_a_proof(
    stocked_house: Running, asked: dict[str, Any], field: str
) -> None:
    """BEH-11: green power without its certificate or settlement is an error."""
    refusal = cases.refusal(stocked_house.administrator, case("park910", asked))

    assert (refusal.reason, refusal.fields) == ("FIELD_REQUIRED", [f"activities[0].{field}"])


def test_what_is_unproven_leaves_no_record(stocked_house: Running) -> None:
    """BEH-11: neither does a report of it."""
    zone = world.in_zone(stocked_house)
    mill = zone.enterprise()
    claim = requests.record(
        mill,
        kind=activity_pb2.ACTIVITY_KIND_GREEN_POWER_CLAIMED,
        subject="green-certificate",
        counterparty="",
        evidence="letter",
    )
    row = books.row(kind=Kind.GREEN_POWER_CLAIMED, subject="green-certificate", evidence="letter")

    answer = zone.desk.accounting.ReportActivity(requests.report(mill, claim))
    (read,) = checked([row], enterprise="mill", today=Period.year(2025).start)

    assert Answer(status=answer.results[0].error).reason == "FIELD_REQUIRED"
    assert [error.reason for error in read.errors] == ["FIELD_REQUIRED"]
    assert (answer.accepted_count, answer.revision) == (0, 0)
    listed = zone.desk.accounting.ListActivityRecords(pb.ListActivityRecordsRequest(parent=mill))
    assert not listed.activity_records


@pytest.mark.parametrize("other", ["11.7 GJ(NCV)", "0.5 m3"])
def test_a_fuel_by_two_paths_is_counted_once_or_not_at_all(
    stocked_house: Running, other: str
) -> None:
    """BEH-12: the same fuel by mass and by heat or volume is a double count."""
    asked = case("gbt32150", activity(FUEL, "0.5 t", "diesel"), activity(FUEL, other, "diesel"))

    refusal = cases.refusal(stocked_house.administrator, asked)

    assert refusal.reason == "FUEL_COUNTED_TWICE"
    assert refusal.fields == ["activities[1].quantity.unit_code"]


def test_a_report_by_two_paths_is_refused_too(stocked_house: Running) -> None:
    """BEH-12: in the month in which the fuel is in the books by another path."""
    zone = world.in_zone(stocked_house)
    mill = zone.enterprise()
    by_mass = requests.fuel(mill, "1 t", "2024-01", source_id="tank", subject="diesel")
    by_heat = requests.fuel(mill, "9 GJ(NCV)", "2024-01", source_id="bill", subject="diesel")
    kind = Kind.FUEL_COMBUSTION
    rows = [
        books.row(0, "1 t", kind=kind, source_id="tank", subject="diesel"),
        books.row(1, "9 GJ(NCV)", kind=kind, source_id="bill", subject="diesel"),
    ]

    answer = zone.desk.accounting.ReportActivity(requests.report(mill, by_mass, by_heat))
    first, second = books.judged(*rows)

    assert (answer.accepted_count, answer.refused_count) == (1, 1)
    assert Answer(status=answer.results[1].error).reason == "FUEL_COUNTED_TWICE"
    assert not isinstance(first, Refused)
    assert isinstance(second, Refused)
    assert second.errors[0].reason == "FUEL_COUNTED_TWICE"


SHARES = {
    "a component above the whole": (
        activity("MATERIAL_CONSUMED", "1 t", "calcium-carbonate", {"COMPONENT_SHARE": "100.1 %"}),
        "FIELD_INVALID",
    ),
    "a conversion above the whole": (
        activity("MATERIAL_CONSUMED", "1 t", "limestone", {"CONVERSION_RATE": "1.01 1"}),
        "FIELD_INVALID",
    ),
    "a share below nothing": (
        activity("MATERIAL_CONSUMED", "1 t", "dolomite", {"COMPONENT_SHARE": "-1 %"}),
        "QUANTITY_INVALID",
    ),
    "parts that exceed their whole": (
        activity(
            "PRODUCT_OUTPUT", "1 t", "aluminium", {"SULPHUR_SHARE": "60 %", "ASH_SHARE": "50 %"}
        ),
        "FIELD_INVALID",
    ),
}


@pytest.mark.parametrize(("asked", "reason"), SHARES.values(), ids=SHARES.keys())
def test_shares_lie_between_nothing_and_the_whole(
    stocked_house: Running, asked: dict[str, Any], reason: str
) -> None:
    """BEH-13: percentages outside 0 to 100 are errors, and so are parts that exceed the whole."""
    refusal = cases.refusal(stocked_house.administrator, case("gbt32150", asked))

    assert refusal.reason == reason
    assert refusal.fields[0].startswith("activities[0].given_factors")


def test_no_more_carbon_leaves_than_came_in(stocked_house: Running) -> None:
    """BEH-13: a material balance below nothing is an error."""
    asked = case(
        "gbt32150",
        activity("MATERIAL_CONSUMED", "10 t", "green-coke", CARBON_OUT),
        activity("PRODUCT_OUTPUT", "11 t", "calcined-coke", CARBON_OUT),
    )

    refusal = cases.refusal(stocked_house.administrator, asked)

    assert refusal.reason == "BALANCE_NEGATIVE"
    assert refusal.metadata["item"] == "calcination"


def test_an_inventory_names_a_balance_below_nothing(stocked_house: Running) -> None:
    """BEH-13: what is reported month by month may still close, so there it is a finding."""
    zone = world.in_zone(stocked_house)
    works = zone.enterprise(industry_code="3110")
    kind = activity_pb2.ACTIVITY_KIND_PROCESS_OUTPUT
    zone.report(
        works,
        requests.fuel(works, "10 t", "2024-01", kind=kind, subject="crude-steel", source_id="out"),
    )
    made = books.posted(
        books.row(0, "10 t", kind=Kind.PROCESS_OUTPUT, subject="crude-steel", source_id="out"),
        industry="3110",
    ).inventories["ets-steel"]

    found = zone.desk.accounting.GetEnterpriseInventory(
        pb.GetEnterpriseInventoryRequest(name=f"{works}/inventories/2024-ets-steel")
    )

    kinds = [each.kind for each in found.findings]
    assert inventory_pb2.FINDING_KIND_BALANCE_NEGATIVE in kinds
    assert "BALANCE_NEGATIVE" in [each.kind.value for each in made.findings]
    assert found.state == inventory_pb2.INVENTORY_STATE_INCOMPLETE


@pytest.mark.parametrize("state", ["0.5 MPa 900 °C", "40 MPa 500 °C", "0.5 MPa 100 °C"])
def test_steam_outside_of_the_tables_is_refused(stocked_house: Running, state: str) -> None:
    """BEH-14: nothing is extrapolated, and water is no steam."""
    asked = case("gbt32150", activity("HEAT_PURCHASED", "1 t", "", steam=state))

    refusal = cases.refusal(stocked_house.administrator, asked)

    assert refusal.reason == "STEAM_STATE_OUTSIDE"


def test_steam_between_printed_states_says_how_it_was_interpolated(
    stocked_house: Running,
) -> None:
    """BEH-14: bilinear, with its end points and the version of the algorithm."""
    asked = case("gbt32150", activity("HEAT_PURCHASED", "1 t", "", steam="1.5 MPa 210 °C"))
    request = cases.message(stocked_house.administrator, asked)

    (answer,) = stocked_house.administrator.accounting.ComputeEmissions(request).results
    (computed,) = cases.computed(asked)

    of_answer = next(
        each
        for each in answer.binding.factors
        if each.role == factor_pb2.FACTOR_ROLE_STEAM_ENTHALPY
    )
    of_domain = next(each for each in computed.binding.factors if each.role is Role.STEAM_ENTHALPY)
    assert of_domain.source is not None
    for note in (of_answer.source.note, of_domain.source.note):
        assert note.startswith("steam-bilinear/1: ")
        assert note.count(" × ") in {2, 4}
    assert of_answer.data_period == of_domain.data_period == "1.5 MPa 210 °C"


def test_a_certificate_is_claimed_once(stocked_house: Running) -> None:
    """BEH-11: and what proves one claim proves no other."""
    claim = activity(
        "GREEN_POWER_CLAIMED", "1 MWh", "green-certificate", evidence="x", certificate="GEC-7"
    )

    refusal = cases.refusal(stocked_house.administrator, case("park910", claim, claim))

    assert refusal.reason == "CERTIFICATE_RETIRED"
