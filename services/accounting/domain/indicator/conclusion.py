"""What follows from the verdicts of a system: passed, failed, vetoed, open, or not to be said."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from services.accounting.domain.indicator.requirement import Verdict
from services.accounting.domain.indicator.result import Result
from services.accounting.domain.indicator.scoring import Scores
from services.accounting.domain.indicator.system import (
    Conclusion,
    Group,
    Part,
    Scoring,
    System,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupResult:
    """How the indicators of a group stand, counted."""

    group: Group
    met_count: int
    not_met_count: int
    open_count: int
    """Missing or undefined."""
    left_out_count: int
    """Not applicable, with a reason."""


def groups(system: System, results: Sequence[Result]) -> tuple[GroupResult, ...]:
    """Return every group of the system, counted."""
    return tuple(
        _counted(group, [each for each in results if each.indicator.group_id == group.group_id])
        for group in system.groups
    )


def concluded(
    system: System, results: Sequence[Result], grouped: Sequence[GroupResult], found: Scores
) -> Conclusion:
    """Return what follows for the zone."""
    match system.scoring:
        case Scoring.NONE:
            return Conclusion.NOT_JUDGED
        case Scoring.VERDICTS:
            return by_verdicts(results, grouped)
        case Scoring.REFERENCE_RATIO | Scoring.WEIGHTED:
            return Conclusion.INCOMPLETE if found.total is None else Conclusion.SCORED


def by_verdicts(results: Sequence[Result], grouped: Sequence[GroupResult]) -> Conclusion:
    """Return what follows where indicators are met or not."""
    short = [each for each in grouped if each.met_count < each.group.least_count]
    return of_verdicts(
        core={each.verdict for each in results if each.indicator.part is Part.CORE},
        mandatory={each.verdict for each in results if each.indicator.part is Part.MANDATORY},
        guiding=[each.verdict for each in results if each.indicator.part is Part.GUIDING],
        is_short=bool(short),
        is_lost=any(each.met_count + each.open_count < each.group.least_count for each in short),
    )


def of_verdicts(
    *,
    core: Collection[Verdict],
    mandatory: Collection[Verdict] = (),
    guiding: Collection[Verdict] = (),
    is_short: bool = False,
    is_lost: bool = False,
) -> Conclusion:
    """Return what follows from the verdicts of each part, and of the groups of choices.

    A core indicator that is not met is a veto, whatever the others say. Then every mandatory one
    has to be met, and enough of each group: `is_short` where a group has not enough yet, `is_lost`
    where it cannot have them any more. What is for reference leaves it open.

    >>> of_verdicts(core=[Verdict.MET], guiding=[Verdict.NOT_APPLICABLE_WITH_REASON])
    <Conclusion.PASSED: 'PASSED'>
    >>> of_verdicts(core=[Verdict.MET], guiding=[Verdict.MISSING])
    <Conclusion.OPEN: 'OPEN'>
    >>> of_verdicts(core=[Verdict.NOT_MET], guiding=[Verdict.MET])
    <Conclusion.VETOED: 'VETOED'>
    """
    if Verdict.NOT_MET in core:
        return Conclusion.VETOED
    if Verdict.NO_THRESHOLD in core:
        return Conclusion.NO_THRESHOLD
    if Verdict.NOT_MET in mandatory or is_lost:
        return Conclusion.FAILED
    is_met = all(verdict is Verdict.MET for verdict in core)
    if is_short or not is_met or any(verdict.is_open for verdict in mandatory):
        return Conclusion.INCOMPLETE
    settled = all(verdict.is_settled for verdict in guiding)
    return Conclusion.PASSED if settled else Conclusion.OPEN


def _counted(group: Group, results: Sequence[Result]) -> GroupResult:
    verdicts = [each.verdict for each in results if _counts_in(each, group)]
    return GroupResult(
        group=group,
        met_count=verdicts.count(Verdict.MET),
        not_met_count=verdicts.count(Verdict.NOT_MET),
        open_count=sum(verdict.is_open for verdict in verdicts),
        left_out_count=verdicts.count(Verdict.NOT_APPLICABLE_WITH_REASON),
    )


def _counts_in(result: Result, group: Group) -> bool:
    """Tell whether a result counts in its group: of a group of choices the choices alone."""
    return not group.least_count or result.indicator.part is Part.CHOSEN
