"""Allocation: what it refuses, what it says, and the laws it keeps."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kernel.errors import (
    DuplicateRow,
    FieldInvalid,
    Invalid,
    QuantityInvalid,
    UnitDimension,
)
from services.kernel.quantity import Quantity
from services.kernel.trust import Status
from services.trading.domain.allocation import allocate
from services.trading.domain.production import Production
from services.trading.domain.unit_allocation import MOST_ALLOWANCES, check_rated_power
from tests.trading import builders
from tests.trading.builders import production

YEARS = st.sampled_from([2023, 2024, 2025, 2026])
CLASSES = st.sampled_from(["I", "II", "III"])
LOADS = st.decimals(0, 1, places=4)
AMOUNTS = st.decimals(0, 10**8, places=3)


def test_units_of_energy_convert_exactly() -> None:
    as_written = builders.allocation(production(electricity="123456.789 MWh", heat="36000 GJ"))
    otherwise = builders.allocation(production(electricity="12345.6789 万度", heat="10 GWh"))

    assert as_written.allowance_count == otherwise.allowance_count


def test_the_steps_carry_the_figures_and_the_rules() -> None:
    (unit,) = builders.allocation(
        production(electricity="360 GJ", heat="1 MWh", load_factor="0.5")
    ).units

    steps = "\n".join(unit.steps)
    assert "class II" in steps
    assert "Qe = 100 MWh, reported as 360 GJ" in steps
    assert "Qh = 3.6 GJ, reported as 1 MWh" in steps
    assert "F = 0.5: 1.093443, rounded half up at 6 decimals" in steps
    assert "house rule, after" in steps
    assert "国环规气候〔2024〕1号 附2, official" in steps


def test_an_amount_that_does_not_end_is_shown_as_near() -> None:
    (unit,) = builders.allocation(production(electricity="1 GJ")).units

    assert "Qe ≈ 0.277778 MWh, reported as 1 GJ" in unit.steps


def test_unconventional_coal_has_no_peak_factor() -> None:
    (unit,) = builders.allocation(production(unit_class="III", load_factor="0.30")).units

    assert unit.peak_factor_ratio == 1
    assert any("only classes I, II have another" in step for step in unit.steps)


@pytest.mark.parametrize(
    ("year", "status"),
    [
        (2023, Status.OFFICIAL),
        (2024, Status.OFFICIAL),
        (2025, Status.DRAFT),
        (2026, Status.DRAFT),
    ],
)
def test_draft_rules_make_a_draft_allocation(year: int, status: Status) -> None:
    assert builders.allocation(production(load_factor="0.40"), year=year).status is status


def test_what_the_document_says_besides_is_listed_as_omitted() -> None:
    assert any("special fuels" in text for text in builders.allocation().omitted_rules)


REFUSED: dict[str, tuple[Production, type[Invalid], str]] = {
    "a special case where the plan has none": (
        production(special_case=True),
        FieldInvalid,
        "units[0].special_case",
    ),
    "a class of no rulebook": (production(unit_class="V"), FieldInvalid, "units[0].unit_class"),
    "a load factor in percent": (
        production(load_factor="60"),
        FieldInvalid,
        "units[0].load_factor_ratio",
    ),
    "a negative load factor": (
        production(load_factor="-0.1"),
        FieldInvalid,
        "units[0].load_factor_ratio",
    ),
    "less than nothing": (
        production(electricity="-1 MWh"),
        QuantityInvalid,
        "units[0].electricity.value",
    ),
    "heat in tonnes": (production(heat="1 t"), UnitDimension, "units[0].heat.unit_code"),
    "fuel for electricity": (
        production(electricity="1 GJ(NCV)"),
        UnitDimension,
        "units[0].electricity.unit_code",
    ),
    "a slip of the pen": (
        production(electricity="1e13 MWh"),
        FieldInvalid,
        "units[0].electricity",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_is_refused_by_field(case: str) -> None:
    wrong, error, field = REFUSED[case]

    with pytest.raises(error) as caught:
        builders.allocation(wrong)

    assert caught.value.field == field


def test_a_class_of_no_rulebook_is_told_which_there_are() -> None:
    with pytest.raises(FieldInvalid, match=r"I \(.+\) or II \(.+\) or III \(.+\)") as caught:
        builders.allocation(production(unit_class="V"))

    assert "燃气机组" in caught.value.text("zh")


def test_a_unit_twice_is_a_duplicate() -> None:
    with pytest.raises(DuplicateRow) as caught:
        builders.allocation(production(), production("unit-2"), production())

    assert (caught.value.field, caught.value.first) == ("units[2]", "units[0]")


def test_a_unit_of_another_enterprise_is_refused() -> None:
    with pytest.raises(FieldInvalid, match="a generating unit of enterprises/other"):
        allocate(builders.account("other"), builders.rulebook(), [production()])


@pytest.mark.parametrize(
    ("rated", "unit_class", "fits"),
    [
        ("400 MW", "I", True),
        ("399.9 MW", "I", False),
        ("135000 kW", "II", True),
        ("400 MW", "II", False),
        ("1000 MW", "III", True),
        ("50 MW", "III", True),
    ],
)
def test_the_rated_power_must_fit_the_class(rated: str, unit_class: str, *, fits: bool) -> None:
    rated_power = Quantity.parse(*rated.split())

    if fits:
        check_rated_power(builders.rulebook(), unit_class, rated_power)
        return
    with pytest.raises(FieldInvalid, match=rated) as caught:
        check_rated_power(builders.rulebook(), unit_class, rated_power)
    assert caught.value.field == "unit_class"
    assert "额定功率" in caught.value.text("zh")


@given(YEARS, CLASSES, LOADS, st.tuples(AMOUNTS, AMOUNTS), st.decimals(0, 10**6, places=3))
def test_more_output_never_gets_less(
    year: int, unit_class: str, load: Decimal, output: tuple[Decimal, Decimal], more: Decimal
) -> None:
    def count(power: Decimal, heat: Decimal) -> int:
        unit = production(
            unit_class=unit_class,
            electricity=f"{power} MWh",
            heat=f"{heat} GJ",
            load_factor=str(load),
        )
        return builders.allocation(unit, year=year).allowance_count

    power, heat = output
    least = count(power, heat)
    assert 0 <= least <= min(count(power + more, heat), count(power, heat + more))
    assert least <= MOST_ALLOWANCES


@given(YEARS, CLASSES, LOADS, AMOUNTS, AMOUNTS)
def test_rounding_down_takes_less_than_a_tonne_from_each_quota(
    year: int, unit_class: str, load: Decimal, power: Decimal, heat: Decimal
) -> None:
    (unit,) = builders.allocation(
        production(
            unit_class=unit_class,
            electricity=f"{power} MWh",
            heat=f"{heat} GJ",
            load_factor=str(load),
        ),
        year=year,
    ).units
    exact_power = (
        Fraction(power)
        * Fraction(unit.power_benchmark_t_per_mwh)
        * Fraction(unit.peak_factor_ratio)
    )
    exact_heat = Fraction(heat) * Fraction(unit.heat_benchmark_t_per_gj)

    assert 0 <= exact_power - unit.power_allowance_count < 1
    assert 0 <= exact_heat - unit.heat_allowance_count < 1
    assert unit.allowance_count == unit.power_allowance_count + unit.heat_allowance_count


@given(st.lists(st.tuples(AMOUNTS, AMOUNTS, LOADS), min_size=1, max_size=4))
def test_an_account_gets_the_sum_of_its_units(
    units: list[tuple[Decimal, Decimal, Decimal]],
) -> None:
    productions = [
        production(
            f"unit-{index}", electricity=f"{power} MWh", heat=f"{heat} GJ", load_factor=str(load)
        )
        for index, (power, heat, load) in enumerate(units)
    ]

    together = builders.allocation(*productions).allowance_count
    apart = sum(builders.allocation(each).allowance_count for each in productions)
    assert together == apart


@given(YEARS, LOADS)
def test_the_peak_factor_is_a_bonus_and_jumps_at_its_threshold(year: int, load: Decimal) -> None:
    peak = builders.peak(year)
    threshold = peak.threshold / peak.full_load

    factor = peak.of("I", load)
    assert (factor > 1) == (load < threshold)
    assert factor == 1 or factor > Decimal("1.04")
