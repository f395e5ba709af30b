"""The annotated workbook: the rows as they were read, wrong cells marked, and a sheet of errors.

It can be corrected and sent back: mark, headers and rows stand where they stood, and rows that were
stored are left empty.
"""

from __future__ import annotations

import io
from collections.abc import Collection, Sequence
from typing import Any, Final

import xlsxwriter

from services.accounting.domain.form.fault import Fault
from services.accounting.domain.form.filled import HEADER_ROW, Filled
from services.accounting.domain.form.sheet import address
from services.accounting.files.report.template import SHEET, Styles

_ERRORS: Final = "错误 Errors"
_HEADS: Final = (
    "单元格 Cell",
    "行 Row",
    "列 Column",
    "填写值 Given",
    "原因 Reason",
    "说明",
    "Message",
)
_WIDTHS: Final = (10, 8, 28, 28, 22, 70, 70)
_LONGEST_TEXT: Final = 32_767
"""Characters of a cell that a workbook can hold; a longer text would be left out whole."""

_MOST_COMMENTS: Final = 1_000
"""Cells beyond are marked and stand in the sheet of errors; spreadsheets choke on more comments."""


def annotated(filled: Filled, faults: Sequence[Fault], stored: Collection[int] = ()) -> bytes:
    """Return the workbook of a file with its faults, in XLSX whatever the file is written in.

    The rows of the numbers `stored` are left empty.
    """
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as workbook:
        styles = Styles(workbook)
        rows, listing = workbook.add_worksheet(SHEET), workbook.add_worksheet(_ERRORS)
        _write_rows(rows, styles, filled, faults, stored)
        _write_errors(listing, styles, faults)
    return buffer.getvalue()


def _write_rows(
    rows: Any,
    styles: Styles,
    filled: Filled,
    faults: Sequence[Fault],
    stored: Collection[int],
) -> None:
    # A row that is wrong as a whole is marked at its first cell.
    wrong: dict[str, list[Fault]] = {}
    for fault in faults:
        wrong.setdefault(fault.address or address(0, fault.row_number), []).append(fault)
    rows.set_column(0, len(filled.sheet.row(HEADER_ROW)), 22)
    rows.freeze_panes(HEADER_ROW, 1)
    left_out = set(stored)
    for number, cells in enumerate(filled.sheet.rows, start=1):
        if number in left_out:
            continue
        for index, cell in enumerate(cells):
            style = styles.wrong if address(index, number) in wrong else styles.text
            if cell.text or style is styles.wrong:
                rows.write_string(number - 1, index, cell.text[:_LONGEST_TEXT], style)
    for cell_address, found in list(wrong.items())[:_MOST_COMMENTS]:
        said = "\n\n".join(f"{each.text.zh}\n{each.text.en}" for each in found)
        rows.write_comment(cell_address, said, {"x_scale": 3, "y_scale": 2})


def _write_errors(listing: Any, styles: Styles, faults: Sequence[Fault]) -> None:
    for index, (head, width) in enumerate(zip(_HEADS, _WIDTHS, strict=True)):
        listing.set_column(index, index, width)
        listing.write_string(0, index, head, styles.required)
    listing.freeze_panes(1, 0)
    for row, fault in enumerate(faults, start=1):
        listing.write_number(row, 1, fault.row_number, styles.wrapped)
        texts = {
            0: fault.address,
            2: fault.header,
            3: fault.given,
            4: fault.reason,
            5: fault.text.zh,
            6: fault.text.en,
        }
        for index, text in texts.items():
            listing.write_string(row, index, text[:_LONGEST_TEXT], styles.wrapped)
