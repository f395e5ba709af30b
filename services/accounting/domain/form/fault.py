"""What is wrong in which cell of a filled form, and how cells were read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Final, cast

from services.accounting.domain.form.filled import Filled, FilledRow
from services.accounting.domain.form.form import Column, Reading
from services.accounting.domain.form.sheet import EMPTY, Cell, CellKind, address
from services.accounting.domain.report import Refused, Verdict
from services.kernel.errors import AtField, DomainError, Words

_AS_STORED: Final = Words(
    en="These numbers are read as the workbook stores them, not as it shows them: the shortest "
    "decimal that is the stored number. Write a quantity as text to keep its digits as they are.",
    zh="这些数字按工作簿存储的值读取，而非显示的值：取与存储值完全一致的最短十进制数。"
    "如需保留原样数字，请以文本填写。",
)
_FORMULAS: Final = Words(
    en="These cells are formulas: the results that the workbook stored were read, nothing was "
    "computed anew.",
    zh="这些单元格为公式：读取的是工作簿中存储的结果，未重新计算。",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong with a cell, or with a row where the file has no column for it."""

    row_number: int
    address: str
    """Of the cell; empty where the file has no column for what is wrong."""
    header: str
    """What heads the column; empty where it is the row as a whole."""
    given: str
    reason: str
    """As the contract's `ErrorReason` has it."""
    text: Words
    """What was given, what is allowed and the way out; names the cell, and other rows by number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something to know of how cells were read."""

    text: Words
    addresses: tuple[str, ...]


def path_of(row: FilledRow) -> str:
    """Return what a row is called among those of a report: "rows[7]"."""
    return f"rows[{row.number}]"


def faults(filled: Filled, verdicts: Iterable[Verdict]) -> list[Fault]:
    """Return all that is wrong, by row and column; `verdicts` are those of its rows.

    What is wrong with a row as a whole, or with a column that the file lacks, comes first.
    """
    names = {
        path_of(row): Words(en=f"row {row.number}", zh=f"第 {row.number} 行") for row in filled.rows
    }
    return [
        fault
        for row, verdict in zip(filled.rows, verdicts, strict=True)
        if isinstance(verdict, Refused)
        for fault in sorted(_of_row(filled, row, verdict.errors, names), key=_place)
    ]


def notes(filled: Filled) -> list[Note]:
    """Return what the reporter should know of how cells were read."""
    by_kind = {
        _AS_STORED: _addresses(
            filled,
            lambda cell, column: cell.kind is CellKind.NUMBER and column.reading is Reading.AMOUNT,
        ),
        _FORMULAS: _addresses(filled, lambda cell, _: cell.is_formula),
    }
    return [Note(text=text, addresses=cells) for text, cells in by_kind.items() if cells]


def _of_row(
    filled: Filled, row: FilledRow, errors: Iterable[DomainError], names: Mapping[str, Words]
) -> Iterator[Fault]:
    path = path_of(row)
    unread = {filled.form.of_field(each.field) for each in row.errors}
    read = {each.within(f"{path}.") for each in row.errors}
    for error in errors:
        inside = error.field.removeprefix(path).lstrip(".") if isinstance(error, AtField) else ""
        column = filled.form.of_field(inside)
        # What follows from a cell that could not be read is nothing of its own.
        if column is None or column not in unread or error in read:
            yield _fault(filled, row, column, error, names)


def _fault(
    filled: Filled,
    row: FilledRow,
    column: Column | None,
    error: DomainError,
    names: Mapping[str, Words],
) -> Fault:
    header = filled.header(column) if column else ""
    index = filled.indexes.get(column.key) if column else None
    place = "" if index is None else address(index, row.number)
    name = names[path_of(row)]
    at = (
        Words(en=f"{place or name.en} ({header})", zh=f"{place or name.zh}（{header}）")
        if column
        else name
    )
    given = row.cells.get(column.key, EMPTY).text if column else ""
    return Fault(
        row_number=row.number,
        address=place,
        header=header,
        given=given,
        reason=error.reason,
        text=_told_of(error, at, names),
    )


def _told_of(error: DomainError, at: Words, names: Mapping[str, Words]) -> Words:
    """Return the text of an error at a cell, other rows of the file called by their numbers."""
    whole = cast("Any", error)
    values = {each.name: getattr(error, each.name) for each in fields(whole)}
    changed = {
        key: names[value]
        for key, value in values.items()
        if isinstance(value, str) and value in names
    }
    if isinstance(error, AtField):
        changed["field"] = at
    told: DomainError = replace(whole, **changed)
    return Words(en=told.text("en"), zh=told.text("zh"))


def _place(fault: Fault) -> tuple[int, str]:
    """Return what sorts the faults of a row: Z before AA."""
    return len(fault.address), fault.address


def _addresses(filled: Filled, wanted: Callable[[Cell, Column], bool]) -> tuple[str, ...]:
    columns = [(each, filled.indexes.get(each.key)) for each in filled.form.columns]
    return tuple(
        address(index, row.number)
        for row in filled.rows
        for column, index in columns
        if index is not None and wanted(row.cells[column.key], column)
    )
