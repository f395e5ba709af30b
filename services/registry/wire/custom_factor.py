"""Custom factors ⇄ their messages."""

from __future__ import annotations

from google.protobuf import message as protobuf
from google.type import decimal_pb2

from services.kernel import names
from services.kernel.errors import within
from services.kernel.quantity import Quantity
from services.registry.domain.custom_factor import Basis, CustomFactor, Origin, Version
from services.registry.wire.factor import from_role, to_bound, to_role
from services.runtime import wire
from zonecarbon.registry.v1 import custom_factor_pb2, custom_factor_service_pb2
from zonecarbon.type.v1 import quantity_pb2

_NO_BASIS = custom_factor_pb2.SAMPLE_BASIS_UNSPECIFIED


def to_custom_factor(
    enterprise: str, request: custom_factor_service_pb2.CreateCustomFactorRequest
) -> CustomFactor:
    """Return the factor that is proposed for `enterprise`."""
    message, id_ = request.custom_factor, request.custom_factor_id
    names.check_id("custom_factor", id_)
    origin = custom_factor_pb2.CustomFactorOrigin.Name(message.origin)
    with within("custom_factor."):
        period = wire.to_period(message.period)
        with within("quantity."):
            quantity = wire.to_quantity(message.quantity)
        return CustomFactor(
            enterprise=enterprise,
            custom_factor=id_,
            role=to_role(message.role),
            subject=message.subject,
            quantity=quantity,
            period=period,
            origin=Origin(origin.removeprefix("CUSTOM_FACTOR_ORIGIN_")),
            evidence=message.evidence,
            basis=_to_basis(message.basis),
            moisture_as_received=_to_optional(message, "moisture_as_received"),
            moisture_air_dried=_to_optional(message, "moisture_air_dried"),
            lower=to_bound("lower_value", message.lower_value, quantity),
            upper=to_bound("upper_value", message.upper_value, quantity),
        )


def from_version(version: Version) -> custom_factor_pb2.CustomFactor:
    """Return the message of a version."""
    factor, standing = version.factor, version.standing
    return custom_factor_pb2.CustomFactor(
        name=factor.name,
        role=from_role(factor.role),
        subject=factor.subject,
        quantity=wire.from_quantity(factor.quantity),
        period=wire.from_period(factor.period),
        origin=custom_factor_pb2.CustomFactorOrigin.Value(f"CUSTOM_FACTOR_ORIGIN_{factor.origin}"),
        evidence=factor.evidence,
        basis=_from_basis(factor.basis),
        moisture_as_received=_from_optional(factor.moisture_as_received),
        moisture_air_dried=_from_optional(factor.moisture_air_dried),
        applied_quantity=wire.from_quantity(factor.applied),
        state=custom_factor_pb2.CustomFactorState.Value(f"CUSTOM_FACTOR_STATE_{standing.state}"),
        proposer=standing.proposer,
        decider=standing.decider,
        reason=standing.reason,
        etag=version.etag,
        resource_version=version.version,
        revision=version.revision,
        create_time=wire.from_instant(version.create_time),
        lower_value=_from_bound(factor.lower),
        upper_value=_from_bound(factor.upper),
    )


def _to_basis(value: custom_factor_pb2.SampleBasis.ValueType) -> Basis | None:
    if value == _NO_BASIS:
        return None
    return Basis(custom_factor_pb2.SampleBasis.Name(value).removeprefix("SAMPLE_BASIS_"))


def _from_basis(basis: Basis | None) -> custom_factor_pb2.SampleBasis.ValueType:
    return custom_factor_pb2.SampleBasis.Value(f"SAMPLE_BASIS_{basis}") if basis else _NO_BASIS


def _to_optional(message: protobuf.Message, field: str) -> Quantity | None:
    if not message.HasField(field):
        return None
    with within(f"{field}."):
        return wire.to_quantity(getattr(message, field))


def _from_optional(quantity: Quantity | None) -> quantity_pb2.Quantity | None:
    return None if quantity is None else wire.from_quantity(quantity)


def _from_bound(bound: Quantity | None) -> decimal_pb2.Decimal | None:
    """Return the digits as written: the unit is that of the figure."""
    return None if bound is None else decimal_pb2.Decimal(value=bound.text)
