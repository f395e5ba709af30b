"""Coal equivalents and the base that each must name."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accounting import files
from services.accounting.domain.metering.coal_equivalent import (
    Base,
    Coefficient,
    Conversion,
    declared,
    to_carrier,
    to_coal,
)
from services.accounting.domain.metering.figure import FindingKind
from services.kernel.errors import (
    DomainError,
    FieldRequired,
    ParameterUndeclared,
    QuantityInvalid,
    UnitDimension,
    UnitUnknown,
)
from services.kernel.quantity import Quantity
from tests.accounting.builders import document, quantity
from tests.accounting.metering import coefficient

PUBLISHED = files.equivalent_values()
EQUAL_VALUE = coefficient("0.30 kgce/kWh", Base.EQUAL_VALUE)

amounts = st.decimals("0", "1000000", places=3)
positive = st.decimals("0.001", "1000", places=3)


def coal(text: str, by: Coefficient = EQUAL_VALUE, unit: str = "tce") -> Conversion:
    return to_coal(quantity(text), by, PUBLISHED, unit)


def carrier(text: str, by: Coefficient, unit: str) -> Conversion:
    return to_carrier(quantity(text), by, PUBLISHED, unit)


def kinds(found: Conversion) -> list[FindingKind]:
    return [finding.kind for finding in found.findings]


def test_the_same_electricity_is_two_and_a_half_times_as_much_by_equal_value() -> None:
    assert coal("960000 MWh").value == 288_000
    assert coal("960000 MWh", coefficient()).value == 117_984


def test_a_coal_equivalent_becomes_its_carrier_again() -> None:
    done = carrier("165 kgce", coefficient(), "kWh")

    assert done.value == Fraction(165) / Fraction("0.1229")
    assert done.unit == "kWh"
    assert carrier("0.165 tce", coefficient(), "MWh").value == done.value / 1000


def test_a_fuel_and_a_heat_convert_as_electricity_does() -> None:
    gas = coefficient("13.3 tce/10^4 Nm3")

    assert coal("2000 10^4 Nm3", gas).value == 26_600
    assert coal("500000 GJ", coefficient("0.03412 tce/GJ")).value == 17_060
    assert coal("2 10^4 Nm3", gas, "kgce").value == 26_600


def test_a_result_carries_its_base_and_its_coefficient() -> None:
    done = coal("1 MWh")

    assert done.coefficient.base is Base.EQUAL_VALUE
    assert done.steps[0].source == EQUAL_VALUE.source
    assert "0.30 kgce/kWh" in done.steps[0].formula.en


@pytest.mark.parametrize(
    ("lacking", "field", "parameter"),
    [
        ({"quantity": None}, "coefficient.quantity", "coal_equivalent_coefficient"),
        ({"base": None}, "coefficient.base", "coal_equivalent_base"),
        ({"year": 0}, "coefficient.year", "coal_equivalent_year"),
        ({"source": None}, "coefficient.source", "coal_equivalent_source"),
        ({"source": document(title="")}, "coefficient.source", "coal_equivalent_source"),
    ],
)
def test_nothing_of_a_coefficient_is_assumed(
    lacking: dict[str, Any], field: str, parameter: str
) -> None:
    whole: dict[str, Any] = {
        "quantity": quantity("0.1229 kgce/kWh"),
        "base": Base.EQUIVALENT,
        "year": 2020,
        "source": document(),
    }
    assert declared(**whole).base is Base.EQUIVALENT

    with pytest.raises(ParameterUndeclared) as refused:
        declared(**whole | lacking)
    assert (refused.value.field, refused.value.parameter) == (field, parameter)


@pytest.mark.parametrize("text", ["0 kgce/kWh", "-0.1229 kgce/kWh"])
def test_a_coefficient_is_more_than_nothing(text: str) -> None:
    with pytest.raises(QuantityInvalid) as refused:
        declared(quantity(text), Base.EQUIVALENT, 2020, document())

    assert refused.value.field == "coefficient.quantity.value"


@pytest.mark.parametrize(
    ("text", "by", "unit", "error", "field"),
    [
        ("-1 kWh", "0.3 kgce/kWh", "tce", QuantityInvalid, "carrier.value"),
        ("1 t", "0.3 kgce/kWh", "tce", UnitDimension, "coefficient.quantity.unit_code"),
        ("1 GJ(NCV)", "0.3 kgce/kWh", "tce", UnitDimension, "coefficient.quantity.unit_code"),
        ("1 kWh", "0.5366 kgCO2/kWh", "tce", UnitDimension, "coefficient.quantity.unit_code"),
        ("1 kWh", "0.3 kgce/kWh", "t", UnitDimension, "unit_code"),
        ("1 kWh", "0.3 kgce/kWh", "TCE", UnitUnknown, "unit_code"),
    ],
)
def test_a_carrier_that_cannot_become_coal_is_told_by_field(
    text: str, by: str, unit: str, error: type[DomainError], field: str
) -> None:
    with pytest.raises(error) as refused:
        coal(text, coefficient(by), unit)

    assert getattr(refused.value, "field") == field  # noqa: B009 (any error of these has one)


@pytest.mark.parametrize(
    ("text", "unit", "error", "field"),
    [
        ("1 t", "kWh", UnitDimension, "coal_equivalent.unit_code"),
        ("-1 tce", "kWh", QuantityInvalid, "coal_equivalent.value"),
        ("1 tce", "t", UnitDimension, "unit_code"),
        ("1 tce", "", FieldRequired, "unit_code"),
    ],
)
def test_a_coal_equivalent_that_cannot_go_back_is_told_by_field(
    text: str, unit: str, error: type[DomainError], field: str
) -> None:
    with pytest.raises(error) as refused:
        carrier(text, EQUAL_VALUE, unit)

    assert getattr(refused.value, "field") == field  # noqa: B009 (any error of these has one)


@pytest.mark.parametrize(
    ("of", "text", "base", "unlike"),
    [
        ("1 kWh", "0.1229 kgce/kWh", Base.EQUIVALENT, False),
        ("1 kWh", "1.229 tce/10^4 kWh", Base.EQUIVALENT, False),
        ("1 GJ", "0.03412 tce/GJ", Base.EQUIVALENT, False),
        ("1 kWh", "0.30 kgce/kWh", Base.EQUIVALENT, True),
        ("1 kWh", "300 gce/kWh", Base.EQUIVALENT, True),
        ("1 kWh", "0.30 kgce/kWh", Base.EQUAL_VALUE, False),
        ("1 kWh", "0.1229 kgce/kWh", Base.EQUAL_VALUE, True),
        ("1 m3", "1.3300 kgce/m3", Base.EQUIVALENT, False),
        ("1 kg", "1.4714 kgce/kg", Base.EQUAL_VALUE, False),
    ],
)
def test_a_coefficient_that_looks_like_the_other_base_is_said_to(
    of: str, text: str, base: Base, *, unlike: bool
) -> None:
    done = coal(of, coefficient(text, base))

    assert kinds(done) == [FindingKind.COEFFICIENT_UNLIKE_ITS_BASE] * unlike


@given(kwh=amounts, value=positive)
def test_kwh_and_mwh_of_the_same_energy_are_the_same_coal(kwh: Decimal, value: Decimal) -> None:
    by = coefficient(f"{value} kgce/kWh", Base.EQUAL_VALUE)
    in_kwh = to_coal(Quantity(value=kwh, unit="kWh"), by, ())
    in_mwh = to_coal(Quantity(value=kwh.scaleb(-3), unit="MWh"), by, ())

    assert in_kwh.value == in_mwh.value


@given(tce=amounts, value=positive)
def test_there_and_back_is_where_it_began(tce: Decimal, value: Decimal) -> None:
    by = coefficient(f"{value} kgce/kWh", Base.EQUAL_VALUE)
    energy = to_carrier(Quantity(value=tce, unit="tce"), by, (), "MWh")

    assert energy.value * by.quantity.to("tce/MWh") == Fraction(tce)
