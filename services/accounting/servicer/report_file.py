"""Reports of activity as files: read as a form, then judged and stored as any report."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import grpc
import sqlalchemy as sa

from services.accounting import store
from services.accounting.domain.enterprise import Enterprise
from services.accounting.domain.form import fault, filled
from services.accounting.domain.form.choices import choices
from services.accounting.domain.form.fault import Fault
from services.accounting.domain.form.filled import Filled
from services.accounting.domain.form.form import FORM
from services.accounting.domain.form.report_file import Format, ReportFile
from services.accounting.domain.report import Accepted
from services.accounting.domain.row import checked
from services.accounting.files import report as files
from services.accounting.files.report import Original
from services.accounting.servicer.report import Judged, Report, Reports
from services.accounting.wire import report_file as wire
from services.accounting.wire.report_file import Outcome
from services.kernel import names
from services.kernel.errors import (
    FieldInvalid,
    FieldRequired,
    LimitExceeded,
    NotFound,
    PageTokenInvalid,
    Words,
)
from services.runtime import auth, paging, progress, replay, revision
from services.runtime.revision import Revision
from zonecarbon.accounting.v1 import (
    report_file_pb2,
    report_file_service_pb2_grpc,
)
from zonecarbon.accounting.v1 import report_file_service_pb2 as pb

_BYTES_LIMIT: Final = "report_file_bytes"
LIMITS: Final = {
    _BYTES_LIMIT: files.MOST_BYTES,
    filled.ROWS_LIMIT: filled.MOST_ROWS,
    files.UNPACKED_LIMIT: files.MOST_UNPACKED_BYTES,
}
"""The most that is taken of a file, by the names of the limits."""

PART_BYTES: Final = 2**20

_MEDIA_TYPES: Final = {
    Format.CSV: "text/csv; charset=utf-8",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

Tell = Callable[[pb.UploadReportFileResponse], None]


class Unstored(Exception):
    """A row is refused and the good ones are not wanted alone; never leaves the servicer."""

    def __init__(self, judged: Judged) -> None:
        super().__init__(judged)
        self.judged = judged


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that came whole."""

    enterprise: Enterprise
    header: pb.ReportFileHeader
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A file as it was read."""

    upload: Upload
    original: Original
    form: Filled


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is told of a file, and all its faults."""

    result: pb.UploadResult
    faults: Sequence[Fault]


class ReportFiles(Reports, report_file_service_pb2_grpc.ReportFileServiceServicer):
    """ReportFileService: a file is a report in another dress."""

    def GetReportTemplate(
        self, request: pb.GetReportTemplateRequest, context: grpc.ServicerContext
    ) -> report_file_pb2.ReportTemplate:
        enterprise_id = names.ENTERPRISE.parse(request.parent, "parent")["enterprise"]
        enterprise = self._registry.enterprise(request.parent)
        format_ = wire.to_format(request.format)
        content = files.csv_template() if format_ is Format.CSV else self._workbook(enterprise)
        return report_file_pb2.ReportTemplate(
            file_name=f"{enterprise_id}-report-{FORM.version}.{format_.lower()}",
            media_type=_MEDIA_TYPES[format_],
            template_version=FORM.version,
            sha256=hashlib.sha256(content).hexdigest(),
            content=content,
        )

    def UploadReportFile(
        self, request: Iterator[pb.UploadReportFileRequest], context: grpc.ServicerContext
    ) -> Iterator[pb.UploadReportFileResponse]:
        header = _header(request)
        names.ENTERPRISE.parse(header.parent, "header.parent")
        enterprise = self._registry.enterprise(header.parent)
        content = yield from _received(header, request)
        upload = Upload(enterprise=enterprise, header=header, content=content)
        yield from progress.told(lambda tell: self._answers(upload, tell))

    def GetReportFile(
        self, request: pb.GetReportFileRequest, context: grpc.ServicerContext
    ) -> report_file_pb2.ReportFile:
        with self._database.read() as connection:
            return wire.from_file(self._seen_file(connection, request.name))

    def ListReportFiles(
        self, request: pb.ListReportFilesRequest, context: grpc.ServicerContext
    ) -> pb.ListReportFilesResponse:
        enterprise = names.ENTERPRISE.parse(request.parent, "parent")["enterprise"]
        after, size = _after(paging.start(request, request.parent)), paging.size(request)
        self._registry.enterprise(request.parent)
        with self._database.read() as connection:
            found = store.report_files.page(connection, enterprise, after=after, size=size + 1)
        keys = [str(each.revision) for each in found]
        return pb.ListReportFilesResponse(
            report_files=[wire.from_file(each) for each in found[:size]],
            next_page_token=paging.next_token(keys, size, request.parent),
        )

    def DownloadReportFile(
        self, request: pb.DownloadReportFileRequest, context: grpc.ServicerContext
    ) -> Iterator[pb.DownloadReportFileResponse]:
        with self._database.read() as connection:
            file = self._seen_file(connection, request.name)
            content = store.report_files.content(connection, file)
        for part in wire.parts(content, PART_BYTES):
            yield pb.DownloadReportFileResponse(chunk=part)

    def _workbook(self, enterprise: Enterprise) -> bytes:
        """Return the workbook in which an enterprise reports of this year or the last."""
        this_year = self._today().year
        methods = [
            each
            for each in self._methods.values()
            if any(
                each.covers(enterprise.industry_code, year) for year in (this_year, this_year - 1)
            )
        ]
        own = self._registry.possessions(enterprise.name)
        offered = choices(methods, self._registry.library(), own)
        return files.xlsx_template(offered, f"{enterprise.display_name} {enterprise.name}")

    def _seen_file(self, connection: sa.Connection, name: str) -> ReportFile:
        """Return a file of an enterprise that the caller may see.

        Raises:
            NameInvalid: it is no name of a file.
            NotFound: there is none of that name.
        """
        ids = names.REPORT_FILE.parse(name)
        parent = names.ENTERPRISE.format(enterprise=ids["enterprise"])
        self._registry.enterprise(parent, wanted=name)
        found = store.report_files.find(connection, ids["enterprise"], ids["report_file"])
        if found is None:
            raise NotFound(name=name)
        return found

    def _answers(self, upload: Upload, tell: Tell) -> list[pb.UploadReportFileResponse]:
        """Return the result of a file, and its annotated workbook in parts where that is wanted."""
        with self._database.read() as connection:
            answered = self._answered(connection, upload)
        original = files.opened(upload.content)
        form = filled.read(original.sheet)
        if answered is None:
            told = self._reported(Reading(upload=upload, original=original, form=form), tell)
        else:
            told = Told(result=answered, faults=wire.to_faults(answered))
        annotated = b""
        if upload.header.annotate and told.faults:
            annotated = files.annotated(form, told.faults, self._rows_stored(upload))
        return [
            pb.UploadReportFileResponse(result=told.result),
            *(
                pb.UploadReportFileResponse(annotated_chunk=part)
                for part in wire.parts(annotated, PART_BYTES)
            ),
        ]

    def _rows_stored(self, upload: Upload) -> Sequence[int]:
        """Return the numbers of the rows of a file that are stored."""
        enterprise_id, sha256 = upload.enterprise.enterprise_id, upload.header.sha256
        with self._database.read() as connection:
            file = store.report_files.of_digest(connection, enterprise_id, sha256)
        return file.row_numbers if file else ()

    def _answered(self, connection: sa.Connection, upload: Upload) -> pb.UploadResult | None:
        """Return the answer to the same request, or to the same bytes by whomever; None if new.

        Raises:
            RequestIdReused: the caller sent the same id with another header before.
        """
        if answered := replay.find(connection, upload.header, pb.UploadResult):
            return answered
        same = store.report_files.of_digest(
            connection, upload.enterprise.enterprise_id, upload.header.sha256
        )
        if same is None:
            return None
        return replay.kept(connection, same.reporter, same.request_id, pb.UploadResult)

    def _reported(self, reading: Reading, tell: Tell) -> Told:
        """Judge the rows, and store them where they may be."""
        enterprise, header = reading.upload.enterprise, reading.upload.header
        enterprise_id = enterprise.enterprise_id
        rows = wire.to_rows(reading.form, enterprise_id)
        judgeable = checked(rows, enterprise=enterprise_id, today=self._today())

        def passed(judged_count: int) -> None:
            tell(_progress(len(reading.upload.content), len(rows), judged_count))

        passed(0)
        if header.validate_only:
            judged = self._settled(
                enterprise, judgeable, lambda whole: self._previewed(replace(whole, passed=passed))
            )
            return _told(reading, judged, None)
        try:
            return self._settled(
                enterprise,
                judgeable,
                lambda whole: self._stored_file(reading, replace(whole, passed=passed)),
            )
        except Unstored as refused:
            return _told(reading, refused.judged, None)

    def _stored_file(self, reading: Reading, whole: Report) -> Told:
        """Judge and store a file with its rows in one transaction; undone where it may not be.

        Raises:
            Unstored: a row is refused, and the good ones are not wanted alone; or none is good.
        """
        upload = reading.upload
        with self._database.write() as connection:
            taken = revision.take(connection)
            # Whoever sent the same file at the same time has the revision before this one.
            if answered := self._answered(connection, upload):
                return Told(result=answered, faults=wire.to_faults(answered))
            self._check_newest(connection, whole.registry_revision)
            judged = self._judged(connection, whole, taken.number)
            accepted = judged.posting.accepted
            is_whole = len(accepted) == len(judged.verdicts)
            if not accepted or not (is_whole or upload.header.accept_good_rows):
                raise Unstored(judged)
            self._recorded(connection, judged.posting, taken)
            file = _file(reading, judged, taken)
            store.report_files.add(connection, file, upload.content)
            told = _told(reading, judged, file)
            replay.keep(connection, upload.header, told.result, taken)
            return told


def _header(request: Iterator[pb.UploadReportFileRequest]) -> pb.ReportFileHeader:
    """Return the header, which comes first.

    Raises:
        FieldRequired: something else comes first, or nothing.
        LimitExceeded: the file is too large.
    """
    first = next(request, None)
    if first is None or not first.HasField("header"):
        raise FieldRequired(field="header")
    size = first.header.file_size
    if size > files.MOST_BYTES:
        raise LimitExceeded(
            limit=_BYTES_LIMIT,
            given=size,
            allowed=files.MOST_BYTES,
            way_out=Words(
                en="Split the file, for example by month.", zh="请拆分文件，例如按月拆分。"
            ),
        )
    return first.header


def _received(
    header: pb.ReportFileHeader, request: Iterator[pb.UploadReportFileRequest]
) -> Generator[pb.UploadReportFileResponse, None, bytes]:
    """Return the file once it is whole; yield how far it is with each part.

    Raises:
        FieldInvalid: a second header comes, or the bytes are not those that the header says.
    """
    content = bytearray()
    for message in request:
        if message.HasField("header"):
            once = Words(en="the header once, first", zh="仅在开头发送一次")
            raise FieldInvalid(field="header", given=message.header.file_name, allowed=once)
        content += message.chunk
        if len(content) > header.file_size:
            break
        yield _progress(len(content), 0, 0)
    if len(content) != header.file_size:
        raise FieldInvalid(
            field="header.file_size",
            given=str(header.file_size),
            allowed=Words(
                en=f"the number of bytes that come, here {len(content)} or more",
                zh=f"实际发送的字节数，本次为 {len(content)} 或更多",
            ),
        )
    whole = bytes(content)
    if (digest := hashlib.sha256(whole).hexdigest()) != header.sha256:
        raise FieldInvalid(field="header.sha256", given=header.sha256, allowed=digest)
    return whole


def _progress(received_size: int, row_count: int, judged_count: int) -> pb.UploadReportFileResponse:
    return pb.UploadReportFileResponse(
        progress=pb.UploadProgress(
            received_size=received_size, row_count=row_count, judged_count=judged_count
        )
    )


def _told(reading: Reading, judged: Judged, file: ReportFile | None) -> Told:
    faults = fault.faults(reading.form, judged.verdicts)
    shown = file is not None or reading.upload.header.validate_only
    outcome = Outcome(
        filled=reading.form,
        format=reading.original.format,
        encoding=reading.original.encoding,
        accepted_count=len(judged.posting.accepted),
        posting=judged.posting if shown else None,
        faults=faults,
        notes=fault.notes(reading.form),
        file=file,
    )
    return Told(result=wire.from_outcome(outcome), faults=faults)


def _file(reading: Reading, judged: Judged, taken: Revision) -> ReportFile:
    upload, original = reading.upload, reading.original
    return ReportFile(
        enterprise=upload.enterprise.enterprise_id,
        file_name=upload.header.file_name,
        format=original.format,
        encoding=original.encoding,
        sha256=upload.header.sha256,
        size=len(upload.content),
        sheet=original.sheet.name,
        template_version=reading.form.form.version,
        row_count=len(reading.form.rows),
        row_numbers=tuple(
            row.number
            for row, verdict in zip(reading.form.rows, judged.verdicts, strict=True)
            if isinstance(verdict, Accepted)
        ),
        reporter=auth.caller().name,
        request_id=upload.header.request_id,
        revision=taken.number,
        create_time=taken.commit_time,
    )


def _after(key: str) -> int:
    """Return the revision that a page token speaks of; 0 for none."""
    if not (key or "0").isdecimal():
        raise PageTokenInvalid(field="page_token")
    return int(key or "0")
