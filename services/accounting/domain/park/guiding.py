"""Guiding indicators: each of them met, not met, left out with a reason, or missing.

Source: 发改环资〔2025〕910号, annex 3, 一、指标类型说明: a park that lacks the objective conditions
says why, and the indicator is left out of acceptance. What is left out or missing is not met.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.accounting.domain.park.rule import Guiding, Verdict
from services.kernel import units
from services.kernel.errors import DuplicateRow, FieldInvalid, FieldRequired, Words, within
from services.kernel.quantity import Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a park says of one indicator: a value, or why there is none."""

    indicator_id: str
    value: Quantity | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """How an indicator stands."""

    indicator: Guiding
    verdict: Verdict
    value: Quantity | None
    reason: str
    """Why it is left out, or empty."""


def judge(answers: Sequence[Answer], indicators: Sequence[Guiding]) -> tuple[Judged, ...]:
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


def _check(answer: Answer, known: Mapping[str, Guiding]) -> None:
    indicator = known.get(answer.indicator_id)
    if indicator is None:
        allowed = ", ".join(known)
        raise FieldInvalid(field="indicator_id", given=answer.indicator_id, allowed=allowed)
    if answer.value is None:
        if not answer.reason.strip():
            raise FieldRequired(field="not_applicable_reason")
        return
    with within("value."):
        units.conversion(answer.value.unit, indicator.requirement.limit.unit)
    _check_range(answer.value, indicator)


def _check_range(value: Quantity, indicator: Guiding) -> None:
    unit = indicator.requirement.limit.unit
    found = value.to(unit)
    smallest, largest = indicator.smallest, indicator.largest
    inside = smallest.fraction <= found <= largest.fraction
    if not inside or (indicator.whole and found.denominator != 1):
        suffix = "" if unit == "1" else f" {unit}"
        whole = ("a whole number, ", "整数，") if indicator.whole else ("", "")
        raise FieldInvalid(
            field="value.value",
            given=str(value),
            allowed=Words(
                en=f"{whole[0]}{smallest.text} to {largest.text}{suffix}",
                zh=f"{whole[1]}{smallest.text} 至 {largest.text}{suffix}",
            ),
        )


def _judged(indicator: Guiding, answer: Answer | None) -> Judged:
    value = answer.value if answer else None
    if answer is None:
        verdict = Verdict.MISSING
    elif value is None:
        verdict = Verdict.NOT_APPLICABLE_WITH_REASON
    else:
        verdict = indicator.requirement.verdict(value.to(indicator.requirement.limit.unit))
    return Judged(
        indicator=indicator, verdict=verdict, value=value, reason=answer.reason if answer else ""
    )
