"""Months and days without a report, of sources that flow all year round."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from services.accounting.domain.quality.finding import Finding, FindingKind, listed
from services.accounting.domain.quality.history import History, SourceMonth
from services.kernel.errors import Words
from services.kernel.period import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Completeness:
    """How much of what is due a source has reported."""

    source_id: str
    reported_day_count: int
    due_day_count: int

    @property
    def ratio(self) -> float:
        """From 0 to 1; 0 where no day is due."""
        return self.reported_day_count / self.due_day_count if self.due_day_count else 0.0


def due_months(accounting_year: int, today: date) -> tuple[Period, ...]:
    """Return the months of a year that have ended: a month is due once it is over.

    >>> [f"{each.start:%m}" for each in due_months(2024, date(2024, 4, 1))]
    ['01', '02', '03']
    """
    return tuple(each for each in Period.year(accounting_year).months() if each.end <= today)


def of(history: History, due: Sequence[Period]) -> tuple[Completeness, ...]:
    """Return the completeness of each source that flows all year round, by source."""
    return tuple(
        Completeness(
            source_id=source_id,
            reported_day_count=sum(each.day_count for each in months if each.month in due),
            due_day_count=sum(month.days for month in due),
        )
        for source_id, months in _daily(history)
    )


def whole_ratio(sources: Sequence[Completeness]) -> float:
    """Return the completeness of all sources together; 0 where nothing is due."""
    whole = Completeness(
        source_id="",
        reported_day_count=sum(each.reported_day_count for each in sources),
        due_day_count=sum(each.due_day_count for each in sources),
    )
    return whole.ratio


def findings(history: History, due: Sequence[Period]) -> Iterator[Finding]:
    """Yield the months without any report, and the days missing in months with one."""
    for source_id, months in _daily(history):
        reported = {each.month: each for each in months}
        missing = tuple(month for month in due if month not in reported)
        if missing:
            yield _months_missing(source_id, missing, due)
        for month in due:
            if month in reported and reported[month].day_count < month.days:
                yield _days_missing(reported[month])


def _daily(history: History) -> Iterator[tuple[str, tuple[SourceMonth, ...]]]:
    for source_id, months in sorted(history.items()):
        if months[0].source.kind.is_daily:
            yield source_id, months


def _months_missing(source_id: str, missing: tuple[Period, ...], due: Sequence[Period]) -> Finding:
    named = listed(missing)
    return Finding(
        kind=FindingKind.SOURCE_MONTH_MISSING,
        subject=source_id,
        months=missing,
        given=len(due) - len(missing),
        expected=len(due),
        unit="1",
        text=Words(
            en=f"{source_id}: no report for {named.en}. Report them; report 0 where nothing was "
            "used.",
            zh=f"{source_id}：{named.zh} 未填报，请补报；未使用的请填报 0。",
        ),
    )


def _days_missing(found: SourceMonth) -> Finding:
    source_id, named = found.source.source_id, f"{found.month.start:%Y-%m}"
    return Finding(
        kind=FindingKind.SOURCE_DAYS_MISSING,
        subject=source_id,
        months=(found.month,),
        given=found.day_count,
        expected=found.month.days,
        unit="d",
        text=Words(
            en=f"{source_id}: {found.day_count} of the {found.month.days} days of {named} are "
            "reported. Report the others; report 0 where nothing was used.",
            zh=f"{source_id}：{named} 共 {found.month.days} 天，仅填报 {found.day_count} 天，"
            "请补报其余日期；未使用的请填报 0。",
        ),
    )
