"""MeteringService over the wire. It stores nothing, so one database is enough."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from tests import builders
from tests.accounting import requests
from tests.accounting.metering import (
    calibration_message,
    circuit_message,
    coal_request,
    coefficient_message,
    fuel_message,
    heat_request,
    reading_request,
    steam_message,
    water_message,
    without,
)
from tests.fixtures.house import Running
from tests.refusals import refused
from zonecarbon.accounting.v1 import coal_equivalent_pb2, metering_pb2
from zonecarbon.accounting.v1 import metering_service_pb2 as pb
from zonecarbon.client import Client
from zonecarbon.type.v1 import source_pb2

CARBON = metering_pb2.HEAT_RULE_GBT32151_34_2024
NO_RULE = metering_pb2.HEAT_RULE_UNSPECIFIED


@pytest.fixture(scope="module")
def desk(shared_house: Running) -> Client:
    """A principal that may read one zone only; MeteringService asks no more of it."""
    zone = shared_house.administrator.registry.CreateZone(builders.zone()).name
    return shared_house.principal("DESK", zone)


def in_a_line(value: object) -> str | None:
    """Names a test after its request: each is another one."""
    return None if isinstance(value, str) else " ".join(str(value).split())


def kinds(findings: object) -> list[str]:
    assert isinstance(findings, list)
    return [
        metering_pb2.MeteringFindingKind.Name(each.kind).removeprefix("METERING_FINDING_KIND_")
        for each in findings
    ]


def exact(figure: metering_pb2.ExactFigure) -> Fraction:
    return Fraction(int(figure.numerator), int(figure.denominator))


def test_a_heat_shows_its_rule_its_enthalpy_and_the_ends_of_the_interpolation(
    desk: Client,
) -> None:
    done = desk.metering.ComputeHeat(
        heat_request(steam=steam_message("10 t", "2", "310"), heat_rule=CARBON)
    )

    enthalpy = done.steam_enthalpy
    assert done.heat_rule == CARBON
    assert not done.HasField("rule_source")
    assert enthalpy.algorithm == "steam-bilinear/1"
    assert [
        (end.row, end.enthalpy.value.value, end.weight.value) for end in enthalpy.end_points
    ] == [
        ("cn-steam-sup-1-300", "3051.3", "0.4"),
        ("cn-steam-sup-1-350", "3157.7", "0.1"),
        ("cn-steam-sup-3-300", "2994.2", "0.4"),
        ("cn-steam-sup-3-350", "3115.7", "0.1"),
    ]
    recomputed = sum(
        Fraction(end.enthalpy.value.value) * Fraction(end.weight.value)
        for end in enthalpy.end_points
    )
    assert exact(enthalpy.enthalpy) == recomputed
    assert (done.heat.value.value.value, done.heat.value.unit_code) == ("30.4554", "GJ")
    assert exact(done.heat) == 10 * recomputed / 1000
    assert done.heat.exact
    assert done.steps[-1].source.locator == "5.2.6.2, equation (13)"
    assert done.status == source_pb2.SOURCE_STATUS_SECONDARY
    assert not done.findings


def test_the_misprint_of_the_standard_is_used_and_told(desk: Client) -> None:
    done = desk.metering.ComputeHeat(
        heat_request(steam=steam_message("1 t", "0.5", "400"), heat_rule=CARBON)
    )

    assert done.heat.value.value.value == "3.2178"
    assert kinds(list(done.findings)) == ["DEVIATES_FROM_IAPWS97"]
    assert "printed 3217.8 kJ/kg, calculated 3272.3 kJ/kg" in done.findings[0].text
    (end,) = done.steam_enthalpy.end_points
    assert (end.iapws97_kj_per_kg.value, end.locator, end.weight.value) == (
        "3272.3",
        "Table C.5",
        "1",
    )


def test_method_and_year_lead_to_a_rule_and_say_why(desk: Client) -> None:
    done = desk.metering.ComputeHeat(
        heat_request(heat_rule=NO_RULE, method_id="gbt32150", accounting_year=2024)
    )

    assert done.heat_rule == metering_pb2.HEAT_RULE_NDRC_2013_2015
    assert done.heat.value.value.value == "2.74376"
    assert done.rule_source.status == done.status == source_pb2.SOURCE_STATUS_UNVERIFIED
    assert "own reading" in done.rule_source.note


def test_saturated_steam_needs_its_pressure_alone(desk: Client) -> None:
    done = desk.metering.ComputeHeat(heat_request(steam=steam_message(saturated="1.70")))

    assert done.steam_enthalpy.enthalpy.value.value.value == "2793.8"
    assert kinds(list(done.findings)) == ["PRESSURE_KEY_PRINTED_TWICE", "TABLE_OF_ANOTHER_DOCUMENT"]


def test_a_heat_that_does_not_end_says_so_and_keeps_the_exact_fraction(desk: Client) -> None:
    done = desk.metering.ComputeHeat(heat_request(user_circuit=circuit_message("100 GJ")))

    assert not done.heat.exact
    assert done.heat.value.value.value == "105.2631578947368421052631578947368"
    assert exact(done.heat) == Fraction(100) / Fraction("0.95")


def test_the_words_are_in_the_callers_language(shared_house: Running, desk: Client) -> None:
    request = heat_request(steam=steam_message("1 t", "0.5", "400"))
    chinese = shared_house.principal("SERVICE", language="zh").metering.ComputeHeat(request)
    english = desk.metering.ComputeHeat(request)

    assert chinese.heat == english.heat
    assert "采用印刷值" in chinese.findings[0].text
    assert "供热量" in chinese.steps[-1].formula
    assert "The printed value is used." in english.findings[0].text


def test_any_principal_may_ask(shared_house: Running) -> None:
    for client in (
        shared_house.principal("ENTERPRISE", "enterprises/none"),
        shared_house.principal("SERVICE"),
        shared_house.administrator,
    ):
        assert client.metering.ComputeHeat(heat_request()).heat.value.value.value == "2.74376"
        assert client.metering.CorrectReading(reading_request()).factor.value == "1.005"
        assert client.metering.ConvertCoalEquivalent(coal_request()).converted.exact


def test_without_a_key_nobody_may(shared_house: Running) -> None:
    nobody = shared_house.client("zc-nobody")

    assert refused(nobody.metering.ComputeHeat, heat_request()).reason == "UNAUTHENTICATED"


def test_a_late_calibration_is_shown_part_by_part(desk: Client) -> None:
    done = desk.metering.CorrectReading(
        reading_request(
            reading=requests.amount("365 t"),
            calibrations=[calibration_message("0.8 %", "2026-04-11 2027-04-11")],
        )
    )

    assert [
        (
            metering_pb2.CalibrationCase.Name(part.calibration_case),
            part.day_count,
            part.factor.value,
            part.corrected.value.value,
        )
        for part in done.parts
    ] == [
        ("CALIBRATION_CASE_WORSE_THAN_ALLOWED", 265, "1.003", "265.795"),
        ("CALIBRATION_CASE_UNCALIBRATED", 100, "1.005", "100.5"),
    ]
    assert (done.corrected.value.value.value, done.corrected.value.unit_code) == ("366.295", "t")
    assert done.source.locator == "3.4.1.1"
    assert done.status == source_pb2.SOURCE_STATUS_OFFICIAL
    assert kinds(list(done.findings)) == ["APPORTIONED_BY_DAYS"]
    assert sum(Decimal(step.result.value.value) for step in done.steps) == Decimal("366.295")


def test_production_is_corrected_downwards(desk: Client) -> None:
    done = desk.metering.CorrectReading(
        reading_request(data_kind=metering_pb2.DATA_KIND_PRODUCTION)
    )

    assert done.corrected.value.value.value == "99500"
    assert done.source.locator == "3.4.1.4"


def test_a_coal_equivalent_is_shown_with_its_base(desk: Client) -> None:
    done = desk.metering.ConvertCoalEquivalent(coal_request("1000 kWh"))

    assert (done.converted.value.value.value, done.converted.value.unit_code) == ("0.1229", "tce")
    assert done.base == coal_equivalent_pb2.COAL_EQUIVALENT_BASE_EQUIVALENT
    assert done.coefficient == coefficient_message()
    assert done.status == source_pb2.SOURCE_STATUS_OFFICIAL
    assert done.steps[0].source.title == "GB/T 2589-2020"


def test_a_coefficient_of_the_other_base_is_told(desk: Client) -> None:
    done = desk.metering.ConvertCoalEquivalent(
        coal_request("1000 kWh", coefficient=coefficient_message("0.30 kgce/kWh"))
    )

    assert done.converted.value.value.value == "0.3"
    assert kinds(list(done.findings)) == ["COEFFICIENT_UNLIKE_ITS_BASE"]


@pytest.mark.parametrize(
    ("request_", "reason", "field"),
    [
        (pb.ComputeHeatRequest(heat_rule=CARBON), "FIELD_REQUIRED", "carrier"),
        (heat_request(heat_rule=NO_RULE), "FIELD_REQUIRED", "heat_rule"),
        (heat_request(method_id="gbt32150"), "FIELD_INVALID", "heat_rule"),
        (heat_request(heat_rule=99), "FIELD_INVALID", "heat_rule"),
        (
            heat_request(heat_rule=NO_RULE, method_id="x", accounting_year=2024),
            "FIELD_INVALID",
            "method_id",
        ),
        (
            heat_request(heat_rule=NO_RULE, method_id="gbt32150", accounting_year=1999),
            "FIELD_INVALID",
            "accounting_year",
        ),
        (heat_request(hot_water=water_message(), heat_rule=CARBON), "FIELD_INVALID", "heat_rule"),
        (
            heat_request(steam=metering_pb2.Steam(mass=requests.amount("1 t"))),
            "FIELD_REQUIRED",
            "steam.heat_content",
        ),
        (
            heat_request(steam=metering_pb2.Steam(state=metering_pb2.SteamState())),
            "FIELD_REQUIRED",
            "steam.mass",
        ),
        (
            heat_request(steam=steam_message(pressure="1,0")),
            "QUANTITY_INVALID",
            "steam.state.pressure_mpa.value",
        ),
        (
            heat_request(steam=steam_message(temperature="NaN")),
            "QUANTITY_INVALID",
            "steam.state.temperature_c.value",
        ),
        (
            heat_request(steam=steam_message(saturated=" ")),
            "QUANTITY_INVALID",
            "steam.saturated_pressure_mpa.value",
        ),
        (heat_request(steam=steam_message("1 ton")), "UNIT_AMBIGUOUS", "steam.mass.unit_code"),
        (heat_request(steam=steam_message("1 tons!")), "UNIT_UNKNOWN", "steam.mass.unit_code"),
        (heat_request(steam=steam_message("1 m3")), "UNIT_DIMENSION", "steam.mass.unit_code"),
        (
            heat_request(steam=steam_message(temperature="150")),
            "STEAM_STATE_OUTSIDE",
            "steam.state",
        ),
        (
            heat_request(steam=steam_message(saturated="22.5")),
            "STEAM_STATE_OUTSIDE",
            "steam.saturated_pressure_mpa",
        ),
        (
            heat_request(steam=steam_message(enthalpy="27769 kJ/kg")),
            "FACTOR_IMPLAUSIBLE",
            "steam.enthalpy.value",
        ),
        (
            heat_request(hot_water=water_message(temperature="5")),
            "FIELD_INVALID",
            "hot_water.supply_temperature_c",
        ),
        (heat_request(fuel=fuel_message()), "FIELD_INVALID", "heat_rule"),
        (
            heat_request(fuel=fuel_message(), heat_rule=NO_RULE, method_id="gbt32150"),
            "FIELD_INVALID",
            "method_id",
        ),
        (
            heat_request(fuel=fuel_message("21 t"), heat_rule=NO_RULE),
            "UNIT_DIMENSION",
            "fuel.net_calorific_value.unit_code",
        ),
    ],
    ids=in_a_line,
)
def test_a_heat_that_cannot_be_computed_is_refused_by_field(
    desk: Client, request_: pb.ComputeHeatRequest, reason: str, field: str
) -> None:
    told = refused(desk.metering.ComputeHeat, request_)

    assert (told.code, told.reason, told.fields[0]) == ("INVALID_ARGUMENT", reason, field)


@pytest.mark.parametrize(
    ("request_", "reason", "field"),
    [
        (pb.CorrectReadingRequest(), "FIELD_REQUIRED", "reading"),
        (reading_request(data_kind=0), "FIELD_INVALID", "data_kind"),
        (reading_request(data_kind=9), "FIELD_INVALID", "data_kind"),
        (
            reading_request(period=requests.period("2026-02-01 2026-01-01")),
            "PERIOD_INVALID",
            "period",
        ),
        (reading_request(reading=requests.amount("-1 t")), "QUANTITY_INVALID", "reading.value"),
        (reading_request(reading=requests.amount("1 ton")), "UNIT_AMBIGUOUS", "reading.unit_code"),
        (reading_request(reading=requests.amount("1 tt")), "UNIT_UNKNOWN", "reading.unit_code"),
        (
            reading_request(allowed_accuracy=requests.amount("0.5 t")),
            "UNIT_DIMENSION",
            "allowed_accuracy.unit_code",
        ),
        (
            reading_request(allowed_accuracy=requests.amount("120 %")),
            "FIELD_INVALID",
            "allowed_accuracy.value",
        ),
        (
            reading_request(calibrations=[metering_pb2.Calibration()]),
            "FIELD_REQUIRED",
            "calibrations[0].covered_period",
        ),
        (
            reading_request(calibrations=[calibration_message(covered="2026-02-01 2026-01-01")]),
            "PERIOD_INVALID",
            "calibrations[0].covered_period",
        ),
        (
            reading_request(calibrations=[calibration_message("x %")]),
            "QUANTITY_INVALID",
            "calibrations[0].found_accuracy.value",
        ),
        (
            reading_request(calibrations=[calibration_message(covered="2024-01-01 2025-01-01")]),
            "FIELD_INVALID",
            "calibrations[0].covered_period",
        ),
    ],
    ids=in_a_line,
)
def test_a_reading_that_cannot_be_corrected_is_refused_by_field(
    desk: Client, request_: pb.CorrectReadingRequest, reason: str, field: str
) -> None:
    told = refused(desk.metering.CorrectReading, request_)

    assert (told.code, told.reason, told.fields[0]) == ("INVALID_ARGUMENT", reason, field)


@pytest.mark.parametrize(
    ("request_", "reason", "field"),
    [
        (
            pb.ConvertCoalEquivalentRequest(coefficient=coefficient_message()),
            "FIELD_REQUIRED",
            "conversion",
        ),
        (
            pb.ConvertCoalEquivalentRequest(carrier=requests.amount("1 kWh")),
            "PARAMETER_UNDECLARED",
            "coefficient.quantity",
        ),
        (
            coal_request(coefficient=without("quantity")),
            "PARAMETER_UNDECLARED",
            "coefficient.quantity",
        ),
        (coal_request(coefficient=without("base")), "PARAMETER_UNDECLARED", "coefficient.base"),
        (coal_request(coefficient=without("year")), "PARAMETER_UNDECLARED", "coefficient.year"),
        (coal_request(coefficient=without("source")), "PARAMETER_UNDECLARED", "coefficient.source"),
        (
            coal_request(coefficient=coefficient_message(source=builders.source(title=""))),
            "PARAMETER_UNDECLARED",
            "coefficient.source",
        ),
        (
            coal_request(coefficient=coefficient_message(source=builders.source(status=0))),
            "FIELD_INVALID",
            "coefficient.source.status",
        ),
        (
            coal_request(coefficient=coefficient_message(base=9)),
            "FIELD_INVALID",
            "coefficient.base",
        ),
        (
            coal_request(coefficient=coefficient_message("0 kgce/kWh")),
            "QUANTITY_INVALID",
            "coefficient.quantity.value",
        ),
        (coal_request("1 t"), "UNIT_DIMENSION", "coefficient.quantity.unit_code"),
        (coal_request("1 kwh"), "UNIT_UNKNOWN", "carrier.unit_code"),
        (coal_request("1 kcal"), "UNIT_AMBIGUOUS", "carrier.unit_code"),
        (coal_request("1 kWh", unit_code="t"), "UNIT_DIMENSION", "unit_code"),
        (coal_request("", "1 tce"), "FIELD_REQUIRED", "unit_code"),
        (coal_request("", "1 t", unit_code="kWh"), "UNIT_DIMENSION", "coal_equivalent.unit_code"),
    ],
    ids=in_a_line,
)
def test_a_coal_equivalent_that_says_too_little_is_refused_by_field(
    desk: Client, request_: pb.ConvertCoalEquivalentRequest, reason: str, field: str
) -> None:
    told = refused(desk.metering.ConvertCoalEquivalent, request_)

    assert (told.code, told.reason, told.fields[0]) == ("INVALID_ARGUMENT", reason, field)


def test_a_tce_figure_without_its_base_is_told_the_way_out(desk: Client) -> None:
    told = refused(desk.metering.ConvertCoalEquivalent, coal_request(coefficient=without("base")))

    assert told.metadata["parameter"] == "coal_equivalent_base"
    assert "none is assumed" in told.message


def test_reflection_and_health_know_the_service(shared_house: Running) -> None:
    name = "zonecarbon.accounting.v1.MeteringService"
    request = reflection_pb2.ServerReflectionRequest(file_containing_symbol=name)

    with grpc.insecure_channel(shared_house.addresses.accounting) as channel:
        stub: Any = reflection_pb2_grpc.ServerReflectionStub(channel)
        (answer,) = stub.ServerReflectionInfo(iter([request]))
        health: Any = health_pb2_grpc.HealthStub(channel)
        checked = health.Check(health_pb2.HealthCheckRequest(service=name))

    assert answer.file_descriptor_response.file_descriptor_proto
    assert checked.status == health_pb2.HealthCheckResponse.SERVING
