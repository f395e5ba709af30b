"""Bundles over the wire, of real services on SQLite and on PostgreSQL, computed again."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf import timestamp_pb2

from services.accounting.domain.bundle.recomputation import recompute
from services.accounting.files import archive
from tests.accounting import works
from tests.accounting.bundles import opened
from tests.accounting.moments import now, revise
from tests.accounting.requests import fuel, record, year_of
from tests.accounting.world import World
from tests.refusals import refused
from zonecarbon.accounting.v1 import accounting_service_pb2, bundle_pb2, inventory_pb2
from zonecarbon.cli.bundles import Fetched, fetched

METHODS = ["2024", "2024-ets-steel", "2024-ghgp", "2024-park910"]


def request(
    name: str, id_: str = "2023", **fields: Any
) -> accounting_service_pb2.ExportBundleRequest:
    return accounting_service_pb2.ExportBundleRequest(name=f"{name}/inventories/{id_}", **fields)


def export(world: World, name: str, id_: str = "2023", **fields: Any) -> bundle_pb2.Bundle:
    return world.desk.accounting.ExportBundle(request(name, id_, **fields))


@pytest.mark.parametrize("id_", METHODS)
def test_the_bundle_of_a_steel_works_comes_out_again_by_every_method(
    world: World, id_: str
) -> None:
    name = works.steel(world)
    stored = world.inventory(name, id_, view=inventory_pb2.INVENTORY_VIEW_FULL)

    exported = export(world, name, id_)
    found = opened(exported.content).bundle

    assert exported.sha256 == archive.sha256(exported.content)
    assert exported.archive_size == len(exported.content)
    assert exported.media_type == "application/zip"
    assert exported.file_name == f"{name.partition('/')[2]}-{id_}-v1.zip"
    again = recompute(found)
    assert again.differing == ()
    assert found.inventory.total.co2_g == stored.total_co2_g
    assert [line.name for line in found.lines] == [line.name for line in stored.lines]
    assert len(found.records) == 20
    assert found.records[0].evidence or found.records[0].reporter


def test_a_version_makes_the_same_bytes_for_ever(world: World, mill: str) -> None:
    stored = world.report(mill, *year_of(mill), fuel(mill))
    first = export(world, mill)
    moment = now()

    world.report(mill, record(mill, "90 MWh", corrects=stored.results[0].activity_record))

    assert export(world, mill).sha256 != first.sha256
    assert export(world, mill, resource_version=1) == first
    assert export(world, mill, as_of_time=moment) == first
    for version in (1, 2):
        data = export(world, mill, resource_version=version).content
        assert recompute(opened(data).bundle).differing == ()


def test_an_inventory_that_followed_a_revised_factor_comes_out_again(
    world: World, mill: str
) -> None:
    world.report(mill, *year_of(mill), fuel(mill))
    before = world.inventory(mill, view=inventory_pb2.INVENTORY_VIEW_FULL)
    binding = next(line.binding for line in before.lines if line.source_id == "intake")
    first = export(world, mill)

    with revise(world, binding, "0.7777"):
        exported = export(world, mill)

    found = opened(exported.content).bundle
    assert exported.resource_version == 2
    assert recompute(found).differing == ()
    bound = {line.binding for line in found.lines if line.source.source_id == "intake"}
    assert [each.quantity.text for binding in bound for each in binding.factors] == ["0.7777"]
    assert export(world, mill, resource_version=1) == first


def test_an_enterprises_own_figure_that_begins_inside_a_month_comes_out_again(
    world: World, mill: str
) -> None:
    works.approved(
        world,
        mill,
        "CO2_FACTOR",
        "bituminous-coal",
        quantity="2.1 tCO2/t",
        period="2023-01-16 2023-02-01",
        custom_factor_id="coal-2023-01",
    )
    world.report(mill, fuel(mill, when="2023-02"))
    world.report(mill, *(fuel(mill, when=f"2023-01-{a} 2023-{b}") for a, b in HALVES))

    found = opened(export(world, mill, "2023-ghgp").content).bundle

    assert recompute(found).differing == ()
    assert len(found.lines) == 3


HALVES = (("01", "01-16"), ("16", "02-01"))


def test_an_archive_comes_in_parts_and_is_the_same(world: World, mill: str) -> None:
    world.report(mill, record(mill))
    whole = export(world, mill)

    found = fetched(world.desk, request(mill, part_size=10_000))

    assert found == Fetched(
        inventory=f"{mill}/inventories/2023", version=1, sha256=whole.sha256, data=whole.content
    )
    assert len(export(world, mill, part_size=10_000).content) == 10_000
    assert export(world, mill, begin_index=whole.archive_size).content == b""
    beyond = request(mill, begin_index=whole.archive_size + 1)
    refusal = refused(world.desk.accounting.ExportBundle, beyond)
    assert (refusal.reason, refusal.metadata["field"]) == ("FIELD_INVALID", "begin_index")
    assert refusal.metadata["allowed"] == f"0 to {whole.archive_size}"


def test_parts_stay_of_one_version_while_the_books_go_on(world: World, mill: str) -> None:
    world.report(mill, record(mill))
    first = export(world, mill)
    world.report(mill, record(mill, when="2023-02"))

    found = fetched(world.desk, request(mill, resource_version=1, part_size=10_000))

    assert found.sha256 == first.sha256


def test_a_foreign_bundle_and_a_missing_one_look_alike(world: World, mill: str) -> None:
    world.report(mill, record(mill))
    own = world.running.principal("ENTERPRISE", mill)
    stranger = world.running.principal("ENTERPRISE", world.enterprise())

    foreign = refused(stranger.accounting.ExportBundle, request(mill))
    absent = refused(stranger.accounting.ExportBundle, request("enterprises/nobody-at-all"))

    assert own.accounting.ExportBundle(request(mill)) == export(world, mill)
    assert foreign.reason == absent.reason == "NOT_FOUND"
    assert foreign.message.replace(mill, "enterprises/nobody-at-all") == absent.message


def test_what_there_is_not_is_refused(world: World, mill: str) -> None:
    world.report(mill, record(mill))
    ask = world.desk.accounting.ExportBundle
    moment = timestamp_pb2.Timestamp(seconds=1)

    assert refused(ask, request(mill, "2024")).reason == "NOT_FOUND"
    assert refused(ask, request(mill, resource_version=2)).reason == "NOT_FOUND"
    assert refused(ask, request(mill, as_of_time=moment)).reason == "NOT_FOUND"
    both = refused(ask, request(mill, resource_version=1, as_of_time=moment))
    assert (both.reason, both.metadata["field"]) == ("FIELD_INVALID", "resource_version")
    wrong = accounting_service_pb2.ExportBundleRequest(name=mill)
    assert refused(ask, wrong).reason == "NAME_INVALID"
