"""What is missing or odd in the data: for a person to settle, and never repaired silently."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from services.kernel.errors import Words
from services.kernel.period import Period


class FindingKind(StrEnum):
    """What kind of thing is missing or odd; the contract says it in words."""

    SOURCE_MONTH_MISSING = "SOURCE_MONTH_MISSING"
    SOURCE_DAYS_MISSING = "SOURCE_DAYS_MISSING"
    OUTLIER = "OUTLIER"
    UNIT_CHANGED = "UNIT_CHANGED"
    PLAN_MISSING = "PLAN_MISSING"
    SOURCE_NOT_IN_PLAN = "SOURCE_NOT_IN_PLAN"
    PLAN_SOURCE_SILENT = "PLAN_SOURCE_SILENT"
    EVIDENCE_MISSING = "EVIDENCE_MISSING"
    EVIDENCE_OVERDUE = "EVIDENCE_OVERDUE"
    SHARES_DO_NOT_ADD_UP = "SHARES_DO_NOT_ADD_UP"
    SHARES_ROUNDED = "SHARES_ROUNDED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that is missing or odd."""

    kind: FindingKind
    subject: str = ""
    """The source, or the item of the evidence."""
    months: tuple[Period, ...] = ()
    given: float | None = None
    expected: float | None = None
    unit: str = ""
    """Of both numbers."""
    text: Words


def listed(months: tuple[Period, ...]) -> Words:
    """Return months as they stand in a sentence.

    >>> str(listed((Period.month(2024, 1), Period.month(2024, 2))))
    '2024-01, 2024-02'
    """
    written = [f"{month.start:%Y-%m}" for month in months]
    return Words(en=", ".join(written), zh="、".join(written))
