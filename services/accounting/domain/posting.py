"""Posting: what accepted rows make of the books. New versions of lines, and of inventories.

Every method that covers the enterprise gets its own lines of the same records. A record that a
method lacks a factor for makes a gap in that method's inventory.
"""

from __future__ import annotations

import operator
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from services.accounting.domain import inventory, line, rollup
from services.accounting.domain.activity import EmissionSource, Kind
from services.accounting.domain.binding import (
    Binding,
    Found,
    Lacking,
    Need,
    activity_unit,
    bind,
    misfit,
)
from services.accounting.domain.inventory import Edition, Gap, Inventory
from services.accounting.domain.line import ActivitySum, Entry, Grain, Line, Rate, Stamp
from services.accounting.domain.method import Method
from services.accounting.domain.need import Reporter, needs_by_method
from services.accounting.domain.report import Accepted, Books
from services.accounting.domain.rollup import Months, Zones
from services.kernel.errors import AtField, Words
from services.kernel.period import Period
from services.kernel.quantity import Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """What is to be stored, all of it or nothing."""

    enterprise: str
    """The id of the enterprise whose books these are."""
    accepted: tuple[Accepted, ...]
    lines: tuple[Line, ...]
    """The lines that the rows touch, by method, source and month; the home method's first."""
    inventories: tuple[Inventory, ...]
    """The inventories of the years they touch, by year and method."""
    months: Mapping[tuple[int, str], Months] = field(default_factory=dict)
    """What the months of the year differ by, by year and method."""
    zones: Mapping[int, Zones] = field(default_factory=dict)
    """The zones that the enterprise is counted in, by year."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """The books of an enterprise before the posting, of the years it touches."""

    lines: Sequence[Line]
    """Current, of every method; emptied ones too."""
    inventories: Mapping[tuple[int, str], Inventory]
    """Current, by year and method."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """Whose books they are, by which methods and when they are written."""

    reporter: Reporter
    found: Found
    """The factors that every current record of the touched months needs."""
    revision: int
    """0 where nothing will be stored."""
    registry_revision: int
    """At which the factors were found."""


def post(accepted: Sequence[Accepted], books: Books, before: Before, occasion: Occasion) -> Posting:
    """Return what `accepted` rows, already entered into `books`, make of what was `before`.

    Every line that they touch gets a new version, since it is made of other records.

    Raises:
        FieldInvalid: a line or a total is beyond the bound of the books.
    """
    touched = {each.grain for each in accepted}
    years = sorted({grain.month.start.year for grain in touched})
    lines, inventories = _posted(years, touched, books, before, occasion)
    return Posting(
        enterprise=occasion.reporter.enterprise.enterprise_id,
        accepted=tuple(accepted),
        lines=lines,
        inventories=inventories,
        months=rollup.moved(before.lines, lines),
        zones={year: occasion.reporter.enterprise.zones_in(year) for year in years},
    )


def repost(year: int, books: Books, before: Before, occasion: Occasion) -> Posting:
    """Return what the records of a year make of what was `before`, computed anew.

    Only what comes out as another figure, or from other factors, gets a new version.

    Raises:
        FieldInvalid: a line or a total is beyond the bound of the books.
    """
    touched = set(books.current)
    lines, inventories = _posted([year], touched, books, before, occasion)
    old = {line.line_id: line for line in before.lines}
    moved = tuple(each for each in lines if not _is_same(each, old.get(each.line_id)))
    methods = {line.binding.method_id for line in moved}
    return Posting(
        enterprise=occasion.reporter.enterprise.enterprise_id,
        accepted=(),
        lines=moved,
        months=rollup.moved(before.lines, moved),
        zones={year: occasion.reporter.enterprise.zones_in(year)},
        inventories=tuple(
            each
            for each in inventories
            if each.method.method_id in methods
            or not each.says_as(before.inventories.get((year, each.method.method_id)))
        ),
    )


def _is_same(line: Line, before: Line | None) -> bool:
    """Tell whether a line is made of the same records with the same factors as one before."""
    if before is None:
        return False
    unstamped, others = (
        replace(each, version=0, revision=0, registry_revision=0) for each in (line, before)
    )
    return unstamped == others


def _posted(
    years: Sequence[int],
    touched: Collection[Grain],
    books: Books,
    before: Before,
    occasion: Occasion,
) -> tuple[tuple[Line, ...], tuple[Inventory, ...]]:
    posted: list[Line] = []
    inventories: list[Inventory] = []
    sums: dict[Grain, ActivitySum] = {}
    for year in years:
        of_year = sorted(grain for grain in books.current if grain.month.start.year == year)
        for method in occasion.reporter.methods_of(year):
            # A method that begins only now begins with all that was reported before.
            has_begun = (year, method.method_id) in before.inventories
            grains = [grain for grain in of_year if grain in touched or not has_begun]
            old = {
                each.line_id: each
                for each in before.lines
                if each.binding.method_id == method.method_id and each.month.start.year == year
            }
            ledger = _Ledger(method=method, old=old, occasion=occasion, sums=sums)
            made = _by_method(ledger, grains, books, before)
            posted += made.lines
            if made.inventory is not None:
                inventories.append(made.inventory)
    return tuple(posted), tuple(inventories)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    lines: tuple[Line, ...]
    inventory: Inventory | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ledger:
    """The books of one method and year, and the occasion on which they are written."""

    method: Method
    old: Mapping[str, Line]
    """The lines of the year before, by id; emptied ones too."""
    occasion: Occasion
    bound: dict[int, tuple[tuple[Period, Binding | Lacking], ...]] = field(default_factory=dict)
    """What needs were bound to before, by their identity: records share them by month."""
    bindings: dict[Binding, Binding] = field(default_factory=dict)
    """One of all that are equal: what is computed of a binding is found by its identity, for it is
    large, and to hash it for each line would cost more than the line."""
    rates: dict[tuple[int, Kind], Rate] = field(default_factory=dict)
    """By the identity of a binding and the kind of activity."""
    sums: dict[Grain, ActivitySum] = field(default_factory=dict)
    """What all records of a month add up to: the same for every method."""

    def summed(self, grain: Grain, entries: Sequence[Entry]) -> ActivitySum:
        """Return what all records of a month add up to."""
        if grain not in self.sums:
            self.sums[grain] = ActivitySum.of(entries)
        return self.sums[grain]

    def one(self, binding: Binding) -> Binding:
        """Return the binding that stands for all that are equal."""
        return self.bindings.setdefault(binding, binding)

    def rate(self, source: EmissionSource, binding: Binding) -> Rate:
        """Return what a binding books of what a source does."""
        key = (id(binding), source.kind)
        if key not in self.rates:
            self.rates[key] = Rate.of(self.method, source, binding)
        return self.rates[key]


def _by_method(ledger: _Ledger, grains: Sequence[Grain], books: Books, before: Before) -> _Made:
    """Return the new lines of a method, and its inventory; None where it counts nothing at all."""
    method, old, occasion = ledger.method, ledger.old, ledger.occasion
    year = grains[0].month.start.year
    touched = set(grains)
    lines: list[Line] = []
    gaps: list[Gap] = []
    for grain in grains:
        made, lacking = _of_grain(grain, books, ledger)
        lines += made
        gaps += lacking
    written = {each.line_id for each in lines}
    lines += (
        line.emptied(each, revision=occasion.revision)
        for each in old.values()
        if each.grain in touched and each.line_id not in written and each.record_count
    )
    last = before.inventories.get((year, method.method_id))
    kept = [gap for gap in (last.gaps if last else ()) if gap.grain not in touched]
    if not lines and not gaps and last is None:
        return _Made(lines=(), inventory=None)
    current = {**old, **{each.line_id: each for each in lines}}
    return _Made(
        lines=tuple(lines),
        inventory=inventory.of(
            occasion.reporter.enterprise,
            sorted(
                (each for each in current.values() if each.record_count),
                key=lambda each: (each.grain, each.line_id),
            ),
            # In the order of the books, whatever the order of the reports.
            sorted((*kept, *gaps), key=lambda each: (each.grain, each.item_id, each.text.en)),
            method=method,
            edition=Edition(
                accounting_year=year,
                version=last.version + 1 if last else 1,
                revision=occasion.revision,
            ),
        ),
    )


def _of_grain(grain: Grain, books: Books, ledger: _Ledger) -> tuple[list[Line], list[Gap]]:
    """Return the lines of a source's month, one for each item and binding, and what is lacking."""
    source, entries = books.sources[grain.source_id], books.current[grain]
    gaps: dict[tuple[str, str], Gap] = {}
    by_item: dict[str, dict[int, tuple[Binding, list[Entry]]]] = {}
    in_order = sorted(entries, key=lambda each: each.period.start)
    for entry in in_order:
        for need in _needs_of(source, entry, ledger):
            item_id = need.term.item.item_id
            for part, bound in _bound(need, entry, ledger):
                if isinstance(bound, Binding):
                    by_binding = by_item.setdefault(item_id, {})
                    by_binding.setdefault(id(bound), (bound, []))[1].append(part)
                    continue
                for error in bound.errors:
                    gap = _gap(grain, item_id, error)
                    gaps[item_id, gap.text.en] = gap
    lines: list[Line] = []
    for by_binding in by_item.values():
        for binding, parts in by_binding.values():
            is_first = not lines or lines[-1].binding.item_id != binding.item_id
            from_day = 0 if is_first else parts[0].period.start.day
            stamp = _stamp(grain, binding, from_day, ledger)
            rate = ledger.rate(source, binding)
            if len(parts) == len(in_order) and all(map(operator.is_, parts, in_order)):
                summed = ledger.summed(grain, parts)
                lines.append(line.of(source, summed, binding=binding, rate=rate, stamp=stamp))
            else:
                summed = ActivitySum.of(parts)
                made = line.of(source, summed, binding=binding, rate=rate, stamp=stamp)
                lines.append(replace(made, days=tuple(part.period for part in parts)))
    return lines, list(gaps.values())


def _needs_of(source: EmissionSource, entry: Entry, ledger: _Ledger) -> Sequence[Need]:
    by_method = needs_by_method(source, entry.period, entry.quantity.unit, ledger.occasion.reporter)
    return next((each for each in by_method if each[0].method is ledger.method), ())


def _bound(need: Need, entry: Entry, ledger: _Ledger) -> Iterator[tuple[Entry, Binding | Lacking]]:
    """Yield the parts of a record that a method divides by days, or it whole, each as it binds."""
    if id(need) not in ledger.bound:
        ledger.bound[id(need)] = tuple(
            (period, ledger.one(bound) if isinstance(bound, Binding) else bound)
            for period, bound in _binds(need, entry.quantity, ledger.occasion.found)
        )
    for period, bound in ledger.bound[id(need)]:
        yield entry.part(period), bound


def _binds(
    need: Need, quantity: Quantity, found: Found
) -> Iterator[tuple[Period, Binding | Lacking]]:
    for period in need.parts(found):
        bound = bind(need.on(period), found, year_field="period")
        if isinstance(bound, Binding):
            formula = need.term.formula(bound.formula_id)
            if wrong := tuple(misfit(quantity, activity_unit(formula, bound))):
                bound = Lacking(errors=wrong)
        yield period, bound


def _stamp(grain: Grain, binding: Binding, from_day: int, ledger: _Ledger) -> Stamp:
    occasion = ledger.occasion
    line_id = line.line_id(
        grain,
        method_id=ledger.method.method_id,
        item_id=binding.item_id,
        from_day=from_day,
    )
    return Stamp(
        enterprise=occasion.reporter.enterprise.enterprise_id,
        line_id=line_id,
        version=ledger.old[line_id].version + 1 if line_id in ledger.old else 1,
        revision=occasion.revision,
        registry_revision=occasion.reporter.pinned.get(
            grain.month.start.year, occasion.registry_revision
        ),
    )


def _gap(grain: Grain, item_id: str, error: AtField) -> Gap:
    text = Words(en=error.text("en"), zh=error.text("zh"))
    return Gap(grain=grain, item_id=item_id, reason=error.reason, text=text)
