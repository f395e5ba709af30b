"""Golden cases of metering: each a file with its citation, by the domain and over the wire."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from services.accounting import files
from services.accounting.domain.metering.calibration import DataKind, correct
from services.accounting.domain.metering.coal_equivalent import (
    Base,
    Coefficient,
    to_carrier,
    to_coal,
)
from services.accounting.domain.metering.heat import (
    Carrier,
    Fuel,
    HotWater,
    RuleName,
    Steam,
    UserCircuit,
    fuel_heat,
    heat,
)
from services.kernel.source import Source
from services.kernel.trust import Status
from tests.accounting import metering, requests
from tests.builders import source
from tests.fixtures.house import Running
from tests.golden import cases
from zonecarbon.accounting.v1 import coal_equivalent_pb2, metering_pb2
from zonecarbon.accounting.v1 import metering_service_pb2 as pb
from zonecarbon.client import Client

CASES = sorted((Path(__file__).parent / "metering").glob("*.toml"))
WANTED = ["cn-05c", "cn-13", "cn-14", "cn-30", "g1-energy", "g18", "g20", "tv-013"]
SECTIONS = ("fuels", "heats", "readings", "coal_equivalents")

Figure = tuple[Fraction, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One computation of a case, and what must come out."""

    section: str
    data: Mapping[str, Any]

    def holds(self, found: Figure) -> bool:
        """Tell whether the figure is the expected one, in its unit, within the tolerance."""
        wanted = cases.quantity(self.data["expected"])
        value, unit = found
        difference = abs(value - wanted.fraction)
        return unit == wanted.unit and difference <= Fraction(self.data["abs_tolerance"])


def rows() -> Iterator[Any]:
    for path in CASES:
        case = tomllib.loads(path.read_text(encoding="utf-8"))
        for section in SECTIONS:
            for number, data in enumerate(case.get(section, ())):
                name = f"{path.stem}-{section}-{number}"
                yield pytest.param(Row(section=section, data=data), id=name)


def by_domain(row: Row) -> Figure:
    data = row.data
    match row.section:
        case "fuels":
            fuel = Fuel(
                quantity=cases.quantity(data["quantity"]),
                net_calorific_value=cases.quantity(data["net_calorific_value"]),
            )
            return fuel_heat(fuel).value, fuel_heat(fuel).unit
        case "heats":
            choice = metering.rules().named(RuleName(data["rule"]))
            found = heat(carrier(data), choice, metering.rules(), metering.table())
            return found.value, found.unit
        case "readings":
            rule = files.calibration_rules()[DataKind(data["data_kind"])]
            of = metering.reading(data["reading"], data["allowed"], data["period"])
            calibrations = [metering.calibration(**each) for each in data["calibrations"]]
            corrected = correct(of, calibrations, rule)
            return corrected.value, corrected.unit
        case _:
            return converted(data)


def carrier(data: Mapping[str, Any]) -> Carrier:
    match data["carrier"]:
        case "steam":
            return Steam(
                mass=cases.quantity(data["mass"]),
                heat_content=cases.quantity(data["enthalpy"]),
            )
        case "hot_water":
            return HotWater(
                mass=cases.quantity(data["mass"]),
                supply_temperature_c=Decimal(data["supply_temperature_c"]),
            )
        case _:
            return UserCircuit(heat=cases.quantity(data["heat"]))


def converted(data: Mapping[str, Any]) -> Figure:
    coefficient = Coefficient(
        quantity=cases.quantity(data["coefficient"]),
        base=Base(data["base"]),
        year=data["year"],
        source=Source(title=data["coefficient_source"], status=Status.SECONDARY),
    )
    if "carrier" in data:
        done = to_coal(cases.quantity(data["carrier"]), coefficient, ())
    else:
        unit = cases.quantity(data["expected"]).unit
        amount = cases.quantity(data["coal_equivalent"])
        done = to_carrier(amount, coefficient, (), unit)
    return done.value, done.unit


def by_wire(row: Row, client: Client) -> metering_pb2.ExactFigure:
    data = row.data
    match row.section:
        case "fuels":
            fuel = metering.fuel_message(data["quantity"], data["net_calorific_value"])
            return client.metering.ComputeHeat(pb.ComputeHeatRequest(fuel=fuel)).heat
        case "heats":
            rule = metering_pb2.HeatRule.Value(f"HEAT_RULE_{data['rule']}")
            request = pb.ComputeHeatRequest(heat_rule=rule, **message(data))
            return client.metering.ComputeHeat(request).heat
        case "readings":
            corrected = pb.CorrectReadingRequest(
                reading=requests.amount(data["reading"]),
                data_kind=metering_pb2.DataKind.Value(f"DATA_KIND_{data['data_kind']}"),
                period=requests.period(data["period"]),
                allowed_accuracy=requests.amount(data["allowed"]),
                calibrations=[
                    metering.calibration_message(**each) for each in data["calibrations"]
                ],
            )
            return client.metering.CorrectReading(corrected).corrected
        case _:
            return client.metering.ConvertCoalEquivalent(conversion(data)).converted


def message(data: Mapping[str, Any]) -> dict[str, Any]:
    match data["carrier"]:
        case "steam":
            return {"steam": metering.steam_message(data["mass"], enthalpy=data["enthalpy"])}
        case "hot_water":
            water = metering.water_message(data["mass"], data["supply_temperature_c"])
            return {"hot_water": water}
        case _:
            return {"user_circuit": metering.circuit_message(data["heat"])}


def conversion(data: Mapping[str, Any]) -> pb.ConvertCoalEquivalentRequest:
    back = "coal_equivalent" in data
    return metering.coal_request(
        data.get("carrier", ""),
        data.get("coal_equivalent", ""),
        unit_code=cases.quantity(data["expected"]).unit if back else "",
        coefficient=metering.coefficient_message(
            data["coefficient"],
            base=coal_equivalent_pb2.CoalEquivalentBase.Value(
                f"COAL_EQUIVALENT_BASE_{data['base']}"
            ),
            year=data["year"],
            source=source(title=data["coefficient_source"]),
        ),
    )


def test_no_case_is_missing() -> None:
    assert [path.stem for path in CASES] == WANTED


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_case_cites_its_source_and_computes_something(path: Path) -> None:
    case = tomllib.loads(path.read_text(encoding="utf-8"))

    assert {"id", "title", "kind", "source", "licence", "inputs"} <= case.keys()
    assert any(case.get(section) for section in SECTIONS)


@pytest.mark.parametrize("row", list(rows()))
def test_the_domain_gives_the_expected_figure(row: Row) -> None:
    assert row.holds(by_domain(row))


@pytest.mark.parametrize("row", list(rows()))
def test_the_wire_gives_the_expected_figure(shared_house: Running, row: Row) -> None:
    figure = by_wire(row, shared_house.administrator)

    exact = Fraction(int(figure.numerator), int(figure.denominator))
    assert row.holds((exact, figure.value.unit_code))
    assert figure.exact == (Fraction(figure.value.value.value) == exact)
