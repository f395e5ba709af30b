"""Reports as files over the wire, beside a real registry, on SQLite and on PostgreSQL."""

from __future__ import annotations

import hashlib
import io
import threading
import urllib.request
import uuid
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
import python_calamine

from services.accounting.domain.bundle.recomputation import recompute
from services.accounting.domain.form import filled
from services.accounting.files.report import opened
from services.kernel.encoding import Encoding
from services.runtime.database import Database
from tests import builders
from tests.accounting import bundles, requests, sheets
from tests.accounting.sheets import COAL, Values
from tests.accounting.world import World
from tests.refusals import Refused, refused
from zonecarbon import report_files
from zonecarbon.accounting.v1 import accounting_service_pb2, report_file_pb2
from zonecarbon.accounting.v1 import report_file_service_pb2 as pb
from zonecarbon.client import Client
from zonecarbon.report_files import File, Sent, Wanted

POWER: Values = {
    "source_id": "intake",
    "kind": "购入电力",
    "value": "100",
    "unit_code": "万度",
    "first_day": "2023/1/1",
    "last_day": "2023/1/31",
    "counterparty": "grid",
}
WRONG: Values = {**COAL, "source_id": "boiler-2", "unit_code": "ton"}


def send(to: Client, parent: str, content: bytes, name: str = "一月.csv", **wanted: Any) -> Sent:
    return report_files.send(
        to, File(name=name, content=content), parent=parent, wanted=Wanted(**wanted)
    )


def refusal(call: Callable[..., object], *arguments: Any, **options: Any) -> Refused:
    return refused(lambda _: call(*arguments, **options), pb.UploadReportFileRequest())


def records(world: World, parent: str) -> list[Any]:
    request = accounting_service_pb2.ListActivityRecordsRequest(parent=parent)
    return list(world.desk.accounting.ListActivityRecords(request).activity_records)


def files(world: World, parent: str, **fields: Any) -> pb.ListReportFilesResponse:
    request = pb.ListReportFilesRequest(parent=parent, **fields)
    return world.desk.report_files.ListReportFiles(request)


def header(name: str, content: bytes, **fields: Any) -> pb.ReportFileHeader:
    values: dict[str, Any] = {
        "parent": name,
        "file_name": "a.csv",
        "file_size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "request_id": str(uuid.uuid4()),
    }
    return pb.ReportFileHeader(**values | fields)


def upload(to: Client, *messages: pb.UploadReportFileRequest) -> list[pb.UploadReportFileResponse]:
    return list(to.report_files.UploadReportFile(iter(messages), timeout=60))


def first(of: pb.ReportFileHeader) -> pb.UploadReportFileRequest:
    return pb.UploadReportFileRequest(header=of)


def chunk(content: bytes) -> pb.UploadReportFileRequest:
    return pb.UploadReportFileRequest(chunk=content)


@pytest.mark.parametrize(
    ("content", "format_", "encoding"),
    [
        (sheets.csv(COAL, POWER), "CSV", "UTF_8_BOM"),
        (sheets.csv(COAL, POWER, encoding=Encoding.GB18030, divider=";"), "CSV", "GB18030"),
        (sheets.xlsx(COAL, POWER), "XLSX", "UNSPECIFIED"),
    ],
    ids=["utf-8", "gb18030", "xlsx"],
)
def test_a_file_is_stored_as_the_report_of_the_same_rows_is(
    world: World, mill: str, content: bytes, format_: str, encoding: str
) -> None:
    twin = world.enterprise()
    reported = world.report(twin, requests.fuel(twin, "10.50 t"), requests.record(twin, "100 万度"))

    done = send(world.desk, mill, content).result

    assert (done.row_count, done.accepted_count, done.refused_count) == (2, 2, 0)
    assert report_file_pb2.ReportFileFormat.Name(done.format).endswith(format_)
    assert report_file_pb2.TextEncoding.Name(done.text_encoding).endswith(encoding)
    assert [each.emissions for each in done.lines] == [each.emissions for each in reported.lines]
    assert done.line_count == 2
    for ours, theirs in zip(records(world, mill), records(world, twin), strict=True):
        assert (ours.quantity, ours.period) == (theirs.quantity, theirs.period)
        assert ours.counterparty == theirs.counterparty.replace(twin, mill)


def test_the_original_is_kept_and_records_name_the_row_they_came_from(
    world: World, mill: str
) -> None:
    content = sheets.xlsx(COAL, {}, POWER)
    done = send(world.desk, mill, content, "2023 一月.xlsx").result

    stored = done.report_file
    assert stored.name == f"{mill}/reportFiles/f{stored.revision}"
    assert (stored.file_name, stored.sheet) == ("2023 一月.xlsx", "填报 Report")
    assert (stored.sha256, stored.file_size) == (hashlib.sha256(content).hexdigest(), len(content))
    assert (stored.row_count, stored.accepted_count, stored.template_version) == (2, 2, 1)
    assert stored.reporter.startswith("principals/p-")
    assert stored.create_time.seconds > 0
    request = pb.GetReportFileRequest(name=stored.name)
    assert world.desk.report_files.GetReportFile(request) == stored
    assert report_files.fetch(world.desk, stored.name) == content
    rows = [each.report_file_row for each in records(world, mill)]
    assert [(each.report_file, each.row_number) for each in rows] == [
        (stored.name, 3),
        (stored.name, 5),
    ]
    name = f"{mill}/activityRecords/r{stored.revision}-1"
    found = world.desk.accounting.GetActivityRecord(
        accounting_service_pb2.GetActivityRecordRequest(name=name)
    )
    assert (found.report_file_row, found.report_file_row.sheet) == (rows[1], "填报 Report")
    for what in (f"{mill}/lines/boiler-1-2023-01", f"{mill}/inventories/2023"):
        told = world.desk.accounting.ExplainFigure(
            accounting_service_pb2.ExplainFigureRequest(name=what)
        ).text
        assert f"{stored.name} (2023 一月.xlsx), 填报 Report, row 3" in told


def test_a_record_that_was_reported_otherwise_names_no_file(world: World, mill: str) -> None:
    world.report(mill)
    send(world.desk, mill, sheets.csv(COAL))

    plain, of_file = records(world, mill)

    assert not plain.HasField("report_file_row")
    assert of_file.report_file_row.row_number == 3


def test_nothing_of_a_file_is_stored_while_a_row_is_wrong(world: World, mill: str) -> None:
    done = send(world.desk, mill, sheets.csv(COAL, WRONG)).result

    assert not done.HasField("report_file")
    assert (done.accepted_count, done.refused_count, done.line_count) == (1, 1, 0)
    (error,) = done.cell_errors
    assert (error.cell, error.row_number, error.column) == ("E4", 4, "计量单位 Unit")
    assert (error.given, error.reason, error.sheet) == ("ton", "UNIT_AMBIGUOUS", "")
    assert error.message.startswith('E4 (计量单位 Unit) is "ton", which can mean several units')
    assert error.message_zh.startswith("E4（计量单位 Unit）")
    assert records(world, mill) == []
    assert list(files(world, mill).report_files) == []


def test_a_file_that_is_wrong_in_itself_waits_for_nobody_who_writes(
    world: World, mill: str
) -> None:
    with (
        closing(Database.of(world.running.settings, "accounting")) as beside,
        beside.write(),
    ):
        done = send(world.desk, mill, sheets.csv(COAL, WRONG)).result

    assert (done.accepted_count, done.refused_count) == (1, 1)


def test_the_good_rows_are_stored_alone_where_that_is_wanted(world: World, mill: str) -> None:
    content = sheets.csv(WRONG, COAL)
    done = send(world.desk, mill, content, accept_good_rows=True, annotate=True)

    assert (done.result.accepted_count, done.result.refused_count) == (1, 1)
    assert done.result.report_file.accepted_count == 1
    (record,) = records(world, mill)
    assert record.report_file_row.row_number == 4
    # What comes back holds what is still to be stored, and can be sent when it is corrected.
    (left,) = filled.read(opened(done.annotated).sheet).rows
    assert (left.number, left.values["unit_code"]) == (3, "ton")


def test_a_file_of_wrong_rows_alone_is_not_stored(world: World, mill: str) -> None:
    done = send(world.desk, mill, sheets.csv(WRONG), accept_good_rows=True).result

    assert not done.HasField("report_file")
    assert list(files(world, mill).report_files) == []


def test_a_dry_run_tells_what_would_be_and_stores_nothing(world: World, mill: str) -> None:
    content = sheets.csv(COAL, POWER)
    tried = send(world.desk, mill, content, validate_only=True).result

    assert not tried.HasField("report_file")
    assert (tried.accepted_count, tried.line_count) == (2, 2)
    assert records(world, mill) == []
    done = send(world.desk, mill, content).result
    assert [each.emissions for each in tried.lines] == [each.emissions for each in done.lines]


def test_the_same_file_again_has_one_effect_and_one_answer(world: World, mill: str) -> None:
    content = sheets.csv(COAL)
    once = header(mill, content)

    answers = [
        upload(world.desk, first(once), chunk(content))[-1],
        upload(world.desk, first(once), chunk(content))[-1],
        upload(world.desk, first(header(mill, content)), chunk(content))[-1],
        upload(world.desk, first(header(mill, content, validate_only=True)), chunk(content))[-1],
    ]

    assert answers[0].result.report_file.name
    assert all(each == answers[0] for each in answers)
    assert len(records(world, mill)) == 1


def test_the_same_file_of_two_at_the_same_time_has_one_effect(world: World, mill: str) -> None:
    content = sheets.csv(COAL, POWER)
    found: list[Sent] = []

    def run() -> None:
        found.append(send(world.desk, mill, content))

    threads = [threading.Thread(target=run) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert len({each.result.SerializeToString(deterministic=True) for each in found}) == 1
    assert len(found) == 4
    assert len(records(world, mill)) == 2


def test_the_same_bytes_of_another_enterprise_are_another_file(world: World, mill: str) -> None:
    content, other = sheets.csv(COAL), world.enterprise()

    names = {send(world.desk, each, content).result.report_file.name for each in (mill, other)}

    assert len(names) == 2
    assert (len(records(world, mill)), len(records(world, other))) == (1, 1)


def test_an_id_that_was_used_for_another_file_is_refused(world: World, mill: str) -> None:
    id_ = str(uuid.uuid4())
    send(world.desk, mill, sheets.csv(COAL), request_id=id_)

    told = refusal(send, world.desk, mill, sheets.csv(POWER), request_id=id_)

    assert (told.code, told.reason) == ("ALREADY_EXISTS", "REQUEST_ID_REUSED")


def test_a_file_of_which_nothing_was_stored_is_judged_anew(world: World, mill: str) -> None:
    content, id_ = sheets.csv({**POWER, "counterparty": "chp"}), str(uuid.uuid4())
    before = send(world.desk, mill, content, request_id=id_).result
    world.desk.registry.CreateCounterparty(builders.counterparty(mill, "chp"))

    after = send(world.desk, mill, content, request_id=id_).result

    assert [each.reason for each in before.cell_errors] == ["NOT_FOUND"]
    assert after.report_file.name


def test_wrong_cells_beyond_the_first_thousand_are_counted(world: World, mill: str) -> None:
    rows = [{**COAL, "source_id": f"b-{n}", "unit_code": "ton"} for n in range(1_001)]

    done = send(world.desk, mill, sheets.csv(*rows), annotate=True)

    assert (len(done.result.cell_errors), done.result.cell_error_count) == (1_000, 1_001)
    again = filled.read(opened(done.annotated).sheet)
    assert len(again.rows) == 1_001


def test_the_annotated_workbook_can_be_corrected_and_sent_back(world: World, mill: str) -> None:
    content = sheets.csv(COAL, WRONG)
    done = send(world.desk, mill, content, annotate=True)

    read = filled.read(opened(done.annotated).sheet)

    before = filled.read(opened(content).sheet)
    assert [(each.number, each.values) for each in read.rows] == [
        (each.number, each.values) for each in before.rows
    ]
    assert send(world.desk, mill, sheets.csv(COAL), annotate=True).annotated == b""


def test_files_are_listed_in_the_order_they_were_stored_page_by_page(
    world: World, mill: str
) -> None:
    stored = [
        send(world.desk, mill, sheets.csv({**COAL, "source_id": f"b-{n}"})).result.report_file
        for n in range(3)
    ]

    page = files(world, mill, page_size=2)
    rest = files(world, mill, page_size=2, page_token=page.next_page_token)

    assert [*page.report_files, *rest.report_files] == stored
    assert rest.next_page_token == ""
    told = refusal(files, world, mill, page_token="x")  # noqa: S106 (a page)
    assert told.reason == "PAGE_TOKEN_INVALID"


def test_a_template_offers_what_is_the_enterprises_own_and_is_a_form(
    world: World, mill: str
) -> None:
    world.desk.registry.CreateFacility(builders.facility(mill, "kiln-1", display_name="回转窑"))
    for format_ in (
        report_file_pb2.REPORT_FILE_FORMAT_CSV,
        report_file_pb2.REPORT_FILE_FORMAT_XLSX,
    ):
        request = pb.GetReportTemplateRequest(parent=mill, format=format_)
        found = world.desk.report_files.GetReportTemplate(request)
        again = world.desk.report_files.GetReportTemplate(request)

        assert found == again
        assert found.sha256 == hashlib.sha256(found.content).hexdigest()
        assert opened(found.content).sheet.row(1)[0].text == "zonecarbon-report/1"
        told = refusal(send, world.desk, mill, found.content)
        assert (told.reason, told.fields) == ("FILE_INVALID", ["A3"])
    with python_calamine.load_workbook(io.BytesIO(found.content)) as workbook:
        assert workbook.sheet_names == ["填报 Report", "说明 Instructions", "选项 Choices"]
        listed = {
            text for row in workbook.get_sheet_by_name("选项 Choices").to_python() for text in row
        }
    assert {
        "kiln-1 回转窑",
        "grid Grid",
        "natural-gas 天然气",
        "bituminous-coal 烟煤",
        "lng 液化天然气",
        "calcium-carbonate 碳酸钙",
        "adipic-acid 己二酸",
        "FUEL_COMBUSTION 化石燃料燃烧",
        "10^4 Nm3",
    } <= listed


CONTENT = sheets.csv(COAL)
# What follows the header, what it says wrong, and what is refused.
STREAMS: dict[str, tuple[list[bytes], dict[str, Any], str, str]] = {
    "no file": ([], {}, "FIELD_INVALID", "header.file_size"),
    "too much": ([CONTENT, b"x", b"y"], {}, "FIELD_INVALID", "header.file_size"),
    "too little": ([CONTENT[:-1]], {}, "FIELD_INVALID", "header.file_size"),
    "other bytes": ([CONTENT[:-1] + b"x"], {}, "FIELD_INVALID", "header.sha256"),
    "no digest": ([CONTENT], {"sha256": "A" * 64}, "FIELD_INVALID", "header.sha256"),
    "a bell": ([CONTENT], {"file_name": "a\x07.csv"}, "FIELD_INVALID", "header.file_name"),
    "no name": ([CONTENT], {"parent": "mill"}, "NAME_INVALID", "header.parent"),
    "no such enterprise": ([CONTENT], {"parent": "enterprises/none"}, "NOT_FOUND", ""),
    "large part": ([b"x" * (2**20 + 1)], {}, "FIELD_INVALID", "chunk"),
    "empty part": ([b""], {}, "FIELD_REQUIRED", "chunk"),
}


@pytest.mark.parametrize("stream", STREAMS.values(), ids=STREAMS)
def test_a_stream_that_is_not_one_whole_file_is_refused(
    world: World, mill: str, stream: tuple[list[bytes], dict[str, Any], str, str]
) -> None:
    parts, wrong, reason, field = stream
    said = first(header(mill, CONTENT, **wrong))

    told = refusal(upload, world.desk, said, *map(chunk, parts))

    assert (told.reason, told.fields) == (reason, [field] if field else [])
    assert records(world, mill) == []


def test_a_stream_has_one_header_at_its_beginning(world: World, mill: str) -> None:
    said = first(header(mill, CONTENT))

    empty = refusal(upload, world.desk)
    late = refusal(upload, world.desk, chunk(CONTENT), said)
    twice = refusal(upload, world.desk, said, said)
    none = refusal(upload, world.desk, pb.UploadReportFileRequest())

    assert [(each.reason, each.fields) for each in (empty, late, twice, none)] == [
        ("FIELD_REQUIRED", ["header"]),
        ("FIELD_REQUIRED", ["header"]),
        ("FIELD_INVALID", ["header"]),
        ("FIELD_REQUIRED", ["part"]),
    ]


def test_a_file_that_is_too_large_is_refused_before_it_comes_and_counted(
    world: World, mill: str
) -> None:
    before = counted(world)

    told = refusal(upload, world.desk, first(header(mill, b"x", file_size=2**24 + 1)))

    assert (told.code, told.reason) == ("RESOURCE_EXHAUSTED", "LIMIT_EXCEEDED")
    assert counted(world) == before + 1


def counted(world: World) -> float:
    """How many files were refused for their size; the limit is shown beside it."""
    address = f"http://{world.running.house.metrics.address}/metrics"
    with urllib.request.urlopen(address) as page:
        lines = dict(line.rsplit(" ", 1) for line in page.read().decode().splitlines())
    assert float(lines['zonecarbon_limit{limit="report_file_bytes"}']) == 2**24
    return float(lines['zonecarbon_limit_exceeded_total{limit="report_file_bytes"}'])


def fetched(to: Client, request: pb.DownloadReportFileRequest) -> bytes:
    return b"".join(each.chunk for each in to.report_files.DownloadReportFile(request))


def test_who_may_not_see_the_enterprise_sees_none_of_its_files(world: World, mill: str) -> None:
    stored = send(world.desk, mill, sheets.csv(COAL)).result.report_file
    stranger = world.running.principal("ENTERPRISE", world.enterprise())
    get = pb.GetReportFileRequest(name=stored.name)
    download = pb.DownloadReportFileRequest(name=stored.name)

    assert refusal(stranger.report_files.GetReportFile, get).reason == "NOT_FOUND"
    assert refusal(fetched, stranger, download).reason == "NOT_FOUND"
    assert refusal(send, stranger, mill, sheets.csv(POWER)).reason == "NOT_FOUND"
    missing = pb.GetReportFileRequest(name=f"{mill}/reportFiles/f0")
    assert refusal(world.desk.report_files.GetReportFile, missing).reason == "NOT_FOUND"


def test_an_enterprise_reports_for_itself_and_a_verifier_may_fetch_but_not_send(
    world: World, mill: str
) -> None:
    own = world.running.principal("ENTERPRISE", mill)
    verifier = world.running.principal("VERIFIER", mill)

    stored = send(own, mill, sheets.csv(COAL)).result.report_file

    assert report_files.fetch(verifier, stored.name) == sheets.csv(COAL)
    assert refusal(send, verifier, mill, sheets.csv(POWER)).reason == "PERMISSION_DENIED"


def test_progress_is_told_on_the_way(world: World, mill: str) -> None:
    rows = [{**COAL, "source_id": f"b-{n}"} for n in range(1_500)]
    told: list[pb.UploadProgress] = []

    report_files.send(
        world.desk,
        File(name="a.csv", content=sheets.csv(*rows)),
        parent=mill,
        progress=told.append,
    )

    assert told[0].row_count == 0
    assert told[-1].row_count == 1_500
    assert all(each.received_size for each in told)


@pytest.mark.parametrize(
    ("content", "sheet"),
    [(sheets.csv(COAL, POWER), ""), (sheets.xlsx(COAL, POWER), "填报 Report")],
    ids=["csv", "xlsx"],
)
def test_the_bundle_names_the_row_of_the_file_by_which_a_record_came(
    world: World, mill: str, content: bytes, sheet: str
) -> None:
    send(world.desk, mill, content)
    (sent,) = files(world, mill).report_files
    world.report(mill, requests.record(mill, when="2023-02"))

    request = accounting_service_pb2.ExportBundleRequest(name=f"{mill}/inventories/2023")
    bundle = bundles.opened(world.desk.accounting.ExportBundle(request).content).bundle

    rows = [each.file_row for each in bundle.records]
    by_file = [row for row in rows if row is not None]
    assert len(rows) == len(by_file) + 1
    assert {(row.report_file, row.sheet, row.sha256) for row in by_file} == {
        (sent.name, sheet, hashlib.sha256(content).hexdigest())
    }
    told = [each.report_file_row.row_number for each in records(world, mill)[:2]]
    assert sorted(row.row_number for row in by_file) == sorted(told)
    assert not recompute(bundle).differing
