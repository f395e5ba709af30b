"""The dated duties of a compliance cycle: what is due when, by whom, and who is late.

A duty is due until the last second of its day in Asia/Shanghai: the texts say 前 with a day, and no
hour. Source: each row of the calendar names its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from services.kernel.errors import DutyUnknown, Words
from services.kernel.period import SHANGHAI
from services.trading.domain.account import Account
from services.trading.domain.market import Sector
from services.trading.domain.rule import Rule


class Kind(StrEnum):
    """What a duty is; the contract says it in words."""

    EVIDENCE = "EVIDENCE"
    REPORT = "REPORT"
    QUALITY_PLAN = "QUALITY_PLAN"
    PRE_ALLOCATION = "PRE_ALLOCATION"
    VERIFICATION = "VERIFICATION"
    APPROVAL = "APPROVAL"
    ISSUE = "ISSUE"
    CARRY_OVER = "CARRY_OVER"
    SURRENDER = "SURRENDER"
    LISTING = "LISTING"
    EVALUATION = "EVALUATION"


class Actor(StrEnum):
    """Whose duty it is; the contract says it in words."""

    ENTERPRISE = "ENTERPRISE"
    AUTHORITY = "AUTHORITY"
    REGISTRY = "REGISTRY"


class State(StrEnum):
    """Where a duty stands; the contract says it in words."""

    OPEN = "OPEN"
    LATE = "LATE"
    """Not done, and the time is over."""
    DONE = "DONE"
    DONE_LATE = "DONE_LATE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """A dated duty of a cycle."""

    duty: str
    """Its id. Example: "surrender-2024", "evidence-2026-01"."""
    kind: Kind
    actor: Actor
    compliance_year: int
    sectors: frozenset[Sector]
    due_date: date
    """The last day."""
    text: Words
    rule: Rule

    @property
    def deadline(self) -> datetime:
        """The last second."""
        return datetime.combine(self.due_date, time(23, 59, 59), SHANGHAI)

    def is_in_time(self, moment: datetime) -> bool:
        """Tell whether a moment is not after the last second, all of which counts."""
        return moment < self.deadline + timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyRecord:
    """That a duty was done, as the desk recorded it; without a time: that it was not, after all."""

    duty: str
    done_time: datetime | None
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A duty of an account at a moment."""

    duty: Duty
    now: datetime
    done_time: datetime | None
    evidence: str
    """What shows that it is done; empty where nothing does."""

    @property
    def state(self) -> State:
        """Open, late, done, or done late."""
        if self.done_time is not None:
            return State.DONE if self.duty.is_in_time(self.done_time) else State.DONE_LATE
        return State.OPEN if self.duty.is_in_time(self.now) else State.LATE

    @property
    def days_left(self) -> int:
        """Days until the last day, in Asia/Shanghai; 0 on it, negative after it."""
        return (self.duty.due_date - self.now.astimezone(SHANGHAI).date()).days


def month_end_plus(month: date, day_count: int) -> date:
    """Return the day so many calendar days after the end of a month.

    >>> month_end_plus(date(2026, 2, 1), 40)
    datetime.date(2026, 4, 9)
    """
    end = (month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return end + timedelta(days=day_count)


def of_account(calendar: Iterable[Duty], account: Account, compliance_year: int) -> list[Duty]:
    """Return the duties of an account's sector for a year, by their last day."""
    found = [
        each
        for each in calendar
        if each.compliance_year == compliance_year and account.sector in each.sectors
    ]
    return sorted(found, key=lambda each: (each.due_date, each.duty))


def find(calendar: Iterable[Duty], account: Account, duty: str) -> Duty:
    """Return a duty of an account's sector.

    Raises:
        DutyUnknown: the calendar has no such one; at `duty_id`.
    """
    for each in calendar:
        if each.duty == duty and account.sector in each.sectors:
            return each
    raise DutyUnknown(field="duty_id", given=duty)


def standing(
    duty: Duty,
    now: datetime,
    record: DutyRecord | None,
    derived: Mapping[str, tuple[datetime, str]],
) -> Standing:
    """Return how a duty stands: as recorded, else as the books show, by the id of the duty."""
    if record is not None:
        return Standing(duty=duty, now=now, done_time=record.done_time, evidence=record.evidence)
    done_time, evidence = derived.get(duty.duty, (None, ""))
    if done_time is not None and done_time > now:
        done_time, evidence = None, ""
    return Standing(duty=duty, now=now, done_time=done_time, evidence=evidence)


def urgency(duty: Duty) -> tuple[date, bool, str]:
    """Return what duties are done in the order of.

    Of those that end on one day the surrender comes first: to miss it costs most.
    """
    return duty.due_date, duty.kind is not Kind.SURRENDER, duty.duty
