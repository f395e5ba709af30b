"""Statements of the registration system and of the exchange as rows of a bilingual form.

    zonecarbon-statement/1 TRANSFERS
    流水号 Line, 账户 Account, 品种 Instrument, 方向 Direction, 数量 Quantity, ...
    Z-1, chp, cea-2024, IN, 1000, ...

Columns may stand in any order. Nothing is guessed: a cell that is none of its kind refuses the
file, with its name. Of each line that is wrong the first such cell is told, of all lines together.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Final

from services.kernel.errors import AtField, FileInvalid, InstrumentUnknown, Words
from services.trading.domain.ledger.chart import InstrumentKind, Kind
from services.trading.domain.ledger.posting import LARGEST_BALANCE
from services.trading.domain.reconciliation.line import Line, sign_of

MARK: Final = "zonecarbon-statement/1"
MOST_LINES: Final = 200_000
HEADER_ROW: Final = 2

_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,62}")
_DAY: Final = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_LETTERS: Final = 26
_ACCOUNTS: Final = "accounts/"
_INSTRUMENTS: Final = "instruments/"
"""What names begin with: they may stand in a cell with it or without."""


class StatementKind(StrEnum):
    """What a statement says; the contract says it in words."""

    TRANSFERS = "TRANSFERS"
    """What moved onto and off accounts in a period."""
    HOLDINGS = "HOLDINGS"
    """What accounts held at the end of a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of the form."""

    key: str
    name: Words
    is_required: bool
    kinds: frozenset[StatementKind] = frozenset(StatementKind)

    @property
    def title(self) -> str:
        """What heads it, in both languages."""
        return f"{self.name.zh} {self.name.en}"

    def is_headed(self, text: str) -> bool:
        """Tell whether `text` heads it: its key, or its name in one language or in both."""
        names = {self.key, self.name.zh, self.name.en, self.title}
        return text.strip().casefold() in {each.casefold() for each in names}


_MOVES: Final = frozenset({StatementKind.TRANSFERS})
COLUMNS: Final = (
    Column(key="line", name=Words(en="Line", zh="流水号"), is_required=True),
    Column(key="account", name=Words(en="Account", zh="账户"), is_required=True),
    Column(key="instrument", name=Words(en="Instrument", zh="品种"), is_required=True),
    Column(key="direction", name=Words(en="Direction", zh="方向"), is_required=True, kinds=_MOVES),
    Column(key="quantity", name=Words(en="Quantity", zh="数量"), is_required=True),
    Column(key="unit", name=Words(en="Unit", zh="单位"), is_required=True),
    Column(key="day", name=Words(en="Settlement date", zh="交割日期"), is_required=True),
    Column(
        key="traded",
        name=Words(en="Traded quantity", zh="成交数量"),
        is_required=False,
        kinds=_MOVES,
    ),
    Column(key="kind", name=Words(en="Kind", zh="业务类型"), is_required=False, kinds=_MOVES),
    Column(
        key="reference", name=Words(en="Our number", zh="业务编号"), is_required=False, kinds=_MOVES
    ),
    Column(
        key="reverses", name=Words(en="Reverses", zh="冲销流水号"), is_required=False, kinds=_MOVES
    ),
)
_DIRECTIONS: Final = {"IN": 1, "转入": 1, "收": 1, "OUT": -1, "转出": -1, "付": -1}
_UNITS: Final = {
    False: {"t": 1, "吨": 1, "万吨": 10_000},
    True: {"CNY": 100, "元": 100, "万元": 1_000_000, "分": 1},
}
"""How many tonnes or fen a unit is: of allowances and reductions, and of cash."""
_KINDS: Final = {each.name: each for each in Kind if sign_of(each)}
"""Kinds of transfers that move something onto an account or off it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of a statement and the row it stands in."""

    number: int
    """The row of the file, from 1."""
    line: Line
    unit: str
    """As written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong with a line."""

    number: int
    """The row of the file, from 1."""
    error: AtField


def columns(kind: StatementKind) -> tuple[Column, ...]:
    """Return the columns of a kind of statement."""
    return tuple(each for each in COLUMNS if kind in each.kinds)


def template(kind: StatementKind) -> list[list[str]]:
    """Return the rows of an empty form."""
    return [[f"{MARK} {kind}"], [each.title for each in columns(kind)]]


def rows(
    cells: Sequence[Sequence[str]],
    kind: StatementKind,
    instruments: Mapping[str, InstrumentKind],
) -> tuple[list[Row], list[Fault]]:
    """Return the lines of a statement, and of those that cannot be read what is wrong with each.

    Blank rows are no lines.

    Raises:
        FileInvalid: it is not the form of that kind, or has no line or too many.
    """
    reader = _Reader(heads=_headed(cells, kind), kind=kind, instruments=instruments)
    found: list[Row] = []
    faults: list[Fault] = []
    for number, row in enumerate(cells[HEADER_ROW:], HEADER_ROW + 1):
        if any(map(str.strip, row)):
            try:
                found.append(reader.row(number, row))
            except (FileInvalid, InstrumentUnknown) as error:
                faults.append(Fault(number=number, error=error))
    count = len(found) + len(faults)
    if not count:
        raise _invalid("file", "", "it has no line", "没有明细行")
    if count > MOST_LINES:
        raise _invalid(
            "file",
            str(count),
            f"it has more than {MOST_LINES} lines; divide it by accounts",
            f"明细超过 {MOST_LINES} 行，请按账户拆分",
        )
    return found, faults


def told(faults: Sequence[Fault]) -> tuple[AtField, ...]:
    """Return the errors of a file in the order of its lines; of several, first how many are."""
    errors = tuple(each.error for each in sorted(faults, key=lambda each: each.number))
    if len(errors) < 2:  # noqa: PLR2004 (one alone says all)
        return errors
    several = _invalid(
        "file",
        str(len(errors)),
        "so many of its lines are wrong; as many as there is room for are named",
        "行有误，以下列出其中若干行",
    )
    return several, *errors


def _headed(cells: Sequence[Sequence[str]], kind: StatementKind) -> Mapping[str, int]:
    mark = cells[0][0].strip() if cells and cells[0] else ""
    if mark != f"{MARK} {kind}":
        raise _invalid(
            "A1", mark, f'it should be "{MARK} {kind}"; use the template', "请使用对账单模板"
        )
    headers = cells[1] if len(cells) > 1 else []
    found: dict[str, int] = {}
    for index, text in enumerate(headers):
        column = next((each for each in columns(kind) if each.is_headed(text)), None)
        if column is None and text.strip():
            raise _invalid(_address(index, HEADER_ROW), text, "no column is headed so", "没有该列")
        if column is not None:
            if column.key in found:
                raise _invalid(_address(index, HEADER_ROW), text, "it comes twice", "列重复")
            found[column.key] = index
    for column in columns(kind):
        if column.is_required and column.key not in found:
            raise _invalid("2:2", column.title, "this column is missing", "缺少该列")
    return found


class _Reader:
    """Reads a file line by line; what many lines say alike, such as a day, it reads once."""

    def __init__(
        self,
        *,
        heads: Mapping[str, int],
        kind: StatementKind,
        instruments: Mapping[str, InstrumentKind],
    ) -> None:
        self._heads = heads
        self._kind = kind
        self._instruments = instruments
        self._width = max(heads.values()) + 1
        # A column that the file has not is empty: the cell after the last one.
        self._at = {each.key: heads.get(each.key, self._width) for each in COLUMNS}
        self._days: dict[str, date] = {}
        self._number = HEADER_ROW
        self._texts: list[str] = []

    def row(self, number: int, cells: Sequence[str]) -> Row:
        """Return the line of a row; raises what is wrong with it, at the cell."""
        self._number, self._texts = number, [cell.strip() for cell in cells[: self._width]]
        self._texts += [""] * (self._width + 1 - len(self._texts))
        instrument = self._text("instrument").removeprefix(_INSTRUMENTS)
        if instrument not in self._instruments:
            raise InstrumentUnknown(field=self._place("instrument"), given=instrument)
        sign = 1 if self._kind is StatementKind.HOLDINGS else self._of("direction", _DIRECTIONS)
        times = self._of("unit", _UNITS[self._instruments[instrument] is InstrumentKind.CASH])
        unit_count = self._count("quantity", times)
        traded = self._count("traded", times) if self._text("traded") else unit_count
        if self._kind is StatementKind.TRANSFERS and not unit_count:
            raise self._wrong("quantity", "a line moves something", "数量不能为零")
        line = Line(
            id=self._id("line"),
            book=self._text("account").removeprefix(_ACCOUNTS),
            instrument=instrument,
            unit_count=sign * unit_count,
            day=self._day(),
            reference=self._id("reference", empty=True),
            reverses=self._id("reverses", empty=True),
            traded_count=sign * traded,
            kind=self._kind_of_transfer(),
        )
        return Row(number=number, line=line, unit=self._text("unit"))

    def _text(self, key: str) -> str:
        return self._texts[self._at[key]]

    def _id(self, key: str, *, empty: bool = False) -> str:
        text = self._text(key)
        if (empty and not text) or _ID.fullmatch(text):
            return text
        raise self._wrong(
            key, "an id of letters, digits and . _ / -", "应为字母、数字及 . _ / - 组成的编号"
        )

    def _of(self, key: str, known: Mapping[str, int]) -> int:
        found = known.get(self._text(key))
        if found is None:
            raise self._wrong(key, f"one of {', '.join(known)}", f"应为 {'、'.join(known)} 之一")
        return found

    def _count(self, key: str, times: int) -> int:
        text = self._text(key).replace(",", "")
        try:
            exact = Decimal(text) * times
        except InvalidOperation:
            raise self._wrong(key, "a number", "应为数字") from None
        if not exact.is_finite() or not 0 <= exact <= LARGEST_BALANCE or exact != int(exact):
            raise self._wrong(
                key,
                "0 or more, and of whole tonnes or fen in its unit",
                "须不小于零，且按单位折算为整吨或整分",
            )
        return int(exact)

    def _day(self) -> date:
        text = self._text("day")
        found = self._days.get(text)
        if found is None:
            found = self._days[text] = self._read_day(text)
        return found

    def _read_day(self, text: str) -> date:
        match = _DAY.fullmatch(text)
        try:
            year, month, number = map(int, match.groups()) if match else (0, 0, 0)
            return date(year, month, number)
        except ValueError:
            raise self._wrong(
                "day", "a day such as 2025-12-31", "应为日期，如 2025-12-31"
            ) from None

    def _kind_of_transfer(self) -> str:
        text = self._text("kind")
        if text and text not in _KINDS:
            raise self._wrong(
                "kind", f"one of {', '.join(_KINDS)}", f"应为 {'、'.join(_KINDS)} 之一"
            )
        return text

    def _place(self, key: str) -> str:
        return _address(self._heads.get(key, 0), self._number)

    def _wrong(self, key: str, en: str, zh: str) -> FileInvalid:
        return _invalid(self._place(key), self._text(key), en, zh)


def _invalid(field: str, given: str, en: str, zh: str) -> FileInvalid:
    return FileInvalid(field=field, given=given, problem=Words(en=en, zh=zh))


def _address(index: int, number: int) -> str:
    """Return the name of a cell by its column, from 0, and its row.

    >>> _address(2, 7), _address(26, 1)
    ('C7', 'AA1')
    """
    letters, index = "", index + 1
    while index:
        index, letter = divmod(index - 1, _LETTERS)
        letters = chr(ord("A") + letter) + letters
    return f"{letters}{number}"
