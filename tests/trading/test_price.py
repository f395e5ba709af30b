"""Prices: which of several is the price of a day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from services.kernel.errors import FieldInvalid
from services.trading.domain.price import MOST_CNY_PER_T, PriceKind, checked, preferred
from tests.trading.builders import price, stored

DAY = ("2025-12-31", "2026-01-01")
MONTH = ("2025-12-01", "2026-01-01")
YEAR = ("2025-01-01", "2026-01-01")
LATER = ("2026-06-30", "2026-07-01")

TABLE = """
on          prices                                        the one
2025-12-31  day/VWAP day/CLOSE month/CLOSE year/CLOSE     day/CLOSE
2025-12-31  day/VWAP month/CLOSE                          day/VWAP
2025-12-31  month/VWAP year/CLOSE                         month/VWAP
2025-12-30  day/CLOSE                                     -
2026-06-29  day/CLOSE later/CLOSE                         day/CLOSE
2026-06-30  day/CLOSE later/VWAP                          later/VWAP
9999-12-31  day/CLOSE later/CLOSE                         later/CLOSE
"""
PERIODS = {"day": DAY, "month": MONTH, "year": YEAR, "later": LATER}


@pytest.mark.parametrize("row", TABLE.strip().splitlines()[1:])
def test_the_newest_then_the_shortest_then_the_close(row: str) -> None:
    on, *names, wanted = row.split()
    prices = {}
    for name in names:
        period, kind = name.split("/")
        prices[name] = stored(price(kind=PriceKind[kind], period=PERIODS[period]))

    assert preferred(prices.values(), date.fromisoformat(on)) == prices.get(wanted)


def test_a_price_is_dated_on_the_last_day_of_its_period() -> None:
    assert price(period=MONTH).date == date(2025, 12, 31)


def test_a_price_in_fen_is_taken_for_a_slip() -> None:
    assert checked(price(str(MOST_CNY_PER_T))).price_cny_per_t == Decimal(10_000)
    with pytest.raises(FieldInvalid, match="check the decimal point") as caught:
        checked(price("10000.01"))
    assert caught.value.field == "price_cny_per_t"
