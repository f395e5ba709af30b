"""A line of the books: the emissions of one source in one month with one factor binding.

This is the grain at which figures are rounded. Up to it activity adds exactly, in the units it was
written in; here it is converted once, multiplied once and rounded once; above it integers are
added. So neither the order of records nor how an amount is split among them moves a gram.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Context, Decimal, Inexact, InvalidOperation
from fractions import Fraction
from functools import reduce
from typing import Final, NamedTuple

from services.accounting.domain.activity import (
    CurveMonth,
    EmissionSource,
    Record,
    reported_day_count,
)
from services.accounting.domain.binding import Binding, activity_unit, formula_of
from services.accounting.domain.emission import NOTHING, Booked, PerUnit, per_unit
from services.accounting.domain.method import Method
from services.kernel import names, units
from services.kernel.mass import Rounding
from services.kernel.period import Period
from services.kernel.quantity import Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """An exact sum in a unit. It may have more digits than a quantity may be written with."""

    value: Decimal | Fraction
    """A fraction where a quantity was divided by days, and then only where it must be."""
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a current record adds to its line."""

    name: str
    """The record, or the row of a report that is about to become one."""
    period: Period
    quantity: Quantity
    facility: str = ""
    share: Fraction = Fraction(1)
    """Which part of the quantity falls into the period, where it was divided by days."""
    curve_month: CurveMonth | None = None
    """Set where it is the month of a curve."""

    @property
    def reported_day_count(self) -> int:
        """How many days it reports."""
        return reported_day_count(self.period, self.curve_month)

    def part(self, period: Period) -> Entry:
        """Return what falls into a part of the period, by days."""
        if period is self.period or period == self.period:
            return self
        return replace(self, period=period, share=Fraction(period.days, self.period.days))


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Grain:
    """A source in a month; with method, item and binding it is the grain of the books."""

    source_id: str
    month: Period


class Made(NamedTuple):
    """How a version of a line was made: of its activity, with a binding."""

    binding: Binding
    registry_revision: int
    """At which the binding was found."""
    booked: Booked
    version: int
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line in one of its versions."""

    enterprise: str
    """The id of the enterprise."""
    line_id: str
    source: EmissionSource
    month: Period
    facility: str
    """That all its records name; empty where they name none or several."""
    activities: tuple[Amount, ...]
    """The activity as reported: one exact sum for each unit written, by unit."""
    activity: Fraction
    """The activity in `activity_unit`, exact."""
    activity_unit: str
    """The unit that the first factor is per."""
    binding: Binding
    registry_revision: int
    """At which the binding was found."""
    booked: Booked
    """Never negative: whether it adds or is deducted follows from the item."""
    days: tuple[Period, ...] = ()
    """The days whose records it is made of, where it is not made of all of its month's."""
    reported_day_count: int
    record_count: int
    """0 for a line whose records have all moved to another."""
    version: int
    revision: int

    @property
    def grain(self) -> Grain:
        """The source and the month."""
        return Grain(source_id=self.source.source_id, month=self.month)

    @property
    def name(self) -> str:
        """The resource name."""
        return names.LINE.format(enterprise=self.enterprise, line=self.line_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """Whose line is made, in which version, at which revision."""

    enterprise: str
    """The id of the enterprise."""
    line_id: str
    version: int
    revision: int
    registry_revision: int
    """At which its factors were found."""


def line_id(grain: Grain, *, method_id: str, item_id: str, from_day: int = 0) -> str:
    """Return the id of a line.

    `from_day` is the day of the month from which another binding holds; 0 for the first.

    >>> march = Grain(source_id="boiler", month=Period.month(2024, 3))
    >>> line_id(march, method_id="gbt32150", item_id="combustion")
    'boiler-2024-03'
    >>> line_id(march, method_id="ghgp", item_id="combustion", from_day=11)
    'boiler-2024-03-ghgp-combustion-from-11'
    """
    parts = [grain.source_id, f"{grain.month.start:%Y-%m}"]
    if method_id != names.HOME_METHOD:
        parts += [method_id, item_id]
    if from_day:
        parts.append(f"from-{from_day:02d}")
    return "-".join(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """What activity is added up in, and what it books: the same for all lines of a binding."""

    unit: str
    """The unit that the first factor is per."""
    per_unit: PerUnit
    rounding: Rounding

    @classmethod
    def of(cls, method: Method, source: EmissionSource, binding: Binding) -> Rate:
        """Return the rate of a binding for what a source does."""
        formula = formula_of(method, binding, method.term_of(source, binding.item_id))
        return cls(
            unit=activity_unit(formula, binding),
            per_unit=per_unit(formula, binding),
            rounding=method.rounding,
        )

    def booked(self, activity: Fraction) -> Booked:
        """Return what `activity`, in the rate's unit, books; raises as `per_unit.booked`."""
        return self.per_unit.booked(activity, self.rounding)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivitySum:
    """What entries of one source and month add up to, whatever factors they are bound to."""

    month: Period
    facility: str
    """That all of them name; empty where they name none or several."""
    amounts: tuple[Amount, ...]
    """One exact sum for each unit written, by unit."""
    reported_day_count: int
    record_count: int
    _in_units: dict[str, Fraction] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, entries: Sequence[Entry]) -> ActivitySum:
        """Return the sum of `entries`."""
        facilities = {entry.facility for entry in entries}
        return cls(
            month=entries[0].period.one_month(),
            facility=facilities.pop() if len(facilities) == 1 else "",
            amounts=summed(entries),
            reported_day_count=sum(entry.reported_day_count for entry in entries),
            record_count=len(entries),
        )

    def in_unit(self, unit: str) -> Fraction:
        """Return the whole sum in a unit, exactly; every method asks for its own."""
        if unit not in self._in_units:
            self._in_units[unit] = converted(self.amounts, unit)
        return self._in_units[unit]


def of(
    source: EmissionSource, summed: ActivitySum, *, binding: Binding, rate: Rate, stamp: Stamp
) -> Line:
    """Return the line of all current records of one source, month and binding.

    Raises:
        FieldInvalid: the emissions are beyond the bound of the books.
    """
    activity = summed.in_unit(rate.unit)
    return Line(
        enterprise=stamp.enterprise,
        line_id=stamp.line_id,
        source=source,
        month=summed.month,
        facility=summed.facility,
        activities=summed.amounts,
        activity=activity,
        activity_unit=rate.unit,
        binding=binding,
        registry_revision=stamp.registry_revision,
        booked=rate.booked(activity),
        reported_day_count=summed.reported_day_count,
        record_count=summed.record_count,
        version=stamp.version,
        revision=stamp.revision,
    )


def emptied(line: Line, *, revision: int) -> Line:
    """Return the next version of a line whose records have all moved to another."""
    return Line(
        enterprise=line.enterprise,
        line_id=line.line_id,
        source=line.source,
        month=line.month,
        facility="",
        activities=(),
        activity=Fraction(0),
        activity_unit=line.activity_unit,
        binding=line.binding,
        registry_revision=line.registry_revision,
        booked=NOTHING,
        reported_day_count=0,
        record_count=0,
        version=line.version + 1,
        revision=revision,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A record, and the share of it by days that a line is made of."""

    record: Record
    share: Fraction

    @property
    def amount(self) -> Fraction:
        """What falls to the line, in the unit of the record."""
        return self.record.quantity.fraction * self.share


def parts(line: Line, records: Iterable[Record]) -> Iterator[Part]:
    """Yield those of the `records` of its month that a line is made of, each with its share."""
    if not line.days:
        yield from (Part(record=record, share=_WHOLE) for record in records)
        return
    for record in records:
        days = sum(each.common_days(record.period) for each in line.days)
        if share := Fraction(days, record.period.days):
            yield Part(record=record, share=share)


_WHOLE: Final = Fraction(1)


def summed(entries: Iterable[Entry]) -> tuple[Amount, ...]:
    """Return the exact sum in each unit, by unit; with as many decimals as any of its parts.

    >>> def entry(value, unit):
    ...     january = Period.month(2024, 1)
    ...     return Entry(name="r", period=january, quantity=Quantity.parse(value, unit))
    >>> for amount in summed([entry("0.10", "t"), entry("2", "kg"), entry("1", "t")]):
    ...     print(amount.value, amount.unit)
    2 kg
    1.10 t
    """
    by_unit: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        by_unit[entry.quantity.unit].append(entry)
    return tuple(Amount(value=_sum(each), unit=unit) for unit, each in sorted(by_unit.items()))


def _sum(entries: Sequence[Entry]) -> Decimal | Fraction:
    if all(entry.share == 1 for entry in entries):
        return exact_sum([entry.quantity.value for entry in entries])
    return sum((entry.quantity.fraction * entry.share for entry in entries), Fraction(0))


def exact_sum(values: Sequence[Decimal]) -> Decimal:
    """Return the sum with as many decimals as any of `values`, and every digit it has.

    >>> print(exact_sum([Decimal("1.50"), Decimal("1e20")]))
    100000000000000000001.50
    """
    return reduce(_EXACT.add, values, Decimal(0))


_EXACT: Final = Context(prec=1_000, traps=[Inexact, InvalidOperation])
"""Digits enough for sums of what `Quantity` allows; a sum that had more would be an error."""


def converted(amounts: Iterable[Amount], unit: str) -> Fraction:
    """Return the sum of `amounts` in `unit`, exactly: each is converted once."""
    parts = [
        Fraction(each.value) * units.conversion(each.unit, unit)
        if each.unit != unit
        else Fraction(each.value)
        for each in amounts
    ]
    return parts[0] if len(parts) == 1 else sum(parts, Fraction(0))
