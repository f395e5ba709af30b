"""The scores of a system added up, exactly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from services.accounting.domain.indicator.question import Question, parameters
from services.accounting.domain.indicator.requirement import Verdict
from services.accounting.domain.indicator.result import Result
from services.accounting.domain.indicator.score import between_points, reference_ratio
from services.accounting.domain.indicator.system import Part, Scoring, System
from services.kernel.errors import Words

COUNT: Final = "indicator_count"
CAPPED: Final = "capped"
_WHOLE: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """The score of each indicator that has one, and their total."""

    of: Mapping[str, Fraction]
    """By indicator; pure numbers."""
    total: Fraction | None
    """From 0 to 100, more where ratios are not capped; None where something that counts lacks."""
    lacking: tuple[Words, ...] = ()
    """What keeps the total from being said."""


_NONE: Final = Scores(of={}, total=None)


def scores(system: System, question: Question, results: Sequence[Result]) -> Scores:
    """Return the scores of the results.

    REFERENCE_RATIO:  GI = 100 / n × Σ r        n is `indicator_count`
    WEIGHTED:         S = 100 × Σ w · s         Σ w = 1
    """
    match system.scoring:
        case Scoring.REFERENCE_RATIO:
            return _ratios(system, question, results)
        case Scoring.WEIGHTED:
            return _weighted(results)
        case Scoring.VERDICTS | Scoring.NONE:
            return _NONE


def _ratios(system: System, question: Question, results: Sequence[Result]) -> Scores:
    declared = parameters(question, system)
    capped = bool(declared[CAPPED].fraction)
    counted = [
        each
        for each in results
        if each.indicator.part is not Part.CHOSEN or each.indicator.indicator_id in question.chosen
    ]
    found: dict[str, Fraction] = {}
    for each in counted:
        ratio = _ratio(each, capped=capped)
        if ratio is not None:
            found[each.indicator.indicator_id] = ratio
    lacking = [*_unscored(counted, found), *_unchosen(system, question)]
    total = _WHOLE / declared[COUNT].fraction * sum(found.values(), Fraction(0))
    return Scores(of=found, total=None if lacking else total, lacking=tuple(lacking))


def _ratio(result: Result, *, capped: bool) -> Fraction | None:
    """Return the ratio of a result; of a requirement without a reference whether it is met."""
    indicator = result.indicator
    if not result.is_counted:
        return None
    if indicator.reference is None:
        return Fraction(int(result.verdict is Verdict.MET))
    assert result.value is not None, "it is counted"
    reference = indicator.reference.to(indicator.unit)
    return reference_ratio(result.value, reference, indicator.direction, capped=capped)


def _weighted(results: Sequence[Result]) -> Scores:
    found: dict[str, Fraction] = {}
    total = Fraction(0)
    weighed = [each for each in results if each.indicator.weight is not None]
    for each in weighed:
        if not each.is_counted:
            continue
        indicator = each.indicator
        assert each.value is not None, "it is counted"
        assert indicator.weight is not None, "it is weighed"
        score = between_points(each.value, indicator.points, indicator.unit)
        found[indicator.indicator_id] = score
        total += _WHOLE * Fraction(indicator.weight) * score
    lacking = _unscored(weighed, found)
    return Scores(of=found, total=None if lacking else total, lacking=tuple(lacking))


def _unscored(counted: Sequence[Result], found: Mapping[str, Fraction]) -> list[Words]:
    return [
        Words(
            en=f"{each.indicator.indicator_id} has no score",
            zh=f"{each.indicator.indicator_id} 无得分",
        )
        for each in counted
        if each.indicator.indicator_id not in found
    ]


def _unchosen(system: System, question: Question) -> list[Words]:
    """Return the groups of which not as many are chosen as the document wants."""
    of_group = Counter(
        each.group_id for each in system.indicators if each.indicator_id in question.chosen
    )
    return [
        Words(
            en=f"{of_group[group.group_id]} chosen of {group.group_id}, "
            f"{group.least_count} are to be",
            zh=f"{group.name.zh}应选 {group.least_count} 项，已选 {of_group[group.group_id]} 项",
        )
        for group in system.groups
        if group.least_count and of_group[group.group_id] != group.least_count
    ]
