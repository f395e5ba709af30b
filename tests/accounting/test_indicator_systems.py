"""Indicator systems as data: those of this release, and what no system may be."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from services.accounting import files
from services.accounting.domain.indicator import written
from services.accounting.domain.indicator.check import check
from services.accounting.domain.indicator.expression import parse
from services.accounting.domain.indicator.input import Holder, Origin
from services.accounting.domain.indicator.system import (
    Group,
    Indicator,
    Part,
    Point,
    Scoring,
    System,
)
from services.kernel.errors import DuplicateRow, FieldInvalid, FieldRequired, UnitDimension
from services.kernel.quantity import Quantity
from services.kernel.trust import Status
from tests.accounting.evaluating import CATALOGUE, SYSTEMS


def parts(system: System, part: Part) -> list[Indicator]:
    return [each for each in system.indicators if each.part is part]


def test_the_systems_that_have_values_are_shipped() -> None:
    assert set(SYSTEMS) == {
        "hj274",
        "jiangsu-near-zero",
        "miit-green-park",
        "park910",
        "yangtze-belt",
    }


@pytest.mark.parametrize("system", SYSTEMS.values(), ids=SYSTEMS)
def test_every_figure_says_where_it_is_from_and_how_far_it_is_known(system: System) -> None:
    for indicator in system.indicators:
        for source in indicator.sources():
            assert source.title
            assert source.locator
            assert source.confidence
        assert indicator.name.en != indicator.name.zh


@pytest.mark.parametrize("system", SYSTEMS.values(), ids=SYSTEMS)
def test_a_system_is_read_back_as_it_is_written_down(system: System) -> None:
    assert written.system(written.plain(system)) == system


@pytest.mark.parametrize("system", SYSTEMS.values(), ids=SYSTEMS)
def test_a_system_that_takes_emissions_names_a_method_of_zones(system: System) -> None:
    takes = any(CATALOGUE.inputs[ask.input_id].origin is Origin.INVENTORY for ask in system.asks())

    assert takes is bool(system.method_id)
    if takes:
        assert files.methods()[system.method_id].is_of_zones


def test_hj274_has_its_seventeen_mandatory_indicators_and_six_groups_of_choices() -> None:
    system = SYSTEMS["hj274"]

    assert len(parts(system, Part.MANDATORY)) == 17
    assert len(parts(system, Part.CHOSEN)) == 15
    assert [each.least_count for each in system.groups if each.least_count] == [1] * 6


def test_the_green_park_counts_eighteen_mandatory_and_six_chosen_of_thirteen() -> None:
    system = SYSTEMS["miit-green-park"]

    assert len(parts(system, Part.MANDATORY)) == 18
    assert len(parts(system, Part.CHOSEN)) == 13
    assert sum(each.least_count for each in system.groups) == 6
    (count, capped) = system.parameters
    assert str(count.usual) == "24 1"
    assert capped.usual is None, "whether ratios are capped is not known: it has to be declared"


def test_jiangsu_has_its_twenty_reference_values() -> None:
    system = SYSTEMS["jiangsu-near-zero"]
    limits = {
        each.indicator_id: str(case.requirement and case.requirement.limit)
        for each in system.indicators
        for case in each.cases
    }

    assert len(limits) == 20
    assert limits["js-01"] == "0.35 tce/10^4 CNY"
    assert limits["js-02"] == "0.6 tCO2/10^4 CNY"
    assert limits["js-15"] == "95 %"


def test_the_yangtze_document_has_no_number_and_nothing_is_judged_by_it() -> None:
    system = SYSTEMS["yangtze-belt"]

    assert system.scoring is Scoring.NONE
    for indicator in system.indicators:
        assert indicator.part is Part.MEASURED
        assert not indicator.cases
        assert indicator.reference is None
    assert "no number" in system.note.en


@pytest.mark.parametrize("system_id", ["hj274", "miit-green-park"])
def test_limits_from_memory_are_unverified(system_id: str) -> None:
    assert SYSTEMS[system_id].status is Status.UNVERIFIED
    for indicator in SYSTEMS[system_id].indicators:
        assert indicator.status is Status.UNVERIFIED, indicator.indicator_id


def test_the_limits_of_910_are_official_and_its_own_formulas_are_not() -> None:
    core, *guiding = SYSTEMS["park910"].indicators

    assert core.status is Status.OFFICIAL
    by_formula = [each for each in guiding if each.formula]
    assert {each.formula_clause.status for each in by_formula} == {Status.SECONDARY}
    assert {each.clause.status for each in guiding} == {Status.OFFICIAL}


def test_every_statistic_that_the_issue_names_can_be_reported() -> None:
    inputs = CATALOGUE.inputs

    assert inputs["industrial_value_added"].by_price
    assert inputs["product_output"].by_subject
    assert inputs["land_area"].holder is Holder.ZONE
    assert {"industrial_price_index", "fresh_water", "reused_water", "staff"} <= inputs.keys()
    assert {"solid_waste_utilised", "waste_heat_used", "industrial_land_area"} <= inputs.keys()


def small(**fields: Any) -> System:
    """Zero-carbon parks with the core indicator alone, and other fields."""
    system = SYSTEMS["park910"]
    values = {"indicators": system.indicators[:1], "groups": system.groups[:1]} | fields
    return replace(system, **values)


def twice(field: str) -> System:
    """The core indicator alone, with its first group or indicator twice."""
    (first,) = getattr(small(), field)
    return small(**{field: (first, first)})


def other(system: System, **fields: Any) -> System:
    """The same with another first indicator."""
    return replace(system, indicators=(replace(system.indicators[0], **fields),))


def weighted(**fields: Any) -> System:
    """One that scores, with one weight."""
    points = (
        Point(value=Quantity.parse("0", "tCO2/tce"), score=Decimal(1)),
        Point(value=Quantity.parse("2", "tCO2/tce"), score=Decimal(0)),
    )
    values = {"points": points, "weight": Decimal(1)} | fields
    return other(small(scoring=Scoring.WEIGHTED), **values)


@pytest.mark.parametrize(
    ("wrong", "error", "field"),
    [
        (lambda: other(small(), indicator_id="Core 1"), FieldInvalid, "indicators[0].indicator_id"),
        (lambda: other(small(), group_id="none"), FieldInvalid, "indicators[0].group_id"),
        (lambda: other(small(), formula=parse("coal")), FieldInvalid, "indicators[0].formula"),
        (
            lambda: other(small(), formula=parse("product_output")),
            FieldInvalid,
            "indicators[0].formula",
        ),
        (
            lambda: other(small(), formula=parse("energy_equal_value / emissions_co2")),
            UnitDimension,
            "indicators[0].formula",
        ),
        (
            lambda: other(small(), reference=Quantity.parse("1", "t")),
            UnitDimension,
            "indicators[0].reference.unit_code",
        ),
        (lambda: small(method_id=""), FieldRequired, "method_id"),
        (lambda: twice("indicators"), DuplicateRow, "indicators[1]"),
        (lambda: other(small(), cases=()), FieldRequired, "indicators[0].cases"),
        (
            lambda: small(
                groups=(Group(group_id="core", name=SYSTEMS["hj274"].title, least_count=1),)
            ),
            FieldInvalid,
            "groups[0].least_count",
        ),
        (lambda: twice("groups"), DuplicateRow, "groups[1]"),
        (
            lambda: other(small(scoring=Scoring.REFERENCE_RATIO), cases=()),
            FieldRequired,
            "indicators[0].reference",
        ),
        (lambda: small(scoring=Scoring.REFERENCE_RATIO), FieldInvalid, "parameters"),
        (lambda: weighted(points=()), FieldRequired, "indicators[0].points"),
        (lambda: weighted(weight=Decimal("0.9")), FieldInvalid, "indicators"),
        (
            lambda: weighted(points=weighted().indicators[0].points[::-1]),
            FieldInvalid,
            "indicators[0].points",
        ),
    ],
    ids=itertools.count(),
)
def test_a_system_that_does_not_hold_together_is_refused(
    wrong: Callable[[], System], error: type[Exception], field: str
) -> None:
    with pytest.raises(error) as caught:
        check(wrong(), CATALOGUE)
    assert getattr(caught.value, "field", "") == field


def test_a_weighted_system_holds_together() -> None:
    check(weighted(), CATALOGUE)
