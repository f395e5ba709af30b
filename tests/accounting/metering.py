"""What the tests of heat, calibration and coal equivalents share: data, values, requests."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Any

from google.type import decimal_pb2

from services.accounting import files
from services.accounting.domain.metering.calibration import Calibration, Reading
from services.accounting.domain.metering.coal_equivalent import Base, Coefficient
from services.accounting.domain.metering.heat import HeatRules
from services.accounting.domain.metering.steam import Saturated, State, SteamTable, Superheated
from services.kernel.source import Source
from services.kernel.trust import Status
from tests.accounting import builders, requests
from tests.builders import source
from zonecarbon.accounting.v1 import coal_equivalent_pb2, metering_pb2
from zonecarbon.accounting.v1 import metering_service_pb2 as pb

POWER = metering_pb2.HEAT_RULE_CETS_POWER_2026


@cache
def table() -> SteamTable:
    return files.steam_table()


@cache
def rules() -> HeatRules:
    return files.heat_rules()


def state(pressure_mpa: str, temperature_c: str = "") -> State:
    """Superheated steam, or saturated steam where no temperature is given."""
    pressure = Decimal(pressure_mpa)
    if not temperature_c:
        return Saturated(pressure_mpa=pressure)
    return Superheated(pressure_mpa=pressure, temperature_c=Decimal(temperature_c))


def reading(
    quantity: str = "100000 t", allowed: str = "0.5 %", when: str = "2026-01-01 2027-01-01"
) -> Reading:
    return Reading(
        quantity=builders.quantity(quantity),
        period=builders.period(when),
        allowed_accuracy=builders.quantity(allowed),
    )


def calibration(found: str = "0.8 %", covered: str = "2026-01-01 2027-01-01") -> Calibration:
    return Calibration(covered=builders.period(covered), found_accuracy=builders.quantity(found))


def coefficient(
    quantity: str = "0.1229 kgce/kWh", base: Base = Base.EQUIVALENT, year: int = 2020
) -> Coefficient:
    return Coefficient(
        quantity=builders.quantity(quantity),
        base=base,
        year=year,
        source=Source(title="GB/T 2589-2020", status=Status.OFFICIAL),
    )


def decimal(text: str) -> decimal_pb2.Decimal:
    return decimal_pb2.Decimal(value=text)


def heat_request(**fields: Any) -> pb.ComputeHeatRequest:
    """A tonne of steam at 1 MPa and 200 °C by the power sector's guide; keywords override."""
    if not fields.keys() & {"steam", "hot_water", "user_circuit", "fuel"}:
        fields["steam"] = steam_message()
    return pb.ComputeHeatRequest(**{"heat_rule": POWER} | fields)


def steam_message(
    mass: str = "1 t",
    pressure: str = "1",
    temperature: str = "200",
    *,
    saturated: str = "",
    enthalpy: str = "",
) -> metering_pb2.Steam:
    if enthalpy:
        return metering_pb2.Steam(mass=requests.amount(mass), enthalpy=requests.amount(enthalpy))
    if saturated:
        return metering_pb2.Steam(
            mass=requests.amount(mass), saturated_pressure_mpa=decimal(saturated)
        )
    return metering_pb2.Steam(
        mass=requests.amount(mass),
        state=metering_pb2.SteamState(
            pressure_mpa=decimal(pressure), temperature_c=decimal(temperature)
        ),
    )


def water_message(mass: str = "1 t", temperature: str = "95") -> metering_pb2.HotWater:
    return metering_pb2.HotWater(
        mass=requests.amount(mass), supply_temperature_c=decimal(temperature)
    )


def circuit_message(heat: str = "95 GJ") -> metering_pb2.UserCircuit:
    return metering_pb2.UserCircuit(heat=requests.amount(heat))


def fuel_message(
    quantity: str = "21 10^4 Nm3", value: str = "389.31 GJ(NCV)/10^4 Nm3"
) -> metering_pb2.FuelAmount:
    return metering_pb2.FuelAmount(
        quantity=requests.amount(quantity), net_calorific_value=requests.amount(value)
    )


def reading_request(**fields: Any) -> pb.CorrectReadingRequest:
    """Coal of 2026 by a scale that was never calibrated; keywords override."""
    values: dict[str, Any] = {
        "reading": requests.amount("100000 t"),
        "data_kind": metering_pb2.DATA_KIND_ACTIVITY,
        "period": requests.period("2026-01-01 2027-01-01"),
        "allowed_accuracy": requests.amount("0.5 %"),
    }
    return pb.CorrectReadingRequest(**values | fields)


def calibration_message(
    found: str = "0.8 %", covered: str = "2026-01-01 2027-01-01"
) -> metering_pb2.Calibration:
    return metering_pb2.Calibration(
        covered_period=requests.period(covered), found_accuracy=requests.amount(found)
    )


def coefficient_message(
    quantity: str = "0.1229 kgce/kWh", **fields: Any
) -> coal_equivalent_pb2.CoalEquivalentCoefficient:
    values: dict[str, Any] = {
        "quantity": requests.amount(quantity),
        "base": coal_equivalent_pb2.COAL_EQUIVALENT_BASE_EQUIVALENT,
        "year": 2020,
        "source": source(title="GB/T 2589-2020"),
    }
    return coal_equivalent_pb2.CoalEquivalentCoefficient(**values | fields)


def without(
    field: str, message: coal_equivalent_pb2.CoalEquivalentCoefficient | None = None
) -> coal_equivalent_pb2.CoalEquivalentCoefficient:
    """Return a coefficient that lacks a field."""
    found = coefficient_message() if message is None else message
    found.ClearField(field)  # type: ignore[arg-type]
    return found


def coal_request(
    carrier: str = "", coal_equivalent: str = "", **fields: Any
) -> pb.ConvertCoalEquivalentRequest:
    """A thousand kilowatt-hours into tce; keywords override."""
    amounts: Mapping[str, str] = {"carrier": carrier, "coal_equivalent": coal_equivalent}
    given = {field: requests.amount(text) for field, text in amounts.items() if text}
    values: dict[str, Any] = {"coefficient": coefficient_message()}
    values |= given or {"carrier": requests.amount("1000 kWh")}
    return pb.ConvertCoalEquivalentRequest(**values | fields)
