"""Explanations over the wire, beside a real registry, on SQLite and on PostgreSQL."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

import pytest

from services.accounting.servicer.explanation import LARGEST_ZONE_RECORD_COUNT
from tests.accounting import works
from tests.accounting import world as worlds
from tests.accounting.requests import fuel, record
from tests.accounting.world import World
from tests.fixtures.house import Running
from tests.refusals import refused
from zonecarbon.accounting.v1 import accounting_service_pb2 as pb
from zonecarbon.accounting.v1 import explanation_pb2, inventory_pb2, line_pb2
from zonecarbon.client import Client
from zonecarbon.registry.v1 import custom_factor_pb2
from zonecarbon.type.v1 import emissions_pb2

Node = explanation_pb2.Explanation


def every(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from every(child)


def explain(client: Client, name: str, figure: str = "") -> pb.ExplainFigureResponse:
    return client.accounting.ExplainFigure(pb.ExplainFigureRequest(name=name, figure=figure))


def figures(world: World, name: str) -> list[str]:
    """The figures of a resource: whoever asks for another one is told them all."""
    request = pb.ExplainFigureRequest(name=name, figure="tonnes")
    refusal = refused(world.desk.accounting.ExplainFigure, request)
    allowed = refusal.metadata["allowed"]
    assert f"Allowed: {allowed}." in refusal.message
    return list(itertools.chain.from_iterable(map(spelt_out, allowed.split(", "))))


def spelt_out(pattern: str) -> list[str]:
    """Read "{total,direct}_{co2_g}" as the figures it stands for."""
    parts = re.split(r"\{(.*?)\}", pattern)
    return ["".join(each) for each in itertools.product(*(part.split(",") for part in parts))]


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
    combustion = explain(world.desk, name, "items.combustion.co2_g").explanation

    assert total.title == f"{name} total_co2_g"
    assert int(total.value.value.value) == world.inventory(reported).total_co2_g
    assert combustion in total.children
    assert sum("/activityRecords/" in node.resource for node in every(total)) == 3


@pytest.mark.usefixtures("reported")
def test_a_zone_is_explained_down_to_the_same(world: World) -> None:
    name = f"{world.zone}/inventories/2023"

    net = explain(world.desk, name).explanation

    assert net.title == f"{name} net_co2e_g"
    assert int(net.value.value.value) == world.zone_inventory().net_co2e_g
    assert sum("/activityRecords/" in node.resource for node in every(net)) == 3


def test_a_large_zone_is_explained_down_to_its_members_inventories(world: World, mill: str) -> None:
    days = [date(2023, 1, 1) + timedelta(number) for number in range(365)]
    daily = [
        record(mill, "1.5 MWh", f"{day} {day + timedelta(1)}", source_id=f"feeder-{feeder}")
        for feeder in range(LARGEST_ZONE_RECORD_COUNT // 365 + 1)
        for day in days
    ]
    world.report(mill, *daily)

    tree = explain(world.desk, f"{world.zone}/inventories/2023", "imported_co2e_g").explanation

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
    assert "热量 = 活动数据 × 低位发热量" in answer.text
    assert "E燃烧 = Σ 燃料消耗量 × 平均低位发热量" in answer.text


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


def record_nodes(world: World, line: str) -> list[Node]:
    """What the explanation of a line says of records."""
    tree = explain(world.desk, line).explanation
    return [node for node in every(tree) if "/activityRecords/" in node.resource]


def test_a_factor_that_changes_within_a_month_makes_two_lines_of_their_own_records(
    world: World, mill: str
) -> None:
    works.approved(
        world,
        mill,
        "NET_CALORIFIC_VALUE",
        "bituminous-coal",
        quantity="25.0 GJ(NCV)/t",
        period="2024-03-11 2024-05-01",
        basis=custom_factor_pb2.SAMPLE_BASIS_AS_RECEIVED,
    )

    answer = world.report(
        mill,
        fuel(mill, "30 t", "2024-03-01 2024-03-11"),
        fuel(mill, "63 t", "2024-03-11 2024-04-01"),
    )

    first, second = answer.lines
    assert [each.name for each in (first, second)] == [
        f"{mill}/lines/boiler-1-2024-03",
        f"{mill}/lines/boiler-1-2024-03-from-11",
    ]
    assert [each.reported_day_count for each in (first, second)] == [10, 21]
    early, late = (record_nodes(world, each.name) for each in (first, second))
    assert [node.value.value.value for node in early] == ["30"]
    assert [node.value.value.value for node in late] == ["63"]
    assert second.binding.factors[0].origin == line_pb2.FACTOR_ORIGIN_CUSTOM
    assert first.binding.factors[0].origin == line_pb2.FACTOR_ORIGIN_PUBLISHED


def test_a_record_across_the_change_is_divided_by_days_where_the_method_lets_it(
    world: World, mill: str
) -> None:
    works.approved(
        world,
        mill,
        "CO2_FACTOR",
        "bituminous-coal",
        quantity="2.1 tCO2/t",
        period="2024-03-11 2024-05-01",
    )
    world.report(mill, fuel(mill, "31 t", "2024-03"))

    lines = world.inventory(mill, "2024-ghgp", view=inventory_pb2.INVENTORY_VIEW_FULL).lines

    assert [line.activity.value.value for line in lines] == ["10", "21"]
    nodes = [node for line in lines for node in record_nodes(world, line.name)]
    told = {(node.value.value.value, node.formula) for node in nodes}
    assert told == {("10", "31 t × 10 of its 31 days"), ("21", "31 t × 21 of its 31 days")}
    (whole,) = record_nodes(world, f"{mill}/lines/boiler-1-2024-03")
    assert (whole.value.value.value, whole.formula) == ("31", "")


@pytest.fixture(scope="module")
def steel(running: Running) -> tuple[World, str]:
    """A zone of its own with a steel works that reported 2024, shared by the tests below."""
    world = worlds.in_zone(running)
    return world, works.steel(world)


INVENTORIES = ["2024", "2024-ghgp", "2024-ets-steel", "2024-park910"]
SET = "gwp100-ar5"
DIRECT = inventory_pb2.EMISSION_CATEGORY_DIRECT


def measured(emissions: emissions_pb2.Emissions, measure: str) -> int:
    """What is booked, as `co2_g`, `co2e_g` or `co2e_g.gwp100-ar6` measures it."""
    if measure == "co2_g":
        return emissions.co2_g
    gwp_set = measure.partition(".")[2] or SET
    return {each.gwp_set: each.co2e_g for each in emissions.co2_equivalents}.get(gwp_set, 0)


def shown(inventory: inventory_pb2.EnterpriseInventory, figure: str) -> str:
    """The value of a figure where the message itself shows it."""
    first, _, rest = figure.partition(".")
    name, _, measure = rest.partition(".")
    match first:
        case "reported":
            return inventory.reported.total_t.value
        case "totals":
            (total,) = (each for each in inventory.totals if each.scope2_basis == name)
            return str(measured(total.total, measure))
        case "items":
            parts = [each for each in inventory.items if each.item_id == name]
            return str(sum(measured(each.emissions, measure) for each in parts))
        case _:
            shown_alone = figure in inventory.DESCRIPTOR.fields_by_name
            return str(getattr(inventory, figure) if shown_alone else summed(inventory, figure))


def summed(inventory: inventory_pb2.EnterpriseInventory, figure: str) -> int:
    """The value of a sum that has no field of its own, by the totals and items."""
    whole, _, measure = figure.partition("_")
    if whole != "direct":
        total = inventory.totals[0]
        return measured(total.total if whole == "total" else total.indirect, measure)
    return sum(
        (-1 if each.deducted else 1) * measured(each.emissions, measure)
        for each in inventory.items
        if each.category == DIRECT
    )


def test_every_item_of_a_works_is_filled_so_that_nothing_below_holds_of_nothing(
    steel: tuple[World, str],
) -> None:
    world, name = steel

    filled = {
        id_: [each.item_id for each in world.inventory(name, id_).items] for id_ in INVENTORIES
    }

    assert filled == {
        "2024": [
            "combustion",
            "materials",
            "products",
            "gases_released",
            "electricity_purchased",
            "electricity_exported",
            "heat_purchased",
            "heat_exported",
            "biomass",
        ],
        "2024-ghgp": [
            "combustion",
            "biomass_gases",
            "materials",
            "products",
            "gases_released",
            "electricity_location",
            "heat_location",
            "electricity_market",
            "green_power",
            "claims_beyond_consumption",
            "heat_market",
            "biomass_co2",
        ],
        "2024-ets-steel": [
            "combustion",
            "materials",
            "products",
            "fuel_sold",
            "process_in",
            "process_out",
        ],
        "2024-park910": [
            "combustion",
            "materials",
            "products",
            "electricity_in",
            "green_power",
            "claims_beyond_consumption",
            "electricity_out",
            "heat_in",
            "heat_out",
            "feedstock",
        ],
    }


@pytest.mark.parametrize("id_", INVENTORIES)
def test_every_figure_of_every_method_is_explained_by_its_own_value_down_to_its_grounds(
    steel: tuple[World, str], id_: str
) -> None:
    world, name = steel
    inventory = world.inventory(name, id_)

    explained = {
        figure: explain(world.desk, inventory.name, figure).explanation
        for figure in figures(world, inventory.name)
    }

    assert {figure: tree.value.value.value for figure, tree in explained.items()} == {
        figure: shown(inventory, figure) for figure in explained
    }
    assert groundless(explained.values()) == []


def groundless(trees: Iterable[Node]) -> list[str]:
    """The leaves that name neither a source nor a resource, but for sums of nothing."""
    return [
        node.title
        for tree in trees
        for node in every(tree)
        if not node.children
        and not node.resource
        and not node.HasField("source")
        and node.value.value.value != "0"
    ]


@pytest.mark.parametrize("id_", INVENTORIES)
def test_a_sum_is_that_of_its_parts(steel: tuple[World, str], id_: str) -> None:
    world, name = steel
    inventory = world.inventory(name, id_)
    deducted = {each.item_id for each in inventory.items if each.deducted}
    sums = [each for each in figures(world, inventory.name) if not each.startswith("reported")]

    for figure in sums:
        tree = explain(world.desk, inventory.name, figure).explanation
        parts = [
            (child.title.partition("items.")[2].partition(".")[0], int(child.value.value.value))
            for child in tree.children
        ]
        if figure == "items.claims_beyond_consumption" or "claims_beyond" in figure:
            # Only a part of the claims that it lists is given back.
            assert int(tree.value.value.value) <= sum(grams for _, grams in parts)
            continue
        signed = sum(-grams if item_id in deducted else grams for item_id, grams in parts)
        assert signed == int(tree.value.value.value), figure


@pytest.mark.parametrize("id_", INVENTORIES)
def test_every_line_of_every_method_is_listed_and_found_by_its_name(
    steel: tuple[World, str], id_: str
) -> None:
    world, name = steel
    inventory = world.inventory(name, id_, view=inventory_pb2.INVENTORY_VIEW_FULL)
    lines = {line.name: line for line in inventory.lines}

    assert len(lines) == len(inventory.lines)
    assert {line.item_id for line in inventory.lines} == {
        each.item_id for each in inventory.items
    } - {"claims_beyond_consumption"}
    assert {line.binding.method_id for line in inventory.lines} == {inventory.method_id}
    for line in inventory.lines:
        for figure in figures(world, line.name):
            tree = explain(world.desk, line.name, figure).explanation
            wanted = measured(line.emissions, figure.removeprefix("emissions."))
            assert tree.value.value.value == str(wanted)
            assert tree.resource == f"{line.name}@1"
            records = {
                node.resource for node in every(tree) if "/activityRecords/" in node.resource
            }
            assert len(records) == line.record_count or wanted == 0


@pytest.mark.parametrize("id_", ["2024", "2024-ghgp", "2024-park910"])
def test_every_figure_of_a_zone_is_explained_by_its_own_value_down_to_its_grounds(
    steel: tuple[World, str], id_: str
) -> None:
    world, _ = steel
    zone = world.zone_inventory(id_)
    fields = {each.name for each in zone.DESCRIPTOR.fields if each.name.endswith("_co2e_g")}

    explained = {
        figure: explain(world.desk, zone.name, figure).explanation
        for figure in figures(world, zone.name)
    }

    assert explained.keys() == fields
    for figure, tree in explained.items():
        assert (tree.value.value.value, tree.value.unit_code) == (
            str(getattr(zone, figure)),
            "gCO2e",
        )
    assert groundless(explained.values()) == []
