"""Inventories over the wire, beside a real registry, on SQLite and on PostgreSQL."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from tests import builders
from tests.accounting import requests, works
from tests.accounting import world as worlds
from tests.accounting.requests import fuel, record
from tests.accounting.world import World
from tests.fixtures.house import Running
from tests.refusals import refused
from zonecarbon.accounting.v1 import accounting_service_pb2 as pb
from zonecarbon.accounting.v1 import activity_pb2, inventory_pb2, zone_inventory_pb2
from zonecarbon.registry.v1 import enterprise_pb2, registry_service_pb2
from zonecarbon.type.v1 import emissions_pb2, label_pb2, source_pb2

MONTHS = [f"2023-{month:02d}" for month in range(1, 13)]
MWH_G = 645_100
FOSSIL_G = 832_500


def bought(parent: str, what: str, seller: str) -> list[activity_pb2.ActivityRecord]:
    return [
        record(parent, what, month, source_id="inside", counterparty=seller) for month in MONTHS
    ]


def sold(parent: str, what: str, buyer: str) -> list[activity_pb2.ActivityRecord]:
    kind = activity_pb2.ACTIVITY_KIND_ELECTRICITY_EXPORTED
    return [
        record(parent, what, month, source_id="out", kind=kind, counterparty=buyer)
        for month in MONTHS
    ]


def test_an_inventory_adds_up_its_year(world: World, mill: str) -> None:
    world.report(mill, *requests.year_of(mill))
    world.report(mill, *(fuel(mill, when=month) for month in MONTHS))

    found = world.inventory(mill)

    assert found.name == f"{mill}/inventories/2023"
    assert (found.method_id, found.gwp_set) == ("gbt32150", "gwp100-ar5")
    assert found.scope2_basis == "location-based"
    assert {each.item_id: each.emissions.co2_g for each in found.items} == {
        "combustion": 12 * 20_715_093,
        "electricity_purchased": 12 * 64_510_000,
    }
    assert found.direct_co2_g == found.direct_co2e_g == 12 * 20_715_093
    assert found.indirect_co2_g == 12 * 64_510_000
    assert found.total_co2_g == found.total_co2e_g == 12 * (20_715_093 + 64_510_000)
    assert (found.state, list(found.findings)) == (inventory_pb2.INVENTORY_STATE_COMPLETE, [])
    assert found.completeness_ratio == 1.0
    # The fuels' table is applied by our own reading.
    assert found.status == source_pb2.SOURCE_STATUS_UNVERIFIED
    assert found.label == label_pb2.DATA_LABEL_SYNTHETIC
    assert [(each.subject, each.quantity.value.value) for each in found.activity_totals] == [
        ("bituminous-coal", "120"),
        ("electricity", "1200"),
    ]
    assert (found.resource_version, len(found.lines)) == (2, 0)
    assert found.registry_revision > 0
    assert found.create_time.seconds > 0


def test_in_full_it_adds_up_from_its_lines(world: World, mill: str) -> None:
    world.report(mill, *requests.year_of(mill), fuel(mill))

    found = world.inventory(mill, view=inventory_pb2.INVENTORY_VIEW_FULL)

    assert sum(line.emissions.co2_g for line in found.lines) == found.total_co2_g
    assert [line.name for line in found.lines][:2] == [
        f"{mill}/lines/boiler-1-2023-01",
        f"{mill}/lines/intake-2023-01",
    ]


def test_an_older_version_is_as_it_was(world: World, mill: str) -> None:
    world.report(mill, record(mill))
    before = world.inventory(mill)
    world.report(mill, record(mill, when="2023-02"))

    assert world.inventory(mill, resource_version=1) == before
    assert world.inventory(mill).resource_version == 2


def test_what_was_never_reported_is_not_found(world: World, mill: str) -> None:
    world.report(mill, record(mill))
    ask = world.desk.accounting.GetEnterpriseInventory

    for name, version in (("2024", 0), ("2023", 2), ("0001", 0)):
        request = pb.GetEnterpriseInventoryRequest(
            name=f"{mill}/inventories/{name}", resource_version=version
        )
        refusal = refused(ask, request)
        assert (refusal.reason, refusal.metadata["name"]) == ("NOT_FOUND", request.name)
    assert refused(ask, pb.GetEnterpriseInventoryRequest(name=mill)).reason == "NAME_INVALID"


def test_a_foreign_inventory_and_a_missing_one_look_alike(world: World, mill: str) -> None:
    world.report(mill, record(mill))
    stranger = world.running.principal("ENTERPRISE", world.enterprise())
    names = [f"{mill}/inventories/2023", "enterprises/nobody-at-all/inventories/2023"]

    foreign, absent = (
        refused(
            stranger.accounting.GetEnterpriseInventory, pb.GetEnterpriseInventoryRequest(name=name)
        )
        for name in names
    )

    assert foreign.reason == absent.reason == "NOT_FOUND"
    assert foreign.message.replace(names[0], names[1]) == absent.message


def test_a_steel_works_is_incomplete_and_says_why(world: World) -> None:
    steel = world.enterprise(industry_code="3120")
    world.report(steel, *requests.year_of(steel))

    found = world.inventory(steel)

    assert found.state == inventory_pb2.INVENTORY_STATE_INCOMPLETE
    (finding,) = found.findings
    assert finding.kind == inventory_pb2.FINDING_KIND_PROCESS_EMISSIONS_MISSING
    assert finding.subject == steel
    assert "process emissions" in finding.text
    assert "过程排放" in finding.text_zh


@pytest.fixture
def trading_pair(world: World, mill: str) -> tuple[str, str]:
    """A plant that sells to the mill 10 MWh a month, of which the mill's meter sees 9.97."""
    plant = world.enterprise(industry_code="4412")
    to_mill, from_plant = world.partner(plant, mill), world.partner(mill, plant)
    world.report(plant, *(fuel(plant, "100 t", month) for month in MONTHS))
    world.report(plant, *sold(plant, "10 MWh", to_mill))
    world.report(mill, *bought(mill, "9.97 MWh", from_plant), *requests.year_of(mill, "20 MWh"))
    return plant, mill


def test_a_zone_nets_what_its_members_sell_each_other(
    world: World, trading_pair: tuple[str, str]
) -> None:
    plant, mill = trading_pair

    zone = world.zone_inventory()

    assert zone.direct_co2e_g == 12 * 207_150_926
    assert zone.imported_co2e_g == 12 * 20 * MWH_G
    assert (zone.internal_purchased_co2e_g, zone.internal_sold_co2e_g) == (
        12 * 6_431_647,
        12 * 10 * MWH_G,
    )
    assert zone.net_co2e_g == zone.naive_co2e_g - zone.double_count_co2e_g - zone.exported_co2e_g
    assert zone.members_total_co2e_g == zone.net_co2e_g + zone.residual_co2e_g
    (transfer,) = zone.transfers
    assert (transfer.seller, transfer.buyer, transfer.subject) == (plant, mill, "electricity")
    assert (transfer.sold.value.value, transfer.bought.value.value) == ("120", "119.64")
    assert transfer.residual_co2e_g == zone.residual_co2e_g == -12 * 19_353
    (finding,) = zone.findings
    assert finding.kind == inventory_pb2.FINDING_KIND_TRANSFER_DIFFERS
    assert zone.state == inventory_pb2.INVENTORY_STATE_COMPLETE
    assert [each.enterprise for each in zone.members] == [plant, mill]
    assert zone.label == label_pb2.DATA_LABEL_SYNTHETIC
    assert zone.revision > 0
    assert zone.registry_revision > 0


def test_members_are_those_of_the_year(world: World, mill: str) -> None:
    silent = world.enterprise()
    left = world.enterprise(leave="2023-01-01")
    later = world.enterprise(join="2024-01-01")
    for name in (mill, left, later):
        world.report(name, *requests.year_of(name))

    zone = world.zone_inventory()

    assert {each.enterprise: each.state for each in zone.members} == {
        mill: inventory_pb2.INVENTORY_STATE_COMPLETE,
        silent: inventory_pb2.INVENTORY_STATE_INCOMPLETE,
    }
    assert [(each.kind, each.subject) for each in zone.findings] == [
        (inventory_pb2.FINDING_KIND_NOTHING_REPORTED, silent)
    ]
    assert zone.state == inventory_pb2.INVENTORY_STATE_INCOMPLETE
    assert zone.imported_co2e_g == 1200 * MWH_G


def test_a_zone_is_its_desks_and_no_enterprises(world: World, mill: str) -> None:
    world.report(mill, record(mill))
    request = pb.GetZoneInventoryRequest(name=f"{world.zone}/inventories/2023")
    enterprise = world.running.principal("ENTERPRISE", mill)
    other_desk = world.running.principal("DESK", "zones/elsewhere")

    denied = refused(enterprise.accounting.GetZoneInventory, request)
    foreign = refused(other_desk.accounting.GetZoneInventory, request)

    assert denied.reason == "PERMISSION_DENIED"
    assert (foreign.reason, foreign.metadata["name"]) == ("NOT_FOUND", request.name)


def test_a_verifier_reads_whom_it_verifies_alone_and_reports_nothing(
    world: World, mill: str
) -> None:
    world.report(mill, record(mill))
    verifier = world.running.principal("VERIFIER", mill).accounting
    stranger = world.running.principal("VERIFIER", world.enterprise()).accounting
    asked = pb.GetEnterpriseInventoryRequest(name=f"{mill}/inventories/2023")

    assert verifier.GetEnterpriseInventory(asked) == world.inventory(mill)
    assert refused(stranger.GetEnterpriseInventory, asked).reason == "NOT_FOUND"
    for denied in (
        refused(verifier.ReportActivity, requests.report(mill, record(mill))),
        refused(
            verifier.GetZoneInventory,
            pb.GetZoneInventoryRequest(name=f"{world.zone}/inventories/2023"),
        ),
    ):
        assert (denied.reason, denied.metadata["role"]) == ("PERMISSION_DENIED", "VERIFIER")


@pytest.mark.usefixtures("mill")
def test_a_zone_without_a_member_in_the_year_has_no_inventory(world: World) -> None:
    request = pb.GetZoneInventoryRequest(name=f"{world.zone}/inventories/2019")

    assert refused(world.desk.accounting.GetZoneInventory, request).reason == "NOT_FOUND"


@pytest.mark.usefixtures("trading_pair")
def test_the_same_zone_twice_is_the_same(world: World) -> None:
    first, again = world.zone_inventory(), world.zone_inventory()

    assert isinstance(first, zone_inventory_pb2.ZoneInventory)
    first.ClearField("revision")
    again.ClearField("revision")
    assert first == again


def test_an_enterprise_that_changed_its_code_is_still_matched(
    world: World, trading_pair: tuple[str, str]
) -> None:
    _, mill = trading_pair
    request = registry_change(mill)

    world.desk.registry.ChangeCreditCode(request)

    assert len(world.zone_inventory().transfers) == 1
    assert world.zone_inventory().transfers[0].buyer == mill


def registry_change(name: str) -> registry_service_pb2.ChangeCreditCodeRequest:
    return registry_service_pb2.ChangeCreditCodeRequest(
        name=name,
        credit_code=builders.credit_code(),
        start_date=builders.day("2023-07-01"),
        change_reason="relocated",
    )


def test_a_zone_is_not_less_by_what_is_claimed_for_electricity_bought_inside(
    world: World, trading_pair: tuple[str, str]
) -> None:
    _, mill = trading_pair
    before = world.zone_inventory("2023-park910")
    # All it bought: 240 MWh from outside the zone, 119.64 MWh from the plant inside.
    world.report(mill, works.claim(mill, "359.64 MWh", f"{mill}-all", "2023-01"))

    after = world.zone_inventory("2023-park910")

    outside_g, inside_g = 240 * FOSSIL_G, Fraction("119.64") * FOSSIL_G
    assert before.imported_co2e_g - after.imported_co2e_g == outside_g
    assert after.claimed_inside_co2e_g == inside_g
    assert before.members_total_co2e_g - after.members_total_co2e_g == outside_g + inside_g
    assert after.members_total_co2e_g == after.net_co2e_g + after.residual_co2e_g
    assert [
        each.subject
        for each in after.findings
        if each.kind == inventory_pb2.FINDING_KIND_CLAIM_BEYOND_CONSUMPTION
    ] == [mill]
    assert before.claimed_inside_co2e_g == 0


def test_cf4_of_a_smelter_is_in_the_zones_total(world: World) -> None:
    smelter = world.enterprise(industry_code="3216")
    world.report(smelter, works.deed(smelter, "PRODUCT_OUTPUT", "aluminium", "1000 t", "2024-01"))

    zone, own = world.zone_inventory("2024"), world.inventory(smelter, "2024")

    (item,) = own.items
    assert {gas.gas for gas in item.emissions.other_gases} == {
        emissions_pb2.GAS_CF4,
        emissions_pb2.GAS_C2F6,
    }
    assert zone.direct_co2e_g == zone.net_co2e_g == own.total_co2e_g > own.total_co2_g
    assert zone.members[0].total_co2e_g == own.total_co2e_g


def test_a_total_that_lacks_a_factor_is_unknown_until_the_factor_is_there(
    world: World, mill: str
) -> None:
    fossil = {"subject": "electricity-fossil", "source_id": "line-7"}

    def known() -> dict[str, bool]:
        found = world.inventory(mill, "2024-ghgp")
        return {each.scope2_basis: each.known for each in found.totals}

    world.report(mill, record(mill, when="2024-01"))
    assert known() == {"location-based": True, "market-based": True}
    first = world.report(mill, record(mill, "10 MWh", "2024-01", **fossil)).results[0]
    assert known() == {"location-based": False, "market-based": False}

    works.approved(
        world,
        mill,
        "CO2_FACTOR",
        "electricity-fossil",
        quantity="0.8 tCO2/MWh",
        period="2024-01-01 2025-01-01",
    )
    again = record(mill, "10 MWh", "2024-01", corrects=first.activity_record, **fossil)
    world.report(mill, again)

    assert known() == {"location-based": True, "market-based": True}
    totals = world.inventory(mill, "2024-ghgp").totals
    assert [each.indirect.co2_g for each in totals] == [67_780_000, 66_560_000]


def test_a_total_stands_under_every_gwp_set_of_the_method(world: World, mill: str) -> None:
    world.report(mill, fuel(mill, when="2024-01"))

    total = world.inventory(mill, "2024-ghgp").totals[0].total

    sets = {each.gwp_set: each.co2e_g for each in total.co2_equivalents}
    masses = {each.gas: each.mass_mg for each in total.other_gases}
    assert sets.keys() == {"gwp100-ar4", "gwp100-ar5", "gwp100-ar6"}
    assert sets["gwp100-ar5"] == total.co2e_g
    assert len(set(sets.values())) == 3
    assert all(co2e_g > total.co2_g for co2e_g in sets.values())
    assert masses.keys() == {emissions_pb2.GAS_CH4, emissions_pb2.GAS_N2O}


BY_METHOD = {
    "2024": ("gbt32150", ["location-based"]),
    "2024-ets-steel": ("ets-steel", ["none"]),
    "2024-ghgp": ("ghgp", ["location-based", "market-based"]),
    "2024-park910": ("park910", ["market-based"]),
}
"""The inventories of a steel works of 2024: their method, and the bases of their totals."""


@pytest.fixture(scope="module")
def steel(running: Running) -> tuple[World, str]:
    """A steel works that reported a bit of everything."""
    world = worlds.in_zone(running)
    return world, works.steel(world)


@pytest.mark.parametrize("id_", BY_METHOD)
def test_every_method_that_covers_an_enterprise_has_its_inventory(
    steel: tuple[World, str], id_: str
) -> None:
    world, name = steel
    method_id, bases = BY_METHOD[id_]

    found = world.inventory(name, id_)

    assert (found.name, found.method_id) == (f"{name}/inventories/{id_}", method_id)
    assert [total.scope2_basis for total in found.totals] == bases
    assert (found.scope2_basis, found.gwp_set) == (bases[0], "gwp100-ar5")
    assert found.total_co2e_g == found.totals[0].total.co2e_g
    assert found.total_co2_g == found.direct_co2_g + found.indirect_co2_g
    assert all(total.known for total in found.totals), list(found.findings)
    assert [item.item_id for item in found.items] == list(
        dict.fromkeys(item.item_id for item in found.items)
    )
    assert all(item.display_name and item.display_name_zh for item in found.items)
    assert found.HasField("reported") is (method_id == "ets-steel")


@pytest.mark.parametrize("id_", BY_METHOD)
def test_items_and_lines_of_every_method_add_up_to_its_totals(
    steel: tuple[World, str], id_: str
) -> None:
    world, name = steel
    location, market = (
        inventory_pb2.EMISSION_CATEGORY_INDIRECT_LOCATION,
        inventory_pb2.EMISSION_CATEGORY_INDIRECT_MARKET,
    )
    of_basis = {"location-based": location, "market-based": market, "none": 0}

    found = world.inventory(name, id_, view=inventory_pb2.INVENTORY_VIEW_FULL)

    def summed(*categories: int) -> int:
        return sum(
            (-1 if item.deducted else 1) * item.emissions.co2e_g
            for item in found.items
            if item.category in categories
        )

    direct = inventory_pb2.EMISSION_CATEGORY_DIRECT
    assert summed(direct) == found.direct_co2e_g
    for total in found.totals:
        bought = of_basis[total.scope2_basis]
        assert total.indirect.co2e_g == (summed(bought) if bought else 0)
        assert total.total.co2e_g == found.direct_co2e_g + total.indirect.co2e_g
    for item in found.items:
        if item.item_id != "claims_beyond_consumption":
            lines = [line for line in found.lines if line.item_id == item.item_id]
            assert sum(line.emissions.co2e_g for line in lines) == item.emissions.co2e_g
            assert {line.binding.method_id for line in lines} == {found.method_id}


def test_the_guide_reports_what_it_rounds_in_stages_beside_the_books(
    steel: tuple[World, str],
) -> None:
    world, name = steel

    found = world.inventory(name, "2024-ets-steel")

    told = found.reported
    assert "." not in told.total_t.value
    assert told.difference_g == int(told.total_t.value) * 10**6 - found.total_co2e_g
    assert told.rule.locator == "tables C.3 to C.6"
    coal = next(row for row in told.rows if row.subject == "bituminous-coal")
    assert (coal.activity.value.value, coal.activity.unit_code) == ("2234.57", "t")
    decimals = [len(factor.value.value.partition(".")[2]) for factor in coal.factors]
    assert decimals == [3, 5], "heat value, carbon per heat"
    process = [row for row in told.rows if row.item_id.startswith("process_")]
    assert all(row.facility and row.emissions.unit_code == "tCO2e" for row in process)


@pytest.mark.parametrize("id_", ["2024-ets-power", "2024-nonsense", "2023-ets-steel", "2023"])
def test_an_inventory_that_there_is_not_is_not_found(steel: tuple[World, str], id_: str) -> None:
    world, name = steel
    request = pb.GetEnterpriseInventoryRequest(name=f"{name}/inventories/{id_}")

    refusal = refused(world.desk.accounting.GetEnterpriseInventory, request)

    assert (refusal.reason, refusal.metadata["name"]) == ("NOT_FOUND", request.name)


@pytest.mark.parametrize("id_", BY_METHOD)
def test_an_inventory_of_any_method_is_no_strangers(steel: tuple[World, str], id_: str) -> None:
    world, name = steel
    stranger = world.running.principal("ENTERPRISE", world.enterprise())
    absent = "enterprises/nobody-at-all"

    foreign, missing = (
        refused(
            stranger.accounting.GetEnterpriseInventory,
            pb.GetEnterpriseInventoryRequest(name=f"{each}/inventories/{id_}"),
        )
        for each in (name, absent)
    )

    assert foreign.reason == missing.reason == "NOT_FOUND"
    assert foreign.message.replace(name, absent) == missing.message


def test_a_zone_has_an_inventory_by_each_method_of_zones_and_by_no_guide(
    steel: tuple[World, str],
) -> None:
    world, _ = steel

    for id_, (method_id, bases) in BY_METHOD.items():
        request = pb.GetZoneInventoryRequest(name=f"{world.zone}/inventories/{id_}")
        if method_id == "ets-steel":
            assert refused(world.desk.accounting.GetZoneInventory, request).reason == "NOT_FOUND"
            continue
        zone = world.zone_inventory(id_)
        assert (zone.name, zone.method_id) == (request.name, method_id)
        assert zone.scope2_basis == bases[0]
        assert zone.members_total_co2e_g == zone.net_co2e_g + zone.residual_co2e_g


def test_a_zone_covers_its_industry_above_scale_alone_where_that_is_asked(world: World) -> None:
    large, small = world.enterprise(), world.enterprise()
    role = enterprise_pb2.MEMBER_ROLE_WASTEWATER
    public = world.enterprise(memberships=[belonging(world.zone, role=role)])
    above = world.enterprise(memberships=[belonging(world.zone, above_scale=True)])
    for each in (large, small, public, above):
        world.report(each, record(each, "10 MWh"))
    name = f"{world.zone}/inventories/2023"

    whole = world.zone_inventory()
    covered = world.desk.accounting.GetZoneInventory(
        pb.GetZoneInventoryRequest(
            name=name, member_coverage=zone_inventory_pb2.MEMBER_COVERAGE_ABOVE_SCALE
        )
    )

    assert whole.member_coverage == zone_inventory_pb2.MEMBER_COVERAGE_ALL
    assert {each.enterprise: each.role for each in whole.members}[public] == role
    assert whole.imported_co2e_g == 4 * 10 * MWH_G
    assert covered.member_coverage == zone_inventory_pb2.MEMBER_COVERAGE_ABOVE_SCALE
    assert [(each.enterprise, each.above_scale) for each in covered.members] == [(above, True)]
    assert covered.imported_co2e_g == 10 * MWH_G


def test_who_joins_in_october_is_in_the_zone_from_october_on(world: World) -> None:
    late = world.enterprise(join="2023-10-15")
    world.report(late, *requests.year_of(late, "10 MWh"))

    zone = world.zone_inventory()

    assert zone.imported_co2e_g == 3 * 10 * MWH_G
    assert list(zone.members[0].month_number) == [10, 11, 12]
    assert zone.members[0].total_co2e_g == 3 * 10 * MWH_G


def belonging(zone: str, **fields: Any) -> enterprise_pb2.ZoneMembership:
    member = builders.membership(zone)
    member.MergeFrom(enterprise_pb2.ZoneMembership(**fields))
    return member
