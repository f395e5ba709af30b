"""Why a line is what it is: the formula's steps, the factors, the records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from typing import Final, NamedTuple

from services.accounting.domain.activity import CurveMonth, Kind, Record, reported_day_count
from services.accounting.domain.binding import Binding, BoundFactor, Origin, formula_of
from services.accounting.domain.emission import GasEmission, compute
from services.accounting.domain.explanation.measure import Measure, measure_of, measures
from services.accounting.domain.explanation.tree import SILENT, Explanation, chosen, same
from services.accounting.domain.formula import Formula, Slot, Step
from services.accounting.domain.line import Amount, Line, Part, parts
from services.accounting.domain.method import Method
from services.accounting.domain.role import MANNERS
from services.kernel import units
from services.kernel.errors import Words
from services.kernel.mass import Gas, Rounding
from services.kernel.source import Source
from services.kernel.trust import Status


class _Link(NamedTuple):
    """A step of a formula, for one unit of activity: every formula is in proportion to it."""

    title: Words
    step: Step
    factors: tuple[Explanation, ...]


class _WayOfGas(NamedTuple):
    """How the activity becomes the mass of a gas."""

    gas: Gas
    chains: tuple[tuple[_Link, ...], ...]
    per_unit_t: Fraction
    """Tonnes of one unit of activity."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    """How lines with a binding come to their figures: all but their activity."""

    binding: Binding
    formula: Formula
    gases: tuple[_WayOfGas, ...]
    potentials: Mapping[tuple[str, Gas], tuple[Fraction, Explanation]]
    """By GWP set and gas, each with its value."""


@dataclass(frozen=True, slots=True)
class Explainer:
    """Explains lines by a method; what lines with the same binding share is worked out once."""

    method: Method
    _ways: dict[tuple[int, Kind], _Way] = field(default_factory=dict)
    """By the identity of the binding, which the way holds, and the kind of activity."""
    _measures: dict[str, Measure] = field(default_factory=dict)

    def of(self, line: Line, figure: str, records: Sequence[Record]) -> Explanation:
        """Return why `line` is what it is, down to those of the month's `records` it is made of.

        Raises:
            FieldInvalid: a line has no such figure.
        """
        measure = self._measure(figure)
        way = self._way(line)
        name = line.name
        return Explanation(
            title=same(f"{name} {_FIGURE}{measure.text}"),
            value=Fraction(measure.grams(line.booked)),
            unit=measure.unit,
            formula=way.formula.words,
            rounding=_rounding(self.method.rounding, self.method.rounding_reason),
            source=way.formula.clause,
            resource=f"{name}@{line.version}",
            children=_gases(way, line, records, measure.gwp_set),
        )

    def _measure(self, figure: str) -> Measure:
        if figure not in self._measures:
            known = [f"{_FIGURE}{each.text}" for each in measures(self.method)]
            self._measures[figure] = measure_of(chosen(figure, known), self.method)
        return self._measures[figure]

    def _way(self, line: Line) -> _Way:
        binding = line.binding
        key = (id(binding), line.source.kind)
        if key not in self._ways:
            term = self.method.term_of(line.source, binding.item_id)
            formula = formula_of(self.method, binding, term)
            year = binding.accounting_year
            factors = {each.slot: _factor(each, year) for each in binding.factors}
            emission = compute(formula, Fraction(1), binding, self.method.rounding)
            self._ways[key] = _Way(
                binding=binding,
                formula=formula,
                gases=tuple(_way_of_gas(each, factors) for each in emission.gases),
                potentials={
                    (each.gwp_set, each.gas): (
                        each.factor.quantity.fraction,
                        _factor(each.factor, year),
                    )
                    for each in binding.potentials
                },
            )
        return self._ways[key]


_FIGURE: Final = "emissions."


def _way_of_gas(emission: GasEmission, factors: Mapping[Slot, Explanation]) -> _WayOfGas:
    chains = tuple(
        tuple(
            _Link(
                title=Words(
                    en=step.formula.en.partition(" = ")[0], zh=step.formula.zh.partition(" = ")[0]
                ),
                step=step,
                factors=tuple(factors[slot] for slot in step.slots if slot in factors),
            )
            for step in steps
        )
        for steps in emission.chains
    )
    return _WayOfGas(gas=emission.gas, chains=chains, per_unit_t=emission.value_t)


def _gases(
    way: _Way, line: Line, records: Sequence[Record], gwp_set: str
) -> tuple[Explanation, ...]:
    """Return the way to CO2; or to every gas, each weighted by its potential."""
    found: list[Explanation] = []
    activity = _activity(line, records)
    for each in way.gases:
        chains = [_chain(links, activity, line) for links in each.chains]
        if each.gas in {Gas.CO2, Gas.CO2E}:
            found += chains if gwp_set or each.gas is Gas.CO2 else []
        elif gwp_set:
            potential, told = way.potentials[gwp_set, each.gas]
            found.append(
                Explanation(
                    title=same(f"{each.gas} × GWP"),
                    value=line.activity * each.per_unit_t * potential,
                    unit="tCO2e",
                    formula=_WEIGHTED,
                    children=(*chains, told),
                )
            )
    return tuple(found)


_WEIGHTED: Final = Words(en="mass × global warming potential", zh="质量 × 全球变暖潜势")


def _chain(links: Sequence[_Link], activity: Explanation, line: Line) -> Explanation:
    """Return the last step, with the one before it and its factors as children."""
    told = activity
    for title, step, factors in links:
        told = Explanation(
            title=title,
            value=line.activity * step.value,
            unit=step.unit,
            formula=step.formula,
            source=step.clause,
            children=(told, *factors),
        )
    return told


_ORIGINS: Final[Mapping[Origin, Words]] = {
    Origin.PUBLISHED: Words(en="published default", zh="文件缺省值"),
    Origin.CUSTOM: Words(en="the emitter's own, approved", zh="企业自有值，经双人复核"),
    Origin.GIVEN: Words(en="given by the caller", zh="调用方提供"),
}


def _factor(factor: BoundFactor, year: int) -> Explanation:
    """Return what is said of a factor."""
    origin = _ORIGINS[factor.origin]
    described = factor.data_period or "not stated"
    told = factor.data_period or "未注明"
    why = Explanation(
        title=Words(
            en=f"applies to accounting year {year}, region {factor.region_code}, "
            f"data period {described}",
            zh=f"适用于 {year} 核算年度，地区 {factor.region_code}，数据年份 {told}",
        ),
        source=factor.rule_source,
    )
    name = MANNERS[factor.role].name
    return Explanation(
        title=Words(
            en=f"{name.en} of {factor.subject} ({origin.en})",
            zh=f"{factor.subject} {name.zh}（{origin.zh}）",
        ),
        value=factor.quantity.fraction,
        unit=factor.quantity.unit,
        written=factor.quantity.text,
        source=factor.source,
        resource=f"{factor.name}@{factor.version}" if factor.name else "",
        children=(why,) if factor.rule_source else (),
    )


def _activity(line: Line, records: Sequence[Record]) -> Explanation:
    unit = line.activity_unit
    made_of = list(parts(line, records))
    return Explanation(
        title=Words(
            en=f"activity of {line.source.source_id}", zh=f"活动数据 {line.source.source_id}"
        ),
        value=line.activity,
        unit=unit,
        formula=_SUMMED,
        children=tuple(
            _amount(
                amount, unit, [each for each in made_of if each.record.quantity.unit == amount.unit]
            )
            for amount in line.activities
        ),
    )


_SUMMED: Final = Words(
    en="exact sum of the amounts as written, each unit converted once",
    zh="按原始单位精确求和，每种单位只换算一次",
)


def _amount(amount: Amount, unit: str, made_of: Sequence[Part]) -> Explanation:
    path = "; ".join(units.explain(amount.unit, unit).steps) if amount.unit != unit else ""
    return Explanation(
        title=Words(en=f"reported in {amount.unit}", zh=f"以 {amount.unit} 填报"),
        value=Fraction(amount.value),
        unit=amount.unit,
        written="" if isinstance(amount.value, Fraction) else f"{amount.value:f}",
        formula=same(path) if path else SILENT,
        children=tuple(_record(part.record, part.share) for part in made_of),
    )


def _record(record: Record, share: Fraction) -> Explanation:
    row = str(record.file_row or "")
    proof = ", ".join(filter(None, (record.evidence, record.certificate, row)))
    is_whole = share == 1
    reported = record.quantity.fraction
    return Explanation(
        title=same(f"{record.name} {record.period}"),
        value=reported if is_whole else reported * share,
        unit=record.quantity.unit,
        written=record.quantity.text if is_whole else "",
        formula=SILENT if is_whole else _divided(record, share),
        source=_evidence(proof) if proof else None,
        resource=record.name,
        children=() if record.curve_month is None else (_curve_month(record.curve_month, record),),
    )


def _evidence(proof: str) -> Source:
    return Source(title=proof, status=Status.UNVERIFIED, confidence="named by the reporter")


def _curve_month(month: CurveMonth, record: Record) -> Explanation:
    """Return which days and points of a curve a record adds up."""
    whole, sent = reported_day_count(record.period, month), record.period.days
    return Explanation(
        title=Words(
            en=f"{month.curve}: {whole} whole days of {sent}; points {month.measured_count} "
            f"measured, {month.estimated_count} estimated, {month.missing_count} missing; "
            f"{month.assumption_count} on an assumption about the register",
            zh=f"{month.curve}：{sent} 日中 {whole} 日完整；数据点：实测 {month.measured_count}、"
            f"估算 {month.estimated_count}、缺失 {month.missing_count}；"
            f"依据表计假定 {month.assumption_count}",
        ),
        resource=f"{month.curve}@{record.revision}",
    )


def _divided(record: Record, share: Fraction) -> Words:
    days, all_days = share * record.period.days, record.period.days
    return Words(
        en=f"{record.quantity} × {days} of its {all_days} days",
        zh=f"{record.quantity} × 其 {all_days} 日中的 {days} 日",
    )


_MODES: Final[Mapping[Rounding, Words]] = {
    Rounding.HALF_UP: Words(en="half up", zh="四舍五入"),
    Rounding.HALF_EVEN: Words(en="half to even", zh="四舍六入五成双"),
    Rounding.FLOOR: Words(en="down", zh="向下取整"),
    Rounding.CEILING: Words(en="up", zh="向上取整"),
}


@cache
def _rounding(mode: Rounding, reason: str) -> Words:
    name = _MODES[mode]
    return Words(
        en=f"rounded once, {name.en}, to whole grams: {reason}",
        zh=f"仅在此处取整一次，{name.zh}至克",
    )
