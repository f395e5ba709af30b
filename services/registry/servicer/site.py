"""Facilities, meters and counterparties."""

from __future__ import annotations

from collections.abc import Sequence

import grpc
import sqlalchemy as sa

from services.kernel import names
from services.kernel.errors import AlreadyExists
from services.registry import store
from services.registry.domain import site as domain
from services.registry.domain.site import Counterparty
from services.registry.store.pick import Pick
from services.registry.store.sites import only
from services.registry.wire import site as wire
from services.runtime import auth, paging, revision
from services.runtime.database import Database
from services.runtime.revision import Revision
from services.runtime.wire import to_optional_instant
from zonecarbon.registry.v1 import (
    counterparty_pb2,
    facility_pb2,
    meter_pb2,
    registry_service_pb2,
    registry_service_pb2_grpc,
)

_EVERY = "enterprises/-"


class Sites(registry_service_pb2_grpc.RegistryServiceServicer):
    def __init__(self, database: Database) -> None:
        self._database = database

    def CreateFacility(
        self, request: registry_service_pb2.CreateFacilityRequest, context: grpc.ServicerContext
    ) -> facility_pb2.Facility:
        enterprise = _enterprise(request.parent)
        wanted = domain.checked_facility(wire.to_facility(enterprise, request))
        with self._database.write() as connection:
            store.enterprises.see(connection, enterprise, auth.caller())
            found = store.sites.facility_page(connection, enterprise, Pick(only=wanted.facility))
            if not found:
                taken = revision.take(connection)
                store.sites.add_facility(connection, wanted, taken)
                return wire.from_facility(wanted, taken)
            if found[0][0] != wanted:
                raise AlreadyExists(name=f"{request.parent}/facilities/{wanted.facility}")
            return wire.from_facility(*found[0])

    def GetFacility(
        self, request: registry_service_pb2.GetFacilityRequest, context: grpc.ServicerContext
    ) -> facility_pb2.Facility:
        ids = names.FACILITY.parse(request.name)
        with self._database.read() as connection:
            store.enterprises.see(connection, ids["enterprise"], auth.caller(), request.name)
            found = store.sites.facility_page(
                connection, ids["enterprise"], Pick(only=ids["facility"])
            )
        return wire.from_facility(*only(found, request.name))

    def ListFacilities(
        self, request: registry_service_pb2.ListFacilitiesRequest, context: grpc.ServicerContext
    ) -> registry_service_pb2.ListFacilitiesResponse:
        enterprise, size = _enterprise(request.parent), paging.size(request)
        pick = Pick(after=paging.start(request, request.parent), size=size + 1)
        with self._database.read() as connection:
            store.enterprises.see(connection, enterprise, auth.caller())
            found = store.sites.facility_page(connection, enterprise, pick)
        ids = [facility.facility for facility, _ in found]
        return registry_service_pb2.ListFacilitiesResponse(
            facilities=[wire.from_facility(*each) for each in found[:size]],
            next_page_token=paging.next_token(ids, size, request.parent),
        )

    def CreateMeter(
        self, request: registry_service_pb2.CreateMeterRequest, context: grpc.ServicerContext
    ) -> meter_pb2.Meter:
        enterprise = _enterprise(request.parent)
        wanted = domain.checked_meter(wire.to_meter(enterprise, request))
        with self._database.write() as connection:
            store.enterprises.see(connection, enterprise, auth.caller())
            facility = names.FACILITY.format(enterprise=enterprise, facility=wanted.facility)
            of_enterprise = facility == request.meter.facility
            pick = Pick(only=wanted.facility)
            at = store.sites.facility_page(connection, enterprise, pick) if of_enterprise else []
            only(at, request.meter.facility)
            found = store.sites.meter_page(connection, enterprise, Pick(only=wanted.meter))
            if not found:
                taken = revision.take(connection)
                store.sites.add_meter(connection, wanted, taken)
                return wire.from_meter(wanted, taken)
            if found[0][0] != wanted:
                raise AlreadyExists(name=f"{request.parent}/meters/{wanted.meter}")
            return wire.from_meter(*found[0])

    def GetMeter(
        self, request: registry_service_pb2.GetMeterRequest, context: grpc.ServicerContext
    ) -> meter_pb2.Meter:
        ids = names.METER.parse(request.name)
        with self._database.read() as connection:
            store.enterprises.see(connection, ids["enterprise"], auth.caller(), request.name)
            found = store.sites.meter_page(connection, ids["enterprise"], Pick(only=ids["meter"]))
        return wire.from_meter(*only(found, request.name))

    def ListMeters(
        self, request: registry_service_pb2.ListMetersRequest, context: grpc.ServicerContext
    ) -> registry_service_pb2.ListMetersResponse:
        enterprise, size = _enterprise(request.parent), paging.size(request)
        pick = Pick(after=paging.start(request, request.parent), size=size + 1)
        with self._database.read() as connection:
            store.enterprises.see(connection, enterprise, auth.caller())
            found = store.sites.meter_page(connection, enterprise, pick)
        ids = [meter.meter for meter, _ in found]
        return registry_service_pb2.ListMetersResponse(
            meters=[wire.from_meter(*each) for each in found[:size]],
            next_page_token=paging.next_token(ids, size, request.parent),
        )

    def CreateCounterparty(
        self, request: registry_service_pb2.CreateCounterpartyRequest, context: grpc.ServicerContext
    ) -> counterparty_pb2.Counterparty:
        enterprise = _enterprise(request.parent)
        wanted = wire.to_counterparty(enterprise, request)
        with self._database.write() as connection:
            store.enterprises.see(connection, enterprise, auth.caller())
            pick = Pick(only=wanted.counterparty)
            found = store.sites.counterparty_page(connection, enterprise, pick)
            if not found:
                taken = revision.take(connection)
                store.sites.add_counterparty(connection, wanted, taken)
                found = [(wanted, taken)]
            if found[0][0] != wanted:
                raise AlreadyExists(name=f"{request.parent}/counterparties/{wanted.counterparty}")
            return _counterparties(connection, found)[0]

    def GetCounterparty(
        self, request: registry_service_pb2.GetCounterpartyRequest, context: grpc.ServicerContext
    ) -> counterparty_pb2.Counterparty:
        ids = names.COUNTERPARTY.parse(request.name)
        with self._database.read() as connection:
            store.enterprises.see(connection, ids["enterprise"], auth.caller(), request.name)
            pick = Pick(only=ids["counterparty"])
            found = store.sites.counterparty_page(connection, ids["enterprise"], pick)
            return _counterparties(connection, [only(found, request.name)])[0]

    def ListCounterparties(
        self, request: registry_service_pb2.ListCounterpartiesRequest, context: grpc.ServicerContext
    ) -> registry_service_pb2.ListCounterpartiesResponse:
        enterprise = "" if request.parent == _EVERY else _enterprise(request.parent)
        zone = names.ZONE.parse(request.zone, "zone")["zone"] if request.zone else ""
        moment, size = to_optional_instant(request, "as_of_time"), paging.size(request)
        scope = (request.parent, request.zone, str(moment))
        after = paging.start(request, *scope)
        with self._database.read() as connection:
            if enterprise:
                store.enterprises.see(connection, enterprise, auth.caller())
            as_of = revision.as_of(connection, moment)
            pick = Pick(after=after, size=size + 1, as_of=as_of)
            found = store.sites.counterparty_list(connection, auth.caller(), enterprise, zone, pick)
            messages = _counterparties(connection, found[:size], as_of)
        keys = [store.sites.counterparty_key(counterparty) for counterparty, _ in found]
        return registry_service_pb2.ListCounterpartiesResponse(
            counterparties=messages, next_page_token=paging.next_token(keys, size, *scope)
        )


def _enterprise(parent: str) -> str:
    return names.ENTERPRISE.parse(parent, "parent")["enterprise"]


def _counterparties(
    connection: sa.Connection,
    found: Sequence[tuple[Counterparty, Revision]],
    as_of: int | None = None,
) -> list[counterparty_pb2.Counterparty]:
    """Return the messages, with the enterprise behind each code where the caller may see that."""
    codes = {counterparty.credit_code for counterparty, _ in found} - {""}
    holders = store.enterprises.visible_holders(connection, codes, auth.caller(), as_of)
    return [
        wire.from_counterparty(each, stored, holders.get(each.credit_code, ""))
        for each, stored in found
    ]
