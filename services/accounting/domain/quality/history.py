"""What each source reported, month by month: the exact amounts as written, and how many days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from services.accounting.domain.activity import EmissionSource, Record, reported_day_count
from services.accounting.domain.line import Amount, Entry, converted, summed
from services.kernel import units
from services.kernel.period import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceMonth:
    """What a source reported for one month."""

    source: EmissionSource
    month: Period
    amounts: tuple[Amount, ...]
    """One exact sum for each unit written, by unit."""
    day_count: int
    """Days with a report."""

    @property
    def units(self) -> frozenset[str]:
        """The units it is written in."""
        return frozenset(amount.unit for amount in self.amounts)

    def converts_to(self, unit: str) -> bool:
        """Tell whether all of it can be said in `unit`."""
        wanted = units.unit(unit).vector
        return all(units.unit(each).vector == wanted for each in self.units)

    def per_day(self, unit: str) -> float:
        """Return the mean amount of a reported day, in a unit that it converts to."""
        return float(converted(self.amounts, unit) / Fraction(self.day_count))


History = Mapping[str, tuple[SourceMonth, ...]]
"""By source, in the order of months."""


def of(records: Iterable[Record]) -> History:
    """Return what the sources of `records`, all of them current, reported."""
    grouped: defaultdict[tuple[str, Period], list[Record]] = defaultdict(list)
    for record in records:
        grouped[record.source.source_id, record.month].append(record)
    found: defaultdict[str, list[SourceMonth]] = defaultdict(list)
    for (source_id, month), of_month in sorted(grouped.items()):
        found[source_id].append(
            SourceMonth(
                source=of_month[0].source,
                month=month,
                amounts=summed(
                    Entry(name=each.name, period=each.period, quantity=each.quantity)
                    for each in of_month
                ),
                day_count=sum(
                    reported_day_count(each.period, each.curve_month) for each in of_month
                ),
            )
        )
    return {source_id: tuple(months) for source_id, months in found.items()}
