"""A statement of many lines beside the ledger that it is of, and what reconciling it takes."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from benchmarks.support import books
from services.runtime import revision
from services.runtime.auth import EVERYONE
from services.runtime.database import Database
from services.trading import store
from services.trading.domain.ledger.chart import Kind
from services.trading.domain.ledger.transfer import Phase, Wanted
from services.trading.domain.reconciliation import form, matching
from services.trading.domain.reconciliation.form import StatementKind
from services.trading.domain.reconciliation.line import family
from services.trading.domain.reconciliation.statement import Statement, check_rows
from services.trading.files import table
from services.trading.store.ledger.group import Group
from services.trading.store.ledger.posting import post_in

FIRST = date(2025, 1, 1)
DAYS = 365
END = FIRST + timedelta(days=DAYS)
_TOGETHER = 5_000
_EVERY = 1_000
"""One line in so many differs, in each case by its quantity."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """What reconciling a statement took, and came to."""

    read_seconds: float
    """The file to lines."""
    seconds: float
    """Lines and transfers loaded and held against each other."""
    line_count: int
    break_count: int


def fill(database: Database, line_count: int, book_count: int) -> bytes:
    """Post `line_count` purchases to books; return the file of a statement of them."""
    books.fill(database, book_count)
    wanted = [_purchase(number, book_count) for number in range(line_count)]
    for start in range(0, line_count, _TOGETHER):
        _post(database, wanted[start : start + _TOGETHER])
    return _file(wanted)


def reconcile(database: Database, content: bytes) -> Reconciled:
    """Import a statement and hold the ledger against it, as the servicers do."""
    begun = time.perf_counter()
    with database.read() as connection:
        instruments = [each.value for each in store.ledger.instruments.page(connection)]
    file = table.read(content)
    kinds = {each.instrument: each.kind for each in instruments}
    rows, faults = form.rows(file.rows, StatementKind.TRANSFERS, kinds)
    assert not faults
    assert not check_rows(rows, StatementKind.TRANSFERS, FIRST, END)
    read = time.perf_counter()
    with database.write() as connection:
        taken = revision.take(connection)
        statement = _statement(rows, len(content), taken.commit_time)
        store.statements.add(connection, statement, content, rows, taken)
        assert not store.statements.reused(connection, statement.statement)
    families = {each.instrument: family(each) for each in instruments}
    kept = time.perf_counter()
    with database.read() as connection:
        found = store.statements.get(connection, EVERYONE, statement.statement)
        lines = store.statements.lines_of(connection, found.statement)
        ours = store.reconciliation.movements(connection, found)
        outcome = matching.reconcile(ours, lines, families)
    return Reconciled(
        read_seconds=read - begun,
        seconds=time.perf_counter() - kept,
        line_count=len(lines),
        break_count=len(outcome.breaks),
    )


def break_count(line_count: int) -> int:
    """Return how many of so many lines differ."""
    return len(range(0, line_count, _EVERY))


def _purchase(number: int, book_count: int) -> Wanted:
    day = FIRST + timedelta(days=number % DAYS)
    return Wanted(
        book=books.book(number % book_count),
        transfer=f"t-{number}",
        phase=Phase.POSTED,
        kind=Kind.PURCHASE,
        instrument="cea-2024",
        unit_count=1 + number % 977,
        trade_date=day,
        settlement_date=day,
        evidence=f"note {number}",
    )


def _post(database: Database, wanted: Sequence[Wanted]) -> None:
    group = Group(wanted=wanted, principal="principals/bench")
    with database.append() as connection:
        for outcome in post_in(connection, [group], datetime.now(UTC)):
            assert isinstance(outcome, list), outcome


def _file(wanted: Sequence[Wanted]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([f"{form.MARK} {StatementKind.TRANSFERS}"])
    writer.writerow([each.key for each in form.columns(StatementKind.TRANSFERS)])
    for number, each in enumerate(wanted):
        count = each.unit_count + (number % _EVERY == 0)
        # Every second line repeats our number, the others say nothing of it.
        reference = each.transfer if number % 2 else ""
        cells = [f"Z-{number}", each.book, each.instrument, "IN", count, "t"]
        writer.writerow([*cells, each.settlement_date, "", "PURCHASE", reference, ""])
    return text.getvalue().encode()


def _statement(rows: Sequence[form.Row], size: int, now: datetime) -> Statement:
    return Statement(
        statement=f"s-{time.monotonic_ns()}",
        kind=StatementKind.TRANSFERS,
        start=FIRST,
        end=END,
        books=tuple(sorted({row.line.book for row in rows})),
        file_name="statement.csv",
        digest=f"{size} {time.monotonic_ns()}".encode(),
        line_count=len(rows),
        evidence="benchmark",
        supersedes="",
        principal="principals/bench",
        create_time=now,
    )
