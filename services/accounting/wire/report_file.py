"""Files of activity ⇄ their messages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from services.accounting.domain.activity import Kind
from services.accounting.domain.form.fault import Fault, Note, path_of
from services.accounting.domain.form.filled import Filled, FilledRow
from services.accounting.domain.form.report_file import Format, ReportFile
from services.accounting.domain.posting import Posting
from services.accounting.domain.row import REFERENCES, Row
from services.accounting.wire import report
from services.accounting.wire.activity import from_kind
from services.kernel.encoding import Encoding
from services.kernel.errors import Words
from services.runtime import wire
from zonecarbon.accounting.v1 import activity_pb2, report_file_pb2
from zonecarbon.accounting.v1 import report_file_service_pb2 as pb
from zonecarbon.type.v1 import period_pb2

MOST_FAULTS: Final = 1_000
"""Cells that are wrong, and lines, are listed up to so many; beyond, they are counted."""

_MOST_CELLS: Final = 100
_LONGEST_GIVEN: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a file."""

    filled: Filled
    format: Format
    encoding: Encoding | None
    accepted_count: int
    posting: Posting | None
    """What the good rows make of the books; None where nothing is stored nor would be."""
    faults: Sequence[Fault]
    notes: Sequence[Note]
    file: ReportFile | None
    """As it is stored; None where nothing was."""


def to_rows(filled: Filled, enterprise: str) -> list[Row]:
    """Return the rows of a filled form as those of a report, with the errors reading them found."""
    return [
        report.to_row(_to_record(each, enterprise), path_of(each)).refused_for(each.errors)
        for each in filled.rows
    ]


def to_format(value: report_file_pb2.ReportFileFormat.ValueType) -> Format:
    """Return the format."""
    name = report_file_pb2.ReportFileFormat.Name(value)
    return Format(name.removeprefix("REPORT_FILE_FORMAT_"))


def from_outcome(outcome: Outcome) -> pb.UploadResult:
    """Return what is told of a file."""
    filled, row_count = outcome.filled, len(outcome.filled.rows)
    lines = report.from_lines(outcome.posting) if outcome.posting else []
    return pb.UploadResult(
        report_file=None if outcome.file is None else from_file(outcome.file),
        row_count=row_count,
        accepted_count=outcome.accepted_count,
        refused_count=row_count - outcome.accepted_count,
        cell_errors=[_from_fault(each, filled) for each in outcome.faults[:MOST_FAULTS]],
        cell_error_count=len(outcome.faults),
        notes=[_from_note(each) for each in outcome.notes],
        lines=lines[:MOST_FAULTS],
        line_count=len(lines),
        format=_from_format(outcome.format),
        text_encoding=_from_encoding(outcome.encoding),
        sheet=filled.sheet.name,
        template_version=filled.form.version,
    )


def to_faults(result: pb.UploadResult) -> list[Fault]:
    """Return the faults that were listed in an answer."""
    return [
        Fault(
            row_number=each.row_number,
            address=each.cell,
            header=each.column,
            given=each.given,
            reason=each.reason,
            text=Words(en=each.message, zh=each.message_zh),
        )
        for each in result.cell_errors
    ]


def from_file(file: ReportFile) -> report_file_pb2.ReportFile:
    """Return the message of a file."""
    return report_file_pb2.ReportFile(
        name=file.name,
        file_name=file.file_name,
        format=_from_format(file.format),
        text_encoding=_from_encoding(file.encoding),
        sha256=file.sha256,
        file_size=file.size,
        sheet=file.sheet,
        template_version=file.template_version,
        row_count=file.row_count,
        accepted_count=len(file.row_numbers),
        reporter=file.reporter,
        request_id=file.request_id,
        create_time=wire.from_instant(file.create_time),
        revision=file.revision,
    )


def parts(content: bytes, size: int) -> Iterator[bytes]:
    """Yield content in parts of a size; none of nothing."""
    for begin in range(0, len(content), size):
        yield content[begin : begin + size]


def _to_record(row: FilledRow, enterprise: str) -> activity_pb2.ActivityRecord:
    """Return the record that a row would be, as far as it could be read."""
    values = row.values
    record = activity_pb2.ActivityRecord(
        source_id=values.get("source_id", ""),
        subject=values.get("subject", ""),
        evidence=values.get("evidence", ""),
        certificate=values.get("certificate", ""),
        corrects=values.get("corrects", ""),
        value_chain_category_number=int(values.get("value_chain_category", "0")),
        facility=_referred("facility", values, enterprise),
        meter=_referred("meter", values, enterprise),
        counterparty=_referred("counterparty", values, enterprise),
    )
    if "kind" in values:
        record.kind = from_kind(Kind(values["kind"]))
    if "value" in values:
        record.quantity.value.value = values["value"]
    if "unit_code" in values:
        record.quantity.unit_code = values["unit_code"]
    record.period.CopyFrom(_period(values.get("first_day", ""), values.get("last_day", "")))
    if "steam_pressure_mpa" in values:
        record.steam.pressure_mpa.value = values["steam_pressure_mpa"]
    if "steam_temperature_c" in values:
        record.steam.temperature_c.value = values["steam_temperature_c"]
    return record


def _period(first_day: str, last_day: str) -> period_pb2.Period:
    """Return the period, which ends on the day after the last."""
    end = date.fromisoformat(last_day) + timedelta(days=1) if last_day else None
    start = date.fromisoformat(first_day) if first_day else None
    return period_pb2.Period(start_date=wire.from_day(start), end_date=wire.from_day(end))


def _referred(key: str, values: Mapping[str, str], enterprise: str) -> str:
    """Return the name that a cell refers to by its id, or by itself."""
    text = values.get(key, "")
    if not text or "/" in text:
        return text
    # Not by the pattern: an id that is none is told as what it would be.
    return REFERENCES[key].template.replace("{enterprise}", enterprise).replace(f"{{{key}}}", text)


def _from_fault(fault: Fault, filled: Filled) -> report_file_pb2.CellError:
    return report_file_pb2.CellError(
        sheet=filled.sheet.name,
        cell=fault.address,
        row_number=fault.row_number,
        column=fault.header,
        given=fault.given[:_LONGEST_GIVEN],
        reason=fault.reason,
        message=fault.text.en,
        message_zh=fault.text.zh,
    )


def _from_note(note: Note) -> report_file_pb2.CellNote:
    return report_file_pb2.CellNote(
        message=note.text.en,
        message_zh=note.text.zh,
        cells=note.addresses[:_MOST_CELLS],
        cell_count=len(note.addresses),
    )


def _from_format(value: Format) -> report_file_pb2.ReportFileFormat.ValueType:
    return report_file_pb2.ReportFileFormat.Value(f"REPORT_FILE_FORMAT_{value}")


def _from_encoding(value: Encoding | None) -> report_file_pb2.TextEncoding.ValueType:
    if value is None:
        return report_file_pb2.TEXT_ENCODING_UNSPECIFIED
    return report_file_pb2.TextEncoding.Value(f"TEXT_ENCODING_{value}")
