"""What a file holds, whatever it is written in: cells in rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from services.kernel.errors import FileInvalid, Words

MOST_CELLS: Final = 500_000
"""The rectangle that the cells of a sheet may span, empty ones counted."""

_LETTERS: Final = 26
_A: Final = ord("A")


class CellKind(StrEnum):
    """What a cell holds."""

    TEXT = "TEXT"
    """Text as written; empty where there is nothing."""
    NUMBER = "NUMBER"
    """A number of a workbook, as the shortest decimal that is that number."""
    DAY = "DAY"
    """A date of a workbook, as "2024-01-31"."""
    OTHER = "OTHER"
    """A time, a duration, true or false."""
    ERROR = "ERROR"
    """An error of the workbook such as "#DIV/0!", or a formula that has no result yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A cell as it was read."""

    text: str
    kind: CellKind = CellKind.TEXT
    is_formula: bool = False
    """Whether `text` is the result that the workbook stored of a formula."""


EMPTY: Final = Cell(text="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table of cells; row 1 comes first."""

    name: str
    """Of the sheet in its workbook; empty for text."""
    rows: Sequence[Sequence[Cell]]

    def row(self, number: int) -> Sequence[Cell]:
        """Return the cells of a row, from row 1; none where the sheet ends before."""
        return self.rows[number - 1] if number <= len(self.rows) else ()


def too_wide(row_number: int, given: str) -> FileInvalid:
    """Return the error of a sheet that spans too many cells with this row."""
    return FileInvalid(
        field=f"{row_number}:{row_number}",
        given=given,
        problem=Words(
            en=f"with this row the sheet spans more than {MOST_CELLS} cells; delete what lies "
            "beyond the rows and columns that you filled in",
            zh=f"加上该行后，工作表跨越的单元格超过 {MOST_CELLS} 个；请删除填报区域以外的内容",
        ),
    )


def address(index: int, row_number: int) -> str:
    """Return the name of the cell in the column of `index`, from 0.

    >>> address(2, 7), address(25, 1), address(26, 1), address(702, 3)
    ('C7', 'Z1', 'AA1', 'AAA3')
    """
    letters, index = "", index + 1
    while index:
        index, letter = divmod(index - 1, _LETTERS)
        letters = chr(_A + letter) + letters
    return f"{letters}{row_number}"
