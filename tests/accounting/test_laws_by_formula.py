"""Laws that hold for a line by any formula of any method, with a typical figure for each role."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from services.accounting.domain.emission import Booked
from services.accounting.domain.line import Entry
from services.kernel import units
from services.kernel.period import Period
from services.kernel.quantity import Quantity
from tests.accounting import builders, typical

amounts = st.decimals(min_value=0, max_value=10**4, places=4, allow_nan=False)
cases = st.deferred(lambda: st.sampled_from(typical.cases()))
several = settings(max_examples=200)


@st.composite
def quantities(draw: st.DrawFn, unit: str) -> Quantity:
    """An amount in any unit that converts to `unit`."""
    return Quantity(value=draw(amounts), unit=draw(st.sampled_from(units.fitting(unit))))


@st.composite
def entries(draw: st.DrawFn, unit: str) -> list[Entry]:
    """Records of one source in one month, a day each."""
    given_quantities = draw(st.lists(quantities(unit), min_size=1, max_size=8))
    return [
        Entry(
            name=f"r{day}",
            period=Period.parse(f"2023-01-{day:02d}", f"2023-01-{day + 1:02d}"),
            quantity=quantity,
        )
        for day, quantity in enumerate(given_quantities, start=1)
    ]


def figures_of(booked: Booked) -> dict[str, int]:
    return {"co2_g": booked.co2_g, **dict(booked.other_mg), **dict(booked.co2e_g)}


@several
@given(st.data())
def test_the_order_of_records_moves_nothing(data: st.DataObject) -> None:
    case = data.draw(cases)
    parts = data.draw(entries(case.unit))

    assert case.line(parts) == case.line(data.draw(st.permutations(parts)))


@several
@given(st.data())
def test_how_an_amount_is_split_moves_nothing(data: st.DataObject) -> None:
    case = data.draw(cases)
    whole = data.draw(quantities(case.unit))
    part = data.draw(st.decimals(min_value=0, max_value=whole.value, places=4))
    rest = Quantity(value=whole.value - part, unit=whole.unit)

    one = case.line([builders.entry(str(whole))])
    two = case.line(
        [
            builders.entry(f"{part} {whole.unit}", "2023-01-01 2023-01-09"),
            builders.entry(str(rest), "2023-01-09 2023-02-01"),
        ]
    )

    assert two.booked == one.booked
    assert two.activity == one.activity
    assert two.reported_day_count == one.reported_day_count


@several
@given(st.data())
def test_the_unit_that_is_written_moves_nothing(data: st.DataObject) -> None:
    case = data.draw(cases)
    written, other = (data.draw(st.sampled_from(units.fitting(case.unit))) for _ in range(2))
    amount, power = data.draw(st.decimals(0, 100, places=2)), data.draw(st.integers(0, 4))
    whole = Quantity(value=amount * 10**power, unit=written)
    exact = whole.to(other)

    one = case.line([builders.entry(str(whole))])

    assert one.activity == whole.to(case.unit)
    digits = units.written(exact)
    if "/" not in digits and len(digits) < 30:
        assert case.line([builders.entry(f"{digits} {other}")]).booked == one.booked


@several
@given(st.data(), st.integers(2, 1000))
def test_so_many_times_the_activity_is_so_many_times_every_gas(
    data: st.DataObject, times: int
) -> None:
    case = data.draw(cases)
    parts = data.draw(entries(case.unit))
    many = [
        replace(each, quantity=Quantity(value=times * each.quantity.value, unit=each.quantity.unit))
        for each in parts
    ]

    one, other = case.line(parts), case.line(many)
    before, after = figures_of(one.booked), figures_of(other.booked)

    assert other.activity == times * one.activity
    assert before.keys() == after.keys()
    # The one was rounded by half a gram or milligram at the most, and so was the many.
    bound = Decimal(times + 1) / 2
    assert all(abs(after[name] - times * figure) <= bound for name, figure in before.items())


@several
@given(st.data())
def test_what_is_booked_is_within_half_a_gram_of_the_exact_product(data: st.DataObject) -> None:
    case = data.draw(cases)
    line = case.line(data.draw(entries(case.unit)))
    per_unit = typical.per_unit(case)

    half = Fraction(1, 2)
    assert abs(line.booked.co2_g - line.activity * per_unit.get("CO2", Fraction(0))) <= half
    for gas, milligrams in line.booked.other_mg:
        assert abs(milligrams - line.activity * per_unit[gas] * 1000) <= half
