"""Readings of meters without a valid calibration."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accounting import files
from services.accounting.domain.metering.calibration import (
    Calibration,
    Case,
    Correction,
    DataKind,
    Reading,
    correct,
)
from services.accounting.domain.metering.figure import FindingKind
from services.kernel.errors import DomainError, FieldInvalid, QuantityInvalid, UnitDimension
from services.kernel.quantity import Quantity
from services.kernel.trust import Status
from tests.accounting.builders import period
from tests.accounting.metering import calibration, reading

RULES = files.calibration_rules()
YEAR = "2026-01-01 2027-01-01"

amounts = st.decimals("0", "1000000", places=2)
percents = st.decimals("0", "10", places=2)
days = st.integers(1, 364)


def corrected(
    of: Reading, *calibrations: Calibration, kind: DataKind = DataKind.ACTIVITY
) -> Correction:
    return correct(of, calibrations, RULES[kind])


def kinds(found: Correction) -> set[FindingKind]:
    return {finding.kind for finding in found.findings}


@pytest.mark.parametrize(
    ("kind", "never", "worse"),
    [(DataKind.ACTIVITY, 100_500, 100_300), (DataKind.PRODUCTION, 99_500, 99_700)],
)
def test_activity_is_corrected_upwards_and_production_downwards(
    kind: DataKind, never: int, worse: int
) -> None:
    assert corrected(reading(), kind=kind).value == never
    assert corrected(reading(), calibration("0.8 %"), kind=kind).value == worse


@pytest.mark.parametrize("found", ["0 %", "0.3 %", "0.5 %", "0.005 1"])
def test_a_meter_as_accurate_as_allowed_is_believed(found: str) -> None:
    done = corrected(reading(), calibration(found))

    assert done.value == 100_000
    assert done.factor == 1
    assert [part.case for part in done.parts] == [Case.CONFORMING]
    assert done.findings == ()


def test_a_late_calibration_leaves_its_days_uncovered_and_they_alone_are_corrected() -> None:
    done = corrected(reading("365 t"), calibration("0.4 %", "2026-04-11 2027-04-11"))

    assert [(part.case, part.day_count) for part in done.parts] == [
        (Case.CONFORMING, 265),
        (Case.UNCALIBRATED, 100),
    ]
    assert [part.value for part in done.parts] == [265, Fraction("100.5")]
    assert done.value == Fraction("365.5")
    assert kinds(done) == {FindingKind.APPORTIONED_BY_DAYS}


def test_a_late_calibration_that_finds_too_much_corrects_both_parts() -> None:
    done = corrected(reading("365 t"), calibration("0.8 %", "2026-04-11 2027-01-01"))

    assert [part.factor for part in done.parts] == [Fraction("1.003"), Fraction("1.005")]
    assert done.value == 265 * Fraction("1.003") + 100 * Fraction("1.005")


def test_each_calibration_of_a_year_counts_for_its_own_days() -> None:
    done = corrected(
        reading("365 t"),
        calibration("0.8 %", "2025-06-01 2026-02-01"),
        calibration("0.5 %", "2026-03-01 2027-03-01"),
    )

    assert [(part.case, part.day_count) for part in done.parts] == [
        (Case.WORSE_THAN_ALLOWED, 31),
        (Case.CONFORMING, 306),
        (Case.UNCALIBRATED, 28),
    ]


def test_the_way_to_a_corrected_reading_names_its_clause() -> None:
    activity = corrected(reading())
    production = corrected(reading(), kind=DataKind.PRODUCTION)

    assert activity.source.document_no == "CETS-VG-01.01-V02-2026"
    assert (activity.source.locator, production.source.locator) == ("3.4.1.1", "3.4.1.4")
    assert activity.source.status is Status.OFFICIAL
    assert "(1 + allowed)" in activity.steps[0].formula.en
    assert "(1 − 规定准确度)" in production.steps[0].formula.zh


def test_a_reading_of_years_before_the_rule_is_said_to_be_so() -> None:
    before = reading(when="2025-01-01 2026-01-01")

    assert kinds(corrected(before)) == {FindingKind.RULE_OF_LATER_YEARS}
    assert kinds(corrected(reading())) == set()


@pytest.mark.parametrize(
    ("of", "calibrations", "error", "field"),
    [
        (reading("-1 t"), [], QuantityInvalid, "reading.value"),
        (reading(allowed="-0.5 %"), [], QuantityInvalid, "allowed_accuracy.value"),
        (reading(allowed="100 %"), [], FieldInvalid, "allowed_accuracy.value"),
        (reading(allowed="0.5 t"), [], UnitDimension, "allowed_accuracy.unit_code"),
        (
            reading(),
            [calibration("100 %")],
            FieldInvalid,
            "calibrations[0].found_accuracy.value",
        ),
        (
            reading(),
            [calibration("0.8 kWh")],
            UnitDimension,
            "calibrations[0].found_accuracy.unit_code",
        ),
        (
            reading(),
            [calibration(covered="2025-01-01 2026-01-01")],
            FieldInvalid,
            "calibrations[0].covered_period",
        ),
        (
            reading(),
            [calibration(), calibration(covered="2026-12-31 2027-12-31")],
            FieldInvalid,
            "calibrations[1].covered_period",
        ),
    ],
)
def test_what_is_wrong_is_told_by_field(
    of: Reading, calibrations: list[Calibration], error: type[DomainError], field: str
) -> None:
    with pytest.raises(error) as refused:
        corrected(of, *calibrations)

    assert getattr(refused.value, "field") == field  # noqa: B009 (any error of these has one)


def test_calibrations_that_overlap_outside_of_the_period_do_no_harm() -> None:
    done = corrected(
        reading(),
        calibration(covered="2025-03-01 2026-03-01"),
        calibration(covered="2026-03-01 2028-03-01"),
    )

    assert sum(part.day_count for part in done.parts) == 365


@given(amount=amounts, allowed=percents, found=percents, cut=days)
def test_a_correction_never_errs_to_the_unsafe_side(
    amount: Decimal, allowed: Decimal, found: Decimal, cut: int
) -> None:
    of = Reading(
        quantity=Quantity(value=amount, unit="MWh"),
        period=period(YEAR),
        allowed_accuracy=Quantity(value=allowed, unit="%"),
    )
    late = Calibration(
        covered=period(f"{date_of(cut)} 2027-01-01"),
        found_accuracy=Quantity(value=found, unit="%"),
    )

    up = corrected(of, late)
    down = corrected(of, late, kind=DataKind.PRODUCTION)
    assert down.value <= Fraction(amount) <= up.value
    assert up.value + down.value == 2 * Fraction(amount), "the same amount, up and down"
    assert up.value == Fraction(amount) * up.factor


@given(amount=amounts, allowed=percents, found=percents, cut=days)
def test_no_order_of_the_calibrations_changes_anything(
    amount: Decimal, allowed: Decimal, found: Decimal, cut: int
) -> None:
    of = reading(f"{amount} t", f"{allowed} %")
    first = calibration(f"{found} %", f"2026-01-01 {date_of(cut)}")
    second = calibration("0.1 %", f"{date_of(cut)} 2027-01-01")

    assert corrected(of, first, second).value == corrected(of, second, first).value


@given(kwh=amounts, allowed=percents)
def test_kwh_and_mwh_are_corrected_alike(kwh: Decimal, allowed: Decimal) -> None:
    in_kwh, in_mwh = (
        corrected(
            Reading(
                quantity=Quantity(value=value, unit=unit),
                period=period(YEAR),
                allowed_accuracy=Quantity(value=allowed, unit="%"),
            )
        )
        for value, unit in ((kwh, "kWh"), (kwh.scaleb(-3), "MWh"))
    )

    assert in_kwh.value == 1000 * in_mwh.value
    assert (in_kwh.unit, in_mwh.unit) == ("kWh", "MWh")


def date_of(day: int) -> str:
    """The day of 2026 with a number from 0."""
    return str(period(YEAR).start.fromordinal(period(YEAR).start.toordinal() + day))
