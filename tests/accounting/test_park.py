"""The zero-carbon-park statement, by the pure domain and the shipped rules."""

from __future__ import annotations

import itertools
import tomllib
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accounting import files
from services.accounting.domain.indicator.conclusion import of_verdicts
from services.accounting.domain.indicator.requirement import Verdict
from services.accounting.domain.indicator.system import Conclusion
from services.accounting.domain.park.electricity import Electricity, Flow
from services.accounting.domain.park.statement import FindingKind
from services.accounting.files.methods import METHODS
from services.kernel import trust
from services.kernel.errors import FactorImplausible, FieldInvalid
from services.kernel.trust import Status
from tests.accounting.parks import (
    ALL_MET,
    RULES,
    coefficient,
    emissions,
    energy,
    evaluated,
    flow,
    fuel,
    reason,
    request,
    value,
)

AMOUNTS = st.decimals(min_value=0, max_value=10_000_000, places=3)
POSITIVE = st.decimals(min_value=Decimal("0.001"), max_value=10_000_000, places=3)
FILE = METHODS / "indicators" / "park910.toml"


def test_every_rule_cites_the_official_text_that_was_read() -> None:
    data = tomllib.loads(FILE.read_text("utf-8"))
    confidence = {each["id"]: each["confidence"] for each in data["documents"]}
    rules = [
        each
        for part in data.values()
        for each in (part if isinstance(part, list) else [part])
        if isinstance(each, dict) and "clause" in each
    ]

    assert len(rules) > 20
    for rule in rules:
        status = trust.from_confidence(confidence[rule["document"]])
        assert rule["clause"]
        assert Status(rule.get("status", status)) is status


def test_the_indicators_name_the_method_that_they_are_for() -> None:
    assert RULES.system.method_id in files.methods()


@pytest.mark.parametrize(
    "open_point_id",
    [
        "equal-value-coefficient",
        "direct-supply-denominator",
        "below-200000-tce",
        "clean-energy",
        "fossil-power-factor",
    ],
)
def test_what_the_text_leaves_open_is_said_in_both_languages(open_point_id: str) -> None:
    (point,) = [each for each in RULES.system.open_points if each.open_point_id == open_point_id]

    assert point.version >= 1
    assert point.text.en != point.text.zh
    assert point.treatment.en != point.treatment.zh
    assert point.clause.document_no.startswith("发改环资〔2025〕910号")


def test_the_figures_taken_for_open_points_stand_with_them() -> None:
    statement = evaluated(request(energies=[energy(), fuel()]))

    assert statement.taken.keys() <= {each.open_point_id for each in RULES.system.open_points}
    assert {id_: [str(each) for each in taken] for id_, taken in statement.taken.items()} == {
        "equal-value-coefficient": ["0.30 kgce/kWh"],
        "other-carriers": ["13.3 tce/10^4 Nm3"],
        "fossil-power-factor": ["0.8325 kgCO2/kWh"],
    }


def test_the_status_is_that_of_the_text() -> None:
    assert evaluated(request()).status is Status.OFFICIAL


@pytest.mark.parametrize(
    ("emissions_t", "verdict"),
    [
        ("60000", Verdict.MET),
        ("60000.00000000000000000000000000001", Verdict.NOT_MET),
        ("59999.99999999999999999999999999999", Verdict.MET),
        ("0", Verdict.MET),
    ],
)
def test_the_indicator_is_compared_unrounded(emissions_t: str, verdict: Verdict) -> None:
    core = evaluated(request(emissions=f"{emissions_t} tCO2")).core

    assert core.verdict is verdict
    assert core.value == Fraction(emissions_t) / 300_000


@given(emissions_t=AMOUNTS, energy_tce=POSITIVE)
def test_met_is_just_what_lies_at_or_below_the_limit_of_its_size(
    emissions_t: Decimal, energy_tce: Decimal
) -> None:
    core = evaluated(request(energy_tce=str(energy_tce), emissions=f"{emissions_t} tCO2")).core

    if energy_tce < 200_000:
        assert core.verdict is Verdict.NO_THRESHOLD
        assert core.limit_tco2 is core.reduction_tco2 is None
    else:
        limit = Decimal("0.2") if energy_tce < 1_000_000 else Decimal("0.3")
        met = emissions_t <= limit * energy_tce
        assert core.verdict is (Verdict.MET if met else Verdict.NOT_MET)
        assert core.limit_tco2 == Fraction(limit * energy_tce)
        assert core.reduction_tco2 == max(Fraction(emissions_t) - core.limit_tco2, Fraction(0))


@given(energy_tce=POSITIVE, emissions_t=AMOUNTS, cut=st.fractions(0, 1, max_denominator=1000))
def test_a_carrier_split_in_two_changes_nothing(
    energy_tce: Decimal, emissions_t: Decimal, cut: Fraction
) -> None:
    part = (energy_tce * cut.numerator / cut.denominator).quantize(Decimal("0.001"))
    split = [
        fuel(f"{amount} t", "1 tce/t", carrier=name)
        for name, amount in [("washed coal", part), ("raw coal", energy_tce - part)]
    ]

    whole = evaluated(request(energy_tce=str(energy_tce), emissions=f"{emissions_t} tCO2"))
    parted = evaluated(request(energies=split, emissions=f"{emissions_t} tCO2"))
    assert parted.core == whole.core


@pytest.mark.parametrize(
    ("quantity", "text"),
    [
        ("1000000 MWh", "0.30 kgce/kWh"),
        ("1000 GWh", "300 gce/kWh"),
        ("10 10^8 kWh", "3 tce/10^4 kWh"),
        ("3600000 GJ", "0.30 tce/MWh"),
    ],
)
def test_units_do_not_matter(quantity: str, text: str) -> None:
    declared = energy(quantity, coefficient=coefficient(text))

    assert evaluated(request(energies=[declared])).energy.tce == 300_000


@pytest.mark.parametrize("base", ["EQUIVALENT", "EQUAL_VALUE"])
def test_electricity_by_the_equivalent_value_is_refused_whatever_it_is_called(base: str) -> None:
    declared = energy("960000 MWh", coefficient=coefficient("0.1229 kgce/kWh", base))

    with pytest.raises((FieldInvalid, FactorImplausible)) as refusal:
        evaluated(request(energies=[declared]))
    assert refusal.value.field.startswith("energies[0].coefficient.")
    for language in ("en", "zh"):
        assert "910号" in refusal.value.text(language)


@pytest.mark.parametrize("text", ["0.30 kgce/kWh", "0.1229 kgce/kWh"])
def test_an_equal_value_called_an_equivalent_one_is_refused_too(text: str) -> None:
    with pytest.raises(FieldInvalid) as refusal:
        evaluated(request(energies=[energy(coefficient=coefficient(text, "EQUIVALENT"))]))

    assert (refusal.value.field, refusal.value.given) == (
        "energies[0].coefficient.base",
        "EQUIVALENT",
    )


@pytest.mark.parametrize("text", ["0.19999 kgce/kWh", "3.0 kgce/kWh", "300 kgce/kWh"])
def test_a_slip_of_the_pen_in_the_equal_value_is_refused(text: str) -> None:
    with pytest.raises(FactorImplausible):
        evaluated(request(energies=[energy(coefficient=coefficient(text))]))


@pytest.mark.parametrize(
    ("emissions_t", "factor"),
    [("211395.303992", "0.8273"), ("178740.303992", "0.6096"), ("166890.303992", "0.5306")],
)
def test_emissions_by_another_factor_of_electricity_are_refused(
    emissions_t: str, factor: str
) -> None:
    declared = emissions(f"{emissions_t} tCO2", electricity_factor=f"{factor} tCO2/MWh")

    with pytest.raises(FieldInvalid) as refusal:
        evaluated(request(emissions=declared))
    assert refusal.value.field == "emissions.electricity_factor.value"
    assert "0.8325 kgCO2/kWh" in refusal.value.text("en")
    assert "910号" in refusal.value.text("zh")


def test_all_electricity_goes_by_one_equal_value() -> None:
    grid, own = energy(), energy(carrier="own wind", coefficient=coefficient("0.31 kgce/kWh"))

    with pytest.raises(FieldInvalid) as refusal:
        evaluated(request(energies=[grid, fuel(), own]))
    assert refusal.value.field == "energies[2].coefficient"


def test_the_same_equal_value_may_be_written_in_another_unit() -> None:
    own = energy(carrier="own wind", coefficient=coefficient("300 gce/kWh"))

    assert evaluated(request(energies=[energy(), own])).energy.tce == 600_000


def shares(*flows: dict[str, Any]) -> list[Fraction | None]:
    return [share.percent for share in evaluated(request(electricity_flows=list(flows))).shares]


def test_what_is_sent_out_is_not_netted_against_what_is_taken_in() -> None:
    taken_in = [flow("INTAKE_DIRECT_NON_FOSSIL", "60 MWh"), flow("INTAKE_OTHER", "40 MWh")]
    sent_out = [
        flow(f"EXPORT_{kind}", "39 MWh") for kind in ("DIRECT_NON_FOSSIL", "MATCHED", "OTHER")
    ]

    assert shares(*taken_in, *sent_out) == shares(*taken_in) == [60, 60]


def test_own_power_without_fuel_is_direct_by_consumption_only() -> None:
    found = shares(flow("INTAKE_OTHER", "50 MWh"), flow("ON_SITE_NON_FOSSIL", "50 MWh"))

    assert found == [0, 50]


def test_own_power_from_fuel_is_consumed_and_never_direct() -> None:
    found = shares(flow("INTAKE_DIRECT_NON_FOSSIL", "50 MWh"), flow("ON_SITE_FOSSIL", "50 MWh"))

    assert found == [100, 50]


def test_matched_power_is_not_direct() -> None:
    assert shares(flow("INTAKE_MATCHED", "80 MWh"), flow("INTAKE_OTHER", "20 MWh")) == [0, 0]


def test_half_is_enough_and_a_hair_less_is_not() -> None:
    def verdicts(direct: str) -> set[Verdict]:
        flows = [flow("INTAKE_DIRECT_NON_FOSSIL", direct), flow("INTAKE_OTHER", "50 MWh")]
        return {each.verdict for each in evaluated(request(electricity_flows=flows)).shares}

    assert verdicts("50 MWh") == {Verdict.MET}
    assert verdicts("49.999999999999999999999999999999 MWh") == {Verdict.NOT_MET}


def test_a_share_of_nothing_is_undefined_and_not_met() -> None:
    declared = request(electricity_flows=[flow("ON_SITE_NON_FOSSIL", "1000000 MWh")])

    of_intake, of_consumption = evaluated(declared).shares
    assert (of_intake.percent, of_intake.verdict) == (None, Verdict.UNDEFINED)
    assert of_consumption.percent == 100


def test_without_flows_there_is_no_direct_supply_and_no_matching() -> None:
    statement = evaluated(request(emissions="90000 tCO2"))

    assert statement.electricity is None
    assert statement.shares == ()
    assert statement.matching is None


@given(matched=AMOUNTS, other=POSITIVE, more_t=POSITIVE)
def test_matching_as_much_as_is_needed_just_meets_the_limit(
    matched: Decimal, other: Decimal, more_t: Decimal
) -> None:
    flows = [flow("INTAKE_MATCHED", f"{matched} MWh"), flow("INTAKE_OTHER", f"{other} MWh")]
    declared = request(emissions=f"{60_000 + more_t} tCO2", electricity_flows=flows)

    statement = evaluated(declared)

    found, core = statement.matching, statement.core
    assert found is not None
    assert core.limit_tco2 is not None
    factor = Fraction("0.8325")
    assert 60_000 + Fraction(more_t) - found.needed_mwh * factor == core.limit_tco2
    assert found.sufficient is (found.needed_mwh <= Fraction(other))
    assert found.share_needed_percent is not None
    assert found.sufficient is (found.share_needed_percent <= 100)


def test_where_the_limit_is_met_nothing_need_be_matched() -> None:
    flows = [flow("INTAKE_OTHER", "1000000 MWh")]

    assert evaluated(request(electricity_flows=flows)).matching is None


def test_where_nothing_is_taken_in_matching_has_no_share() -> None:
    flows = [flow("ON_SITE_FOSSIL", "1000000 MWh")]

    found = evaluated(request(emissions="90000 tCO2", electricity_flows=flows)).matching
    assert found is not None
    assert found.share_needed_percent is None
    assert not found.sufficient


def test_flows_of_a_kind_add_up() -> None:
    flows = ((Flow.INTAKE_OTHER, Fraction(1, 3)), (Flow.INTAKE_OTHER, Fraction(2, 3)))

    assert Electricity(flows=flows).mwh(Flow.INTAKE_OTHER) == 1


@pytest.mark.parametrize(
    ("flows", "differs"),
    [
        ([("INTAKE_OTHER", "1000 GWh")], False),
        ([("INTAKE_OTHER", "900000 MWh"), ("ON_SITE_NON_FOSSIL", "100000 MWh")], False),
        ([("INTAKE_OTHER", "1000000 MWh"), ("EXPORT_OTHER", "7 MWh")], False),
        ([("INTAKE_OTHER", "1000000.001 MWh")], True),
        ([("INTAKE_OTHER", "900000 MWh"), ("ON_SITE_FOSSIL", "100000 MWh")], True),
    ],
)
def test_electricity_of_energy_and_of_the_flows_is_compared(
    flows: list[tuple[str, str]], *, differs: bool
) -> None:
    found = evaluated(request(electricity_flows=[flow(*each) for each in flows])).findings

    kinds = [FindingKind.ELECTRICITY_DIFFERS] if differs else []
    assert [each.kind for each in found] == kinds
    assert all("1000000" in each.text.en and "1000000" in each.text.zh for each in found)


def test_flows_without_electricity_in_the_energy_are_refused() -> None:
    with pytest.raises(FieldInvalid) as refusal:
        evaluated(request(energies=[fuel()], electricity_flows=[flow("INTAKE_OTHER", "5 MWh")]))

    assert refusal.value.field == "energies"
    assert "5 MWh" in refusal.value.text("en")


def test_an_equal_value_of_another_year_is_a_finding_and_an_equivalent_one_is_not() -> None:
    electricity = energy(coefficient=coefficient(year=2023))

    (found,) = evaluated(request(energies=[fuel(), electricity])).findings
    assert (found.kind, found.field) == (
        FindingKind.COEFFICIENT_YEAR,
        "energies[1].coefficient.year",
    )
    assert "2023" in found.text.en
    assert "2023" in found.text.zh


def test_what_is_missing_or_left_out_is_never_met() -> None:
    statement = evaluated(request(guiding_answers=[reason("waste-heat-use")]))

    verdicts = {each.indicator.indicator_id: each.verdict for each in statement.guiding}
    assert verdicts.pop("waste-heat-use") is Verdict.NOT_APPLICABLE_WITH_REASON
    assert len(verdicts) == 4
    assert set(verdicts.values()) == {Verdict.MISSING}
    assert statement.conclusion is Conclusion.OPEN


@pytest.mark.parametrize(
    ("indicator_id", "at", "beside"),
    [
        ("clean-energy-share", "90 %", "89.99999999999999999999999999999999 %"),
        ("product-energy", "2 1", "3 1"),
        ("solid-waste-use", "80 %", "79.9 %"),
        ("waste-heat-use", "0.5 1", "0.4999 1"),
        ("water-reuse", "80 %", "0 %"),
    ],
)
def test_a_guiding_indicator_is_met_at_its_requirement_and_not_beside_it(
    indicator_id: str, at: str, beside: str
) -> None:
    def verdict(text: str) -> Verdict:
        judged = evaluated(request(guiding_answers=[value(indicator_id, text)])).guiding
        return next(e.verdict for e in judged if e.indicator.indicator_id == indicator_id)

    assert (verdict(at), verdict(beside)) == (Verdict.MET, Verdict.NOT_MET)


def test_the_core_indicator_is_a_veto() -> None:
    declared = request(emissions="60000.001 tCO2", guiding_answers=list(ALL_MET))

    assert evaluated(declared).conclusion is Conclusion.VETOED


def test_a_small_park_is_never_passed() -> None:
    declared = request(energy_tce="199999.99", emissions="0 tCO2", guiding_answers=list(ALL_MET))

    assert evaluated(declared).conclusion is Conclusion.NO_THRESHOLD


def test_one_guiding_indicator_short_keeps_acceptance_open() -> None:
    assert evaluated(request(guiding_answers=list(ALL_MET))).conclusion is Conclusion.PASSED
    for left_out in range(len(ALL_MET)):
        others = [each for index, each in enumerate(ALL_MET) if index != left_out]
        found = evaluated(request(guiding_answers=others))
        assert found.conclusion is Conclusion.OPEN


def test_nothing_passes_but_met_and_what_is_left_out_with_its_reason() -> None:
    settled = {Verdict.MET, Verdict.NOT_APPLICABLE_WITH_REASON}
    for core, guiding in itertools.product(Verdict, Verdict):
        passed = of_verdicts(core={core}, guiding=[Verdict.MET, guiding]) is Conclusion.PASSED
        assert passed is (core is Verdict.MET and guiding in settled)


def test_direct_supply_does_not_enter_acceptance() -> None:
    declared = request(
        electricity_flows=[flow("INTAKE_MATCHED", "1000000 MWh")], guiding_answers=list(ALL_MET)
    )

    statement = evaluated(declared)
    assert {share.verdict for share in statement.shares} == {Verdict.NOT_MET}
    assert statement.conclusion is Conclusion.PASSED
