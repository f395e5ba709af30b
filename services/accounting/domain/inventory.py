"""The inventory of an enterprise: its lines of a year added up, and what is missing."""

from __future__ import annotations

import calendar
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from functools import cache
from typing import Final

from services.accounting.domain import claim, reported
from services.accounting.domain.activity import Kind
from services.accounting.domain.emission import Booked, total
from services.accounting.domain.enterprise import Enterprise, Label
from services.accounting.domain.line import Grain, Line
from services.accounting.domain.method import Basis, Category, Item, Method
from services.accounting.domain.reported import Reported
from services.kernel import trust, units
from services.kernel.errors import FieldInvalid, Words
from services.kernel.mass import G_PER_T
from services.kernel.names import INVENTORY, inventory_id
from services.kernel.period import MONTHS_PER_YEAR, Period

LARGEST_G: Final = 10**15
"""The largest total in an inventory, 1 Gt: more than any enterprise emits, and nine thousand such
members of a zone still add up inside 64 bits."""


class State(StrEnum):
    """Whether an inventory may be used as the figure of its year."""

    INCOMPLETE = "INCOMPLETE"
    COMPLETE = "COMPLETE"


class FindingKind(StrEnum):
    """What kind of thing is missing or wrong; the contract says it in words."""

    NOTHING_REPORTED = "NOTHING_REPORTED"
    DAYS_MISSING = "DAYS_MISSING"
    PROCESS_EMISSIONS_MISSING = "PROCESS_EMISSIONS_MISSING"
    FACTOR_MISSING = "FACTOR_MISSING"
    BALANCE_NEGATIVE = "BALANCE_NEGATIVE"
    CLAIM_BEYOND_CONSUMPTION = "CLAIM_BEYOND_CONSUMPTION"
    TRANSFER_DIFFERS = "TRANSFER_DIFFERS"
    TRANSFER_UNMATCHED = "TRANSFER_UNMATCHED"
    TRANSFER_UNIT_DIFFERS = "TRANSFER_UNIT_DIFFERS"
    TRANSFER_PERIOD_SHIFTED = "TRANSFER_PERIOD_SHIFTED"
    MEMBER_INCOMPLETE = "MEMBER_INCOMPLETE"
    MEMO_FACTOR_MISSING = "MEMO_FACTOR_MISSING"


LACKING: Final = {
    FindingKind.DAYS_MISSING: Words(en="days", zh="部分日期的填报"),
    FindingKind.PROCESS_EMISSIONS_MISSING: Words(en="process emissions", zh="过程排放"),
    FindingKind.FACTOR_MISSING: Words(en="factors", zh="排放因子"),
    FindingKind.BALANCE_NEGATIVE: Words(en="a balance that closes", zh="合理的物料平衡"),
}
"""What an inventory with such a finding lacks; one without these is complete all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that is missing or wrong, for a person to settle."""

    kind: FindingKind
    subject: str
    """A resource name or a source id."""
    text: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityTotal:
    """The activity of a year by kind and subject, exact, in the unit of its factor."""

    kind: Kind
    subject: str
    value: Fraction
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How many source-days of the year were reported, of those there are."""

    reported_day_count: int
    source_day_count: int

    @property
    def ratio(self) -> float:
        """From 0 to 1; 0 where there is no source."""
        return self.reported_day_count / self.source_day_count if self.source_day_count else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Records of a month that the method counts and has no figure for."""

    grain: Grain
    item_id: str
    reason: str
    """Of the contract."""
    text: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemTotal:
    """What a line of the statement adds up to; never negative but for what it is of itself."""

    item_id: str
    facility: str
    """The process, for an item that is told by facility; empty for all others."""
    booked: Booked


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """An inventory in one of its versions."""

    enterprise: str
    """The id of the enterprise."""
    accounting_year: int
    method: Method
    label: Label
    findings: tuple[Finding, ...]
    gaps: tuple[Gap, ...]
    items: tuple[ItemTotal, ...]
    """In the order of the method's statement; of items that have a line."""
    activity_totals: tuple[ActivityTotal, ...]
    coverage: Coverage
    reported: Reported | None
    """The figures that the method's guide rounds in stages; None where it prints no stages."""
    status: trust.Status
    version: int
    revision: int
    registry_revision: int
    """The highest at which a factor of it was found."""

    @property
    def name(self) -> str:
        """The resource name."""
        return INVENTORY.format(
            enterprise=self.enterprise,
            inventory=inventory_id(self.accounting_year, self.method.method_id),
        )

    @property
    def direct(self) -> Booked:
        """Direct emissions."""
        return self.of_category(Category.DIRECT)

    @property
    def total(self) -> Booked:
        """Direct plus indirect, by the method's own basis."""
        return self.total_by(self.method.basis)

    def indirect_by(self, basis: Basis) -> Booked:
        """Return bought minus sold energy by a basis: negative for a net seller."""
        return Booked() if basis.category is None else self.of_category(basis.category)

    def total_by(self, basis: Basis) -> Booked:
        """Return direct plus indirect by a basis."""
        return self.direct + self.indirect_by(basis)

    def knows(self, basis: Basis) -> bool:
        """Tell whether no figure of a total is missing for want of a factor."""
        return not any(
            self.method.counts(self.method.items[gap.item_id].category, basis) for gap in self.gaps
        )

    def of_category(self, category: Category) -> Booked:
        """Return the sum of the items of a category, each with its sign."""
        return total(
            (item.sign, each.booked)
            for each in self.items
            if (item := self.method.items[each.item_id]).category is category
        )

    def says_as(self, other: Inventory | None) -> bool:
        """Tell whether it says all that another version says."""
        if other is None:
            return False
        unstamped, others = (
            replace(each, version=0, revision=0, registry_revision=0) for each in (self, other)
        )
        return unstamped == others

    @property
    def state(self) -> State:
        """COMPLETE where nothing is missing."""
        lacks = any(finding.kind in LACKING for finding in self.findings)
        return State.INCOMPLETE if lacks else State.COMPLETE


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """Which version of which year's inventory is made, at which revision."""

    accounting_year: int
    version: int
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeFrom:
    """How far the factors of an inventory can be trusted, and when they were found."""

    status: trust.Status
    """The lowest of them."""
    registry_revision: int
    """The highest at which one was found."""


def of(
    enterprise: Enterprise,
    lines: Sequence[Line],
    gaps: Sequence[Gap],
    *,
    method: Method,
    edition: Edition,
) -> Inventory:
    """Return the inventory that `lines`, all current lines of one year by a method, add up to.

    Raises:
        FieldInvalid: the total is beyond the bound of an inventory.
    """
    days = _reported_days(lines)
    totals = _statement(_items(lines, method) | claim.beyond(lines, method), method)
    return Inventory(
        enterprise=enterprise.enterprise_id,
        accounting_year=edition.accounting_year,
        method=method,
        label=enterprise.label,
        findings=(
            *_days_missing(edition.accounting_year, days),
            *_factors_missing(gaps, method),
            *_process_missing(enterprise, lines, method),
            *_negative(totals, method),
            *(
                Finding(kind=FindingKind.CLAIM_BEYOND_CONSUMPTION, subject=subject, text=text)
                for subject, text in claim.told(lines, method)
            ),
        ),
        gaps=tuple(gaps),
        items=totals,
        activity_totals=_activity_totals(lines),
        coverage=_coverage(edition.accounting_year, days),
        reported=reported.of(lines, totals_of(totals, method), method) if lines else None,
        status=_status(lines),
        version=edition.version,
        revision=edition.revision,
        registry_revision=max((line.registry_revision for line in lines), default=0),
    )


def rebooked(
    before: Inventory, sums: Mapping[tuple[str, str], Booked], made_from: MadeFrom, edition: Edition
) -> Inventory:
    """Return what other factors make of the inventory `before`, the activity being the same.

    `sums` is what is booked by item and facility. Not for a method whose guide rounds in stages,
    nor where green power is claimed: what these say depends on the lines themselves.

    Raises:
        FieldInvalid: the total is beyond the bound of an inventory.
    """
    assert before.reported is None, "stages are rounded from lines"
    items = _statement(sums, before.method)
    stay = (each for each in before.findings if each.kind is not FindingKind.BALANCE_NEGATIVE)
    return replace(
        before,
        findings=(*stay, *_negative(items, before.method)),
        items=items,
        status=made_from.status,
        version=edition.version,
        revision=edition.revision,
        registry_revision=made_from.registry_revision,
    )


def restricted(inventory: Inventory, lines: Sequence[Line]) -> Inventory:
    """Return an inventory as if its items were made of `lines` alone: a part of a year.

    What it says of the whole year, as its findings and its coverage, stays.
    """
    method = inventory.method
    sums = _items(lines, method) | claim.beyond(lines, method)
    return replace(inventory, items=_statement(sums, method))


def totals_of(items: Sequence[ItemTotal], method: Method) -> Booked:
    """Return the total of the items that the method's own basis counts."""
    return total(
        (item.sign, each.booked)
        for each in items
        if method.counts((item := method.items[each.item_id]).category, method.basis)
    )


def _items(lines: Sequence[Line], method: Method) -> dict[tuple[str, str], Booked]:
    parts: defaultdict[tuple[str, str], list[tuple[int, Booked]]] = defaultdict(list)
    for line in lines:
        item = method.items[line.binding.item_id]
        parts[item.item_id, line.facility if item.by_facility else ""].append((1, line.booked))
    return {key: total(each) for key, each in parts.items()}


def _statement(sums: Mapping[tuple[str, str], Booked], method: Method) -> tuple[ItemTotal, ...]:
    """Return the items in the order of the method's statement."""
    order = list(method.items)
    items = tuple(
        ItemTotal(item_id=item_id, facility=facility, booked=booked)
        for (item_id, facility), booked in sorted(
            sums.items(), key=lambda each: (order.index(each[0][0]), each[0][1])
        )
    )
    _check_bound(items)
    return items


def _check_bound(items: Sequence[ItemTotal]) -> None:
    largest = max((each.booked.largest() for each in items), default=0)
    if largest > LARGEST_G:
        raise FieldInvalid(
            field="records",
            given=f"{largest} g",
            allowed=Words(
                en="at most 10^15 g of CO2 in a year; check quantities and units",
                zh="全年二氧化碳排放量不超过 10^15 克，请核对数量和计量单位",
            ),
        )


def _negative(items: Sequence[ItemTotal], method: Method) -> Iterator[Finding]:
    for name, grams in balances(items, method.items).items():
        if grams < 0:
            tonnes = units.written(Fraction(grams, G_PER_T))
            yield Finding(
                kind=FindingKind.BALANCE_NEGATIVE,
                subject=name,
                text=Words(
                    en=f"the balance of {name} is {tonnes} tCO2: more carbon leaves than came in. "
                    "Check quantities and carbon contents of inputs and outputs.",
                    zh=f"{name} 的物料平衡为 {tonnes} tCO2，输出的碳多于输入。"
                    "请核对投入产出的数量和含碳量。",
                ),
            )


def balances(items: Sequence[ItemTotal], of: Mapping[str, Item]) -> dict[str, int]:
    """Return each material balance that items are a part of, grams of CO2; by name and facility."""
    sums: defaultdict[str, int] = defaultdict(int)
    for each in items:
        item = of[each.item_id]
        if item.balance:
            name = f"{item.balance} {each.facility}".strip()
            sums[name] += item.sign * each.booked.co2_g
    return dict(sums)


def _activity_totals(lines: Sequence[Line]) -> tuple[ActivityTotal, ...]:
    # Numerators by denominator: few differ, and to add fractions takes longer than all else here.
    parts: defaultdict[tuple[Kind, str, str], defaultdict[int, int]] = defaultdict(
        lambda: defaultdict(int)
    )
    shown: dict[tuple[str, Period], str] = {}
    for line in lines:
        source, item_id = line.source, line.binding.item_id
        # What is shown on two bases has two lines of the same activity.
        if shown.setdefault((source.source_id, line.month), item_id) == item_id:
            of_kind = parts[source.kind, source.subject, line.activity_unit]
            of_kind[line.activity.denominator] += line.activity.numerator
    sums = {
        key: sum((Fraction(up, down) for down, up in each.items()), Fraction(0))
        for key, each in parts.items()
    }
    kinds = list(Kind)
    return tuple(
        ActivityTotal(kind=kind, subject=subject, value=value, unit=unit)
        for (kind, subject, unit), value in sorted(
            sums.items(), key=lambda item: (kinds.index(item[0][0]), *item[0][1:])
        )
    )


def _coverage(accounting_year: int, days: Mapping[str, Mapping[int, int]]) -> Coverage:
    return Coverage(
        reported_day_count=sum(sum(by_month.values()) for by_month in days.values()),
        source_day_count=len(days) * Period.year(accounting_year).days,
    )


def _reported_days(lines: Sequence[Line]) -> dict[str, dict[int, int]]:
    """Return the days that each source which flows all year has reported, by month."""
    days: defaultdict[str, defaultdict[int, dict[str, int]]] = defaultdict(
        lambda: defaultdict(dict)
    )
    for line in lines:
        if line.source.kind.is_daily:
            of_month = days[line.source.source_id][line.month.start.month]
            item = line.binding.item_id
            of_month[item] = of_month.get(item, 0) + line.reported_day_count
    return {
        source_id: {month: max(by_item.values()) for month, by_item in by_month.items()}
        for source_id, by_month in days.items()
    }


def _status(lines: Sequence[Line]) -> trust.Status:
    """Return how far the factors can be trusted; many lines share a binding."""
    bindings = {id(line.binding): line.binding for line in lines}.values()
    if not bindings:
        return trust.Status.UNVERIFIED
    return trust.lowest(trust.Status.OFFICIAL, *(each.status for each in bindings))


def _process_missing(
    enterprise: Enterprise, lines: Sequence[Line], method: Method
) -> Iterator[Finding]:
    industry = method.expected.get(enterprise.industry_code)
    if industry is None or {line.binding.item_id for line in lines} & set(industry.items):
        return
    way_out = (
        Words(en="report them", zh="请补报")
        if industry.items
        else Words(en="this release does not compute them", zh="本版本尚未核算")
    )
    yield Finding(
        kind=FindingKind.PROCESS_EMISSIONS_MISSING,
        subject=enterprise.name,
        text=Words(
            en=f"process emissions missing: {industry.missing.en} of {industry.name.en} "
            f"({industry.code}); {way_out.en}. The totals are those of what is there",
            zh=f"缺少工业生产过程排放：{industry.name.zh}（{industry.code}）的"
            f"{industry.missing.zh}，{way_out.zh}；合计仅为已有数据的排放",
        ),
    )


def _factors_missing(gaps: Sequence[Gap], method: Method) -> Iterator[Finding]:
    told: defaultdict[tuple[str, FindingKind, str, str], list[str]] = defaultdict(list)
    for gap in gaps:
        category = method.items[gap.item_id].category
        in_a_total = any(method.counts(category, basis) for basis in method.bases)
        kind = FindingKind.FACTOR_MISSING if in_a_total else FindingKind.MEMO_FACTOR_MISSING
        key = (gap.grain.source_id, kind, gap.text.en, gap.text.zh)
        told[key].append(f"{gap.grain.month.start:%Y-%m}")
    for (source_id, kind, en, zh), months in sorted(told.items()):
        listed = sorted(set(months))
        yield Finding(
            kind=kind,
            subject=source_id,
            text=Words(
                en=f"{source_id}, {', '.join(listed)}: {en} Once the factor is there, the "
                "month is computed anew by itself; a closed year is restated by the desk.",
                zh=f"{source_id}，{'、'.join(listed)}：{zh}"
                "因子就绪后，该月自动重新计算；已关闭的年度由园区碳服务台重述。",
            ),
        )


def _days_missing(accounting_year: int, days: Mapping[str, Mapping[int, int]]) -> Iterator[Finding]:
    lengths = _month_lengths(accounting_year)
    for source_id, of_source in sorted(days.items()):
        missing = {
            f"{accounting_year}-{month:02d}": lacking
            for month, length in lengths
            if (lacking := length - of_source.get(month, 0))
        }
        if missing:
            months, count = list(missing), sum(missing.values())
            yield Finding(
                kind=FindingKind.DAYS_MISSING,
                subject=source_id,
                text=Words(
                    en=f"{source_id}: {count} days without a whole report, in {', '.join(months)}. "
                    "Report them; report 0 where nothing was used.",
                    zh=f"{source_id}：有 {count} 天未完整填报，涉及 {'、'.join(months)}。"
                    "请补报；未使用的请填报 0。",
                ),
            )


@cache
def _month_lengths(year: int) -> tuple[tuple[int, int], ...]:
    """Return the months of a year, each with its days."""
    months = range(1, MONTHS_PER_YEAR + 1)
    return tuple((month, calendar.monthrange(year, month)[1]) for month in months)
