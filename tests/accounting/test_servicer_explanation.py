"""Explanations over the wire, beside a real registry, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from services.accounting.servicer.explanation import LARGEST_ZONE_RECORD_COUNT
from tests.accounting.requests import fuel, record
from tests.accounting.world import World
from tests.refusals import refused
from zonecarbon.accounting.v1 import accounting_service_pb2 as pb
from zonecarbon.accounting.v1 import explanation_pb2
from zonecarbon.client import Client

Node = explanation_pb2.Explanation


def every(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from every(child)


def explain(client: Client, name: str, figure: str = "") -> pb.ExplainFigureResponse:
    return client.accounting.ExplainFigure(pb.ExplainFigureRequest(name=name, figure=figure))


@pytest.fixture
def reported(world: World, mill: str) -> str:
    """The mill, with coal of January in two records and electricity of February."""
    world.report(
        mill,
        fuel(mill, "1500.0 kg", "2023-01-01 2023-01-16", evidence="weighbridge 1"),
        fuel(mill, "2 t", "2023-01-16 2023-02-01", evidence="weighbridge 2"),
        record(mill, when="2023-02"),
    )
    return mill


def test_a_line_is_explained_down_to_records_and_published_factors(
    world: World, reported: str
) -> None:
    answer = explain(world.desk, f"{reported}/lines/boiler-1-2023-01")
    nodes = list(every(answer.explanation))

    assert answer.explanation.value.value.value == str(round(3.5 * 2_071_509.2552))
    records = {node.source.title: node for node in nodes if "/activityRecords/" in node.resource}
    assert records["weighbridge 1"].value.value.value == "1500.0"
    assert records["weighbridge 1"].value.unit_code == "kg"
    assert records["weighbridge 2"].value.unit_code == "t"
    factors = {node.resource: node for node in nodes if node.resource.startswith("factorSets/")}
    ncv = factors["factorSets/ndrc-2013-2015/factors/cn-ndrc-2013-2015-bituminous-coal-ncv@1"]
    assert (ncv.value.value.value, ncv.value.unit_code) == ("23.204", "GJ(NCV)/t")
    assert ncv.source.document_no
    assert ncv.children[0].source.title.startswith("reading of this product")
    assert answer.explanation.source.document_no == "GB/T 32151.34-2024"
    assert "rounded once" in answer.explanation.rounding
    assert "weighbridge 1" in answer.text


def test_an_inventory_is_explained_down_to_the_same(world: World, reported: str) -> None:
    name = f"{reported}/inventories/2023"

    total = explain(world.desk, name).explanation
    combustion = explain(world.desk, name, "combustion_co2_g").explanation

    assert total.title == f"{name} total_co2_g"
    assert int(total.value.value.value) == world.inventory(reported).total_co2_g
    assert combustion in total.children
    assert sum("/activityRecords/" in node.resource for node in every(total)) == 3


@pytest.mark.usefixtures("reported")
def test_a_zone_is_explained_down_to_the_same(world: World) -> None:
    name = f"{world.zone}/inventories/2023"

    net = explain(world.desk, name).explanation

    assert net.title == f"{name} net_co2_g"
    assert int(net.value.value.value) == world.zone_inventory().net_co2_g
    assert sum("/activityRecords/" in node.resource for node in every(net)) == 3


def test_a_large_zone_is_explained_down_to_its_members_inventories(world: World, mill: str) -> None:
    days = [date(2023, 1, 1) + timedelta(number) for number in range(365)]
    daily = [
        record(mill, "1.5 MWh", f"{day} {day + timedelta(1)}", source_id=f"feeder-{feeder}")
        for feeder in range(LARGEST_ZONE_RECORD_COUNT // 365 + 1)
        for day in days
    ]
    world.report(mill, *daily)

    tree = explain(world.desk, f"{world.zone}/inventories/2023", "imported_co2_g").explanation

    (member,) = tree.children
    assert member.resource == f"{mill}/inventories/2023@1"
    assert member.value.value.value == str(world.inventory(mill).total_co2_g)
    assert list(member.children) == []


def test_a_corrected_record_is_no_longer_part_of_it(world: World, mill: str) -> None:
    first = world.report(mill, fuel(mill, "5 t")).results[0].activity_record
    world.report(mill, fuel(mill, "4 t", corrects=first))

    nodes = every(explain(world.desk, f"{mill}/lines/boiler-1-2023-01").explanation)

    assert [node.value.value.value for node in nodes if "/activityRecords/" in node.resource] == [
        "4"
    ]


def test_the_explanation_is_in_the_callers_language(world: World, reported: str) -> None:
    chinese = world.running.principal("ENTERPRISE", reported, language="zh-CN")

    answer = explain(chinese, f"{reported}/lines/boiler-1-2023-01")

    assert "四舍五入" in answer.explanation.rounding
    assert "热量 = 燃料消耗量 × 平均低位发热量" in answer.text


def test_what_cannot_be_explained_is_refused(world: World, reported: str) -> None:
    def reason(name: str, figure: str = "") -> str:
        request = pb.ExplainFigureRequest(name=name, figure=figure)
        return refused(world.desk.accounting.ExplainFigure, request).reason

    assert reason(reported) == "NAME_INVALID"
    assert reason(f"{reported}/inventories/2023", "tonnes") == "FIELD_INVALID"
    assert reason(f"{reported}/inventories/2024") == "NOT_FOUND"
    assert reason(f"{reported}/lines/none-2023-01") == "NOT_FOUND"
    assert reason("zones/nowhere/inventories/2023") == "NOT_FOUND"


def test_others_figures_are_not_explained(world: World, reported: str) -> None:
    stranger = world.running.principal("ENTERPRISE", world.enterprise())

    def reason(name: str) -> str:
        request = pb.ExplainFigureRequest(name=name)
        return refused(stranger.accounting.ExplainFigure, request).reason

    assert reason(f"{reported}/lines/boiler-1-2023-01") == "NOT_FOUND"
    assert reason(f"{reported}/inventories/2023") == "NOT_FOUND"
    assert reason(f"{world.zone}/inventories/2023") == "PERMISSION_DENIED"
