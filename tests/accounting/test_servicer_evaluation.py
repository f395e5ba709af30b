"""Evaluations over the wire: made from facts and books, kept, repeated, compared, told as files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
import python_calamine
from google.protobuf import timestamp_pb2

from tests.accounting import requests, works
from tests.accounting import test_servicer_indicator_system as systems
from tests.accounting import world as worlds
from tests.accounting.evaluating import report, reported, request, result, statistic
from tests.accounting.requests import record
from tests.accounting.world import World
from tests.builders import source
from tests.refusals import refused
from zonecarbon.accounting.v1 import activity_pb2, coal_equivalent_pb2, zone_energy_pb2
from zonecarbon.accounting.v1 import evaluation_pb2 as pb
from zonecarbon.accounting.v1 import evaluation_service_pb2 as service_pb
from zonecarbon.registry.v1 import custom_factor_pb2
from zonecarbon.type.v1 import source_pb2

SOLD = activity_pb2.ACTIVITY_KIND_ELECTRICITY_EXPORTED
JIANGSU = "indicatorSystems/jiangsu-near-zero"
PARK = "indicatorSystems/park910"


def evaluate(world: World, system: str = PARK, **fields: object) -> pb.Evaluation:
    return world.desk.evaluations.CreateEvaluation(request(world.zone, system, **fields))


def number(value: object) -> Fraction:
    return Fraction(value.value.value)  # type: ignore[attr-defined]


def bought(world: World, name: str, what: str = "1000 MWh") -> None:
    world.report(name, *requests.year_of(name, what))


def test_a_zone_is_evaluated_from_its_books_and_its_statistics(world: World, mill: str) -> None:
    bought(world, mill, "10000 MWh")
    reported(world, mill, energy_equal_value="30 10^4 tce")

    found = evaluate(world)

    core = result(found, "carbon-per-energy")
    assert number(core.value) == Fraction(120_000 * Fraction("0.8325"), 300_000)
    assert core.verdict == pb.INDICATOR_VERDICT_NOT_MET
    assert core.applied_case.case_id == "from-200000-tce"
    assert core.applied_case.limit.value.value == "0.2"
    assert found.state == pb.EVALUATION_STATE_VETOED
    assert "不得申请验收" in found.consequence_zh
    assert (found.method_id, found.method_version) == ("park910", 1)
    assert list(found.members) == [mill]
    assert found.knowledge_revision > 0
    assert found.registry_revision > 0


def test_each_figure_says_what_it_is_made_of(world: World, mill: str) -> None:
    other = world.enterprise()
    for name, what in ((mill, "1000 MWh"), (other, "500 MWh")):
        bought(world, name, what)
        reported(world, name, energy_equal_value="15 10^4 tce")

    emissions, energy = result(evaluate(world), "carbon-per-energy").figures

    assert {each.owner: number(each.quantity) for each in emissions.shares} == {
        mill: Fraction("9990"),
        other: Fraction("4995"),
    }
    assert all(each.name.endswith("/inventories/2023-park910") for each in emissions.shares)
    assert number(energy.quantity) == 300_000
    assert [each.name for each in energy.shares] == [
        f"{name}/statistics/energy_equal_value.2023" for name in sorted((mill, other))
    ]


def test_value_added_of_several_years_is_chained_by_the_price_index_of_the_zone(
    world: World, mill: str
) -> None:
    values = [
        statistic("industrial_value_added", "1331 10^4 CNY", "2023"),
        statistic("industrial_value_added", "500 10^4 CNY", "2020"),
    ]
    indices = [
        statistic("industrial_price_index", f"{percent} %", year)
        for year, percent in (("2021", "110"), ("2022", "100"), ("2023", "121"))
    ]
    world.desk.statistics.ReportStatistics(report(mill, *values))
    nominal = result(evaluate(world, "indicatorSystems/hj274"), "hj274-03")
    world.desk.statistics.ReportStatistics(report(world.zone, *indices))

    found = evaluate(world, "indicatorSystems/hj274")

    assert not nominal.HasField("value")
    assert "or the price index of industrial value added" in nominal.needs[0].text
    growth = result(found, "hj274-03")
    assert float(growth.value.value.value) == pytest.approx(100 * (2 ** (1 / 3) - 1))
    (remark,) = [text for each in growth.figures for text in each.remarks]
    assert "1331 10^4 CNY at prices of 2023, divided by 1.331 to prices of 2020" in remark
    again = service_pb.RepeatEvaluationRequest(name=found.name)
    assert world.desk.evaluations.RepeatEvaluation(again).same


def test_exports_are_credited_by_kind(world: World, mill: str) -> None:
    """Zero-carbon-park examples, section 1, G3: 66 600 t; netting the meter would give 33 300 t."""
    world.report(
        mill,
        record(mill, "100000 MWh", "2023-01"),
        record(
            mill,
            "40000 MWh",
            "2023-01",
            source_id="pv",
            kind=SOLD,
            subject="electricity-non-fossil",
            evidence="meter",
        ),
        record(
            mill,
            "20000 MWh",
            "2023-01",
            source_id="coal",
            kind=SOLD,
            subject="electricity-fossil",
        ),
    )

    emissions = result(evaluate(world), "carbon-per-energy").figures[0]

    assert number(emissions.quantity) == 66_600


def test_energy_that_members_pass_each_other_is_counted_once(world: World, mill: str) -> None:
    plant = world.enterprise()
    to_mill, to_plant = world.partner(plant, mill), world.partner(mill, plant)
    world.report(plant, record(plant, "1000 MWh", "2023-01"))
    world.report(
        plant,
        record(plant, "100 MWh", "2023-01", source_id="out", kind=SOLD, counterparty=to_mill),
    )
    world.report(mill, record(mill, "100 MWh", "2023-01", source_id="in", counterparty=to_plant))

    emissions = result(evaluate(world), "carbon-per-energy").figures[0]

    zone = world.zone_inventory("2023-park910")
    assert number(emissions.quantity) == Fraction(zone.net_co2e_g, 1_000_000) == Fraction("832.5")


def declared(
    base: coal_equivalent_pb2.CoalEquivalentBase.ValueType = (
        coal_equivalent_pb2.COAL_EQUIVALENT_BASE_EQUAL_VALUE
    ),
) -> pb.EvaluationEnergy:
    """Electricity at 0.30 kgce/kWh, coal at 0.7143 kgce/kg."""
    return pb.EvaluationEnergy(
        coefficients=[
            zone_energy_pb2.CarrierCoefficient(
                subject=subject,
                coefficient=coal_equivalent_pb2.CoalEquivalentCoefficient(
                    quantity=requests.amount(text), base=on, year=2023, source=source()
                ),
            )
            for subject, text, on in (
                ("electricity", "0.30 kgce/kWh", base),
                (
                    "bituminous-coal",
                    "0.7143 kgce/kg",
                    coal_equivalent_pb2.COAL_EQUIVALENT_BASE_EQUIVALENT,
                ),
            )
        ]
    )


def test_energy_is_counted_from_the_ledger_by_what_is_declared(world: World, mill: str) -> None:
    bought(world, mill, "1000 MWh")
    world.report(mill, *(requests.fuel(mill, "100 t", f"2023-{at:02d}") for at in range(1, 13)))
    reported(world, mill, energy_equal_value="1 tce")

    made = evaluate(world, energy=declared())

    core = result(made, "carbon-per-energy")
    (counted,) = [each for each in core.figures if each.input_id == "energy_equal_value"]
    assert number(counted.quantity) == 12_000 * Fraction("0.3") + 1200 * Fraction("0.7143")
    assert "reported were 1" in counted.remarks[0]
    assert {each.name.partition("#")[2] for each in counted.shares} == {
        "bought-electricity",
        "burnt-bituminous-coal",
    }
    again = service_pb.RepeatEvaluationRequest(name=made.name)
    assert world.desk.evaluations.RepeatEvaluation(again).same
    kept = service_pb.GetEvaluationRequest(name=made.name)
    assert world.desk.evaluations.GetEvaluation(kept).energy == made.energy == declared()


def test_energy_on_one_base_is_never_taken_for_the_other(world: World, mill: str) -> None:
    bought(world, mill, "1000 MWh")
    on_the_other = declared(coal_equivalent_pb2.COAL_EQUIVALENT_BASE_EQUIVALENT)

    core = result(evaluate(world, energy=on_the_other), "carbon-per-energy")

    assert core.verdict == pb.INDICATOR_VERDICT_MISSING
    assert [each.input_id for each in core.needs] == ["energy_equal_value"]


def test_a_carrier_whose_coefficient_nobody_declared_is_refused_naming_it(
    world: World, mill: str
) -> None:
    bought(world, mill)
    world.report(mill, requests.fuel(mill, "100 t"))
    half = declared()
    del half.coefficients[1]

    answer = refused(world.desk.evaluations.CreateEvaluation, request(world.zone, energy=half))

    assert answer.reason == "PARAMETER_UNDECLARED"
    assert answer.metadata["field"] == "evaluation.energy.coefficients"
    assert answer.metadata["parameter"] == "coal_equivalent of bituminous-coal (t)"


def test_what_lacks_is_named_with_those_it_lacks_from(world: World, mill: str) -> None:
    other = world.enterprise()
    bought(world, mill)
    reported(world, mill, fresh_water="1 10^4 m3", reused_water="9 10^4 m3")

    found = evaluate(world)

    core, water = result(found, "carbon-per-energy"), result(found, "water-reuse")
    assert core.verdict == water.verdict == pb.INDICATOR_VERDICT_MISSING
    assert not core.HasField("value")
    assert {(each.input_id, tuple(each.owners)) for each in water.needs} == {
        ("fresh_water", (other,)),
        ("reused_water", (other,)),
    }
    assert "emissions_co2" in {each.input_id for each in core.needs}
    assert found.state == pb.EVALUATION_STATE_INCOMPLETE


def test_it_is_repeated_to_the_last_digit_whatever_was_reported_since(
    world: World, mill: str
) -> None:
    bought(world, mill)
    reported(
        world,
        mill,
        energy_equal_value="30 10^4 tce",
        solid_waste_generated="3 t",
        solid_waste_utilised="1 t",
    )
    first = evaluate(world)
    world.report(mill, record(mill, "500 MWh", "2023-06", source_id="second"))
    reported(world, mill, energy_equal_value="31 10^4 tce")
    bought(world, world.enterprise())

    again = world.desk.evaluations.RepeatEvaluation(
        service_pb.RepeatEvaluationRequest(name=first.name)
    )
    second = evaluate(world)

    assert again.same
    assert again.repeated_digest == first.digest
    assert list(again.different_indicator_ids) == []
    assert second.digest != first.digest
    kept = world.desk.evaluations.GetEvaluation(service_pb.GetEvaluationRequest(name=first.name))
    assert kept == first, "what was kept stays as it was"


def test_what_was_known_at_a_moment_is_evaluated_as_it_was_then(world: World, mill: str) -> None:
    bought(world, mill)
    reported(world, mill, energy_equal_value="30 10^4 tce")
    first = evaluate(world)
    reported(world, mill, energy_equal_value="60 10^4 tce")

    then = evaluate(world, as_of_time=first.knowledge_time)

    assert then.digest == first.digest
    assert evaluate(world).digest != first.digest


def test_a_moment_to_come_knows_what_is_known_now(world: World, mill: str) -> None:
    bought(world, mill)
    to_come = timestamp_pb2.Timestamp(seconds=4_000_000_000)

    made = evaluate(world, as_of_time=to_come)
    bought(world, world.enterprise())

    assert made.knowledge_time.seconds < to_come.seconds
    again = service_pb.RepeatEvaluationRequest(name=made.name)
    assert world.desk.evaluations.RepeatEvaluation(again).same


def test_the_same_request_is_the_same_evaluation_and_another_is_refused(
    world: World, mill: str
) -> None:
    asked = request(world.zone, accounting_year=2023)
    first = world.desk.evaluations.CreateEvaluation(asked)
    bought(world, mill)

    assert world.desk.evaluations.CreateEvaluation(asked) == first
    asked.evaluation.accounting_year = 2024
    answer = refused(world.desk.evaluations.CreateEvaluation, asked)
    assert answer.reason == "ALREADY_EXISTS"


@pytest.mark.usefixtures("mill")
def test_a_dry_run_is_not_kept(world: World) -> None:
    made = evaluate(world, validate_only=True)

    asked = service_pb.GetEvaluationRequest(name=made.name)
    assert refused(world.desk.evaluations.GetEvaluation, asked).reason == "NOT_FOUND"


def compared(
    world: World, before: pb.Evaluation, after: pb.Evaluation
) -> Mapping[str, pb.IndicatorChange]:
    answer = world.desk.evaluations.CompareEvaluations(
        service_pb.CompareEvaluationsRequest(name=before.name, to_evaluation=after.name)
    )
    for change in answer.changes:
        if change.HasField("difference"):
            effects = sum((number(each.effect) for each in change.effects), Fraction(0))
            assert effects == pytest.approx(number(change.difference), rel=1e-30)
    return {each.indicator_id: each for each in answer.changes}


def causes(change: pb.IndicatorChange) -> Mapping[tuple[str, str], Fraction]:
    return {
        (
            each.input_id,
            pb.EvaluationCause.Name(each.cause).removeprefix("EVALUATION_CAUSE_"),
        ): number(each.effect)
        for each in change.effects
    }


def test_a_comparison_tells_late_records_corrected_facts_and_new_members_apart(
    world: World, mill: str
) -> None:
    bought(world, mill, "10000 MWh")
    reported(world, mill, energy_equal_value="30 10^4 tce")
    before = evaluate(world)
    late = requests.year_of(mill, "100 MWh")
    for each in late:
        each.source_id = "second"
    world.report(mill, *late)
    reported(world, mill, energy_equal_value="20 10^4 tce")
    new = world.enterprise()
    bought(world, new, "200 MWh")
    reported(world, new, energy_equal_value="10 10^4 tce")

    change = compared(world, before, evaluate(world))["carbon-per-energy"]

    told = causes(change)
    per_mwh = Fraction("0.8325") / 300_000
    assert told["emissions_co2", "DATA"] == 1200 * per_mwh
    assert told["emissions_co2", "MEMBERS"] == 2400 * per_mwh
    assert change.to_verdict == pb.INDICATOR_VERDICT_NOT_MET
    assert number(change.difference) == 3600 * per_mwh


def test_a_comparison_tells_a_factor_from_data(world: World, mill: str) -> None:
    world.report(mill, requests.fuel(mill, "1000 t"))
    reported(world, mill, industrial_value_added="1 10^4 CNY")
    before = evaluate(world, JIANGSU)
    works.approved(
        world,
        mill,
        "NET_CALORIFIC_VALUE",
        "bituminous-coal",
        quantity="20 GJ(NCV)/t",
        basis=custom_factor_pb2.SAMPLE_BASIS_AS_RECEIVED,
        period="2023-01-01 2024-01-01",
    )
    world.running.wait_for_restatement()
    world.report(mill, requests.fuel(mill, "100 t", "2023-02"))

    told = causes(compared(world, before, evaluate(world, JIANGSU))["js-02"])

    assert set(told) == {("emissions_co2", "FACTOR"), ("emissions_co2", "DATA")}
    assert told["emissions_co2", "DATA"] > 0


def test_two_years_are_compared_year_by_year(world: World, mill: str) -> None:
    for year in ("2022", "2023"):
        rows = [
            statistic("fresh_water", "1 10^4 m3", year),
            statistic("reused_water", f"{int(year) - 2020} 10^4 m3", year),
        ]
        world.desk.statistics.ReportStatistics(report(mill, *rows))

    change = compared(
        world, evaluate(world, accounting_year=2022), evaluate(world, accounting_year=2023)
    )["water-reuse"]

    assert set(causes(change)) == {("reused_water", "YEAR")}


def test_another_version_of_a_system_is_the_method_s_cause(world: World, mill: str) -> None:
    reported(world, mill, fresh_water="1 10^4 m3", reused_water="3 10^4 m3")
    found = systems.published(world, systems.proposed(world))
    folder = found.name.rpartition("/versions/")[0]
    before = evaluate(world, folder)
    other = systems.indicator(formula="reused_water / (2 × fresh_water + reused_water)")
    systems.published(
        world,
        systems.proposed(
            world,
            indicator_system_id=folder.rpartition("/")[2],
            version=2,
            indicator_system=systems.system(other),
        ),
    )

    after = evaluate(world, folder)

    assert (before.indicator_system, after.indicator_system) == (
        f"{folder}/versions/1",
        f"{folder}/versions/2",
    )
    assert causes(compared(world, before, after)["reuse"]) == {("", "METHOD"): -15}


@pytest.mark.usefixtures("mill")
def test_a_proposed_or_foreign_system_evaluates_nothing(world: World) -> None:
    found = systems.proposed(world)

    asked = request(world.zone, found.name)
    assert refused(world.desk.evaluations.CreateEvaluation, asked).reason == "STATE_WRONG"
    newest = request(world.zone, found.name.rpartition("/versions/")[0])
    assert refused(world.desk.evaluations.CreateEvaluation, newest).reason == "NOT_FOUND"
    unknown = request(world.zone, "indicatorSystems/none")
    assert refused(world.desk.evaluations.CreateEvaluation, unknown).reason == "NOT_FOUND"


@pytest.mark.usefixtures("mill")
def test_what_the_document_leaves_open_must_be_declared(world: World) -> None:
    asked = request(world.zone, "indicatorSystems/miit-green-park")

    answer = refused(world.desk.evaluations.CreateEvaluation, asked)

    assert (answer.reason, answer.metadata["parameter"]) == ("PARAMETER_UNDECLARED", "capped")
    assert answer.metadata["field"] == "evaluation.parameters"


@pytest.mark.usefixtures("mill")
def test_an_answer_needs_its_evidence_and_a_reason_leaves_out(world: World) -> None:
    def answered(**fields: object) -> service_pb.CreateEvaluationRequest:
        answer = pb.IndicatorAnswer(indicator_id="product-energy", **fields)  # type: ignore[arg-type]
        return request(world.zone, answers=[answer])

    bare = answered(value=requests.amount("2 1"))
    assert refused(world.desk.evaluations.CreateEvaluation, bare).reason == "FIELD_REQUIRED"
    met = world.desk.evaluations.CreateEvaluation(
        answered(value=requests.amount("2 1"), evidence="audit 2023")
    )
    left_out = world.desk.evaluations.CreateEvaluation(
        answered(not_applicable_reason="no product has a limit standard")
    )
    assert result(met, "product-energy").verdict == pb.INDICATOR_VERDICT_MET
    outcome = result(left_out, "product-energy")
    assert outcome.verdict == pb.INDICATOR_VERDICT_NOT_APPLICABLE_WITH_REASON
    assert outcome.answer.not_applicable_reason == "no product has a limit standard"


@pytest.mark.usefixtures("mill")
def test_unverified_limits_are_shown_as_such(world: World) -> None:
    found = evaluate(world, "indicatorSystems/hj274")

    assert found.status == source_pb2.SOURCE_STATUS_UNVERIFIED
    assert result(found, "hj274-11").status == source_pb2.SOURCE_STATUS_UNVERIFIED


def test_a_stranger_sees_no_evaluation_and_an_enterprise_may_not_ask(
    world: World, mill: str
) -> None:
    made = evaluate(world)
    owner = world.running.principal("ENTERPRISE", mill)
    asked = service_pb.GetEvaluationRequest(name=made.name)

    assert refused(owner.evaluations.GetEvaluation, asked).reason == "PERMISSION_DENIED"
    created = refused(owner.evaluations.CreateEvaluation, request(world.zone))
    assert created.reason == "PERMISSION_DENIED"


@pytest.mark.usefixtures("mill")
def test_evaluations_are_listed_by_name_page_by_page(world: World) -> None:
    made = sorted(evaluate(world).name for _ in range(3))

    page = world.desk.evaluations.ListEvaluations(
        service_pb.ListEvaluationsRequest(parent=world.zone, page_size=2)
    )
    rest = world.desk.evaluations.ListEvaluations(
        service_pb.ListEvaluationsRequest(
            parent=world.zone, page_size=2, page_token=page.next_page_token
        )
    )

    assert [each.name for each in (*page.evaluations, *rest.evaluations)] == made
    assert not rest.next_page_token


def exported(world: World, made: pb.Evaluation, form: str, language: str = "zh") -> bytes:
    key = world.running.key("DESK", world.zone)
    answer = world.running.client(key, language).evaluations.ExportEvaluation(
        service_pb.ExportEvaluationRequest(
            name=made.name, format=service_pb.EvaluationFormat.Value(f"EVALUATION_FORMAT_{form}")
        )
    )
    assert answer.file_name.endswith(f".{form.lower()}")
    return answer.content


@pytest.fixture
def told(world: World, mill: str) -> pb.Evaluation:
    bought(world, mill, "10000 MWh")
    reported(
        world,
        mill,
        energy_equal_value="30 10^4 tce",
        reused_water="2 10^4 m3",
        fresh_water="1 10^4 m3",
    )
    return evaluate(world)


def test_as_json_it_is_the_message(world: World, told: pb.Evaluation) -> None:
    data = json.loads(exported(world, told, "JSON"))

    assert data["name"] == told.name
    assert data["digest"] == told.digest
    assert [each["indicator"]["indicator_id"] for each in data["results"]] == [
        each.indicator.indicator_id for each in told.results
    ]


def test_as_csv_there_is_a_row_for_each_fact(world: World, told: pb.Evaluation) -> None:
    content = exported(world, told, "CSV")

    assert content.startswith("\ufeff".encode())
    heads, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    assert heads[:4] == ["指标", "指标", "类别", "指标值"]
    water = [row for row in rows if row[0] == "water-reuse"]
    assert {row[10] for row in water} == {"reused_water", "fresh_water"}
    assert {row[3] for row in water} == {"66.66666666666666666666666666666667"}
    assert {row[6] for row in water} == {"未达到"}


def test_as_a_workbook_it_has_summary_indicators_and_derivations(
    world: World, told: pb.Evaluation
) -> None:
    content = exported(world, told, "XLSX", "en")

    with python_calamine.load_workbook(io.BytesIO(content)) as book:
        sheets = {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}
    assert list(sheets) == [
        "Evaluation of a zone",
        "Indicators",
        "Derivation",
        "What lacks, from whom",
        "What the document leaves open",
    ]
    values = {row[0]: row[3] for row in sheets["Indicators"]}
    assert Decimal(str(values["carbon-per-energy"])) == Decimal("0.333")
    facts = [row[5] for row in sheets["Derivation"]]
    assert any(str(each).endswith("/statistics/energy_equal_value.2023") for each in facts)
    assert exported(world, told, "XLSX", "en") == content, "the same bytes"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_as_a_page_it_is_a_pdf(world: World, told: pb.Evaluation, language: str) -> None:
    content = exported(world, told, "PDF", language)

    assert content.startswith(b"%PDF-")
    assert content.rstrip().endswith(b"%%EOF")
    embeds_chinese = b"WenQuanYi" in content
    assert embeds_chinese or language == "en"


def in_five_zones(world: World) -> list[pb.Evaluation]:
    """Evaluations of five zones whose water is reused more and more, and energy less and less."""
    found = []
    for index in range(1, 6):
        zone = worlds.in_zone(world.running)
        member = zone.enterprise()
        reported(
            zone,
            member,
            fresh_water="10 10^4 m3",
            reused_water=f"{index * 10} 10^4 m3",
            solid_waste_generated="100 t",
            solid_waste_utilised=f"{(index * 37) % 100} t",
        )
        found.append(evaluate(zone))
    return found


def ranked(
    world: World, made: Sequence[pb.Evaluation], weighting: str, order: str, **fields: Any
) -> pb.EvaluationRanking:
    return world.running.administrator.evaluations.RankEvaluations(
        service_pb.RankEvaluationsRequest(
            evaluations=[each.name for each in made],
            weighting=pb.RankingWeighting.Value(f"RANKING_WEIGHTING_{weighting}"),
            order=pb.RankingOrder.Value(f"RANKING_ORDER_{order}"),
            **fields,
        )
    )


def test_zones_are_ranked_and_placed_among_five(world: World) -> None:
    made = in_five_zones(world)

    answer = ranked(
        world,
        made,
        "GIVEN",
        "WEIGHTED_SUM",
        indicator_ids=["water-reuse"],
        weight_ratio=[1.0],
    )

    assert [each.evaluation for each in answer.evaluations] == [each.name for each in made[::-1]]
    assert [each.rank_number for each in answer.evaluations] == [1, 2, 3, 4, 5]
    assert [each.percentile_ratio[0] for each in answer.evaluations] == [1, 0.75, 0.5, 0.25, 0]
    (indicator,) = answer.indicators
    assert (indicator.zone_count, indicator.median_number) == (5, 75)
    assert "carbon-per-energy" in answer.left_out_indicator_ids, "no zone has it complete"
    # Every weighting ranks by every order; fewer than five zones have no quartiles.
    for weighting in ("ENTROPY", "CRITIC", "AHP"):
        for order in ("WEIGHTED_SUM", "TOPSIS_VECTOR", "TOPSIS_MIN_MAX"):
            found = ranked(
                world,
                made[:4],
                weighting,
                order,
                indicator_ids=["water-reuse", "solid-waste-use"],
                comparison_ratio=[1, 3, 1 / 3, 1] if weighting == "AHP" else [],
            )
            assert sum(each.weight_ratio for each in found.indicators) == pytest.approx(1)
            assert all(0 <= each.score_ratio <= 1 for each in found.evaluations)
            assert [each.zone_count for each in found.indicators] == [0, 0]


@pytest.mark.usefixtures("mill")
def test_one_zone_twice_is_not_ranked(world: World) -> None:
    names = [evaluate(world).name for _ in range(2)]

    answer = refused(
        world.desk.evaluations.RankEvaluations,
        service_pb.RankEvaluationsRequest(
            evaluations=names,
            weighting=pb.RANKING_WEIGHTING_ENTROPY,
            order=pb.RANKING_ORDER_WEIGHTED_SUM,
        ),
    )

    assert answer.reason == "DUPLICATE_ROW"


def test_a_zone_that_is_not_there_is_not_evaluated(world: World) -> None:
    asked = request("zones/nowhere")

    assert refused(world.desk.evaluations.CreateEvaluation, asked).reason == "NOT_FOUND"


@pytest.mark.usefixtures("mill")
def test_who_left_the_zone_is_no_member_of_a_later_year(world: World) -> None:
    leaver = world.enterprise(leave="2023-01-01")

    assert leaver not in evaluate(world).members
    assert leaver in evaluate(world, accounting_year=2022).members
