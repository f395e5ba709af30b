"""What became of an inventory between two versions, line by line and cause by cause.

Causes are found in what the versions are made of, not in what somebody said: which records a line
lost and gained, and which factors it is multiplied with. They are applied one after the other, each
booked as the books are, so that their differences add up to the whole exactly.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction

from services.accounting.domain.activity import Record
from services.accounting.domain.binding import Binding, BoundFactor, activity_unit, formula_of
from services.accounting.domain.claim import BEYOND
from services.accounting.domain.emission import NOTHING, Booked, compute, total
from services.accounting.domain.explanation import inventory as figures_of
from services.accounting.domain.inventory import Inventory
from services.accounting.domain.line import Grain, Line, Part, parts
from services.accounting.domain.method import Item, Method
from services.accounting.domain.role import MANNERS
from services.kernel import units
from services.kernel.errors import UnitDimension, Words


class CauseKind(StrEnum):
    """Why a figure is another one; the contract says it in words."""

    RECORD_ADDED = "RECORD_ADDED"
    RECORD_CORRECTED = "RECORD_CORRECTED"
    UNIT_CORRECTED = "UNIT_CORRECTED"
    FACTOR_REVISED = "FACTOR_REVISED"
    FACTOR_REPLACED = "FACTOR_REPLACED"
    GWP_CHANGED = "GWP_CHANGED"
    FORMULA_CHANGED = "FORMULA_CHANGED"
    DIVISION_CHANGED = "DIVISION_CHANGED"
    CLAIMS_MATCHED = "CLAIMS_MATCHED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """One reason, and what it alone makes."""

    kind: CauseKind
    before: str
    """A record or a factor with its version; empty where nothing was."""
    after: str
    text: Words
    difference: Booked
    """After minus before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineChange:
    """A line in two versions; or, without any, what claims give back."""

    item: Item
    before: Line | None
    after: Line | None
    booked_before: Booked
    booked_after: Booked
    causes: tuple[Cause, ...]

    @property
    def difference(self) -> Booked:
        """After minus before, without the sign of the item."""
        return self.booked_after - self.booked_before


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureChange:
    """A figure of the inventory, grams."""

    figure: str
    before_g: int
    after_g: int
    causes: tuple[tuple[CauseKind, int], ...]
    """What each kind of cause makes of it, grams; together the difference. None for a figure that
    a guide rounds in stages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What was known of an inventory at one of its versions."""

    inventory: Inventory | None
    """None where nothing was known yet."""
    lines: Sequence[Line] = ()
    """Those with records."""
    records: Sequence[Record] = ()
    """Those of the year that counted."""

    @property
    def version(self) -> int:
        """Of the inventory; 0 where nothing was known."""
        return self.inventory.version if self.inventory else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What differs between two versions of an inventory."""

    inventory: str
    """The resource name; empty where neither side knows one."""
    from_version: int
    to_version: int
    figures: tuple[FigureChange, ...]
    lines: tuple[LineChange, ...]


def compare(before: Side, after: Side, method: Method) -> Comparison:
    """Return every figure and line that differs, with the causes; nothing for equal versions."""
    either = after.inventory or before.inventory
    lines = tuple(_lines(before, after, method))
    return Comparison(
        inventory=either.name if either else "",
        from_version=before.version,
        to_version=after.version,
        figures=tuple(_figures(before.inventory, after.inventory, lines, method)),
        lines=lines,
    )


def _figures(
    before: Inventory | None,
    after: Inventory | None,
    lines: Sequence[LineChange],
    method: Method,
) -> Iterator[FigureChange]:
    names = dict.fromkeys(
        figure for each in (after, before) if each for figure in figures_of.figures(each)
    )
    for figure in names:
        was, now = (_grams(each, figure) for each in (before, after))
        if was != now:
            causes = tuple(_shares(figure, lines, method))
            yield FigureChange(figure=figure, before_g=was, after_g=now, causes=causes)


def _shares(
    figure: str, lines: Sequence[LineChange], method: Method
) -> Iterator[tuple[CauseKind, int]]:
    """Yield what each kind of cause makes of a figure."""
    sums: Counter[CauseKind] = Counter()
    for line in lines:
        for cause in line.causes:
            sums[cause.kind] += figures_of.share(method, figure, line.item, cause.difference)
    for kind in CauseKind:
        if sums[kind]:
            yield kind, sums[kind]


def _grams(inventory: Inventory | None, figure: str) -> int:
    if inventory is None or figure not in figures_of.figures(inventory):
        return 0
    return figures_of.grams(inventory, figure)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """The records of both sides by grain."""

    before: Mapping[Grain, Sequence[Record]]
    after: Mapping[Grain, Sequence[Record]]


def _lines(before: Side, after: Side, method: Method) -> Iterator[LineChange]:
    known = _Known(before=_by_grain(before.records), after=_by_grain(after.records))
    old = {line.line_id: line for line in before.lines}
    new = {line.line_id: line for line in after.lines}
    places = {line_id: line.grain for line_id, line in (old | new).items()}
    for line_id in sorted(places, key=lambda each: (places[each], each)):
        was, now = old.get(line_id), new.get(line_id)
        if was and now and was.version == now.version:
            continue
        yield _line(was, now, known, method)
    yield from _given_back(before.inventory, after.inventory, method)


def _by_grain(records: Sequence[Record]) -> dict[Grain, list[Record]]:
    found: dict[Grain, list[Record]] = {}
    for record in records:
        grain = Grain(source_id=record.source.source_id, month=record.month)
        found.setdefault(grain, []).append(record)
    return found


def _line(was: Line | None, now: Line | None, known: _Known, method: Method) -> LineChange:
    either = now or was
    assert either is not None, "one of the two there is"
    causes = list(_causes(was, now, known, method))
    return LineChange(
        item=method.items[either.binding.item_id],
        before=was,
        after=now,
        booked_before=was.booked if was else NOTHING,
        booked_after=now.booked if now else NOTHING,
        causes=tuple(causes),
    )


@dataclass(slots=True, kw_only=True)
class _Walk:
    """The way from one version of a line to the other, a cause at a time."""

    method: Method
    line: Line
    binding: Binding
    amounts: dict[str, Fraction]
    """The activity by the unit it was written in."""
    booked: Booked

    def step(self, *, amounts: Mapping[str, Fraction], binding: Binding) -> Booked:
        """Go on to other amounts and another binding; return the difference it makes."""
        booked = self._book(amounts, binding)
        difference = booked - self.booked
        self.amounts, self.binding, self.booked = dict(amounts), binding, booked
        return difference

    def add(self, part: Part, sign: int) -> dict[str, Fraction]:
        """Return the amounts with a part of a record added or taken away."""
        unit = part.record.quantity.unit
        found = {**self.amounts, unit: self.amounts.get(unit, Fraction(0)) + sign * part.amount}
        return {unit: amount for unit, amount in found.items() if amount}

    def _book(self, amounts: Mapping[str, Fraction], binding: Binding) -> Booked:
        if not amounts:
            return NOTHING
        term = self.method.term_of(self.line.source, binding.item_id)
        formula = formula_of(self.method, binding, term)
        unit = activity_unit(formula, binding)
        activity = sum(
            (amount * units.conversion(written, unit) for written, amount in amounts.items()),
            Fraction(0),
        )
        return compute(formula, activity, binding, self.method.rounding).booked


def _causes(was: Line | None, now: Line | None, known: _Known, method: Method) -> Iterator[Cause]:
    """Yield what leads from one version of a line to the other: records first, then factors."""
    either = was or now
    assert either is not None, "one of the two there is"
    old = {part.record.name: part for part in _parts(was, known.before)}
    new = {part.record.name: part for part in _parts(now, known.after)}
    amounts: dict[str, Fraction] = {}
    for part in old.values():
        unit = part.record.quantity.unit
        amounts[unit] = amounts.get(unit, Fraction(0)) + part.amount
    walk = _Walk(
        method=method,
        line=either,
        binding=either.binding,
        amounts=amounts,
        booked=was.booked if was else NOTHING,
    )
    known_before = {record.name for record in known.before.get(either.grain, ())}
    yield from _of_records(walk, old, new, known_before)
    if was is not None and now is not None and was.binding != now.binding:
        yield from _of_factors(walk, now.binding)


def _parts(line: Line | None, records: Mapping[Grain, Sequence[Record]]) -> Iterator[Part]:
    if line is not None:
        yield from parts(line, records.get(line.grain, ()))


def _of_records(
    walk: _Walk, old: Mapping[str, Part], new: Mapping[str, Part], known_before: set[str]
) -> Iterator[Cause]:
    gone = {name: part for name, part in old.items() if new.get(name) != part}
    come = {name: part for name, part in new.items() if old.get(name) != part}
    for name, part in sorted(come.items(), key=lambda each: (each[1].record.revision, each[0])):
        replaced = gone.pop(part.record.corrects, None) or gone.pop(name, None)
        amounts = walk.amounts
        if replaced is not None:
            amounts = walk.add(replaced, -1)
            walk.amounts = amounts
        difference = walk.step(amounts=walk.add(part, 1), binding=walk.binding)
        kind = _kind_of(part, replaced, known_before)
        yield _of_record(kind, replaced, part, difference)
    for part in gone.values():
        difference = walk.step(amounts=walk.add(part, -1), binding=walk.binding)
        yield _of_record(CauseKind.DIVISION_CHANGED, part, None, difference)


def _kind_of(part: Part, replaced: Part | None, known_before: set[str]) -> CauseKind:
    if part.record.name in known_before:
        return CauseKind.DIVISION_CHANGED
    if not part.record.corrects:
        return CauseKind.RECORD_ADDED
    if replaced and replaced.record.quantity.unit != part.record.quantity.unit:
        return CauseKind.UNIT_CORRECTED
    return CauseKind.RECORD_CORRECTED


def _of_record(
    kind: CauseKind, before: Part | None, after: Part | None, difference: Booked
) -> Cause:
    was, now = (_said(each) if each else "" for each in (before, after))
    said = {
        CauseKind.RECORD_ADDED: Words(en=f"reported: {now}", zh=f"新填报：{now}"),
        CauseKind.RECORD_CORRECTED: Words(
            en=f"corrected: {was or 'a record of another month or line'} → {now}",
            zh=f"更正：{was or '其他明细行的记录'} → {now}",
        ),
        CauseKind.UNIT_CORRECTED: Words(
            en=f"unit corrected: {was} → {now}", zh=f"更正计量单位：{was} → {now}"
        ),
        CauseKind.DIVISION_CHANGED: Words(
            en=f"divided among factors in another way: {was or 'not in this line'} → "
            f"{now or 'not in this line'}",
            zh=f"记录在因子之间的划分变化：{was or '不在本行'} → {now or '不在本行'}",
        ),
    }[kind]
    return Cause(
        kind=kind,
        before=before.record.name if before else "",
        after=after.record.name if after else "",
        text=said,
        difference=difference,
    )


def _said(part: Part) -> str:
    whole = f"{part.record.quantity} in {part.record.period}"
    return whole if part.share == 1 else f"{part.share} of {whole}"


def _of_factors(walk: _Walk, binding: Binding) -> Iterator[Cause]:
    """Yield a cause for each factor that is another one; one for all where the formula is."""
    same = _places(walk.binding) == _places(binding)
    steps = list(_exchanged(walk.binding, binding)) if same else []
    try:
        for kind, was, now, partly in steps:
            difference = walk.step(amounts=walk.amounts, binding=partly)
            yield _of_factor(kind, was, now, difference)
    except UnitDimension:
        # One by one they would not fit together: the rest is told as one.
        same = False
    if not same:
        yield _of_formula(walk, binding)


def _of_formula(walk: _Walk, binding: Binding) -> Cause:
    was, now = walk.binding, binding
    return Cause(
        kind=CauseKind.FORMULA_CHANGED,
        before=was.formula_id,
        after=now.formula_id,
        text=Words(
            en=f"computed by {now.formula_id} with {_listed(now)}; before by {was.formula_id} with "
            f"{_listed(was)}",
            zh=f"改按 {now.formula_id}（{_listed(now)}）计算；此前按 {was.formula_id}"
            f"（{_listed(was)}）计算",
        ),
        difference=walk.step(amounts=walk.amounts, binding=binding),
    )


def _places(binding: Binding) -> tuple[object, ...]:
    """Return what two bindings share that differ in their figures alone."""
    return (
        binding.formula_id,
        binding.accounting_year,
        binding.gwp_sets,
        tuple(factor.slot for factor in binding.factors),
        tuple((each.gwp_set, each.gas) for each in binding.potentials),
    )


def _exchanged(
    was: Binding, now: Binding
) -> Iterator[tuple[CauseKind, BoundFactor, BoundFactor, Binding]]:
    """Yield each factor that is another one, with the binding that has it and those before it."""
    factors = list(was.factors)
    for index, (old, new) in enumerate(zip(was.factors, now.factors, strict=True)):
        if old != new:
            factors[index] = new
            kind = CauseKind.FACTOR_REVISED if old.name == new.name else CauseKind.FACTOR_REPLACED
            yield kind, old, new, replace(was, factors=tuple(factors))
    potentials = list(was.potentials)
    for index, (old_one, new_one) in enumerate(zip(was.potentials, now.potentials, strict=True)):
        if old_one != new_one:
            potentials[index] = new_one
            partly = replace(now, potentials=tuple(potentials))
            yield CauseKind.GWP_CHANGED, old_one.factor, new_one.factor, partly


def _of_factor(kind: CauseKind, was: BoundFactor, now: BoundFactor, difference: Booked) -> Cause:
    name = MANNERS[now.role].name
    return Cause(
        kind=kind,
        before=_cited(was),
        after=_cited(now),
        text=Words(
            en=f"{name.en} of {now.subject}: {was.quantity} ({_cited(was)}) → {now.quantity} "
            f"({_cited(now)})",
            zh=f"{now.subject} {name.zh}：{was.quantity}（{_cited(was)}）→ {now.quantity}"
            f"（{_cited(now)}）",
        ),
        difference=difference,
    )


def _cited(factor: BoundFactor) -> str:
    return f"{factor.name}@{factor.version}" if factor.name else factor.data_period


def _listed(binding: Binding) -> str:
    return ", ".join(f"{each.role.lower()} {each.quantity}" for each in binding.factors)


def _given_back(
    before: Inventory | None, after: Inventory | None, method: Method
) -> Iterator[LineChange]:
    was, now = (
        total((1, item.booked) for item in each.items if item.item_id == BEYOND)
        if each
        else NOTHING
        for each in (before, after)
    )
    if was != now:
        yield LineChange(
            item=method.items[BEYOND],
            before=None,
            after=None,
            booked_before=was,
            booked_after=now,
            causes=(
                Cause(
                    kind=CauseKind.CLAIMS_MATCHED,
                    before="",
                    after="",
                    text=Words(
                        en="claims of green power find other bought electricity to stand against",
                        zh="绿色电力声明所对应的购入电量发生变化",
                    ),
                    difference=now - was,
                ),
            ),
        )
