"""Golden cases of the allocation of generating units: regression values, not printed evidence.

The plans print formulas and benchmarks and no worked unit. These figures were computed from them by
an independent script (market examples, section C). The peak-regulation factor:
国环规气候〔2024〕1号 附3 表1 for 2023 and 2024, the consultation draft of 2026-07-27 三（一）
表2 for 2025 and 2026. The units C1 and C2: 附2 and 附3, each quota rounded down as the draft's
附2 表2-1 注2 says.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from services.kernel.trust import Status
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
    peak = builders.rulebook(year).peak_factor

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
