"""Booking in columns against the books' own way: the same integers, to the gram and milligram."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accounting.domain.booking import book
from services.accounting.domain.emission import Booked, PerUnit
from services.kernel.errors import FieldInvalid
from services.kernel.mass import BOOKED_BOUND, Gas, Rounding
from tests.accounting import bound
from tests.accounting.bound import Bound

PER_T = PerUnit(
    gases={Gas.CO2: Fraction(1, 2), Gas.N2O: Fraction(1, 3)},
    co2e_g={"gwp100-ar5": Fraction(2, 3)},
)


@given(
    each=bound.bounds(),
    activities=st.lists(bound.ACTIVITIES, max_size=4),
    rounding=st.sampled_from(Rounding),
)
def test_columns_hold_what_each_activity_books_alone(
    each: Bound, activities: list[Decimal], rounding: Rounding
) -> None:
    exact = list(map(Fraction, activities))

    booking = book(exact, each.per_unit, rounding)

    alone = [each.compute(activity, rounding).booked for activity in exact]
    assert [booking.row(index) for index in range(len(exact))] == alone


@given(grams=st.integers(0, 10**12), rounding=st.sampled_from(Rounding))
def test_the_middle_between_two_grams_goes_where_the_method_says(
    grams: int, rounding: Rounding
) -> None:
    booking = book([Fraction(2 * grams + 1)], PER_T, rounding)

    up = {Rounding.HALF_UP: 1, Rounding.CEILING: 1, Rounding.FLOOR: 0}.get(rounding, grams % 2)
    assert booking.co2_g == [grams + up]


def test_co2e_is_rounded_from_the_product_and_not_from_rounded_gases() -> None:
    booking = book([Fraction(1)], PER_T, Rounding.HALF_UP)

    assert booking.row(0) == Booked(co2_g=1, other_mg=((Gas.N2O, 0),), co2e_g=(("gwp100-ar5", 1),))


def test_co2e_of_a_factor_of_nothing_else_is_no_gas() -> None:
    per_t = PerUnit(gases={Gas.CO2E: Fraction(7)}, co2e_g={"gwp100-ar5": Fraction(7)})

    booking = book([Fraction(3)], per_t, Rounding.HALF_UP)

    assert booking.row(0) == Booked(co2_g=0, co2e_g=(("gwp100-ar5", 21),))


@pytest.mark.parametrize("sign", [1, -1])
def test_the_books_have_the_same_bound_for_many_as_for_one(sign: int) -> None:
    per_t = PerUnit(gases={}, co2e_g={"gwp100-ar5": Fraction(1)})
    most = Fraction(sign * BOOKED_BOUND)

    assert book([Fraction(1), most], per_t, Rounding.HALF_UP).co2e_g["gwp100-ar5"] == [1, most]
    with pytest.raises(FieldInvalid, match=str(BOOKED_BOUND + 1)):
        book([Fraction(1), most + sign], per_t, Rounding.HALF_UP)
