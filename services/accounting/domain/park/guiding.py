"""Guiding indicators: each of them met, not met, left out with a reason, or missing.

Source: 发改环资〔2025〕910号, annex 3, 一、指标类型说明: a park that lacks the objective conditions
says why, and the indicator is left out of acceptance. What is left out or missing is not met.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.accounting.domain.indicator.question import Answer, check_answer_value
from services.accounting.domain.indicator.requirement import Verdict
from services.accounting.domain.indicator.system import Indicator
from services.accounting.domain.park.rule import requirement_of
from services.kernel.errors import DuplicateRow, FieldInvalid, FieldRequired, within
from services.kernel.quantity import Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """How an indicator stands."""

    indicator: Indicator
    verdict: Verdict
    value: Quantity | None
    reason: str
    """Why it is left out, or empty."""


def judge(answers: Sequence[Answer], indicators: Sequence[Indicator]) -> tuple[Judged, ...]:
    """Return every indicator of the document, in its order.

    Raises:
        FieldInvalid: there is no such indicator, or a value is none that it can have.
        FieldRequired: neither a value is given nor a reason.
        UnitDimension: the value is in a unit of something else.
        DuplicateRow: an indicator is answered twice.
    """
    known = {each.indicator_id: each for each in indicators}
    for index, answer in enumerate(answers):
        with within(f"guiding_answers[{index}]."):
            _check(answer, known)
        first = [each.indicator_id for each in answers].index(answer.indicator_id)
        if first != index:
            path, before = f"guiding_answers[{index}]", f"guiding_answers[{first}]"
            raise DuplicateRow(field=path, first=before)
    given = {answer.indicator_id: answer for answer in answers}
    return tuple(_judged(each, given.get(each.indicator_id)) for each in indicators)


def _check(answer: Answer, known: Mapping[str, Indicator]) -> None:
    indicator = known.get(answer.indicator_id)
    if indicator is None:
        allowed = ", ".join(known)
        raise FieldInvalid(field="indicator_id", given=answer.indicator_id, allowed=allowed)
    if answer.value is None:
        if not answer.reason.strip():
            raise FieldRequired(field="not_applicable_reason")
        return
    check_answer_value(answer, indicator)


def _judged(indicator: Indicator, answer: Answer | None) -> Judged:
    value = answer.value if answer else None
    if answer is None:
        verdict = Verdict.MISSING
    elif value is None:
        verdict = Verdict.NOT_APPLICABLE_WITH_REASON
    else:
        requirement = requirement_of(indicator)
        verdict = requirement.verdict(value.to(requirement.limit.unit))
    return Judged(
        indicator=indicator, verdict=verdict, value=value, reason=answer.reason if answer else ""
    )
