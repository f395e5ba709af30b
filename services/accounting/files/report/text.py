"""A report as text, its values divided by comma, semicolon or tab."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from services.accounting.domain.form.filled import HEADER_ROW
from services.accounting.domain.form.form import FORM
from services.accounting.domain.form.report_file import Encoding
from services.accounting.domain.form.sheet import EMPTY, MOST_CELLS, Cell, Sheet, address, too_wide
from services.kernel.errors import FileInvalid, Words

DIVIDERS: Final = (",", ";", "\t")

_BOM: Final = b"\xef\xbb\xbf"
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
_THREE_BYTES: Final = "\u0800"
"""The first character that UTF-8 writes in three bytes; every Chinese one lies beyond."""


CODECS: Final[Mapping[Encoding, str]] = {
    Encoding.UTF_8: "utf-8",
    Encoding.UTF_8_BOM: "utf-8-sig",
    Encoding.GB18030: "gb18030",
}
"""What Python calls the encodings."""


def sheet(content: bytes) -> tuple[Encoding, Sheet]:
    """Return the encoding of a text and its cells.

    Raises:
        FileInvalid: it is of none of the encodings, could be of two, or its quotes do not match.
    """
    encoding = _encoding(content)
    decoded = content.decode(CODECS[encoding])
    divider = max(DIVIDERS, key=lambda each: _headed(decoded, each))
    return encoding, Sheet(name="", rows=list(_rows(decoded, divider)))


def written(rows: Sequence[Sequence[str]], encoding: Encoding, divider: str = ",") -> bytes:
    """Return rows as text with lines that end as spreadsheets write them."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=divider).writerows(rows)
    return buffer.getvalue().encode(CODECS[encoding])


def _encoding(content: bytes) -> Encoding:
    """Return the encoding: the one whose rules every byte keeps."""
    if content.startswith(_UTF_16):
        raise _unreadable("UTF-16")
    utf_8, gb18030 = _decoded(content, "utf-8"), _decoded(content, "gb18030")
    if content.startswith(_BOM) and utf_8 is not None:
        return Encoding.UTF_8_BOM
    if utf_8 is None:
        if gb18030 is None:
            raise _unreadable(content[:8].hex())
        return Encoding.GB18030
    # Two Chinese characters of GB18030 can be two letters of UTF-8; three bytes are no accident.
    if not utf_8.isascii() and max(utf_8) < _THREE_BYTES and gb18030 is not None:
        at = next(index for index, mark in enumerate(utf_8) if not mark.isascii())
        raise FileInvalid(
            given=utf_8[at : at + 8],
            problem=Words(
                en="its bytes can be UTF-8 or GB18030, and mean different things; save it as CSV "
                "UTF-8 with a byte order mark, or as XLSX",
                zh="其字节既可能是 UTF-8 也可能是 GB18030，含义不同；"
                "请另存为带 BOM 的 CSV UTF-8 或 XLSX",
            ),
        )
    return Encoding.UTF_8


def _decoded(content: bytes, codec: str) -> str | None:
    try:
        return content.decode(codec)
    except UnicodeDecodeError:
        return None


def _unreadable(given: str) -> FileInvalid:
    return FileInvalid(
        given=given,
        problem=Words(
            en="it is neither XLSX nor text in UTF-8 or GB18030; save it as XLSX or as CSV UTF-8",
            zh="该文件既不是 XLSX，也不是 UTF-8 或 GB18030 编码的文本；请另存为 XLSX 或 CSV UTF-8",
        ),
    )


def _headed(text: str, divider: str) -> int:
    """Return how many headers of the form a divider makes of the header row."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=divider)
    try:
        headers = next(itertools.islice(reader, HEADER_ROW - 1, None), [])
    except csv.Error:
        return 0
    return sum(FORM.headed(each) is not None for each in headers)


def _rows(text: str, divider: str) -> Iterator[list[Cell]]:
    # Strict, else a quote that is never closed would swallow the rows below it.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=divider, strict=True)
    widest = 0
    for number in itertools.count(1):
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise _unquoted(number, str(error)) from None
        if row is None:
            return
        widest = max(widest, len(row))
        if widest * number > MOST_CELLS:
            raise too_wide(number, row[0])
        yield [Cell(text=each) if each else EMPTY for each in row]


def _unquoted(row_number: int, given: str) -> FileInvalid:
    return FileInvalid(
        field=address(0, row_number),
        given=given,
        problem=Words(
            en="the quotes of this row do not match; a text with a quote in it stands between "
            'quotes, the inner one doubled: "a ""b"""',
            zh='该行的引号不成对；含引号的文本请置于引号内，内部引号写两次："a ""b"""',
        ),
    )
