"""CustomFactorService: factors of single enterprises, by four eyes."""

from __future__ import annotations

import grpc
import sqlalchemy as sa

from services.kernel import names
from services.kernel.errors import AlreadyExists, EtagMismatch, NotFound
from services.registry import store
from services.registry.domain import custom_factor as domain
from services.registry.domain.custom_factor import CustomFactor, Standing, State, Version
from services.registry.wire import custom_factor as wire
from services.runtime import auth, outbox, paging, revision
from services.runtime.database import Database
from zonecarbon.registry.v1 import (
    custom_factor_pb2,
    custom_factor_service_pb2,
    custom_factor_service_pb2_grpc,
)


class CustomFactors(custom_factor_service_pb2_grpc.CustomFactorServiceServicer):
    def __init__(self, database: Database) -> None:
        self._database = database

    def CreateCustomFactor(
        self,
        request: custom_factor_service_pb2.CreateCustomFactorRequest,
        context: grpc.ServicerContext,
    ) -> custom_factor_pb2.CustomFactor:
        enterprise = names.ENTERPRISE.parse(request.parent, "parent")["enterprise"]
        wanted = domain.checked(wire.to_custom_factor(enterprise, request))
        with self._database.write() as connection:
            store.enterprises.see(connection, enterprise, auth.caller())
            current = store.custom_factors.find(connection, enterprise, wanted.custom_factor)
            if current is None:
                proposed = Standing(state=State.PROPOSED, proposer=auth.caller().name)
                current = _save(connection, wanted, proposed, None)
        # What was proposed is the same in every version, whatever was decided since.
        if current.factor != wanted:
            raise AlreadyExists(name=wanted.name)
        return wire.from_version(current)

    def GetCustomFactor(
        self,
        request: custom_factor_service_pb2.GetCustomFactorRequest,
        context: grpc.ServicerContext,
    ) -> custom_factor_pb2.CustomFactor:
        with self._database.read() as connection:
            found = _get(connection, request.name, request.resource_version)
        return wire.from_version(found)

    def ListCustomFactors(
        self,
        request: custom_factor_service_pb2.ListCustomFactorsRequest,
        context: grpc.ServicerContext,
    ) -> custom_factor_service_pb2.ListCustomFactorsResponse:
        enterprise = names.ENTERPRISE.parse(request.parent, "parent")["enterprise"]
        after, size = paging.start(request, request.parent), paging.size(request)
        with self._database.read() as connection:
            store.enterprises.see(connection, enterprise, auth.caller())
            found = store.custom_factors.page(connection, enterprise, after=after, size=size + 1)
        return custom_factor_service_pb2.ListCustomFactorsResponse(
            custom_factors=[wire.from_version(each) for each in found[:size]],
            next_page_token=paging.next_token(
                [each.factor.custom_factor for each in found], size, request.parent
            ),
        )

    def ApproveCustomFactor(
        self,
        request: custom_factor_service_pb2.ApproveCustomFactorRequest,
        context: grpc.ServicerContext,
    ) -> custom_factor_pb2.CustomFactor:
        return self._decide(request.name, request.etag, State.ACTIVE)

    def RejectCustomFactor(
        self,
        request: custom_factor_service_pb2.RejectCustomFactorRequest,
        context: grpc.ServicerContext,
    ) -> custom_factor_pb2.CustomFactor:
        return self._decide(request.name, request.etag, State.REJECTED, request.reason)

    def RetireCustomFactor(
        self,
        request: custom_factor_service_pb2.RetireCustomFactorRequest,
        context: grpc.ServicerContext,
    ) -> custom_factor_pb2.CustomFactor:
        return self._decide(request.name, request.etag, State.RETIRED, request.reason)

    def _decide(
        self, name: str, etag: str, state: State, reason: str = ""
    ) -> custom_factor_pb2.CustomFactor:
        # The principal decides, not its key: a second key of the proposer is the proposer.
        decider = auth.caller().name
        with self._database.write() as connection:
            current = _get(connection, name)
            if current.was_decided(etag, state, decider=decider, reason=reason):
                return wire.from_version(current)
            if etag != current.etag:
                raise EtagMismatch(name=name)
            standing = domain.decided(current, state, decider=decider, reason=reason)
            if state is State.ACTIVE:
                _check_days(connection, current.factor)
            return wire.from_version(_save(connection, current.factor, standing, current))


def _get(connection: sa.Connection, name: str, version: int = 0) -> Version:
    """Return a version, the current one for 0; a foreign one is as missing as one that is not."""
    ids = names.CUSTOM_FACTOR.parse(name)
    store.enterprises.see(connection, ids["enterprise"], auth.caller(), name)
    found = store.custom_factors.find(connection, ids["enterprise"], ids["custom_factor"], version)
    if found is None:
        raise NotFound(name=name)
    return found


def _check_days(connection: sa.Connection, factor: CustomFactor) -> None:
    thing = (factor.role, factor.subject)
    active = store.custom_factors.active(connection, [factor.enterprise], [thing])
    domain.check_days(factor, [each.factor for each in active])


def _save(
    connection: sa.Connection, factor: CustomFactor, standing: Standing, before: Version | None
) -> Version:
    taken = revision.take(connection)
    saved = store.custom_factors.add(connection, factor, standing, taken, before)
    outbox.publish(connection, taken, [(factor.name, saved.version)])
    return saved
