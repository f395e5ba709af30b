"""Months of enterprises and zones, kept in the transaction that changes the books."""

from __future__ import annotations

import sqlalchemy as sa
from google.protobuf import field_mask_pb2

from services.accounting import store
from services.runtime.database import Database
from tests import builders
from tests.accounting import world as worlds
from tests.accounting.moments import revise
from tests.accounting.requests import fuel, record, year_of
from tests.accounting.world import World
from tests.fixtures.house import Running
from tests.refusals import refused
from zonecarbon.accounting.v1 import monthly_emissions_pb2
from zonecarbon.accounting.v1 import rollup_service_pb2 as pb
from zonecarbon.client import Client
from zonecarbon.registry.v1 import enterprise_pb2, registry_service_pb2


def months_of(owner: str, client: Client, id_: str = "2023") -> list[int]:
    """Grams of CO2 of each month."""
    return [each.total.co2_g for each in months(owner, client, id_).months]


def months(owner: str, client: Client, id_: str = "2023") -> monthly_emissions_pb2.MonthlyEmissions:
    return client.rollups.GetMonthlyEmissions(
        pb.GetMonthlyEmissionsRequest(name=f"{owner}/monthlyEmissions/{id_}")
    )


def agree(world: World, *parents: str) -> bool:
    """Whether all months are what the lines add up to."""
    for parent in parents or (world.zone,):
        found = world.desk.rollups.CheckMonthlyEmissions(
            pb.CheckMonthlyEmissionsRequest(parent=parent)
        )
        assert list(found.differences) == []
        assert found.figure_count > 0
    return True


def belong(world: World, name: str, *memberships: enterprise_pb2.ZoneMembership) -> None:
    """Give an enterprise other memberships, and wait until the books follow."""
    registry = world.running.administrator.registry
    enterprise = registry.GetEnterprise(registry_service_pb2.GetEnterpriseRequest(name=name))
    del enterprise.memberships[:]
    enterprise.memberships.extend(memberships)
    registry.UpdateEnterprise(
        registry_service_pb2.UpdateEnterpriseRequest(
            enterprise=enterprise, update_mask=field_mask_pb2.FieldMask(paths=["memberships"])
        )
    )
    world.running.wait_for_restatement()


def test_the_months_of_an_enterprise_add_up_to_its_inventory(world: World, mill: str) -> None:
    world.report(mill, *year_of(mill), fuel(mill, when="2023-05"))

    found, inventory = months(mill, world.desk), world.inventory(mill)

    assert sum(each.total.co2_g for each in found.months) == inventory.total_co2_g
    assert sum(each.direct.co2e_g for each in found.months) == inventory.direct_co2e_g
    assert sum(each.indirect.co2_g for each in found.months) == inventory.indirect_co2_g
    assert [each.month_number for each in found.months if each.direct.co2_g] == [5]
    assert [len(each.items) for each in found.months] == [1, 1, 1, 1, 2, 1, 1, 1, 1, 1, 1, 1]
    assert (found.method_id, found.gwp_set) == (inventory.method_id, inventory.gwp_set)
    assert found.scope2_basis == inventory.scope2_basis
    assert found.revision == inventory.revision
    assert agree(world, mill, world.zone)


def test_a_corrected_row_changes_one_month_and_one_zone_by_exactly_the_difference(
    world: World, mill: str
) -> None:
    other = world.enterprise()
    world.report(other, record(other, "7 MWh", "2023-03"))
    first = world.report(mill, *year_of(mill)).results[2].activity_record
    of_mill, of_zone = months_of(mill, world.desk), months_of(world.zone, world.desk)

    world.report(mill, record(mill, "250.75 MWh", "2023-03", corrects=first))

    after = months_of(mill, world.desk)
    moved = [now - was for was, now in zip(of_mill, after, strict=True)]
    assert [bool(each) for each in moved] == [number == 3 for number in range(1, 13)]
    now = months_of(world.zone, world.desk)
    assert [new - old for old, new in zip(of_zone, now, strict=True)] == moved
    assert agree(world)


def test_who_joins_or_leaves_a_zone_takes_all_its_months_along(world: World, mill: str) -> None:
    other = worlds.in_zone(world.running)
    world.report(mill, record(mill, when="2023-03"), record(mill, when="2024-03"))
    before = months_of(world.zone, world.desk)

    belong(
        world,
        mill,
        builders.membership(world.zone, "2020-01-01", "2024-01-01"),
        builders.membership(other.zone, "2024-01-01"),
    )

    assert months_of(world.zone, world.desk) == before
    assert sum(months_of(world.zone, world.desk, "2024")) == 0
    of_other = pb.GetMonthlyEmissionsRequest(name=f"{other.zone}/monthlyEmissions/2023")
    assert refused(other.desk.rollups.GetMonthlyEmissions, of_other).reason == "NOT_FOUND"
    in_other = months_of(other.zone, other.desk, "2024")
    assert in_other == months_of(mill, other.desk, "2024")
    other.report(mill, record(mill, "9 MWh", "2024-04"))
    assert months_of(other.zone, other.desk, "2024")[3] > in_other[3] == 0
    assert agree(world)
    assert agree(other)


def test_who_joins_within_a_year_is_in_the_months_of_the_zone_from_then_on(
    world: World, mill: str
) -> None:
    other = worlds.in_zone(world.running)
    world.report(mill, *year_of(mill))
    of_mill = months_of(mill, world.desk)

    belong(
        world,
        mill,
        builders.membership(world.zone, "2020-01-01", "2023-10-15"),
        builders.membership(other.zone, "2023-10-15"),
    )

    assert months_of(world.zone, world.desk) == [*of_mill[:9], 0, 0, 0]
    assert months_of(other.zone, other.desk) == [*[0] * 9, *of_mill[9:]]
    assert agree(world)
    assert agree(other)


def test_months_follow_the_factor_library(world: World, mill: str) -> None:
    (line,) = world.report(mill, record(mill, "100 MWh", "2023-02")).lines
    world.report(mill, fuel(mill, when="2023-02"))
    before = months_of(world.zone, world.desk)

    with revise(world, line.binding, "0.1"):
        during = months_of(world.zone, world.desk)
        assert agree(world)

    assert before[1] - during[1] == line.emissions.co2_g - 10_000_000
    assert months_of(world.zone, world.desk) == before
    assert agree(world)


def test_what_is_kept_and_is_not_what_the_lines_say_is_found(world: World, mill: str) -> None:
    world.report(mill, record(mill, "100 MWh", "2023-02"))
    settings = world.running.settings
    database = Database.of(settings, "accounting")
    with database.write() as connection:
        table = store.rollups.months
        of_mill = table.c.owner == mill
        of_home = table.c.method_id == "gbt32150"
        kept = connection.execute(sa.select(table.c.by_item).where(of_mill, of_home)).scalar_one()
        (item_id,) = kept
        kept[item_id]["co2_g"][1] += 1
        connection.execute(sa.update(table).where(of_mill, of_home).values(by_item=kept))
    database.close()

    found = world.desk.rollups.CheckMonthlyEmissions(
        pb.CheckMonthlyEmissionsRequest(parent=world.zone)
    )

    (wrong,) = found.differences
    assert (wrong.name, wrong.month_number) == (f"{mill}/monthlyEmissions/2023", 2)
    assert (wrong.item_id, wrong.measure) == (item_id, "co2_g")
    assert int(wrong.kept) == int(wrong.recomputed) + 1
    assert found.difference_count == 1


def test_months_are_seen_by_whom_they_belong_to(running: Running, world: World, mill: str) -> None:
    world.report(mill, record(mill))
    own, stranger = running.principal("ENTERPRISE", mill), worlds.in_zone(running).desk

    assert sum(months_of(mill, own)) > 0
    of_mill = pb.GetMonthlyEmissionsRequest(name=f"{mill}/monthlyEmissions/2023")
    of_zone = pb.GetMonthlyEmissionsRequest(name=f"{world.zone}/monthlyEmissions/2023")
    assert refused(own.rollups.GetMonthlyEmissions, of_zone).reason == "PERMISSION_DENIED"
    for each in (of_mill, of_zone):
        assert refused(stranger.rollups.GetMonthlyEmissions, each).reason == "NOT_FOUND"
    unheard = pb.GetMonthlyEmissionsRequest(name=f"{mill}/monthlyEmissions/2023-unheard")
    early = pb.GetMonthlyEmissionsRequest(name=f"{mill}/monthlyEmissions/2022")
    for each in (unheard, early):
        assert refused(own.rollups.GetMonthlyEmissions, each).reason == "NOT_FOUND"
    wrong = refused(own.rollups.GetMonthlyEmissions, pb.GetMonthlyEmissionsRequest(name="mill"))
    assert wrong.reason == "NAME_INVALID"
    nobody = pb.CheckMonthlyEmissionsRequest(parent="mill")
    assert refused(world.desk.rollups.CheckMonthlyEmissions, nobody).reason == "NAME_INVALID"
