"""What became of an evaluation: effects that add up, whatever moved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.accounting.domain.indicator.difference import (
    Cause,
    Change,
    Sides,
    changes,
)
from services.accounting.domain.indicator.evaluation import Evaluation
from services.accounting.domain.indicator.expression import parse
from services.accounting.domain.indicator.figure import Share
from services.accounting.domain.indicator.system import System
from services.kernel.quantity import Quantity
from tests.accounting.evaluating import SYSTEMS, evaluated

PARK = SYSTEMS["park910"]
CORE = {"emissions_co2": "60000 tCO2", "energy_equal_value": "300000 tce"}


def by_data(_: str, was: Share | None, now: Share | None) -> Sequence[tuple[Cause, Fraction]]:
    before, after = (each.amount if each else Fraction(0) for each in (was, now))
    return [(Cause.DATA, after - before)]


def compared(before: Evaluation, after: Evaluation, **fields: object) -> Mapping[str, Change]:
    members = frozenset({"enterprises/e"})
    sides = Sides(
        before=before,
        after=after,
        members_before=members,
        members_after=members,
        causes_of=by_data,
    )
    found = changes(replace(sides, **fields))  # type: ignore[arg-type]
    return {each.indicator_id: each for each in found}


def test_nothing_is_told_of_what_stayed() -> None:
    assert compared(evaluated(PARK, CORE), evaluated(PARK, CORE)) == {}


def test_a_change_is_told_input_by_input() -> None:
    after = evaluated(PARK, {"emissions_co2": "90000 tCO2", "energy_equal_value": "600000 tce"})

    change = compared(evaluated(PARK, CORE), after)["carbon-per-energy"]

    assert change.difference == Fraction("-0.05")
    emissions, energy = change.effects
    assert (emissions.input_id, emissions.effect) == ("emissions_co2", Fraction("0.075"))
    assert (energy.input_id, energy.effect) == ("energy_equal_value", Fraction("-0.125"))


AMOUNT = st.integers(min_value=1, max_value=10**12)
SYSTEM = replace(
    PARK,
    indicators=(
        replace(
            PARK.indicators[0],
            formula=parse("emissions_co2 / (energy_equal_value + clean_energy_equal_value)"),
        ),
    ),
)


def figures(emissions: int, energy: int, clean: int) -> Mapping[str, str]:
    return {
        "emissions_co2": f"{emissions} tCO2",
        "energy_equal_value": f"{energy} tce",
        "clean_energy_equal_value": f"{clean} tce",
    }


@given(st.tuples(AMOUNT, AMOUNT, AMOUNT), st.tuples(AMOUNT, AMOUNT, AMOUNT))
def test_the_effects_add_up_to_the_change_exactly_and_turn_round_with_the_sides(
    before: tuple[int, int, int], after: tuple[int, int, int]
) -> None:
    assume(before != after)
    one, other = (evaluated(SYSTEM, figures(*each)) for each in (before, after))

    forth, back = compared(one, other), compared(other, one)

    for change in forth.values():
        effects = [each.effect or Fraction(0) for each in change.effects]
        assert sum(effects, Fraction(0)) == change.difference
        assert effects == [
            -(each.effect or Fraction(0)) for each in back[change.indicator_id].effects
        ]


def with_formula(text: str) -> System:
    first, *others = PARK.indicators
    return replace(PARK, indicators=(replace(first, formula=parse(text)), *others))


def test_another_formula_is_an_effect_of_its_own() -> None:
    after = evaluated(
        with_formula("2 × emissions_co2 / energy_equal_value"),
        CORE | {"emissions_co2": "90000 tCO2"},
    )

    change = compared(evaluated(PARK, CORE), after)["carbon-per-energy"]

    causes = {each.cause: each.effect or Fraction(0) for each in change.effects}
    assert causes == {Cause.DATA: Fraction("0.15"), Cause.METHOD: Fraction("0.25")}
    assert sum(causes.values(), Fraction(0)) == change.difference == Fraction("0.4")


def test_another_limit_is_told_though_the_value_stays() -> None:
    first, *others = PARK.indicators
    cases = tuple(
        replace(case, requirement=replace(case.requirement, limit=_limit()))
        if case.requirement
        else case
        for case in first.cases
    )
    stricter = replace(PARK, indicators=(replace(first, cases=cases), *others))

    change = compared(evaluated(PARK, CORE), evaluated(stricter, CORE))["carbon-per-energy"]

    assert [each.cause for each in change.effects] == [Cause.METHOD]
    assert change.difference == 0


def _limit() -> Quantity:
    case = PARK.indicators[0].cases[-1]
    assert case.requirement is not None
    return case.requirement.limit


def test_who_joined_is_the_cause_of_what_it_brings() -> None:
    before = evaluated(PARK, {"emissions_co2": "60000 tCO2"})
    after = evaluated(PARK, CORE)

    change = compared(before, after, members_before=frozenset())["carbon-per-energy"]

    assert change.difference is None, "there was no value before"
    assert [each.cause for each in change.effects] == [Cause.MEMBERS]
    assert [each.owner for each in change.effects[0].shares] == ["enterprises/e"]


def test_causes_of_one_input_share_its_effect_in_proportion() -> None:
    def by_two(
        input_id: str, was: Share | None, now: Share | None
    ) -> Sequence[tuple[Cause, Fraction]]:
        ((_, whole),) = by_data(input_id, was, now)
        return [(Cause.DATA, whole * Fraction(3, 4)), (Cause.FACTOR, whole / 4)]

    change = compared(
        evaluated(PARK, CORE),
        evaluated(PARK, CORE | {"emissions_co2": "72000 tCO2"}),
        causes_of=by_two,
    )["carbon-per-energy"]

    assert {each.cause: each.effect for each in change.effects} == {
        Cause.DATA: Fraction("0.03"),
        Cause.FACTOR: Fraction("0.01"),
    }
    assert change.difference == Fraction("0.04")


@pytest.mark.parametrize("answers", [({"product-energy": "1 1"}, {"product-energy": "3 1"})])
def test_another_answer_is_a_cause(answers: tuple[dict[str, str], dict[str, str]]) -> None:
    before, after = (evaluated(PARK, CORE, values=each) for each in answers)

    change = compared(before, after)["product-energy"]

    assert [(each.cause, each.effect) for each in change.effects] == [(Cause.ANSWER, Fraction(2))]
