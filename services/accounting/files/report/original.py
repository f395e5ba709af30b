"""A file as it came → the sheet of it that is a report; its content tells what it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from services.accounting.domain.form.report_file import Format
from services.accounting.domain.form.sheet import Sheet
from services.accounting.files.report import text, workbook
from services.kernel.encoding import Encoding
from services.kernel.errors import FileInvalid, Words

MOST_BYTES: Final = 16 * 2**20
"""A file may have so many bytes."""

_ZIP: Final = b"PK\x03\x04"
_COMPOUND: Final = b"\xd0\xcf\x11\xe0"
_PDF: Final = b"%PDF"


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """What a file is, and the sheet of it that is a report."""

    format: Format
    encoding: Encoding | None
    """None for a workbook."""
    sheet: Sheet


def opened(content: bytes) -> Original:
    """Return what a file is.

    Raises:
        FileInvalid: it is neither a text of a known encoding, nor a workbook with a report in it.
        LimitExceeded: it is a workbook that is too large when unpacked.
    """
    if content.startswith(_ZIP):
        return Original(format=Format.XLSX, encoding=None, sheet=workbook.sheet(content))
    if content.startswith((_COMPOUND, _PDF)):
        raise FileInvalid(
            given=content[:4].hex(),
            problem=Words(
                en="it is a workbook of the old form (.xls), one with a password, or a PDF; save "
                "it as .xlsx without a password, or as CSV",
                zh="该文件是旧版工作簿（.xls）、带密码的工作簿或 PDF；"
                "请另存为无密码的 .xlsx 或 CSV",
            ),
        )
    encoding, found = text.sheet(content)
    return Original(format=Format.CSV, encoding=encoding, sheet=found)
