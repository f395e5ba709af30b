"""Readings of meters without a valid calibration, corrected to the safe side.

    calibrated, accuracy within the allowed    reading
    calibrated, accuracy worse                 reading × (1 ± (found − allowed))
    not calibrated                             reading × (1 ± allowed)

Plus for activity data, whose emissions must not come out too low; minus for production data, whose
allowances must not come out too high. A late calibration leaves days uncovered: they alone count as
not calibrated.

Source: CETS-VG-01.01-V02-2026, 3.4.1.1 and 3.4.1.4.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from services.accounting.domain.metering.figure import Finding, FindingKind, Step
from services.kernel.errors import FieldInvalid, Words, within
from services.kernel.period import Period
from services.kernel.quantity import Quantity
from services.kernel.source import Source


class DataKind(StrEnum):
    """What a reading is of: the two are corrected in opposite ways."""

    ACTIVITY = "ACTIVITY"
    """Fuel, material, bought energy: what emissions are computed from."""
    PRODUCTION = "PRODUCTION"
    """Product, generation, heat supplied: what allowances are computed from."""


class Case(StrEnum):
    """How some days of a meter stand."""

    CONFORMING = "CONFORMING"
    WORSE_THAN_ALLOWED = "WORSE_THAN_ALLOWED"
    UNCALIBRATED = "UNCALIBRATED"


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationRule:
    """How the readings of a kind are corrected."""

    kind: DataKind
    sign: int
    """1 where the correction is added, -1 where it is taken off."""
    applies_from_year: int
    source: Source


CalibrationRules = Mapping[DataKind, CalibrationRule]


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """A calibration, the days it covers, and what it found."""

    covered: Period
    found_accuracy: Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A reading, the days it is of, and what the meter's accuracy may be."""

    quantity: Quantity
    period: Period
    allowed_accuracy: Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some days of the reading that are corrected alike."""

    case: Case
    day_count: int
    factor: Fraction
    value: Fraction
    """The corrected amount of these days, in the unit of the reading."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A corrected reading, exact."""

    value: Fraction
    unit: str
    factor: Fraction
    """Corrected over read; the mean of the parts by their days."""
    parts: tuple[Part, ...]
    steps: tuple[Step, ...]
    source: Source
    findings: tuple[Finding, ...]


def correct(
    reading: Reading, calibrations: Sequence[Calibration], rule: CalibrationRule
) -> Correction:
    """Return the reading as the guide has it corrected, exact, in its own unit.

        corrected = Σ reading × days / all days × (1 ± correction)

    No calibration means that the meter was never calibrated. Days that no calibration covers are
    not calibrated; days outside the period do not count.

    Raises:
        QuantityInvalid, UnitDimension: the reading is negative, an accuracy is no share.
        FieldInvalid: an accuracy is 100 % or more; a calibration covers no day of the period, or
            days that another one covers.
    """
    with within("reading."):
        amount = reading.quantity.non_negative().fraction
    allowed = _share(reading.allowed_accuracy, "allowed_accuracy")
    shares = _shares(calibrations)
    covered = _covered(reading.period, calibrations)
    days = reading.period.days
    cases = [
        *((_case(found, allowed), count) for count, found in zip(covered, shares, strict=True)),
        ((Case.UNCALIBRATED, allowed), days - sum(covered)),
    ]
    parts = tuple(
        Part(
            case=case,
            day_count=count,
            factor=(factor := 1 + rule.sign * excess),
            value=amount * Fraction(count, days) * factor,
        )
        for (case, excess), count in cases
        if count
    )
    value = sum((part.value for part in parts), Fraction(0))
    factor = sum((part.factor * Fraction(part.day_count, days) for part in parts), Fraction(0))
    return Correction(
        value=value,
        unit=reading.quantity.unit,
        factor=factor,
        parts=parts,
        steps=tuple(_step(part, reading, rule) for part in parts),
        source=rule.source,
        findings=tuple(_findings(parts, reading, rule)),
    )


def _case(found: Fraction, allowed: Fraction) -> tuple[Case, Fraction]:
    """Return how calibrated days stand, and by how much they are corrected."""
    if found <= allowed:
        return Case.CONFORMING, Fraction(0)
    return Case.WORSE_THAN_ALLOWED, found - allowed


def _shares(calibrations: Sequence[Calibration]) -> list[Fraction]:
    shares = []
    for index, calibration in enumerate(calibrations):
        with within(f"calibrations[{index}]."):
            shares.append(_share(calibration.found_accuracy, "found_accuracy"))
    return shares


def _share(accuracy: Quantity, field: str) -> Fraction:
    """Return an accuracy as a share of the reading, from 0 to below 1."""
    with within(f"{field}."):
        share = accuracy.non_negative().to("1")
        if share >= 1:
            allowed = Words(en='below 100 %; 0.5 % is "0.5" with "%"', zh="小于 100 %")
            raise FieldInvalid(field="value", given=str(accuracy), allowed=allowed)
    return share


def _covered(period: Period, calibrations: Sequence[Calibration]) -> list[int]:
    """Return how many days of the period each calibration covers."""
    inside: list[Period] = []
    for index, calibration in enumerate(calibrations):
        allowed = None
        if not calibration.covered.overlaps(period):
            allowed = Words(
                en=f"a period with days of {period}; leave out a calibration that covers none",
                zh=f"与 {period} 有重叠的期间；未覆盖任何一天的校准请不要填报",
            )
        else:
            part = Period(
                start=max(calibration.covered.start, period.start),
                end=min(calibration.covered.end, period.end),
            )
            for earlier, other in enumerate(inside):
                if part.overlaps(other):
                    allowed = Words(
                        en=f"days that calibrations[{earlier}] does not cover",
                        zh=f"calibrations[{earlier}] 未覆盖的日期",
                    )
            inside.append(part)
        if allowed is not None:
            field, given = f"calibrations[{index}].covered_period", str(calibration.covered)
            raise FieldInvalid(field=field, given=given, allowed=allowed)
    return [part.days for part in inside]


def _step(part: Part, reading: Reading, rule: CalibrationRule) -> Step:
    sign = "+" if rule.sign > 0 else "−"
    days = f"{part.day_count}/{reading.period.days}"
    said = {
        Case.CONFORMING: Words(en="calibrated", zh="未延迟校准、准确度符合规定"),
        Case.WORSE_THAN_ALLOWED: Words(
            en=f"calibrated, accuracy worse: × [1 {sign} (found − allowed)]",
            zh=f"未延迟校准、准确度超过规定要求：× [1 {sign} (校准准确度 − 规定准确度)]",
        ),
        Case.UNCALIBRATED: Words(
            en=f"not calibrated: × (1 {sign} allowed)", zh=f"未校准：× (1 {sign} 规定准确度)"
        ),
    }[part.case]
    return Step(
        formula=Words(
            en=f"reading × {days} days, {said.en}", zh=f"检测结果 × {days} 天，{said.zh}"
        ),
        value=part.value,
        unit=reading.quantity.unit,
        source=rule.source,
    )


def _findings(parts: Sequence[Part], reading: Reading, rule: CalibrationRule) -> Iterator[Finding]:
    if len({part.factor for part in parts}) > 1:
        yield Finding(
            kind=FindingKind.APPORTIONED_BY_DAYS,
            text=Words(
                en="One reading was shared out evenly over its days, which is our own reading of"
                " the guide. Where the meter was read at the calibration, correct the readings"
                " before and after apart.",
                zh="按天数平均分摊同一读数为本系统的理解；如校准日有读数，请将前后读数分别修正。",
            ),
        )
    if reading.period.start.year < rule.applies_from_year:
        yield Finding(
            kind=FindingKind.RULE_OF_LATER_YEARS,
            text=Words(
                en=f"{rule.source.document_no} is for reports of {rule.applies_from_year} and"
                " later; for the year of the reading its predecessor was not read.",
                zh=f"{rule.source.document_no} 适用于 {rule.applies_from_year} 年度及其之后；"
                "该读数年度所适用的前一版本未核对。",
            ),
        )
