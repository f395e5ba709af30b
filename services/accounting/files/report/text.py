"""A report as text, its values divided by comma, semicolon or tab."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterator, Sequence
from typing import Final

from services.accounting.domain.form.filled import HEADER_ROW
from services.accounting.domain.form.form import FORM
from services.accounting.domain.form.sheet import EMPTY, MOST_CELLS, Cell, Sheet, address, too_wide
from services.kernel.encoding import CODECS, Encoding, encoding_of
from services.kernel.errors import FileInvalid, Words

DIVIDERS: Final = (",", ";", "\t")


def sheet(content: bytes) -> tuple[Encoding, Sheet]:
    """Return the encoding of a text and its cells.

    Raises:
        FileInvalid: it is of none of the encodings, could be of two, or its quotes do not match.
    """
    encoding = encoding_of(content)
    decoded = content.decode(CODECS[encoding])
    divider = max(DIVIDERS, key=lambda each: _headed(decoded, each))
    return encoding, Sheet(name="", rows=list(_rows(decoded, divider)))


def written(rows: Sequence[Sequence[str]], encoding: Encoding, divider: str = ",") -> bytes:
    """Return rows as text with lines that end as spreadsheets write them."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=divider).writerows(rows)
    return buffer.getvalue().encode(CODECS[encoding])


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
