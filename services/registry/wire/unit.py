"""Units and conversions → their messages."""

from __future__ import annotations

from services.kernel import units
from services.kernel.quantity import Quantity
from services.runtime import wire
from zonecarbon.registry.v1 import unit_pb2


def from_unit(unit: units.Unit, aliases: list[str]) -> unit_pb2.Unit:
    """Return the message of `unit`."""
    return unit_pb2.Unit(
        unit_code=unit.code,
        display_name=unit.name_en,
        display_name_zh=unit.name_zh,
        dimension=unit.dimension,
        aliases=aliases,
    )


def from_conversion(quantity: Quantity, path: units.Conversion) -> unit_pb2.Conversion:
    """Return the message of `quantity` brought along `path`."""
    exact = quantity.fraction * path.factor
    result = wire.shown(exact)
    return unit_pb2.Conversion(
        **{"from": wire.from_quantity(quantity)},
        factor_numerator=str(path.factor.numerator),
        factor_denominator=str(path.factor.denominator),
        to=wire.from_exact(exact, path.to_unit.code),
        exact=result.as_integer_ratio() == exact.as_integer_ratio(),
        steps=path.steps,
    )
