"""UnitService: the closed list of units."""

from __future__ import annotations

from collections import defaultdict

import grpc

from services.kernel import units
from services.kernel.errors import within
from services.registry.wire import unit as wire
from services.runtime.wire import to_quantity
from zonecarbon.registry.v1 import unit_pb2, unit_service_pb2_grpc


class Units(unit_service_pb2_grpc.UnitServiceServicer):
    def ListUnits(
        self, request: unit_pb2.ListUnitsRequest, context: grpc.ServicerContext
    ) -> unit_pb2.ListUnitsResponse:
        aliases: defaultdict[str, list[str]] = defaultdict(list)
        for spelling, code in units.spellings().items():
            if spelling != code:
                aliases[code].append(spelling)
        found = [each for each in units.units() if request.dimension in {"", each.dimension}]
        return unit_pb2.ListUnitsResponse(
            units=[wire.from_unit(each, aliases[each.code]) for each in found]
        )

    def ConvertQuantity(
        self, request: unit_pb2.ConvertQuantityRequest, context: grpc.ServicerContext
    ) -> unit_pb2.Conversion:
        with within("quantity."):
            quantity = to_quantity(request.quantity)
        return wire.from_conversion(quantity, units.explain(quantity.unit, request.unit_code))
