"""An enterprise's own figures, from the proposal to the line that is booked with them."""

from __future__ import annotations

from fractions import Fraction

import pytest

from tests import builders
from tests.accounting import works
from tests.accounting.requests import amount, fuel, period, report
from tests.accounting.world import World
from tests.refusals import Refused, refused
from zonecarbon.accounting.v1 import accounting_service_pb2 as pb
from zonecarbon.accounting.v1 import inventory_pb2, line_pb2
from zonecarbon.registry.v1 import custom_factor_pb2, factor_pb2
from zonecarbon.registry.v1 import custom_factor_service_pb2 as registry_pb

COAL = "bituminous-coal"
YEAR = "2023-01-01 2024-01-01"
AS_RECEIVED = custom_factor_pb2.SAMPLE_BASIS_AS_RECEIVED
CUSTOM, PUBLISHED = line_pb2.FACTOR_ORIGIN_CUSTOM, line_pb2.FACTOR_ORIGIN_PUBLISHED


def measured(world: World, mill: str, quantity: str = "0.58 tC/t", when: str = YEAR) -> str:
    """Have a carbon content of the mill's coal approved; return its name."""
    name = works.approved(
        world, mill, "CARBON_CONTENT", COAL, quantity=quantity, period=when, basis=AS_RECEIVED
    ).name
    world.running.wait_for_restatement()
    return name


def retire(world: World, name: str) -> None:
    """Take an own figure out of use, as another than who proposed it."""
    another = world.running.administrator.custom_factors
    factor = another.GetCustomFactor(registry_pb.GetCustomFactorRequest(name=name))
    another.RetireCustomFactor(
        registry_pb.RetireCustomFactorRequest(
            name=name, etag=factor.etag, reason="laboratory lost its licence"
        )
    )
    world.running.wait_for_restatement()


def line_of(world: World, mill: str, **fields: str) -> line_pb2.EmissionLine:
    """Report 10 t of coal of a month, or a correction of it, and return its line."""
    when = fields.pop("when", "2023-01")
    (line,) = world.report(mill, fuel(mill, "10 t", when, **fields)).lines
    return line


def grams(carbon: str) -> int:
    exact = 10 * Fraction(carbon) * Fraction("0.93") * 44 / 12 * 10**6
    return int(exact + Fraction(1, 2))


def test_a_proposed_figure_is_booked_only_once_another_has_approved_it(
    world: World, mill: str
) -> None:
    proposed = world.desk.custom_factors.CreateCustomFactor(
        builders.custom_factor(
            mill,
            role=factor_pb2.FACTOR_ROLE_CARBON_CONTENT,
            subject=COAL,
            quantity=amount("0.58 tC/t"),
            period=period(YEAR),
            origin=custom_factor_pb2.CUSTOM_FACTOR_ORIGIN_MEASURED,
            basis=AS_RECEIVED,
        )
    )
    approval = registry_pb.ApproveCustomFactorRequest(name=proposed.name, etag=proposed.etag)
    before = line_of(world, mill)

    own = refused(world.desk.custom_factors.ApproveCustomFactor, approval)
    world.running.administrator.custom_factors.ApproveCustomFactor(approval)
    world.running.wait_for_restatement()
    moved = world.inventory(mill).total_co2_g
    after = line_of(world, mill, when="2023-02")

    assert own.reason == "FOUR_EYES"
    assert (before.binding.formula_id, before.emissions.co2_g) == ("default", 20_715_093)
    assert after.binding.formula_id == "measured_carbon"
    assert after.emissions.co2_g == moved == grams("0.58")
    carbon, rate = after.binding.factors
    assert (carbon.origin, carbon.factor, carbon.factor_version) == (CUSTOM, proposed.name, 2)
    assert carbon.region_level == factor_pb2.REGION_LEVEL_ENTERPRISE
    assert carbon.source.title == "letter 7 of the supplier"
    assert (rate.origin, rate.quantity.value.value) == (PUBLISHED, "93")
    assert after.binding.registry_revision > before.binding.registry_revision


def test_a_retired_figure_falls_back_to_the_default_in_a_new_version(
    world: World, mill: str
) -> None:
    name = measured(world, mill)
    answer = world.report(mill, fuel(mill, "10 t"))
    version = world.inventory(mill).resource_version

    retire(world, name)

    (line,) = world.inventory(mill, view=inventory_pb2.INVENTORY_VIEW_FULL).lines
    assert answer.lines[0].emissions.co2_g == grams("0.58")
    assert (line.binding.formula_id, line.emissions.co2_g) == ("default", 20_715_093)
    assert {factor.origin for factor in line.binding.factors} == {PUBLISHED}
    assert line.resource_version == 2
    now = world.inventory(mill)
    assert (now.total_co2_g, now.resource_version) == (20_715_093, version + 1)
    assert world.inventory(mill, resource_version=version).total_co2_g == grams("0.58")


def test_a_figure_for_part_of_a_month_wants_the_month_reported_in_its_parts(
    world: World, mill: str
) -> None:
    measured(world, mill, when="2023-01-16 2024-01-01")

    whole = world.desk.accounting.ReportActivity(report(mill, fuel(mill, "10 t")))
    parts = world.report(
        mill,
        fuel(mill, "10 t", "2023-01-01 2023-01-16"),
        fuel(mill, "10 t", "2023-01-16 2023-02-01"),
    )

    refusal = Refused(status=whole.results[0].error)
    assert (refusal.reason, refusal.fields) == ("FACTOR_PERIOD_SPLIT", ["records[0].period"])
    assert refusal.metadata["days"] == "2023-01-16"
    assert {line.name.rpartition("/")[2]: line.binding.formula_id for line in parts.lines} == {
        "boiler-1-2023-01": "default",
        "boiler-1-2023-01-from-16": "measured_carbon",
    }
    assert world.inventory(mill).total_co2_g == 20_715_093 + grams("0.58")


def test_when_the_parts_take_one_figure_again_the_second_line_is_empty_and_no_more_shown(
    world: World, mill: str
) -> None:
    name = measured(world, mill, when="2023-01-16 2024-01-01")
    world.report(
        mill,
        fuel(mill, "10 t", "2023-01-01 2023-01-16"),
        fuel(mill, "10 t", "2023-01-16 2023-02-01"),
    )

    retire(world, name)

    (line,) = world.inventory(mill, view=inventory_pb2.INVENTORY_VIEW_FULL).lines
    assert line.name.rpartition("/")[2] == "boiler-1-2023-01"
    assert (line.record_count, line.resource_version) == (2, 2)
    assert world.inventory(mill).total_co2_g == line.emissions.co2_g == 2 * 20_715_093 - 1
    asked = pb.ExplainFigureRequest(name=f"{line.name}-from-16")
    assert refused(world.desk.accounting.ExplainFigure, asked).reason == "NOT_FOUND"


def test_a_figure_of_one_enterprise_is_no_other_enterprises(world: World, mill: str) -> None:
    measured(world, mill)
    other = world.enterprise()

    assert line_of(world, other).binding.formula_id == "default"
    assert line_of(world, mill).binding.formula_id == "measured_carbon"


@pytest.mark.parametrize(
    ("language", "told"),
    [("en", "(the emitter's own, approved)"), ("zh-CN", "（企业自有值，经双人复核）")],
)
def test_an_own_figure_is_explained_as_one_and_a_default_as_a_default(
    world: World, mill: str, language: str, told: str
) -> None:
    measured(world, mill)
    line = line_of(world, mill)
    reader = world.running.principal("ENTERPRISE", mill, language=language)

    text = reader.accounting.ExplainFigure(pb.ExplainFigureRequest(name=line.name)).text

    assert text.count(told) == 1
    assert ("published default" if language == "en" else "文件缺省值") in text
    assert "report LAB-7" in text
