"""A row of each table of the desk."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa

from services.kernel.source import Source
from services.kernel.trust import Status
from services.runtime import revision
from services.runtime.database import Database
from services.runtime.revision import Revision
from services.trading import store
from services.trading.domain.desk.actor import Actor
from services.trading.domain.ledger.chart import InstrumentKind
from services.trading.domain.ledger.instrument import Instrument
from services.trading.domain.portfolio.cost import Method, Order, Policy
from services.trading.domain.quotes.quote import Quote
from services.trading.domain.reconciliation.correction import (
    Correction,
    Decision,
    Verdict,
    proposed,
)
from services.trading.domain.reconciliation.difference import Break, BreakKind
from services.trading.domain.reconciliation.form import Row, StatementKind
from services.trading.domain.reconciliation.line import Line
from services.trading.domain.reconciliation.statement import (
    OpenBreak,
    Reconciliation,
    Statement,
)
from tests.trading import builders

DAY = date(2025, 10, 31)
TABLES = frozenset(
    {
        "bulletins",
        "correction_decisions",
        "corrections",
        "cost_policies",
        "disposals",
        "quotes",
        "reconciliation_breaks",
        "reconciliation_differences",
        "reconciliations",
        "statement_books",
        "statement_lines",
        "statements",
    }
)
"""Tables whose guard has a test of its own, since they take more to fill."""
LINE = Line(id="Z-1", book="chp", instrument="cea-2024", unit_count=7, day=DAY, kind="PURCHASE")


def fill(database: Database) -> None:
    """Put a row into each of the tables: a statement with a line that the ledger lacks."""
    with database.write() as connection:
        at = revision.take(connection)
        store.accounts.add(connection, builders.account(), at)
        instrument = Instrument(
            instrument="cea-2024", kind=InstrumentKind.ALLOWANCE, vintage_year=2024, project=""
        )
        store.ledger.instruments.add(connection, instrument, at)
        source = Source(title="bulletin", status=Status.SECONDARY)
        quote = Quote(product="CEA24", day=DAY, source=source)
        store.quotes.add(connection, [(quote, None)], at)
        store.quotes.keep(connection, "text", at)
        statement = Statement(
            statement="october",
            kind=StatementKind.TRANSFERS,
            start=date(2025, 10, 1),
            end=date(2025, 11, 1),
            books=("chp",),
            file_name="october.csv",
            digest=b"digest",
            line_count=1,
            evidence="downloaded",
            supersedes="",
            principal="principals/maker",
            create_time=at.commit_time,
        )
        rows = [Row(number=3, line=LINE, unit="t")]
        store.statements.add(connection, statement, b"file", rows, at)
        found = Break(kind=BreakKind.EXTRA, ours=(), theirs=(LINE,))
        reconciliation = Reconciliation(
            statement="october",
            number=1,
            line_count=1,
            transfer_count=0,
            agreed_count=0,
            netted_count=0,
            breaks=(OpenBreak(found=found, first_time=at.commit_time),),
            principal="principals/maker",
            create_time=at.commit_time,
        )
        store.reconciliation.add(connection, reconciliation, at)
        _correct(connection, found, at)
        _declare(connection, at)


def _correct(connection: sa.Connection, found: Break, at: Revision) -> None:
    correction = Correction(
        statement="october",
        correction="fix",
        break_id=found.id,
        wanted=proposed(found, prefix="fix", evidence="statement"),
        evidence="statement",
        maker=Actor(principal="principals/maker", person="staff-1", role="DESK"),
    )
    store.reconciliation.propose(connection, correction, at)
    decision = Decision(
        verdict=Verdict.REJECTED,
        checker="principals/checker",
        reason="no",
        decide_time=at.commit_time,
    )
    store.reconciliation.decide(connection, correction, decision, at)


def _declare(connection: sa.Connection, at: Revision) -> None:
    policy = Policy(
        method=Method.FIFO,
        sale_order=Order.BOUGHT_FIRST,
        other_order=Order.FREE_FIRST,
        evidence="manual",
    )
    store.portfolio.declare(connection, "chp", policy, None, at)
    store.portfolio.declare_disposal(
        connection,
        "chp",
        "t-1",
        free_count=1,
        evidence="manual",
        principal="principals/maker",
        revision=at,
    )
