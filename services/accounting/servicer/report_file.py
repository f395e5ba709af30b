"""Reports of activity as files: read as a form, then judged and stored as any report."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
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
from services.accounting.domain.posting import Posting
from services.accounting.domain.report import Accepted, Verdict
from services.accounting.domain.row import checked
from services.accounting.files import report as files
from services.accounting.files.report import Original
from services.accounting.servicer import upload
from services.accounting.servicer.report import Judged, Report, Reports, Unwanted
from services.accounting.wire import report_file as wire
from services.accounting.wire.report_file import Outcome
from services.kernel import names
from services.kernel.errors import NotFound, PageTokenInvalid
from services.runtime import auth, paging, progress, replay, revision
from services.runtime.revision import Revision
from zonecarbon.accounting.v1 import report_file_pb2, report_file_service_pb2_grpc
from zonecarbon.accounting.v1 import report_file_service_pb2 as pb

LIMITS: Final = {
    upload.BYTES_LIMIT: files.MOST_BYTES,
    filled.ROWS_LIMIT: filled.MOST_ROWS,
    files.UNPACKED_LIMIT: files.MOST_UNPACKED_BYTES,
}
"""The most that is taken of a file, by the names of the limits."""

PART_BYTES: Final = 2**20

_MEDIA_TYPES: Final = {
    Format.CSV: "text/csv; charset=utf-8",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

_REVISION: Final = re.compile(r"[0-9]{1,18}")

Tell = Callable[[pb.UploadReportFileResponse], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that came whole."""

    enterprise: Enterprise
    header: pb.ReportFileHeader
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFile:
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
        header = upload.header_of(request)
        names.ENTERPRISE.parse(header.parent, "header.parent")
        enterprise = self._registry.enterprise(header.parent)
        content = yield from upload.received(header, request)
        came = Upload(enterprise=enterprise, header=header, content=content)
        yield from progress.told(lambda tell: self._answers(came, tell))

    def GetReportFile(
        self, request: pb.GetReportFileRequest, context: grpc.ServicerContext
    ) -> report_file_pb2.ReportFile:
        return wire.from_file(self._seen_file(request.name))

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
        file = self._seen_file(request.name)
        with self._database.read() as connection:
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

    def _seen_file(self, name: str) -> ReportFile:
        """Return a file of an enterprise that the caller may see.

        Raises:
            NameInvalid: it is no name of a file.
            NotFound: there is none of that name.
        """
        ids = names.REPORT_FILE.parse(name)
        parent = names.ENTERPRISE.format(enterprise=ids["enterprise"])
        self._registry.enterprise(parent, wanted=name)
        with self._database.read() as connection:
            found = store.report_files.find(connection, ids["enterprise"], ids["report_file"])
        if found is None:
            raise NotFound(name=name)
        return found

    def _answers(self, came: Upload, tell: Tell) -> list[pb.UploadReportFileResponse]:
        """Return the result of a file, and its annotated workbook in parts where that is wanted."""
        with self._database.read() as connection:
            answered = self._answered(connection, came)
        if answered is not None and not came.header.annotate:
            return [pb.UploadReportFileResponse(result=answered)]
        original = files.opened(came.content)
        form = filled.read(original.sheet)
        if answered is None:
            told = self._reported(ReadFile(upload=came, original=original, form=form), tell)
        else:
            told = Told(result=answered, faults=wire.to_faults(answered))
        annotated = b""
        if came.header.annotate and told.faults:
            annotated = files.annotated(form, told.faults, self._rows_stored(came))
        return [
            pb.UploadReportFileResponse(result=told.result),
            *(
                pb.UploadReportFileResponse(annotated_chunk=part)
                for part in wire.parts(annotated, PART_BYTES)
            ),
        ]

    def _rows_stored(self, came: Upload) -> Sequence[int]:
        """Return the numbers of the rows of a file that are stored."""
        enterprise_id, sha256 = came.enterprise.enterprise_id, came.header.sha256
        with self._database.read() as connection:
            file = store.report_files.of_digest(connection, enterprise_id, sha256)
        return file.row_numbers if file else ()

    def _answered(self, connection: sa.Connection, came: Upload) -> pb.UploadResult | None:
        """Return the answer to the same request, or to the same bytes by whomever; None if new.

        Raises:
            RequestIdReused: the caller sent the same id with another header before.
        """
        if answered := replay.find(connection, came.header, pb.UploadResult):
            return answered
        same = store.report_files.of_digest(
            connection, came.enterprise.enterprise_id, came.header.sha256
        )
        if same is None:
            return None
        return replay.kept(connection, same.reporter, same.request_id, pb.UploadResult)

    def _reported(self, read: ReadFile, tell: Tell) -> Told:
        """Judge the rows, and store them where they may be."""
        enterprise, header = read.upload.enterprise, read.upload.header
        enterprise_id = enterprise.enterprise_id
        rows = wire.to_rows(read.form, enterprise_id)
        judgeable = checked(rows, enterprise=enterprise_id, today=self._today())

        def passed(judged_count: int) -> None:
            tell(upload.progress(len(read.upload.content), len(rows), judged_count))

        def outcome(whole: Report) -> Told:
            asked = replace(whole, passed=passed, is_wanted=partial(_is_wanted, header))
            if is_judged_only:
                judged = self._previewed(asked)
                return _told(read, judged.verdicts, posting=judged.posting)
            return self._stored_file(read, asked)

        # What is wrong in itself is not stored, whatever the books hold: nobody need wait for it.
        is_wrong = any(row.errors for row in judgeable) and not header.accept_good_rows
        is_judged_only = header.validate_only or is_wrong
        passed(0)
        try:
            return self._settled(enterprise, judgeable, outcome)
        except Unwanted as refused:
            return _told(read, refused.verdicts)

    def _stored_file(self, read: ReadFile, whole: Report) -> Told:
        """Judge and store a file with its rows in one transaction.

        Raises:
            Unwanted: a row is refused, and the good ones are not wanted alone; or none is good.
            Unasked: as `_judged`.
            Outdated: as `_check_newest`.
        """
        came = read.upload
        with self._database.write() as connection:
            taken = revision.take(connection)
            # Whoever sent the same file at the same time has the revision before this one.
            if answered := self._answered(connection, came):
                return Told(result=answered, faults=wire.to_faults(answered))
            self._check_newest(connection, whole.registry_revision)
            judged = self._judged(connection, whole, taken.number)
            self._recorded(connection, judged.posting, taken)
            file = _file(read, judged, taken)
            store.report_files.add(connection, file, came.content)
            told = _told(read, judged.verdicts, posting=judged.posting, file=file)
            replay.keep(connection, came.header, told.result, taken)
            return told


def _is_wanted(header: pb.ReportFileHeader, verdicts: Sequence[Verdict]) -> bool:
    """Tell whether what the good rows make of the books is wanted, though others are refused."""
    good = [isinstance(each, Accepted) for each in verdicts]
    return header.validate_only or all(good) or (header.accept_good_rows and any(good))


def _told(
    read: ReadFile,
    verdicts: Sequence[Verdict],
    *,
    posting: Posting | None = None,
    file: ReportFile | None = None,
) -> Told:
    faults = fault.faults(read.form, verdicts)
    outcome = Outcome(
        filled=read.form,
        format=read.original.format,
        encoding=read.original.encoding,
        accepted_count=sum(isinstance(each, Accepted) for each in verdicts),
        posting=posting,
        faults=faults,
        notes=fault.notes(read.form),
        file=file,
    )
    return Told(result=wire.from_outcome(outcome), faults=faults)


def _file(read: ReadFile, judged: Judged, taken: Revision) -> ReportFile:
    came, original = read.upload, read.original
    return ReportFile(
        enterprise=came.enterprise.enterprise_id,
        file_name=came.header.file_name,
        format=original.format,
        encoding=original.encoding,
        sha256=came.header.sha256,
        size=len(came.content),
        sheet=original.sheet.name,
        template_version=read.form.form.version,
        row_count=len(read.form.rows),
        row_numbers=tuple(
            row.number
            for row, verdict in zip(read.form.rows, judged.verdicts, strict=True)
            if isinstance(verdict, Accepted)
        ),
        reporter=auth.caller().name,
        request_id=came.header.request_id,
        revision=taken.number,
        create_time=taken.commit_time,
    )


def _after(key: str) -> int:
    """Return the revision that a page token speaks of; 0 for none."""
    if not _REVISION.fullmatch(key or "0"):
        raise PageTokenInvalid(field="page_token")
    return int(key or "0")
