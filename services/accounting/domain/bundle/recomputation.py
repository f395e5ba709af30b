"""Recomputation: every figure of a bundle, computed again from its records, factors and method.

Taken as given are the values of the factors and that they were applicable, which factors were
missing, and the industry under which process emissions are missed. All else follows, and is laid
beside what the bundle says: from the records through the lines to the totals.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from services.accounting.domain import inventory as inventories
from services.accounting.domain import line as lines_of
from services.accounting.domain.activity import Record
from services.accounting.domain.bundle.content import Bundle, Statement
from services.accounting.domain.bundle.figure import (
    Figures,
    Value,
    of_inventory,
    of_lines,
    place_of,
)
from services.accounting.domain.enterprise import Enterprise
from services.accounting.domain.inventory import Edition, FindingKind, Inventory
from services.accounting.domain.line import Entry, Grain, Line, Rate, Stamp
from services.accounting.domain.method import Method
from services.kernel import names, unit_table
from services.kernel.errors import DomainError, Words
from services.kernel.trust import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Differing:
    """A figure that comes out otherwise than the bundle says."""

    place: str
    name: str
    stored: Value | None
    """None where the bundle has no such figure."""
    recomputed: Value | None
    """None where none comes out."""
    text: Words | None = None
    """What is wrong, where it is more than two values that differ."""

    @property
    def difference(self) -> Fraction | None:
        """Recomputed minus stored; None where one of them is no number."""
        if isinstance(self.stored, str | None) or isinstance(self.recomputed, str | None):
            return None
        return Fraction(self.recomputed) - Fraction(self.stored)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recomputation:
    """What became of a bundle that was computed again."""

    differing: tuple[Differing, ...]
    """In the order of the books."""
    figure_count: int
    """How many figures came out, agreeing ones too."""
    uncounted_count: int
    """Records that the method counts in no item."""
    factor_counts: Mapping[Status, int]
    """How many factors were taken as they are, by their status."""


def recompute(bundle: Bundle) -> Recomputation:
    """Return every figure of `bundle` that does not follow from its records and factors."""
    records = _by_grain(bundle.records)
    lines: list[Line] = []
    failed: list[Differing] = []
    for line in bundle.lines:
        again = _again(line, records[line.grain], bundle.inventory)
        if isinstance(again, Line):
            lines.append(again)
        else:
            failed.append(_failed(place_of(line), again))
    of_lines_again, unmade = of_lines(lines), {each.place for each in failed}
    stored_lines = of_lines(line for line in bundle.lines if place_of(line) not in unmade)
    stored = of_inventory(bundle.inventory, bundle.statement)
    try:
        inventory = _inventory(bundle.inventory, lines)
        again_whole = of_inventory(inventory, Statement.of(inventory))
    except DomainError as error:
        failed.append(_failed("inventory", Words(en=error.text("en"), zh=error.text("zh"))))
        stored = again_whole = {}
    return Recomputation(
        differing=(
            *_redefined(bundle),
            *_misnamed(bundle),
            *_miscounted(bundle, records),
            *failed,
            *_compared(stored_lines, of_lines_again),
            *_compared(stored, again_whole),
        ),
        figure_count=len(of_lines_again) + len(again_whole),
        uncounted_count=sum(
            not bundle.inventory.method.terms_of(each.source.kind, each.source.subject)
            for each in bundle.records
        ),
        factor_counts=_factor_counts(bundle.lines),
    )


def _by_grain(records: Sequence[Record]) -> defaultdict[Grain, list[Record]]:
    found: defaultdict[Grain, list[Record]] = defaultdict(list)
    for record in records:
        found[Grain(source_id=record.source.source_id, month=record.month)].append(record)
    return found


def _again(line: Line, records: Sequence[Record], inventory: Inventory) -> Line | Words:
    """Return a line made anew from its records and its binding; or why it cannot be."""
    method = inventory.method
    if wrong := _foreign(line, inventory):
        return wrong
    entries = list(_entries(line, records))
    if not entries:
        return Words(en="no record in the bundle is of it", zh="数据包中没有对应的记录")
    stamp = Stamp(
        enterprise=line.enterprise,
        line_id=line.line_id,
        version=line.version,
        revision=line.revision,
        registry_revision=line.registry_revision,
    )
    try:
        source, binding = records[0].source, line.binding
        rate = Rate.of(method, source, binding)
        summed = lines_of.ActivitySum.of(entries)
        made = lines_of.of(source, summed, binding=binding, rate=rate, stamp=stamp)
    except DomainError as error:
        return Words(en=error.text("en"), zh=error.text("zh"))
    except (LookupError, StopIteration):
        # The method has no such term or formula, or the formula finds not all its factors.
        return Words(
            en="its item, formula and factors do not fit together in the method",
            zh="其项目、公式与因子在核算方法中不相匹配",
        )
    return replace(made, days=line.days)


def _foreign(line: Line, inventory: Inventory) -> Words | None:
    """Return what keeps a line out of an inventory, if anything does."""
    binding, method = line.binding, inventory.method
    is_of = (binding.method_id, binding.accounting_year, line.month.start.year, binding.gwp_sets)
    year = inventory.accounting_year
    if is_of == (method.method_id, year, year, method.gwp_sets):
        return None
    return Words(
        en=f"it is not of {method.method_id}, {year} and {', '.join(method.gwp_sets)}",
        zh=f"不属于方法 {method.method_id}、{year} 年度及 {'、'.join(method.gwp_sets)}",
    )


def _entries(line: Line, records: Sequence[Record]) -> Iterator[Entry]:
    """Yield what the records of its month add to a line, in parts where it is made of some days."""
    for record in records:
        entry = Entry(
            name=record.name,
            period=record.period,
            quantity=record.quantity,
            facility=record.facility,
            curve_month=record.curve_month,
        )
        if not line.days:
            yield entry
        for days in line.days:
            if days.common_days(record.period) == days.days:
                yield entry.part(days)


def _failed(place: str, why: Words) -> Differing:
    return Differing(place=place, name="", stored=None, recomputed=None, text=why)


def _inventory(stored: Inventory, lines: Sequence[Line]) -> Inventory:
    return inventories.of(
        Enterprise(
            name=names.ENTERPRISE.format(enterprise=stored.enterprise),
            display_name="",
            industry_code=_industry(stored, stored.method),
            region_code="",
            label=stored.label,
            revision=0,
        ),
        lines,
        stored.gaps,
        method=stored.method,
        edition=Edition(
            accounting_year=stored.accounting_year,
            version=stored.version,
            revision=stored.revision,
        ),
    )


def _industry(stored: Inventory, method: Method) -> str:
    """Return the industry that a finding of missing process emissions names; empty without one."""
    named = [
        finding.text.en
        for finding in stored.findings
        if finding.kind is FindingKind.PROCESS_EMISSIONS_MISSING
    ]
    return next(
        (code for code in method.expected if any(f"({code})" in text for text in named)), ""
    )


def _compared(stored: Figures, again: Figures) -> Iterator[Differing]:
    for key in {**stored, **again}:
        place, name = key
        if stored.get(key) != again.get(key):
            yield Differing(
                place=place, name=name, stored=stored.get(key), recomputed=again.get(key)
            )


def _redefined(bundle: Bundle) -> Iterator[Differing]:
    """Yield the units of its list that this release defines otherwise: it computes by its own."""
    ours = unit_table.definitions(unit_table.text())
    for code, definition in bundle.units.items():
        if code in ours and ours[code] != definition:
            yield Differing(place="units.txt", name=code, stored=definition, recomputed=ours[code])


def _misnamed(bundle: Bundle) -> Iterator[Differing]:
    for key, digest in bundle.digests.items():
        if key != digest:
            yield Differing(place=f"bindings/{key}", name="key", stored=key, recomputed=digest)


def _miscounted(bundle: Bundle, records: Mapping[Grain, Sequence[Record]]) -> Iterator[Differing]:
    """Yield each record whose days are not in the lines once for each item that counts it.

    Where a factor was missing, the inventory has a gap, and days may be in no line.
    """
    method = bundle.inventory.method
    of_item: defaultdict[tuple[Grain, str], list[Line]] = defaultdict(list)
    for line in bundle.lines:
        of_item[line.grain, line.binding.item_id].append(line)
    gaps = {(gap.grain, gap.item_id) for gap in bundle.inventory.gaps}
    yield from _counted_twice(bundle.records, records)
    for grain, of_grain in records.items():
        for record in of_grain:
            days = record.period.days
            for term in method.terms_of(record.source.kind, record.source.subject):
                key = (grain, term.item.item_id)
                booked = sum(_common_days(line, record) for line in of_item[key])
                if booked > days or (booked < days and key not in gaps):
                    yield Differing(
                        place=_record_place(record),
                        name=f"booked_day_count.{term.item.item_id}",
                        stored=booked,
                        recomputed=days,
                    )


def _common_days(line: Line, record: Record) -> int:
    days = line.days or (record.period,)
    return sum(each.common_days(record.period) for each in days)


def _counted_twice(
    every: Sequence[Record], records: Mapping[Grain, Sequence[Record]]
) -> Iterator[Differing]:
    """Yield the records that another replaces, or whose days another of its source has too."""
    replaced = {record.corrects: record for record in every}
    for record in every:
        if record.name in replaced:
            other = names.ACTIVITY_RECORD.parse(replaced[record.name].name)["record"]
            why = Words(en=f"{other} has replaced it", zh=f"已被 {other} 替代")
            yield _failed(_record_place(record), why)
    for of_grain in records.values():
        in_order = sorted(of_grain, key=lambda each: each.period)
        for first, second in itertools.pairwise(in_order):
            if first.period.overlaps(second.period):
                other = names.ACTIVITY_RECORD.parse(first.name)["record"]
                why = Words(en=f"its days overlap those of {other}", zh=f"与 {other} 的期间重叠")
                yield _failed(_record_place(second), why)


def _record_place(record: Record) -> str:
    return f"records/{names.ACTIVITY_RECORD.parse(record.name)['record']}"


def _factor_counts(lines: Sequence[Line]) -> Mapping[Status, int]:
    every = {
        factor
        for binding in {line.binding for line in lines}
        for factor in (*binding.factors, *(each.factor for each in binding.potentials))
    }
    counts = Counter(factor.status for factor in every)
    return {status: counts[status] for status in Status if counts[status]}
