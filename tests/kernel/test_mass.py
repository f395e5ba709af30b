from __future__ import annotations

import decimal
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kernel import units
from services.kernel.errors import FieldInvalid
from services.kernel.mass import (
    BOOKED_BOUND,
    CO2_PER_C,
    INT64_MAX,
    Gas,
    Rounding,
    booked,
    grams,
    integers,
    milligrams,
    round_fraction,
    round_integer,
    round_products,
    sum_fits,
    tonnes,
)

MODES = {
    Rounding.HALF_UP: decimal.ROUND_HALF_UP,
    Rounding.HALF_EVEN: decimal.ROUND_HALF_EVEN,
    Rounding.FLOOR: decimal.ROUND_FLOOR,
    Rounding.CEILING: decimal.ROUND_CEILING,
}
ROUNDINGS = st.sampled_from(Rounding)


@given(
    value=st.decimals(-(10**9), 10**9, places=6),
    decimals=st.integers(0, 6),
    rounding=ROUNDINGS,
)
def test_rounding_is_that_of_decimal(value: Decimal, decimals: int, rounding: Rounding) -> None:
    expected = value.quantize(Decimal(1).scaleb(-decimals), MODES[rounding])

    rounded = round_fraction(Fraction(value), decimals, rounding)

    assert rounded == expected
    assert rounded.as_tuple().exponent == -decimals


@given(middle=st.integers(-(10**6), 10**6), rounding=ROUNDINGS)
def test_the_middle_goes_where_decimal_sends_it(middle: int, rounding: Rounding) -> None:
    value = Fraction(2 * middle + 1, 2)

    expected = (Decimal(middle) + Decimal("0.5")).to_integral_value(MODES[rounding])

    assert round_integer(value, rounding) == expected


_NUMBERS = st.integers() | st.integers(-(2**63), 2**63) | st.integers(-(10**4), 10**4)


@given(
    values=st.lists(_NUMBERS, max_size=4),
    times=_NUMBERS,
    per=st.integers(min_value=1) | st.integers(1, 10**4),
    rounding=ROUNDINGS,
)
def test_a_product_in_an_array_rounds_as_its_fraction_does(
    values: list[int], times: int, per: int, rounding: Rounding
) -> None:
    expected = [round_integer(Fraction(each * times, per), rounding) for each in values]

    assert round_products(integers(values), times, per, rounding).tolist() == expected


@given(values=st.lists(_NUMBERS, max_size=4), times=_NUMBERS)
def test_an_array_holds_whole_numbers_and_their_multiples(values: list[int], times: int) -> None:
    array = integers(values, times)

    assert (array * times).tolist() == [each * times for each in values]


@given(value=st.fractions(), decimals=st.integers(0, 12), rounding=ROUNDINGS)
def test_rounding_moves_by_less_than_one_place(
    value: Fraction, decimals: int, rounding: Rounding
) -> None:
    moved = abs(Fraction(round_fraction(value, decimals, rounding)) - value)

    assert moved < Fraction(1, 10**decimals)
    if rounding in {Rounding.HALF_UP, Rounding.HALF_EVEN}:
        assert moved <= Fraction(1, 2 * 10**decimals)


def test_rounding_to_tens_works_too() -> None:
    assert round_fraction(Fraction(1250), -2, Rounding.HALF_EVEN) == 1200


@given(mass_g=st.integers(-BOOKED_BOUND, BOOKED_BOUND), rounding=ROUNDINGS)
def test_grams_and_tonnes_are_inverse(mass_g: int, rounding: Rounding) -> None:
    assert grams(Fraction(tonnes(mass_g)), rounding) == mass_g


def test_a_sum_of_grams_longer_than_a_decimal_context_is_still_exact() -> None:
    assert str(tonnes(10**40 + 1)) == "1" + "0" * 34 + ".000001"


@pytest.mark.parametrize("sign", [1, -1])
def test_the_bound_is_kept_and_passing_it_is_an_error(sign: int) -> None:
    bound_t = Fraction(sign * BOOKED_BOUND, 10**6)

    assert grams(bound_t, Rounding.HALF_UP) == sign * BOOKED_BOUND
    with pytest.raises(FieldInvalid) as caught:
        grams(bound_t + sign * Fraction(1, 10**6), Rounding.HALF_UP)
    with pytest.raises(FieldInvalid):
        milligrams(bound_t, Rounding.HALF_UP)

    assert caught.value.given == str(sign * (BOOKED_BOUND + 1))
    assert "10^17" in caught.value.text("zh")


def test_co2_is_booked_in_grams_and_other_gases_in_milligrams() -> None:
    assert booked(Gas.CO2, Fraction(1), Rounding.HALF_UP) == 1_000_000
    assert booked(Gas.CO2E, Fraction(1), Rounding.HALF_UP) == 1_000_000
    assert booked(Gas.SF6, Fraction(1), Rounding.HALF_UP) == 1_000_000_000


@pytest.mark.parametrize("gas", Gas)
def test_every_gas_has_its_units_and_its_global_warming_potential(gas: Gas) -> None:
    assert units.conversion(f"t{gas}", f"kg{gas}") == 1000
    if gas is not Gas.CO2E:
        assert units.coefficient(f"t{gas}", f"kgCO2e/kg{gas}", to="tCO2e") == 1


def test_carbon_becomes_co2_by_the_integer_molar_masses() -> None:
    assert Fraction(44, 12) == CO2_PER_C


@given(count=st.integers(0, 10**6), largest=st.integers(-INT64_MAX, INT64_MAX))
def test_a_sum_that_is_said_to_fit_fits(count: int, largest: int) -> None:
    assert sum_fits(count=count, largest=largest) == (-(2**63) < count * largest < 2**63)
