"""Emissions in arrays against exact ones: a slow and obvious way, in fractions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accounting.domain import array
from services.accounting.domain.array import CHUNK_ROWS, GASES, Floats, error_bound
from services.accounting.domain.binding import activity_unit
from services.accounting.domain.emission import PerUnit, per_unit
from services.kernel import units
from services.kernel.errors import UnitDimension
from services.kernel.mass import Gas, Rounding
from tests.accounting import bound
from tests.accounting.bound import Bound

Row = tuple[int, Decimal]
SHAPE = (3, 12, 4)


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[Bound], list[Row]]:
    """Some bindings, and rows of activity: which binding, how much."""
    known = draw(st.lists(bound.bounds(), min_size=1, max_size=3))
    which = st.integers(0, len(known) - 1)
    return known, draw(st.lists(st.tuples(which, bound.ACTIVITIES), max_size=8))


def columns(rows: Sequence[Row]) -> tuple[Floats, array.Indices]:
    """Return activity and binding as arrays that refuse to be written."""
    activity = np.array([float(value) for _, value in rows])
    binding = np.array([which for which, _ in rows], dtype=np.uint16)
    for each in (activity, binding):
        each.flags.writeable = False
    return activity, binding


def exact(each: Bound, activity: Decimal, gas: Gas) -> Fraction:
    """Return booked units of `gas` before rounding, by the way of the books."""
    found = {one.gas: one.value_t for one in each.compute(Fraction(activity)).gases}
    return found.get(gas, Fraction(0)) * gas.booked_per_t


def made(known: Sequence[Bound]) -> Floats:
    return array.coefficients([each.per_unit for each in known])


@given(each=bound.bounds(), activity=bound.ACTIVITIES)
def test_a_unit_of_activity_times_the_activity_is_the_emission_exactly(
    each: Bound, activity: Decimal
) -> None:
    amount = Fraction(activity)

    emission = each.compute(amount)

    assert {one.gas: one.value_t * one.gas.booked_per_t for one in emission.gases} == {
        gas: amount * coefficient for gas, coefficient in each.per_unit.gases.items()
    }
    assert {name: value * 10**6 for name, value in emission.co2e_t.items()} == {
        name: amount * coefficient for name, coefficient in each.per_unit.co2e_g.items()
    }


@given(each=bound.bounds(), activity=bound.ACTIVITIES, data=st.data())
def test_a_unit_that_was_written_may_be_told_and_is_converted_exactly(
    each: Bound, activity: Decimal, data: st.DataObject
) -> None:
    own = activity_unit(each.formula, each.binding)
    unit = data.draw(st.sampled_from(units.fitting(own)))

    emission = each.compute(Fraction(activity) * units.conversion(unit, own))

    coefficients = per_unit(each.formula, each.binding, unit).gases
    for one in emission.gases:
        written = Fraction(activity) * coefficients[one.gas]
        assert written == one.value_t * one.gas.booked_per_t


def test_an_activity_in_a_unit_of_something_else_has_no_coefficients() -> None:
    each = bound.of_several_gases()[0]
    other = "kWh" if activity_unit(each.formula, each.binding) == "t" else "tCO2"

    with pytest.raises(UnitDimension):
        per_unit(each.formula, each.binding, other)


@given(table=tables())
def test_every_product_stays_within_the_bound(table: tuple[list[Bound], list[Row]]) -> None:
    known, rows = table

    found = array.emissions(*columns(rows), made(known))

    for index, (which, activity) in enumerate(rows):
        for gas, emission in zip(GASES, found[:, index], strict=True):
            wanted = exact(known[which], activity, gas)
            assert abs(Fraction(float(emission)) - wanted) <= error_bound() * abs(wanted)


@given(each=bound.bounds(), activity=bound.ACTIVITIES)
def test_what_is_booked_differs_by_the_bound_and_half_a_unit(
    each: Bound, activity: Decimal
) -> None:
    booked = each.compute(Fraction(activity), Rounding.HALF_UP).booked

    found = array.emissions(*columns([(0, activity)]), made([each]))

    units = {Gas.CO2: booked.co2_g, **dict(booked.other_mg)}
    for gas, emission in zip(GASES, found[:, 0], strict=True):
        wanted = exact(each, activity, gas)
        away = abs(Fraction(float(emission)) - units.get(gas, 0))
        assert away <= error_bound() * abs(wanted) + Fraction(1, 2)


@given(each=bound.bounds(), activities=st.lists(bound.ACTIVITIES, max_size=12))
def test_a_series_is_what_its_rows_are_with_one_binding(
    each: Bound, activities: list[Decimal]
) -> None:
    activity, binding = columns([(0, value) for value in activities])
    coefficients = made([each])

    found = array.series(activity, coefficients[:, 0])

    assert found.tolist() == array.emissions(activity, binding, coefficients).tolist()


@given(table=tables(), data=st.data())
def test_every_sum_stays_within_the_bound_of_its_terms(
    table: tuple[list[Bound], list[Row]], data: st.DataObject
) -> None:
    known, rows = table
    each_group = st.tuples(*(st.integers(0, count - 1) for count in SHAPE))
    groups = data.draw(st.lists(each_group, min_size=len(rows), max_size=len(rows)))
    keys = np.array(groups, dtype=np.uint16).reshape(-1, 3).T

    found = array.grouped(array.emissions(*columns(rows), made(known)), *keys, shape=SHAPE)

    terms: defaultdict[tuple[int, ...], list[Fraction]] = defaultdict(list)
    for (which, activity), group in zip(rows, groups, strict=True):
        for number, gas in enumerate(GASES):
            terms[number, *group].append(exact(known[which], activity, gas))
    assert np.count_nonzero(found) <= len(terms)
    for place in terms:
        total = found[place]
        sizes = sum(map(abs, terms[place]), Fraction(0))
        away = abs(Fraction(float(total)) - sum(terms[place], Fraction(0)))
        assert away <= error_bound(term_count=len(terms[place])) * sizes


def test_the_bound_is_no_looser_than_the_errors_there_are() -> None:
    """Of many products the worst is further off than any single rounding could bring it."""
    activities = [Decimal(number) / 1000 for number in range(1_000_001, 1_040_001, 2)]
    per_t = PerUnit(gases={Gas.CO2: Fraction("1.000001")}, co2e_g={})
    activity = np.array([float(each) for each in activities])

    (found,) = array.series(activity, array.coefficients([per_t], [Gas.CO2])[:, 0])

    wanted = [Fraction(each) * per_t.gases[Gas.CO2] for each in activities]
    worst = max(
        abs(Fraction(float(one)) / other - 1) for one, other in zip(found, wanted, strict=True)
    )
    assert error_bound() / 3 < worst <= error_bound()


def test_the_bound_grows_with_the_terms_and_shrinks_where_nothing_is_converted() -> None:
    assert error_bound(activity_is_exact=True) < error_bound() < error_bound(term_count=2)
    assert error_bound(term_count=10**6) < Fraction(2, 10**10)


def many(row_count: int) -> tuple[Floats, array.Indices, Floats]:
    random = np.random.default_rng(7)
    binding = random.integers(0, 5, row_count).astype(np.uint16)
    return random.random(row_count), binding, random.random((3, 5))


@pytest.mark.parametrize("row_count", [0, 1, CHUNK_ROWS, 2 * CHUNK_ROWS + 5])
def test_where_a_chunk_ends_changes_nothing(row_count: int) -> None:
    activity, binding, coefficients = many(row_count)

    found = array.emissions(activity, binding, coefficients)

    assert found.shape == (3, row_count)
    assert np.array_equal(found, activity * coefficients[:, binding])


def test_sums_over_several_chunks_count_every_row_once() -> None:
    row_count = 20 * CHUNK_ROWS + 5
    zone, month, source = (np.arange(row_count, dtype=np.uint32) % count for count in SHAPE)

    found = array.grouped(np.ones((2, row_count)), zone, month, source, shape=SHAPE)

    wanted = np.zeros(SHAPE)
    np.add.at(wanted, (zone, month, source), 1)
    assert np.array_equal(found, [wanted, wanted])


def test_a_sum_of_very_many_terms_stays_within_its_bound() -> None:
    counts = np.random.default_rng(7).integers(0, 10**9, 10 * CHUNK_ROWS)
    per_t = PerUnit(gases={Gas.CO2: Fraction("2071.5092552")}, co2e_g={})
    everywhere = np.zeros(len(counts), dtype=np.uint8)

    emissions = array.series(counts / 1000, array.coefficients([per_t], [Gas.CO2])[:, 0])
    found = array.grouped(emissions, everywhere, everywhere, everywhere, shape=(1, 1, 1))

    wanted = Fraction(int(counts.sum()), 1000) * per_t.gases[Gas.CO2]
    away = abs(Fraction(found.item()) - wanted)
    assert 0 < away <= error_bound(term_count=len(counts)) * wanted


def test_an_array_to_be_written_is_returned_and_holds_the_same() -> None:
    activity, binding, coefficients = many(100)
    column, out = coefficients[:, 2], np.full((3, 100), np.nan)

    assert array.emissions(activity, binding, coefficients, out=out) is out
    assert np.array_equal(out, array.emissions(activity, binding, coefficients))
    assert array.series(activity, column, out=out) is out
    assert np.array_equal(out, array.series(activity, column))


def test_what_is_returned_shares_no_memory_with_what_was_given() -> None:
    activity, binding, coefficients = many(10)

    found = array.emissions(activity, binding, coefficients)
    of_series = array.series(activity, coefficients[:, 0])
    sums = array.grouped(found, binding, binding, binding, shape=(5, 5, 5))

    for result in (found, of_series, sums):
        for given_array in (activity, binding, coefficients):
            assert not np.shares_memory(result, given_array)
    assert not np.shares_memory(sums, found)


@pytest.mark.parametrize("wrong", [-1, 5])
def test_an_index_beyond_what_there_is_writes_nothing(wrong: int) -> None:
    activity, _, coefficients = many(3)
    binding, right = np.array([0, wrong, 1]), np.zeros(3, dtype=np.intp)
    out = np.full((3, 3), 8.0)

    with pytest.raises(IndexError, match="the 5 that there are"):
        array.emissions(activity, binding, coefficients, out=out)
    assert (out == 8.0).all()
    for keys in ((binding, right, right), (right, binding, right), (right, right, binding)):
        with pytest.raises(IndexError, match="the 5 that there are"):
            array.grouped(out, *keys, shape=(5, 5, 5))


def test_an_array_of_another_shape_is_not_stretched() -> None:
    activity, binding, coefficients = many(3)

    for wrong in (binding[:1], binding[:2]):
        with pytest.raises(ValueError, match="where"):
            array.emissions(activity, wrong, coefficients)
        with pytest.raises(ValueError, match="where"):
            array.grouped(coefficients[:, :3], binding, wrong, binding, shape=(5, 5, 5))
    for out in (np.zeros((3, 4)), np.zeros((4, 3))):
        with pytest.raises(ValueError, match="where"):
            array.emissions(activity, binding, coefficients, out=out)
        with pytest.raises(ValueError, match="where"):
            array.series(activity, coefficients[:, 0], out=out)


def test_what_is_not_a_number_stays_visible_in_its_row_and_its_sum() -> None:
    activity = np.array([1.0, np.nan, 2.0])
    binding = np.zeros(3, dtype=np.uint16)

    found = array.emissions(activity, binding, np.ones((1, 1)))
    sums = array.grouped(found, np.array([0, 1, 0]), binding, binding, shape=(2, 1, 1))

    assert np.isnan(found).tolist() == [[False, True, False]]
    assert sums.ravel()[0] == 3.0
    assert np.isnan(sums.ravel()[1])


def test_a_gas_without_a_figure_is_nothing_and_one_not_asked_for_is_left_out() -> None:
    coal = PerUnit(gases={Gas.CO2: Fraction(3, 2), Gas.SF6: Fraction(5)}, co2e_g={})
    gas = PerUnit(gases={Gas.N2O: Fraction(1, 4)}, co2e_g={})

    assert array.coefficients([coal, gas]).tolist() == [[1.5, 0], [0, 0], [0, 0.25]]
    assert array.coefficients([coal, gas], [Gas.SF6]).tolist() == [[5, 0]]
    assert array.coefficients([]).shape == (3, 0)


@pytest.mark.parametrize("coefficient", [Fraction(2) ** 501, Fraction(1, 2**501)])
def test_a_coefficient_that_the_bound_does_not_hold_for_is_refused(coefficient: Fraction) -> None:
    with pytest.raises(ValueError, match="CH4"):
        array.coefficients([PerUnit(gases={Gas.CH4: coefficient}, co2e_g={})])
