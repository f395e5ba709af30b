from __future__ import annotations

from fractions import Fraction

import pytest

from services.kernel import units
from tests import builders
from tests.fixtures.registry import RunningRegistry
from tests.refusals import refused
from zonecarbon.registry.v1 import unit_pb2 as pb


def conversion(value: str, unit: str, to: str) -> pb.ConvertQuantityRequest:
    return pb.ConvertQuantityRequest(quantity=builders.quantity(value, unit), unit_code=to)


def test_the_list_is_the_closed_one_in_both_languages(registry: RunningRegistry) -> None:
    listed = registry.administrator.units.ListUnits(pb.ListUnitsRequest()).units

    assert [each.unit_code for each in listed] == [each.code for each in units.units()]
    assert all(each.display_name and each.display_name_zh and each.dimension for each in listed)
    spellings = {alias: each.unit_code for each in listed for alias in each.aliases}
    assert spellings["度"] == "kWh"
    assert spellings["吨"] == "t"
    assert all(units.unit(alias).code == code for alias, code in spellings.items())


def test_the_list_of_one_dimension_holds_what_converts(registry: RunningRegistry) -> None:
    stub = registry.administrator.units
    dimension = units.unit("tCO2").dimension

    listed = stub.ListUnits(pb.ListUnitsRequest(dimension=dimension)).units
    assert {each.unit_code for each in listed} == set(units.fitting("tCO2"))
    assert not stub.ListUnits(pb.ListUnitsRequest(dimension="luck")).units


@pytest.mark.parametrize(
    ("value", "unit", "to", "result"),
    [
        ("12.50", "kWh", "MWh", "0.0125"),
        ("1", "万度", "kWh", "10000"),
        ("1", "lb", "kg", "0.45359237"),
        ("-3", "t", "kg", "-3000"),
        ("1", "kcal(IT)", "kJ", "4.1868"),
        ("0", "GJ", "kWh", "0"),
    ],
)
def test_a_conversion_that_ends_is_exact(
    registry: RunningRegistry, value: str, unit: str, to: str, result: str
) -> None:
    done = registry.administrator.units.ConvertQuantity(conversion(value, unit, to))

    assert done.exact
    assert (done.to.value.value, done.to.unit_code) == (result, to)
    assert getattr(done, "from").value.value == value
    factor = Fraction(int(done.factor_numerator), int(done.factor_denominator))
    assert Fraction(value) * factor == Fraction(result)
    assert done.steps


def test_a_conversion_that_does_not_end_says_so_and_keeps_the_exact_factor(
    registry: RunningRegistry,
) -> None:
    done = registry.administrator.units.ConvertQuantity(conversion("1", "kWh", "kcal(IT)"))

    assert not done.exact
    assert len(done.to.value.value.replace(".", "").lstrip("0")) == 34
    assert (
        Fraction(int(done.factor_numerator), int(done.factor_denominator))
        == Fraction(36000, 41868) * 1000
    )
    assert done.steps


@pytest.mark.parametrize(
    ("request_", "reason", "field"),
    [
        (conversion("1", "kwh", "MWh"), "UNIT_UNKNOWN", "quantity.unit_code"),
        (conversion("1", "kWh", "mwh"), "UNIT_UNKNOWN", "unit_code"),
        (conversion("1", "ton", "kg"), "UNIT_AMBIGUOUS", "quantity.unit_code"),
        (conversion("1", "kg", "ton"), "UNIT_AMBIGUOUS", "unit_code"),
        (conversion("1", "kWh", "t"), "UNIT_DIMENSION", "unit_code"),
        (conversion("1", "tCO2", "tCO2e"), "UNIT_DIMENSION", "unit_code"),
        (conversion("1", "Nm3", "Sm3"), "UNIT_DIMENSION", "unit_code"),
        (conversion("NaN", "t", "kg"), "QUANTITY_INVALID", "quantity.value"),
        (conversion("", "t", "kg"), "QUANTITY_INVALID", "quantity.value"),
        (conversion("1e21", "t", "kg"), "QUANTITY_INVALID", "quantity.value"),
        (conversion("1", "", "kg"), "FIELD_REQUIRED", "quantity.unit_code"),
        (conversion("1", "t", ""), "FIELD_REQUIRED", "unit_code"),
        (conversion("1", "t", "x" * 41), "FIELD_INVALID", "unit_code"),
        (pb.ConvertQuantityRequest(unit_code="t"), "FIELD_REQUIRED", "quantity"),
    ],
    ids=lambda value: (
        None if isinstance(value, str) else str(value.quantity)[:40] + value.unit_code
    ),
)
def test_what_cannot_be_converted_is_refused_by_field(
    registry: RunningRegistry, request_: pb.ConvertQuantityRequest, reason: str, field: str
) -> None:
    told = refused(registry.administrator.units.ConvertQuantity, request_)

    assert (told.code, told.reason, told.fields) == ("INVALID_ARGUMENT", reason, [field])


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["kwh", "capitals matter", "kWh"]),
        ("zh", ["kwh", "区分大小写", "kWh", "请按清单中的写法填写"]),
    ],
)
def test_an_error_teaches_in_the_callers_language(
    registry: RunningRegistry, language: str, words: list[str]
) -> None:
    stub = registry.principal("ENTERPRISE", "enterprises/e", language=language).units

    told = refused(stub.ConvertQuantity, conversion("1", "kwh", "MWh"))
    assert all(word in told.message for word in words)
    assert told.metadata["choices"].split(", ")[0] == "kWh"
