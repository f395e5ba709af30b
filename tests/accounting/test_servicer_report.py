"""Reports over the wire, beside a real registry, on SQLite and on PostgreSQL."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

import grpc
import pytest
from google.rpc import status_pb2

from services.kernel.period import SHANGHAI
from tests import builders
from tests.accounting import requests
from tests.accounting.requests import fuel, record, report
from tests.accounting.world import World
from tests.refusals import Refused, refused
from zonecarbon.accounting.v1 import accounting_service_pb2 as pb
from zonecarbon.accounting.v1 import activity_pb2
from zonecarbon.type.v1 import source_pb2

Record = activity_pb2.ActivityRecord
NEXT_MONTH = f"{datetime.now(SHANGHAI) + timedelta(days=40):%Y-%m}"


def outcomes(answer: pb.ReportActivityResponse) -> list[str]:
    """The reason of each row, "" where it was accepted."""
    return [
        Refused(status=row.error).reason if row.HasField("error") else "" for row in answer.results
    ]


def error(answer: pb.ReportActivityResponse, row: int = 0) -> Refused:
    """What a row was refused for."""
    status: status_pb2.Status = answer.results[row].error
    return Refused(status=status)


def test_a_report_is_answered_with_its_emissions_and_every_factor(world: World, mill: str) -> None:
    answer = world.desk.accounting.ReportActivity(
        report(mill, record(mill, "1234.50 MWh", evidence="settlement sheet 2023-01"))
    )

    assert (answer.accepted_count, answer.refused_count) == (1, 0)
    assert answer.results[0].activity_record == f"{mill}/activityRecords/r{answer.revision}-0"
    (line,) = answer.lines
    assert line.name == f"{mill}/lines/intake-2023-01"
    assert (line.emissions.co2_g, line.emissions.co2e_g) == (796_375_950, 796_375_950)
    assert line.activities[0].value.value == "1234.50"
    assert (line.reported_day_count, line.record_count, line.resource_version) == (31, 1, 1)
    (factor,) = line.binding.factors
    assert factor.factor == "factorSets/cn-grid-2021/factors/cn-grid-js-2021"
    assert (factor.quantity.value.value, factor.data_period) == ("0.6451", "2021")
    assert factor.region_code == "CN-JS"
    assert factor.rule_source.title
    assert line.binding.status == source_pb2.SOURCE_STATUS_SECONDARY
    assert line.binding.registry_revision > 0


def test_a_record_is_kept_as_it_was_written(world: World, mill: str) -> None:
    sent = record(mill, "+1.50e2 万度", evidence="单据 1")
    name = world.desk.accounting.ReportActivity(report(mill, sent)).results[0].activity_record

    found = world.desk.accounting.GetActivityRecord(pb.GetActivityRecordRequest(name=name))

    assert found.quantity == requests.amount("+1.50e2 10^4 kWh")
    assert (found.period, found.evidence) == (sent.period, "单据 1")
    assert found.subject == "electricity"
    assert found.reporter.startswith("principals/p-")
    assert found.revision > 0
    assert found.create_time.seconds > 0


BAD_ROWS: list[tuple[str, Callable[[str], Record], str, str]] = [
    ("unknown unit", lambda m: record(m, "1 kwh"), "UNIT_UNKNOWN", "quantity.unit_code"),
    ("ambiguous unit", lambda m: fuel(m, "1 ton"), "UNIT_AMBIGUOUS", "quantity.unit_code"),
    ("wrong dimension", lambda m: fuel(m, "1 MWh"), "UNIT_DIMENSION", "quantity.unit_code"),
    ("negative", lambda m: record(m, "-1 MWh"), "QUANTITY_INVALID", "quantity.value"),
    ("not a number", lambda m: record(m, "NaN MWh"), "QUANTITY_INVALID", "quantity.value"),
    (
        "a thousand digits",
        lambda m: record(m, "1" * 1000 + " MWh"),
        "QUANTITY_INVALID",
        "quantity.value",
    ),
    ("beyond all bounds", lambda m: record(m, "1e20 MWh"), "FIELD_INVALID", "quantity.value"),
    (
        "ends before it starts",
        lambda m: record(m, when="2023-02-01 2023-01-01"),
        "PERIOD_INVALID",
        "period",
    ),
    (
        "no such day",
        lambda m: record(
            m,
            period={
                "start_date": {"year": 2023, "month": 2, "day": 30},
                "end_date": {"year": 2023, "month": 3, "day": 1},
            },
        ),
        "PERIOD_INVALID",
        "period",
    ),
    (
        "two months",
        lambda m: record(m, when="2023-01-15 2023-02-15"),
        "PERIOD_INVALID",
        "period",
    ),
    ("the future", lambda m: record(m, when=NEXT_MONTH), "PERIOD_INVALID", "period"),
    (
        "a year without rules",
        lambda m: record(m, when="2019-01"),
        "FACTOR_NOT_APPLICABLE",
        "period",
    ),
    ("an unknown fuel", lambda m: fuel(m, subject="moonshine"), "FACTOR_MISSING", "subject"),
    ("no subject", lambda m: fuel(m, subject=""), "FIELD_REQUIRED", "subject"),
    ("no source", lambda m: record(m, source_id=""), "FIELD_REQUIRED", "source_id"),
    ("a wrong source id", lambda m: record(m, source_id="A 1"), "FIELD_INVALID", "source_id"),
    ("no kind", lambda m: record(m, kind=0), "FIELD_INVALID", "kind"),
    ("no quantity", lambda m: record(m, quantity=None), "FIELD_REQUIRED", "quantity"),
    ("no period", lambda m: record(m, period=None), "FIELD_REQUIRED", "period"),
    ("nobody sold it", lambda m: record(m, counterparty=""), "FIELD_REQUIRED", "counterparty"),
    (
        "an unknown counterparty",
        lambda m: record(m, source_id="new", counterparty=f"{m}/counterparties/nobody"),
        "NOT_FOUND",
        "counterparty",
    ),
    (
        "an unknown meter",
        lambda m: record(m, meter=f"{m}/meters/none"),
        "NOT_FOUND",
        "meter",
    ),
    (
        "another's facility",
        lambda m: record(m, facility="enterprises/other/facilities/hall"),
        "NOT_FOUND",
        "facility",
    ),
    ("a wrong name", lambda m: record(m, meter="main"), "NAME_INVALID", "meter"),
    (
        "a correction of nothing",
        lambda m: record(m, corrects=f"{m}/activityRecords/r0-0"),
        "NOT_FOUND",
        "corrects",
    ),
]


@pytest.mark.parametrize(
    ("bad", "reason", "field"), [pytest.param(*case[1:], id=case[0]) for case in BAD_ROWS]
)
def test_a_bad_row_is_refused_by_row_and_field_and_the_good_ones_are_stored(
    world: World, mill: str, bad: Callable[[str], Record], reason: str, field: str
) -> None:
    answer = world.desk.accounting.ReportActivity(
        report(mill, record(mill, when="2023-05"), bad(mill), record(mill, when="2023-06"))
    )

    assert outcomes(answer) == ["", reason, ""]
    assert error(answer, 1).fields[0] == f"records[1].{field}"
    assert error(answer, 1).message
    assert (answer.accepted_count, answer.refused_count) == (2, 1)
    assert [line.name for line in answer.lines] == [
        f"{mill}/lines/intake-2023-05",
        f"{mill}/lines/intake-2023-06",
    ]


def test_a_wrong_dimension_names_the_units_that_fit(world: World, mill: str) -> None:
    answer = world.desk.accounting.ReportActivity(report(mill, fuel(mill, "5 MWh")))

    assert "t" in error(answer).metadata["choices"].split(", ")
    assert "5" not in error(answer).metadata


def test_duplicate_rows_name_the_first(world: World, mill: str) -> None:
    answer = world.desk.accounting.ReportActivity(report(mill, record(mill), record(mill)))

    assert outcomes(answer) == ["", "DUPLICATE_ROW"]
    assert error(answer, 1).metadata == {"field": "records[1]", "first": "records[0]"}


def test_an_overlap_with_what_is_stored_names_the_record(world: World, mill: str) -> None:
    first = world.report(mill, record(mill)).results[0].activity_record

    answer = world.desk.accounting.ReportActivity(
        report(mill, record(mill, when="2023-01-31 2023-02-01"))
    )

    assert outcomes(answer) == ["PERIOD_OVERLAP"]
    assert error(answer).metadata["other"] == first
    assert (answer.revision, list(answer.lines)) == (0, [])


def test_the_text_of_a_refusal_is_in_the_callers_language(world: World, mill: str) -> None:
    chinese = world.running.principal("ENTERPRISE", mill, language="zh-CN")

    answer = chinese.accounting.ReportActivity(report(mill, record(mill, "1 kwh")))

    assert "不在计量单位清单中" in error(answer).message


def test_a_correction_makes_a_new_version_and_keeps_the_old_record(world: World, mill: str) -> None:
    first = world.report(mill, record(mill, "100 MWh")).results[0].activity_record

    answer = world.report(mill, record(mill, "90 MWh", corrects=first))

    (line,) = answer.lines
    assert (line.emissions.co2_g, line.resource_version, line.record_count) == (58_059_000, 2, 1)
    listed = world.desk.accounting.ListActivityRecords(pb.ListActivityRecordsRequest(parent=mill))
    assert [each.quantity.value.value for each in listed.activity_records] == ["100", "90"]
    assert listed.activity_records[1].corrects == first
    before = world.inventory(mill, resource_version=1)
    assert (before.total_co2_g, world.inventory(mill).total_co2_g) == (64_510_000, 58_059_000)


def test_a_record_is_corrected_once(world: World, mill: str) -> None:
    first = world.report(mill, record(mill)).results[0].activity_record
    second = world.report(mill, record(mill, "2 MWh", corrects=first)).results[0].activity_record

    answer = world.desk.accounting.ReportActivity(
        report(mill, record(mill, "3 MWh", corrects=first))
    )

    assert outcomes(answer) == ["FIELD_INVALID"]
    assert second in error(answer).metadata["allowed"]


def test_a_source_keeps_kind_subject_and_counterparty(world: World, mill: str) -> None:
    world.report(mill, fuel(mill, source_id="one"))

    answer = world.desk.accounting.ReportActivity(
        report(mill, fuel(mill, when="2023-02", source_id="one", subject="anthracite"))
    )

    assert outcomes(answer) == ["FIELD_INVALID"]
    assert error(answer).fields == ["records[0].subject"]


def test_meters_and_facilities_of_the_enterprise_are_taken(world: World, mill: str) -> None:
    hall = world.desk.registry.CreateFacility(builders.facility(mill)).name
    meter = world.desk.registry.CreateMeter(builders.meter(mill, hall)).name

    name = world.report(mill, record(mill, facility=hall, meter=meter)).results[0].activity_record

    found = world.desk.accounting.GetActivityRecord(pb.GetActivityRecordRequest(name=name))
    assert (found.facility, found.meter) == (hall, meter)


def test_the_same_request_gives_the_same_bytes_and_one_effect(world: World, mill: str) -> None:
    request = report(mill, record(mill), record(mill, "1 kwh", "2023-02"))

    first, again = (world.desk.accounting.ReportActivity(request) for _ in range(2))

    assert again.SerializeToString() == first.SerializeToString()
    assert world.inventory(mill).resource_version == 1


def test_a_report_of_which_nothing_was_stored_is_answered_the_same_again(
    world: World, mill: str
) -> None:
    request = report(mill, record(mill, "1 kwh"))

    first, again = (world.desk.accounting.ReportActivity(request) for _ in range(2))

    assert first.revision == 0
    assert again.SerializeToString() == first.SerializeToString()


def test_the_same_id_with_other_content_is_refused(world: World, mill: str) -> None:
    request = report(mill)
    world.desk.accounting.ReportActivity(request)
    request.records[0].quantity.value.value = "101"

    refusal = refused(world.desk.accounting.ReportActivity, request)

    assert (refusal.code, refusal.reason) == ("ALREADY_EXISTS", "REQUEST_ID_REUSED")


def test_a_preview_computes_and_stores_nothing(world: World, mill: str) -> None:
    request = report(mill, record(mill), record(mill, "1 kwh", "2023-02"), validate_only=True)

    preview = world.desk.accounting.ReportActivity(request)

    assert outcomes(preview) == ["", "UNIT_UNKNOWN"]
    assert preview.results[0].activity_record == ""
    assert (preview.revision, preview.accepted_count, preview.refused_count) == (0, 1, 1)
    assert preview.lines[0].emissions.co2_g == 64_510_000
    listed = world.desk.accounting.ListActivityRecords(pb.ListActivityRecordsRequest(parent=mill))
    assert list(listed.activity_records) == []
    request.validate_only = False
    assert world.desk.accounting.ReportActivity(request).accepted_count == 1


def test_the_call_itself_is_refused_where_it_is_wrong(world: World, mill: str) -> None:
    ask = world.desk.accounting.ReportActivity

    assert refused(ask, report("enterprises/Mill", record(mill))).reason == "NAME_INVALID"
    assert refused(ask, report(mill, request_id="1")).fields == ["request_id"]
    assert refused(ask, report(mill, records=[])).reason == "FIELD_REQUIRED"


def test_a_foreign_enterprise_and_a_missing_one_look_alike(world: World, mill: str) -> None:
    stranger = world.running.principal("ENTERPRISE", "enterprises/other")
    missing = "enterprises/nobody-at-all"

    foreign = refused(stranger.accounting.ReportActivity, report(mill))
    absent = refused(stranger.accounting.ReportActivity, report(missing))

    assert (foreign.code, foreign.reason) == (absent.code, absent.reason) == ("NOT_FOUND",) * 2
    assert foreign.message.replace(mill, missing) == absent.message


def test_records_of_a_foreign_enterprise_and_missing_ones_look_alike(
    world: World, mill: str
) -> None:
    name = world.report(mill, record(mill)).results[0].activity_record
    stranger = world.running.principal("ENTERPRISE", world.enterprise())
    missing = name.replace(mill, "enterprises/nobody-at-all")

    foreign, absent = (
        refused(stranger.accounting.GetActivityRecord, pb.GetActivityRecordRequest(name=each))
        for each in (name, missing)
    )

    assert foreign.reason == absent.reason == "NOT_FOUND"
    assert foreign.message.replace(name, missing) == absent.message


def test_a_service_may_read_but_not_report(world: World, mill: str) -> None:
    world.report(mill, record(mill))
    service = world.running.principal("SERVICE")

    assert refused(service.accounting.ReportActivity, report(mill)).reason == "PERMISSION_DENIED"
    listing = pb.ListActivityRecordsRequest(parent=mill)
    assert len(service.accounting.ListActivityRecords(listing).activity_records) == 1


def test_records_are_listed_page_by_page_in_the_order_of_storing(world: World, mill: str) -> None:
    world.report(mill, *requests.year_of(mill)[:3])
    world.report(mill, *requests.year_of(mill)[3:5])
    listing = pb.ListActivityRecordsRequest(parent=mill, page_size=2)

    months: list[int] = []
    while True:
        page = world.desk.accounting.ListActivityRecords(listing)
        months += [each.period.start_date.month for each in page.activity_records]
        if not page.next_page_token:
            break
        listing.page_token = page.next_page_token

    assert months == [1, 2, 3, 4, 5]
    broken = "not made here"
    listing.page_token = broken
    assert (
        refused(world.desk.accounting.ListActivityRecords, listing).reason == "PAGE_TOKEN_INVALID"
    )


def test_reports_at_the_same_time_neither_get_lost_nor_overlap(world: World, mill: str) -> None:
    same = str(uuid.uuid4())
    reports = [
        report(mill, record(mill, f"{number} MWh", "2023-03"), request_id=request_id)
        for number, request_id in ((1, same), (1, same), (2, str(uuid.uuid4())))
    ]
    answers: list[pb.ReportActivityResponse | grpc.RpcError] = []

    def send(request: pb.ReportActivityRequest) -> None:
        try:
            answers.append(world.desk.accounting.ReportActivity(request))
        except grpc.RpcError as failed:
            answers.append(failed)

    threads = [threading.Thread(target=send, args=[each]) for each in reports]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert all(isinstance(answer, pb.ReportActivityResponse) for answer in answers), answers
    listing = pb.ListActivityRecordsRequest(parent=mill)
    assert len(world.desk.accounting.ListActivityRecords(listing).activity_records) == 1
    assert world.inventory(mill).resource_version == 1
