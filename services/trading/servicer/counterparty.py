"""Trusted counterparties: proposed by one person of the desk, put on the list by another."""

from __future__ import annotations

from datetime import date

import grpc
import sqlalchemy as sa

from services.kernel import names
from services.kernel.errors import AlreadyExists, EtagMismatch, NotFound
from services.kernel.period import SHANGHAI
from services.runtime import outbox, paging, revision
from services.runtime.auth import Tenant
from services.runtime.revision import Revision
from services.trading import store
from services.trading.domain.desk import counterparty as domain
from services.trading.domain.desk import proposal
from services.trading.domain.desk.counterparty import COUNTERPARTY, Counterparty
from services.trading.domain.desk.proposal import Proposal, Standing, State
from services.trading.servicer.house import House
from services.trading.store.desk.counterparties import Listed
from services.trading.wire import desk as wire
from zonecarbon.trading.v1 import (
    desk_service_pb2,
    desk_service_pb2_grpc,
    trusted_counterparty_pb2,
)

_ENDED = (State.REJECTED, State.REMOVED)


class Counterparties(desk_service_pb2_grpc.DeskServiceServicer):
    def __init__(self, house: House) -> None:
        self._house = house

    def CreateTrustedCounterparty(
        self,
        request: desk_service_pb2.CreateTrustedCounterpartyRequest,
        context: grpc.ServicerContext,
    ) -> trusted_counterparty_pb2.TrustedCounterparty:
        wanted, actor = domain.checked(wire.to_counterparty(request)), wire.actor()
        tenant = self._house.registry.tenant()
        with self._house.database.write() as connection:
            for account in filter(None, (wanted.account, wanted.counter_account)):
                store.accounts.get(connection, tenant, account)
            found = store.desk.counterparties.find(connection, wanted.account, wanted.counterparty)
            if found is None:
                standing = Standing(state=State.PROPOSED, proposer=actor)
                taken = revision.take(connection)
                found = _save(connection, wanted, standing, None, None, taken)
        if found.proposal.value != wanted:
            raise AlreadyExists(name=wanted.name)
        return _message(found)

    def ApproveTrustedCounterparty(
        self,
        request: desk_service_pb2.ApproveTrustedCounterpartyRequest,
        context: grpc.ServicerContext,
    ) -> trusted_counterparty_pb2.TrustedCounterparty:
        actor, tenant = wire.actor(), self._house.registry.tenant()
        with self._house.database.write() as connection:
            found = _get(connection, tenant, request.name)
            before = found.proposal
            if before.was_decided(request.etag, (State.ACTIVE,), actor):
                return _message(found)
            if request.etag != before.etag:
                raise EtagMismatch(name=request.name)
            standing = proposal.approved(before, actor)
            taken = revision.take(connection)
            rules = self._house.desk
            today = taken.commit_time.astimezone(SHANGHAI).date()
            usable = rules.days.after(today, rules.cooling_off_days)
            return _message(_save(connection, before.value, standing, usable, before, taken))

    def RemoveTrustedCounterparty(
        self,
        request: desk_service_pb2.RemoveTrustedCounterpartyRequest,
        context: grpc.ServicerContext,
    ) -> trusted_counterparty_pb2.TrustedCounterparty:
        actor, tenant = wire.actor(), self._house.registry.tenant()
        with self._house.database.write() as connection:
            found = _get(connection, tenant, request.name)
            before = found.proposal
            if before.was_decided(request.etag, _ENDED, actor):
                return _message(found)
            if request.etag != before.etag:
                raise EtagMismatch(name=request.name)
            standing = proposal.ended(before, actor, request.reason)
            taken = revision.take(connection)
            return _message(_save(connection, before.value, standing, None, before, taken))

    def ListTrustedCounterparties(
        self,
        request: desk_service_pb2.ListTrustedCounterpartiesRequest,
        context: grpc.ServicerContext,
    ) -> desk_service_pb2.ListTrustedCounterpartiesResponse:
        account = names.ACCOUNT.parse(request.parent, "parent")["account"]
        after, size = paging.start(request, account), paging.size(request)
        tenant = self._house.registry.tenant()
        with self._house.database.read() as connection:
            store.accounts.get(connection, tenant, account)
            found = store.desk.counterparties.page(connection, account, after=after, size=size + 1)
        return desk_service_pb2.ListTrustedCounterpartiesResponse(
            trusted_counterparties=[_message(each) for each in found[:size]],
            next_page_token=paging.next_token(
                [each.proposal.value.counterparty for each in found], size, account
            ),
        )


def _message(each: Listed) -> trusted_counterparty_pb2.TrustedCounterparty:
    return wire.from_counterparty(each.proposal, each.usable_date)


def _get(connection: sa.Connection, tenant: Tenant, name: str) -> Listed:
    ids = COUNTERPARTY.parse(name)
    found = None
    if store.accounts.find(connection, tenant, ids["account"]) is not None:
        found = store.desk.counterparties.find(
            connection, ids["account"], ids["trusted_counterparty"]
        )
    if found is None:
        raise NotFound(name=name)
    return found


def _save(  # noqa: PLR0913, PLR0917 (what a version is)
    connection: sa.Connection,
    counterparty: Counterparty,
    standing: Standing,
    usable_date: date | None,
    before: Proposal[Counterparty] | None,
    taken: Revision,
) -> Listed:
    saved = store.desk.counterparties.add(
        connection, counterparty, standing, usable_date, before, taken
    )
    outbox.publish(connection, taken, [(counterparty.name, saved.proposal.version)])
    return saved
