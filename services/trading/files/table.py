"""A file of rows → text cells: CSV in UTF-8 or GB18030, XLSX, either packed by gzip or not."""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

import python_calamine
import xlsxwriter

from services.kernel.encoding import decoded
from services.kernel.errors import FileInvalid, LimitExceeded, Words

MOST_BYTES: Final = 64 * 2**20
"""A file may have so many bytes, unpacked."""

_GZIP: Final = b"\x1f\x8b"
_GZIP_BITS: Final = 31
_ZIP: Final = b"PK\x03\x04"
_MADE: Final = datetime(2026, 1, 1)  # noqa: DTZ001 (a workbook knows no zone)

Rows = list[list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A file that was read."""

    content: bytes
    """As it is when unpacked: what is kept and what the digest is of."""
    rows: Rows


def read(content: bytes) -> Table:
    """Return the rows of a file, of a workbook those of its first sheet.

    Raises:
        FileInvalid: it is none of the forms, could be of two encodings, or is broken.
        LimitExceeded: unpacked it is too large.
    """
    whole = _gunzipped(content) if content.startswith(_GZIP) else content
    _check_size(len(whole))
    rows = _workbook(whole) if whole.startswith(_ZIP) else _text(whole)
    return Table(content=whole, rows=rows)


def csv_bytes(rows: Sequence[Sequence[object]]) -> bytes:
    """Return rows as CSV, UTF-8 with a byte order mark: without it, spreadsheets guess wrong."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def xlsx_bytes(name: str, rows: Sequence[Sequence[object]]) -> bytes:
    """Return rows as a workbook of one sheet, every cell as text: so figures stay exact."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_numbers": False}) as book:
        book.set_properties({"created": _MADE})
        sheet = book.add_worksheet(name)
        for at, row in enumerate(rows):
            for column, value in enumerate(row):
                sheet.write_string(at, column, str(value))
    return buffer.getvalue()


def _gunzipped(content: bytes) -> bytes:
    unpacker = zlib.decompressobj(_GZIP_BITS)
    try:
        whole = unpacker.decompress(content, MOST_BYTES + 1)
    except zlib.error as error:
        raise _invalid(str(error), "its gzip is broken", "gzip 已损坏") from None
    _check_size(len(whole))
    if not unpacker.eof:
        raise _invalid("gzip", "its gzip ends too early", "gzip 不完整")
    return whole


def _check_size(given: int) -> None:
    if given > MOST_BYTES:
        raise LimitExceeded(limit="statement_bytes", given=given, allowed=MOST_BYTES)


def _text(content: bytes) -> Rows:
    # Strict, else a quote that is never closed would swallow the rows below it.
    reader = csv.reader(io.StringIO(decoded(content), newline=""), strict=True)
    try:
        return list(reader)
    except csv.Error as error:
        raise _invalid(
            f"row {reader.line_num}: {error}", "the quotes of a row do not match", "引号不成对"
        ) from None


def _workbook(content: bytes) -> Rows:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            _check_size(sum(each.file_size for each in package.infolist()))
        with python_calamine.load_workbook(io.BytesIO(content)) as workbook:
            sheet = workbook.get_sheet_by_index(0)
            return [
                [_cell(value) for value in row] for row in sheet.to_python(skip_empty_area=False)
            ]
    except (python_calamine.CalamineError, zipfile.BadZipFile, OSError, ValueError) as error:
        raise _invalid(
            str(error), "it cannot be read as a workbook", "无法作为工作簿读取"
        ) from None


def _cell(value: object) -> str:
    """Return a cell as text; a number as the shortest decimal that is that number."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return f"{Decimal(repr(value)):f}".removesuffix(".0")
    if isinstance(value, datetime):
        return str(value.date() if value.time() == value.min.time() else value)
    return str(value)


def _invalid(given: str, en: str, zh: str) -> FileInvalid:
    return FileInvalid(given=given, problem=Words(en=en, zh=zh))
