"""The inventory of an enterprise: its lines of a year added up, and what is missing."""

from __future__ import annotations

import calendar
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final

from services.accounting.domain.activity import Kind
from services.accounting.domain.emission import Booked, total
from services.accounting.domain.enterprise import Enterprise, Label
from services.accounting.domain.line import Line
from services.accounting.domain.method import Category, Method
from services.kernel import trust
from services.kernel.errors import FieldInvalid, Words
from services.kernel.names import INVENTORY
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
    TRANSFER_DIFFERS = "TRANSFER_DIFFERS"
    TRANSFER_UNMATCHED = "TRANSFER_UNMATCHED"
    MEMBER_INCOMPLETE = "MEMBER_INCOMPLETE"


LACKING: Final = {
    FindingKind.DAYS_MISSING: Words(en="days", zh="部分日期的填报"),
    FindingKind.PROCESS_EMISSIONS_MISSING: Words(en="process emissions", zh="过程排放"),
}
"""What an inventory with such a finding lacks."""


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
class Inventory:
    """An inventory in one of its versions."""

    enterprise: str
    """The id of the enterprise."""
    accounting_year: int
    method_id: str
    gwp_set: str
    scope2_basis: str
    label: Label
    findings: tuple[Finding, ...]
    co2_g_by_kind: Mapping[Kind, int]
    """The booked emissions of every kind, none negative; signs are the method's."""
    direct: Booked
    indirect: Booked
    """Bought minus sold: negative for a net seller."""
    activity_totals: tuple[ActivityTotal, ...]
    coverage: Coverage
    status: trust.Status
    version: int
    revision: int
    registry_revision: int
    """The highest at which a factor of it was found."""

    @property
    def name(self) -> str:
        """The resource name."""
        return INVENTORY.format(enterprise=self.enterprise, year=str(self.accounting_year))

    @property
    def total(self) -> Booked:
        """Direct plus indirect."""
        return self.direct + self.indirect

    @property
    def state(self) -> State:
        """COMPLETE where nothing is missing."""
        return State.INCOMPLETE if self.findings else State.COMPLETE


def of(
    enterprise: Enterprise,
    lines: Sequence[Line],
    *,
    method: Method,
    version: int,
    revision: int,
) -> Inventory:
    """Return the inventory that `lines`, all current lines of one year, add up to.

    Raises:
        FieldInvalid: the total is beyond the bound of an inventory.
    """
    assert lines, "an inventory begins with its first line"
    accounting_year = lines[0].month.start.year
    by_kind = _by_kind(lines)
    inventory = Inventory(
        enterprise=lines[0].enterprise,
        accounting_year=accounting_year,
        method_id=method.method_id,
        gwp_set=method.gwp_set,
        scope2_basis=method.scope2_basis,
        label=enterprise.label,
        findings=tuple(_findings(enterprise, accounting_year, lines, method)),
        co2_g_by_kind={kind: booked.co2_g for kind, booked in by_kind.items()},
        direct=_signed(by_kind, method, Category.DIRECT),
        indirect=_signed(by_kind, method, Category.INDIRECT),
        activity_totals=_activity_totals(lines),
        coverage=_coverage(accounting_year, lines),
        status=trust.lowest(*(line.binding.status for line in lines)),
        version=version,
        revision=revision,
        registry_revision=max(line.registry_revision for line in lines),
    )
    _check_bound(by_kind)
    return inventory


def _by_kind(lines: Sequence[Line]) -> dict[Kind, Booked]:
    return {
        kind: total([(1, line.booked) for line in lines if line.source.kind is kind])
        for kind in Kind
    }


def _signed(by_kind: Mapping[Kind, Booked], method: Method, category: Category) -> Booked:
    return total(
        [
            (term.sign, by_kind[kind])
            for kind, term in method.terms.items()
            if term.category is category
        ]
    )


def _check_bound(by_kind: Mapping[Kind, Booked]) -> None:
    largest = max(max(booked.co2_g, booked.co2e_g) for booked in by_kind.values())
    if largest > LARGEST_G:
        raise FieldInvalid(
            field="records",
            given=f"{largest} g",
            allowed=Words(
                en="at most 10^15 g of CO2 in a year; check quantities and units",
                zh="全年二氧化碳排放量不超过 10^15 克，请核对数量和计量单位",
            ),
        )


def _activity_totals(lines: Sequence[Line]) -> tuple[ActivityTotal, ...]:
    sums: defaultdict[tuple[Kind, str, str], Fraction] = defaultdict(Fraction)
    for line in lines:
        unit = line.binding.activity_unit
        sums[line.source.kind, line.source.subject, unit] += line.activity
    kinds = list(Kind)
    return tuple(
        ActivityTotal(kind=kind, subject=subject, value=value, unit=unit)
        for (kind, subject, unit), value in sorted(
            sums.items(), key=lambda item: (kinds.index(item[0][0]), *item[0][1:])
        )
    )


def _coverage(accounting_year: int, lines: Sequence[Line]) -> Coverage:
    sources = {line.source.source_id for line in lines}
    return Coverage(
        reported_day_count=sum(line.reported_day_count for line in lines),
        source_day_count=len(sources) * Period.year(accounting_year).days,
    )


def _findings(
    enterprise: Enterprise, accounting_year: int, lines: Sequence[Line], method: Method
) -> Iterator[Finding]:
    reported: defaultdict[str, dict[int, int]] = defaultdict(dict)
    for line in lines:
        reported[line.source.source_id][line.month.start.month] = line.reported_day_count
    for source_id, days_by_month in sorted(reported.items()):
        yield from _days_missing(source_id, accounting_year, days_by_month)
    industry = method.incomplete_industries.get(enterprise.industry_code)
    if industry is not None:
        yield Finding(
            kind=FindingKind.PROCESS_EMISSIONS_MISSING,
            subject=enterprise.name,
            text=Words(
                en=f"process emissions missing: {industry.missing.en} of {industry.industry.en} "
                f"({industry.code}) are not computed; the totals are those of energy alone",
                zh=f"缺少工业生产过程排放：尚未核算{industry.industry.zh}（{industry.code}）的"
                f"{industry.missing.zh}，合计仅为能源相关排放",
            ),
        )


def _days_missing(
    source_id: str, accounting_year: int, days_by_month: Mapping[int, int]
) -> Iterator[Finding]:
    missing = {
        f"{accounting_year}-{month:02d}": days
        for month in range(1, MONTHS_PER_YEAR + 1)
        if (days := _month_days(accounting_year, month) - days_by_month.get(month, 0))
    }
    if missing:
        months, days = list(missing), sum(missing.values())
        yield Finding(
            kind=FindingKind.DAYS_MISSING,
            subject=source_id,
            text=Words(
                en=f"{source_id}: {days} days without a report, in {', '.join(months)}. Report "
                "them; report 0 where nothing was used.",
                zh=f"{source_id}：有 {days} 天未填报，涉及 {'、'.join(months)}。"
                "请补报；未使用的请填报 0。",
            ),
        )


def _month_days(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1]
