"""What is asked: which zone and year, and what the desk declares where no fact can say it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.accounting.domain.comprehensive_energy import Declared
from services.accounting.domain.indicator.system import Indicator, Part, System
from services.kernel import units
from services.kernel.errors import (
    DuplicateRow,
    FieldInvalid,
    FieldRequired,
    ParameterUndeclared,
    Words,
    within,
)
from services.kernel.quantity import Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a desk says of an indicator: a value with evidence, or why there is none."""

    indicator_id: str
    value: Quantity | None = None
    evidence: str = ""
    reason: str = ""
    """Why the indicator is left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is evaluated."""

    zone: str
    """The resource name."""
    accounting_year: int
    answers: Sequence[Answer] = ()
    chosen: Sequence[str] = ()
    """Ids of the CHOSEN indicators that count."""
    parameters: Sequence[tuple[str, Quantity]] = ()
    """Declared, by id."""
    energy: Declared | None = None
    """How the zone's energy is counted from the ledger; None where it was reported."""


def check(question: Question, system: System) -> None:
    """Refuse what the system does not ask for, or asks for otherwise.

    Raises:
        FieldInvalid: there is no such indicator or parameter, an indicator that is computed is
            answered, one that may not be left out is, or a value is none it can have.
        FieldRequired: an answer has neither value nor reason, or a value no evidence.
        DuplicateRow: an indicator or a parameter is named twice.
        UnitDimension: a value is in a unit of something else.
        ParameterUndeclared: the document leaves a parameter open, and nobody declares it.
    """
    _once("answers", [each.indicator_id for each in question.answers])
    for index, answer in enumerate(question.answers):
        with within(f"answers[{index}]."):
            _check_answer(answer, system)
    _once("chosen_indicator_ids", question.chosen)
    for index, chosen in enumerate(question.chosen):
        _check_chosen(chosen, f"chosen_indicator_ids[{index}]", system)
    _check_parameters(question, system)


def parameters(question: Question, system: System) -> Mapping[str, Quantity]:
    """Return every parameter that has a figure: the declared one, else the usual one."""
    usual = {each.parameter_id: each.usual for each in system.parameters if each.usual}
    return usual | dict(question.parameters)


def check_answer_value(answer: Answer, indicator: Indicator) -> None:
    """Refuse a value that the indicator cannot have; at `value`.

    Raises:
        UnitDimension: it is in a unit of something else.
        FieldInvalid: it lies outside, or is no whole number.
    """
    value = answer.value
    assert value is not None, "it has one"
    with within("value."):
        units.conversion(value.unit, indicator.unit)
    found = value.to(indicator.unit)
    smallest, largest = indicator.smallest, indicator.largest
    low = smallest is not None and found < smallest.to(indicator.unit)
    high = largest is not None and found > largest.to(indicator.unit)
    if low or high or (indicator.whole and found.denominator != 1):
        raise FieldInvalid(field="value.value", given=str(value), allowed=_range(indicator))


def _range(indicator: Indicator) -> Words:
    suffix = "" if indicator.unit == "1" else f" {indicator.unit}"
    low = indicator.smallest.text if indicator.smallest else None
    high = indicator.largest.text if indicator.largest else None
    whole = ("a whole number, ", "整数，") if indicator.whole else ("", "")
    match low, high:
        case str(), str():
            ends = (f"{low} to {high}{suffix}", f"{low} 至 {high}{suffix}")
        case str(), None:
            ends = (f"{low}{suffix} or more", f"不小于 {low}{suffix}")
        case None, str():
            ends = (f"{high}{suffix} or less", f"不大于 {high}{suffix}")
        case _:
            ends = ("any", "任意值")
    return Words(en=whole[0] + ends[0], zh=whole[1] + ends[1])


def _once(field: str, ids: Sequence[str]) -> None:
    for index, each in enumerate(ids):
        first = ids.index(each)
        if first != index:
            raise DuplicateRow(field=f"{field}[{index}]", first=f"{field}[{first}]")


def _check_answer(answer: Answer, system: System) -> None:
    indicator = system.indicator(answer.indicator_id)
    if indicator is None:
        allowed = ", ".join(each.indicator_id for each in system.indicators)
        raise FieldInvalid(field="indicator_id", given=answer.indicator_id, allowed=allowed)
    if answer.value is None:
        _check_left_out(answer, indicator, system)
        return
    if indicator.formula is not None:
        raise FieldInvalid(
            field="value",
            given=str(answer.value),
            allowed=Words(
                en=f"nothing: {indicator.indicator_id} is computed as {indicator.formula.text}; "
                "report the statistics that it takes",
                zh=f"留空：{indicator.indicator_id} 按 {indicator.formula.text} 计算，"
                "请填报其所需统计数据",
            ),
        )
    check_answer_value(answer, indicator)
    if not answer.evidence.strip():
        raise FieldRequired(field="evidence")


def _check_left_out(answer: Answer, indicator: Indicator, system: System) -> None:
    if not answer.reason.strip():
        raise FieldRequired(field="not_applicable_reason")
    may = system.not_applicable_clause is not None and indicator.part is Part.GUIDING
    if not may:
        raise FieldInvalid(
            field="not_applicable_reason",
            given=answer.reason,
            allowed=Words(
                en=f"nothing: {system.system_id} lets no indicator like {indicator.indicator_id} "
                "be left out",
                zh=f"留空：{system.system_id} 不允许 {indicator.indicator_id} 免于评价",
            ),
        )


def _check_chosen(chosen: str, field: str, system: System) -> None:
    choices = [each.indicator_id for each in system.indicators if each.part is Part.CHOSEN]
    if chosen not in choices:
        allowed = ", ".join(choices) or Words(en="nothing is to be chosen", zh="无可选指标")
        raise FieldInvalid(field=field, given=chosen, allowed=allowed)


def _check_parameters(question: Question, system: System) -> None:
    _once("parameters", [each for each, _ in question.parameters])
    known = {each.parameter_id: each for each in system.parameters}
    for index, (parameter_id, quantity) in enumerate(question.parameters):
        with within(f"parameters[{index}]."):
            if parameter_id not in known:
                allowed = ", ".join(known) or Words(en="no parameter", zh="无参数")
                raise FieldInvalid(field="parameter_id", given=parameter_id, allowed=allowed)
            with within("quantity."):
                units.conversion(quantity.unit, known[parameter_id].unit)
                quantity.non_negative()
    found = parameters(question, system)
    for each in system.parameters:
        if each.parameter_id not in found:
            raise ParameterUndeclared(field="parameters", parameter=each.parameter_id)
