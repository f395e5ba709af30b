"""The uncertainty of a total by propagation of error: IPCC 2006, volume 1, chapter 3, approach 1.

A total is a sum of terms, sign × activity × what the factors make of one unit of it. Its error has
independent causes: the measurement of each source, and each factor. At the end of its 95 % interval
a cause moves the total by

    h = half-width of the cause × Σ over all terms of sign × slope of the term along the cause

and the half-width of the total is √Σh². One cause is wrong in all its terms at once, so within it
terms are added, with their sign; between causes squares are. Equation 3.1, √(U_A² + U_EF²), is this
for one source with one factor; equation 3.2, √Σ(U x)² / |Σx|, for sources that share no factor. A
source is one cause over all its months, since its meter is the same in each: so the uncertainty of
a year is the same in whichever parts it was reported.

Slopes are exact: a formula is of the first degree in each of its factors. Where the ends of an
interval are not equally far from the figure, the farther one counts. Constants of a formula, such
as 44/12, and global warming potentials are taken as exact.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final

from services.accounting.domain import claim
from services.accounting.domain.binding import Binding, BoundFactor, formula_of
from services.accounting.domain.emission import per_unit
from services.accounting.domain.formula import Formula
from services.accounting.domain.inventory import Inventory
from services.accounting.domain.line import Line
from services.accounting.domain.method import Basis, Method
from services.accounting.domain.role import MANNERS
from services.kernel import units
from services.kernel.errors import Words
from services.kernel.quantity import Quantity

STANDARD_DEVIATIONS: Final = Fraction("1.96")
"""The half-width of a normal distribution's 95 % interval, in standard deviations."""

_PERCENT: Final = 100


class CauseKind(StrEnum):
    """What a cause of error is."""

    MEASUREMENT = "MEASUREMENT"
    """Of a source's activity."""
    FACTOR = "FACTOR"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Cause:
    """What is wrong as one wherever it enters: the measurement of a source, or a factor."""

    kind: CauseKind
    name: str
    """The source id; the factor's name with its version, or what it is where it has no name."""

    @classmethod
    def of_source(cls, source_id: str) -> Cause:
        """Return the measurement of a source."""
        return cls(kind=CauseKind.MEASUREMENT, name=source_id)

    @classmethod
    def of_factor(cls, factor: BoundFactor) -> Cause:
        """Return a factor: the same in each line that has the same version, or the same figure."""
        given = f"{factor.role.lower()} of {factor.subject}: {factor.quantity}"
        name = f"{factor.name}@{factor.version}" if factor.name else given
        return cls(kind=CauseKind.FACTOR, name=name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A figure and the ends of its 95 % interval, exact.

    >>> share = Interval(value=Fraction("0.5"), lower=Fraction("0.4"), upper=Fraction("0.6"))
    >>> float(share.half_width), float(share.mean), round(float(share.deviation), 7)
    (0.1, 0.5, 0.0510204)
    """

    value: Fraction
    lower: Fraction
    upper: Fraction

    @classmethod
    def around_one(cls, percent: Decimal) -> Interval:
        """Return 1 ± `percent`: an activity in units of itself."""
        half = Fraction(percent) / _PERCENT
        return cls(value=Fraction(1), lower=1 - half, upper=1 + half)

    @property
    def half_width(self) -> Fraction:
        """From the figure to the farther end."""
        return max(self.upper - self.value, self.value - self.lower)

    @property
    def mean(self) -> Fraction:
        """Of the normal distribution with this interval, whose lower end is 0 at the least."""
        return (max(self.lower, Fraction(0)) + self.upper) / 2

    @property
    def deviation(self) -> Fraction:
        """The standard deviation of that distribution: (upper − lower) / (2 × 1.96)."""
        return (self.upper - max(self.lower, Fraction(0))) / (2 * STANDARD_DEVIATIONS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """What a total counts of one source with one binding."""

    source_id: str
    sign: int
    """1 where it adds, -1 where it is deducted."""
    activity: Fraction
    """In the binding's own unit."""
    formula: Formula
    binding: Binding
    lines: tuple[str, ...]
    """The names of the lines that it is of."""

    def causes(self) -> Iterator[tuple[Cause, BoundFactor]]:
        """Yield the cause that each of its factors is."""
        for factor in self.binding.factors:
            yield Cause.of_factor(factor), factor


class LackKind(StrEnum):
    """Why a total has no uncertainty; the contract says it in words."""

    NOTHING_COUNTED = "NOTHING_COUNTED"
    FIGURE_MISSING = "FIGURE_MISSING"
    MEASUREMENT_UNSTATED = "MEASUREMENT_UNSTATED"
    FACTOR_UNBOUNDED = "FACTOR_UNBOUNDED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """What is missing before a total has an uncertainty."""

    kind: LackKind
    subject: str
    """The source, or the factor; empty where nothing is counted."""
    source_ids: tuple[str, ...]
    lines: tuple[str, ...]
    """The names of the lines concerned."""
    text: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """What one cause does to a total."""

    cause: Cause
    source_ids: tuple[str, ...]
    effect_g: float
    """How far the upper half-width of the cause moves the total: below 0 where it lowers it."""
    variance_ratio: float
    """Its share of the total's variance; 0 where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Propagated:
    """The result of approach 1."""

    half_width_g: float
    half_width_ratio: float | None
    """Over the size of the total; None of a total of 0."""
    contributions: tuple[Contribution, ...]
    """The largest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """The terms of a total, and how well each cause is known."""

    terms: tuple[Term, ...]
    intervals: Mapping[Cause, Interval]
    basis: Basis
    gwp_set: str
    total_g: int
    """The booked total, grams of CO2 equivalent."""
    lacks: tuple[Lack, ...]
    """What is missing; empty where every cause has its interval."""


def question(
    inventory: Inventory,
    lines: Sequence[Line],
    stated_percents: Mapping[str, Decimal],
    *,
    basis: Basis,
) -> Question:
    """Return what the uncertainty of a total rests on.

    `lines` are those of the inventory; `stated_percents` are the 95 % half-widths of sources'
    measurements, by source id, as the data-quality plan states them.
    """
    method = inventory.method
    found = terms(lines, method, basis)
    intervals = {
        Cause.of_source(source_id): Interval.around_one(percent)
        for source_id, percent in stated_percents.items()
    }
    for term in found:
        for cause, factor in term.causes():
            if factor.lower is not None and factor.upper is not None:
                intervals[cause] = Interval(
                    value=factor.quantity.fraction,
                    lower=Fraction(factor.lower),
                    upper=Fraction(factor.upper),
                )
    return Question(
        terms=found,
        intervals=intervals,
        basis=basis,
        gwp_set=method.gwp_set,
        total_g=inventory.total_by(basis).under(method.gwp_set),
        lacks=(*_uncounted(inventory, found, basis), *_unknown(found, intervals)),
    )


def terms(lines: Sequence[Line], method: Method, basis: Basis) -> tuple[Term, ...]:
    """Return the terms of a total, each of the lines of one source with one binding.

    What was claimed of green power beyond consumption counts for nothing, so a claim counts as far
    as electricity was bought.
    """
    unmatched = claim.unmatched_mwh(lines, method)
    grouped: defaultdict[tuple[str, Binding], list[Line]] = defaultdict(list)
    for line in lines:
        if method.counts(method.items[line.binding.item_id].category, basis):
            grouped[line.source.source_id, line.binding].append(line)
    return tuple(
        Term(
            source_id=source_id,
            sign=method.items[binding.item_id].sign,
            activity=sum((_counted(line, unmatched) for line in of_term), Fraction(0)),
            formula=formula_of(method, binding, method.term_of(of_term[0].source, binding.item_id)),
            binding=binding,
            lines=tuple(line.name for line in of_term),
        )
        for (source_id, binding), of_term in grouped.items()
    )


def propagated(asked: Question) -> Propagated | None:
    """Return the uncertainty of a total; None where anything is lacking."""
    if asked.lacks:
        return None
    effects: defaultdict[Cause, Fraction] = defaultdict(Fraction)
    sources: defaultdict[Cause, set[str]] = defaultdict(set)
    for term in asked.terms:
        for cause, slope in _slopes(term, asked.gwp_set):
            effects[cause] += slope * asked.intervals[cause].half_width
            sources[cause].add(term.source_id)
    variance = sum((effect * effect for effect in effects.values()), Fraction(0))
    half_width_g = math.sqrt(variance)
    contributions = [
        Contribution(
            cause=cause,
            source_ids=tuple(sorted(sources[cause])),
            effect_g=float(effect),
            variance_ratio=float(effect * effect / variance) if variance else 0.0,
        )
        for cause, effect in sorted(effects.items())
    ]
    return Propagated(
        half_width_g=half_width_g,
        half_width_ratio=half_width_g / abs(asked.total_g) if asked.total_g else None,
        contributions=tuple(sorted(contributions, key=lambda each: -abs(each.effect_g))),
    )


def _slopes(term: Term, gwp_set: str) -> Iterator[tuple[Cause, Fraction]]:
    """Yield how many grams the total gains per unit of each cause, where all else stays."""
    binding, signed = term.binding, term.sign * term.activity
    as_it_is = _per_unit(term.formula, binding, gwp_set)
    yield Cause.of_source(term.source_id), signed * as_it_is
    for at, factor in enumerate(binding.factors):
        with_none = _per_unit(term.formula, _with_factor(binding, at, 0), gwp_set)
        with_one = _per_unit(term.formula, _with_factor(binding, at, 1), gwp_set)
        yield Cause.of_factor(factor), signed * (with_one - with_none)


def _with_factor(binding: Binding, at: int, value: int) -> Binding:
    """Return the binding with another figure in the place of one factor."""
    factors = list(binding.factors)
    quantity = Quantity(value=Decimal(value), unit=factors[at].quantity.unit)
    factors[at] = replace(factors[at], quantity=quantity)
    return replace(binding, factors=tuple(factors))


def _per_unit(formula: Formula, binding: Binding, gwp_set: str) -> Fraction:
    return per_unit(formula, binding).co2e_g[gwp_set]


def _counted(line: Line, unmatched: Mapping[str, Fraction]) -> Fraction:
    excess_mwh = unmatched.get(line.line_id, Fraction(0))
    if not excess_mwh:
        return line.activity
    return line.activity - excess_mwh * units.conversion(claim.MWH, line.activity_unit)


def _uncounted(inventory: Inventory, found: Sequence[Term], basis: Basis) -> Iterator[Lack]:
    """Yield what a total lacks itself: it has no lines, or not all that belong to it."""
    method = inventory.method
    missing: defaultdict[str, set[str]] = defaultdict(set)
    for gap in inventory.gaps:
        if method.counts(method.items[gap.item_id].category, basis):
            missing[gap.grain.source_id].add(f"{gap.grain.month.start:%Y-%m}")
    for source_id, months in sorted(missing.items()):
        yield Lack(
            kind=LackKind.FIGURE_MISSING,
            subject=source_id,
            source_ids=(source_id,),
            lines=(),
            text=Words(
                en=f"{source_id}: no emissions for {', '.join(sorted(months))}, since a factor is "
                "missing; the inventory's findings say which.",
                zh=f"{source_id}：{'、'.join(sorted(months))} 因缺少因子没有排放量，"
                "详见清单的问题列表。",
            ),
        )
    if not found:
        yield Lack(
            kind=LackKind.NOTHING_COUNTED,
            subject="",
            source_ids=(),
            lines=(),
            text=Words(
                en="The total has no line: nothing was reported that it counts.",
                zh="合计中没有任何一行：尚未填报计入该合计的活动数据。",
            ),
        )


def _unknown(found: Sequence[Term], intervals: Mapping[Cause, Interval]) -> Iterator[Lack]:
    """Yield the causes without an interval, each once."""
    concerned: defaultdict[Cause, list[Term]] = defaultdict(list)
    called: dict[Cause, tuple[str, Words]] = {}
    for term in found:
        measured = Cause.of_source(term.source_id)
        called[measured] = term.source_id, _unstated(term.source_id)
        concerned[measured].append(term)
        for cause, factor in term.causes():
            called[cause] = factor.name or cause.name, _unbounded(factor, cause)
            concerned[cause].append(term)
    # What the enterprise can mend by itself comes first.
    for cause in sorted(concerned, key=lambda each: (each.kind is CauseKind.FACTOR, each)):
        if cause in intervals:
            continue
        of_cause = concerned[cause]
        subject, text = called[cause]
        yield Lack(
            kind=LackKind.MEASUREMENT_UNSTATED
            if cause.kind is CauseKind.MEASUREMENT
            else LackKind.FACTOR_UNBOUNDED,
            subject=subject,
            source_ids=tuple(sorted({term.source_id for term in of_cause})),
            lines=tuple(sorted({name for term in of_cause for name in term.lines})),
            text=text,
        )


def _unstated(source_id: str) -> Words:
    return Words(
        en=f"{source_id}: the data-quality plan states no uncertainty of its measurement. State "
        "the half-width of its 95 % interval in the plan.",
        zh=f"{source_id}：数据质量控制计划未给出其计量的不确定度，"
        "请在计划中填写 95% 置信区间的半宽。",
    )


def _unbounded(factor: BoundFactor, cause: Cause) -> Words:
    name = MANNERS[factor.role].name
    return Words(
        en=f"{name.en} of {factor.subject} ({cause.name}): its source prints no 95 % interval, and "
        "none is assumed.",
        zh=f"{factor.subject} {name.zh}（{cause.name}）：来源文件未给出 95% 置信区间，不作假定。",
    )
