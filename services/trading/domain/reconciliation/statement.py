"""A statement as it was imported, and what holding the ledger against it came to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.kernel.errors import FieldInvalid, FileInvalid, Words
from services.trading.domain.reconciliation.correction import BREAK, STATEMENT
from services.trading.domain.reconciliation.difference import Break, BreakKind, blocked
from services.trading.domain.reconciliation.form import Fault, Row, StatementKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A statement of the registration system or of the exchange."""

    statement: str
    kind: StatementKind
    start: date
    end: date
    """The day after the last one that it covers."""
    books: tuple[str, ...]
    """What it covers, in order."""
    file_name: str
    digest: bytes
    line_count: int
    evidence: str
    supersedes: str
    """The id of the statement that it takes the place of, or empty."""
    principal: str
    create_time: datetime
    superseded: bool = False

    @property
    def name(self) -> str:
        """The resource name."""
        return STATEMENT.format(statement=self.statement)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenBreak:
    """A break, and since when it is known."""

    found: Break
    first_time: datetime

    def name_in(self, statement: str) -> str:
        """Return the resource name."""
        return BREAK.format(statement=statement, **{"break": self.found.id})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """What came of holding the ledger against a statement at a moment."""

    statement: str
    number: int
    line_count: int
    transfer_count: int
    agreed_count: int
    netted_count: int
    breaks: tuple[OpenBreak, ...]
    principal: str
    create_time: datetime

    @property
    def blocked(self) -> list[str]:
        """The books that differ, in order."""
        return sorted(blocked(each.found for each in self.breaks))


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A break that blocks an account."""

    book: str
    statement: str
    break_id: str
    kind: BreakKind
    first_time: datetime


def check_period(kind: StatementKind, start: date, end: date) -> None:
    """Raise FieldInvalid at `end_date` where a statement covers no day, or of holdings several."""
    if end <= start:
        after = Words(en=f"a day after {start}", zh=f"晚于 {start} 的日期")
        raise FieldInvalid(field="end_date", given=str(end), allowed=after)
    next_day = start + timedelta(days=1)
    if kind is StatementKind.HOLDINGS and end != next_day:
        only = Words(
            en=f"{next_day}: holdings are of one day", zh=f"{next_day}（持有量对账单仅限一日）"
        )
        raise FieldInvalid(field="end_date", given=str(end), allowed=only)


def check_rows(rows: Sequence[Row], kind: StatementKind, start: date, end: date) -> list[Fault]:
    """Return what is wrong with a statement's lines together.

    A line is of a day that the statement does not cover, a number of a line comes twice with
    different content, or an account's holding of an instrument comes twice.
    """
    known: dict[tuple[str, str], Row] = {}
    found: list[Fault] = []
    for row in rows:
        line = row.line
        if not start <= line.day < end:
            found.append(
                _wrong(row, str(line.day), f"it is not from {start} to before {end}", "不在期间内")
            )
            continue
        key = (line.book, line.id if kind is StatementKind.TRANSFERS else line.instrument)
        before = known.setdefault(key, row)
        if before is row:
            continue
        if kind is StatementKind.HOLDINGS:
            twice = _wrong(row, line.instrument, "this holding comes twice", "同一持有量重复")
            found.append(twice)
        elif before.line != line:
            found.append(
                _wrong(
                    row,
                    line.id,
                    f"row {before.number} has it with other content",
                    f"第 {before.number} 行流水号相同但内容不同",
                )
            )
    return found


def _wrong(row: Row, given: str, en: str, zh: str) -> Fault:
    where = f"{row.number}:{row.number}"
    error = FileInvalid(field=where, given=given, problem=Words(en=en, zh=zh))
    return Fault(number=row.number, error=error)
