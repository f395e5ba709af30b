"""Reports over the wire, beside a real registry, on SQLite and on PostgreSQL."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

import grpc
import pytest
from google.rpc import status_pb2

from services.kernel.period import SHANGHAI
from tests import builders
from tests.accounting import requests
from tests.accounting.requests import fuel, record, report
from tests.accounting.works import claim, deed
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


def steam(
    parent: str, what: str, pressure: str = "0.5", temperature: str = "", **fields: Any
) -> Record:
    """Steam that was bought by mass."""
    state = activity_pb2.ReportedSteam()
    state.pressure_mpa.value = pressure
    if temperature:
        state.temperature_c.value = temperature
    values: dict[str, Any] = {
        "source_id": "steam-in",
        "kind": activity_pb2.ACTIVITY_KIND_HEAT_PURCHASED,
        "steam": state,
    }
    return record(parent, what, **values | fields)


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
        "steam beyond the tables",
        lambda m: steam(m, "10 t", pressure="0.5", temperature="150"),
        "STEAM_STATE_OUTSIDE",
        "steam",
    ),
    (
        "steam of no pressure",
        lambda m: steam(m, "10 t", "0"),
        "QUANTITY_INVALID",
        "steam.pressure_mpa",
    ),
    (
        "steam of a pressure that is no number",
        lambda m: steam(m, "10 t", "high", "200"),
        "QUANTITY_INVALID",
        "steam.pressure_mpa",
    ),
    (
        "steam of a temperature that is no number",
        lambda m: steam(m, "10 t", "0.5", "hot"),
        "QUANTITY_INVALID",
        "steam.temperature_c",
    ),
    (
        "steam without a state",
        lambda m: steam(m, "10 t", steam=None),
        "UNIT_DIMENSION",
        "quantity.unit_code",
    ),
    (
        "steam that was burnt",
        lambda m: steam(
            m,
            "10 t",
            source_id="boiler-1",
            kind=activity_pb2.ACTIVITY_KIND_FUEL_COMBUSTION,
            subject="coke",
            counterparty="",
        ),
        "FIELD_INVALID",
        "steam",
    ),
    (
        "freight of no category",
        lambda m: deed(m, "OTHER_INDIRECT", "freight", "10 t", "2023-01"),
        "FIELD_REQUIRED",
        "value_chain_category_number",
    ),
    (
        "a category of no value chain",
        lambda m: fuel(m, value_chain_category_number=4),
        "FIELD_INVALID",
        "value_chain_category_number",
    ),
    (
        "a category beyond the fifteenth",
        lambda m: fuel(m, value_chain_category_number=16),
        "FIELD_INVALID",
        "value_chain_category_number",
    ),
    (
        "non-fossil by nobody's word",
        lambda m: record(m, source_id="sun", subject="electricity-non-fossil"),
        "FIELD_REQUIRED",
        "evidence",
    ),
    (
        "a claim without its number",
        lambda m: claim(m, "1 MWh", "", "2023-01"),
        "FIELD_REQUIRED",
        "certificate",
    ),
    (
        "a claim by nobody's word",
        lambda m: claim(m, "1 MWh", "GEC-1", "2023-01", evidence=""),
        "FIELD_REQUIRED",
        "evidence",
    ),
    (
        "a certificate of something else",
        lambda m: fuel(m, certificate="GEC-1"),
        "FIELD_INVALID",
        "certificate",
    ),
    (
        "what no method counts",
        lambda m: deed(m, "PRODUCT_OUTPUT", "bicycle", "1 t", "2023-01"),
        "FIELD_INVALID",
        "subject",
    ),
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


def test_a_fuel_by_mass_and_by_heat_in_one_month_is_refused_and_names_the_other(
    world: World, mill: str
) -> None:
    first = world.report(mill, fuel(mill, "10 t")).results[0].activity_record

    answer = world.desk.accounting.ReportActivity(
        report(mill, fuel(mill, "200 GJ(NCV)", source_id="boiler-2"))
    )

    assert outcomes(answer) == ["FUEL_COUNTED_TWICE"]
    assert error(answer).fields == ["records[0].quantity.unit_code"]
    assert error(answer).metadata["other"] == first


def test_a_certificate_is_retired_once_across_enterprises_and_nobody_learns_whose(
    world: World, mill: str
) -> None:
    number = f"GEC-{uuid.uuid4()}"
    other, again = world.enterprise(), "2023-02"
    own = world.report(mill, claim(mill, "10 MWh", number, "2023-01")).results[0].activity_record

    foreign = world.desk.accounting.ReportActivity(
        report(other, claim(other, "10 MWh", number, "2023-01"))
    )
    twice = world.desk.accounting.ReportActivity(report(mill, claim(mill, "10 MWh", number, again)))

    assert outcomes(foreign) == outcomes(twice) == ["CERTIFICATE_RETIRED"]
    assert error(foreign).fields == ["records[0].certificate"]
    assert error(foreign).message == error(twice).message
    assert error(foreign).metadata == error(twice).metadata
    assert mill not in str(foreign)
    # Its own record may be corrected, and gives the number free where it names another.
    world.report(mill, claim(mill, "9 MWh", number, "2023-01", corrects=own))


def test_a_certificate_that_a_correction_gave_up_can_be_claimed_again(
    world: World, mill: str
) -> None:
    wrong, right = f"GEC-{uuid.uuid4()}", f"GEC-{uuid.uuid4()}"
    other = world.enterprise()
    first = world.report(mill, claim(mill, "10 MWh", wrong, "2023-01")).results[0].activity_record

    world.report(mill, claim(mill, "10 MWh", right, "2023-01", corrects=first))

    world.report(other, claim(other, "10 MWh", wrong, "2023-01"))


def test_steam_by_mass_is_booked_by_its_state_and_explained_by_the_printed_points(
    world: World, mill: str
) -> None:
    answer = world.report(mill, steam(mill, "1000 t", "0.55", "410"))

    (line,) = answer.lines
    enthalpy = line.binding.factors[0]
    assert (line.binding.formula_id, line.activity.unit_code) == ("steam_ndrc", "kg")
    assert enthalpy.quantity.unit_code == "kJ/kg"
    assert enthalpy.source.note.count("×") == 4
    per_t = (Fraction(enthalpy.quantity.value.value) - Fraction("83.74")) / 1000
    assert line.emissions.co2_g == round(1000 * per_t * Fraction("0.11") * 10**6)
    told = world.desk.accounting.ExplainFigure(pb.ExplainFigureRequest(name=line.name)).text
    assert f"steam enthalpy of heat (published default): {enthalpy.quantity.value.value}" in told
    kept = world.desk.accounting.GetActivityRecord(
        pb.GetActivityRecordRequest(name=answer.results[0].activity_record)
    )
    assert (kept.steam.pressure_mpa.value, kept.steam.temperature_c.value) == ("0.55", "410")


def test_saturated_steam_is_another_source_than_superheated(world: World, mill: str) -> None:
    world.report(mill, steam(mill, "10 t", "1.7"))

    answer = world.desk.accounting.ReportActivity(
        report(mill, steam(mill, "10 t", "1.7", "300", when="2023-02"))
    )

    assert outcomes(answer) == ["FIELD_INVALID"]
    assert error(answer).fields == ["records[0].steam"]


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
