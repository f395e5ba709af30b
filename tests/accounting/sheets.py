"""Files that fill in the form, as people and their spreadsheets write them."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import xlsxwriter

from services.accounting.domain.form.form import FORM
from services.accounting.files.report.text import written
from services.kernel.encoding import Encoding

Values = Mapping[str, Any]
"""What a row holds, by the key of the column."""

COAL: Values = {
    "source_id": "boiler-1",
    "kind": "FUEL_COMBUSTION 化石燃料燃烧",
    "subject": "bituminous-coal 烟煤",
    "value": "10.50",
    "unit_code": "t",
    "first_day": "2023-01-01",
    "last_day": "2023-01-31",
}
"""A row of coal that was burnt in January 2023."""

KEYS = tuple(each.key for each in FORM.columns)


def titles(keys: Sequence[str] = KEYS) -> list[str]:
    return [FORM.column(key).title for key in keys]


def csv(
    *rows: Values,
    keys: Sequence[str] = KEYS,
    headers: Sequence[str] = (),
    mark: str = FORM.mark,
    encoding: Encoding = Encoding.UTF_8_BOM,
    divider: str = ",",
) -> bytes:
    """A text with the columns `keys`, headed in both languages unless it is said how."""
    cells = [[str(row.get(key, "")) for key in keys] for row in rows]
    return written([[mark], list(headers) or titles(keys), *cells], encoding, divider)


def xlsx(
    *rows: Values,
    keys: Sequence[str] = KEYS,
    mark: str = FORM.mark,
    sheets: Sequence[str] = ("填报 Report",),
) -> bytes:
    """A workbook: text as text, numbers and dates as such, "=…" as a formula with a result.

    A formula is written as a pair, ("=1+1", 2); its result may be an error.
    """
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as workbook:
        day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        for name in sheets:
            sheet = workbook.add_worksheet(name)
            sheet.write_string(0, 0, mark)
            for index, title in enumerate(titles(keys)):
                sheet.write_string(1, index, title)
            for number, row in enumerate(rows, start=2):
                for index, key in enumerate(keys):
                    _write(sheet, number, index, row.get(key, ""), day)
    return buffer.getvalue()


def _write(sheet: Any, row: int, column: int, value: object, day: Any) -> None:
    match value:
        case "":
            return
        case (formula, result):
            sheet.write_formula(row, column, formula, None, result)
        case bool():
            sheet.write_boolean(row, column, value)
        case int() | float():
            sheet.write_number(row, column, value)
        case date():
            sheet.write_datetime(row, column, value, day)
        case _:
            sheet.write_string(row, column, str(value))
