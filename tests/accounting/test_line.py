"""The grain of the books."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from services.accounting.domain.activity import Kind
from services.accounting.domain.binding import formula_of
from services.accounting.domain.emission import NOTHING, compute
from services.accounting.domain.line import (
    Amount,
    Grain,
    emptied,
    exact_sum,
    line_id,
    summed,
)
from services.accounting.domain.role import Role
from services.kernel.period import Period
from tests.accounting import builders
from tests.accounting.library import Figures

COAL = builders.source(Kind.FUEL_COMBUSTION, "boiler-1")


def test_a_line_is_one_source_in_one_month() -> None:
    line = builders.line(
        [
            builders.entry("40 MWh", "2023-02-01 2023-02-11"),
            builders.entry("60.5 MWh", "2023-02-15 2023-03-01"),
        ]
    )

    assert line.name == "enterprises/mill/lines/intake-2023-02"
    assert line.month == Period.month(2023, 2)
    assert line.activities == (Amount(value=Decimal("100.5"), unit="MWh"),)
    assert (line.reported_day_count, line.record_count) == (24, 2)
    assert line.booked.co2_g == 64_832_550


def test_a_line_of_another_method_names_the_method_and_the_item() -> None:
    line = builders.line(by="ghgp/electricity_market")

    assert line.name == "enterprises/mill/lines/intake-2023-01-ghgp-electricity_market"
    assert line.booked.co2_g == 70_000_000


@pytest.mark.parametrize(
    ("method_id", "from_day", "expected"),
    [
        ("gbt32150", 0, "boiler-2024-03"),
        ("gbt32150", 11, "boiler-2024-03-from-11"),
        ("ets-steel", 0, "boiler-2024-03-ets-steel-process_in"),
        ("ets-steel", 2, "boiler-2024-03-ets-steel-process_in-from-02"),
    ],
)
def test_the_id_of_a_line_says_from_which_day_another_binding_holds(
    method_id: str, from_day: int, expected: str
) -> None:
    grain = Grain(source_id="boiler", month=Period.month(2024, 3))

    id_ = line_id(grain, method_id=method_id, item_id="process_in", from_day=from_day)

    assert id_ == expected


def test_amounts_add_in_the_units_they_were_written_in() -> None:
    line = builders.line(
        [
            builders.entry("1000.10 kWh", "2023-01-01 2023-01-02"),
            builders.entry("1 MWh", "2023-01-02 2023-01-03"),
            builders.entry("0.90 kWh", "2023-01-03 2023-01-04"),
        ]
    )

    assert line.activities == (
        Amount(value=Decimal(1), unit="MWh"),
        Amount(value=Decimal("1001.00"), unit="kWh"),
    )
    assert line.activity == Fraction("2.001")


def test_a_pound_is_converted_by_its_exact_fraction() -> None:
    line = builders.line([builders.entry("1 lb")], COAL)

    assert line.activity == Fraction(45_359_237, 10**11)


def test_a_sum_may_have_more_digits_than_a_quantity() -> None:
    (amount,) = summed([builders.entry("1e20 MWh"), builders.entry("1e-20 MWh")])

    assert amount.value == Decimal("100000000000000000000.00000000000000000001")


def test_the_zeros_that_were_written_are_kept() -> None:
    assert str(exact_sum([Decimal("1.50"), Decimal("0.5")])) == "2.00"
    assert str(exact_sum([Decimal("1e3"), Decimal(1)])) == "1001"


def test_a_record_that_is_divided_by_days_keeps_its_exact_parts() -> None:
    whole = builders.entry("100 MWh", "2023-01")
    first = whole.part(builders.period("2023-01-01 2023-01-11"))
    rest = whole.part(builders.period("2023-01-11 2023-02-01"))

    (amount,) = summed([first])
    (both,) = summed([first, rest])

    assert (first.share, rest.share) == (Fraction(10, 31), Fraction(21, 31))
    assert amount.value == Fraction(1000, 31)
    assert both.value == 100


def test_a_facility_is_told_where_all_records_name_the_same() -> None:
    one = builders.entry("1 MWh", "2023-01-01 2023-01-02", facility="enterprises/mill/facilities/a")
    again = replace(one, period=builders.period("2023-01-02 2023-01-03"))
    other = replace(again, facility="enterprises/mill/facilities/b")

    assert builders.line([one, again]).facility == "enterprises/mill/facilities/a"
    assert builders.line([one, other]).facility == ""
    assert builders.line([one, replace(again, facility="")]).facility == ""


def test_rounding_comes_once_not_once_a_record() -> None:
    tiny: Figures = {(Role.GRID_AVERAGE, "electricity"): "0.4 tCO2/MWh"}
    days = [f"2023-01-{day:02d} 2023-01-{day + 1:02d}" for day in range(1, 11)]

    line = builders.line([builders.entry("0.000001 MWh", day) for day in days], figures=tiny)

    assert line.booked.co2_g == 4


def test_a_line_whose_records_have_moved_is_empty_and_no_more_than_a_version() -> None:
    line = builders.line()

    empty = emptied(line, revision=9)

    assert (empty.name, empty.version, empty.revision) == (line.name, line.version + 1, 9)
    assert (empty.booked, empty.activity, empty.activities) == (NOTHING, Fraction(0), ())
    assert (empty.record_count, empty.reported_day_count) == (0, 0)
    assert empty.binding == line.binding


def test_the_emission_of_a_line_is_what_it_books() -> None:
    method = builders.method("ghgp")
    line = builders.line([builders.entry("1.5 t")], COAL, by="ghgp")

    formula = formula_of(method, line.binding, method.term_of(COAL, line.binding.item_id))

    again = compute(formula, line.activity, line.binding, method.rounding)
    assert again.booked == line.booked
