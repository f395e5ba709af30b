"""A declared coefficient of coal equivalent, read from its message."""

from __future__ import annotations

from services.accounting.domain.metering.coal_equivalent import Base, Coefficient, declared
from services.kernel.errors import within
from services.runtime import wire
from zonecarbon.accounting.v1 import coal_equivalent_pb2


def to_coefficient(message: coal_equivalent_pb2.CoalEquivalentCoefficient) -> Coefficient:
    """Return the coefficient that is declared; fields are named as `coefficient.base`.

    Raises:
        ParameterUndeclared: something that a coal equivalent depends on is not said.
        FieldInvalid: the status of its source is not said.
        QuantityInvalid, UnitUnknown, UnitAmbiguous: its value is not written as the contract says.
    """
    with within("coefficient.quantity."):
        quantity = wire.to_quantity(message.quantity) if message.HasField("quantity") else None
    with within("coefficient."):
        sourced = message.HasField("source") and bool(message.source.title)
        source = wire.to_source(message.source) if sourced else None
    return declared(quantity, _to_base(message.base), message.year, source)


def _to_base(value: coal_equivalent_pb2.CoalEquivalentBase.ValueType) -> Base | None:
    if not value:
        return None
    name = coal_equivalent_pb2.CoalEquivalentBase.Name(value)
    return Base(name.removeprefix("COAL_EQUIVALENT_BASE_"))
