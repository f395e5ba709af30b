"""All that is missing or odd in the data of an enterprise and year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.accounting.domain.quality import completeness, outlier, plan
from services.accounting.domain.quality.completeness import Completeness
from services.accounting.domain.quality.evidence import Pack
from services.accounting.domain.quality.finding import Finding
from services.accounting.domain.quality.history import History
from services.accounting.domain.quality.outlier import OutlierRule
from services.accounting.domain.quality.plan import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What is assessed, as of which day, by which rule."""

    accounting_year: int
    today: date
    rule: OutlierRule


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """How complete each source is, and what a person must settle."""

    scope: Scope
    sources: tuple[Completeness, ...]
    findings: tuple[Finding, ...]


def of(history: History, planned: Plan | None, packs: Sequence[Pack], scope: Scope) -> Assessment:
    """Return what `history`, the records of the year and of the years before, shows."""
    year, today = scope.accounting_year, scope.today
    of_year = _since(history, year)
    silent = planned.source_ids - of_year.keys() if planned else frozenset()
    # Who reported last year and stopped is missing too; a source of the plan is told as silent.
    expected = {
        source_id: months
        for source_id, months in _since(history, year - 1).items()
        if source_id not in silent
    }
    due = completeness.due_months(year, today)
    return Assessment(
        scope=scope,
        sources=completeness.of(expected, due),
        findings=(
            *completeness.findings(expected, due),
            *outlier.findings(history, year, scope.rule),
            *plan.findings(planned, of_year),
            *(finding for pack in packs for finding in pack.findings(today)),
        ),
    )


def _since(history: History, year: int) -> History:
    """Return what was reported from a year on, of the sources that reported then."""
    recent = {
        source_id: tuple(each for each in months if each.month.start.year >= year)
        for source_id, months in history.items()
    }
    return {source_id: months for source_id, months in recent.items() if months}
