"""The data-quality plan of an enterprise (数据质量控制计划): how each source is measured."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from services.accounting.domain.quality.finding import Finding, FindingKind
from services.kernel import names
from services.kernel.batch import check_each_once
from services.kernel.errors import FieldInvalid, Words

MOST_PERCENT: Final = 100
"""Of an uncertainty: beyond it the interval of an amount would begin below nothing."""


class Determination(StrEnum):
    """How the quantity of a source is found; the contract says it in words."""

    METERED = "METERED"
    INVOICED = "INVOICED"
    STOCK_TAKING = "STOCK_TAKING"
    LABORATORY = "LABORATORY"
    ESTIMATED = "ESTIMATED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """How one source is measured."""

    source_id: str
    determination: Determination
    meter: str
    """The name of the meter, or empty."""
    facility: str
    """The name of the facility, or empty."""
    frequency: str
    uncertainty_percent: Decimal | None
    """The half-width of the 95 % interval; None where it is unknown."""
    responsible: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a plan says."""

    enterprise: str
    """The id of the enterprise."""
    entries: tuple[Entry, ...]
    note: str

    @property
    def name(self) -> str:
        """The resource name."""
        return names.DATA_QUALITY_PLAN.format(enterprise=self.enterprise)

    @property
    def source_ids(self) -> frozenset[str]:
        """The sources that stand in it."""
        return frozenset(entry.source_id for entry in self.entries)

    @property
    def references(self) -> frozenset[str]:
        """The names of meters and facilities that it speaks of."""
        named = (name for entry in self.entries for name in (entry.meter, entry.facility))
        return frozenset(name for name in named if name)

    @property
    def stated_percents(self) -> dict[str, Decimal]:
        """The uncertainties that it states, by source."""
        return {
            entry.source_id: entry.uncertainty_percent
            for entry in self.entries
            if entry.uncertainty_percent is not None
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A plan in one of its versions, and when that became known."""

    plan: Plan
    version: int
    author: str
    """The principal that stored it."""
    revision: int
    create_time: datetime

    @property
    def etag(self) -> str:
        """Changes with every version."""
        return f'"{self.version}"'


def checked(plan: Plan) -> Plan:
    """Return `plan` if it says each thing once and nothing impossible.

    Raises:
        DuplicateRow: a source stands in it twice.
        FieldInvalid: an uncertainty is not from 0 to 100 %.
        NameInvalid: a meter or a facility has no such name.
    """
    path = "data_quality_plan.entries"
    check_each_once(path, (entry.source_id for entry in plan.entries))
    for at, entry in enumerate(plan.entries):
        percent = entry.uncertainty_percent
        if percent is not None and not 0 <= percent <= MOST_PERCENT:
            raise FieldInvalid(
                field=f"{path}[{at}].uncertainty_percent.value",
                given=str(percent),
                allowed=f"0 to {MOST_PERCENT}",
            )
        if entry.meter:
            names.METER.parse(entry.meter, f"{path}[{at}].meter")
        if entry.facility:
            names.FACILITY.parse(entry.facility, f"{path}[{at}].facility")
    return plan


def findings(plan: Plan | None, reported: Collection[str]) -> Iterator[Finding]:
    """Yield where plan and reports differ; `reported` are the sources that have a record."""
    if plan is None:
        yield Finding(
            kind=FindingKind.PLAN_MISSING,
            text=Words(
                en="There is no data-quality plan. Write down how each source is measured.",
                zh="尚无数据质量控制计划，请填写各排放源的数据获取方式。",
            ),
        )
        return
    for source_id in sorted(set(reported) - plan.source_ids):
        yield Finding(
            kind=FindingKind.SOURCE_NOT_IN_PLAN,
            subject=source_id,
            text=Words(
                en=f"{source_id} reports and stands in no plan. Add it to the data-quality plan.",
                zh=f"{source_id} 已有填报，但不在数据质量控制计划中，请补充至计划。",
            ),
        )
    for source_id in sorted(plan.source_ids - set(reported)):
        yield Finding(
            kind=FindingKind.PLAN_SOURCE_SILENT,
            subject=source_id,
            text=Words(
                en=f"{source_id} stands in the data-quality plan and has reported nothing in the "
                "year. Report it, with 0 where nothing was used, or take it out of the plan.",
                zh=f"{source_id} 在数据质量控制计划中，但全年没有填报。"
                "请补报（未使用的填报 0），或将其移出计划。",
            ),
        )
