"""Reconciliations, breaks and corrections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import grpc
import sqlalchemy as sa

from services.kernel import names
from services.kernel.errors import AlreadyExists, DomainError, NotFound, StateWrong
from services.runtime import auth, paging, revision
from services.runtime.auth import Tenant
from services.runtime.revision import Revision
from services.trading import store
from services.trading.domain.ledger.transfer import Wanted, check
from services.trading.domain.reconciliation import matching
from services.trading.domain.reconciliation.correction import (
    BREAK,
    CORRECTION,
    STATEMENT,
    Correction,
    Decided,
    Decision,
    Verdict,
    check_decider,
    proposed,
)
from services.trading.domain.reconciliation.form import StatementKind
from services.trading.domain.reconciliation.line import Line, family
from services.trading.domain.reconciliation.statement import (
    OpenBreak,
    Reconciliation,
    Statement,
)
from services.trading.servicer.house import House
from services.trading.servicer.statement import in_force
from services.trading.servicer.transfer import to_number
from services.trading.store.ledger.group import Group
from services.trading.store.ledger.posting import post_in
from services.trading.wire import reconciliation as wire
from services.trading.wire.desk import actor
from zonecarbon.trading.v1 import reconciliation_pb2, reconciliation_service_pb2_grpc
from zonecarbon.trading.v1 import reconciliation_service_pb2 as pb


class Reconciliations(reconciliation_service_pb2_grpc.ReconciliationServiceServicer):
    def __init__(self, house: House) -> None:
        self._house = house

    def ReconcileStatement(
        self, request: pb.ReconcileStatementRequest, context: grpc.ServicerContext
    ) -> reconciliation_pb2.Reconciliation:
        id_, tenant = STATEMENT.parse(request.name)["statement"], self._house.registry.tenant()
        with self._house.database.read() as connection:
            statement = in_force(connection, tenant, id_)
            found = _outcome(connection, statement)
        with self._house.database.write() as connection:
            saved = _save(connection, statement, found, revision.take(connection))
        return wire.from_reconciliation(saved, saved.create_time)

    def ListBreaks(
        self, request: pb.ListBreaksRequest, context: grpc.ServicerContext
    ) -> pb.ListBreaksResponse:
        id_ = STATEMENT.parse(request.parent, "parent")["statement"]
        after, size = to_number(paging.start(request, id_)), paging.size(request)
        tenant, now = self._house.registry.tenant(), datetime.now(UTC)
        with self._house.database.read() as connection:
            store.statements.get(connection, tenant, id_)
            newest = store.reconciliation.newest(connection, id_)
        breaks = () if newest is None else newest.breaks[after : after + size + 1]
        return pb.ListBreaksResponse(
            breaks=[wire.from_break(each, id_, now) for each in breaks[:size]],
            next_page_token=paging.next_token(
                [str(after + index) for index in range(1, len(breaks) + 1)], size, id_
            ),
        )

    def ProposeCorrection(
        self, request: pb.ProposeCorrectionRequest, context: grpc.ServicerContext
    ) -> reconciliation_pb2.Correction:
        ids = BREAK.parse(request.parent, "parent")
        names.check_id("correction", request.correction_id)
        tenant = self._house.registry.tenant()
        with self._house.database.write() as connection:
            taken = revision.take(connection)
            in_force(connection, tenant, ids["statement"])
            found = _break(connection, ids["statement"], ids["break"])
            wanted = Correction(
                statement=ids["statement"],
                correction=request.correction_id,
                break_id=found.found.id,
                wanted=proposed(
                    found.found, prefix=request.correction_id, evidence=request.evidence
                ),
                evidence=request.evidence,
                maker=actor(),
            )
            known = store.reconciliation.correction(connection, wanted.statement, wanted.correction)
            if known is not None and known[0].value != wanted:
                raise AlreadyExists(name=wanted.name)
            if known is None:
                store.reconciliation.propose(connection, wanted, taken)
            return wire.from_correction(
                _correction(connection, wanted.statement, wanted.correction)
            )

    def DecideCorrection(
        self, request: pb.DecideCorrectionRequest, context: grpc.ServicerContext
    ) -> reconciliation_pb2.Correction:
        ids, verdict = CORRECTION.parse(request.name), wire.to_verdict(request.verdict)
        tenant, checker = self._house.registry.tenant(), actor()
        with self._house.database.write() as connection:
            taken = revision.take(connection)
            statement = in_force(connection, tenant, ids["statement"])
            stored, before = _correction(connection, ids["statement"], ids["correction"])
            check_decider(stored.value, checker)
            if before is not None:
                raise StateWrong(name=request.name, state=before.verdict.value, allowed="PROPOSED")
            decision = Decision(
                verdict=verdict,
                checker=checker.principal,
                reason=request.reason,
                decide_time=taken.commit_time,
            )
            store.reconciliation.decide(connection, stored.value, decision, taken)
            if verdict is Verdict.APPROVED:
                _execute(connection, tenant, stored.value, taken)
                _save(connection, statement, _outcome(connection, statement), taken)
        return wire.from_correction((stored, decision))

    def ListCorrections(
        self, request: pb.ListCorrectionsRequest, context: grpc.ServicerContext
    ) -> pb.ListCorrectionsResponse:
        id_ = STATEMENT.parse(request.parent, "parent")["statement"]
        after, size = paging.start(request, id_), paging.size(request)
        tenant = self._house.registry.tenant()
        with self._house.database.read() as connection:
            store.statements.get(connection, tenant, id_)
            found = store.reconciliation.correction_page(
                connection, id_, after=after, size=size + 1
            )
        keys = [stored.value.correction for stored, _ in found]
        return pb.ListCorrectionsResponse(
            corrections=[wire.from_correction(each) for each in found[:size]],
            next_page_token=paging.next_token(keys, size, id_),
        )

    def ListAccountBlocks(
        self, request: pb.ListAccountBlocksRequest, context: grpc.ServicerContext
    ) -> pb.ListAccountBlocksResponse:
        tenant, now = self._house.registry.tenant(), datetime.now(UTC)
        with self._house.database.read() as connection:
            found = store.reconciliation.blocks(connection, tenant)
        return pb.ListAccountBlocksResponse(blocks=[wire.from_block(each, now) for each in found])


def _outcome(connection: sa.Connection, statement: Statement) -> Reconciliation:
    """Return what holding the ledger against a statement comes to; nothing is kept."""
    ours, theirs = _sides(connection, statement)
    families = {
        each.value.instrument: family(each.value)
        for each in store.ledger.instruments.page(connection)
    }
    found = matching.reconcile(ours, theirs, families)
    now = datetime.now(UTC)
    return Reconciliation(
        statement=statement.statement,
        number=0,
        line_count=statement.line_count,
        transfer_count=len(ours),
        agreed_count=found.agreed_count,
        netted_count=found.netted_count,
        breaks=tuple(OpenBreak(found=each, first_time=now) for each in found.breaks),
        principal=auth.caller().name,
        create_time=now,
    )


def _sides(
    connection: sa.Connection, statement: Statement
) -> tuple[Sequence[Line], Sequence[Line]]:
    lines = store.statements.lines_of(connection, statement.statement)
    if statement.kind is StatementKind.TRANSFERS:
        return store.reconciliation.movements(connection, statement), lines
    stated = [
        store.reconciliation.holding(each.book, each.instrument, each.unit_count, each.day)
        for each in lines
        if each.unit_count
    ]
    return store.reconciliation.holdings(connection, statement), stated


def _save(
    connection: sa.Connection, statement: Statement, found: Reconciliation, taken: Revision
) -> Reconciliation:
    """Keep a reconciliation as the next one; a break that was there keeps when it was found."""
    before = store.reconciliation.newest(connection, statement.statement)
    since = {} if before is None else {each.found.id: each.first_time for each in before.breaks}
    saved = replace(
        found,
        number=1 if before is None else before.number + 1,
        breaks=tuple(
            replace(each, first_time=since.get(each.found.id, taken.commit_time))
            for each in found.breaks
        ),
        create_time=taken.commit_time,
    )
    store.reconciliation.add(connection, saved, taken)
    return saved


def _break(connection: sa.Connection, statement: str, id_: str) -> OpenBreak:
    newest = store.reconciliation.newest(connection, statement)
    for each in () if newest is None else newest.breaks:
        if each.found.id == id_:
            return each
    raise NotFound(name=BREAK.format(statement=statement, **{"break": id_}))


def _correction(connection: sa.Connection, statement: str, id_: str) -> Decided:
    found = store.reconciliation.correction(connection, statement, id_)
    if found is None:
        raise NotFound(name=CORRECTION.format(statement=statement, correction=id_))
    return found


def _execute(
    connection: sa.Connection, tenant: Tenant, correction: Correction, taken: Revision
) -> None:
    """Post the transfers of a correction together; raises why one of them is refused."""
    wanted: list[Wanted] = [check(each) for each in correction.wanted]
    group = Group(
        wanted=wanted,
        principal=correction.maker.principal,
        tenant=tenant,
        request_id=correction.name,
    )
    (outcome,) = post_in(connection, [group], taken.commit_time)
    if isinstance(outcome, DomainError):
        raise outcome
