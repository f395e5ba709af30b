"""Figures walked back to their records and their published factors."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from fractions import Fraction

import pytest

from services.accounting.domain.activity import Kind, Record
from services.accounting.domain.explanation import inventory as of_inventory
from services.accounting.domain.explanation import line as of_line
from services.accounting.domain.explanation import zone as of_zone
from services.accounting.domain.explanation.tree import Explanation, text
from services.accounting.domain.line import Line
from services.kernel.errors import FieldInvalid
from tests.accounting import builders

COAL = builders.source(Kind.FUEL_COMBUSTION, "boiler-1")


def record(line: Line, amount: str = "1500 kg") -> Record:
    return Record(
        name="enterprises/mill/activityRecords/r1-0",
        source=line.source,
        quantity=builders.quantity(amount),
        period=line.month,
        facility="",
        meter="",
        evidence="weighbridge book 2023-01",
        corrects="",
        reporter="principals/p",
        revision=1,
        create_time=datetime(2023, 2, 1, tzinfo=UTC),
    )


def coal_line() -> Line:
    return builders.line([builders.entry("1500 kg")], COAL)


def explained(figure: str = "") -> Explanation:
    line = coal_line()
    return of_line.of(line, figure, method=builders.method(), records=[record(line)])


def every(tree: Explanation) -> Iterator[Explanation]:
    yield tree
    for child in tree.children:
        yield from every(child)


def describe(line: Line) -> Explanation:
    return of_line.of(line, "", method=builders.method(), records=[])


def test_a_line_is_explained_down_to_the_record_as_it_was_written() -> None:
    nodes = {node.title.en: node for node in every(explained())}

    leaf = nodes["enterprises/mill/activityRecords/r1-0 [2023-01-01, 2023-02-01)"]
    assert (leaf.written, leaf.unit) == ("1500", "kg")
    assert leaf.source is not None
    assert leaf.source.title == "weighbridge book 2023-01"
    assert nodes["reported in kg"].formula.en == "1 kg = 1000 g; 1 t = 1000000 g; 1 kg = 0.001 t"
    assert nodes["activity of boiler-1"].value == Fraction("1.5")


def test_a_line_is_explained_down_to_the_published_factors() -> None:
    factors = [node for node in every(explained()) if node.resource.startswith("factorSets/")]

    assert [(node.written, node.unit) for node in factors] == [
        ("23.204", "GJ(NCV)/t"),
        ("26.18", "tC/TJ(NCV)"),
        ("93", "%"),
    ]
    assert factors[2].resource == "factorSets/a/factors/oxidation-rate@1"
    assert all(node.source and node.source.title == "a notice" for node in factors)
    assert [child.source and child.source.title for child in factors[0].children] == ["a rule"]


def test_the_steps_of_an_explanation_are_those_of_the_formula() -> None:
    root = explained()
    co2 = root.children[0]

    assert root.formula.en == "E = FC × NCV × CC × OF × 44/12"
    assert "half up, to whole grams" in root.rounding.en
    assert root.value == 3_107_264
    assert co2.value == Fraction("3.1072638828")
    assert co2.formula.en == "emissions = oxidised carbon × 44/12"
    assert [child.title.en for child in co2.children] == ["oxidised carbon"]


def test_the_text_is_the_tree_in_the_callers_language() -> None:
    english, chinese = (text(explained(), language) for language in ("en", "zh"))

    assert english.splitlines()[0] == (
        "enterprises/mill/lines/boiler-1-2023-01 emissions.co2_g: 3107264 gCO2"
    )
    assert "heat = fuel × net calorific value" in english
    assert "weighbridge book 2023-01, [unverified]" in english
    assert "热量 = 燃料消耗量 × 平均低位发热量" in chinese
    assert "四舍五入" in chinese


def test_a_line_has_two_figures_and_no_other() -> None:
    assert explained("emissions.co2e_g").unit == "gCO2e"
    with pytest.raises(FieldInvalid, match=r"emissions.co2_g, emissions.co2e_g"):
        explained("tonnes")


@pytest.mark.parametrize("figure", of_inventory.FIGURES)
def test_every_figure_of_an_inventory_is_the_sum_of_its_children(figure: str) -> None:
    sold = builders.source(Kind.HEAT_EXPORTED, "steam", partner="neighbour")
    lines = [coal_line(), builders.line(), builders.line([builders.entry("10 GJ")], sold)]
    inventory = builders.inventory(lines)

    tree = of_inventory.of(inventory, figure, lines, describe)

    signs = [-1 if "exported" in child.title.en else 1 for child in tree.children]
    values = [child.value or Fraction(0) for child in tree.children]
    assert tree.value == sum(sign * value for sign, value in zip(signs, values, strict=True))
    assert tree.title.en == f"enterprises/mill/inventories/2023 {figure}"
    assert tree.resource == "enterprises/mill/inventories/2023@1"


@pytest.mark.parametrize("figure", of_zone.FIGURES)
def test_every_figure_of_a_zone_is_the_sum_of_its_children(figure: str) -> None:
    sold = builders.source(Kind.HEAT_EXPORTED, "steam", partner="neighbour")
    lines = [coal_line(), builders.line(), builders.line([builders.entry("10 GJ")], sold)]
    zone = builders.zone(builders.member("mill", lines))

    tree = of_zone.of(zone, figure, describe)
    minus = {"exported_co2_g", "internal_sold_co2_g"}

    signs = [-1 if child.title.en.split()[-1] in minus else 1 for child in tree.children]
    values = [child.value or Fraction(0) for child in tree.children]
    assert tree.value == sum(sign * value for sign, value in zip(signs, values, strict=True))


def test_a_large_zone_is_explained_down_to_its_members_inventories() -> None:
    zone = builders.zone(builders.member("mill", [coal_line()]))

    tree = of_zone.of(zone, "direct_co2_g", None)

    (member,) = tree.children
    assert member.resource == "enterprises/mill/inventories/2023@1"
    assert member.children == ()
