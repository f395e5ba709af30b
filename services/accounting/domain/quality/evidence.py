"""The evidence that the carbon market wants every month (月度信息化存证), and what is filed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from services.accounting.domain.enterprise import Enterprise
from services.accounting.domain.method import Method
from services.accounting.domain.quality.finding import Finding, FindingKind, listed
from services.kernel import names
from services.kernel.errors import Words
from services.kernel.period import Period
from services.kernel.source import Source

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When the evidence of a sector's months is due."""

    method_id: str
    """The method of the sector's guide."""
    first_month: Period
    last_month: Period | None
    """None: until another rule says otherwise."""
    due_day_count: int | None
    """Calendar days after the last day of the month; None where a day is named."""
    due_date: date | None
    """The day that is named; None where it follows from the month."""
    source: Source

    def holds(self, month: Period) -> bool:
        """Tell whether it is about a month."""
        return self.first_month <= month and (self.last_month is None or month <= self.last_month)

    def due(self, month: Period) -> date:
        """Return the last day for filing the evidence of a month."""
        if self.due_date is not None:
            return self.due_date
        assert self.due_day_count is not None, "a schedule names a day or counts days"
        return month.end - _DAY + timedelta(days=self.due_day_count)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What a sector files for a month."""

    method_id: str
    item_id: str
    name: Words
    is_known: bool
    """Whether it is of the published list; else it stands for all documents there are."""
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRules:
    """The rules of every sector."""

    methods: Mapping[str, Method]
    """By id; a sector is the industries that its guide's method is for."""
    schedules: tuple[Schedule, ...]
    items: tuple[Item, ...]

    def schedule(self, industry_code: str, month: Period) -> Schedule | None:
        """Return when an industry's evidence of a month is due; None where none is wanted."""
        return next(
            (
                each
                for each in self.schedules
                if each.holds(month)
                and self.methods[each.method_id].covers(industry_code, month.start.year)
            ),
            None,
        )

    def items_of(self, method_id: str) -> tuple[Item, ...]:
        """Return the items of a sector, in the order of its list."""
        return tuple(each for each in self.items if each.method_id == method_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document as it is referred to; the document itself stays with the enterprise."""

    title: str
    number: str
    sha256: str
    """64 hexadecimal digits, small letters."""
    size: int
    """Bytes."""
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """A document that was filed for an item, and when that became known."""

    enterprise: str
    month: Period
    item_id: str
    document: Document
    version: int
    author: str
    """The principal that filed it."""
    revision: int
    create_time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PackItem:
    """An item with all that was filed for it, the newest first."""

    item: Item
    filings: tuple[Filing, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """The evidence of one enterprise and month."""

    enterprise: str
    month: Period
    schedule: Schedule
    items: tuple[PackItem, ...]

    @property
    def name(self) -> str:
        """The resource name."""
        return names.EVIDENCE_PACK.format(
            enterprise=self.enterprise, month=f"{self.month.start:%Y-%m}"
        )

    @property
    def due(self) -> date:
        """The last day for filing."""
        return self.schedule.due(self.month)

    @property
    def items_known(self) -> bool:
        """Whether the list of its items is known."""
        return all(each.item.is_known for each in self.items)

    @property
    def missing(self) -> tuple[Item, ...]:
        """The items for which nothing is filed."""
        return tuple(each.item for each in self.items if not each.filings)

    def is_overdue(self, today: date) -> bool:
        """Tell whether something is missing and the last day has gone by."""
        return bool(self.missing) and self.due < today

    def findings(self, today: date) -> Iterator[Finding]:
        """Yield what is not filed; it is wanted once the month has ended."""
        for item in self.missing if self.month.end <= today else ():
            yield _overdue(self, item, today) if self.due < today else _missing(self, item)


def pack(
    enterprise: Enterprise,
    month: Period,
    rules: EvidenceRules,
    filed: Sequence[Filing],
) -> Pack | None:
    """Return the pack of a month; None where no evidence is wanted.

    `filed` are the enterprise's filings, those of the month among them.
    """
    schedule = rules.schedule(enterprise.industry_code, month)
    if schedule is None:
        return None
    newest_first = sorted(
        (each for each in filed if each.month == month), key=lambda each: -each.version
    )
    return Pack(
        enterprise=enterprise.enterprise_id,
        month=month,
        schedule=schedule,
        items=tuple(
            PackItem(
                item=item,
                filings=tuple(each for each in newest_first if each.item_id == item.item_id),
            )
            for item in rules.items_of(schedule.method_id)
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How the evidence of several enterprises stands: items of months that have ended."""

    missing_count: int
    """Not filed, overdue or not."""
    overdue_count: int


Filed = tuple[str, Period, str]
"""An enterprise's id, a month and an item for which a document is filed."""


def standing(
    enterprises: Iterable[Enterprise],
    months: Sequence[Period],
    rules: EvidenceRules,
    filed: Collection[Filed],
    *,
    today: date,
) -> Standing:
    """Return how many items of the months that have ended by `today` are not filed."""
    missing = overdue = 0
    by_industry: defaultdict[str, list[str]] = defaultdict(list)
    for enterprise in enterprises:
        by_industry[enterprise.industry_code].append(enterprise.enterprise_id)
    for month in (each for each in months if each.end <= today):
        for industry_code, ids in by_industry.items():
            schedule = rules.schedule(industry_code, month)
            if schedule is None:
                continue
            items = rules.items_of(schedule.method_id)
            count = sum((id_, month, item.item_id) not in filed for id_ in ids for item in items)
            missing += count
            overdue += count if schedule.due(month) < today else 0
    return Standing(missing_count=missing, overdue_count=overdue)


def _missing(of: Pack, item: Item) -> Finding:
    month = listed((of.month,))
    return Finding(
        kind=FindingKind.EVIDENCE_MISSING,
        subject=item.item_id,
        months=(of.month,),
        text=Words(
            en=f"{month.en}: {item.name.en} is not filed. Due by {of.due}.",
            zh=f"{month.zh}：尚未存证“{item.name.zh}”，截止日期为 {of.due}。",
        ),
    )


def _overdue(of: Pack, item: Item, today: date) -> Finding:
    month, days = listed((of.month,)), (today - of.due).days
    return Finding(
        kind=FindingKind.EVIDENCE_OVERDUE,
        subject=item.item_id,
        months=(of.month,),
        given=days,
        expected=0,
        unit="d",
        text=Words(
            en=f"{month.en}: {item.name.en} is not filed. It was due by {of.due}, {days} days ago.",
            zh=f"{month.zh}：尚未存证“{item.name.zh}”，已逾期 {days} 天（截止日期 {of.due}）。",
        ),
    )
