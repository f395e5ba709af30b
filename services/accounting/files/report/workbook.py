"""A report as a workbook."""

from __future__ import annotations

import io
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

import python_calamine

from services.accounting.domain.form import filled
from services.accounting.domain.form.sheet import EMPTY, Cell, CellKind, Sheet
from services.accounting.files.report import package
from services.accounting.files.report.package import Marked, Place
from services.kernel.errors import FileInvalid, Words

_CELLS: Final = python_calamine.SheetTypeEnum.WorkSheet

_NO_REPORT: Final = Words(
    en="no sheet begins with the mark of the template in its first cell; get the template and copy "
    "your rows into it",
    zh="没有任何工作表的首个单元格为模板标识；请下载模板，并将数据复制到模板中",
)


def sheet(content: bytes) -> Sheet:
    """Return the sheet of a workbook that is a report.

    Raises:
        FileInvalid: it is no workbook, or not just one of its sheets is a report.
        LimitExceeded: it is too large when unpacked.
    """
    marks = package.marked(content)
    try:
        with python_calamine.load_workbook(io.BytesIO(content)) as workbook:
            # Of charts no cells can be asked.
            names = {each.name for each in workbook.sheets_metadata if each.typ == _CELLS}
            sheets = [
                _cells(
                    name, workbook.get_sheet_by_name(name).to_python(skip_empty_area=False), mark
                )
                for name, mark in marks.items()
                if name in names
            ]
    except python_calamine.CalamineError as error:
        raise package.broken(str(error)) from error
    found = [each for each in sheets if filled.is_marked(each)]
    if not found:
        raise FileInvalid(given=", ".join(each.name for each in sheets), problem=_NO_REPORT)
    if len(found) > 1:
        raise FileInvalid(
            given=", ".join(each.name for each in found),
            problem=Words(
                en="several sheets are reports; leave one of them in the file",
                zh="有多个工作表为填报表；请在文件中只保留一个",
            ),
        )
    return found[0]


def _cells(name: str, rows: list[list[Any]], marked: Marked) -> Sheet:
    return Sheet(
        name=name,
        rows=[
            [_cell(value, (row, column), marked) for column, value in enumerate(values)]
            for row, values in enumerate(rows)
        ],
    )


def _cell(value: object, place: Place, marked: Marked) -> Cell:
    if place in marked.errors:
        return Cell(text=marked.errors[place], kind=CellKind.ERROR)
    if value == "" and place not in marked.formulas:
        return EMPTY
    kind, text = _read(value)
    return Cell(text=text, kind=kind, is_formula=place in marked.formulas)


def _read(value: object) -> tuple[CellKind, str]:
    match value:
        case str():
            return CellKind.TEXT, value
        case bool():
            return CellKind.OTHER, str(value).upper()
        case int() | float():
            return CellKind.NUMBER, number(value)
        case datetime():
            return CellKind.OTHER, str(value)
        case date():
            return CellKind.DAY, str(value)
        case _:
            return CellKind.OTHER, str(value)


def number(value: float) -> str:
    """Return the shortest decimal that is this very double, without an exponent.

    >>> number(0.1), number(1234.5), number(100.0), number(1e22)
    ('0.1', '1234.5', '100', '10000000000000000000000')
    """
    shortest = f"{Decimal(repr(value)):f}"
    return shortest.removesuffix(".0")
