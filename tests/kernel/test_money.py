from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kernel.errors import FieldInvalid
from services.kernel.mass import INT64_MAX
from services.kernel.money import fen, value_fen, yuan


@given(amount_fen=st.integers(-INT64_MAX, INT64_MAX))
def test_fen_and_yuan_are_inverse(amount_fen: int) -> None:
    assert fen(yuan(amount_fen)) == amount_fen
    assert yuan(amount_fen).as_tuple().exponent == -2


@pytest.mark.parametrize(
    "refused", ["0.001", "1e-3", "NaN", "-Infinity", "1e17", "1e1000000", "9" * 1000]
)
def test_an_amount_that_is_no_whole_number_of_fen_is_refused(refused: str) -> None:
    with pytest.raises(FieldInvalid) as caught:
        fen(Decimal(refused), field="price")

    assert caught.value.field == "price"
    assert len(caught.value.text("zh")) < 200


def test_zeros_after_the_fen_are_no_part_of_a_fen() -> None:
    assert fen(Decimal("97.4900")) == 9749
    assert fen(Decimal("1e3")) == 100_000


@given(count=st.integers(0, 10**9), price=st.decimals(0, 10_000, places=4))
def test_a_value_is_rounded_once_half_up(count: int, price: Decimal) -> None:
    exact = count * price * 100

    assert value_fen(count, price) == exact.quantize(Decimal(1), ROUND_HALF_UP)


def test_an_average_price_may_be_a_fraction() -> None:
    assert value_fen(3, Fraction(100, 3)) == 10_000
    assert value_fen(-1, Decimal("0.005")) == -1
