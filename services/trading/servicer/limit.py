"""Limits: proposed by one administrator, put in force by another."""

from __future__ import annotations

import grpc
import sqlalchemy as sa

from services.kernel.errors import AlreadyExists, EtagMismatch, NotFound, StateWrong
from services.runtime import outbox, paging, revision
from services.runtime.revision import Revision
from services.trading import store
from services.trading.domain.desk import limit as domain
from services.trading.domain.desk import proposal
from services.trading.domain.desk.limit import LIMIT, Act, Limit
from services.trading.domain.desk.proposal import Proposal, Standing, State
from services.trading.servicer.house import House
from services.trading.wire import desk as wire
from zonecarbon.trading.v1 import desk_limit_pb2, desk_service_pb2, desk_service_pb2_grpc

_ENDED = (State.REJECTED, State.REMOVED)


class Limits(desk_service_pb2_grpc.DeskServiceServicer):
    def __init__(self, house: House) -> None:
        self._house = house

    def CreateLimit(
        self, request: desk_service_pb2.CreateLimitRequest, context: grpc.ServicerContext
    ) -> desk_limit_pb2.DeskLimit:
        wanted, actor = domain.checked(wire.to_limit(request)), wire.actor()
        with self._house.database.write() as connection:
            found = store.desk.limits.find(connection, wanted.limit)
            if found is None:
                standing = Standing(state=State.PROPOSED, proposer=actor)
                found = _save(connection, wanted, standing, None, revision.take(connection))
        if found.value != wanted:
            raise AlreadyExists(name=wanted.name)
        return wire.from_limit(found)

    def ApproveLimit(
        self, request: desk_service_pb2.ApproveLimitRequest, context: grpc.ServicerContext
    ) -> desk_limit_pb2.DeskLimit:
        actor = wire.actor()
        with self._house.database.write() as connection:
            before = _get(connection, request.name)
            if before.was_decided(request.etag, (State.ACTIVE,), actor):
                return wire.from_limit(before)
            if request.etag != before.etag:
                raise EtagMismatch(name=request.name)
            taken = revision.take(connection)
            standing = proposal.approved(before, actor)
            domain.check_holder(before.value, actor)
            domain.check_days(before.value, taken.commit_time, self._house.desk.mandate)
            return wire.from_limit(_save(connection, before.value, standing, before, taken))

    def RejectLimit(
        self, request: desk_service_pb2.RejectLimitRequest, context: grpc.ServicerContext
    ) -> desk_limit_pb2.DeskLimit:
        actor = wire.actor()
        with self._house.database.write() as connection:
            before = _get(connection, request.name)
            if before.was_decided(request.etag, _ENDED, actor):
                return wire.from_limit(before)
            if request.etag != before.etag:
                raise EtagMismatch(name=request.name)
            _check_tightens(before)
            standing = proposal.ended(before, actor, request.reason)
            taken = revision.take(connection)
            return wire.from_limit(_save(connection, before.value, standing, before, taken))

    def ListLimits(
        self, request: desk_service_pb2.ListLimitsRequest, context: grpc.ServicerContext
    ) -> desk_service_pb2.ListLimitsResponse:
        after, size = paging.start(request), paging.size(request)
        with self._house.database.read() as connection:
            found = store.desk.limits.page(connection, after=after, size=size + 1)
        return desk_service_pb2.ListLimitsResponse(
            limits=[wire.from_limit(each) for each in found[:size]],
            next_page_token=paging.next_token([each.value.limit for each in found], size),
        )


def _check_tightens(before: Proposal[Limit]) -> None:
    """Raise StateWrong for a role's limit in force: another one changes it, by two persons."""
    if before.standing.state is State.ACTIVE and before.value.act is not Act.POST:
        raise StateWrong(name=before.name, state=State.ACTIVE.value, allowed=State.PROPOSED.value)


def _get(connection: sa.Connection, name: str) -> Proposal[Limit]:
    found = store.desk.limits.find(connection, LIMIT.parse(name)["limit"])
    if found is None:
        raise NotFound(name=name)
    return found


def _save(
    connection: sa.Connection,
    limit: Limit,
    standing: Standing,
    before: Proposal[Limit] | None,
    taken: Revision,
) -> Proposal[Limit]:
    saved = store.desk.limits.add(connection, limit, standing, before, taken)
    outbox.publish(connection, taken, [(limit.name, saved.version)])
    return saved
