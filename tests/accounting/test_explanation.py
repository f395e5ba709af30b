"""Figures walked back to their records and their published factors."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction

import pytest

from services.accounting.domain.activity import Kind, Record
from services.accounting.domain.binding import Origin
from services.accounting.domain.explanation import inventory as of_inventory
from services.accounting.domain.explanation import zone as of_zone
from services.accounting.domain.explanation.line import Explainer
from services.accounting.domain.explanation.tree import Explanation, text
from services.accounting.domain.line import Line
from services.accounting.domain.method import Basis
from services.kernel.errors import FieldInvalid
from tests.accounting import builders

COAL = builders.source(Kind.FUEL_COMBUSTION, "boiler-1")
SOLD = builders.source(Kind.HEAT_EXPORTED, "steam", partner="neighbour")


def record(line: Line, amount: str = "1500 kg") -> Record:
    return Record(
        name="enterprises/mill/activityRecords/r1-0",
        source=line.source,
        quantity=builders.quantity(amount),
        period=line.month,
        facility="",
        meter="",
        evidence="weighbridge book 2023-01",
        certificate="",
        corrects="",
        reporter="principals/p",
        revision=1,
        create_time=datetime(2023, 2, 1, tzinfo=UTC),
    )


def coal_line(by: str = "gbt32150") -> Line:
    return builders.line([builders.entry("1500 kg")], COAL, by=by)


def explained(figure: str = "", by: str = "gbt32150", whole: Line | None = None) -> Explanation:
    line = whole or coal_line(by)
    return Explainer(builders.method(by)).of(line, figure, [record(line)])


def every(tree: Explanation) -> Iterator[Explanation]:
    yield tree
    for child in tree.children:
        yield from every(child)


def describe(line: Line, figure: str) -> Explanation:
    return Explainer(builders.method(line.binding.method_id)).of(line, figure, [record(line)])


def lines_of(by: str) -> list[Line]:
    """Return a January of coal, electricity and sold heat, in each item of a method."""
    method = builders.method(by)
    found = []
    for source, amount in ((COAL, "1500 kg"), (builders.source(), "100 MWh"), (SOLD, "10 GJ")):
        for term in method.terms_of(source.kind, source.subject):
            entries = [builders.entry(amount)]
            found.append(builders.line(entries, source, by=f"{by}/{term.item.item_id}"))
    return found


def sign_of(child: Explanation, by: str) -> int:
    """Return the sign that a child has in a sum: of its item, or 1."""
    _, _, item = child.title.en.partition(" items.")
    return builders.method(by).items[item.partition(".")[0]].sign if item else 1


def test_a_line_is_explained_down_to_the_record_as_it_was_written() -> None:
    nodes = {node.title.en: node for node in every(explained())}

    leaf = nodes["enterprises/mill/activityRecords/r1-0 [2023-01-01, 2023-02-01)"]
    assert (leaf.written, leaf.unit) == ("1500", "kg")
    assert leaf.source is not None
    assert leaf.source.title == "weighbridge book 2023-01"
    assert nodes["reported in kg"].formula.en == "1 kg = 1000 g; 1 t = 1000000 g; 1 kg = 0.001 t"
    assert nodes["activity of boiler-1"].value == Fraction("1.5")


def test_a_certificate_stands_beside_the_evidence() -> None:
    line = coal_line()
    claimed = replace(record(line), certificate="GEC-7")

    tree = Explainer(builders.method()).of(line, "", [claimed])

    proofs = [node.source.title for node in every(tree) if node.written == "1500" and node.source]
    assert proofs == ["weighbridge book 2023-01, GEC-7"]


def test_a_line_is_explained_down_to_the_published_factors() -> None:
    factors = [node for node in every(explained()) if node.resource.startswith("factorSets/")]

    assert [(node.title.en, node.written, node.unit) for node in factors] == [
        ("net calorific value of bituminous-coal (published default)", "23.204", "GJ(NCV)/t"),
        ("carbon content per heat of bituminous-coal (published default)", "26.18", "tC/TJ(NCV)"),
        ("oxidation rate of bituminous-coal (published default)", "93", "%"),
    ]
    assert {node.resource for node in factors} == {
        f"factorSets/a/factors/bituminous-coal-{role}@1"
        for role in ("net-calorific-value", "carbon-content-per-heat", "oxidation-rate")
    }
    assert all(node.source and node.source.title == "a notice" for node in factors)
    assert [child.source and child.source.title for child in factors[0].children] == ["a rule"]
    assert factors[0].children[0].title.en == (
        "applies to accounting year 2023, region CN, data period 2021"
    )


@pytest.mark.parametrize(
    ("origin", "en", "zh"),
    [
        (Origin.CUSTOM, "the emitter's own, approved", "企业自有值，经双人复核"),
        (Origin.GIVEN, "given by the caller", "调用方提供"),
        (Origin.PUBLISHED, "published default", "文件缺省值"),
    ],
)
def test_a_default_is_shown_as_a_default_and_a_measurement_as_a_measurement(
    origin: Origin, en: str, zh: str
) -> None:
    line = coal_line()
    factors = tuple(replace(each, origin=origin) for each in line.binding.factors)
    told = replace(line, binding=replace(line.binding, factors=factors))

    titles = {node.title.en: node.title.zh for node in every(explained(whole=told))}

    assert titles[f"oxidation rate of bituminous-coal ({en})"] == (
        f"bituminous-coal 碳氧化率（{zh}）"
    )


def test_the_steps_of_an_explanation_are_those_of_the_formula() -> None:
    root = explained()
    co2 = root.children[0]

    assert root.formula.en == "E = FC × NCV × CC × OF × 44/12"
    assert "half up, to whole grams" in root.rounding.en
    assert root.value == 3_107_264
    assert co2.value == Fraction("3.1072638828")
    assert co2.formula.en == "emissions = carbon × 44/12"
    assert [child.title.en for child in co2.children] == ["carbon"]
    assert root.source is not None
    assert root.source.document_no == "GB/T 32151.34-2024"


def test_the_equivalent_is_explained_gas_by_gas_each_with_its_potential() -> None:
    root = explained("emissions.co2e_g", by="ghgp")

    co2, ch4, n2o = root.children
    assert root.unit == "gCO2e"
    assert (co2.title.en, co2.unit) == ("emissions", "tCO2")
    assert [(each.title.en, each.unit) for each in (ch4, n2o)] == [
        ("CH4 × GWP", "tCO2e"),
        ("N2O × GWP", "tCO2e"),
    ]
    assert [child.title.en for child in ch4.children] == [
        "CH4",
        "global warming potential of ch4-fossil (published default)",
    ]
    assert ch4.value == Fraction("1.5") * Fraction("23.204") / 10**6 * 30
    exact = sum((child.value or Fraction(0) for child in root.children), Fraction(0))
    assert root.value == round(exact * 10**6)


def test_the_co2_alone_is_explained_without_the_other_gases() -> None:
    root = explained("emissions.co2_g", by="ghgp")

    assert [child.unit for child in root.children] == ["tCO2"]


def test_the_text_is_the_tree_in_the_callers_language() -> None:
    english, chinese = (text(explained(), language) for language in ("en", "zh"))

    assert english.splitlines()[0] == (
        "enterprises/mill/lines/boiler-1-2023-01 emissions.co2_g: 3107264 gCO2"
    )
    assert "heat = activity × net calorific value" in english
    assert "weighbridge book 2023-01, [unverified]" in english
    assert "热量 = 活动数据 × 低位发热量" in chinese
    assert "四舍五入" in chinese


def test_a_line_has_a_figure_of_co2_and_one_for_each_set_and_no_other() -> None:
    assert explained("emissions.co2e_g").unit == "gCO2e"
    with pytest.raises(FieldInvalid) as caught:
        explained("tonnes", by="ghgp")
    assert str(caught.value.allowed).split(", ") == [
        "emissions.co2_g",
        "emissions.co2e_g",
        "emissions.co2e_g.gwp100-ar4",
        "emissions.co2e_g.gwp100-ar6",
    ]


def test_the_equivalent_under_another_set_takes_the_potentials_of_that_set() -> None:
    line = coal_line("ghgp")

    tree = explained("emissions.co2e_g.gwp100-ar6", by="ghgp")

    assert tree.value == line.booked.under("gwp100-ar6")
    weights = [child.children[-1].written for child in tree.children[1:]]
    assert weights == ["29.8", "273"]


def test_a_line_of_some_days_is_explained_by_their_part_of_a_record() -> None:
    line = coal_line()
    half = builders.period("2023-01-01 2023-01-11")
    whole = record(line)
    parts = replace(line, days=(half,))
    other = replace(
        whole,
        name="enterprises/mill/activityRecords/r2-0",
        period=builders.period("2023-01-20 2023-01-21"),
    )

    tree = Explainer(builders.method()).of(parts, "", [whole, other])

    (leaf,) = [node for node in every(tree) if "/activityRecords/" in node.resource]
    assert leaf.value == Fraction(1500 * 10, 31)
    assert (leaf.written, leaf.formula.en) == ("", "1500 kg × 10 of its 31 days")


@pytest.mark.parametrize("by", ["gbt32150", "ghgp", "park910"])
def test_every_figure_of_an_inventory_is_the_sum_of_its_children(by: str) -> None:
    lines = lines_of(by)
    inventory = builders.inventory(lines, by=by)
    figures = of_inventory.figures(inventory)

    for figure in figures:
        tree = of_inventory.of(inventory, figure, lines, describe)

        is_item = figure.startswith("items.")
        signs = [1 if is_item else sign_of(child, by) for child in tree.children]
        values = [child.value or Fraction(0) for child in tree.children]
        assert tree.value == sum(map(operator.mul, signs, values)), figure
        assert tree.title.en.startswith(f"{inventory.name} {figure}")
        assert tree.resource == f"{inventory.name}@1"
        assert tree.unit == ("gCO2" if figure.endswith("co2_g") else "gCO2e")
    assert figures[0] == "total_co2_g"
    assert "items.combustion.co2_g" in figures


def test_the_figures_of_an_inventory_are_what_it_shows() -> None:
    lines = lines_of("ghgp")
    inventory = builders.inventory(lines, by="ghgp")
    own = inventory.method.gwp_set

    values = {
        figure: of_inventory.of(inventory, figure, lines, describe).value
        for figure in of_inventory.figures(inventory)
    }

    assert values["total_co2_g"] == inventory.total.co2_g
    assert values["total_co2e_g"] == inventory.total.under(own)
    assert values["direct_co2e_g"] == inventory.direct.under(own)
    assert values["indirect_co2_g"] == inventory.indirect_by(inventory.method.basis).co2_g
    assert values["items.electricity_market.co2_g"] == 70_000_000
    market = inventory.total_by(Basis.MARKET)
    assert values["totals.market-based.co2_g"] == market.co2_g
    assert values["totals.market-based.co2e_g.gwp100-ar4"] == market.under("gwp100-ar4")


def test_what_a_guide_reports_is_explained_by_its_rows_as_they_are_printed() -> None:
    lines = builders.year_of_lines(COAL, "1234.567 t", by="ets-steel")
    inventory = builders.inventory(lines, by="ets-steel")

    tree = of_inventory.of(inventory, "reported.total_t", lines, describe)

    (row,) = tree.children
    assert (tree.unit, tree.written) == (
        "tCO2e",
        str(inventory.reported and inventory.reported.total),
    )
    assert tree.source is not None
    assert tree.source.locator == "tables C.3 to C.6"
    assert row.title.en == "fossil fuels, as fuel and as reductant: bituminous-coal"
    assert [(child.written, child.unit) for child in row.children] == [
        ("14814.80", "t"),
        ("23.204", "GJ(NCV)/t"),
        ("0.02618", "tC/GJ(NCV)"),
    ]


def test_an_inventory_without_stages_reports_nothing_to_explain() -> None:
    with pytest.raises(FieldInvalid):
        of_inventory.of(builders.inventory(), "reported.total_t", [], describe)


def test_the_formula_of_a_total_names_its_items_with_their_signs() -> None:
    lines = lines_of("gbt32150")

    tree = of_inventory.of(builders.inventory(lines), "", lines, describe)

    assert tree.formula.en == "fossil fuel combustion + electricity purchased − heat exported"
    assert tree.formula.zh == "化石燃料燃烧 + 购入电力 − 输出热力"


def test_an_inventory_has_no_other_figure() -> None:
    with pytest.raises(FieldInvalid, match=r"\{total,direct,indirect\}_\{co2_g,co2e_g\}"):
        of_inventory.of(builders.inventory(), "items.coal.co2_g", [], describe)


@pytest.mark.parametrize("by", ["gbt32150", "park910"])
@pytest.mark.parametrize("figure", of_zone.FIGURES)
def test_every_figure_of_a_zone_is_the_sum_of_its_children(figure: str, by: str) -> None:
    zone = builders.zone(builders.member("mill", lines_of(by), by=by), by=by)

    tree = of_zone.of(zone, figure, describe)
    minus = {"exported_co2e_g", "internal_sold_co2e_g", "claimed_inside_co2e_g"}

    signs = [-1 if child.title.en.split()[-1] in minus else 1 for child in tree.children]
    values = [child.value or Fraction(0) for child in tree.children]
    assert tree.value == sum(sign * value for sign, value in zip(signs, values, strict=True))


def test_a_large_zone_is_explained_down_to_its_members_inventories() -> None:
    zone = builders.zone(builders.member("mill", [coal_line()]))

    tree = of_zone.of(zone, "direct_co2e_g", None)

    (member,) = tree.children
    assert member.resource == "enterprises/mill/inventories/2023@1"
    assert member.children == ()
