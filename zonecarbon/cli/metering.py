"""Words of a terminal → requests of MeteringService, and its answers → lines to read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum

from google.type import decimal_pb2

from zonecarbon.accounting.v1 import coal_equivalent_pb2, metering_pb2
from zonecarbon.accounting.v1 import metering_service_pb2 as pb
from zonecarbon.cli.library import status
from zonecarbon.type.v1 import quantity_pb2, source_pb2


class CarrierName(StrEnum):
    """What carries heat."""

    STEAM = "steam"
    HOT_WATER = "hot-water"
    USER_CIRCUIT = "user-circuit"


def quantity(value: str, unit: str) -> quantity_pb2.Quantity:
    """Return the message of a quantity."""
    return quantity_pb2.Quantity(value=decimal_pb2.Decimal(value=value), unit_code=unit)


def rule_names() -> list[str]:
    """Return the rules for heat that can be named."""
    return [name.removeprefix("HEAT_RULE_") for name in metering_pb2.HeatRule.keys()[1:]]


def rule_of(name: str) -> metering_pb2.HeatRule.ValueType:
    """Return the rule of a name; unspecified for none."""
    return metering_pb2.HeatRule.Value(f"HEAT_RULE_{name or 'UNSPECIFIED'}")


def base_names() -> list[str]:
    """Return the bases of coal equivalent that can be named."""
    prefix = "COAL_EQUIVALENT_BASE_"
    return [name.removeprefix(prefix) for name in coal_equivalent_pb2.CoalEquivalentBase.keys()[1:]]


def heat_of(
    carrier: CarrierName,
    amount: quantity_pb2.Quantity,
    *,
    pressure_mpa: str,
    temperature_c: str,
    enthalpy_kj_per_kg: str,
) -> pb.ComputeHeatRequest:
    """Return the request for the heat of a carrier, still without its rule."""
    match carrier:
        case CarrierName.STEAM:
            steam = metering_pb2.Steam(mass=amount)
            if enthalpy_kj_per_kg:
                steam.enthalpy.CopyFrom(quantity(enthalpy_kj_per_kg, "kJ/kg"))
            elif temperature_c:
                steam.state.pressure_mpa.value = pressure_mpa
                steam.state.temperature_c.value = temperature_c
            elif pressure_mpa:
                steam.saturated_pressure_mpa.value = pressure_mpa
            return pb.ComputeHeatRequest(steam=steam)
        case CarrierName.HOT_WATER:
            water = metering_pb2.HotWater(mass=amount)
            water.supply_temperature_c.value = temperature_c
            return pb.ComputeHeatRequest(hot_water=water)
        case CarrierName.USER_CIRCUIT:
            return pb.ComputeHeatRequest(user_circuit=metering_pb2.UserCircuit(heat=amount))


def coefficient(
    amount: quantity_pb2.Quantity, *, base: str, year: int, source: str, trust: str
) -> coal_equivalent_pb2.CoalEquivalentCoefficient:
    """Return the message of a declared coefficient; what is not said stays unset."""
    return coal_equivalent_pb2.CoalEquivalentCoefficient(
        quantity=amount,
        base=coal_equivalent_pb2.CoalEquivalentBase.Value(
            f"COAL_EQUIVALENT_BASE_{base or 'UNSPECIFIED'}"
        ),
        year=year,
        source=source_pb2.Source(title=source, status=status(trust)) if source else None,
    )


def lines(
    steps: Sequence[metering_pb2.MeteringStep],
    findings: Sequence[metering_pb2.MeteringFinding],
) -> Iterator[str]:
    """Yield the way to a figure, each step with its clause, and what must be known about it."""
    for step in steps:
        cited = ", ".join(filter(None, (step.source.document_no, step.source.locator)))
        yield f"{step.formula}: {step.result.value.value} {step.result.unit_code}" + (
            f"  [{cited or step.source.title}]" if step.HasField("source") else ""
        )
    for finding in findings:
        yield f"! {finding.text}"


def figure(exact: metering_pb2.ExactFigure) -> str:
    """Return a figure as a person reads it; one that had to be rounded is called about."""
    about = "" if exact.exact else "about "
    return f"{about}{exact.value.value.value} {exact.value.unit_code}"


def trusted(value: source_pb2.SourceStatus.ValueType) -> str:
    """Return a status in lower case."""
    return source_pb2.SourceStatus.Name(value).removeprefix("SOURCE_STATUS_").lower()
