"""Money of several years, told at the prices of one: chained by the index that was reported."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from services.accounting.domain import comparable_price
from services.accounting.domain.indicator.expression import Ask
from services.accounting.domain.indicator.figure import Figure, Figures, Reported
from services.accounting.domain.indicator.input import Catalogue
from services.accounting.domain.indicator.statistic import Statistic
from services.kernel import units
from services.kernel.errors import Words
from services.kernel.period import Period


def at_one_price(figures: Figures, catalogue: Catalogue, reported: Reported) -> Figures:
    """Return the figures with money of several years at the earliest prices among them, exact.

    An input whose prices of some year between nobody reported stays as it is; no formula compares
    it then.
    """
    by_input: defaultdict[tuple[str, str], list[Figure]] = defaultdict(list)
    for figure in figures.values():
        kind = catalogue.inputs[figure.ask.input_id]
        if kind.price_index and figure.amount is not None:
            by_input[kind.price_index, kind.input_id].append(figure)
    told: dict[Ask, Figure] = dict(figures)
    for (index, _), found in by_input.items():
        told.update(_chained(found, index, reported))
    return told


def _chained(figures: Sequence[Figure], index: str, reported: Reported) -> Mapping[Ask, Figure]:
    """Return one input's figures of several years at their earliest prices; none if they are so."""
    target, last = min(map(_base, figures)), max(map(_base, figures))
    said = {
        year: each
        for year in range(target + 1, last + 1)
        for each in reported.of(reported.zone, index, year)
        if each.fact.period == Period.year(year)
    }
    if len(said) < last - target:
        return {}
    return {each.ask: _restated(each, target, said) for each in figures if _base(each) != target}


def _restated(figure: Figure, target: int, said: Mapping[int, Statistic]) -> Figure:
    assert figure.amount is not None, "it has one"
    base = _base(figure)
    by_year = {year: each.quantity.to("1") for year, each in said.items()}
    amount = comparable_price.comparable(figure.amount, base, by_year, target)
    used = ", ".join(
        f"{said[year].quantity} ({said[year].fact.name}, {said[year].version})"
        for year in range(target + 1, base + 1)
    )
    chain = comparable_price.comparable(Fraction(1), target, by_year, base)
    own, by = units.written(figure.amount), units.written(chain)
    remark = Words(
        en=f"{own} {figure.unit} at prices of {base}, divided by {by} to prices of "
        f"{target}: {used}",
        zh=f"{base} 年价格 {own} {figure.unit}，除以 {by} 折算为 {target} 年价格：{used}",
    )
    return replace(figure, amount=amount, price_base_year=target, remarks=(*figure.remarks, remark))


def _base(figure: Figure) -> int:
    return figure.price_base_year or figure.year
