"""Why a line is what it is: the formula's steps, the factors, the records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Final

from services.accounting.domain.activity import Record
from services.accounting.domain.binding import BoundFactor
from services.accounting.domain.emission import Step
from services.accounting.domain.explanation.tree import GRAMS, Explanation, chosen, same
from services.accounting.domain.line import Amount, Line, emission
from services.accounting.domain.method import Method
from services.kernel import units
from services.kernel.errors import Words
from services.kernel.mass import Rounding
from services.kernel.source import Source
from services.kernel.trust import Status

FIGURES: Final = ("emissions.co2_g", "emissions.co2e_g")


def of(line: Line, figure: str, *, method: Method, records: Sequence[Record]) -> Explanation:
    """Return why `line` is what it is, down to `records`, all it is made of.

    Raises:
        FieldInvalid: a line has no such figure.
    """
    figure = chosen(figure, FIGURES)
    term = method.terms[line.source.kind]
    steps = emission(method, line.source, line.activities, line.binding).steps
    of_co2e = figure == "emissions.co2e_g"
    grams = line.booked.co2e_g if of_co2e else line.booked.co2_g
    return Explanation(
        title=same(f"{line.name} {figure}"),
        value=Fraction(grams),
        unit="gCO2e" if of_co2e else GRAMS,
        formula=term.formula,
        rounding=_rounding(method),
        source=term.clause,
        resource=f"{line.name}@{line.version}",
        children=(_step(steps, line, records),),
    )


def _step(steps: Sequence[Step], line: Line, records: Sequence[Record]) -> Explanation:
    """Return the last of `steps`, with the one before it and its factor as children."""
    if not steps:
        return _activity(line, records)
    *before, step = steps
    factors = line.binding.factors
    # Each step but the one from carbon to CO2 multiplies with a factor of its own.
    factor = (_factor(factors[len(before)], line),) if len(before) < len(factors) else ()
    return Explanation(
        title=Words(en=step.formula.en.partition(" = ")[0], zh=step.formula.zh.partition(" = ")[0]),
        value=step.value,
        unit=step.unit,
        formula=step.formula,
        source=step.clause,
        children=(_step(before, line, records), *factor),
    )


def _factor(factor: BoundFactor, line: Line) -> Explanation:
    role, year = factor.role.lower(), line.binding.accounting_year
    why = Explanation(
        title=Words(
            en=f"applies to accounting year {year}, region {factor.region_code}, "
            f"data of {factor.data_period or 'no stated year'}",
            zh=f"适用于 {year} 核算年度，地区 {factor.region_code}，"
            f"数据年份 {factor.data_period or '未注明'}",
        ),
        source=factor.rule_source,
    )
    return Explanation(
        title=same(f"{role} {line.source.subject}"),
        value=factor.quantity.fraction,
        unit=factor.quantity.unit,
        written=factor.quantity.text,
        source=factor.source,
        resource=f"{factor.name}@{factor.version}" if factor.name else "",
        children=(why,) if factor.rule_source else (),
    )


def _activity(line: Line, records: Sequence[Record]) -> Explanation:
    unit = line.binding.activity_unit
    return Explanation(
        title=Words(
            en=f"activity of {line.source.source_id}", zh=f"活动数据 {line.source.source_id}"
        ),
        value=line.activity,
        unit=unit,
        formula=Words(
            en="exact sum of the amounts as written, each unit converted once",
            zh="按原始单位精确求和，每种单位只换算一次",
        ),
        children=tuple(
            _amount(amount, unit, [each for each in records if each.quantity.unit == amount.unit])
            for amount in line.activities
        ),
    )


def _amount(amount: Amount, unit: str, records: Sequence[Record]) -> Explanation:
    path = "; ".join(units.explain(amount.unit, unit).steps) if amount.unit != unit else ""
    return Explanation(
        title=Words(en=f"reported in {amount.unit}", zh=f"以 {amount.unit} 填报"),
        value=Fraction(amount.value),
        unit=amount.unit,
        written=f"{amount.value:f}",
        formula=same(path),
        children=tuple(_record(record) for record in records),
    )


def _record(record: Record) -> Explanation:
    evidence = Source(
        title=record.evidence, status=Status.UNVERIFIED, confidence="named by the reporter"
    )
    return Explanation(
        title=same(f"{record.name} {record.period}"),
        value=record.quantity.fraction,
        unit=record.quantity.unit,
        written=record.quantity.text,
        source=evidence if record.evidence else None,
        resource=record.name,
    )


_MODES: Final[Mapping[Rounding, Words]] = {
    Rounding.HALF_UP: Words(en="half up", zh="四舍五入"),
    Rounding.HALF_EVEN: Words(en="half to even", zh="四舍六入五成双"),
    Rounding.FLOOR: Words(en="down", zh="向下取整"),
    Rounding.CEILING: Words(en="up", zh="向上取整"),
}


def _rounding(method: Method) -> Words:
    mode = _MODES[method.rounding]
    return Words(
        en=f"rounded once, {mode.en}, to whole grams: {method.rounding_reason}",
        zh=f"仅在此处取整一次，{mode.zh}至克",
    )
