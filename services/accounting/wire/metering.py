"""Heat, corrected readings and coal equivalents ⇄ their messages."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from google.type import decimal_pb2

from services.accounting.domain.metering.calibration import (
    Calibration,
    Correction,
    DataKind,
    Part,
    Reading,
)
from services.accounting.domain.metering.coal_equivalent import Conversion
from services.accounting.domain.metering.figure import Finding, Step
from services.accounting.domain.metering.heat import (
    Carrier,
    Fuel,
    Heat,
    HotWater,
    RuleName,
    Steam,
    UserCircuit,
)
from services.accounting.domain.metering.steam import (
    EndPoint,
    Enthalpy,
    Saturated,
    State,
    Superheated,
)
from services.kernel.errors import Language, within
from services.kernel.quantity import Quantity
from services.runtime import wire
from zonecarbon.accounting.v1 import coal_equivalent_pb2, metering_pb2
from zonecarbon.accounting.v1 import metering_service_pb2 as pb
from zonecarbon.type.v1 import quantity_pb2


def to_rule(value: metering_pb2.HeatRule.ValueType) -> RuleName:
    """Return the rule that is named; the contract refuses an unknown one."""
    return RuleName(metering_pb2.HeatRule.Name(value).removeprefix("HEAT_RULE_"))


def to_carrier(request: pb.ComputeHeatRequest) -> Carrier:
    """Return the steam, the water or the circuit of a request.

    Raises:
        QuantityInvalid, UnitUnknown, UnitAmbiguous: an amount is not written as the contract says.
    """
    match request.WhichOneof("carrier"):
        case "steam":
            with within("steam."):
                return _to_steam(request.steam)
        case "hot_water":
            water = request.hot_water
            with within("hot_water."):
                return HotWater(
                    mass=_to_quantity(water.mass, "mass"),
                    supply_temperature_c=_to_decimal(
                        water.supply_temperature_c, "supply_temperature_c"
                    ),
                )
        case _:
            with within("user_circuit."):
                return UserCircuit(heat=_to_quantity(request.user_circuit.heat, "heat"))


def to_fuel(message: metering_pb2.FuelAmount) -> Fuel:
    """Return the fuel; raises as `to_carrier`."""
    with within("fuel."):
        return Fuel(
            quantity=_to_quantity(message.quantity, "quantity"),
            net_calorific_value=_to_quantity(message.net_calorific_value, "net_calorific_value"),
        )


def from_heat(heat: Heat, language: Language) -> pb.ComputeHeatResponse:
    """Return the answer."""
    choice, enthalpy = heat.choice, heat.enthalpy
    rule = f"HEAT_RULE_{choice.rule.rule if choice else 'UNSPECIFIED'}"
    return pb.ComputeHeatResponse(
        heat=_from_exact(heat.value, heat.unit),
        heat_rule=metering_pb2.HeatRule.Value(rule),
        rule_source=wire.from_source(choice.source) if choice and choice.source else None,
        steps=_from_steps(heat.steps, language),
        steam_enthalpy=_from_enthalpy(enthalpy) if enthalpy else None,
        findings=_from_findings(heat.findings, language),
        status=wire.from_status(heat.status),
    )


def to_data_kind(value: metering_pb2.DataKind.ValueType) -> DataKind:
    """Return the kind of data; the contract refuses one that is not said."""
    return DataKind(metering_pb2.DataKind.Name(value).removeprefix("DATA_KIND_"))


def to_reading(request: pb.CorrectReadingRequest) -> Reading:
    """Return the reading.

    Raises:
        QuantityInvalid, UnitUnknown, UnitAmbiguous: an amount is not written as the contract says.
        PeriodInvalid: the period is wrong.
    """
    return Reading(
        quantity=_to_quantity(request.reading, "reading"),
        period=wire.to_period(request.period),
        allowed_accuracy=_to_quantity(request.allowed_accuracy, "allowed_accuracy"),
    )


def to_calibrations(messages: Sequence[metering_pb2.Calibration]) -> list[Calibration]:
    """Return the calibrations; raises as `to_reading`."""
    return [_to_calibration(message, index) for index, message in enumerate(messages)]


def from_correction(correction: Correction, language: Language) -> pb.CorrectReadingResponse:
    """Return the answer."""
    return pb.CorrectReadingResponse(
        corrected=_from_exact(correction.value, correction.unit),
        factor=wire.from_decimal(wire.shown(correction.factor)),
        parts=[_from_part(part, correction.unit) for part in correction.parts],
        steps=_from_steps(correction.steps, language),
        source=wire.from_source(correction.source),
        findings=_from_findings(correction.findings, language),
        status=wire.from_status(correction.source.status),
    )


def to_converted(request: pb.ConvertCoalEquivalentRequest) -> Quantity:
    """Return what is to be converted, whichever it is; raises as `to_reading`."""
    field = request.WhichOneof("conversion") or ""
    message: quantity_pb2.Quantity = getattr(request, field)
    return _to_quantity(message, field)


def from_conversion(conversion: Conversion, language: Language) -> pb.ConvertCoalEquivalentResponse:
    """Return the answer."""
    coefficient = conversion.coefficient
    base = coal_equivalent_pb2.CoalEquivalentBase.Value(f"COAL_EQUIVALENT_BASE_{coefficient.base}")
    return pb.ConvertCoalEquivalentResponse(
        converted=_from_exact(conversion.value, conversion.unit),
        base=base,
        coefficient=coal_equivalent_pb2.CoalEquivalentCoefficient(
            quantity=wire.from_quantity(coefficient.quantity),
            base=base,
            year=coefficient.year,
            source=wire.from_source(coefficient.source),
        ),
        steps=_from_steps(conversion.steps, language),
        findings=_from_findings(conversion.findings, language),
        status=wire.from_status(coefficient.source.status),
    )


def _to_steam(message: metering_pb2.Steam) -> Steam:
    content: State | Quantity
    match message.WhichOneof("heat_content"):
        case "state":
            with within("state."):
                content = Superheated(
                    pressure_mpa=_to_decimal(message.state.pressure_mpa, "pressure_mpa"),
                    temperature_c=_to_decimal(message.state.temperature_c, "temperature_c"),
                )
        case "saturated_pressure_mpa":
            field = "saturated_pressure_mpa"
            content = Saturated(pressure_mpa=_to_decimal(message.saturated_pressure_mpa, field))
        case _:
            content = _to_quantity(message.enthalpy, "enthalpy")
    return Steam(mass=_to_quantity(message.mass, "mass"), heat_content=content)


def _to_calibration(message: metering_pb2.Calibration, index: int) -> Calibration:
    with within(f"calibrations[{index}]."):
        with within("covered_"):  # A period is told at "period", and this one is covered_period.
            covered = wire.to_period(message.covered_period)
        return Calibration(
            covered=covered, found_accuracy=_to_quantity(message.found_accuracy, "found_accuracy")
        )


def _to_quantity(message: quantity_pb2.Quantity, field: str) -> Quantity:
    with within(f"{field}."):
        return wire.to_quantity(message)


def _to_decimal(message: decimal_pb2.Decimal, field: str) -> Decimal:
    """Return a number whose unit is in the name of its field."""
    with within(f"{field}."):
        return Quantity.parse(message.value, "1").value


def _from_exact(value: Fraction, unit: str) -> metering_pb2.ExactFigure:
    shown = wire.shown(value)
    return metering_pb2.ExactFigure(
        value=quantity_pb2.Quantity(value=wire.from_decimal(shown), unit_code=unit),
        exact=shown.as_integer_ratio() == value.as_integer_ratio(),
        numerator=str(value.numerator),
        denominator=str(value.denominator),
    )


def _from_steps(steps: Sequence[Step], language: Language) -> list[metering_pb2.MeteringStep]:
    return [
        metering_pb2.MeteringStep(
            formula=step.formula.said(language),
            result=wire.from_exact(step.value, step.unit),
            source=wire.from_source(step.source) if step.source else None,
        )
        for step in steps
    ]


def _from_findings(
    findings: Sequence[Finding], language: Language
) -> list[metering_pb2.MeteringFinding]:
    return [
        metering_pb2.MeteringFinding(
            kind=metering_pb2.MeteringFindingKind.Value(f"METERING_FINDING_KIND_{each.kind}"),
            text=each.text.said(language),
        )
        for each in findings
    ]


def _from_enthalpy(enthalpy: Enthalpy) -> metering_pb2.SteamEnthalpy:
    return metering_pb2.SteamEnthalpy(
        enthalpy=_from_exact(enthalpy.kj_per_kg, "kJ/kg"),
        algorithm=enthalpy.algorithm,
        end_points=[_from_end_point(point) for point in enthalpy.end_points],
        source=wire.from_source(enthalpy.source),
    )


def _from_end_point(point: EndPoint) -> metering_pb2.SteamEndPoint:
    row = point.row
    return metering_pb2.SteamEndPoint(
        row=row.row_id,
        pressure_mpa=wire.from_decimal(row.pressure_mpa),
        temperature_c=wire.from_decimal(row.temperature_c),
        enthalpy=quantity_pb2.Quantity(
            value=wire.from_decimal(row.enthalpy_kj_per_kg), unit_code="kJ/kg"
        ),
        iapws97_kj_per_kg=wire.from_decimal(row.iapws97_kj_per_kg),
        weight=wire.from_decimal(wire.shown(point.weight)),
        locator=row.source.locator,
    )


def _from_part(part: Part, unit: str) -> metering_pb2.CorrectedPart:
    return metering_pb2.CorrectedPart(
        calibration_case=metering_pb2.CalibrationCase.Value(f"CALIBRATION_CASE_{part.case}"),
        day_count=part.day_count,
        factor=wire.from_decimal(wire.shown(part.factor)),
        corrected=wire.from_exact(part.value, unit),
    )
