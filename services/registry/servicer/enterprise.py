"""Enterprises."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import grpc
import sqlalchemy as sa

from services.kernel import names
from services.kernel.errors import AlreadyExists, EtagMismatch, FieldRequired, NotFound
from services.registry import store
from services.registry.domain import enterprise as domain
from services.registry.domain.enterprise import Enterprise, Membership, Version
from services.registry.store.pick import Pick
from services.registry.wire import enterprise as wire
from services.runtime import auth, outbox, paging, revision
from services.runtime.auth import Role
from services.runtime.database import Database
from services.runtime.wire import to_day, to_optional_instant
from zonecarbon.registry.v1 import enterprise_pb2, registry_service_pb2, registry_service_pb2_grpc


class Enterprises(registry_service_pb2_grpc.RegistryServiceServicer):
    def __init__(self, database: Database) -> None:
        self._database = database

    def CreateEnterprise(
        self, request: registry_service_pb2.CreateEnterpriseRequest, context: grpc.ServicerContext
    ) -> enterprise_pb2.Enterprise:
        wanted = domain.checked(wire.to_enterprise(request))
        _check_desk(wanted)
        with self._database.write() as connection:
            first = store.enterprises.find(connection, wanted.enterprise, _EVERYTHING, version=1)
            if first is not None:
                # The first version is what a repetition asked for; it may have changed since.
                current = store.enterprises.find(connection, wanted.enterprise, auth.caller())
                if first.enterprise != wanted or current is None:
                    raise AlreadyExists(name=names.ENTERPRISE.format(enterprise=wanted.enterprise))
                return wire.from_version(current)
            _check_zones(connection, wanted)
            _check_code(connection, wanted)
            return wire.from_version(_save(connection, wanted, None))

    def GetEnterprise(
        self, request: registry_service_pb2.GetEnterpriseRequest, context: grpc.ServicerContext
    ) -> enterprise_pb2.Enterprise:
        enterprise = names.ENTERPRISE.parse(request.name)["enterprise"]
        moment = to_optional_instant(request, "as_of_time")
        with self._database.read() as connection:
            as_of = revision.as_of(connection, moment)
            found = store.enterprises.get(
                connection, enterprise, auth.caller(), request.resource_version, as_of
            )
        return wire.from_version(found)

    def ListEnterprises(
        self, request: registry_service_pb2.ListEnterprisesRequest, context: grpc.ServicerContext
    ) -> registry_service_pb2.ListEnterprisesResponse:
        zone = names.ZONE.parse(request.zone, "zone")["zone"] if request.zone else ""
        moment = to_optional_instant(request, "as_of_time")
        scope = (request.zone, str(moment))
        after, size = paging.start(request, *scope), paging.size(request)
        with self._database.read() as connection:
            as_of = revision.as_of(connection, moment)
            pick = Pick(after=after, size=size + 1, as_of=as_of)
            found = store.enterprises.page(connection, auth.caller(), zone, pick)
        return registry_service_pb2.ListEnterprisesResponse(
            enterprises=[wire.from_version(each) for each in found[:size]],
            next_page_token=paging.next_token(
                [each.enterprise.enterprise for each in found], size, *scope
            ),
        )

    def UpdateEnterprise(
        self, request: registry_service_pb2.UpdateEnterpriseRequest, context: grpc.ServicerContext
    ) -> enterprise_pb2.Enterprise:
        def change(_: sa.Connection, current: Enterprise) -> Enterprise:
            changed = domain.checked(wire.to_changed(request, current))
            _check_desk(changed, current.memberships)
            return changed

        message = request.enterprise
        return self._change(message.name, message.etag, change, field="enterprise.name")

    def ChangeCreditCode(
        self, request: registry_service_pb2.ChangeCreditCodeRequest, context: grpc.ServicerContext
    ) -> enterprise_pb2.Enterprise:
        span = wire.to_code_span(request)
        return self._change(
            request.name, request.etag, lambda _, current: domain.with_code(current, span)
        )

    def MergeEnterprise(
        self, request: registry_service_pb2.MergeEnterpriseRequest, context: grpc.ServicerContext
    ) -> enterprise_pb2.Enterprise:
        into = names.ENTERPRISE.parse(request.merged_into, "merged_into")["enterprise"]
        day = to_day(request.merge_date, "merge_date")

        def change(connection: sa.Connection, current: Enterprise) -> Enterprise:
            successor = store.enterprises.get(connection, into, auth.caller())
            return domain.merged(current, successor.enterprise, day)

        return self._change(request.name, request.etag, change)

    def _change(
        self,
        name: str,
        etag: str,
        change: Callable[[sa.Connection, Enterprise], Enterprise],
        field: str = "name",
    ) -> enterprise_pb2.Enterprise:
        enterprise = names.ENTERPRISE.parse(name, field)["enterprise"]
        with self._database.write() as connection:
            current = store.enterprises.get(connection, enterprise, auth.caller())
            if etag and etag != current.etag:
                raise EtagMismatch(name=name)
            changed = change(connection, current.enterprise)
            if changed == current.enterprise:
                return wire.from_version(current)
            _check_zones(connection, changed)
            _check_code(connection, changed)
            return wire.from_version(_save(connection, changed, current))


_EVERYTHING = auth.Caller(name="", role=Role.SERVICE)


def _save(connection: sa.Connection, enterprise: Enterprise, before: Version | None) -> Version:
    taken = revision.take(connection)
    saved = store.enterprises.add(connection, enterprise, taken, before)
    name = names.ENTERPRISE.format(enterprise=enterprise.enterprise)
    outbox.publish(connection, taken, [(name, saved.version)])
    return saved


def _check_desk(wanted: Enterprise, before: Sequence[Membership] = ()) -> None:
    """Refuse a desk what concerns a zone not its own, or leaves the enterprise in none of its."""
    caller = auth.caller()
    if caller.role is not Role.DESK:
        return
    touched = {each.zone for each in set(wanted.memberships) ^ set(before)}
    if foreign := sorted(touched - caller.zones):
        raise NotFound(name=names.ZONE.format(zone=foreign[0]))
    if caller.zones.isdisjoint(each.zone for each in wanted.memberships):
        raise FieldRequired(field="enterprise.memberships")


def _check_zones(connection: sa.Connection, enterprise: Enterprise) -> None:
    for each in enterprise.memberships:
        store.zones.get(connection, each.zone, None)


def _check_code(connection: sa.Connection, enterprise: Enterprise) -> None:
    holder = store.enterprises.holder(connection, enterprise.credit_code)
    if holder not in {"", enterprise.enterprise}:
        raise AlreadyExists(name=enterprise.credit_code)
