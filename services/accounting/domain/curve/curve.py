"""A curve: what the points of a meter measure."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from services.accounting.domain.activity import CurveMonth, EmissionSource
from services.accounting.domain.curve.register import Register, Replacement
from services.accounting.domain.row import Row, checked
from services.kernel.errors import DomainError, FieldInvalid, StateWrong, Words
from services.kernel.period import Period
from services.kernel.quantity import Quantity


class Step(StrEnum):
    """How long an interval is."""

    FIVE_MINUTES = "FIVE_MINUTES"
    FIFTEEN_MINUTES = "FIFTEEN_MINUTES"
    HOUR = "HOUR"

    @property
    def points_per_day(self) -> int:
        """How many intervals a day has: in Asia/Shanghai each has 24 hours."""
        return _POINTS_PER_DAY[self]


_POINTS_PER_DAY: Final = {Step.FIVE_MINUTES: 288, Step.FIFTEEN_MINUTES: 96, Step.HOUR: 24}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """What a count stands for."""

    unit: str
    decimal_count: int
    """How many decimals of the unit a count has."""
    step: Step

    def quantity(self, total_count: int) -> Quantity:
        """Return the exact amount of so many counts.

        >>> str(Scale(unit="kWh", decimal_count=2, step=Step.HOUR).quantity(1230))
        '12.30 kWh'
        """
        return Quantity(value=Decimal(total_count).scaleb(-self.decimal_count), unit=self.unit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A curve as it was created; only its meter can be replaced."""

    name: str
    source: EmissionSource
    """That it feeds."""
    meter: str
    facility: str
    evidence: str
    scale: Scale
    register: Register | None = None
    """How its register counts; None where its points are sent as what flowed."""
    replacements: tuple[Replacement, ...] = ()
    """Of its meter, by time."""
    revision: int = 0
    """That created it, and no other: its key."""
    create_time: datetime | None = None

    def row(
        self,
        *,
        path: str,
        period: Period,
        total_count: int,
        corrects: str = "",
        curve_month: CurveMonth | None = None,
    ) -> Row:
        """Return the row of a report that says what the curve measured in a period."""
        source = self.source
        return Row(
            path=path,
            content=f"{self.name} {period}".encode(),
            source_id=source.source_id,
            kind=source.kind,
            subject=source.subject,
            quantity=self.scale.quantity(total_count),
            period=period,
            facility=self.facility,
            meter=self.meter,
            counterparty=source.counterparty,
            evidence=self.evidence,
            certificate="",
            corrects=corrects,
            steam=source.steam,
            value_chain_category=source.value_chain_category,
            curve_month=curve_month,
        )


def wrong(curve: Curve, *, enterprise: str, today: date) -> Iterator[DomainError]:
    """Yield what keeps a curve from ever being booked, as far as it can be seen in itself."""
    if not curve.source.kind.is_daily:
        yield FieldInvalid(
            field="curve.kind",
            given=curve.source.kind.value,
            allowed=Words(
                en="what flows all year round: it is reported as records otherwise",
                zh="全年连续发生的活动；其他活动请以填报记录提交",
            ),
        )
    if curve.register is not None:
        yield from curve.register.wrong("curve.register.")
    yesterday = Period.day(today - timedelta(days=1))
    row = curve.row(path="curve", period=yesterday, total_count=0)
    (judged,) = checked([row], enterprise=enterprise, today=today)
    yield from judged.errors


def replacing(curve: Curve, new: Replacement, today: date) -> Iterator[DomainError]:
    """Yield why a meter cannot have been replaced so."""
    if curve.register is None:
        yield StateWrong(
            name=curve.name,
            state=Words(en="a curve of intervals", zh="按间隔电量填报的曲线"),
            allowed=Words(en="one with a register", zh="按表底数填报的曲线"),
        )
        return
    before = curve.replacements[-1] if curve.replacements else None
    if new.day > today or (before is not None and new.place <= before.place):
        since = f"{before.day}, point {before.point}" if before else "the first day"
        yield FieldInvalid(
            field="replacement.date",
            given=f"{new.day}, point {new.point}",
            allowed=Words(en=f"after {since}, up to {today}", zh=f"晚于 {since}，不晚于 {today}"),
        )
    points = curve.scale.step.points_per_day
    if new.point >= points:
        yield FieldInvalid(
            field="replacement.point_index", given=str(new.point), allowed=f"0 to {points - 1}"
        )
    old = before.register if before else curve.register
    for name, given, register in (
        ("closing_count", new.closing_count, old),
        ("opening_count", new.opening_count, new.register),
    ):
        if given >= register.modulus:
            allowed = f"0 to {register.modulus - 1}"
            yield FieldInvalid(field=f"replacement.{name}", given=str(given), allowed=allowed)
    yield from new.register.wrong("replacement.register.")


def references(curves: Collection[Curve]) -> set[str]:
    """Return what curves name in the registry."""
    named = {
        name for each in curves for name in (each.source.counterparty, each.meter, each.facility)
    }
    return named - {""}
