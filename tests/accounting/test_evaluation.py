"""Evaluations: verdicts, scores and conclusions of figures, and what they are when some lack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accounting.domain.indicator.evaluation import Evaluation, evaluate
from services.accounting.domain.indicator.expression import Ask
from services.accounting.domain.indicator.figure import Reported, statistic_figure
from services.accounting.domain.indicator.question import Question
from services.accounting.domain.indicator.requirement import Verdict
from services.accounting.domain.indicator.result import Result
from services.accounting.domain.indicator.statistic import Fact, Statistic
from services.accounting.domain.indicator.system import Conclusion, Part, Point, Scoring
from services.kernel.errors import (
    DuplicateRow,
    FieldInvalid,
    FieldRequired,
    ParameterUndeclared,
    UnitDimension,
)
from services.kernel.period import Period
from services.kernel.quantity import Quantity
from services.kernel.trust import Status
from tests.accounting.evaluating import CATALOGUE, SYSTEMS, ZONE, evaluated

PARK, HJ, MIIT = SYSTEMS["park910"], SYSTEMS["hj274"], SYSTEMS["miit-green-park"]
CORE = {"emissions_co2": "60000 tCO2", "energy_equal_value": "300000 tce"}
GUIDING = {
    "clean_energy_equal_value": "280000 tce",
    "solid_waste_utilised": "80 t",
    "solid_waste_generated": "100 t",
    "waste_heat_used": "50 GJ",
    "waste_heat_available": "60 GJ",
    "waste_cold_used": "0 GJ",
    "waste_cold_available": "10 GJ",
    "waste_pressure_used": "0 GJ",
    "waste_pressure_available": "10 GJ",
    "reused_water": "8 10^4 m3",
    "fresh_water": "2 10^4 m3",
}
PRODUCT = {"product-energy": "2 1"}


def of(evaluation: Evaluation, indicator_id: str) -> Result:
    (found,) = [each for each in evaluation.results if each.indicator.indicator_id == indicator_id]
    return found


def test_a_park_that_meets_everything_passes() -> None:
    found = evaluated(PARK, CORE | GUIDING, values=PRODUCT)

    assert found.conclusion is Conclusion.PASSED
    assert {each.verdict for each in found.results} == {Verdict.MET}
    assert of(found, "waste-heat-use").value == Fraction(50 * 100, 80)
    assert found.needs == ()


def test_one_guiding_indicator_short_leaves_it_open() -> None:
    found = evaluated(PARK, CORE | GUIDING | {"reused_water": "7 10^4 m3"}, values=PRODUCT)

    assert of(found, "water-reuse").verdict is Verdict.NOT_MET
    assert found.conclusion is Conclusion.OPEN


def test_what_is_left_out_with_a_reason_is_neither_met_nor_missing() -> None:
    found = evaluated(
        PARK, CORE | GUIDING, reasons={"product-energy": "no product has a limit standard"}
    )

    left_out = of(found, "product-energy")
    assert left_out.verdict is Verdict.NOT_APPLICABLE_WITH_REASON
    assert left_out.needs == ()
    assert found.conclusion is Conclusion.PASSED


def test_the_core_indicator_is_a_veto_whatever_the_others_say() -> None:
    found = evaluated(PARK, CORE | GUIDING | {"emissions_co2": "60000.000001 tCO2"}, values=PRODUCT)

    assert of(found, "carbon-per-energy").verdict is Verdict.NOT_MET
    assert found.conclusion is Conclusion.VETOED


@pytest.mark.parametrize(
    ("energy", "emissions", "case", "verdict"),
    [
        ("199999.99 tce", "1 tCO2", "below-200000-tce", "NO_THRESHOLD"),
        ("200000 tce", "40000 tCO2", "from-200000-tce", "MET"),
        ("200000 tce", "40001 tCO2", "from-200000-tce", "NOT_MET"),
        ("999999.99 tce", "1 tCO2", "from-200000-tce", "MET"),
        ("100 10^4 tce", "300000 tCO2", "from-1000000-tce", "MET"),
        ("100 10^4 tce", "300000.1 tCO2", "from-1000000-tce", "NOT_MET"),
    ],
)
def test_the_size_of_a_park_decides_its_limit(
    energy: str, emissions: str, case: str, verdict: str
) -> None:
    found = evaluated(PARK, {"energy_equal_value": energy, "emissions_co2": emissions})

    core = of(found, "carbon-per-energy")
    assert core.case is not None
    assert (core.case.case_id, core.verdict.value) == (case, verdict)


def test_what_lacks_is_named_and_is_never_taken_for_nothing() -> None:
    found = evaluated(PARK, {"energy_equal_value": "300000 tce"})

    assert {each.verdict for each in found.results} == {Verdict.MISSING}
    assert all(each.value is None for each in found.results)
    assert all(each.case is not None for each in found.results), "what is asked for is known"
    assert found.conclusion is Conclusion.INCOMPLETE


def test_what_cannot_be_said_of_the_size_leaves_open_what_is_asked_for() -> None:
    core = of(evaluated(PARK, {"emissions_co2": "1 tCO2"}), "carbon-per-energy")

    assert core.verdict is Verdict.MISSING
    assert core.case is None


def test_a_division_by_nothing_is_a_state_with_its_reason() -> None:
    nothing = {"solid_waste_utilised": "0 t", "solid_waste_generated": "0 t"}
    waste = of(evaluated(PARK, CORE | GUIDING | nothing), "solid-waste-use")

    assert waste.verdict is Verdict.UNDEFINED
    assert waste.value is None
    assert waste.undefined is not None
    assert "solid_waste_generated" in waste.undefined.en


def test_the_status_of_the_whole_is_the_lowest_of_what_was_applied() -> None:
    assert evaluated(PARK, CORE).status is Status.SECONDARY
    assert evaluated(HJ, {}).status is Status.UNVERIFIED


GROWING = {
    "industrial_value_added": "1331 10^4 CNY",
    "industrial_value_added-3": "1000 10^4 CNY",
    "fresh_water": "1331 10^4 m3",
    "fresh_water-3": "1000 10^4 m3",
}


def test_the_limit_of_an_elasticity_turns_round_where_value_added_falls() -> None:
    growing = of(evaluated(HJ, GROWING), "hj274-13")
    shrinking = {
        key: GROWING[other]
        for key, other in zip(
            GROWING,
            ("industrial_value_added-3", "industrial_value_added", "fresh_water-3", "fresh_water"),
            strict=True,
        )
    }
    falling = of(evaluated(HJ, shrinking), "hj274-13")

    assert growing.value == 1
    assert falling.value == 1
    assert growing.verdict is Verdict.NOT_MET, "at most 0.55 where value added grows"
    assert falling.verdict is Verdict.MET, "at least 0.55 where it falls"


@pytest.mark.parametrize(
    ("region", "limit", "verdict"),
    [("1", "20 %", "NOT_MET"), ("2", "30 %", "NOT_MET"), ("3", "10 %", "MET")],
)
def test_a_declared_parameter_decides_which_limit_holds(
    region: str, limit: str, verdict: str
) -> None:
    parameters = (("water_region", Quantity.parse(region, "1")),)
    water = {"reclaimed_water": "15 10^4 m3", "sewage_treated": "100 10^4 m3"}

    found = of(evaluated(HJ, water, parameters=parameters), "hj274-16")

    assert found.case is not None
    assert found.case.requirement is not None
    assert (str(found.case.requirement.limit), found.verdict.value) == (limit, verdict)


def test_hj274_fails_where_a_mandatory_indicator_is_not_met() -> None:
    found = evaluated(HJ, {}, values={"hj274-19": "1 1"})

    assert found.conclusion is Conclusion.FAILED


def test_hj274_fails_where_a_group_can_no_longer_have_enough() -> None:
    land = {"industrial_value_added": "1 10^8 CNY", "industrial_land_area": "1 km2"}
    flat = {"industrial_value_added-3": "1 10^8 CNY", "industrial_land_area-3": "1 km2"}

    found = evaluated(HJ, land | flat)

    (group,) = [each for each in found.groups if each.group.group_id == "land-choice"]
    assert (group.met_count, group.not_met_count, group.open_count) == (0, 2, 0)
    assert found.conclusion is Conclusion.FAILED


def test_one_of_a_group_suffices() -> None:
    found = evaluated(HJ, {"industrial_value_added": "9 10^8 CNY", "industrial_land_area": "1 km2"})

    (group,) = [each for each in found.groups if each.group.group_id == "land-choice"]
    assert group.met_count >= group.group.least_count
    assert found.conclusion is Conclusion.INCOMPLETE, "much else lacks"


CHOSEN = ("rg8", "rg9", "ig13", "ig15", "cg19", "hg26")
CAPPED = (("capped", Quantity.parse("1", "1")),)
UNCAPPED = (("capped", Quantity.parse("0", "1")),)


def green_park(times: int) -> Mapping[str, str]:
    """Answers of a park that reaches its leading values so many times; lower is better once."""
    found = {}
    for each in MIIT.indicators:
        if each.formula is None:
            reference = each.reference.fraction if each.reference else Fraction(1)
            is_share = each.unit == "%"
            factor = 1 if is_share else times
            found[each.indicator_id] = f"{float(reference * factor)} {each.unit}"
    return found


def miit_figures() -> Mapping[str, str]:
    """Figures at every leading value, but a land productivity of twice its own."""
    return {
        "industrial_value_added": "3000000 10^4 CNY",
        "industrial_value_added-1": "3000000 10^4 CNY",
        "energy_equivalent_value": "1000000 tce",
        "renewable_energy_equivalent_value": "150000 tce",
        "clean_energy_equivalent_value": "75 tce",
        "final_energy_equivalent_value": "100 tce",
        "fresh_water": "2000 10^4 m3",
        "reused_water": "18000 10^4 m3",
        "industrial_land_area": "10 km2",
        "solid_waste_utilised": "95 t",
        "solid_waste_generated": "100 t",
        "solid_waste_settled": "100 t",
        "reclaimed_water": "30 10^4 m3",
        "sewage_treated": "100 10^4 m3",
        "waste_heat_used": "60 GJ",
        "waste_heat_available": "100 GJ",
        "high_tech_output": "30 10^4 CNY",
        "gross_industrial_output": "100 10^4 CNY",
        "green_industry_value_added": "900000 10^4 CNY",
        "staff": "200000 person",
        "emissions_co2": "97 tCO2",
        "emissions_co2-1": "100 tCO2",
        "waste_water": "1500 10^4 t",
    }


def test_the_green_index_is_a_hundred_where_every_leading_value_is_reached() -> None:
    found = evaluated(
        MIIT,
        dict(miit_figures()) | {"industrial_land_area": "20 km2"},
        values=green_park(1),
        chosen=CHOSEN,
        parameters=CAPPED,
    )

    assert found.scores.lacking == ()
    assert found.conclusion is Conclusion.SCORED
    assert found.scores.total == 100


@pytest.mark.parametrize(
    ("parameters", "score"), [(CAPPED, Fraction(100)), (UNCAPPED, 100 + Fraction(100, 24))]
)
def test_capping_is_declared_and_moves_the_index(
    parameters: tuple[tuple[str, Quantity], ...], score: Fraction
) -> None:
    found = evaluated(
        MIIT, miit_figures(), values=green_park(1), chosen=CHOSEN, parameters=parameters
    )

    assert of(found, "rg5").value == 30, "twice the leading value"
    assert found.scores.total == score


def test_n_is_configurable() -> None:
    half = (*CAPPED, ("indicator_count", Quantity.parse("48", "1")))

    found = evaluated(MIIT, miit_figures(), values=green_park(1), chosen=CHOSEN, parameters=half)

    assert found.scores.total == 50


def test_too_few_choices_leave_the_index_unsaid() -> None:
    found = evaluated(
        MIIT, miit_figures(), values=green_park(1), chosen=CHOSEN[1:], parameters=CAPPED
    )

    assert found.scores.total is None
    assert found.conclusion is Conclusion.INCOMPLETE
    assert [each.en for each in found.scores.lacking] == [
        "1 chosen of resources-choice, 2 are to be"
    ]


def test_a_verdict_that_depends_on_an_undeclared_parameter_is_refused_naming_it() -> None:
    with pytest.raises(ParameterUndeclared, match="capped"):
        evaluated(MIIT, {})


def test_a_weighted_score_is_linear_between_its_points() -> None:
    points = (
        Point(value=Quantity.parse("0.1", "tCO2/tce"), score=Decimal(1)),
        Point(value=Quantity.parse("0.3", "tCO2/tce"), score=Decimal(0)),
    )
    core = replace(PARK.indicators[0], points=points, weight=Decimal(1), part=Part.MEASURED)
    system = replace(PARK, indicators=(core,), scoring=Scoring.WEIGHTED)

    for emissions, score in (("30000", 100), ("60000", 50), ("75000", 25), ("200000", 0)):
        found = evaluated(system, CORE | {"emissions_co2": f"{emissions} tCO2"})
        assert found.scores.total == score
        assert found.conclusion is Conclusion.SCORED


@pytest.mark.parametrize(
    ("fields", "error", "field"),
    [
        ({"values": {"no-such": "1 1"}}, FieldInvalid, "answers[0].indicator_id"),
        ({"values": {"water-reuse": "90 %"}}, FieldInvalid, "answers[0].value"),
        ({"values": {"product-energy": "1.5 1"}}, FieldInvalid, "answers[0].value.value"),
        ({"values": {"product-energy": "10 1"}}, FieldInvalid, "answers[0].value.value"),
        ({"values": {"product-energy": "2 t"}}, UnitDimension, "answers[0].value.unit_code"),
        ({"reasons": {"water-reuse": " "}}, FieldRequired, "answers[0].not_applicable_reason"),
        (
            {"reasons": {"carbon-per-energy": "no"}},
            FieldInvalid,
            "answers[0].not_applicable_reason",
        ),
        ({"chosen": ("water-reuse",)}, FieldInvalid, "chosen_indicator_ids[0]"),
        (
            {"parameters": (("n", Quantity.parse("1", "1")),)},
            FieldInvalid,
            "parameters[0].parameter_id",
        ),
        (
            {"values": {"product-energy": "2 1"}, "reasons": {"product-energy": "none"}},
            DuplicateRow,
            "answers[1]",
        ),
    ],
)
def test_what_the_system_does_not_ask_for_is_refused(
    fields: dict[str, object], error: type[Exception], field: str
) -> None:
    with pytest.raises(error) as caught:
        evaluated(PARK, {}, **fields)  # type: ignore[arg-type]
    assert getattr(caught.value, "field", "") == field


def fact(owner: str, input_id: str, text: str, period: Period, *, prices: int = 0) -> Statistic:
    value, unit = text.split(maxsplit=1)
    return Statistic(
        fact=Fact(owner=owner, input_id=input_id, subject="", period=period),
        quantity=Quantity.parse(value, unit),
        price_base_year=prices,
        source="return",
        evidence="page 1",
        version=1,
    )


WATER, STAFF = CATALOGUE.inputs["fresh_water"], CATALOGUE.inputs["staff"]
YEAR = Period.year(2023)
MONTHS = YEAR.months()


def reported(*statistics: Statistic, members: tuple[str, ...] = ("enterprises/a",)) -> Reported:
    return Reported(zone=ZONE, members={2023: members}, statistics=statistics)


def test_a_zone_has_what_its_members_add_up_to() -> None:
    both = ("enterprises/a", "enterprises/b")
    known = reported(
        fact("enterprises/a", "fresh_water", "2 10^4 m3", YEAR),
        fact("enterprises/b", "fresh_water", "5000 m3", YEAR),
        members=both,
    )

    found = statistic_figure(Ask(input_id="fresh_water"), 2023, WATER, known)

    assert found.amount == Fraction("2.5")
    assert [share.owner for share in found.shares] == list(both)


def test_a_member_that_did_not_report_is_named() -> None:
    known = reported(
        fact("enterprises/a", "fresh_water", "2 10^4 m3", YEAR),
        members=("enterprises/a", "enterprises/b"),
    )

    found = statistic_figure(Ask(input_id="fresh_water"), 2023, WATER, known)

    assert found.amount is None
    (need,) = found.needs
    assert need.owners == ("enterprises/b",)
    assert "fresh water taken in by industry of 2023" in need.text.en


def test_the_zone_s_own_figure_is_taken_and_a_difference_to_its_members_is_told() -> None:
    known = reported(
        fact(ZONE, "fresh_water", "3 10^4 m3", YEAR),
        fact("enterprises/a", "fresh_water", "2 10^4 m3", YEAR),
    )

    found = statistic_figure(Ask(input_id="fresh_water"), 2023, WATER, known)

    assert found.amount == 3
    (remark,) = found.remarks
    assert "its members add up to 2" in remark.en


def test_twelve_months_make_a_year_of_what_flows() -> None:
    months = [fact("enterprises/a", "fresh_water", "1 10^4 m3", each) for each in MONTHS]

    whole = statistic_figure(Ask(input_id="fresh_water"), 2023, WATER, reported(*months))
    short = statistic_figure(Ask(input_id="fresh_water"), 2023, WATER, reported(*months[1:]))

    assert whole.amount == 12
    assert short.amount is None


def test_december_stands_for_the_year_of_what_stands() -> None:
    months = [
        fact("enterprises/a", "staff", f"{100 + index} person", each)
        for index, each in enumerate(MONTHS)
    ]

    found = statistic_figure(Ask(input_id="staff"), 2023, STAFF, reported(*months))

    assert found.amount == 111


def test_money_of_several_years_is_never_compared_at_several_prices() -> None:
    given_figures = {
        "industrial_value_added": "1331 10^4 CNY",
        "industrial_value_added-3": "1000 10^4 CNY",
    }
    growth = of(evaluated(HJ, given_figures), "hj274-03")
    assert growth.value == pytest.approx(10)

    nominal = evaluated(HJ, given_figures)
    mixed = {
        ask: replace(each, price_base_year=0) if ask.input_id == "industrial_value_added" else each
        for ask, each in nominal.figures.items()
    }
    told = of(evaluate(HJ, Question(zone=ZONE, accounting_year=2023), mixed, CATALOGUE), "hj274-03")

    assert told.verdict is Verdict.MISSING
    assert told.value is None
    assert "at the prices of one year" in told.needs[0].text.en


@given(st.lists(st.integers(min_value=0, max_value=10**9), min_size=1, max_size=6), st.data())
def test_neither_the_order_nor_the_splitting_of_members_changes_a_figure(
    amounts: list[int], data: st.DataObject
) -> None:
    names = [f"enterprises/m{index}" for index in range(len(amounts))]
    facts = [
        fact(name, "fresh_water", f"{amount} m3", YEAR)
        for name, amount in zip(names, amounts, strict=True)
    ]
    shuffled = data.draw(st.permutations(facts))
    part = data.draw(st.integers(min_value=0, max_value=amounts[0]))
    split = [
        fact("enterprises/x", "fresh_water", f"{part} m3", YEAR),
        fact("enterprises/y", "fresh_water", f"{amounts[0] - part} m3", YEAR),
        *facts[1:],
    ]

    def total(statistics: list[Statistic], members: list[str]) -> Fraction | None:
        known = reported(*statistics, members=tuple(members))
        return statistic_figure(Ask(input_id="fresh_water"), 2023, WATER, known).amount

    whole = total(facts, names)
    assert whole == Fraction(sum(amounts), 10_000)
    assert total(shuffled, data.draw(st.permutations(names))) == whole
    assert total(split, ["enterprises/x", "enterprises/y", *names[1:]]) == whole


def test_the_same_figures_give_the_same_evaluation_to_the_last_digit() -> None:
    one, other = (evaluated(PARK, CORE | GUIDING, values=PRODUCT) for _ in range(2))

    assert one == other
    assert one.digest == other.digest
    moved = evaluated(PARK, CORE | GUIDING | {"reused_water": "8.00000001 10^4 m3"}, values=PRODUCT)
    assert moved.digest != one.digest
