"""A filled form: the values of its rows, as far as each cell can be read by its column alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from services.accounting.domain.form import kinds
from services.accounting.domain.form.form import FORM, MARK, Column, Form, Reading, titles
from services.accounting.domain.form.sheet import EMPTY, Cell, CellKind, Sheet, address
from services.kernel.errors import (
    AtField,
    FieldInvalid,
    FieldRequired,
    FileInvalid,
    LimitExceeded,
    TemplateOutdated,
    Words,
)
from services.kernel.period import EARLIEST, LATEST_END

MOST_ROWS: Final = 5_000
"""A file may have so many rows that are not empty: as many as a report of any kind."""

ROWS_LIMIT: Final = "report_file_rows"

HEADER_ROW: Final = 2
_FIRST_ROW: Final = HEADER_ROW + 1

_DAY: Final = re.compile(
    r"([0-9]{4})(?:-([0-9]{1,2})-|/([0-9]{1,2})/|年([0-9]{1,2})月)([0-9]{1,2})日?"
)
_WHOLE: Final = re.compile(r"[0-9]{1,15}")
_COUNT: Final = re.compile(r"[0-9]{1,2}")

_NO_TEMPLATE: Final = Words(
    en="the first cell must be the mark of the template; get the template and copy your rows into "
    "it",
    zh="首个单元格应为模板标识；请下载模板，并将数据复制到模板中",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledRow:
    """A row that is not empty."""

    number: int
    cells: Mapping[str, Cell]
    """By the key of the column; those the file has."""
    values: Mapping[str, str]
    """What could be read, by the key of the column; a day as "2024-01-31"."""
    errors: tuple[AtField, ...]
    """What could not, each at the field of a record that the column fills."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A filled form."""

    form: Form
    sheet: Sheet
    indexes: Mapping[str, int]
    """Where each column stands, from 0, by its key; those the file has."""
    rows: tuple[FilledRow, ...]

    def header(self, column: Column) -> str:
        """Return what heads a column: in the file, or in the template where the file lacks it."""
        index = self.indexes.get(column.key)
        return column.title if index is None else self.sheet.row(HEADER_ROW)[index].text


def read(sheet: Sheet, form: Form = FORM) -> Filled:
    """Return what the sheet says.

    Raises:
        FileInvalid: it does not begin as the template does, has no row, a header is none of the
            form's or stands twice, a required column is missing, or a cell is under no header.
        TemplateOutdated: it fills in another version.
        LimitExceeded: it has too many rows.
    """
    headers = sheet.row(HEADER_ROW)
    _check_version(sheet, headers, form)
    indexes = _indexes(headers, form)
    rows = tuple(_rows(sheet, indexes, form))
    if len(rows) > MOST_ROWS:
        raise LimitExceeded(
            limit=ROWS_LIMIT,
            given=len(rows),
            allowed=MOST_ROWS,
            way_out=Words(
                en="Split the file, for example by month.", zh="请拆分文件，例如按月拆分。"
            ),
        )
    if not rows:
        raise FileInvalid(
            field=address(0, _FIRST_ROW),
            given="",
            problem=Words(
                en="there is no row below the header; fill in one at least",
                zh="表头下没有数据行，请至少填写一行",
            ),
        )
    return Filled(form=form, sheet=sheet, indexes=indexes, rows=rows)


def is_marked(sheet: Sheet) -> bool:
    """Tell whether a sheet begins as the template does."""
    return _mark(sheet).startswith(MARK)


def _mark(sheet: Sheet) -> str:
    return next(iter(sheet.row(1)), EMPTY).text.strip()


def _check_version(sheet: Sheet, headers: Sequence[Cell], form: Form) -> None:
    mark = _mark(sheet)
    if not mark.startswith(MARK):
        raise FileInvalid(field=address(0, 1), given=mark, problem=_NO_TEMPLATE)
    given = mark.removeprefix(MARK)
    if given != str(form.version):
        known = [form.headed(each.text) for each in headers]
        raise TemplateOutdated(
            field=address(0, 1),
            given=given,
            current=form.version,
            added=titles(each for each in form.columns if each not in known),
            removed=tuple(
                each.text
                for each, column in zip(headers, known, strict=True)
                if each.text and column is None
            ),
        )


def _indexes(headers: Sequence[Cell], form: Form) -> dict[str, int]:
    found: dict[str, int] = {}
    for index, cell in enumerate(headers):
        text, place = cell.text.strip(), address(index, HEADER_ROW)
        if not text:
            continue
        column = form.headed(text)
        if column is None:
            known = ", ".join(titles(form.columns))
            raise FileInvalid(
                field=place,
                given=text,
                problem=Words(
                    en=f"the template has no such column; remove it, or name one of: {known}",
                    zh=f"模板中没有该列；请删除该列，或使用以下列名：{known}",
                ),
            )
        if column.key in found:
            first = address(found[column.key], HEADER_ROW)
            raise FileInvalid(
                field=place,
                given=text,
                problem=Words(
                    en=f"the column stands in {first} already; leave one of the two",
                    zh=f"该列已在 {first} 出现，请只保留一列",
                ),
            )
        found[column.key] = index
    missing = [each for each in form.columns if each.is_required and each.key not in found]
    if missing:
        lacking = ", ".join(titles(missing))
        raise FileInvalid(
            field=f"{HEADER_ROW}:{HEADER_ROW}",
            given=", ".join(each.text for each in headers if each.text),
            problem=Words(
                en=f"required columns are missing: {lacking}; add them to the header row",
                zh=f"缺少必填列：{lacking}；请在表头行中补充",
            ),
        )
    return found


def _rows(sheet: Sheet, indexes: Mapping[str, int], form: Form) -> Iterator[FilledRow]:
    headed = set(indexes.values())
    for number in range(_FIRST_ROW, len(sheet.rows) + 1):
        cells = sheet.row(number)
        if not any(each.text.strip() for each in cells):
            continue
        for index, each in enumerate(cells):
            if each.text.strip() and index not in headed:
                raise FileInvalid(
                    field=address(index, number),
                    given=each.text,
                    problem=Words(
                        en=f"nothing heads its column in row {HEADER_ROW}; remove the cell, or "
                        "write a divider inside a text between quotes",
                        zh=f"该列在第 {HEADER_ROW} 行没有列名；请删除该单元格，"
                        "文本中如含分隔符请用引号括起",
                    ),
                )
        by_key = {
            key: cells[index] if index < len(cells) else EMPTY for key, index in indexes.items()
        }
        yield _row(number, by_key, form)


def _row(number: int, cells: Mapping[str, Cell], form: Form) -> FilledRow:
    values: dict[str, str] = {}
    errors: list[AtField] = []
    for column in form.columns:
        try:
            text = _value(column, cells.get(column.key, EMPTY))
        except AtField as error:
            errors.append(error)
        else:
            if text:
                values[column.key] = text
    return FilledRow(number=number, cells=cells, values=values, errors=tuple(errors))


def _value(column: Column, cell: Cell) -> str:
    """Return what a cell says, "" where it is empty.

    Raises:
        FieldRequired: it is empty and must not be.
        FieldInvalid: it holds nothing that its column can.
    """
    text, field = cell.text.strip(), column.fields[0]
    if not text:
        if column.is_required:
            raise FieldRequired(field=field)
        return ""
    if allowed := _unfit(column, cell, text):
        raise FieldInvalid(field=field, given=text, allowed=allowed)
    match column.reading:
        case Reading.KIND:
            found = kinds.named(text)
            if found is None:
                raise FieldInvalid(field=field, given=text, allowed=kinds.ALLOWED)
            return found.value
        case Reading.CODE:
            return text.split()[0]
        case Reading.DAY:
            return str(_day(text, field))
        case Reading.COUNT if not _COUNT.fullmatch(text):
            raise FieldInvalid(field=field, given=text, allowed="0, 1, 2 … 15")
        case _:
            return text


def _unfit(column: Column, cell: Cell, text: str) -> Words | None:
    """Return what the column allows instead of what the cell holds; None where that is fine."""
    match cell.kind, column.reading:
        case CellKind.ERROR, _:
            return Words(
                en="a value: the workbook stores an error here, or a formula without its result",
                zh="一个有效值：该单元格存储的是错误值，或尚无结果的公式",
            )
        case (CellKind.OTHER, _) | (CellKind.NUMBER, Reading.DAY):
            return Words(
                en="a date or a text: the workbook stores something else here",
                zh="日期或文本：该单元格存储的是其他类型的值",
            )
        case CellKind.DAY, reading if reading is not Reading.DAY:
            return Words(
                en="a text or a number: the workbook stores a date here; format the cell as text "
                "and write it again",
                zh="文本或数字：该单元格存储的是日期；请将单元格设为文本格式后重新填写",
            )
        case CellKind.NUMBER, Reading.TEXT | Reading.CODE | Reading.KIND if not _WHOLE.fullmatch(
            text
        ):
            return Words(
                en="a text: the workbook stores a number here, of which it keeps 15 digits; format "
                "the cell as text and write it again",
                zh="文本：该单元格存储的是数字，仅保留 15 位有效数字；"
                "请将单元格设为文本格式后重新填写",
            )
        case _:
            return None


def _day(text: str, field: str) -> date:
    found = _DAY.fullmatch(text)
    year, *months, day = found.groups() if found else ("0", "0", "0")
    try:
        read = date(int(year), int(next(filter(None, months))), int(day))
    except ValueError:
        read = date.min
    if not EARLIEST <= read < LATEST_END:
        raise FieldInvalid(
            field=field,
            given=text,
            allowed=Words(
                en="a day of 1990 to 2100, as 2024-01-31, 2024/1/31 or 2024年1月31日",
                zh="1990 至 2100 年间的日期，例如 2024-01-31、2024/1/31 或 2024年1月31日",
            ),
        )
    return read
