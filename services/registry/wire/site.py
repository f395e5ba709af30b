"""Facilities, meters and counterparties ⇄ their messages."""

from __future__ import annotations

from services.kernel import names
from services.kernel.errors import within
from services.registry.domain import credit_code
from services.registry.domain.site import Counterparty, Facility, FacilityKind, Meter
from services.runtime import wire
from services.runtime.revision import Revision
from zonecarbon.registry.v1 import (
    counterparty_pb2,
    facility_pb2,
    meter_pb2,
    registry_service_pb2,
)


def to_facility(enterprise: str, request: registry_service_pb2.CreateFacilityRequest) -> Facility:
    """Return the facility that is to be created."""
    message = request.facility
    kind = facility_pb2.FacilityKind.Name(message.kind).removeprefix("FACILITY_KIND_")
    power = None
    if message.HasField("rated_power"):
        with within("facility.rated_power."):
            power = wire.to_quantity(message.rated_power)
    return Facility(
        enterprise=enterprise,
        facility=names.check_id("facility", request.facility_id),
        display_name=message.display_name,
        kind=FacilityKind(kind),
        rated_power=power,
    )


def from_facility(facility: Facility, revision: Revision) -> facility_pb2.Facility:
    """Return the message of `facility`."""
    power = facility.rated_power
    return facility_pb2.Facility(
        name=names.FACILITY.format(enterprise=facility.enterprise, facility=facility.facility),
        display_name=facility.display_name,
        kind=facility_pb2.FacilityKind.Value(f"FACILITY_KIND_{facility.kind.value}"),
        rated_power=None if power is None else wire.from_quantity(power),
        create_time=wire.from_instant(revision.commit_time),
        revision=revision.number,
    )


def to_meter(enterprise: str, request: registry_service_pb2.CreateMeterRequest) -> Meter:
    """Return the meter that is to be created; `facility` as the id of one of the enterprise."""
    message = request.meter
    return Meter(
        enterprise=enterprise,
        meter=names.check_id("meter", request.meter_id),
        display_name=message.display_name,
        facility=names.FACILITY.parse(message.facility, "meter.facility")["facility"],
        unit=message.unit_code,
        decimals_count=message.decimals_count,
    )


def from_meter(meter: Meter, revision: Revision) -> meter_pb2.Meter:
    """Return the message of `meter`."""
    return meter_pb2.Meter(
        name=names.METER.format(enterprise=meter.enterprise, meter=meter.meter),
        display_name=meter.display_name,
        facility=names.FACILITY.format(enterprise=meter.enterprise, facility=meter.facility),
        unit_code=meter.unit,
        decimals_count=meter.decimals_count,
        create_time=wire.from_instant(revision.commit_time),
        revision=revision.number,
    )


def to_counterparty(
    enterprise: str, request: registry_service_pb2.CreateCounterpartyRequest
) -> Counterparty:
    """Return the counterparty that is to be created."""
    code = request.counterparty.credit_code
    return Counterparty(
        enterprise=enterprise,
        counterparty=names.check_id("counterparty", request.counterparty_id),
        display_name=request.counterparty.display_name,
        credit_code=code and credit_code.check(code, "counterparty.credit_code"),
    )


def from_counterparty(
    counterparty: Counterparty, revision: Revision, enterprise: str
) -> counterparty_pb2.Counterparty:
    """Return the message of `counterparty`; `enterprise` is the id its code leads to, or ""."""
    return counterparty_pb2.Counterparty(
        name=names.COUNTERPARTY.format(
            enterprise=counterparty.enterprise, counterparty=counterparty.counterparty
        ),
        display_name=counterparty.display_name,
        credit_code=counterparty.credit_code,
        enterprise=enterprise and names.ENTERPRISE.format(enterprise=enterprise),
        create_time=wire.from_instant(revision.commit_time),
        revision=revision.number,
    )
