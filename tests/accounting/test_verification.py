"""What a verification may record and conclude: values in, values out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accounting.domain.knowledge.verification import (
    Conclusion,
    Finding,
    State,
    Verification,
    VerifiedFigure,
)
from services.kernel.errors import StateWrong, UnitDimension
from tests.accounting.verified import (
    CURRENT,
    FINDING,
    OBSERVATION,
    SETTLED,
    figure,
    statement,
    verification,
)


def allowed(before: Verification, current: dict[str, int] | None = None) -> set[Conclusion]:
    """The conclusions that can be drawn."""
    found = set()
    for conclusion in Conclusion:
        try:
            after = before.concluded(statement(conclusion), current or CURRENT)
        except StateWrong:
            continue
        assert after.state is State.CONCLUDED
        assert after.verifies is conclusion.verifies
        found.add(conclusion)
    return found


GOOD, CORRECTED, BAD = (
    Conclusion.CONFORMING,
    Conclusion.CONFORMING_WITH_CORRECTIONS,
    Conclusion.NOT_CONFORMING,
)


@pytest.mark.parametrize(
    ("findings", "figures", "may"),
    [
        ((), (), {GOOD, BAD}),
        ((OBSERVATION,), (), {GOOD, BAD}),
        ((replace(FINDING, resolution=SETTLED),), (), {GOOD, BAD}),
        ((FINDING,), (), {BAD}),
        ((), (figure("64.51 tCO2"),), {GOOD, BAD}),
        ((), (figure("64.510001 tCO2"),), {CORRECTED, BAD}),
        ((FINDING,), (figure("64.5 tCO2"),), {CORRECTED, BAD}),
    ],
    ids=[
        "nothing found",
        "observed",
        "settled",
        "not settled",
        "the same in tonnes",
        "a gram apart",
        "left to the figure",
    ],
)
def test_what_was_recorded_says_what_may_be_concluded(
    findings: tuple[Finding, ...], figures: tuple[VerifiedFigure, ...], may: set[Conclusion]
) -> None:
    assert allowed(verification(findings=findings, figures=figures)) == may


@pytest.mark.parametrize(
    "current",
    [{"gbt32150": 4, "ghgp": 2}, {"gbt32150": 3}, CURRENT | {"ets-power": 1}],
    ids=["a newer version", "one less", "a further method"],
)
def test_other_versions_than_the_verified_ones_are_not_confirmed(current: dict[str, int]) -> None:
    before = verification()

    assert before.is_superseded(current)
    assert allowed(before, current) == {Conclusion.NOT_CONFORMING}
    way_out = before.way_out(current)
    assert way_out is not None
    assert "another verification" in way_out.en


@pytest.mark.parametrize("conclusion", Conclusion)
def test_what_does_not_conform_leads_to_the_desk_and_the_rest_nowhere(
    conclusion: Conclusion,
) -> None:
    found = verification(statement=statement(conclusion)).way_out(CURRENT)

    assert ("desk" in found.en if found else False) is (conclusion is Conclusion.NOT_CONFORMING)
    assert verification().way_out(CURRENT) is None


def test_nothing_is_added_to_what_is_concluded() -> None:
    done = verification(statement=statement(Conclusion.CONFORMING), findings=(FINDING,))

    changes: list[Callable[[], Verification]] = [
        lambda: done.with_finding(OBSERVATION),
        lambda: done.with_resolution("nc-1", SETTLED),
        lambda: done.with_figures([figure("1 tCO2")]),
        lambda: done.concluded(statement(Conclusion.NOT_CONFORMING), CURRENT),
    ]
    for change in changes:
        with pytest.raises(StateWrong) as caught:
            change()
        assert caught.value.state == "CONCLUDED"


def test_each_record_is_a_version_that_keeps_what_was_there() -> None:
    first = verification().with_finding(FINDING)
    second = first.with_finding(OBSERVATION)
    third = second.with_resolution("nc-1", SETTLED)
    fourth = third.with_figures([figure("1 tCO2")])

    assert [each.version for each in (first, second, third, fourth)] == [2, 3, 4, 5]
    assert [each.etag for each in (first, fourth)] == ["v2", "v5"]
    assert first.findings == (FINDING,)
    assert fourth.findings == (replace(FINDING, resolution=SETTLED), OBSERVATION)
    assert not fourth.findings[0].stands_against
    assert first.figures == ()


@given(reported=st.integers(-(10**15), 10**15), difference=st.integers(-(10**12), 10**12))
def test_a_difference_is_exact_whatever_unit_is_verified_in(reported: int, difference: int) -> None:
    grams = reported + difference
    sign, size = ("-" if grams < 0 else ""), abs(grams)
    tonnes = f"{sign}{size // 10**6}.{size % 10**6:06d}"

    found = figure(f"{tonnes} tCO2", f"{reported} gCO2")

    assert found.difference == Fraction(difference)


def test_carbon_dioxide_is_not_its_equivalent() -> None:
    with pytest.raises(UnitDimension):
        verification().with_figures([figure("64.51 tCO2e")])


def test_an_error_speaks_both_languages() -> None:
    with pytest.raises(StateWrong) as caught:
        verification(findings=(FINDING,)).concluded(statement(Conclusion.CONFORMING), CURRENT)

    assert "nonconformities that are not settled (nc-1)" in caught.value.text("en")
    assert "未关闭的不符合项（nc-1）" in caught.value.text("zh")
