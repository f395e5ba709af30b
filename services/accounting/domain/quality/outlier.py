"""Months that differ from a source's own other months: in their amount a day, or in their unit.

The others' median and median absolute deviation say what is usual, since one wrong month must not
hide itself. Figures are float64: statistics, and a finding is a question to a person.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from services.accounting.domain.quality.finding import Finding, FindingKind
from services.accounting.domain.quality.history import History, SourceMonth
from services.kernel.errors import Words
from services.kernel.source import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlierRule:
    """When a month is odd."""

    deviations: float
    """Of so many robust standard deviations from the median."""
    mad_per_deviation: float
    """The median absolute deviation of a normal distribution over its standard deviation."""
    least_month_count: int
    """So many other months a source must have."""
    least_spread_ratio: float
    """The smallest standard deviation that is taken, over the median: months that are nearly equal
    make no small change odd."""
    history_year_count: int
    """So many years before the one assessed count as history."""
    slip_ratios: tuple[float, ...]
    """What a slip of the unit multiplies or divides by."""
    slip_tolerance_ratio: float
    """How far from such a ratio a month may be, either way, and still look like a slip."""
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class _Level:
    """A month held against the others."""

    month: SourceMonth
    unit: str
    """The usual unit of the others."""
    per_day: float
    usual: float
    """The median of the others."""
    is_odd: bool
    """Whether it lies too far from the median."""
    slip: float
    """The ratio of the slip that it looks like; 0 for none."""
    other_count: int


def findings(history: History, year: int, rule: OutlierRule) -> Iterator[Finding]:
    """Yield the months of a year that are written in another unit, or odd in amount."""
    for _, months in sorted(history.items()):
        for at, month in enumerate(months):
            if month.month.start.year == year:
                others = [*months[:at], *months[at + 1 :]]
                yield from _of_month(month, others, rule)


def _of_month(
    month: SourceMonth, others: Sequence[SourceMonth], rule: OutlierRule
) -> Iterator[Finding]:
    if not others:
        return
    unit = _usual_unit(others)
    level = _level(month, [each for each in others if each.converts_to(unit)], unit, rule)
    if month.units != {unit}:
        yield _unit_changed(month, unit, level)
        if level is None or level.slip:
            return
    if level is None or level.other_count < rule.least_month_count:
        return
    if level.is_odd:
        yield _outlier(level)


def _usual_unit(others: Sequence[SourceMonth]) -> str:
    """Return the unit that most months are written in, the earliest of several."""
    counted = Counter(unit for each in others for unit in sorted(each.units))
    return counted.most_common(1)[0][0]


def _level(
    month: SourceMonth, others: Sequence[SourceMonth], unit: str, rule: OutlierRule
) -> _Level | None:
    """Return how a month stands to the others; None where it cannot be said in their unit."""
    if not month.converts_to(unit):
        return None
    per_day, usual_days = month.per_day(unit), [each.per_day(unit) for each in others]
    usual = median(usual_days)
    mad = median(abs(each - usual) for each in usual_days)
    spread = max(mad / rule.mad_per_deviation, rule.least_spread_ratio * abs(usual))
    return _Level(
        month=month,
        unit=unit,
        per_day=per_day,
        usual=usual,
        is_odd=abs(per_day - usual) > rule.deviations * spread,
        slip=_slip(per_day, usual, rule),
        other_count=len(others),
    )


def _slip(per_day: float, usual: float, rule: OutlierRule) -> float:
    """Return the ratio of the slip that two amounts look like; 0 for none."""
    if not (per_day and usual):
        return 0.0
    ratio = max(per_day / usual, usual / per_day)
    near = rule.slip_tolerance_ratio
    candidates = [each for each in rule.slip_ratios if each / near < ratio < each * near]
    return min(candidates, key=lambda each: max(ratio / each, each / ratio), default=0.0)


def _unit_changed(month: SourceMonth, unit: str, level: _Level | None) -> Finding:
    source_id, named = month.source.source_id, f"{month.month.start:%Y-%m}"
    written = ", ".join(sorted(month.units))
    text = Words(
        en=f"{source_id}, {named}: written in {written}, its other months in {unit}. ",
        zh=f"{source_id}，{named}：以 {written} 填报，其他月份以 {unit} 填报。",
    )
    if level is None:
        way_out = Words(
            en="One cannot be converted into the other: check that the source is the same.",
            zh="两种单位之间不能换算，请核对是否为同一排放源。",
        )
    elif level.slip:
        way_out = _slipped(level)
    else:
        way_out = Words(
            en=f"A day has {level.per_day:.6g} {unit}, usual are {level.usual:.6g} {unit}. "
            "Confirm that the unit is meant.",
            zh=f"日均 {level.per_day:.6g} {unit}，通常为 {level.usual:.6g} {unit}。"
            "请确认计量单位无误。",
        )
    return Finding(
        kind=FindingKind.UNIT_CHANGED,
        subject=source_id,
        months=(month.month,),
        given=level.per_day if level else None,
        expected=level.usual if level else None,
        unit=unit if level else "",
        text=Words(en=text.en + way_out.en, zh=text.zh + way_out.zh),
    )


def _outlier(level: _Level) -> Finding:
    source_id, named = level.month.source.source_id, f"{level.month.month.start:%Y-%m}"
    unit = level.unit
    told = Words(
        en=f"{source_id}, {named}: {level.per_day:.6g} {unit} a day, against {level.usual:.6g} "
        f"{unit} in the median of {level.other_count} other months. ",
        zh=f"{source_id}，{named}：日均 {level.per_day:.6g} {unit}，"
        f"其他 {level.other_count} 个月的中位数为 {level.usual:.6g} {unit}。",
    )
    way_out = (
        _slipped(level)
        if level.slip
        else Words(
            en="Check it against its evidence; correct it, or keep it with the reason.",
            zh="请对照凭证核实；有误的请更正，无误的请保留并说明原因。",
        )
    )
    return Finding(
        kind=FindingKind.OUTLIER,
        subject=source_id,
        months=(level.month.month,),
        given=level.per_day,
        expected=level.usual,
        unit=unit,
        text=Words(en=told.en + way_out.en, zh=told.zh + way_out.zh),
    )


def _slipped(level: _Level) -> Words:
    """Say that a month looks like a slip of the unit, and which way."""
    more = level.per_day > level.usual
    times = f"{level.slip:,.0f}"
    return Words(
        en=f"It is about {times} times as {'much' if more else 'little'} as usual: the unit or the "
        "figure looks wrong, not both. Check it against its evidence and correct the record.",
        zh=f"约为通常的 {times} {'倍' if more else '分之一'}，疑似计量单位或数值填写有误。"
        "请对照凭证核实并更正该记录。",
    )
