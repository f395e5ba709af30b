"""QualityService over the wire, beside a real registry, on SQLite and on PostgreSQL."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from google.type import decimal_pb2

from tests import builders
from tests.accounting.requests import fuel, record
from tests.accounting.world import World
from tests.refusals import refused
from zonecarbon.accounting.v1 import (
    data_quality_pb2,
    data_quality_plan_pb2,
    evidence_pb2,
    uncertainty_pb2,
)
from zonecarbon.accounting.v1 import quality_service_pb2 as pb
from zonecarbon.client import Client
from zonecarbon.registry.v1 import factor_service_pb2
from zonecarbon.type.v1 import source_pb2

POWER, STEEL = "4411", "3120"
SHA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


def entry(source_id: str = "intake", percent: str = "3", **fields: Any) -> Any:
    values: dict[str, Any] = {
        "source_id": source_id,
        "determination": data_quality_plan_pb2.QUANTITY_DETERMINATION_METERED,
        "frequency": "every 15 minutes",
        "responsible": "energy office",
        "uncertainty_percent": decimal_pb2.Decimal(value=percent) if percent else None,
    }
    return data_quality_plan_pb2.PlanEntry(**values | fields)


def update(parent: str, *entries: Any, etag: str = "", **fields: Any) -> Any:
    values: dict[str, Any] = {"request_id": str(uuid.uuid4())}
    return pb.UpdateDataQualityPlanRequest(
        data_quality_plan=data_quality_plan_pb2.DataQualityPlan(
            name=f"{parent}/dataQualityPlan", entries=entries or [entry()], etag=etag
        ),
        **values | fields,
    )


def plan_of(client: Client, parent: str, version: int = 0) -> Any:
    return client.quality.GetDataQualityPlan(
        pb.GetDataQualityPlanRequest(name=f"{parent}/dataQualityPlan", resource_version=version)
    )


def assess(client: Client, parent: str, year: int = 2023) -> Any:
    return client.quality.AssessDataQuality(
        pb.AssessDataQualityRequest(parent=parent, accounting_year=year)
    )


def kinds(assessment: Any) -> list[str]:
    name = data_quality_pb2.QualityFindingKind.Name
    return [name(each.kind).removeprefix("QUALITY_FINDING_KIND_") for each in assessment.findings]


def file(parent: str, month: str = "2026-09", **fields: Any) -> pb.FileEvidenceRequest:
    values: dict[str, Any] = {
        "item_id": "laboratory-report",
        "document": document(),
        "request_id": str(uuid.uuid4()),
    }
    return pb.FileEvidenceRequest(parent=f"{parent}/evidencePacks/{month}", **values | fields)


def document(**fields: Any) -> evidence_pb2.EvidenceDocument:
    values: dict[str, Any] = {
        "title": "化验报告",
        "document_number": "LAB-7",
        "sha256": SHA,
        "document_size": 4096,
    }
    return evidence_pb2.EvidenceDocument(**values | fields)


def pack_of(client: Client, parent: str, month: str = "2026-09") -> evidence_pb2.EvidencePack:
    return client.quality.GetEvidencePack(
        pb.GetEvidencePackRequest(name=f"{parent}/evidencePacks/{month}")
    )


@pytest.fixture(scope="module")
def bounded(running: Any) -> str:
    """A set with a grid factor of 2022 that has an interval; the library has neither."""
    factor_set = f"factorSets/bounded-{uuid.uuid4().hex[:8]}"
    running.administrator.factors.ImportFactors(
        factor_service_pb2.ImportFactorsRequest(
            factors=[
                builders.factor(
                    f"{factor_set}/factors/grid",
                    "0.5",
                    lower_value=decimal_pb2.Decimal(value="0.48"),
                    upper_value=decimal_pb2.Decimal(value="0.52"),
                )
            ],
            rules=[
                builders.rule("gbt32150", factor_set, accounting_year=2022),
            ],
        )
    )
    return factor_set


def estimate(client: Client, name: str, **fields: Any) -> uncertainty_pb2.UncertaintyEstimate:
    return client.quality.EstimateUncertainty(pb.EstimateUncertaintyRequest(name=name, **fields))


def test_a_total_is_known_as_well_as_its_meter_and_its_factor(world: World, bounded: str) -> None:
    mill = world.enterprise()
    world.report(mill, record(mill, "100 MWh", "2022-01"), record(mill, "300 MWh", "2022-02"))
    world.desk.quality.UpdateDataQualityPlan(update(mill))
    options = pb.MonteCarloOptions(seed_number=7, sample_count=20_000)

    found = estimate(world.desk, f"{mill}/inventories/2022", monte_carlo=options)

    assert (found.resource_version, found.plan_version) == (1, 1)
    assert (found.gwp_set, found.scope2_basis) == ("gwp100-ar5", "location-based")
    assert (found.total_co2e_g, list(found.lacks)) == (200_000_000, [])
    # 3 % of the meter, 4 % of the factor, in both months alike.
    assert found.propagated.half_width_ratio == pytest.approx(0.05)
    assert found.propagated.half_width_co2e_g == pytest.approx(10_000_000)
    factor, meter = found.propagated.contributions
    assert factor.kind == uncertainty_pb2.UNCERTAINTY_CAUSE_KIND_FACTOR
    assert factor.subject == f"{bounded}/factors/grid@1"
    assert (factor.effect_co2e_g, meter.effect_co2e_g) == (8_000_000, 6_000_000)
    assert (factor.variance_ratio, meter.variance_ratio) == (0.64, 0.36)
    assert (meter.subject, list(meter.source_ids)) == ("intake", ["intake"])
    drawn = found.simulated
    assert (drawn.seed_number, drawn.sample_count) == (7, 20_000)
    assert drawn.mean_co2e_g == pytest.approx(200_000_000, rel=0.001)
    assert drawn.deviation_co2e_g * 1.96 == pytest.approx(10_000_000, rel=0.03)
    assert drawn.lower_co2e_g < drawn.mean_co2e_g < drawn.upper_co2e_g
    assert estimate(world.desk, found.name, monte_carlo=options) == found
    assert not estimate(world.desk, found.name).HasField("simulated")


def test_the_interval_of_a_factor_is_shown_with_the_line(world: World, bounded: str) -> None:
    mill = world.enterprise()

    answer = world.report(mill, record(mill, "1 MWh", "2022-01"))

    (factor,) = answer.lines[0].binding.factors
    assert factor.factor == f"{bounded}/factors/grid"
    assert (factor.lower_value.value, factor.upper_value.value) == ("0.48", "0.52")


def test_a_total_without_all_intervals_has_none_and_says_what_lacks(
    world: World, mill: str
) -> None:
    world.report(mill, record(mill), fuel(mill))

    found = estimate(world.desk, f"{mill}/inventories/2023", monte_carlo=pb.MonteCarloOptions())

    assert not found.HasField("propagated")
    assert not found.HasField("simulated")
    assert found.plan_version == 0
    kinds = [uncertainty_pb2.UncertaintyLackKind.Name(each.kind)[22:] for each in found.lacks]
    assert kinds[:2] == ["MEASUREMENT_UNSTATED", "MEASUREMENT_UNSTATED"]
    assert set(kinds[2:]) == {"FACTOR_UNBOUNDED"}
    assert found.lacks[0].lines[0] == f"{mill}/lines/boiler-1-2023-01"
    assert found.lacks[0].text
    assert found.lacks[0].text_zh


@pytest.mark.parametrize(
    ("fields", "reason", "field"),
    [
        ({"scope2_basis": "market-based"}, "FIELD_INVALID", "scope2_basis"),
        (
            {"monte_carlo": pb.MonteCarloOptions(sample_count=999)},
            "FIELD_INVALID",
            "monte_carlo.sample_count",
        ),
        (
            {"monte_carlo": pb.MonteCarloOptions(sample_count=100_001)},
            "FIELD_INVALID",
            "monte_carlo.sample_count",
        ),
        (
            {"monte_carlo": pb.MonteCarloOptions(seed_number=-1)},
            "FIELD_INVALID",
            "monte_carlo.seed_number",
        ),
    ],
)
def test_an_estimate_is_refused_with_the_way_out(
    world: World, mill: str, fields: dict[str, Any], reason: str, field: str
) -> None:
    world.report(mill, record(mill))
    request = pb.EstimateUncertaintyRequest(name=f"{mill}/inventories/2023", **fields)

    refusal = refused(world.desk.quality.EstimateUncertainty, request)

    assert (refusal.reason, refusal.fields) == (reason, [field])


@pytest.mark.parametrize("inventory", ["2023", "2023-nonsense", "0001"])
def test_what_was_never_reported_has_no_estimate(world: World, mill: str, inventory: str) -> None:
    request = pb.EstimateUncertaintyRequest(name=f"{mill}/inventories/{inventory}")

    assert refused(world.desk.quality.EstimateUncertainty, request).reason == "NOT_FOUND"


def test_every_version_of_a_plan_stays(world: World, mill: str) -> None:
    first = world.desk.quality.UpdateDataQualityPlan(update(mill))
    second = world.desk.quality.UpdateDataQualityPlan(
        update(mill, entry(percent="1.50"), entry("boiler-1", ""), etag=first.etag)
    )

    assert (first.resource_version, second.resource_version) == (1, 2)
    assert plan_of(world.desk, mill) == second
    assert plan_of(world.desk, mill, 1) == first
    assert [each.uncertainty_percent.value for each in second.entries] == ["1.50", ""]
    assert not second.entries[1].HasField("uncertainty_percent")
    assert second.author.startswith("principals/")
    assert second.revision > first.revision
    request = pb.GetDataQualityPlanRequest(name=f"{mill}/dataQualityPlan", resource_version=3)
    assert refused(world.desk.quality.GetDataQualityPlan, request).reason == "NOT_FOUND"


def test_a_plan_that_was_sent_twice_is_stored_once(world: World, mill: str) -> None:
    request = update(mill)

    first = world.desk.quality.UpdateDataQualityPlan(request)

    assert world.desk.quality.UpdateDataQualityPlan(request) == first
    other = update(mill, entry(percent="9"), request_id=request.request_id)
    refusal = refused(world.desk.quality.UpdateDataQualityPlan, other)
    assert refusal.reason == "REQUEST_ID_REUSED"


def test_a_plan_that_changed_since_is_not_overwritten(world: World, mill: str) -> None:
    world.desk.quality.UpdateDataQualityPlan(update(mill))

    for etag in ("", '"2"'):
        refusal = refused(world.desk.quality.UpdateDataQualityPlan, update(mill, etag=etag))
        assert refusal.reason == "ETAG_MISMATCH"


def test_a_plan_names_meters_and_facilities_of_its_own_enterprise(world: World, mill: str) -> None:
    hall = world.desk.registry.CreateFacility(builders.facility(mill)).name
    meter = world.desk.registry.CreateMeter(builders.meter(mill, hall)).name
    foreign = f"{world.enterprise()}/facilities/hall"

    own = update(mill, entry(meter=meter, facility=hall))
    assert world.desk.quality.UpdateDataQualityPlan(own).entries[0].meter == meter
    for other in (entry(facility=foreign), entry(meter=f"{mill}/meters/none")):
        refusal = refused(world.desk.quality.UpdateDataQualityPlan, update(mill, other))
        assert refusal.reason == "NOT_FOUND"


@pytest.mark.parametrize(
    ("entries", "reason", "field"),
    [
        ([entry(), entry()], "DUPLICATE_ROW", "entries[1]"),
        ([entry(percent="101")], "FIELD_INVALID", "entries[0].uncertainty_percent.value"),
        ([entry(percent="x")], "QUANTITY_INVALID", "entries[0].uncertainty_percent.value"),
        ([entry(determination=0)], "FIELD_INVALID", "entries[0].determination"),
        ([entry(responsible="")], "FIELD_REQUIRED", "entries[0].responsible"),
        ([entry(meter="main")], "NAME_INVALID", "entries[0].meter"),
    ],
)
def test_a_plan_is_refused_with_the_way_out(
    world: World, mill: str, entries: list[Any], reason: str, field: str
) -> None:
    refusal = refused(world.desk.quality.UpdateDataQualityPlan, update(mill, *entries))

    assert (refusal.reason, refusal.fields) == (reason, [f"data_quality_plan.{field}"])


def test_the_enterprise_writes_its_own_plan_and_sees_no_other(world: World, mill: str) -> None:
    own = world.running.principal("ENTERPRISE", mill)
    stranger = world.running.principal("ENTERPRISE", world.enterprise())

    own.quality.UpdateDataQualityPlan(update(mill))

    assert plan_of(own, mill).resource_version == 1
    name = f"{mill}/dataQualityPlan"
    calls: list[tuple[Any, Any]] = [
        (stranger.quality.GetDataQualityPlan, pb.GetDataQualityPlanRequest(name=name)),
        (stranger.quality.UpdateDataQualityPlan, update(mill)),
    ]
    for call, request in calls:
        refusal = refused(call, request)
        assert (refusal.reason, refusal.metadata["name"]) == ("NOT_FOUND", name)


def test_an_assessment_tells_what_a_person_must_settle(world: World, mill: str) -> None:
    reports = [record(mill, f"{100 + month} MWh", f"2023-{month:02d}") for month in range(1, 13)]
    reports[5] = record(mill, "106 kWh", "2023-06")
    world.report(mill, *reports[:10], fuel(mill))
    world.desk.quality.UpdateDataQualityPlan(update(mill, entry(), entry("chiller")))

    found = assess(world.desk, mill)

    assert kinds(found) == [
        "SOURCE_MONTH_MISSING",
        "SOURCE_MONTH_MISSING",
        "UNIT_CHANGED",
        "SOURCE_NOT_IN_PLAN",
        "PLAN_SOURCE_SILENT",
    ]
    assert [each.subject for each in found.findings] == [
        "boiler-1",
        "intake",
        "intake",
        "boiler-1",
        "chiller",
    ]
    missing, slip = found.findings[1], found.findings[2]
    assert [month.start_date.month for month in missing.months] == [11, 12]
    assert (missing.given_number, missing.expected_number) == (10, 12)
    assert slip.expected_number / slip.given_number == pytest.approx(1000, rel=0.1)
    assert slip.unit_code == "MWh"
    assert "1,000" in slip.text_zh
    by_source = {each.source_id: each.completeness_ratio for each in found.sources}
    assert by_source == {"boiler-1": 31 / 365, "intake": 304 / 365}
    assert found.completeness_ratio == (31 + 304) / (2 * 365)
    assert found.plan_version == 1
    assert found.revision > 0
    assert found.outlier_rule.status == source_pb2.SOURCE_STATUS_UNVERIFIED


def test_nothing_is_repaired_by_being_found(world: World, mill: str) -> None:
    world.report(mill, record(mill))
    before = world.inventory(mill)

    assert "PLAN_MISSING" in kinds(assess(world.desk, mill))

    assert world.inventory(mill) == before


def test_missing_evidence_is_in_the_assessment_of_a_sector(world: World) -> None:
    plant = world.enterprise(industry_code=POWER)
    world.desk.quality.FileEvidence(file(plant, "2024-01"))

    found = assess(world.desk, plant, 2024)

    overdue = [each for each in found.findings if each.subject]
    assert set(kinds(found)) == {"EVIDENCE_OVERDUE", "PLAN_MISSING"}
    assert len(overdue) == 12 * 3 - 1
    assert overdue[0].given_number > 0


def test_shares_that_do_not_add_up_are_flagged(world: World) -> None:
    def checked(*parts: str, stated: str) -> pb.CheckSharesResponse:
        return world.desk.quality.CheckShares(
            pb.CheckSharesRequest(
                shares=[decimal_pb2.Decimal(value=each) for each in parts],
                stated_total=decimal_pb2.Decimal(value=stated),
            )
        )

    rounded = checked("33.3", "33.3", "33.3", stated="100.0")

    assert kinds(rounded) == ["SHARES_ROUNDED"]
    assert (rounded.sum.value, rounded.difference.value) == ("99.9", "-0.1")
    assert rounded.rounding_tolerance.value == "0.2"
    assert kinds(checked("1", "2", stated="3.0")) == []
    request = pb.CheckSharesRequest(
        shares=[decimal_pb2.Decimal(value="1,5")], stated_total=decimal_pb2.Decimal(value="1")
    )
    refusal = refused(world.desk.quality.CheckShares, request)
    assert (refusal.reason, refusal.fields) == ("QUANTITY_INVALID", ["shares[0].value"])


def test_a_pack_shows_what_is_filed_and_what_is_missing(world: World) -> None:
    plant = world.enterprise(industry_code=POWER)

    before = pack_of(world.desk, plant)
    first = world.desk.quality.FileEvidence(file(plant))
    second = world.desk.quality.FileEvidence(file(plant, document=document(sha256="0" * 64)))
    after = pack_of(world.desk, plant)

    assert (before.missing_count, after.missing_count) == (3, 2)
    assert before.name == f"{plant}/evidencePacks/2026-09"
    assert (before.method_id, before.items_known) == ("ets-power", True)
    due = before.due_date
    assert (due.year, due.month, due.day) == (2026, 11, 9)
    assert before.due_date_source.status == source_pb2.SOURCE_STATUS_OFFICIAL
    assert [each.item_id for each in before.items] == [
        "calculation-data",
        "laboratory-report",
        "allocation-data",
    ]
    assert before.items[1].source.status == source_pb2.SOURCE_STATUS_SECONDARY
    assert list(after.items[1].filings) == [second, first]
    assert (first.resource_version, second.resource_version) == (1, 2)
    assert first.document.sha256 == SHA
    assert first.document.document_size == 4096


def test_a_document_that_was_filed_twice_under_one_request_is_stored_once(world: World) -> None:
    request = file(world.enterprise(industry_code=POWER))

    first = world.desk.quality.FileEvidence(request)

    assert world.desk.quality.FileEvidence(request) == first
    assert first.resource_version == 1


def test_a_pack_whose_list_is_not_known_says_so(world: World) -> None:
    steel = world.enterprise(industry_code=STEEL)

    found = pack_of(world.desk, steel, "2025-03")

    assert not found.items_known
    assert found.overdue
    assert (found.due_date.year, found.due_date.month, found.due_date.day) == (2025, 10, 31)
    (item,) = found.items
    assert item.source.status == source_pb2.SOURCE_STATUS_UNVERIFIED
    filed = world.desk.quality.FileEvidence(file(steel, "2025-03", item_id="documents"))
    assert filed.item_id == "documents"
    assert not pack_of(world.desk, steel, "2025-03").overdue


def test_no_pack_is_found_where_no_evidence_is_wanted(world: World, mill: str) -> None:
    for name in (f"{mill}/evidencePacks/2026-09", f"{mill}/evidencePacks/0001-01"):
        request = pb.GetEvidencePackRequest(name=name)
        refusal = refused(world.desk.quality.GetEvidencePack, request)
        assert (refusal.reason, refusal.metadata["name"]) == ("NOT_FOUND", name)
    assert refused(world.desk.quality.FileEvidence, file(mill)).reason == "NOT_FOUND"
    nonsense = pb.GetEvidencePackRequest(name=f"{mill}/evidencePacks/2026-13")
    assert refused(world.desk.quality.GetEvidencePack, nonsense).reason == "NAME_INVALID"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"item_id": "poem"}, "item_id"),
        ({"document": document(sha256="abc")}, "document.sha256"),
        ({"document": document(document_size=0)}, "document.document_size"),
        ({"month": "2099-01"}, "parent"),
    ],
)
def test_evidence_is_refused_with_the_way_out(
    world: World, fields: dict[str, Any], field: str
) -> None:
    plant = world.enterprise(industry_code=POWER)

    refusal = refused(world.desk.quality.FileEvidence, file(plant, **fields))

    assert (refusal.reason, refusal.fields) == ("FIELD_INVALID", [field])


def test_a_stranger_sees_and_files_nothing(world: World) -> None:
    plant = world.enterprise(industry_code=POWER)
    stranger = world.running.principal("ENTERPRISE", world.enterprise())
    name = f"{plant}/evidencePacks/2026-09"

    assert refused(stranger.quality.FileEvidence, file(plant)).metadata["name"] == name
    calls: list[tuple[Any, Any]] = [
        (stranger.quality.GetEvidencePack, pb.GetEvidencePackRequest(name=name)),
        (
            stranger.quality.AssessDataQuality,
            pb.AssessDataQualityRequest(parent=plant, accounting_year=2022),
        ),
        (
            stranger.quality.EstimateUncertainty,
            pb.EstimateUncertaintyRequest(name=f"{plant}/inventories/2022"),
        ),
    ]
    for call, request in calls:
        assert refused(call, request).reason == "NOT_FOUND"
