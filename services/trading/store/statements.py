"""Statements in the database: the file as it came, its lines, and which accounts it covers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa

from services.kernel.errors import NotFound
from services.runtime import bulk
from services.runtime.auth import Tenant
from services.runtime.revision import Revision
from services.runtime.stored import Stored
from services.trading.domain.reconciliation.correction import STATEMENT
from services.trading.domain.reconciliation.form import Row, StatementKind
from services.trading.domain.reconciliation.line import Line
from services.trading.domain.reconciliation.statement import Statement
from services.trading.store.accounts import accounts
from services.trading.store.tables import metadata

_CONTENT = (
    "instrument",
    "unit_count",
    "settlement_date",
    "reference",
    "reverses",
    "traded_count",
    "kind",
)
"""Columns that are the same where a line comes again."""


class StatementColumns(Stored):
    """One row a statement."""

    statement: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    kind: sa.Named[str] = sa.Column(sa.Text)
    start_date: sa.Named[date] = sa.Column(sa.Date)
    end_date: sa.Named[date] = sa.Column(sa.Date)
    file_name: sa.Named[str] = sa.Column(sa.Text)
    digest: sa.Named[bytes] = sa.Column(sa.LargeBinary)
    content: sa.Named[bytes] = sa.Column(sa.LargeBinary)
    line_count: sa.Named[int] = sa.Column(sa.Integer)
    evidence: sa.Named[str] = sa.Column(sa.Text)
    supersedes: sa.Named[str | None] = sa.Column(sa.Text, sa.ForeignKey("statements.statement"))
    principal: sa.Named[str] = sa.Column(sa.Text)


class BookColumns(sa.TypedColumns):
    """One row an account that a statement covers."""

    statement: sa.Named[str] = sa.Column(
        sa.Text, sa.ForeignKey("statements.statement"), primary_key=True
    )
    book: sa.Named[str] = sa.Column(sa.Text, sa.ForeignKey("accounts.account"), primary_key=True)


class LineColumns(sa.TypedColumns):
    """One row a line of a statement."""

    statement: sa.Named[str] = sa.Column(
        sa.Text, sa.ForeignKey("statements.statement"), primary_key=True
    )
    row_number: sa.Named[int] = sa.Column(sa.Integer, primary_key=True, autoincrement=False)
    line: sa.Named[str] = sa.Column(sa.Text)
    book: sa.Named[str] = sa.Column(sa.Text)
    instrument: sa.Named[str] = sa.Column(sa.Text)
    unit_count: sa.Named[int] = sa.Column(sa.BigInteger)
    settlement_date: sa.Named[date] = sa.Column(sa.Date)
    reference: sa.Named[str] = sa.Column(sa.Text)
    reverses: sa.Named[str] = sa.Column(sa.Text)
    traded_count: sa.Named[int] = sa.Column(sa.BigInteger)
    kind: sa.Named[str] = sa.Column(sa.Text)
    unit: sa.Named[str] = sa.Column(sa.Text)


statements = sa.Table(
    "statements",
    metadata,
    StatementColumns,
    sa.UniqueConstraint("digest", "kind", "start_date", name="one_effect_of_a_file"),
    sa.UniqueConstraint("supersedes", name="one_successor_of_a_statement"),
)
books = sa.Table("statement_books", metadata, BookColumns)
lines = sa.Table("statement_lines", metadata, LineColumns)
sa.Index("lines_by_number", lines.c.book, lines.c.line)

_SUMMARY = [column for column in statements.c if column.name != "content"]


def add(
    connection: sa.Connection,
    statement: Statement,
    content: bytes,
    rows: Sequence[Row],
    revision: Revision,
) -> None:
    """Insert a statement with its file and its lines."""
    connection.execute(
        sa.insert(statements).values(
            statement=statement.statement,
            kind=statement.kind.value,
            start_date=statement.start,
            end_date=statement.end,
            file_name=statement.file_name,
            digest=statement.digest,
            content=content,
            line_count=statement.line_count,
            evidence=statement.evidence,
            supersedes=statement.supersedes or None,
            principal=statement.principal,
            create_time=revision.commit_time,
            revision=revision.number,
        )
    )
    connection.execute(
        sa.insert(books),
        [{"statement": statement.statement, "book": book} for book in statement.books],
    )
    bulk.insert(connection, lines, [_values(statement.statement, row) for row in rows])


def find(connection: sa.Connection, tenant: Tenant, statement: str) -> Statement | None:
    """Return a statement all of whose accounts the tenant may see, or None."""
    return next(iter(_select(connection, tenant, statements.c.statement == statement)), None)


def get(connection: sa.Connection, tenant: Tenant, statement: str) -> Statement:
    """Return a statement of the tenant; raises NotFound."""
    found = find(connection, tenant, statement)
    if found is None:
        raise NotFound(name=STATEMENT.format(statement=statement))
    return found


def of_file(
    connection: sa.Connection, digest: bytes, kind: StatementKind, start: date
) -> str | None:
    """Return the id of the statement that a file was imported as, whoever may see it, or None."""
    c = statements.c
    which = sa.and_(c.digest == digest, c.kind == kind.value, c.start_date == start)
    return connection.execute(sa.select(c.statement).where(which)).scalar_one_or_none()


def exists(connection: sa.Connection, statement: str) -> bool:
    """Tell whether any tenant has a statement of that id."""
    c = statements.c
    return (
        connection.execute(sa.select(c.statement).where(c.statement == statement)).first()
        is not None
    )


def page(connection: sa.Connection, tenant: Tenant, *, after: str, size: int) -> list[Statement]:
    """Return `size` statements of the tenant by id after `after`."""
    return _select(connection, tenant, statements.c.statement > after, limit=size)


def content(connection: sa.Connection, statement: str) -> bytes:
    """Return the file of a statement as it came."""
    c = statements.c
    return connection.execute(sa.select(c.content).where(c.statement == statement)).scalar_one()


def lines_of(connection: sa.Connection, statement: str) -> list[Line]:
    """Return the lines of a statement in the order of its file."""
    c = lines.c
    query = (
        sa.select(
            c.line,
            c.book,
            c.instrument,
            c.unit_count,
            c.settlement_date,
            c.reference,
            c.reverses,
            c.traded_count,
            c.kind,
        )
        .where(c.statement == statement)
        .order_by(c.row_number)
    )
    return [Line(*row) for row in connection.execute(query).all()]


def reused(connection: sa.Connection, statement: str) -> list[tuple[int, str, str, str]]:
    """Return the lines of a statement whose number another one in force has with other content.

    Of each its row, its account, its number and the other statement, in the order of the file.
    """
    new, old = lines.alias("new"), lines.alias("old")
    successors = statements.alias("successors")
    replaced = sa.exists().where(successors.c.supersedes == old.c.statement)
    query = (
        sa.select(new.c.row_number, new.c.book, new.c.line, old.c.statement)
        .join(old, sa.and_(old.c.book == new.c.book, old.c.line == new.c.line))
        .join(statements, statements.c.statement == old.c.statement)
        .where(
            new.c.statement == statement,
            old.c.statement != statement,
            statements.c.kind == StatementKind.TRANSFERS.value,
            sa.or_(*(new.c[name] != old.c[name] for name in _CONTENT)),
            ~replaced,
        )
        .order_by(new.c.row_number, old.c.statement)
    )
    return [(row[0], row[1], row[2], row[3]) for row in connection.execute(query).all()]


def _select(
    connection: sa.Connection,
    tenant: Tenant,
    which: sa.ColumnElement[bool],
    *,
    limit: int | None = None,
) -> list[Statement]:
    successors = statements.alias("successors")
    superseded = sa.exists().where(successors.c.supersedes == statements.c.statement)
    query = (
        sa.select(*_SUMMARY, superseded.label("superseded"))
        .where(which, seen_by(tenant, statements.c.statement))
        .order_by(statements.c.statement)
        .limit(limit)
    )
    rows = connection.execute(query).mappings().all()
    covered = _books(connection, [row["statement"] for row in rows])
    return [_statement(row, covered[row["statement"]]) for row in rows]


def seen_by(tenant: Tenant, statement: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """Return the condition that a tenant may see all accounts of a statement."""
    if tenant.enterprises is None:
        return sa.true()
    foreign = (
        sa.exists()
        .where(
            books.c.statement == statement,
            accounts.c.account == books.c.book,
            sa.not_(tenant.clause(accounts.c.enterprise)),
        )
        .correlate_except(books, accounts)
    )
    return ~foreign


def _books(connection: sa.Connection, names: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {name: [] for name in names}
    query = (
        sa.select(books.c.statement, books.c.book)
        .where(books.c.statement.in_(names))
        .order_by(books.c.book)
    )
    for statement, book in connection.execute(query):
        found[statement].append(book)
    return found


def _values(statement: str, row: Row) -> dict[str, object]:
    line = row.line
    return {
        "statement": statement,
        "row_number": row.number,
        "line": line.id,
        "book": line.book,
        "instrument": line.instrument,
        "unit_count": line.unit_count,
        "settlement_date": line.day,
        "reference": line.reference,
        "reverses": line.reverses,
        "traded_count": line.traded_count,
        "kind": line.kind,
        "unit": row.unit,
    }


def _statement(row: sa.RowMapping, covered: Sequence[str]) -> Statement:
    return Statement(
        statement=row["statement"],
        kind=StatementKind(row["kind"]),
        start=row["start_date"],
        end=row["end_date"],
        books=tuple(covered),
        file_name=row["file_name"],
        digest=row["digest"],
        line_count=row["line_count"],
        evidence=row["evidence"],
        supersedes=row["supersedes"] or "",
        principal=row["principal"],
        create_time=row["create_time"],
        superseded=row["superseded"],
    )
