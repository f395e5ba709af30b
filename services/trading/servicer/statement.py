"""Statements: imported once, and returned as they came."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import grpc
import sqlalchemy as sa

from services.kernel.errors import (
    AlreadyExists,
    NotFound,
    Several,
    StatementLineReused,
    StateWrong,
    Words,
)
from services.kernel.names import ACCOUNT
from services.runtime import auth, paging, revision
from services.runtime.auth import Tenant
from services.trading import store
from services.trading.domain.reconciliation import form
from services.trading.domain.reconciliation.correction import STATEMENT
from services.trading.domain.reconciliation.form import Fault, Row, StatementKind
from services.trading.domain.reconciliation.statement import Statement, check_period, check_rows
from services.trading.files import table
from services.trading.files.table import Table
from services.trading.servicer.house import House
from services.trading.wire import reconciliation as wire
from zonecarbon.trading.v1 import reconciliation_pb2, reconciliation_service_pb2_grpc
from zonecarbon.trading.v1 import reconciliation_service_pb2 as pb

_SUPERSEDED = Words(en="superseded", zh="已被替代")
_IN_FORCE = Words(en="in force", zh="有效")


class Statements(reconciliation_service_pb2_grpc.ReconciliationServiceServicer):
    def __init__(self, house: House) -> None:
        self._house = house

    def GetStatementTemplate(
        self, request: pb.GetStatementTemplateRequest, context: grpc.ServicerContext
    ) -> pb.StatementFile:
        kind = wire.to_kind(request.kind)
        rows, name = form.template(kind), f"statement-{kind.value.lower()}"
        if request.format == reconciliation_pb2.STATEMENT_FORMAT_XLSX:
            return pb.StatementFile(
                file_name=f"{name}.xlsx", content=table.xlsx_bytes("对账单 Statement", rows)
            )
        return pb.StatementFile(file_name=f"{name}.csv", content=table.csv_bytes(rows))

    def ImportStatement(
        self, request: pb.ImportStatementRequest, context: grpc.ServicerContext
    ) -> reconciliation_pb2.Statement:
        bare = wire.to_statement(request, auth.caller().name, datetime.now(UTC))
        check_period(bare.kind, bare.start, bare.end)
        file, tenant = table.read(request.content), self._house.registry.tenant()
        with self._house.database.read() as connection:
            wanted, rows = _read(connection, tenant, bare, file)
            if (known := _known(connection, tenant, wanted)) is not None:
                return wire.from_statement(known)
        with self._house.database.write() as connection:
            taken = revision.take(connection)
            # The same file may have come twice at once.
            if (known := _known(connection, tenant, wanted)) is not None:
                return wire.from_statement(known)
            if wanted.supersedes:
                in_force(connection, tenant, wanted.supersedes)
            stored = replace(wanted, create_time=taken.commit_time)
            store.statements.add(connection, stored, file.content, rows, taken)
            _check_lines(connection, stored)
        return wire.from_statement(stored)

    def GetStatement(
        self, request: pb.GetStatementRequest, context: grpc.ServicerContext
    ) -> reconciliation_pb2.Statement:
        id_, tenant = STATEMENT.parse(request.name)["statement"], self._house.registry.tenant()
        with self._house.database.read() as connection:
            return wire.from_statement(store.statements.get(connection, tenant, id_))

    def ListStatements(
        self, request: pb.ListStatementsRequest, context: grpc.ServicerContext
    ) -> pb.ListStatementsResponse:
        after, size = paging.start(request), paging.size(request)
        tenant = self._house.registry.tenant()
        with self._house.database.read() as connection:
            found = store.statements.page(connection, tenant, after=after, size=size + 1)
        return pb.ListStatementsResponse(
            statements=[wire.from_statement(each) for each in found[:size]],
            next_page_token=paging.next_token([each.statement for each in found], size),
        )

    def GetStatementFile(
        self, request: pb.GetStatementFileRequest, context: grpc.ServicerContext
    ) -> pb.StatementFile:
        id_, tenant = STATEMENT.parse(request.name)["statement"], self._house.registry.tenant()
        with self._house.database.read() as connection:
            found = store.statements.get(connection, tenant, id_)
            content = store.statements.content(connection, id_)
        return pb.StatementFile(file_name=found.file_name, content=content)


def in_force(connection: sa.Connection, tenant: Tenant, id_: str) -> Statement:
    """Return a statement of the tenant.

    Raises:
        NotFound: there is none that it may see.
        StateWrong: another one has taken its place.
    """
    statement = store.statements.get(connection, tenant, id_)
    if statement.superseded:
        raise StateWrong(name=statement.name, state=_SUPERSEDED, allowed=_IN_FORCE)
    return statement


def _read(
    connection: sa.Connection, tenant: Tenant, bare: Statement, file: Table
) -> tuple[Statement, list[Row]]:
    """Return a statement and its lines, of accounts that the tenant may see.

    Raises:
        FileInvalid: the file is not what it should be.
        Several: lines of it are not.
        NotFound: an account.
    """
    instruments = {
        each.value.instrument: each.value.kind for each in store.ledger.instruments.page(connection)
    }
    rows, faults = form.rows(file.rows, bare.kind, instruments)
    _refuse([*faults, *check_rows(rows, bare.kind, bare.start, bare.end)])
    covered = sorted({*bare.books, *(row.line.book for row in rows)})
    _check_accounts(connection, tenant, covered)
    statement = replace(
        bare,
        books=tuple(covered),
        digest=hashlib.sha256(file.content).digest(),
        line_count=len(rows),
    )
    return statement, rows


def _check_accounts(connection: sa.Connection, tenant: Tenant, covered: Iterable[str]) -> None:
    there = {each.value.account for each in store.accounts.page(connection, tenant)}
    for book in covered:
        if book not in there:
            raise NotFound(name=ACCOUNT.format(account=book))


def _known(connection: sa.Connection, tenant: Tenant, wanted: Statement) -> Statement | None:
    """Return the statement that the file was imported as, or None.

    Raises:
        AlreadyExists: the id is another statement's.
        NotFound: it was imported for accounts of which the tenant may not see all.
    """
    known = store.statements.of_file(connection, wanted.digest, wanted.kind, wanted.start)
    if known is not None:
        return store.statements.get(connection, tenant, known)
    if store.statements.exists(connection, wanted.statement):
        raise AlreadyExists(name=wanted.name)
    return None


def _check_lines(connection: sa.Connection, stored: Statement) -> None:
    """Raise StatementLineReused, or Several, where lines came before with other content.

    What a statement takes the place of does not count: it was wrong.
    """
    if stored.kind is not StatementKind.TRANSFERS:
        return
    found = store.statements.reused(connection, stored.statement)
    faults = {
        number: Fault(
            number=number,
            error=StatementLineReused(
                field=f"{number}:{number}",
                account=ACCOUNT.format(account=book),
                line=line,
                statement=STATEMENT.format(statement=before),
            ),
        )
        for number, book, line, before in found
    }
    _refuse(list(faults.values()))


def _refuse(faults: Sequence[Fault]) -> None:
    """Raise what is wrong with lines of a file, together."""
    if faults:
        raise Several.of(form.told(faults))
