"""A reconciliation statement: why two methods differ for the same enterprise and year.

Both methods read the same records. Month by month and source by source their lines are laid side by
side; the formula of the one is exchanged for that of the other step by step, and each step books
what it makes. So the rows are integers and add up exactly:

    total of the second = total of the first + Σ rows
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction

from services.accounting.domain.activity import ELECTRICITY, Kind
from services.accounting.domain.binding import formula_of
from services.accounting.domain.claim import BEYOND
from services.accounting.domain.exchange import Change, exchanges
from services.accounting.domain.inventory import Inventory
from services.accounting.domain.line import Grain, Line
from services.accounting.domain.method import Basis, Method
from services.kernel.errors import Words
from services.kernel.mass import Gas


class Cause(StrEnum):
    """Why two lines differ; the contract says it in words."""

    NOT_COUNTED = "NOT_COUNTED"
    ONLY_COUNTED_HERE = "ONLY_COUNTED_HERE"
    FACTOR = "FACTOR"
    FORMULA = "FORMULA"
    OTHER_GASES = "OTHER_GASES"
    GREEN_POWER = "GREEN_POWER"


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A total of an enterprise and year, and the lines it is made of."""

    inventory: Inventory
    lines: tuple[Line, ...]
    """Of the inventory's method, current."""
    gwp_set: str
    basis: Basis

    @property
    def method(self) -> Method:
        """Its method."""
        return self.inventory.method

    @property
    def total_g(self) -> int:
        """The total, grams of CO2 equivalent."""
        return self.inventory.total_by(self.basis).under(self.gwp_set)

    def counted(self) -> Iterator[Line]:
        """Yield the lines that are in the total."""
        for line in self.lines:
            item = self.method.items[line.binding.item_id]
            if self.method.counts(item.category, self.basis):
                yield line

    def signed(self, line: Line) -> int:
        """Return what a line adds to the total, grams of CO2 equivalent."""
        sign = self.method.items[line.binding.item_id].sign
        return sign * line.booked.under(self.gwp_set)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What a cause makes for one item and subject."""

    cause: Cause
    from_item: str
    to_item: str
    subject: str
    text: Words
    change: Change | None = None
    """What was exchanged, where it is an exchange; the text is of it."""
    difference_g: int
    activity: Fraction = Fraction(0)
    unit: str = ""
    """Of the activity; empty where the two sides do not agree on one."""


def rows(first: Side, second: Side) -> tuple[Row, ...]:
    """Return the statement that leads from the total of `first` to that of `second`.

    Largest first; what makes nothing is left out. The sum of the rows is the difference of the two
    totals, to the gram.
    """
    told: list[Row] = []
    left, right = _by_grain(first), _by_grain(second)
    for grain in sorted({*left, *right}):
        told += _of_grain(left.get(grain, []), right.get(grain, []), first, second)
    told += _beyond(first, second)
    merged = _merged(told)
    assert sum(row.difference_g for row in merged) == second.total_g - first.total_g, "it closes"
    return tuple(sorted(merged, key=lambda row: (-abs(row.difference_g), row.subject, row.text.en)))


def _by_grain(side: Side) -> Mapping[Grain, list[Line]]:
    found: defaultdict[Grain, list[Line]] = defaultdict(list)
    for line in side.counted():
        found[line.grain].append(line)
    return found


def _of_grain(
    left: Sequence[Line], right: Sequence[Line], first: Side, second: Side
) -> Iterator[Row]:
    """Yield the rows of a source's month: pairs of lines, and what stands on one side alone."""
    alone, unpaired = list[Line](), list(right)
    for line in left:
        pair = next((each for each in unpaired if _is_pair(line, each, first, second)), None)
        if pair is None:
            alone.append(line)
        else:
            unpaired.remove(pair)
            yield from _pair(line, pair, first, second)
    if _is_divided(alone, unpaired, first, second):
        yield _divided(alone, unpaired, first, second)
        return
    for line in alone:
        yield _alone(line, first, Cause.NOT_COUNTED)
    for line in unpaired:
        yield _alone(line, second, Cause.ONLY_COUNTED_HERE)


def _is_divided(left: Sequence[Line], right: Sequence[Line], first: Side, second: Side) -> bool:
    """Tell whether one side has by parts of the month, by days, what the other has otherwise."""
    if not left or not right:
        return False
    signs = {first.method.items[line.binding.item_id].sign for line in left}
    signs |= {second.method.items[line.binding.item_id].sign for line in right}
    sums = [_amounts(lines) for lines in (left, right)]
    return len(signs) == 1 and sums[0] == sums[1]


def _amounts(lines: Sequence[Line]) -> Mapping[str, Fraction]:
    sums: defaultdict[str, Fraction] = defaultdict(Fraction)
    for line in lines:
        for amount in line.activities:
            sums[amount.unit] += Fraction(amount.value)
    return sums


def _divided(left: Sequence[Line], right: Sequence[Line], first: Side, second: Side) -> Row:
    same_unit = len({line.activity_unit for line in (*left, *right)}) == 1
    return Row(
        cause=Cause.FORMULA,
        from_item=left[0].binding.item_id,
        to_item=right[0].binding.item_id,
        subject=left[0].source.subject,
        text=Words(
            en="divided by days where a factor changes: other figures for parts of a month",
            zh="因子变更处按日拆分：一个月内各部分采用不同数值",
        ),
        difference_g=sum(map(second.signed, right)) - sum(map(first.signed, left)),
        activity=sum((line.activity for line in left), Fraction(0)) if same_unit else Fraction(0),
        unit=left[0].activity_unit if same_unit else "",
    )


def _is_pair(line: Line, other: Line, first: Side, second: Side) -> bool:
    """Tell whether two lines count the same records with the same sign."""
    sign = first.method.items[line.binding.item_id].sign
    other_sign = second.method.items[other.binding.item_id].sign
    return sign == other_sign and line.activities == other.activities


def _alone(line: Line, side: Side, cause: Cause) -> Row:
    item = side.method.items[line.binding.item_id]
    is_from = cause is Cause.NOT_COUNTED
    grams = side.signed(line)
    title = side.method.method_id
    text = Words(en=f"{item.name.en}: in {title} only", zh=f"{item.name.zh}：仅 {title} 核算")
    green = line.source.kind is Kind.GREEN_POWER_CLAIMED
    return Row(
        cause=Cause.GREEN_POWER if green else cause,
        from_item=item.item_id if is_from else "",
        to_item="" if is_from else item.item_id,
        subject=line.source.subject,
        text=text,
        difference_g=-grams if is_from else grams,
        activity=line.activity,
        unit=line.activity_unit,
    )


def _pair(line: Line, other: Line, first: Side, second: Side) -> Iterator[Row]:
    """Yield what leads from a line to its pair: CO2 factor by factor, then the other gases."""
    sign = first.method.items[line.binding.item_id].sign

    def row(cause: Cause, text: Words, grams: int) -> Row:
        same_unit = line.activity_unit == other.activity_unit
        return Row(
            cause=cause,
            from_item=line.binding.item_id,
            to_item=other.binding.item_id,
            subject=line.source.subject,
            text=text,
            difference_g=sign * grams,
            activity=line.activity if same_unit else Fraction(0),
            unit=line.activity_unit if same_unit else "",
        )

    made = 0
    for each in exchanges(line, other, first.method, second.method):
        made += each.grams
        cause = Cause.FACTOR if each.change.is_factor else Cause.FORMULA
        yield replace(row(cause, each.change.text, each.grams), change=each.change)
    rest = other.booked.under(second.gwp_set) - line.booked.under(first.gwp_set) - made
    before, after = _gases(line, first), _gases(other, second)
    gases = Words(
        en=f"gases other than CO2: {before.en} → {after.en}",
        zh=f"二氧化碳以外的气体：{before.zh} → {after.zh}",
    )
    yield row(Cause.OTHER_GASES, gases, rest)


def _gases(line: Line, side: Side) -> Words:
    """Return what a line counts beside CO2: `CH4, N2O by gwp100-ar5`."""
    term = side.method.term_of(line.source, line.binding.item_id)
    formula = formula_of(side.method, line.binding, term)
    chains = formula.taken(line.binding.subject, line.binding.known.figures.keys())
    gases = dict.fromkeys(str(each.gas) for each in chains if each.gas is not Gas.CO2)
    if not gases:
        return Words(en="none", zh="无")
    return Words(
        en=f"{', '.join(gases)} by {side.gwp_set}", zh=f"{'、'.join(gases)}（{side.gwp_set}）"
    )


def _beyond(first: Side, second: Side) -> Iterator[Row]:
    """Yield what is given back for claims beyond consumption, which stands in no line."""
    left, right = _given_back(first), _given_back(second)
    told = next((side for side, grams in ((first, left), (second, right)) if grams), None)
    if told is not None:
        yield Row(
            cause=Cause.GREEN_POWER,
            from_item=BEYOND if left else "",
            to_item=BEYOND if right else "",
            subject=ELECTRICITY,
            text=told.method.items[BEYOND].name,
            difference_g=right - left,
        )


def _given_back(side: Side) -> int:
    item = side.method.items.get(BEYOND)
    if item is None or not side.method.counts(item.category, side.basis):
        return 0
    return sum(
        item.sign * each.booked.under(side.gwp_set)
        for each in side.inventory.items
        if each.item_id == BEYOND
    )


def _merged(told: Iterable[Row]) -> list[Row]:
    """Return the rows of a year: months of one cause, subject and text added up."""
    merged: dict[object, Row] = {}
    for row in told:
        what = row.change.key if row.change else row.text.en
        key = (row.cause, row.from_item, row.to_item, row.subject, what)
        before = merged.get(key)
        if before is None:
            merged[key] = row
            continue
        same = before.unit == row.unit
        change = before.change + row.change if before.change and row.change else None
        merged[key] = replace(
            before,
            text=change.text if change else before.text,
            change=change,
            difference_g=before.difference_g + row.difference_g,
            activity=before.activity + row.activity if same else Fraction(0),
            unit=before.unit if same else "",
        )
    return [row for row in merged.values() if row.difference_g]
