"""The grain of the books."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from services.accounting.domain.activity import Kind
from services.accounting.domain.line import Amount, exact_sum, summed
from services.accounting.domain.method import Role
from services.kernel.period import Period
from tests.accounting import builders


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
    coal = builders.source(Kind.FUEL_COMBUSTION)

    line = builders.line([builders.entry("1 lb")], coal)

    assert line.activity == Fraction(45_359_237, 10**11)


def test_a_sum_may_have_more_digits_than_a_quantity() -> None:
    parts = [builders.quantity("1e20 MWh"), builders.quantity("1e-20 MWh")]

    (amount,) = summed(parts)

    assert amount.value == Decimal("100000000000000000000.00000000000000000001")


def test_the_zeros_that_were_written_are_kept() -> None:
    assert str(exact_sum([Decimal("1.50"), Decimal("0.5")])) == "2.00"
    assert str(exact_sum([Decimal("1e3"), Decimal(1)])) == "1001"


def test_rounding_comes_once_not_once_a_record() -> None:
    tiny = {Role.GRID_AVERAGE: "0.4 tCO2/MWh"}
    days = [f"2023-01-{day:02d} 2023-01-{day + 1:02d}" for day in range(1, 11)]

    line = builders.line([builders.entry("0.000001 MWh", day) for day in days], factors=tiny)

    assert line.booked.co2_g == 4
