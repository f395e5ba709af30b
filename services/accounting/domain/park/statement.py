"""The statement of a park: the core indicator, direct supply, the guiding ones, and acceptance.

    indicator = emissions ÷ energy         in tCO2/tce, exact, compared unrounded

Source: 发改环资〔2025〕910号, annex 3, 一 and 二 2. Where the core indicator is not met, a park may
in principle not apply for acceptance.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from services.accounting.domain.indicator.conclusion import of_verdicts
from services.accounting.domain.indicator.question import Answer
from services.accounting.domain.indicator.requirement import Case, Verdict
from services.accounting.domain.indicator.system import Conclusion
from services.accounting.domain.metering.coal_equivalent import Base
from services.accounting.domain.park import electricity, energy, guiding
from services.accounting.domain.park.electricity import Electricity, Flow, Matching, Share
from services.accounting.domain.park.energy import Energy, Kind, Total
from services.accounting.domain.park.guiding import Judged
from services.accounting.domain.park.rule import (
    TCO2,
    TCO2_PER_MWH,
    TCO2_PER_TCE,
    ParkRules,
)
from services.kernel import units
from services.kernel.errors import FieldInvalid, ParameterUndeclared, Words, within
from services.kernel.quantity import Quantity
from services.kernel.trust import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Emissions:
    """Emissions of CO2, computed elsewhere, and how."""

    quantity: Quantity
    method_id: str
    electricity_factor: Quantity | None
    """What unmatched electricity was counted with; None where it is not said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a park declares of a year."""

    accounting_year: int
    emissions: Emissions
    energies: Sequence[Energy]
    flows: Sequence[tuple[Flow, Quantity]]
    """Empty where nothing is said of the kinds of electricity."""
    answers: Sequence[Answer]

    @property
    def has_electricity(self) -> bool:
        """Tell whether the park has electricity of any kind."""
        return bool(self.flows) or any(each.kind is Kind.ELECTRICITY for each in self.energies)


class FindingKind(StrEnum):
    """What does not fit together."""

    ELECTRICITY_DIFFERS = "ELECTRICITY_DIFFERS"
    COEFFICIENT_YEAR = "COEFFICIENT_YEAR"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something for a person to settle."""

    kind: FindingKind
    field: str
    text: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Core:
    """The core indicator (单位能耗碳排放)."""

    value: Fraction
    """tCO2/tce, exact."""
    size: Case
    verdict: Verdict
    limit_tco2: Fraction | None
    """The emissions that just meet the limit with this energy; None without a limit."""
    reduction_tco2: Fraction | None
    """By how much the emissions exceed that, 0 where they do not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """How a park stands by the indicators of a document."""

    rules: ParkRules
    question: Question
    energy: Total
    core: Core
    electricity: Electricity | None
    shares: tuple[Share, ...]
    matching: Matching | None
    guiding: tuple[Judged, ...]
    conclusion: Conclusion
    taken: Mapping[str, Sequence[Quantity]]
    """The figures taken for open points, by the point's id."""
    findings: tuple[Finding, ...]

    @property
    def status(self) -> Status:
        """The lowest status of the rules applied."""
        return self.rules.status(self.core.size)


def evaluate(question: Question, rules: ParkRules) -> Statement:
    """Return the statement of what a park declares.

    Raises:
        Invalid: the declaration is refused; the errors are those of `_check`, `energy.total`,
            `electricity.read` and `guiding.judge`, the first in the order of the request.
    """
    _check(question, rules)
    consumed = energy.total(question.energies, rules.equal_value)
    flows = electricity.read(question.flows) if question.flows else None
    _check_electricity(consumed, flows)
    judged = guiding.judge(question.answers, rules.guiding)
    core = _core(question.emissions.quantity.to(TCO2), consumed.tce, rules)
    return Statement(
        rules=rules,
        question=question,
        energy=consumed,
        core=core,
        electricity=flows,
        shares=electricity.shares(flows, rules.direct_supply) if flows else (),
        matching=_matching(core, flows, rules),
        guiding=judged,
        conclusion=of_verdicts(core={core.verdict}, guiding=[each.verdict for each in judged]),
        taken=_taken(question, consumed),
        findings=(*_electricity_differs(consumed, flows), *_year(question)),
    )


def _check(question: Question, rules: ParkRules) -> None:
    """Refuse emissions that are not those of the method.

    Raises:
        FieldInvalid: they are by another method or factor.
        ParameterUndeclared: the park has electricity and the factor is not said.
        QuantityInvalid, UnitDimension: they are negative, or not of CO2 alone.
    """
    emissions = question.emissions
    with within("emissions."):
        with within("quantity."):
            units.conversion(emissions.quantity.unit, TCO2)
            emissions.quantity.non_negative()
        wanted = rules.system.method_id
        if emissions.method_id != wanted:
            raise FieldInvalid(
                field="method_id",
                given=emissions.method_id,
                allowed=Words(
                    en=f"{wanted}, annex 4 of 910号; a figure by another method must not "
                    "be called 910号",
                    zh=f"{wanted}（910号文附件4），按其他方法得出的结果不得称为910号文指标",
                ),
            )
        if emissions.electricity_factor is not None:
            with within("electricity_factor."):
                _check_factor(emissions.electricity_factor, rules.fossil_power_factor.value)
        elif question.has_electricity:
            parameter = rules.fossil_power_factor.parameter_id
            raise ParameterUndeclared(field="electricity_factor", parameter=parameter)


def _check_factor(given: Quantity, printed: Quantity) -> None:
    units.conversion(given.unit, TCO2_PER_MWH)
    if given.to(TCO2_PER_MWH) != printed.to(TCO2_PER_MWH):
        raise FieldInvalid(
            field="value",
            given=str(given),
            allowed=Words(
                en=f"{printed}, which annex 4 of 910号 prints; emissions by another factor must "
                "not be called 910号",
                zh=f"{printed}（910号文附件4所载），按其他因子计算的排放量不得称为910号文指标",
            ),
        )


def _check_electricity(consumed: Total, flows: Electricity | None) -> None:
    """Refuse energy that lacks the electricity which the flows bring in."""
    if flows and flows.without_fuel_mwh and not consumed.electricity:
        shown = units.written(flows.without_fuel_mwh)
        raise FieldInvalid(
            field="energies",
            given="no ELECTRICITY",
            allowed=Words(
                en=f"also the electricity of the flows, {shown} MWh, by equal value",
                zh=f"还须包括电力：电力流向显示受入及非化石自发自用电量 {shown} MWh，按等价值计算",
            ),
        )


def _core(emissions_tco2: Fraction, energy_tce: Fraction, rules: ParkRules) -> Core:
    size = rules.size_class(energy_tce)
    value = emissions_tco2 / energy_tce
    if size.requirement is None:
        return Core(
            value=value,
            size=size,
            verdict=Verdict.NO_THRESHOLD,
            limit_tco2=None,
            reduction_tco2=None,
        )
    limit_tco2 = size.requirement.limit.to(TCO2_PER_TCE) * energy_tce
    return Core(
        value=value,
        size=size,
        verdict=size.requirement.verdict(value),
        limit_tco2=limit_tco2,
        reduction_tco2=max(emissions_tco2 - limit_tco2, Fraction(0)),
    )


def _matching(core: Core, flows: Electricity | None, rules: ParkRules) -> Matching | None:
    if flows is None or not core.reduction_tco2:
        return None
    return electricity.matching(
        flows,
        reduction_tco2=core.reduction_tco2,
        factor_tco2_per_mwh=rules.fossil_power_factor.value.to(TCO2_PER_MWH),
    )


def _taken(question: Question, consumed: Total) -> Mapping[str, Sequence[Quantity]]:
    """Return the declared figures that settle open points, by the ids of the data file."""
    factor = question.emissions.electricity_factor
    others = [line for line in consumed.lines if line not in consumed.electricity]
    return {
        "equal-value-coefficient": [line.coefficient.quantity for line in consumed.electricity[:1]],
        "other-carriers": [line.coefficient.quantity for line in others],
        "fossil-power-factor": [factor] if factor else [],
    }


def _electricity_differs(consumed: Total, flows: Electricity | None) -> Iterator[Finding]:
    if flows is None or consumed.electricity_mwh == flows.without_fuel_mwh:
        return
    counted, shown = units.written(consumed.electricity_mwh), units.written(flows.without_fuel_mwh)
    yield Finding(
        kind=FindingKind.ELECTRICITY_DIFFERS,
        field="electricity_flows",
        text=Words(
            en=f"The energy holds {counted} MWh of electricity; the flows show {shown} MWh taken "
            "in or generated without fuel. Power from fuel burnt in the park is already counted "
            "with its fuel, and power that is taken in and sent out again is not consumed. "
            "Correct one of the two, or be ready to explain the difference.",
            zh=f"能源消费中的电力为 {counted} MWh，而电力流向显示受入及非化石自发自用电量为 "
            f"{shown} MWh。园区内以燃料自发的电力已随燃料计入，受入后又送出的电力不属于园区消费。"
            "请更正其中一项，或准备说明差异原因。",
        ),
    )


def _year(question: Question) -> Iterator[Finding]:
    year = question.accounting_year
    for index, each in enumerate(question.energies):
        declared = each.coefficient
        if declared and declared.base is Base.EQUAL_VALUE and declared.year != year:
            yield Finding(
                kind=FindingKind.COEFFICIENT_YEAR,
                field=f"energies[{index}].coefficient.year",
                text=Words(
                    en=f"The equal value of {each.carrier} is of {declared.year}, the statement "
                    f"of {year}. An equal value moves from year to year: say why this one holds.",
                    zh=f"{each.carrier}的等价值折标系数为 {declared.year} 年数值，核算年度为 "
                    f"{year} 年。等价值逐年变化，请说明采用该年份数值的原因。",
                ),
            )
