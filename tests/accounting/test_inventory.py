"""A year added up."""

from __future__ import annotations

from fractions import Fraction

import pytest

from services.accounting.domain.activity import Kind
from services.accounting.domain.inventory import ActivityTotal, FindingKind, State
from services.kernel.errors import FieldInvalid
from services.kernel.trust import Status
from tests.accounting import builders

SOLD = builders.source(Kind.HEAT_EXPORTED, "steam-out", partner="neighbour")
COAL = builders.source(Kind.FUEL_COMBUSTION, "boiler-1")


def test_bought_adds_and_sold_is_deducted() -> None:
    inventory = builders.inventory(
        [
            *builders.year_of_lines(COAL, "10 t"),
            *builders.year_of_lines(text="100 MWh"),
            *builders.year_of_lines(SOLD, "1000 GJ"),
        ]
    )

    assert inventory.co2_g_by_kind[Kind.FUEL_COMBUSTION] == 12 * 20_715_093
    assert inventory.co2_g_by_kind[Kind.ELECTRICITY_PURCHASED] == 12 * 64_510_000
    assert inventory.co2_g_by_kind[Kind.HEAT_EXPORTED] == 12 * 110_000_000
    assert inventory.indirect.co2_g == 12 * (64_510_000 - 110_000_000)
    assert inventory.total.co2_g == 12 * (20_715_093 + 64_510_000 - 110_000_000)


def test_a_year_of_every_source_every_day_is_complete() -> None:
    inventory = builders.inventory(builders.year_of_lines())

    assert inventory.state is State.COMPLETE
    assert inventory.coverage.ratio == 1.0
    assert inventory.status is Status.SECONDARY
    assert inventory.registry_revision == 3


def test_a_missing_month_is_found_by_source_and_month() -> None:
    lines = [*builders.year_of_lines(), *builders.year_of_lines(COAL, "10 t")[:11]]

    inventory = builders.inventory(lines)

    assert inventory.state is State.INCOMPLETE
    (finding,) = inventory.findings
    assert (finding.kind, finding.subject) == (FindingKind.DAYS_MISSING, "boiler-1")
    assert "31 days without a report, in 2023-12" in finding.text.en
    assert "有 31 天未填报，涉及 2023-12" in finding.text.zh
    assert inventory.coverage.ratio == (365 + 334) / 730


def test_a_leap_year_has_366_days() -> None:
    lines = [
        builders.line([builders.entry("1 MWh", f"2024-{month:02d}")]) for month in range(1, 13)
    ]

    assert builders.inventory(lines).coverage.source_day_count == 366


def test_a_steel_works_lacks_its_process_emissions_however_well_it_reports() -> None:
    steel = builders.enterprise("steel", industry="3120")

    inventory = builders.inventory(builders.year_of_lines(), steel)

    assert inventory.state is State.INCOMPLETE
    assert [(each.kind, each.subject) for each in inventory.findings] == [
        (FindingKind.PROCESS_EMISSIONS_MISSING, "enterprises/steel")
    ]


def test_activity_is_shown_by_kind_and_subject_in_the_unit_of_its_factor() -> None:
    lines = [
        builders.line([builders.entry("500 kWh", "2023-01")]),
        builders.line([builders.entry("2 MWh", "2023-02")]),
        builders.line([builders.entry("1 t", "2023-01")], COAL),
    ]

    assert builders.inventory(lines).activity_totals == (
        ActivityTotal(
            kind=Kind.FUEL_COMBUSTION, subject="bituminous-coal", value=Fraction(1), unit="t"
        ),
        ActivityTotal(
            kind=Kind.ELECTRICITY_PURCHASED,
            subject="electricity",
            value=Fraction("2.5"),
            unit="MWh",
        ),
    )


def test_a_year_beyond_all_bounds_is_refused() -> None:
    with pytest.raises(FieldInvalid, match=r"10\^15 g"):
        builders.inventory(builders.year_of_lines(text="1e9 MWh"))
