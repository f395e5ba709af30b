"""The figures of a zone and year that formulas are computed with, and what lacks, from whom.

A zone's figure is the one that was reported of the zone; where none was, what its members of the
year add up to, and then each member has to have reported. Twelve months stand for a year that was
not reported as one. Money of several years is compared at the prices of one year only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

from services.accounting.domain.indicator.expression import Ask
from services.accounting.domain.indicator.input import Catalogue, Holder, Input, YearBy
from services.accounting.domain.indicator.statistic import Statistic
from services.kernel import units
from services.kernel.errors import Words
from services.kernel.period import MONTHS_PER_YEAR, Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What lacks, and who has to report it."""

    input_id: str
    year: int
    owners: tuple[str, ...]
    """Resource names of enterprises or of the zone."""
    text: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one fact brings to a figure."""

    name: str
    """Of the statistic or of the inventory."""
    version: int
    owner: str
    amount: Fraction
    """In the unit of the input."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """An input of a year, with all that it is made of."""

    ask: Ask
    year: int
    unit: str
    amount: Fraction | None
    """In `unit`, exact; None where it cannot be said."""
    shares: tuple[Share, ...] = ()
    price_base_year: int = 0
    needs: tuple[Need, ...] = ()
    """What it lacks; a figure can be there and still lack something."""
    remarks: tuple[Words, ...] = ()
    """What a reader should know, as that the zone and its members say different things."""

    @property
    def base(self) -> Fraction | None:
        """The amount in base units of its dimension."""
        return None if self.amount is None else self.amount * units.unit(self.unit).scale


Figures = Mapping[Ask, Figure]
"""Every figure that a system asks for."""


@dataclass(frozen=True, kw_only=True)
class Reported:
    """What was reported of a zone and its members, for the years that are asked for."""

    zone: str
    """The resource name."""
    members: Mapping[int, Sequence[str]]
    """Names of the enterprises that belong to the zone in each year."""
    statistics: Collection[Statistic]

    def of(self, owner: str, input_id: str, year: int) -> Sequence[Statistic]:
        """Return what an owner says of an input in a year: the year, or its months in order."""
        return self._said.get((owner, input_id, year), ())

    @cached_property
    def _said(self) -> Mapping[tuple[str, str, int], Sequence[Statistic]]:
        found: defaultdict[tuple[str, str, int], list[Statistic]] = defaultdict(list)
        for each in sorted(self.statistics, key=lambda each: each.fact.period.start):
            found[each.fact.owner, each.fact.input_id, each.fact.year].append(each)
        return {key: _year_or_months(said) for key, said in found.items()}


def _year_or_months(said: Sequence[Statistic]) -> Sequence[Statistic]:
    """Return what was said of the whole year, where that was; its months in order elsewhere."""
    whole = [each for each in said if each.fact.period == Period.year(each.fact.year)]
    return whole or said


def statistic_figure(ask: Ask, year: int, kind: Input, reported: Reported) -> Figure:
    """Return an input that is reported, of a zone and year; exact."""
    own = reported.of(reported.zone, kind.input_id, year)
    members = reported.members.get(year, ()) if kind.holder is Holder.MEMBER else ()
    of_members = {owner: reported.of(owner, kind.input_id, year) for owner in members}
    if _is_whole(own, kind):
        figure = _added(ask, year, kind, [own])
        return _beside_members(figure, kind, list(of_members.values()))
    lacking = tuple(owner for owner, said in of_members.items() if not _is_whole(said, kind))
    if lacking and (own or len(lacking) == len(members)):
        return _lacking(ask, year, kind, (reported.zone,), or_members=True)
    if not members:
        return _lacking(ask, year, kind, (reported.zone,))
    if lacking:
        return _lacking(ask, year, kind, lacking)
    return _added(ask, year, kind, list(of_members.values()))


def beside(counted: Figure, told: Figure) -> Figure:
    """Return what was counted, with a remark where something else was reported for it."""
    if told.amount is None or counted.amount is None or told.amount == counted.amount:
        return counted
    own, other = (units.written(each) for each in (counted.amount, told.amount))
    remark = Words(
        en=f"Counted from the ledger are {own} {counted.unit}, reported were {other}; what is "
        "counted as declared is taken. Be ready to explain the difference.",
        zh=f"按台账核算为 {own} {counted.unit}，填报值为 {other}；采用按声明系数核算的数值。"
        "请准备说明差异原因。",
    )
    return replace(counted, remarks=(*counted.remarks, remark))


def _is_whole(said: Sequence[Statistic], kind: Input) -> bool:
    """Tell whether what was said makes a year."""
    if not said:
        return False
    if len(said) == 1 and said[0].fact.period == Period.year(said[0].fact.year):
        return True
    if kind.year_by is YearBy.LAST:
        return said[-1].fact.period.start.month == MONTHS_PER_YEAR
    return len(said) == MONTHS_PER_YEAR


def _added(ask: Ask, year: int, kind: Input, said: Sequence[Sequence[Statistic]]) -> Figure:
    counted = [
        each for owner in said for each in (owner[-1:] if kind.year_by is YearBy.LAST else owner)
    ]
    bases = {each.price_base_year for each in counted}
    if len(bases) > 1:
        return _mixed(ask, year, kind, counted)
    shares = tuple(
        Share(
            name=each.fact.name,
            version=each.version,
            owner=each.fact.owner,
            amount=each.quantity.to(kind.unit),
        )
        for each in counted
    )
    return Figure(
        ask=ask,
        year=year,
        unit=kind.unit,
        amount=sum((share.amount for share in shares), Fraction(0)),
        shares=shares,
        price_base_year=bases.pop(),
    )


def _beside_members(figure: Figure, kind: Input, said: Sequence[Sequence[Statistic]]) -> Figure:
    """Return the zone's own figure, with a remark where its members add up to another."""
    if not said or not all(_is_whole(each, kind) for each in said):
        return figure
    summed = _added(figure.ask, figure.year, kind, said)
    if summed.amount is None or summed.amount == figure.amount:
        return figure
    assert figure.amount is not None, "it was reported"
    own, others = (units.written(each) for each in (figure.amount, summed.amount))
    remark = Words(
        en=f"The zone reports {own} {kind.unit}, its members add up to {others}; the zone's own "
        "figure is taken. Correct one of them, or be ready to explain the difference.",
        zh=f"园区整体填报 {own} {kind.unit}，成员企业合计 {others}；采用园区填报值。"
        "请更正其一，或准备说明差异原因。",
    )
    return replace(figure, remarks=(*figure.remarks, remark))


def _lacking(
    ask: Ask, year: int, kind: Input, owners: tuple[str, ...], *, or_members: bool = False
) -> Figure:
    listed = ", ".join(owners)
    en, zh = (" or from each of its members", "（或其全部成员企业）") if or_members else ("", "")
    text = Words(
        en=f"needs {kind.name.en} of {year} ({kind.input_id}, {kind.unit}) from {listed}{en}",
        zh=f"缺少 {listed}{zh} 的 {year} 年{kind.name.zh}（{kind.input_id}，{kind.unit}）",
    )
    need = Need(input_id=kind.input_id, year=year, owners=owners, text=text)
    return Figure(ask=ask, year=year, unit=kind.unit, amount=None, needs=(need,))


def _mixed(ask: Ask, year: int, kind: Input, said: Iterable[Statistic]) -> Figure:
    owners = tuple(dict.fromkeys(each.fact.owner for each in said))
    listed = ", ".join(owners)
    text = Words(
        en=f"needs {kind.name.en} of {year} at the prices of one year from {listed}",
        zh=f"{listed} 的 {year} 年{kind.name.zh}须采用同一价格基期",
    )
    need = Need(input_id=kind.input_id, year=year, owners=owners, text=text)
    return Figure(ask=ask, year=year, unit=kind.unit, amount=None, needs=(need,))


def at_one_price(figures: Sequence[Figure], catalogue: Catalogue, zone: str) -> tuple[Need, ...]:
    """Return what lacks where money of several years is at the prices of several years."""
    priced = [
        each
        for each in figures
        if catalogue.inputs[each.ask.input_id].by_price and each.amount is not None
    ]
    if len({each.year for each in priced}) < 2:  # noqa: PLR2004 - two years make a comparison
        return ()
    bases = {each.price_base_year or each.year for each in priced}
    if len(bases) == 1:
        return ()
    first = priced[0]
    kind = catalogue.inputs[first.ask.input_id]
    years = ", ".join(sorted(str(each.year) for each in priced))
    told = ", ".join(sorted(str(base) for base in bases))
    en, zh = _or_index(catalogue, kind, min(bases), max(bases))
    text = Words(
        en=f"needs {kind.name.en} of {years} at the prices of one year; they are at those of "
        f"{told}{en}. Prices of different years are never compared.",
        zh=f"{years} 年的{kind.name.zh}须采用同一价格基期，现分别为 {told} 年价格{zh}，"
        "不同年份价格不可比。",
    )
    return (Need(input_id=first.ask.input_id, year=first.year, owners=(zone,), text=text),)


def _or_index(catalogue: Catalogue, kind: Input, first: int, last: int) -> tuple[str, str]:
    """Return the other way out: the index by which the years would be chained."""
    if not kind.price_index:
        return "", ""
    name = catalogue.inputs[kind.price_index].name
    years = ", ".join(str(year) for year in range(first + 1, last + 1))
    return (
        f"; or the {name.en} ({kind.price_index}) of {years} from the zone",
        f"；或由园区填报 {years} 年{name.zh}（{kind.price_index}）",
    )
