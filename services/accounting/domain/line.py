"""A line of the books: the emissions of one source in one month with one factor binding.

This is the grain at which figures are rounded. Up to it activity adds exactly, in the units it was
written in; here it is converted once, multiplied once and rounded once; above it integers are
added. So neither the order of records nor how an amount is split among them moves a gram.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from services.accounting.domain.activity import EmissionSource
from services.accounting.domain.binding import Binding
from services.accounting.domain.emission import Booked, Emission, compute
from services.accounting.domain.method import Method
from services.kernel import units
from services.kernel.mass import Rounding, round_fraction
from services.kernel.names import Pattern
from services.kernel.period import Period
from services.kernel.quantity import Quantity

NAME: Final = Pattern("enterprises/{enterprise}/lines/{line}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """An exact sum in a unit. It may have more digits than a quantity may be written with."""

    value: Decimal
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a current record adds to its line."""

    name: str
    """The record, or the row of a report that is about to become one."""
    period: Period
    quantity: Quantity


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Grain:
    """A source in a month; with the binding it is the grain of the books."""

    source_id: str
    month: Period

    @property
    def line_id(self) -> str:
        """The id of its line."""
        return f"{self.source_id}-{self.month.start:%Y-%m}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line in one of its versions."""

    enterprise: str
    """The id of the enterprise."""
    source: EmissionSource
    month: Period
    activities: tuple[Amount, ...]
    """The activity as reported: one exact sum for each unit written, by unit."""
    binding: Binding
    registry_revision: int
    """At which the binding was found."""
    booked: Booked
    """Never negative: whether it adds or is deducted follows from the kind."""
    reported_day_count: int
    record_count: int
    version: int
    revision: int

    @property
    def grain(self) -> Grain:
        """The source and the month."""
        return Grain(source_id=self.source.source_id, month=self.month)

    @property
    def name(self) -> str:
        """The resource name."""
        return NAME.format(enterprise=self.enterprise, line=self.grain.line_id)

    @property
    def activity(self) -> Fraction:
        """The activity in the binding's own unit, exact."""
        return converted(self.activities, self.binding.activity_unit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """Whose line is made, in which version, at which revision."""

    enterprise: str
    """The id of the enterprise."""
    version: int
    revision: int
    registry_revision: int
    """At which its factors were found."""


def of(
    source: EmissionSource,
    entries: Sequence[Entry],
    *,
    method: Method,
    binding: Binding,
    stamp: Stamp,
) -> Line:
    """Return the line of `entries`: all current records of one source in one month.

    Raises:
        FieldInvalid: the emissions are beyond the bound of the books.
    """
    activities = summed(entry.quantity for entry in entries)
    return Line(
        enterprise=stamp.enterprise,
        source=source,
        month=entries[0].period.one_month(),
        activities=activities,
        binding=binding,
        registry_revision=stamp.registry_revision,
        booked=emission(method, source, activities, binding).booked,
        reported_day_count=sum(entry.period.days for entry in entries),
        record_count=len(entries),
        version=stamp.version,
        revision=stamp.revision,
    )


def emission(
    method: Method, source: EmissionSource, activities: Iterable[Amount], binding: Binding
) -> Emission:
    """Return the emissions of the sums `activities`, with every step to them."""
    activity = converted(activities, binding.activity_unit)
    return compute(method, method.terms[source.kind], activity, binding)


def summed(quantities: Iterable[Quantity]) -> tuple[Amount, ...]:
    """Return the exact sum in each unit, by unit; with as many decimals as any of its parts.

    >>> summed([Quantity.parse("0.10", "t"), Quantity.parse("2", "kg"), Quantity.parse("1", "t")])
    (Amount(value=Decimal('2'), unit='kg'), Amount(value=Decimal('1.10'), unit='t'))
    """
    by_unit: defaultdict[str, list[Decimal]] = defaultdict(list)
    for quantity in quantities:
        by_unit[quantity.unit].append(quantity.value)
    return tuple(
        Amount(value=exact_sum(values), unit=unit) for unit, values in sorted(by_unit.items())
    )


def exact_sum(values: Sequence[Decimal]) -> Decimal:
    """Return the sum without the limits of a decimal context."""
    decimals = max(0, *(-int(value.as_tuple().exponent) for value in values))
    return round_fraction(sum(map(Fraction, values), Fraction(0)), decimals, Rounding.FLOOR)


def converted(amounts: Iterable[Amount], unit: str) -> Fraction:
    """Return the sum of `amounts` in `unit`, exactly: each is converted once."""
    return sum(
        (Fraction(each.value) * units.conversion(each.unit, unit) for each in amounts), Fraction(0)
    )
