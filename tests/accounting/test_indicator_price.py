"""Money of several years at the prices of one: chained where the zone reported the index."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accounting.domain.indicator.expression import Ask
from services.accounting.domain.indicator.figure import Figures, Reported, statistic_figure
from services.accounting.domain.indicator.price import at_one_price
from services.accounting.domain.indicator.statistic import Fact, Statistic
from services.kernel.period import Period
from services.kernel.quantity import Quantity
from tests.accounting.evaluating import CATALOGUE, ZONE

NOW = Ask(input_id="industrial_value_added")
THEN = Ask(input_id="industrial_value_added", years_before=3)


def said(input_id: str, text: str, year: int, prices: int = 0) -> Statistic:
    value, unit = text.split(maxsplit=1)
    return Statistic(
        fact=Fact(owner=ZONE, input_id=input_id, subject="", period=Period.year(year)),
        quantity=Quantity.parse(value, unit),
        price_base_year=prices,
        source="return",
        evidence="page 1",
        version=2,
    )


def compared(*facts: Statistic) -> Figures:
    known = Reported(zone=ZONE, members={}, statistics=facts)
    kind = CATALOGUE.inputs["industrial_value_added"]
    figures = {
        ask: statistic_figure(ask, 2023 - ask.years_before, kind, known) for ask in (NOW, THEN)
    }
    return at_one_price(figures, CATALOGUE, known)


VALUES = (
    said("industrial_value_added", "1331 10^4 CNY", 2023),
    said("industrial_value_added", "1000 10^4 CNY", 2020),
)
INDICES = (
    said("industrial_price_index", "110 %", 2021),
    said("industrial_price_index", "100 %", 2022),
    said("industrial_price_index", "121 %", 2023),
)


def test_the_later_year_is_told_at_the_prices_of_the_earlier() -> None:
    found = compared(*VALUES, *INDICES)

    assert found[NOW].amount == 1000
    assert found[NOW].price_base_year == 2020
    assert found[THEN].amount == 1000
    (remark,) = found[NOW].remarks
    assert "1331 10^4 CNY at prices of 2023, divided by 1.331 to prices of 2020" in remark.en
    assert "121 % (zones/z/statistics/industrial_price_index.2023, 2)" in remark.en
    assert "折算为 2020 年价格" in remark.zh


def test_a_year_without_an_index_leaves_all_as_it_was_reported() -> None:
    found = compared(*VALUES, *INDICES[1:])

    assert found[NOW].amount == 1331
    assert found[NOW].remarks == ()


def test_what_is_at_one_price_already_is_left_alone() -> None:
    at_2020 = said("industrial_value_added", "1100 10^4 CNY", 2023, prices=2020)

    found = compared(at_2020, VALUES[1], *INDICES)

    assert found[NOW].amount == 1100
    assert found[NOW].remarks == ()


@pytest.mark.parametrize("months", [1, 2])
def test_the_index_of_a_month_is_none_of_its_year(months: int) -> None:
    monthly = [
        Statistic(
            fact=Fact(
                owner=ZONE,
                input_id="industrial_price_index",
                subject="",
                period=Period.month(2021, 1 + at),
            ),
            quantity=Quantity.parse("110", "%"),
            price_base_year=0,
            source="return",
            evidence="page 1",
        )
        for at in range(months)
    ]

    assert compared(*VALUES, *INDICES[1:], *monthly)[NOW].amount == 1331


@given(st.lists(st.integers(min_value=50, max_value=200), min_size=3, max_size=3))
def test_growth_at_comparable_prices_is_nominal_growth_over_the_chain(percents: list[int]) -> None:
    indices = [
        said("industrial_price_index", f"{percent} %", 2021 + at)
        for at, percent in enumerate(percents)
    ]
    chain = Fraction(percents[0] * percents[1] * percents[2], 10**6)

    found = compared(*VALUES, *indices)

    assert found[NOW].amount == Fraction(1331) / chain
