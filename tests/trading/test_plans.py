"""Every branch of the plans' rules beyond benchmarks, each figure worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.kernel.errors import FieldInvalid, FieldRequired, QuantityInvalid
from services.kernel.quantity import Quantity
from services.kernel.source import Source
from services.kernel.trust import Status
from services.trading.domain import duty
from services.trading.domain.allocation import Allocation, allocate_processes, derived_anew
from services.trading.domain.approval import gap_percent
from services.trading.domain.correction import Cooling
from services.trading.domain.duty import DutyRecord, State
from services.trading.domain.intensity import BalanceValue
from services.trading.domain.market import Sector
from services.trading.domain.production import Previous, Process, Production
from tests.trading import builders
from tests.trading.builders import production


def quantity(text: str) -> Quantity:
    return Quantity.parse(*text.split(maxsplit=1))


def tonnes(count: float | str) -> Quantity:
    return quantity(f"{count} tCO2")


def output_of_2018(
    electricity: str = "1000000 MWh", heat: str = "0 GJ", load: str = "0.85", ratio: str = "0"
) -> Previous:
    return Previous(
        electricity=quantity(electricity),
        heat=quantity(heat),
        load_factor_ratio=Decimal(load) if load else None,
        heat_ratio=Decimal(ratio) if ratio else None,
    )


# 70 % of what 2018's output would get, rounded down.
BY_OUTPUT: dict[str, tuple[dict[str, Any], Previous, int]] = {
    # 0.7 × 1,000,000 × 0.979
    "condensing, water-cooled, at full load": ({}, output_of_2018(), 685_300),
    # Fl 1.05, Ff at 0.80 = 1.007: 0.7 × 979,000 × 1.05 × 1.007 = 724,601.955
    "condensing, air-cooled, at 80 %": (
        {"cooling": Cooling.AIR},
        output_of_2018(load="0.80"),
        724_601,
    ),
    # Fr = 1 − 0.22 × 0.25 = 0.945, Ff 1 whatever the load: 0.7 × (979,000 × 0.945 + 126,000)
    "cogeneration, without load": (
        {"cogeneration": True, "heat_ratio": Decimal("0.25")},
        output_of_2018(heat="1000000 GJ", load="", ratio="0.25"),
        735_808,
    ),
    # Class III has its own benchmark: 0.7 × 1,146,000
    "unconventional coal": ({"unit_class": "III"}, output_of_2018(), 802_200),
    # Gas has neither Fl nor Ff, and heat at 0.059: 0.7 × (392,000 + 59,000)
    "gas": (
        {"unit_class": "IV", "cooling": None},
        output_of_2018(heat="1000000 GJ"),
        315_700,
    ),
    # 0.7 × (979,000 + 0.126 × 3.9) = 685,300.34398
    "rounded down": ({}, output_of_2018(heat="3.9 GJ"), 685_300),
}


@pytest.mark.parametrize("year", [2019, 2020])
@pytest.mark.parametrize("case", BY_OUTPUT)
def test_the_first_cycle_was_pre_allocated_from_the_output_of_2018(case: str, year: int) -> None:
    unit, previous, expected = BY_OUTPUT[case]
    found = builders.allocation(
        production(**{"cooling": Cooling.WATER, **unit}, previous=previous), year=year
    )

    assert found.pre_allocated_count == expected


@pytest.mark.parametrize(
    ("previous", "field"),
    [
        (Previous(electricity=quantity("1 MWh"), load_factor_ratio=Decimal(1)), "heat"),
        (output_of_2018(load=""), "load_factor_ratio"),
        (output_of_2018(ratio=""), "heat_ratio"),
    ],
    ids=["without heat", "condensing without load", "cogeneration without ratio of heat"],
)
def test_output_that_is_given_in_part_pre_allocates_nothing(previous: Previous, field: str) -> None:
    cogeneration = field == "heat_ratio"
    unit = production(
        cooling=Cooling.WATER,
        cogeneration=cogeneration,
        heat_ratio=Decimal("0.2") if cogeneration else None,
        previous=previous,
    )
    with pytest.raises(FieldRequired) as caught:
        builders.allocation(unit, year=2019)

    assert caught.value.field == f"units[0].previous.{field}"


def test_without_output_or_verified_emissions_no_pre_allocation_is_known() -> None:
    for year in (2019, 2024):
        unit = production(cooling=Cooling.WATER)
        assert builders.allocation(unit, year=year).pre_allocated_count is None
    known = production(cooling=Cooling.WATER, previous=output_of_2018())
    both = builders.allocation(known, production("unit-2", cooling=Cooling.WATER), year=2019)
    assert both.pre_allocated_count is None, "of one unit it is known, of both it is not"


def heat_unit(year: int, initial_t: int, verified_t: float | str, **others: Any) -> Production:
    """A coal unit of class II that gets so much, for heat alone."""
    benchmark = {2021: "0.1111", 2022: "0.1105", 2024: "0.1033", 2025: "0.1027"}[year]
    amount = (Decimal(initial_t) / Decimal(benchmark)).quantize(Decimal("0.01")) + Decimal("0.01")
    return production(
        electricity="0 MWh",
        heat=f"{amount} GJ",
        cooling=Cooling.WATER,
        verified=tonnes(verified_t),
        **others,
    )


@pytest.mark.parametrize("year", [2021, 2022])
@pytest.mark.parametrize(
    ("initial_t", "borrowable"),
    [
        # The gap is 10 % of what is owed, to the tonne: half of it.
        (900_000, 50_000),
        # One tonne less lacks: nothing.
        (900_001, 0),
        # Rounded down: 100,001 lack.
        (899_999, 50_000),
        # The cap tops up to 800,000, and half of what then lacks may be borrowed.
        (700_000, 100_000),
        # Nothing lacks.
        (1_000_000, 0),
        (1_000_001, 0),
    ],
)
def test_who_lacks_a_tenth_may_borrow_half_of_it(
    year: int, initial_t: int, borrowable: int
) -> None:
    found = builders.allocation(heat_unit(year, initial_t, 1_000_000), year=year)

    assert found.initial_count == initial_t
    assert found.approval.borrowable_count == borrowable


def test_no_other_year_lets_anybody_borrow() -> None:
    found = builders.allocation(heat_unit(2024, 700_000, 1_000_000), year=2024)

    assert found.approval.borrowable_count is None


@pytest.mark.parametrize(
    ("verified_t", "approved"),
    [
        # Below the threshold as much as was emitted, rounded down, whatever the units get.
        ("25999.99", 25_999),
        # At it the ordinary rules: 10,000 t are topped up to 80 %.
        ("26000", 20_800),
        ("26000.01", 20_800),
    ],
)
def test_a_small_emitter_of_the_draft_is_approved_what_it_emitted(
    verified_t: str, approved: int
) -> None:
    found = builders.allocation(heat_unit(2025, 10_000, verified_t), year=2025)

    assert found.approved_count == approved
    # A year whose plan has no such rule tops up to 80 % there too: 20,799.992, 0.992 rounded down.
    before = builders.allocation(heat_unit(2024, 10_000, "25999.99"), year=2024)
    assert before.approved_count == 20_799


def test_the_smallness_of_an_emitter_is_that_of_all_its_units_together() -> None:
    half = heat_unit(2025, 5_000, "13000")
    other = heat_unit(2025, 5_000, "12999.99", unit="unit-2")
    whole = heat_unit(2025, 5_000, "13000", unit="unit-2")

    assert builders.allocation(half, other, year=2025).approved_count == 25_999
    assert builders.allocation(half, whole, year=2025).approved_count == 20_800


@pytest.mark.parametrize(
    ("classes", "by", "benchmark"),
    [
        (("I", "II"), "I", "0.7910"),
        (("II", "I"), "I", "0.7910"),
        (("III", "II"), "II", "0.8049"),
        (("III", "I", "II"), "I", "0.7910"),
        # Gas has the lowest benchmark of all.
        (("III", "IV"), "IV", "0.3288"),
        (("II", "II"), "II", "0.8049"),
    ],
)
def test_units_that_report_together_take_the_least_favourable_class(
    classes: tuple[str, ...], by: str, benchmark: str
) -> None:
    first, *merged = classes
    (unit,) = builders.allocation(
        production(unit_class=first, merged_classes=tuple(merged), heat="0 GJ")
    ).units

    assert (unit.unit_class, unit.power_benchmark_t_per_mwh) == (by, Decimal(benchmark))
    assert unit.power_allowance_count == int(Decimal(benchmark) * 100_000)
    assert f"least favourable of {', '.join(classes)}" in "\n".join(unit.steps)


def test_a_merged_class_that_is_none_is_refused_at_its_place() -> None:
    with pytest.raises(FieldInvalid) as caught:
        builders.allocation(production(merged_classes=("I", "V")))

    assert caught.value.field == "units[0].merged_classes[1]"


def test_a_special_case_of_the_draft_is_allocated_what_it_emitted() -> None:
    special = heat_unit(2025, 90_000, "40000.9", special_case=True)
    alone = builders.allocation(special, year=2025)
    # Beside another unit: 40,000 and 70,000 are 110,000, above 80 % of 120,000.9.
    both = builders.allocation(special, heat_unit(2025, 70_000, 80_000, unit="unit-2"), year=2025)

    assert (alone.initial_count, alone.approved_count) == (90_000, 40_000)
    assert both.approved_count == 110_000
    assert "special case: E = 40000.9 t, approved 40000 t" in "\n".join(alone.approval.steps)
    unverified = production(unit_class="II", special_case=True)
    assert builders.allocation(unverified, year=2025).approved_count is None


def test_a_plan_without_special_cases_refuses_them() -> None:
    with pytest.raises(FieldInvalid) as caught:
        builders.allocation(production(special_case=True), year=2024)

    assert caught.value.field == "units[0].special_case"


def steel(
    year: int, verified_t: str, balance: BalanceValue | None = None, **others: Any
) -> Allocation:
    process = Process(
        facility="enterprises/steel/facilities/bf-1",
        verified=tonnes(verified_t),
        evidence="verification report",
        **{"intensity_emissions": None, "product": None, **others},
    )
    account = builders.account("steel", sector=Sector.STEEL, first_compliance_year=2024)
    return allocate_processes(account, builders.rulebook(year, Sector.STEEL), [process], balance)


def test_industry_without_its_balance_value_is_incomplete_but_for_special_cases() -> None:
    lacking = steel(2026, "100000", product=quantity("50000 t"))
    special = steel(2026, "100000.9", special_case=True)

    assert (lacking.known, lacking.approved_count) == (False, None)
    assert lacking.missing is not None
    assert "balance value (BP)" in lacking.missing.en
    assert (special.initial_count, special.approved_count) == (100_000, 100_000)
    assert steel(2024, "100000.9").initial_count == 100_000, "A = E"


@pytest.mark.parametrize("duty_id", ["surrender-2024", "surrender-2025", "report-2025"])
def test_a_duty_is_late_from_the_second_after_its_last_one_in_shanghai(duty_id: str) -> None:
    found = next(each for each in builders.compliance().calendar if each.duty == duty_id)
    last = datetime(
        found.due_date.year, found.due_date.month, found.due_date.day, 15, 59, 59, tzinfo=UTC
    )
    second, almost = timedelta(seconds=1), timedelta(microseconds=999_999)

    def state(now: datetime, done: datetime | None = None) -> tuple[State, int]:
        record = None if done is None else DutyRecord(duty=duty_id, done_time=done, evidence="x")
        standing = duty.standing(found, now, record, {})
        return standing.state, standing.days_left

    assert found.deadline == last
    assert state(last - second) == (State.OPEN, 0)
    assert state(last) == (State.OPEN, 0)
    # The last second has parts.
    assert state(last + almost) == (State.OPEN, 0)
    assert state(last + second) == (State.LATE, -1)
    later = last + timedelta(days=9)
    assert state(later, last)[0] is State.DONE
    assert state(later, last + almost)[0] is State.DONE
    assert state(later, last + second)[0] is State.DONE_LATE


BALANCE = BalanceValue(
    value_t_per_t=Decimal("2.00"), source=Source(title="made up", status=Status.UNVERIFIED)
)


@pytest.mark.parametrize(
    ("balance", "others", "field"),
    [
        (BALANCE, {}, "processes[0].product"),
        (replace(BALANCE, value_t_per_t=Decimal(0)), {}, "balance_value.value"),
        (BALANCE, {"product": quantity("0 t")}, "processes[0].product.value"),
        (
            BALANCE,
            {"product": quantity("5 t"), "intensity_emissions": quantity("5 MWh")},
            "processes[0].intensity_emissions",
        ),
    ],
    ids=["without a product", "no balance", "nothing produced", "emissions of another kind"],
)
def test_an_intensity_that_cannot_be_told_is_refused_at_its_field(
    balance: BalanceValue, others: dict[str, Any], field: str
) -> None:
    with pytest.raises((FieldRequired, FieldInvalid, QuantityInvalid)) as caught:
        steel(2026, "100000", balance=balance, **others)

    assert caught.value.field == field


def test_industry_is_pre_allocated_before_its_emissions_are_verified() -> None:
    process = Process(
        facility="enterprises/steel",
        verified=None,
        intensity_emissions=None,
        product=None,
        previous=Previous(verified=tonnes("100000.9")),
        evidence="verification report of the year before",
    )
    found = allocate_processes(
        builders.account("steel", sector=Sector.STEEL, first_compliance_year=2024),
        builders.rulebook(2025, Sector.STEEL),
        [process],
        BALANCE,
    )

    # 70 % of 100,000.9, rounded down.
    assert (found.pre_allocated_count, found.known) == (70_000, False)
    assert "70000 t" in "\n".join(found.processes[0].steps)


def test_another_version_derives_industry_anew_from_the_same_production() -> None:
    before = steel(2026, "100000", product=quantity("50000 t"), balance=BALANCE)
    rulebook = builders.rulebook(2026, Sector.STEEL)
    assert rulebook.plan.intensity is not None
    wider = replace(rulebook.plan.intensity, slope=Decimal("0.30"))
    newer = replace(rulebook, version=2, plan=replace(rulebook.plan, intensity=wider))
    account = builders.account("steel", sector=Sector.STEEL, first_compliance_year=2024)

    found = derived_anew(account, newer, before)

    assert derived_anew(account, rulebook, before) == before
    assert found.rulebook_version == 2
    assert [each.process for each in found.processes] == [each.process for each in before.processes]


def test_nothing_that_is_owed_has_no_share_that_lacks() -> None:
    assert gap_percent(0, 5) is None
    assert gap_percent(200, 199) == Decimal("0.50")
    assert gap_percent(200, 201) == Decimal("-0.50")
