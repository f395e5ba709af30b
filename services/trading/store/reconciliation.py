"""Reconciliations, breaks and corrections in the database; and which accounts they block.

What counts of a statement is its newest reconciliation, unless another statement took its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from itertools import islice
from typing import Any

import sqlalchemy as sa

from services.runtime.auth import Tenant
from services.runtime.columns import Instant
from services.runtime.revision import Revision
from services.runtime.stored import Stored
from services.trading.domain.desk.actor import Actor
from services.trading.domain.ledger.chart import Kind
from services.trading.domain.ledger.transfer import Phase, Wanted
from services.trading.domain.reconciliation.correction import (
    HOLDING,
    Correction,
    Decided,
    Decision,
    Verdict,
)
from services.trading.domain.reconciliation.difference import Break, BreakKind
from services.trading.domain.reconciliation.line import ON_ACCOUNT, Line, moved
from services.trading.domain.reconciliation.statement import (
    Block,
    OpenBreak,
    Reconciliation,
    Statement,
)
from services.trading.domain.versioned import Versioned
from services.trading.store.ledger.tables import transfers
from services.trading.store.statements import seen_by, statements
from services.trading.store.tables import metadata

_AT_A_TIME = 500
"""Accounts in one query."""


class RunColumns(Stored):
    """One row a reconciliation of a statement."""

    statement: sa.Named[str] = sa.Column(
        sa.Text, sa.ForeignKey("statements.statement"), primary_key=True
    )
    run_number: sa.Named[int] = sa.Column(sa.BigInteger, primary_key=True, autoincrement=False)
    line_count: sa.Named[int] = sa.Column(sa.Integer)
    transfer_count: sa.Named[int] = sa.Column(sa.Integer)
    agreed_count: sa.Named[int] = sa.Column(sa.Integer)
    netted_count: sa.Named[int] = sa.Column(sa.Integer)
    principal: sa.Named[str] = sa.Column(sa.Text)


class BreakColumns(sa.TypedColumns):
    """One row a break that a reconciliation found."""

    statement: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    run_number: sa.Named[int] = sa.Column(sa.BigInteger, primary_key=True, autoincrement=False)
    order_index: sa.Named[int] = sa.Column(sa.Integer, primary_key=True, autoincrement=False)
    break_id: sa.Named[str] = sa.Column(sa.Text)
    kind: sa.Named[str] = sa.Column(sa.Text)
    first_time: sa.Named[datetime] = sa.Column(Instant)
    sides: sa.Named[Any] = sa.Column(sa.JSON)
    """The lines of both sides, as `_line_values` writes them."""


class DifferenceColumns(sa.TypedColumns):
    """One row an account that differs by a break, and by how much of an instrument."""

    statement: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    run_number: sa.Named[int] = sa.Column(sa.BigInteger, primary_key=True, autoincrement=False)
    order_index: sa.Named[int] = sa.Column(sa.Integer, primary_key=True, autoincrement=False)
    book: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    instrument: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    unit_count: sa.Named[int] = sa.Column(sa.BigInteger)


class CorrectionColumns(Stored):
    """One row a correction that was proposed."""

    statement: sa.Named[str] = sa.Column(
        sa.Text, sa.ForeignKey("statements.statement"), primary_key=True
    )
    correction: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    break_id: sa.Named[str] = sa.Column(sa.Text)
    transfers: sa.Named[Any] = sa.Column(sa.JSON)
    evidence: sa.Named[str] = sa.Column(sa.Text)
    maker: sa.Named[str] = sa.Column(sa.Text)
    maker_person: sa.Named[str] = sa.Column(sa.Text)
    maker_role: sa.Named[str] = sa.Column(sa.Text)


class DecisionColumns(Stored):
    """One row a decision on a correction; the database holds that its checker is not its maker."""

    statement: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    correction: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    maker: sa.Named[str] = sa.Column(sa.Text)
    checker: sa.Named[str] = sa.Column(sa.Text)
    verdict: sa.Named[str] = sa.Column(sa.Text)
    reason: sa.Named[str] = sa.Column(sa.Text)


runs = sa.Table("reconciliations", metadata, RunColumns)
breaks = sa.Table(
    "reconciliation_breaks",
    metadata,
    BreakColumns,
    sa.ForeignKeyConstraint(
        ["statement", "run_number"], ["reconciliations.statement", "reconciliations.run_number"]
    ),
)
differences = sa.Table(
    "reconciliation_differences",
    metadata,
    DifferenceColumns,
    sa.ForeignKeyConstraint(
        ["statement", "run_number", "order_index"],
        [
            "reconciliation_breaks.statement",
            "reconciliation_breaks.run_number",
            "reconciliation_breaks.order_index",
        ],
    ),
)
sa.Index("differences_by_book", differences.c.book)
corrections = sa.Table(
    "corrections",
    metadata,
    CorrectionColumns,
    sa.UniqueConstraint("statement", "correction", "maker", name="one_maker_of_a_correction"),
)
decisions = sa.Table(
    "correction_decisions",
    metadata,
    DecisionColumns,
    sa.ForeignKeyConstraint(
        ["statement", "correction", "maker"],
        ["corrections.statement", "corrections.correction", "corrections.maker"],
    ),
    sa.CheckConstraint("checker <> maker", name="checker_is_not_maker"),
)


def blocked(connection: sa.Connection, book: str) -> bool:
    """Tell whether a book differs from a statement in force: then nothing of it may move."""
    d = differences.c
    query = sa.select(d.book).where(d.book == book, _counts(d.statement, d.run_number)).limit(1)
    return connection.execute(query).first() is not None


def blocks(connection: sa.Connection, tenant: Tenant) -> list[Block]:
    """Return what blocks which account, of statements that the tenant may see."""
    b, d = breaks.c, differences.c
    query = (
        sa.select(d.book, b.statement, b.break_id, b.kind, b.first_time)
        .distinct()
        .join(
            differences,
            sa.and_(
                d.statement == b.statement,
                d.run_number == b.run_number,
                d.order_index == b.order_index,
            ),
        )
        .where(_counts(b.statement, b.run_number), seen_by(tenant, b.statement))
        .order_by(d.book, b.statement, b.break_id)
    )
    return [
        Block(
            book=book,
            statement=statement,
            break_id=break_id,
            kind=BreakKind(kind),
            first_time=first_time,
        )
        for book, statement, break_id, kind, first_time in connection.execute(query)
    ]


def movements(connection: sa.Connection, statement: Statement) -> list[Line]:
    """Return what the ledger, as it is known now, moved on a statement's accounts in its period."""
    c, target = transfers.c, transfers.alias("target")
    found: list[Line] = []
    remaining = iter(statement.books)
    while some := list(islice(remaining, _AT_A_TIME)):
        query = (
            sa.select(
                c.transfer,
                c.book,
                c.instrument,
                c.unit_count,
                c.settlement_date,
                target.c.transfer,
                c.phase,
                c.kind,
                c.debit,
                c.credit,
                c.evidence,
            )
            .outerjoin(target, sa.and_(target.c.book == c.book, target.c.number == c.target_number))
            .where(
                c.book.in_(some),
                c.settlement_date >= statement.start,
                c.settlement_date < statement.end,
                c.unit_count > 0,
            )
            .order_by(c.book, c.number)
        )
        for row in connection.execute(query).all():
            id_, book, instrument, count, day, target_id, phase, kind, debit, credit, note = row
            if sign := moved(debit, credit):
                found.append(
                    Line(
                        id=id_,
                        book=book,
                        instrument=instrument,
                        unit_count=sign * count,
                        day=day,
                        reverses=target_id if phase == Phase.REVERSAL.value else "",
                        kind=kind,
                        note=note,
                    )
                )
    return found


def holdings(connection: sa.Connection, statement: Statement) -> list[Line]:
    """Return what the books of a statement held at its end, as lines."""
    c = transfers.c
    inside = sorted(purpose.value for purpose in ON_ACCOUNT)
    count = sa.case((c.debit.in_(inside), c.unit_count), else_=0) - sa.case(
        (c.credit.in_(inside), c.unit_count), else_=0
    )
    found: dict[tuple[str, str], int] = {}
    remaining = iter(statement.books)
    while some := list(islice(remaining, _AT_A_TIME)):
        query = (
            sa.select(c.book, c.instrument, sa.cast(sa.func.sum(count), sa.BigInteger))
            .where(c.book.in_(some), c.settlement_date < statement.end)
            .group_by(c.book, c.instrument)
        )
        for book, instrument, held in connection.execute(query):
            found[book, instrument] = int(held)
    return [
        holding(book, instrument, held, statement.start)
        for (book, instrument), held in sorted(found.items())
        if held
    ]


def holding(book: str, instrument: str, unit_count: int, day: date) -> Line:
    """Return a balance as a line: named for what it is of, so that both sides' find each other."""
    id_ = f"{HOLDING}{book}-{instrument}"
    return Line(
        id=id_, book=book, instrument=instrument, unit_count=unit_count, day=day, reference=id_
    )


def newest(connection: sa.Connection, statement: str) -> Reconciliation | None:
    """Return the newest reconciliation of a statement, or None."""
    r = runs.c
    query = sa.select(runs).where(r.statement == statement).order_by(r.run_number.desc()).limit(1)
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        return None
    b = breaks.c
    which = sa.and_(b.statement == statement, b.run_number == row["run_number"])
    found = connection.execute(sa.select(breaks).where(which).order_by(b.order_index)).mappings()
    return Reconciliation(
        statement=statement,
        number=row["run_number"],
        line_count=row["line_count"],
        transfer_count=row["transfer_count"],
        agreed_count=row["agreed_count"],
        netted_count=row["netted_count"],
        breaks=tuple(_break(each) for each in found),
        principal=row["principal"],
        create_time=row["create_time"],
    )


def add(connection: sa.Connection, found: Reconciliation, revision: Revision) -> None:
    """Insert a reconciliation with its breaks and whom they block."""
    connection.execute(
        sa.insert(runs).values(
            statement=found.statement,
            run_number=found.number,
            line_count=found.line_count,
            transfer_count=found.transfer_count,
            agreed_count=found.agreed_count,
            netted_count=found.netted_count,
            principal=found.principal,
            create_time=revision.commit_time,
            revision=revision.number,
        )
    )
    at = {"statement": found.statement, "run_number": found.number}
    rows = [
        {
            **at,
            "order_index": index,
            "break_id": each.found.id,
            "kind": each.found.kind.value,
            "first_time": each.first_time,
            "sides": [
                [_line_values(line) for line in side]
                for side in (each.found.ours, each.found.theirs)
            ],
        }
        for index, each in enumerate(found.breaks)
    ]
    differing = [
        {
            **at,
            "order_index": index,
            "book": each.book,
            "instrument": each.instrument,
            "unit_count": each.unit_count,
        }
        for index, whole in enumerate(found.breaks)
        for each in whole.found.differences
    ]
    if rows:
        connection.execute(sa.insert(breaks), rows)
    if differing:
        connection.execute(sa.insert(differences), differing)


def propose(connection: sa.Connection, correction: Correction, revision: Revision) -> None:
    """Insert a correction."""
    connection.execute(
        sa.insert(corrections).values(
            statement=correction.statement,
            correction=correction.correction,
            break_id=correction.break_id,
            transfers=[_wanted_values(each) for each in correction.wanted],
            evidence=correction.evidence,
            maker=correction.maker.principal,
            maker_person=correction.maker.person,
            maker_role=correction.maker.role,
            create_time=revision.commit_time,
            revision=revision.number,
        )
    )


def decide(
    connection: sa.Connection,
    correction: Correction,
    decision: Decision,
    revision: Revision,
) -> None:
    """Insert what was decided on a correction."""
    connection.execute(
        sa.insert(decisions).values(
            statement=correction.statement,
            correction=correction.correction,
            maker=correction.maker.principal,
            checker=decision.checker,
            verdict=decision.verdict.value,
            reason=decision.reason,
            create_time=revision.commit_time,
            revision=revision.number,
        )
    )


def correction_page(
    connection: sa.Connection, statement: str, *, after: str = "", size: int
) -> list[Decided]:
    """Return `size` corrections of a statement by id after `after`."""
    c = corrections.c
    return _corrections(connection, c.statement == statement, c.correction > after, limit=size)


def correction(connection: sa.Connection, statement: str, id_: str) -> Decided | None:
    """Return a correction, or None."""
    c = corrections.c
    found = _corrections(connection, c.statement == statement, c.correction == id_, limit=1)
    return found[0] if found else None


def _corrections(
    connection: sa.Connection, *which: sa.ColumnElement[bool], limit: int
) -> list[Decided]:
    c, d = corrections.c, decisions.c
    query = (
        sa.select(
            corrections,
            d.checker,
            d.verdict,
            d.reason,
            d.create_time.label("decide_time"),
        )
        .outerjoin(decisions, sa.and_(d.statement == c.statement, d.correction == c.correction))
        .where(*which)
        .order_by(c.correction)
        .limit(limit)
    )
    return [_decided(row) for row in connection.execute(query).mappings()]


def _decided(row: sa.RowMapping) -> Decided:
    value = Correction(
        statement=row["statement"],
        correction=row["correction"],
        break_id=row["break_id"],
        wanted=tuple(_wanted(each) for each in row["transfers"]),
        evidence=row["evidence"],
        maker=Actor(principal=row["maker"], person=row["maker_person"], role=row["maker_role"]),
    )
    stored = Versioned(
        value=value, version=1, revision=row["revision"], create_time=row["create_time"]
    )
    if row["verdict"] is None:
        return stored, None
    return stored, Decision(
        verdict=Verdict(row["verdict"]),
        checker=row["checker"],
        reason=row["reason"],
        decide_time=row["decide_time"],
    )


def _counts(
    statement: sa.ColumnElement[str], number: sa.ColumnElement[int]
) -> sa.ColumnElement[bool]:
    """Return the condition that a reconciliation is its statement's newest, and that it counts."""
    latest, successors = runs.alias("latest"), statements.alias("successors")
    last = (
        sa.select(sa.func.max(latest.c.run_number))
        .where(latest.c.statement == statement)
        .scalar_subquery()
    )
    return sa.and_(number == last, ~sa.exists().where(successors.c.supersedes == statement))


def _break(row: sa.RowMapping) -> OpenBreak:
    ours, theirs = (tuple(_line(each) for each in side) for side in row["sides"])
    found = Break(kind=BreakKind(row["kind"]), ours=ours, theirs=theirs)
    return OpenBreak(found=found, first_time=row["first_time"])


def _line_values(line: Line) -> dict[str, object]:
    return {**line._asdict(), "day": line.day.isoformat()}


def _line(values: Mapping[str, Any]) -> Line:
    return Line(**{**values, "day": date.fromisoformat(values["day"])})


def _wanted_values(each: Wanted) -> dict[str, object]:
    return {
        "book": each.book,
        "transfer": each.transfer,
        "phase": each.phase.value,
        "kind": each.kind.name if each.kind else "",
        "instrument": each.instrument,
        "unit_count": each.unit_count,
        "target": each.target,
        "trade_date": each.trade_date.isoformat(),
        "settlement_date": each.settlement_date.isoformat(),
        "evidence": each.evidence,
    }


def _wanted(values: Mapping[str, Any]) -> Wanted:
    return Wanted(
        book=values["book"],
        transfer=values["transfer"],
        phase=Phase(values["phase"]),
        kind=Kind[values["kind"]] if values["kind"] else None,
        instrument=values["instrument"],
        unit_count=values["unit_count"],
        target=values["target"],
        trade_date=date.fromisoformat(values["trade_date"]),
        settlement_date=date.fromisoformat(values["settlement_date"]),
        evidence=values["evidence"],
    )
