"""The empty form of an enterprise: CSV with its header, XLSX with what may be chosen."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import xlsxwriter

from services.accounting.domain.form.choices import Choices
from services.accounting.domain.form.filled import HEADER_ROW
from services.accounting.domain.form.form import FORM, Column, Reading
from services.accounting.domain.form.sheet import address
from services.accounting.files.report.text import written
from services.kernel.encoding import Encoding
from services.kernel.errors import Words

SHEET: Final = "填报 Report"
_INSTRUCTIONS: Final = "说明 Instructions"
_CHOICES: Final = "选项 Choices"

PREPARED_ROWS: Final = 2_000
"""Rows with drop-downs; rows below them can be filled in too."""

_MADE: Final = datetime(2026, 1, 1)  # noqa: DTZ001 (a workbook knows no zone)
"""The same template has the same bytes, whenever it is made."""

_HINT: Final = Words(
    en="Do not change this row and the next. Fill in a row for each source and period, from row 3 "
    "on.",
    zh="请勿修改本行和下一行。自第 3 行起，每个排放源和期间填写一行。",
)
_RULES: Final = (
    Words(
        en="Required columns are dark. Columns may be reordered, and those not required left out.",
        zh="深色列为必填。列的顺序可以调整，非必填列可以删除。",
    ),
    Words(
        en="Numbers are read as the workbook stores them, not as it shows them; of formulas the "
        "stored result. Digits that must stay as written are written as text.",
        zh="数字按工作簿存储的值读取，而非显示的值；公式读取其存储的结果。"
        "需要保留原样的数字请以文本填写。",
    ),
    Words(
        en="Nothing of the file is stored while a row is wrong, unless you ask for the good rows "
        "alone.",
        zh="只要有一行不合格，整个文件都不会保存，除非您选择只保存合格的行。",
    ),
    Words(
        en="A file that was stored has no effect when it is sent again. To correct a record, name "
        "it in the last column of a new row.",
        zh="已保存的文件再次发送不会产生任何影响。更正记录时，请在新行的最后一列填写原记录名称。",
    ),
)


def csv_template() -> bytes:
    """Return the empty form as text: UTF-8 with a byte order mark, as Excel opens it."""
    return written([[FORM.mark], [each.title for each in FORM.columns]], Encoding.UTF_8_BOM)


def xlsx_template(choices: Choices, title: str) -> bytes:
    """Return the empty form as a workbook: the rows, the instructions and the choices.

    The same choices and title make the same bytes.
    """
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as workbook:
        workbook.set_properties({"title": title, "created": _MADE})
        styles = Styles(workbook)
        rows = workbook.add_worksheet(SHEET)
        _instructions(workbook.add_worksheet(_INSTRUCTIONS), styles, title)
        places = _choices(workbook.add_worksheet(_CHOICES), styles, choices)
        head(rows, styles)
        for index, column in enumerate(FORM.columns):
            _prepare(rows, styles, index, column, places)
    return buffer.getvalue()


class Styles:
    """How cells look."""

    def __init__(self, workbook: Any) -> None:
        base = {"font_name": "Microsoft YaHei", "font_size": 10, "valign": "vcenter"}
        header = base | {"bold": True, "text_wrap": True, "border": 1, "border_color": "#9AA5B1"}
        self.mark = workbook.add_format(base | {"font_color": "#52606D", "italic": True})
        self.title = workbook.add_format(base | {"bold": True, "font_size": 14})
        self.required = workbook.add_format(
            header | {"bg_color": "#1F4E5F", "font_color": "#FFFFFF"}
        )
        self.optional = workbook.add_format(header | {"bg_color": "#D9E7EC"})
        self.plain = workbook.add_format(base)
        self.wrapped = workbook.add_format(base | {"text_wrap": True, "valign": "top"})
        self.text = workbook.add_format(base | {"num_format": "@"})
        self.day = workbook.add_format(base | {"num_format": "yyyy-mm-dd"})
        self.wrong = workbook.add_format(
            base | {"bg_color": "#F8D0D0", "font_color": "#8A0F0F", "num_format": "@"}
        )

    def of(self, column: Column) -> Any:
        """Return how cells of a column are formatted."""
        if column.reading is Reading.DAY:
            return self.day
        return self.plain if column.reading in {Reading.AMOUNT, Reading.COUNT} else self.text


def head(rows: Any, styles: Styles) -> None:
    """Write the mark, and the hint beside it; freeze what is above the rows."""
    rows.write_string(0, 0, FORM.mark, styles.mark)
    rows.write_string(0, 1, f"{_HINT.zh} {_HINT.en}", styles.mark)
    rows.set_row(HEADER_ROW - 1, 44)
    rows.freeze_panes(HEADER_ROW, 1)


def _prepare(
    rows: Any, styles: Styles, index: int, column: Column, places: Mapping[str, str]
) -> None:
    """Write a header, and prepare the cells below it."""
    rows.set_column(index, index, _width(column), styles.of(column))
    style = styles.required if column.is_required else styles.optional
    rows.write_string(HEADER_ROW - 1, index, f"{column.name.zh}\n{column.name.en}", style)
    told = {
        "input_title": column.title[:32],
        "input_message": f"{column.hint.zh}\n{column.hint.en}"[:255],
        # What the service takes besides the choices, it judges itself: another spelling of a unit.
        "error_type": "warning",
    }
    rule: dict[str, Any] = {"validate": "any"}
    if column.key in places:
        rule = {"validate": "list", "source": places[column.key]}
    rows.data_validation(HEADER_ROW, index, HEADER_ROW + PREPARED_ROWS - 1, index, told | rule)


def _width(column: Column) -> int:
    return 30 if column.reading in {Reading.KIND, Reading.CODE} else 16


def _choices(listing: Any, styles: Styles, choices: Choices) -> dict[str, str]:
    """Write the choices, a column each; return where those of each column stand."""
    places: dict[str, str] = {}
    listed = [each for each in FORM.columns if choices.get(each.key)]
    for index, column in enumerate(listed):
        values = choices[column.key]
        listing.set_column(index, index, 36)
        listing.write_string(0, index, column.title, styles.required)
        for number, value in enumerate(values, start=1):
            listing.write_string(number, index, value, styles.text)
        first, last = (_absolute(address(index, row)) for row in (2, len(values) + 1))
        places[column.key] = f"='{_CHOICES}'!{first}:{last}"
    listing.freeze_panes(1, 0)
    return places


def _absolute(cell: str) -> str:
    letters = cell.rstrip("0123456789")
    return f"${letters}${cell.removeprefix(letters)}"


def _instructions(page: Any, styles: Styles, title: str) -> None:
    page.set_column(0, 0, 32)
    page.set_column(1, 1, 12)
    page.set_column(2, 3, 60)
    page.set_column(4, 4, 28)
    page.write_string(0, 0, title, styles.title)
    for row, rule in enumerate(_RULES, start=1):
        page.write_string(row, 0, f"{rule.zh} {rule.en}", styles.plain)
    top = len(_RULES) + 2
    heads = ("列 Column", "必填 Required", "填写说明", "How to fill it in", "示例 Example")
    for index, text in enumerate(heads):
        page.write_string(top, index, text, styles.optional)
    for row, column in enumerate(FORM.columns, start=top + 1):
        required = "是 yes" if column.is_required else "否 no"
        cells = (column.title, required, column.hint.zh, column.hint.en, column.example)
        for index, text in enumerate(cells):
            page.write_string(row, index, text, styles.wrapped)
