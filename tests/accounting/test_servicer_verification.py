"""Verification over the wire: opened, found, verified beside the books, concluded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests import builders
from tests.accounting import verifying
from tests.accounting.moments import now, revise
from tests.accounting.requests import fuel, record, report, year_of
from tests.accounting.verifying import (
    asked,
    conclusion,
    figure,
    figures,
    finding,
    hand_in,
    opened,
    opening,
    reopen,
    resolution,
    restatement,
    state,
    year,
)
from tests.accounting.world import World
from tests.refusals import refused
from zonecarbon.accounting.v1 import (
    accounting_service_pb2,
    base_year_service_pb2,
    inventory_pb2,
    period_pb2,
    period_service_pb2,
    verification_pb2,
    verification_service_pb2,
)
from zonecarbon.client import Client

MWH_G = 645_100
CONCLUDED = verification_pb2.VERIFICATION_STATE_CONCLUDED
WITH_CORRECTIONS = verification_pb2.VERIFICATION_CONCLUSION_CONFORMING_WITH_CORRECTIONS


@pytest.fixture
def verifier(world: World, mill: str) -> Client:
    """A verification body of the mill, which has reported a month."""
    world.report(mill, record(mill))
    return world.running.principal("VERIFIER", mill)


def changes(world: World, after: int) -> list[tuple[str, int]]:
    """What accounting tells its followers, after a revision."""
    request = accounting_service_pb2.ListChangesRequest(after_revision=after)
    found = world.running.administrator.accounting.ListChanges(request).changes
    return [(each.name, each.resource_version) for each in found]


def test_a_verification_fixes_what_was_handed_in_by_version(
    world: World, mill: str, verifier: Client
) -> None:
    submitted = hand_in(world.desk, mill)

    found = verifier.verifications.OpenVerification(opening(mill))

    assert found.name == f"{year(mill)}/verifications/first"
    assert found.state == verification_pb2.VERIFICATION_STATE_OPEN
    assert found.verifier.startswith("principals/")
    assert (found.period_version, found.resource_version) == (submitted.resource_version, 1)
    fixed = {
        each.name: (each.inventory_version, each.current_version) for each in found.inventories
    }
    assert fixed[f"{mill}/inventories/2023"] == (1, 1)
    assert {f"{mill}/inventories/2023-ghgp"} < fixed.keys()
    assert (found.superseded, found.way_out, found.HasField("statement")) == (False, "", False)
    assert verifier.verifications.GetVerification(asked(found.name)) == found


@pytest.mark.parametrize("closed", [False, True], ids=["open", "locked"])
def test_only_a_year_that_was_handed_in_is_verified(
    world: World, mill: str, verifier: Client, *, closed: bool
) -> None:
    if closed:
        hand_in(world.desk, mill)
        world.desk.periods.LockPeriod(period_service_pb2.LockPeriodRequest(name=year(mill)))

    refusal = refused(verifier.verifications.OpenVerification, opening(mill))

    told = (refusal.reason, refusal.metadata["state"], refusal.metadata["allowed"])
    assert told == ("STATE_WRONG", "LOCKED" if closed else "OPEN", "SUBMITTED")


def test_an_id_is_taken_once_and_a_request_answered_twice(
    world: World, mill: str, verifier: Client
) -> None:
    hand_in(world.desk, mill)
    request = opening(mill)
    found = verifier.verifications.OpenVerification(request)

    assert verifier.verifications.OpenVerification(request) == found
    assert refused(verifier.verifications.OpenVerification, opening(mill)).reason == (
        "ALREADY_EXISTS"
    )
    request.verification_id = "second"
    assert refused(verifier.verifications.OpenVerification, request).reason == "REQUEST_ID_REUSED"
    ill = opening(mill, "First!")
    assert refused(verifier.verifications.OpenVerification, ill).reason == "NAME_INVALID"


def test_a_finding_stays_with_what_settled_it(world: World, mill: str, verifier: Client) -> None:
    name = opened(world, mill, verifier=verifier).name
    line = world.inventory(mill, view=inventory_pb2.INVENTORY_VIEW_FULL).lines[0].name

    request = finding(name, subject=line, evidence="photograph 12")
    verifier.verifications.RecordFinding(request)
    settled = verifier.verifications.RecordFinding(resolution(name))

    (only,) = settled.findings
    assert (only.finding_id, only.subject, only.evidence) == ("nc-1", line, "photograph 12")
    assert only.kind == verification_pb2.VERIFICATION_FINDING_KIND_METER
    assert only.resolution.text.startswith("calibrated again")
    before = verifier.verifications.GetVerification(asked(name, resource_version=2))
    assert not before.findings[0].HasField("resolution")
    assert settled.resource_version == 3
    assert refused(verifier.verifications.RecordFinding, resolution(name)).reason == "STATE_WRONG"
    # The first request, sent again, is answered as it was.
    assert verifier.verifications.RecordFinding(request) == before


def test_a_finding_is_about_something_that_is_there(
    world: World, mill: str, verifier: Client
) -> None:
    name = opened(world, mill, verifier=verifier).name
    site = world.desk.registry.CreateFacility(builders.facility(mill)).name
    meter = world.desk.registry.CreateMeter(builders.meter(mill, site)).name
    page = world.desk.accounting.ListActivityRecords(
        accounting_service_pb2.ListActivityRecordsRequest(parent=mill)
    )
    there = [
        "electricity_purchased",
        f"{mill}/inventories/2023-ghgp",
        meter,
        site,
        page.activity_records[0].name,
    ]
    other = world.enterprise()
    nowhere = [
        "electricity",
        f"{mill}/inventories/2022",
        f"{meter}-2",
        f"{mill}/lines/intake-2023-02",
        f"{other}/inventories/2023",
        page.activity_records[0].name.replace(mill, other),
    ]

    for index, subject in enumerate(there):
        verifier.verifications.RecordFinding(finding(name, f"nc-{index}", subject=subject))
    for subject in nowhere:
        refusal = refused(verifier.verifications.RecordFinding, finding(name, subject=subject))
        assert (refusal.reason, refusal.fields) == ("FIELD_INVALID", ["finding.subject"]), subject

    found = verifier.verifications.GetVerification(asked(name))
    assert [each.subject for each in found.findings] == there


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda name: finding(name, "first"), "finding.finding_id"),
        (lambda name: finding(name, "No 1"), "finding.finding_id"),
        (lambda name: finding(name, text=" "), "finding.text"),
        (lambda name: resolution(name, "other"), "resolution.finding_id"),
        (lambda name: resolution(name, "first", " "), "resolution.text"),
    ],
    ids=["taken", "no id", "blank", "unknown", "settled with nothing"],
)
def test_a_finding_that_cannot_be_recorded_says_where(
    world: World, mill: str, verifier: Client, make: Callable[[str], Any], field: str
) -> None:
    name = opened(world, mill, verifier=verifier).name
    verifier.verifications.RecordFinding(finding(name, "first"))

    assert refused(verifier.verifications.RecordFinding, make(name)).fields == [field]


def test_verified_figures_stand_beside_the_reported_ones(
    world: World, mill: str, verifier: Client
) -> None:
    name = opened(world, mill, verifier=verifier).name
    books = world.inventory(mill)

    found = verifier.verifications.RecordVerifiedFigures(
        figures(
            name,
            figure(mill, "64.50 tCO2"),
            figure(mill, "64510000 gCO2e", "totals.location-based.co2e_g", reason=""),
        )
    )

    total, whole = found.figures
    assert (total.reported.value.value, total.reported.unit_code) == ("64510000", "gCO2")
    assert (total.verified.value.value, total.verified.unit_code) == ("64.50", "tCO2")
    assert (total.difference.value.value, total.difference.unit_code) == ("-10000", "gCO2")
    assert (whole.difference.value.value, whole.reason) == ("0", "")
    assert world.inventory(mill) == books
    again = verifier.verifications.RecordVerifiedFigures(
        figures(name, figure(mill, "64.49 tCO2", reason="weighed again"))
    )
    assert [each.verified.value.value for each in again.figures] == ["64.49", "64510000"]
    earlier = verifier.verifications.GetVerification(asked(name, resource_version=2))
    assert list(earlier.figures) == [total, whole]


def test_a_reported_total_is_verified_in_tonnes_as_the_guide_prints_it(world: World) -> None:
    plant = world.enterprise(industry_code="4411")
    world.report(plant, fuel(plant))
    verifier = world.running.principal("VERIFIER", plant)
    name = opened(world, plant, verifier=verifier).name
    printed = world.inventory(plant, "2023-ets-power").reported.total_t
    guide = f"{plant}/inventories/2023-ets-power"

    found = verifier.verifications.RecordVerifiedFigures(
        figures(name, figure(plant, "25 tCO2e", "reported.total_t", inventory=guide))
    )

    (only,) = found.figures
    assert (only.reported.value, only.reported.unit_code) == (printed, "tCO2e")
    assert only.difference.value.value == f"{25 - int(printed.value)}"


SECOND = "figures[1]"
WRONG = [
    ({"what": "total"}, "FIELD_INVALID", f"{SECOND}.figure"),
    ({"inventory": "enterprises/x/inventories/2023"}, "FIELD_INVALID", f"{SECOND}.inventory"),
    ({"verified": "64 MWh"}, "UNIT_DIMENSION", f"{SECOND}.verified.unit_code"),
    ({"verified": "64 tCO2e"}, "UNIT_DIMENSION", f"{SECOND}.verified.unit_code"),
    ({"verified": "64,5 tCO2"}, "QUANTITY_INVALID", f"{SECOND}.verified.value"),
    ({"verified": "64 carbon"}, "UNIT_UNKNOWN", f"{SECOND}.verified.unit_code"),
    ({"reason": " "}, "FIELD_REQUIRED", f"{SECOND}.reason"),
    ({"what": "total_co2_g"}, "DUPLICATE_ROW", SECOND),
]


@pytest.mark.parametrize("wrong", WRONG, ids=[f"{fields}" for fields, _, _ in WRONG])
def test_a_figure_that_cannot_be_verified_says_where(
    world: World, mill: str, verifier: Client, wrong: tuple[dict[str, str], str, str]
) -> None:
    name = opened(world, mill, verifier=verifier).name
    fields, reason, field = wrong
    bad = figure(mill, **{"verified": "1 tCO2", "what": "direct_co2_g"} | fields)

    refusal = refused(
        verifier.verifications.RecordVerifiedFigures,
        figures(name, figure(mill, "1 tCO2"), bad),
    )

    assert (refusal.reason, refusal.fields) == (reason, [field])


def test_a_conclusion_makes_the_year_verified_at_the_same_moment(
    world: World, mill: str, verifier: Client
) -> None:
    found = opened(world, mill, verifier=verifier)
    request = conclusion(found.name, etag=found.etag)

    concluded = verifier.verifications.ConcludeVerification(request)

    assert (concluded.state, state(world.desk, mill)) == (CONCLUDED, "VERIFIED")
    assert concluded.statement == request.statement
    assert changes(world, found.revision) == [(found.name, 2), (year(mill), 2)]
    period = world.desk.periods.GetPeriod(period_service_pb2.GetPeriodRequest(name=year(mill)))
    assert (period.revision, period.decider) == (concluded.revision, concluded.verifier)
    assert verifier.verifications.ConcludeVerification(request) == concluded
    for late in (conclusion(found.name), conclusion(found.name, "NOT_CONFORMING")):
        refusal = refused(verifier.verifications.ConcludeVerification, late)
        assert (refusal.reason, refusal.metadata["state"]) == ("STATE_WRONG", "CONCLUDED")
    assert refused(verifier.verifications.RecordFinding, finding(found.name)).reason == (
        "STATE_WRONG"
    )


@pytest.mark.parametrize("what", ["CONFORMING", "CONFORMING_WITH_CORRECTIONS"])
def test_an_open_nonconformity_forbids_a_conclusion_until_it_is_settled(
    world: World, mill: str, verifier: Client, what: str
) -> None:
    name = opened(world, mill, verifier=verifier).name
    verifier.verifications.RecordFinding(finding(name))
    observation = verification_pb2.VERIFICATION_FINDING_SEVERITY_OBSERVATION
    verifier.verifications.RecordFinding(finding(name, "ob-1", severity=observation))

    refusal = refused(verifier.verifications.ConcludeVerification, conclusion(name, what))

    assert refusal.reason == "STATE_WRONG"
    assert ("nc-1" in refusal.message) == (what == "CONFORMING")
    assert "ob-1" not in refusal.message
    assert state(world.desk, mill) == "SUBMITTED"
    verifier.verifications.RecordFinding(resolution(name))
    verifier.verifications.ConcludeVerification(conclusion(name))
    assert state(world.desk, mill) == "VERIFIED"


def test_a_figure_that_differs_needs_a_conclusion_with_corrections(
    world: World, mill: str, verifier: Client
) -> None:
    name = opened(world, mill, verifier=verifier).name
    verifier.verifications.RecordVerifiedFigures(figures(name, figure(mill, "64.50 tCO2")))

    refusal = refused(verifier.verifications.ConcludeVerification, conclusion(name))

    assert (refusal.reason, state(world.desk, mill)) == ("STATE_WRONG", "SUBMITTED")
    assert "CONFORMING_WITH_CORRECTIONS" in refusal.metadata["allowed"]
    concluded = verifier.verifications.ConcludeVerification(
        conclusion(name, "CONFORMING_WITH_CORRECTIONS")
    )
    assert concluded.statement.conclusion == WITH_CORRECTIONS
    assert state(world.desk, mill) == "VERIFIED"
    assert world.inventory(mill).total_co2_g == 100 * MWH_G


def test_what_does_not_conform_stays_handed_in_and_says_the_way_out(
    world: World, mill: str, verifier: Client
) -> None:
    name = opened(world, mill, verifier=verifier).name
    verifier.verifications.RecordFinding(finding(name))

    concluded = verifier.verifications.ConcludeVerification(conclusion(name, "NOT_CONFORMING"))

    assert (concluded.state, state(world.desk, mill)) == (CONCLUDED, "SUBMITTED")
    assert [each.finding_id for each in concluded.findings] == ["nc-1"]
    assert "reopen the year with a reason" in concluded.way_out
    assert "重新开放" in concluded.way_out_zh
    reopen(world.desk, mill)
    world.report(mill, record(mill, when="2023-02"))
    hand_in(world.desk, mill)
    second = verifier.verifications.OpenVerification(opening(mill, "second"))
    verifier.verifications.ConcludeVerification(conclusion(second.name))
    assert state(world.desk, mill) == "VERIFIED"
    assert verifier.verifications.GetVerification(asked(name)).superseded


def test_what_is_no_longer_current_is_not_confirmed(
    world: World, mill: str, verifier: Client
) -> None:
    name = opened(world, mill, verifier=verifier).name
    moment = now()
    reopen(world.desk, mill)
    world.report(mill, record(mill, when="2023-02"))
    hand_in(world.desk, mill)

    refusal = refused(verifier.verifications.ConcludeVerification, conclusion(name))

    assert refusal.reason == "STATE_WRONG"
    assert "open another verification" in refusal.metadata["allowed"]
    found = verifier.verifications.GetVerification(asked(name))
    assert found.superseded
    fixed = {
        each.name: (each.inventory_version, each.current_version) for each in found.inventories
    }
    assert fixed[f"{mill}/inventories/2023"] == (1, 2)
    assert "another verification" in found.way_out
    assert not verifier.verifications.GetVerification(asked(name, as_of_time=moment)).superseded
    # It can be ended all the same.
    ended = verifier.verifications.ConcludeVerification(conclusion(name, "NOT_CONFORMING"))
    assert (ended.state, state(world.desk, mill)) == (CONCLUDED, "SUBMITTED")


def test_handed_in_again_without_a_change_it_is_still_what_is_verified(
    world: World, mill: str, verifier: Client
) -> None:
    name = opened(world, mill, verifier=verifier).name
    reopen(world.desk, mill)

    refusal = refused(verifier.verifications.ConcludeVerification, conclusion(name))

    assert (refusal.reason, refusal.metadata["state"]) == ("STATE_WRONG", "REOPENED")
    hand_in(world.desk, mill)
    verifier.verifications.ConcludeVerification(conclusion(name))
    assert state(world.desk, mill) == "VERIFIED"


def test_a_year_is_verified_once_until_it_is_opened_again(
    world: World, mill: str, verifier: Client
) -> None:
    other = world.running.principal("VERIFIER", mill)
    name = opened(world, mill, verifier=verifier).name
    second = other.verifications.OpenVerification(opening(mill, "second")).name
    verifier.verifications.ConcludeVerification(conclusion(name))

    refusal = refused(other.verifications.ConcludeVerification, conclusion(second))

    assert (refusal.reason, refusal.metadata["state"]) == ("STATE_WRONG", "VERIFIED")


def test_a_conclusion_on_what_changed_since_is_refused(
    world: World, mill: str, verifier: Client
) -> None:
    found = opened(world, mill, verifier=verifier)
    verifier.verifications.RecordVerifiedFigures(
        figures(found.name, figure(mill, "64.51 tCO2", reason=""))
    )

    refusal = refused(
        verifier.verifications.ConcludeVerification, conclusion(found.name, etag=found.etag)
    )

    assert (refusal.reason, state(world.desk, mill)) == ("ETAG_MISMATCH", "SUBMITTED")


@pytest.mark.parametrize("hand", ["report", "hand in", "restate"])
def test_who_has_a_hand_in_a_year_does_not_verify_it(world: World, mill: str, hand: str) -> None:
    administrator = world.running.principal("ADMINISTRATOR")
    reporter = administrator if hand == "report" else world.desk
    reporter.accounting.ReportActivity(report(mill, record(mill)))
    hand_in(administrator if hand == "hand in" else world.desk, mill)
    if hand == "restate":
        administrator.periods.RestatePeriod(restatement(mill))

    refusal = refused(administrator.verifications.OpenVerification, opening(mill))

    assert (refusal.reason, refusal.code) == ("FOUR_EYES", "PERMISSION_DENIED")
    assert "handed in" in refusal.message
    independent = world.running.principal("ADMINISTRATOR")
    independent.verifications.OpenVerification(opening(mill))


def test_who_takes_a_hand_in_it_later_does_not_conclude(world: World, mill: str) -> None:
    administrator = world.running.principal("ADMINISTRATOR")
    world.report(mill, record(mill))
    name = opened(world, mill, verifier=administrator).name
    administrator.periods.ReopenPeriod(
        period_service_pb2.ReopenPeriodRequest(name=year(mill), reason="by mistake")
    )
    hand_in(world.desk, mill)

    for refusal in (
        refused(administrator.verifications.ConcludeVerification, conclusion(name)),
        refused(administrator.verifications.RecordFinding, finding(name)),
    ):
        assert refusal.reason == "FOUR_EYES"


def test_a_verifier_verifies_a_year_that_it_verified_before(
    world: World, mill: str, verifier: Client
) -> None:
    name = opened(world, mill, verifier=verifier).name
    verifier.verifications.ConcludeVerification(conclusion(name))
    reopen(world.desk, mill)
    hand_in(world.desk, mill)

    again = verifier.verifications.OpenVerification(opening(mill, "second"))

    verifier.verifications.ConcludeVerification(conclusion(again.name))
    assert state(world.desk, mill) == "VERIFIED"


def test_each_verifier_records_in_its_own_alone(world: World, mill: str, verifier: Client) -> None:
    name = opened(world, mill, verifier=verifier).name
    other = world.running.principal("VERIFIER", mill)

    for refusal in (
        refused(other.verifications.RecordFinding, finding(name)),
        refused(other.verifications.RecordVerifiedFigures, figures(name, figure(mill, "1 tCO2"))),
        refused(other.verifications.ConcludeVerification, conclusion(name)),
    ):
        assert (refusal.reason, "opens its own" in refusal.message) == ("STATE_WRONG", True)
    assert other.verifications.GetVerification(asked(name)).resource_version == 1


def test_a_verifier_of_another_enterprise_sees_nothing(
    world: World, mill: str, verifier: Client
) -> None:
    name = opened(world, mill, verifier=verifier).name
    foreign = world.running.principal("VERIFIER", world.enterprise()).verifications
    neighbour = world.running.principal("ENTERPRISE", world.enterprise()).verifications
    listing = verification_service_pb2.ListVerificationsRequest(parent=year(mill))

    for refusal in (
        refused(foreign.GetVerification, asked(name)),
        refused(neighbour.GetVerification, asked(name)),
        refused(foreign.ListVerifications, listing),
        refused(foreign.OpenVerification, opening(mill, "second")),
        refused(foreign.RecordFinding, finding(name)),
        refused(foreign.RecordVerifiedFigures, figures(name, figure(mill, "1 tCO2"))),
        refused(foreign.ConcludeVerification, conclusion(name)),
    ):
        assert refusal.reason == "NOT_FOUND"


@pytest.mark.parametrize("role", ["ENTERPRISE", "DESK"])
def test_who_sees_the_enterprise_reads_and_does_not_verify(
    world: World, mill: str, verifier: Client, role: str
) -> None:
    found = opened(world, mill, verifier=verifier)
    scope = mill if role == "ENTERPRISE" else world.zone
    client = world.running.principal(role, scope).verifications

    assert client.GetVerification(asked(found.name)) == found
    for refusal in (
        refused(client.OpenVerification, opening(mill, "second")),
        refused(client.RecordFinding, finding(found.name)),
        refused(client.RecordVerifiedFigures, figures(found.name, figure(mill, "1 tCO2"))),
        refused(client.ConcludeVerification, conclusion(found.name)),
    ):
        assert refusal.reason == "PERMISSION_DENIED"


def test_a_verifier_reads_what_the_figures_rest_on(mill: str, verifier: Client) -> None:
    inventory = f"{mill}/inventories/2023"
    full = inventory_pb2.INVENTORY_VIEW_FULL
    own = verifier.accounting
    page = own.ListActivityRecords(
        accounting_service_pb2.ListActivityRecordsRequest(parent=mill)
    ).activity_records
    (line,) = own.GetEnterpriseInventory(
        accounting_service_pb2.GetEnterpriseInventoryRequest(name=inventory, view=full)
    ).lines

    assert [each.source_id for each in page] == ["intake"]
    assert own.GetActivityRecord(
        accounting_service_pb2.GetActivityRecordRequest(name=page[0].name)
    ).quantity.value.value == ("100")
    for name in (inventory, line.name):
        told = own.ExplainFigure(accounting_service_pb2.ExplainFigureRequest(name=name)).text
        assert page[0].name in told
    assert own.ListInventoryVersions(
        accounting_service_pb2.ListInventoryVersionsRequest(name=inventory)
    ).versions
    assert own.CompareInventory(
        accounting_service_pb2.CompareInventoryRequest(name=inventory, from_version=1)
    ).inventory
    bundle = own.ExportBundle(accounting_service_pb2.ExportBundleRequest(name=inventory))
    assert (bundle.inventory, bundle.resource_version) == (inventory, 1)
    assert verifier.periods.GetPeriod(
        period_service_pb2.GetPeriodRequest(name=year(mill))
    ).factor_mode


def test_a_verifier_changes_nothing_that_it_verifies(mill: str, verifier: Client) -> None:
    periods, base_years = verifier.periods, verifier.base_years
    pinning = period_service_pb2.PinFactorsRequest(
        name=year(mill), factor_mode=period_pb2.FACTOR_MODE_PINNED, reason="why"
    )
    reopening = period_service_pb2.ReopenPeriodRequest(name=year(mill), reason="why")
    restating = base_year_service_pb2.RestateBaseYearRequest(
        name=f"{mill}/baseYears/ghgp", reason="why", request_id=verifying.new_id()
    )

    for refusal in (
        refused(verifier.accounting.ReportActivity, report(mill, record(mill))),
        refused(periods.SubmitPeriod, period_service_pb2.SubmitPeriodRequest(name=year(mill))),
        refused(periods.LockPeriod, period_service_pb2.LockPeriodRequest(name=year(mill))),
        refused(periods.ReopenPeriod, reopening),
        refused(periods.PinFactors, pinning),
        refused(periods.RestatePeriod, restatement(mill)),
        refused(base_years.RestateBaseYear, restating),
    ):
        assert (refusal.reason, refusal.metadata["role"]) == ("PERMISSION_DENIED", "VERIFIER")


def test_the_verifications_of_a_year_are_listed_by_name(
    world: World, mill: str, verifier: Client
) -> None:
    hand_in(world.desk, mill)
    for id_ in ("b", "a", "c"):
        verifier.verifications.OpenVerification(opening(mill, id_))
    verifier.verifications.RecordFinding(finding(f"{year(mill)}/verifications/b"))
    request = verification_service_pb2.ListVerificationsRequest(parent=year(mill), page_size=2)

    first = verifier.verifications.ListVerifications(request)
    request.page_token = first.next_page_token
    second = verifier.verifications.ListVerifications(request)

    told = [(each.name[-1], each.resource_version) for each in first.verifications]
    assert told == [("a", 1), ("b", 2)]
    assert [each.name[-1] for each in second.verifications] == ["c"]
    assert second.next_page_token == ""


def test_what_is_not_there_is_not_found(world: World, mill: str, verifier: Client) -> None:
    name = opened(world, mill, verifier=verifier).name
    before = now()
    verifier.verifications.RecordFinding(finding(name))
    stub = verifier.verifications

    for wanted in (
        asked(f"{year(mill)}/verifications/other"),
        asked(name, resource_version=3),
        asked(name.replace("2023", "1889")),
    ):
        assert refused(stub.GetVerification, wanted).reason == "NOT_FOUND"
    assert refused(stub.ConcludeVerification, conclusion(f"{name}-2")).reason == "NOT_FOUND"
    both = asked(name, resource_version=1, as_of_time=before)
    assert refused(stub.GetVerification, both).fields == ["resource_version"]
    assert stub.GetVerification(asked(name, as_of_time=before)).resource_version == 1


def test_a_year_from_report_to_restatement(world: World, mill: str) -> None:
    """Reported, handed in, verified with a correction, locked, restated: each step stays."""
    own = world.running.principal("ENTERPRISE", mill)
    verifier = world.running.principal("VERIFIER", mill)
    own.accounting.ReportActivity(report(mill, *year_of(mill)))
    hand_in(own, mill)
    reported = world.inventory(mill, view=inventory_pb2.INVENTORY_VIEW_FULL)

    name = verifier.verifications.OpenVerification(opening(mill)).name
    verifier.verifications.RecordFinding(finding(name, subject=reported.lines[2].name))
    verifier.verifications.RecordVerifiedFigures(figures(name, figure(mill, "774.00 tCO2")))
    verifier.verifications.RecordFinding(resolution(name, text="deducted in the verified total"))
    concluded = verifier.verifications.ConcludeVerification(
        conclusion(name, "CONFORMING_WITH_CORRECTIONS")
    )
    world.desk.periods.LockPeriod(period_service_pb2.LockPeriodRequest(name=year(mill)))
    locked = now()

    with revise(world, reported.lines[0].binding, "0.9999"):
        # The library moves; what was verified and locked does not.
        assert world.inventory(mill, view=inventory_pb2.INVENTORY_VIEW_FULL) == reported
        assert own.verifications.GetVerification(asked(name)) == concluded
        world.desk.periods.RestatePeriod(restatement(mill))

        found = own.verifications.GetVerification(asked(name))
    assert found.superseded
    assert "another verification" in found.way_out
    assert list(found.figures) == list(concluded.figures)
    (total,) = found.figures
    assert total.reported.value.value == f"{reported.total_co2_g}"
    assert total.difference.value.value == "-120000"
    assert state(world.desk, mill) == "LOCKED"
    assert world.inventory(mill).total_co2_g == 12 * 99_990_000
    then = own.verifications.GetVerification(asked(name, as_of_time=locked))
    assert then == concluded
    assert world.inventory(mill, as_of_time=locked).total_co2_g == reported.total_co2_g
