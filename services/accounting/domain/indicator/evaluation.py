"""An evaluation: a zone's year by an indicator system. A pure function of what it is given.

The same system, question and figures give the same evaluation to the last digit, whenever and
wherever it is computed: that is how an evaluation is kept and read again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from services.accounting.domain.indicator import figure as figures_of
from services.accounting.domain.indicator.conclusion import GroupResult, concluded, groups
from services.accounting.domain.indicator.expression import Ask, Missing, Undefined
from services.accounting.domain.indicator.figure import Figure, Figures, Need
from services.accounting.domain.indicator.input import Catalogue
from services.accounting.domain.indicator.question import Answer, Question, parameters
from services.accounting.domain.indicator.requirement import Case, Verdict
from services.accounting.domain.indicator.result import Result
from services.accounting.domain.indicator.scoring import Scores, scores
from services.accounting.domain.indicator.system import Conclusion, Indicator, System
from services.kernel import trust, units
from services.kernel.errors import Words
from services.kernel.trust import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """How a zone stands in a year by a system."""

    system: System
    question: Question
    figures: Figures
    results: tuple[Result, ...]
    """In the order of the system."""
    groups: tuple[GroupResult, ...]
    scores: Scores
    conclusion: Conclusion

    @property
    def needs(self) -> tuple[Need, ...]:
        """All that lacks, each once."""
        return tuple(dict.fromkeys(need for each in self.results for need in each.needs))

    @property
    def status(self) -> Status:
        """The lowest status of what was applied: what the whole deserves."""
        parameters = (each.clause.status for each in self.system.parameters)
        return trust.lowest(*(each.status for each in self.results), *parameters)

    @property
    def digest(self) -> str:
        """SHA-256 of every exact value, verdict and score, in hexadecimal."""
        told = [self.conclusion.value, str(self.scores.total)]
        for each in self.results:
            told += [each.indicator.indicator_id, str(each.value), each.verdict, str(each.score)]
        return hashlib.sha256("\n".join(map(str, told)).encode()).hexdigest()


def evaluate(
    system: System, question: Question, figures: Figures, catalogue: Catalogue
) -> Evaluation:
    """Return how the zone stands; every value exact, compared and scored unrounded."""
    figures = {**figures, **_declared(question, system)}
    answers = {answer.indicator_id: answer for answer in question.answers}
    judged = [
        _judged(each, answers.get(each.indicator_id), figures, catalogue, question.zone)
        for each in system.indicators
    ]
    found = scores(system, question, judged)
    results = tuple(each.scored(found.of.get(each.indicator.indicator_id)) for each in judged)
    grouped = groups(system, results)
    return Evaluation(
        system=system,
        question=question,
        figures=figures,
        results=results,
        groups=grouped,
        scores=found,
        conclusion=concluded(system, results, grouped, found),
    )


def _declared(question: Question, system: System) -> Figures:
    """Return the parameters that have a figure, as formulas name them."""
    return {
        Ask(input_id=parameter_id): Figure(
            ask=Ask(input_id=parameter_id),
            year=question.accounting_year,
            unit=quantity.unit,
            amount=quantity.fraction,
        )
        for parameter_id, quantity in parameters(question, system).items()
    }


def _judged(
    indicator: Indicator,
    answer: Answer | None,
    figures: Figures,
    catalogue: Catalogue,
    zone: str,
) -> Result:
    if answer is not None and answer.value is None:
        return Result(
            indicator=indicator, answer=answer, verdict=Verdict.NOT_APPLICABLE_WITH_REASON
        )
    if answer is not None and answer.value is not None:
        return _with_verdict(
            Result(
                indicator=indicator,
                answer=answer,
                value=answer.value.to(indicator.unit),
                figures=_used(indicator, figures),
            ),
            figures,
        )
    if indicator.formula is None:
        bare = Result(
            indicator=indicator, verdict=Verdict.MISSING, needs=(_answer(indicator, zone),)
        )
        return _asked_for(bare, figures)
    return _computed(indicator, figures, catalogue, zone)


def _computed(indicator: Indicator, figures: Figures, catalogue: Catalogue, zone: str) -> Result:
    assert indicator.formula is not None, "it is computed"
    used = _used(indicator, figures)
    outcome = indicator.formula.outcome(lambda ask: figures[ask].base)
    own = [figures[ask] for ask in indicator.formula.asks() if ask.input_id in catalogue.inputs]
    mixed = figures_of.at_one_price(own, catalogue, zone)
    needs = (*(need for each in used for need in each.needs), *mixed)
    bare = Result(indicator=indicator, figures=used, needs=tuple(dict.fromkeys(needs)))
    found = _asked_for(bare, figures)
    if isinstance(outcome, Undefined):
        return found.without_value(outcome.reason)
    if isinstance(outcome, Missing) or mixed:
        return found
    return _with_verdict(found.valued(outcome / units.unit(indicator.unit).scale), figures)


def _asked_for(result: Result, figures: Figures) -> Result:
    """Return a result without a value with what is asked for, where that can be said."""
    case = _case(result.indicator.cases, figures)
    return result.under(case if isinstance(case, Case) else None, result.verdict)


def _used(indicator: Indicator, figures: Figures) -> tuple[Figure, ...]:
    return tuple(figures[ask] for ask in indicator.asks())


def _answer(indicator: Indicator, zone: str) -> Need:
    return Need(
        input_id=indicator.indicator_id,
        year=0,
        owners=(zone,),
        text=Words(
            en=f"needs an answer to {indicator.indicator_id} ({indicator.name.en}, "
            f"{indicator.unit}) with its evidence from {zone}",
            zh=f"缺少 {zone} 对 {indicator.indicator_id}（{indicator.name.zh}，{indicator.unit}）"
            "的填报值及佐证",
        ),
    )


def _with_verdict(result: Result, figures: Figures) -> Result:
    """Return a result that has a value, with its case and verdict; open where something lacks."""
    case = _case(result.indicator.cases, figures)
    if case is None:
        return result.under(None, Verdict.NO_THRESHOLD)
    if isinstance(case, Missing):
        return result.under(None, Verdict.MISSING)
    if isinstance(case, Undefined):
        return result.under(None, Verdict.UNDEFINED)
    if result.needs:
        return result.under(case, Verdict.MISSING)
    if case.requirement is None:
        return result.under(case, Verdict.NO_THRESHOLD)
    assert result.value is not None, "it has one"
    limit = case.requirement.limit
    in_unit_of_limit = result.value * units.conversion(result.indicator.unit, limit.unit)
    return result.under(case, case.requirement.verdict(in_unit_of_limit))


def _case(cases: Sequence[Case], figures: Figures) -> Case | Missing | Undefined | None:
    """Return the first case that holds; None where there is none."""
    for case in cases:
        holds: bool | Missing | Undefined = True
        if case.when is not None:
            holds = case.when.holds(lambda ask: figures[ask].base)
        if not isinstance(holds, bool):
            return holds
        if holds:
            return case
    return None
