"""Golden cases of allocation; A are printed in the draft, the others are regression values.

The plans print formulas and benchmarks and no worked unit. These figures were computed from them by
an independent script (market examples, section C). The peak-regulation factor:
国环规气候〔2024〕1号 附3 表1 for 2023 and 2024, the consultation draft of 2026-07-27 三（一）
表2 for 2025 and 2026. The units C1 and C2: 附2 and 附3, each quota rounded down as the draft's
附2 表2-1 注2 says.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from services.kernel.mass import Rounding, round_fraction
from services.kernel.quantity import Quantity
from services.kernel.source import Source
from services.kernel.trust import Status
from services.trading.domain.allocation import allocate_processes
from services.trading.domain.correction import Cooling
from services.trading.domain.differentiated import differentiated
from services.trading.domain.intensity import BalanceValue
from services.trading.domain.issue import issued
from services.trading.domain.market import Sector
from services.trading.domain.production import Previous, Process, Production
from tests.trading import builders

FINAL = """
    0.40 1.126493 | 0.45 1.109845 | 0.50 1.093443 | 0.55 1.077284
    0.60 1.061364 | 0.64 1.048797 | 0.65 1        | 0.80 1
"""
DRAFT = """
    0.20 1.608868 | 0.30 1.281146 | 0.40 1.160254 | 0.45 1.126059
    0.4999 1.100321 | 0.50 1 | 0.60 1
"""


def printed(table: str, *years: int) -> list[tuple[int, str, str]]:
    rows = [row.split() for line in table.strip().splitlines() for row in line.split("|")]
    return [(year, ratio, factor) for year in years for ratio, factor in rows]


@pytest.mark.parametrize(
    ("year", "load_factor", "factor"), [*printed(FINAL, 2023, 2024), *printed(DRAFT, 2025, 2026)]
)
def test_the_peak_factor_is_the_printed_one(year: int, load_factor: str, factor: str) -> None:
    peak = builders.peak(year)

    assert str(peak.of("I", Decimal(load_factor))) == factor


def test_c1_a_unit_that_runs_low_for_the_grid() -> None:
    allocation = builders.allocation(
        builders.production(
            unit_class="I", electricity="2000000 MWh", heat="1000000 GJ", load_factor="0.60"
        ),
        year=2024,
    )
    (unit,) = allocation.units

    assert unit.power_benchmark_t_per_mwh == Decimal("0.7910")
    assert unit.heat_benchmark_t_per_gj == Decimal("0.1033")
    assert unit.peak_factor_ratio == Decimal("1.061364")
    assert "= 1679077.848 t, rounded down: 1679077 t" in "\n".join(unit.steps)
    assert (unit.power_allowance_count, unit.heat_allowance_count) == (1_679_077, 103_300)
    assert allocation.allowance_count == 1_782_377
    assert allocation.status is Status.OFFICIAL


def test_c2_the_same_unit_at_a_higher_load() -> None:
    allocation = builders.allocation(
        builders.production(
            unit_class="I", electricity="2000000 MWh", heat="1000000 GJ", load_factor="0.70"
        ),
        year=2024,
    )
    (unit,) = allocation.units

    assert unit.peak_factor_ratio == 1
    assert (unit.power_allowance_count, unit.heat_allowance_count) == (1_582_000, 103_300)
    assert allocation.allowance_count == 1_685_300


CORRECTION = """
    0.90   1           | 0.85   1           | 0.8499 1.000014    | 0.82   1.0042
    0.80   1.007       | 0.78   1.0102      | 0.75   1.015       | 0.7499 1.015030224
    0.72   1.024107785 | 0.60   1.061363551 | 0.50   1.093443264 | 0.70   1.030225
"""


@pytest.mark.parametrize(
    ("year", "load_factor", "factor"), printed(CORRECTION, 2019, 2020, 2021, 2022)
)
def test_g7_the_correction_of_the_load_factor_until_2022(
    year: int, load_factor: str, factor: str
) -> None:
    found = builders.peak(year).of("II", Decimal(load_factor))

    assert round_fraction(Fraction(found), 9, Rounding.HALF_UP) == Decimal(factor)


@pytest.mark.parametrize("joint", ["0.75", "0.80", "0.85"])
def test_g7_the_correction_is_continuous_at_its_joints(joint: str) -> None:
    below, at = (
        builders.peak(2021).of("I", Decimal(joint) - Decimal(step)) for step in ("0.0000001", "0")
    )

    assert 0 < below - at < Decimal("0.000001")


CHP: dict[str, Any] = {
    "electricity": "1500000 MWh",
    "heat": "4000000 GJ",
    "load_factor": "0.60",
    "cooling": Cooling.AIR,
    "cogeneration": True,
    "heat_ratio": Decimal("0.25"),
}


@pytest.mark.parametrize(
    ("year", "exact", "power", "heat", "status"),
    [
        (2019, "1457119.125", 1_457_119, 504_000, Status.OFFICIAL),
        (2020, "1457119.125", 1_457_119, 504_000, Status.OFFICIAL),
        (2021, "1385876.9288705202", 1_385_876, 444_400, Status.SECONDARY),
    ],
)
def test_g8_an_air_cooled_cogeneration_unit(
    year: int, exact: str, power: int, heat: int, status: Status
) -> None:
    """From 2021 on the load factor corrects cogeneration too: 80,125.54 t."""
    allocation = builders.allocation(builders.production(**CHP), year=year)
    (unit,) = allocation.units

    assert unit.cooling_factor_ratio == Decimal("1.05")
    assert unit.heat_factor_ratio == Decimal("0.945")
    assert f"= {exact}" in "\n".join(unit.steps)
    assert (unit.power_allowance_count, unit.heat_allowance_count) == (power, heat)
    assert allocation.status is status


def test_a1_a_pre_allocation_is_rounded_down() -> None:
    """Draft, 附1 表1-1 注2: 1789.70 t make 1789 t; half of 3579.40 t of the year before."""
    unit = builders.production(previous=Previous(verified=Quantity.parse("3579.40", "tCO2")))
    allocation = builders.allocation(unit, year=2025)

    assert allocation.pre_allocated_count == 1789
    assert "at most 1789 t" in "\n".join(allocation.units[0].steps)
    assert allocation.status is Status.DRAFT


def test_a2_what_was_deducted_beyond_the_allocation_is_refunded() -> None:
    """Draft, 附2 表2-5 注8."""
    found = issued(pre_allocated_count=50_000, approved_count=30_000, open_count=70_000)

    assert (found.pre_deducted_count, found.pre_issued_count) == (50_000, 0)
    assert (found.refunded_count, found.final_issued_count) == (20_000, 0)
    assert (found.total_issued_count, found.open_count) == (0, 40_000)


@pytest.mark.parametrize(
    ("case", "issued_count", "released", "lacking"),
    [("A3", 1_200_000, 200_000, 0), ("A4", 800_000, 0, 200_000)],
)
def test_a3_a4_the_province_surrenders_first(
    case: str, issued_count: int, released: int, lacking: int
) -> None:
    """Draft, 附2 表2-5 注9: companies A and B, with an obligation of 1,000,000 t."""
    found = differentiated(issued_count=issued_count, obligation_count=1_000_000)

    assert (found.released_count, found.lacking_count) == (released, lacking), case
    assert found.surrendered_count == 1_000_000 - lacking


def test_a5_the_roundings_of_the_draft() -> None:
    """Draft, 附2 表2-1 注2 and 表2-5 注3: Ff at six decimals, quotas down, gap rates at two."""
    unit = builders.production(
        electricity="1000.9 MWh", heat="10.9 GJ", load_factor="0.40", verified=tonnes("1234567.89")
    )
    allocation = builders.allocation(unit, year=2025)
    (of_unit,) = allocation.units

    assert str(of_unit.peak_factor_ratio) == "1.160254"
    assert (of_unit.power_allowance_count, of_unit.heat_allowance_count) == (931, 1)
    assert allocation.approved_count == 987_654, "932 and 986,722 topped up, of 987,654.312"
    assert allocation.approval.initial_gap_percent == Decimal("99.92")
    assert allocation.approval.approved_gap_percent == Decimal("20.00")
    assert allocation.status is Status.DRAFT


def tonnes(text: str) -> Quantity:
    return Quantity.parse(text, "tCO2")


def test_b1_the_cap_tops_up_to_four_fifths() -> None:
    """Gap 30 %, threshold 800,000, top-up 100,000, approved 800,000, final gap 20 %."""
    allocation = builders.allocation(
        unit_of_heat("700000", "0.1033", verified="1000000"), year=2024
    )

    assert allocation.initial_count == 700_000
    assert allocation.approval.initial_gap_percent == Decimal("30.00")
    assert allocation.approved_count == 800_000
    assert "topped up by 100000 t" in "\n".join(allocation.approval.steps)
    assert allocation.approval.approved_gap_percent == Decimal("20.00")
    assert allocation.approval.obligation_count == 1_000_000


def unit_of_heat(wanted_t: str, benchmark: str, **others: str) -> Production:
    """A unit that supplies as much heat as makes an allocation, and no electricity."""
    heat_gj = Fraction(wanted_t) / Fraction(benchmark)
    # Up at two decimals, so that rounding down the quota gives the allocation.
    amount = round_fraction(heat_gj, 2, Rounding.CEILING)
    return builders.production(
        unit_class=others.get("unit_class", "I"),
        electricity="0 MWh",
        heat=f"{amount} GJ",
        cooling=Cooling.WATER,
        verified=tonnes(others["verified"]),
    )


@pytest.mark.parametrize(
    ("initial", "owed_first_cycle", "approved_since_2021"),
    [
        (700_000, 900_000, 800_000),
        (800_000, 1_000_000, 800_000),
        (950_000, 1_000_000, 950_000),
    ],
)
def test_g10_both_designs_of_the_cap_leave_the_same_to_buy(
    initial: int, owed_first_cycle: int, approved_since_2021: int
) -> None:
    first = builders.allocation(unit_of_heat(str(initial), "0.126", verified="1000000"), year=2019)
    later = builders.allocation(unit_of_heat(str(initial), "0.1111", verified="1000000"), year=2021)

    assert (first.approved_count, first.approval.obligation_count) == (initial, owed_first_cycle)
    assert later.approved_count == approved_since_2021
    assert later.approval.obligation_count == 1_000_000
    to_buy = owed_first_cycle - initial
    assert to_buy == 1_000_000 - approved_since_2021


@pytest.mark.parametrize(
    ("verified", "owed"), [("520000", 500_000), ("480000", 480_000), ("500000", 500_000)]
)
def test_g11_a_gas_unit_of_the_first_cycle_owes_no_more_than_it_was_given(
    verified: str, owed: int
) -> None:
    allocation = builders.allocation(
        unit_of_heat("500000", "0.059", verified=verified, unit_class="IV"), year=2020
    )

    assert allocation.approved_count == 500_000
    assert allocation.approval.obligation_count == owed


@pytest.mark.parametrize(("verified", "approved"), [("210000", 210_000), ("200000", 207_040)])
def test_c5_a_gas_unit_is_topped_up_to_what_it_emitted(verified: str, approved: int) -> None:
    allocation = builders.allocation(
        builders.production(
            unit_class="IV",
            electricity="500000 MWh",
            heat="800000 GJ",
            verified=tonnes(verified),
        ),
        year=2024,
    )
    (unit,) = allocation.units

    assert (unit.power_allowance_count, unit.heat_allowance_count) == (164_400, 42_640)
    assert allocation.initial_count == 207_040
    assert allocation.approved_count == unit.approved_count == approved
    assert allocation.status is Status.OFFICIAL


@pytest.mark.parametrize(
    ("intensity", "approved"),
    [("0.90", 1_015_000), ("0.75", 1_030_000), ("1.30", 970_000), ("0.80", 1_030_000)],
)
@pytest.mark.parametrize(("year", "status"), [(2025, Status.SECONDARY), (2026, Status.DRAFT)])
def test_c9_industry_by_its_intensity(
    intensity: str, approved: int, year: int, status: Status
) -> None:
    """X = 10 % / 25 % / −30 % / 20 % with BP = 1: α = 0.015 / 0.03 / −0.03 / 0.03."""
    balance = BalanceValue(
        value_t_per_t=Decimal(1), source=Source(title="platform", status=Status.OFFICIAL)
    )
    process = Process(
        facility="enterprises/steel",
        verified=tonnes("1000000"),
        intensity_emissions=Quantity.parse(intensity, "10^4 tCO2"),
        product=Quantity.parse("10000", "t"),
        evidence="verification report",
    )
    account = builders.account("steel", sector=Sector.STEEL)
    found = allocate_processes(account, builders.rulebook(year, Sector.STEEL), [process], balance)

    assert found.initial_count == found.approved_count == approved
    assert found.status is status
