from __future__ import annotations

import math
import time
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kernel import units
from services.kernel.errors import (
    FieldRequired,
    QuantityInvalid,
    QuantityProblem,
    UnitDimension,
    UnitUnknown,
)
from services.kernel.mass import CO2_PER_C
from services.kernel.quantity import Quantity, product

DIGITS = st.from_regex(
    r"-?(0|[1-9][0-9]{0,16})(\.[0-9]{1,17})?([eE][+-]?(20|1?[0-9]))?", fullmatch=True
)
CODES = st.sampled_from([unit.code for unit in units.units()])


def q(text: str, unit: str) -> Quantity:
    return Quantity.parse(text, unit)


@given(text=DIGITS, code=CODES)
def test_the_digits_are_kept_as_they_were_written(text: str, code: str) -> None:
    quantity = Quantity.parse(text, code)

    assert quantity.text == text
    assert quantity.fraction == Fraction(text)
    assert str(quantity) == f"{text} {code}"
    assert quantity.to(code) == Fraction(text)


@given(text=DIGITS, code=CODES, data=st.data())
def test_scaling_the_unit_scales_the_result(text: str, code: str, data: st.DataObject) -> None:
    other = data.draw(st.sampled_from(units.fitting(code)))
    quantity = Quantity.parse(text, code)

    there = quantity.to(other)

    assert there * units.unit(other).scale == quantity.fraction * units.unit(code).scale
    assert there * units.conversion(other, code) == quantity.fraction


@pytest.mark.parametrize(
    ("refused", "problem"),
    [
        ("", QuantityProblem.EMPTY),
        ("  ", QuantityProblem.EMPTY),
        ("NaN", QuantityProblem.NOT_FINITE),
        ("-NaN", QuantityProblem.NOT_FINITE),
        ("sNaN", QuantityProblem.NOT_FINITE),
        ("nan123", QuantityProblem.NOT_FINITE),
        ("Infinity", QuantityProblem.NOT_FINITE),
        ("-inf", QuantityProblem.NOT_FINITE),
        ("1e1000000", QuantityProblem.EXPONENT),
        ("0e1000000", QuantityProblem.EXPONENT),
        ("1e-21", QuantityProblem.EXPONENT),
        ("1e" + "9" * 60, QuantityProblem.EXPONENT),
        ("٣", QuantityProblem.FOREIGN_DIGITS),
        ("１２", QuantityProblem.FOREIGN_DIGITS),
        ("1_000", QuantityProblem.SEPARATOR),
        ("1,000", QuantityProblem.SEPARATOR),
        ("1234，5", QuantityProblem.SEPARATOR),
        (" 1 ", QuantityProblem.SPACE),
        ("1 000", QuantityProblem.SPACE),
        ("1\n", QuantityProblem.SPACE),
        ("--1", QuantityProblem.NOT_A_DECIMAL),
        ("1e", QuantityProblem.NOT_A_DECIMAL),
        (".", QuantityProblem.NOT_A_DECIMAL),
        ("1.2.3", QuantityProblem.NOT_A_DECIMAL),
        ("0x10", QuantityProblem.NOT_A_DECIMAL),
        ("True", QuantityProblem.NOT_A_DECIMAL),
        ("12 t", QuantityProblem.SPACE),
        ("1" * 35, QuantityProblem.TOO_MANY_DIGITS),
        ("1." + "0" * 34, QuantityProblem.TOO_MANY_DIGITS),
        ("0" * 65, QuantityProblem.TOO_MANY_DIGITS),
    ],
)
def test_what_is_no_number_within_bounds_is_refused(refused: str, problem: QuantityProblem) -> None:
    with pytest.raises(QuantityInvalid) as caught:
        Quantity.parse(refused, "t")

    assert caught.value.problem is problem
    assert caught.value.field == "value"
    assert caught.value.given == refused


@pytest.mark.parametrize("digits", [1_000, 1_000_000])
def test_a_decimal_of_many_digits_is_refused_at_once(digits: int) -> None:
    begun = time.perf_counter()
    with pytest.raises(QuantityInvalid) as caught:
        Quantity.parse("9" * digits, "t")
    text = caught.value.text("zh")

    assert time.perf_counter() - begun < 1
    assert f"… ({digits} digits)" in caught.value.metadata()["given"]
    assert len(text) < 200


@pytest.mark.parametrize(
    "allowed", ["0", "-0", "+1.5", ".5", "5.", "1e20", "1E-20", "0" * 30 + "1"]
)
def test_the_forms_of_google_type_decimal_are_allowed(allowed: str) -> None:
    assert Quantity.parse(allowed, "t").value == Decimal(allowed)


def test_thirty_four_digits_are_kept_whatever_the_decimal_context_says() -> None:
    text = "1234567890123456.789012345678901234"

    assert q(text, "kg").to("g") == Fraction("1234567890123456789.012345678901234")


@pytest.mark.parametrize("value", ["NaN", "sNaN", "-Infinity", "1E+21", "9" * 35])
def test_a_value_beyond_the_bounds_cannot_be_made_directly_either(value: str) -> None:
    with pytest.raises(QuantityInvalid):
        Quantity(value=Decimal(value), unit="t")


def test_digits_of_another_value_are_our_own_mistake() -> None:
    with pytest.raises(ValueError, match="not written for"):
        Quantity(value=Decimal(1), unit="t", written="2")


def test_quantities_are_equal_by_value_and_unit() -> None:
    assert q("1.50", "t") == q("1.5", "吨")
    assert q("1.50", "t") != q("1.50", "kg")
    assert Quantity(value=Decimal("1.50"), unit="t").text == "1.50"


def test_the_unit_is_checked_too() -> None:
    with pytest.raises(UnitUnknown):
        q("1", "kwh")
    with pytest.raises(FieldRequired):
        q("1", " ")


def test_the_sign_is_checked_on_demand() -> None:
    assert q("0.00", "t").non_negative() == q("0", "t")
    assert q("-0", "t").non_negative().text == "-0"
    with pytest.raises(QuantityInvalid) as negative:
        q("-0.01", "t").non_negative("quantity.value")
    with pytest.raises(QuantityInvalid) as zero:
        q("0.00", "t").positive()

    assert negative.value.field == "quantity.value"
    assert negative.value.problem is QuantityProblem.NEGATIVE
    assert zero.value.problem is QuantityProblem.NOT_POSITIVE


@pytest.mark.parametrize(
    ("factors", "to", "expected"),
    [
        # Source: worked examples CN-03, CN-06, CN-14 and CN-13.
        ([("5000", "MWh"), ("0.5568", "tCO2/MWh")], "tCO2", "2784"),
        ([("100", "kWh"), ("0.5568", "kgCO2/kWh")], "kgCO2", "55.68"),
        ([("10", "t"), ("3", "GJ(NCV)/t")], "GJ(NCV)", "30"),
        ([("2", "10^4 Nm3"), ("3", "GJ(NCV)/10^4 Nm3")], "GJ(NCV)", "6"),
        ([("10", "t"), ("26.7", "GJ(NCV)/t"), ("27.4", "tC/TJ(NCV)")], "tC", "7.3158"),
        ([("5000", "kWh"), ("0.5568", "tCO2/MWh")], "tCO2", "2.784"),
        ([("500", "lb"), ("1", "kgCO2/kg")], "gCO2", "226796.185"),
        ([("3", "kgCH4"), ("28", "kgCO2e/kgCH4")], "tCO2e", "0.084"),
        ([("20", "%"), ("50", "t")], "t", "10"),
        ([("2", "MW"), ("24", "h")], "kWh", "48000"),
        ([("360", "t"), ("2.8", "GJ/t"), ("0.11", "tCO2/GJ")], "tCO2", "110.88"),
    ],
)
def test_products_are_exact_in_every_unit(
    factors: list[tuple[str, str]], to: str, expected: str
) -> None:
    quantities = [q(*factor) for factor in factors]

    assert product(*quantities, to=to) == Fraction(expected)


@pytest.mark.parametrize(
    ("factors", "to"),
    [
        (["t", "GJ(GCV)/t", "tC/TJ(NCV)"], "tC"),
        (["t", "GJ/t", "tC/TJ(NCV)"], "tC"),
        (["MWh", "tCO2/MWh"], "tCO2e"),
        (["MWh", "tCO2e/MWh"], "tCO2"),
        (["t", "tC/t"], "tCO2"),
        (["10^4 Sm3", "GJ(NCV)/10^4 Nm3"], "GJ(NCV)"),
        (["m3", "MJ(NCV)/Nm3"], "GJ(NCV)"),
        (["kgCH4", "kgCO2e/kg"], "kgCO2e"),
        (["kgCH4", "kgCO2e/kgN2O"], "kgCO2e"),
        (["tce", "GJ(NCV)/t"], "GJ(NCV)"),
        (["MWh", "tCO2/MWh", "tCO2/MWh"], "tCO2"),
        (["MWh"], "tCO2"),
    ],
)
def test_a_product_of_the_wrong_basis_is_refused(factors: list[str], to: str) -> None:
    with pytest.raises(UnitDimension) as caught:
        product(*(q("1", code) for code in factors), to=to)

    assert caught.value.given == " × ".join(factors)
    assert to in (*caught.value.choices, *units.fitting(to))


@given(codes=st.lists(CODES, min_size=1, max_size=3), to=CODES)
def test_a_product_comes_out_only_where_the_dimensions_add_up(codes: list[str], to: str) -> None:
    quantities = [q("7", code) for code in codes]
    total: dict[str, int] = {}
    for code in codes:
        for base, power in units.unit(code).vector:
            total[base] = total.get(base, 0) + power

    if {base: p for base, p in total.items() if p} == dict(units.unit(to).vector):
        scale = math.prod((units.unit(code).scale for code in codes), start=Fraction(1))
        expected = 7 ** len(codes) * scale / units.unit(to).scale
        assert product(*quantities, to=to) == expected
    else:
        with pytest.raises(UnitDimension):
            product(*quantities, to=to)


def test_default_emission_factors_of_the_published_tables_come_out() -> None:
    # Source: worked examples CN-40 and CN-47: NCV × carbon content × oxidation × 44/12.
    anthracite = product(q("26.7", "GJ(NCV)/t"), q("27.4", "tC/TJ(NCV)"), q("94", "%"), to="tC/t")
    gas = product(
        q("389.31", "GJ(NCV)/10^4 Nm3"), q("15.3", "tC/TJ(NCV)"), q("99", "%"), to="tC/10^4 Nm3"
    )

    assert abs(anthracite * CO2_PER_C - Fraction("2.5215")) < Fraction("0.00005")
    assert abs(gas * CO2_PER_C - Fraction("21.6219")) < Fraction("0.00005")
