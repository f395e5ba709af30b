"""MeteringService: computations on what meters show. Nothing is stored."""

from __future__ import annotations

from collections.abc import Sequence

import grpc

from services.accounting.domain.metering import calibration, coal_equivalent, heat
from services.accounting.domain.metering.calibration import CalibrationRules
from services.accounting.domain.metering.coal_equivalent import EquivalentValue
from services.accounting.domain.metering.heat import Choice, HeatRules
from services.accounting.domain.metering.steam import SteamTable
from services.accounting.wire import metering as wire
from services.accounting.wire.coal_equivalent import to_coefficient
from services.kernel.errors import FieldInvalid, Words
from services.runtime import auth
from zonecarbon.accounting.v1 import metering_service_pb2 as pb
from zonecarbon.accounting.v1 import metering_service_pb2_grpc


class Metering(metering_service_pb2_grpc.MeteringServiceServicer):
    """The rules and tables of this release."""

    def __init__(
        self,
        *,
        heat_rules: HeatRules,
        steam_table: SteamTable,
        calibration_rules: CalibrationRules,
        equivalent_values: Sequence[EquivalentValue],
    ) -> None:
        self._heat_rules = heat_rules
        self._steam_table = steam_table
        self._calibration_rules = calibration_rules
        self._equivalent_values = equivalent_values

    def ComputeHeat(
        self, request: pb.ComputeHeatRequest, context: grpc.ServicerContext
    ) -> pb.ComputeHeatResponse:
        if request.HasField("fuel"):
            _no_rule(request)
            found = heat.fuel_heat(wire.to_fuel(request.fuel))
        else:
            choice = self._choice(request)
            carrier = wire.to_carrier(request)
            found = heat.heat(carrier, choice, self._heat_rules, self._steam_table)
        return wire.from_heat(found, auth.language())

    def CorrectReading(
        self, request: pb.CorrectReadingRequest, context: grpc.ServicerContext
    ) -> pb.CorrectReadingResponse:
        corrected = calibration.correct(
            wire.to_reading(request),
            wire.to_calibrations(request.calibrations),
            self._calibration_rules[wire.to_data_kind(request.data_kind)],
        )
        return wire.from_correction(corrected, auth.language())

    def ConvertCoalEquivalent(
        self, request: pb.ConvertCoalEquivalentRequest, context: grpc.ServicerContext
    ) -> pb.ConvertCoalEquivalentResponse:
        coefficient = to_coefficient(request.coefficient)
        quantity, published = wire.to_converted(request), self._equivalent_values
        if request.HasField("carrier"):
            unit = request.unit_code or coal_equivalent.TCE
            converted = coal_equivalent.to_coal(quantity, coefficient, published, unit)
        else:
            converted = coal_equivalent.to_carrier(
                quantity, coefficient, published, request.unit_code
            )
        return wire.from_conversion(converted, auth.language())

    def _choice(self, request: pb.ComputeHeatRequest) -> Choice:
        """Return the rule that is named, or that method and year lead to."""
        if not request.heat_rule:
            return self._heat_rules.chosen(request.method_id, request.accounting_year)
        if request.method_id or request.accounting_year:
            raise FieldInvalid(
                field="heat_rule",
                given=wire.to_rule(request.heat_rule),
                allowed=Words(
                    en="a rule, or method_id with accounting_year; not both",
                    zh="直接指明规则，或填写 method_id 与 accounting_year，二者取其一",
                ),
            )
        return self._heat_rules.named(wire.to_rule(request.heat_rule))


def _no_rule(request: pb.ComputeHeatRequest) -> None:
    for field in ("heat_rule", "method_id", "accounting_year"):
        if getattr(request, field):
            raise FieldInvalid(
                field=field,
                given=str(getattr(request, field)),
                allowed=Words(
                    en="nothing: the heat of a fuel is its amount × its calorific value in every"
                    " document",
                    zh="留空：各文件中燃料热量均为消耗量与低位发热量之积",
                ),
            )
