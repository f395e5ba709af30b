"""Rollups: what the lines of a year add up to in each month, kept beside the lines.

A figure that is looked at often must not be added up anew each time. So each transaction that makes
versions of lines adds what they differ by to the months of the enterprise and of its zones. Only
integers are added: whatever the order, the months are what all current lines add up to, exactly.

What claims of green power give back is worked out over a year and is in no month.
"""

from __future__ import annotations

import operator
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from services.accounting.domain.booking import Booking
from services.accounting.domain.emission import Booked
from services.accounting.domain.line import Line
from services.accounting.domain.method import Method
from services.kernel.mass import Gas
from services.kernel.period import MONTHS_PER_YEAR

LINE_COUNT: Final = "line_count"
_CO2: Final = "co2_g"
_OTHER: Final = "other_mg."
_CO2E: Final = "co2e_g."

Column = Sequence[int]
"""Twelve integers, January first."""


@dataclass(frozen=True, slots=True)
class Months:
    """The twelve months of a year by a method, by item."""

    items: Mapping[str, Mapping[str, Column]] = field(default_factory=dict)
    """Columns by item and measure: `line_count`, `co2_g`, `other_mg.CH4`, `co2e_g.gwp100-ar6`. None
    is of zeros alone, and no item is without columns."""

    def __bool__(self) -> bool:
        """Tell whether there is anything in them."""
        return bool(self.items)

    def __add__(self, other: Months) -> Months:
        return _added(self, other, 1)

    def __sub__(self, other: Months) -> Months:
        return _added(self, other, -1)

    def within(self, months: Collection[int]) -> Months:
        """Return those of some months, from 1 to 12; the others are 0."""
        if len(months) == MONTHS_PER_YEAR:
            return self
        kept = [month in months for month in range(1, MONTHS_PER_YEAR + 1)]
        return _of(
            ((item_id, measure), [*map(operator.mul, column, kept)])
            for item_id, columns in self.items.items()
            for measure, column in columns.items()
        )

    def of(self, items: Collection[str]) -> Months:
        """Return those of some items."""
        return Months({each: self.items[each] for each in items if each in self.items})

    @property
    def figure_count(self) -> int:
        """How many figures they are: a measure of an item in a month is one."""
        return MONTHS_PER_YEAR * sum(map(len, self.items.values()))

    def line_count(self, item_id: str, month: int) -> int:
        """Return of how many lines with records an item is made in a month, from 1 to 12."""
        column = self.items.get(item_id, {}).get(LINE_COUNT)
        return column[month - 1] if column else 0

    def booked(self, item_id: str, month: int, gwp_sets: Sequence[str]) -> Booked:
        """Return what is booked of an item in a month, from 1 to 12."""
        columns = self.items.get(item_id, {})
        at = {measure: column[month - 1] for measure, column in columns.items()}
        others = {
            Gas(measure.removeprefix(_OTHER)): mg
            for measure, mg in at.items()
            if measure.startswith(_OTHER)
        }
        return Booked(
            co2_g=at.get(_CO2, 0),
            other_mg=tuple(sorted(others.items())),
            co2e_g=tuple(sorted((each, at.get(_CO2E + each, 0)) for each in gwp_sets)),
        )

    def totals_g(self, method: Method) -> list[int]:
        """Return the totals of the months by the method's own basis, grams of CO2 equivalent.

        January first; without what claims beyond consumption give back, which is in no month.
        """
        sums = [0] * MONTHS_PER_YEAR
        for item_id, columns in self.items.items():
            item = method.items[item_id]
            column = columns.get(_CO2E + method.gwp_set)
            if column and method.counts(item.category, method.basis):
                sums = [
                    total + item.sign * grams for total, grams in zip(sums, column, strict=True)
                ]
        return sums

    def reported(self) -> frozenset[int]:
        """Return the months, from 1 to 12, in which anything was reported."""
        return frozenset(
            month
            for month in range(1, MONTHS_PER_YEAR + 1)
            if any(self.line_count(item_id, month) for item_id in self.items)
        )


NOTHING: Final = Months()


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A figure that is kept and is not what the lines add up to."""

    item_id: str
    measure: str
    month: int
    """From 1 to 12."""
    kept: int
    recomputed: int


def differences(kept: Months, recomputed: Months) -> Iterator[Difference]:
    """Yield what differs, in the order of items, measures and months."""
    for item_id, columns in sorted((kept - recomputed).items.items()):
        for measure in sorted(columns):
            was, now = (
                each.items.get(item_id, {}).get(measure, _ZEROS) for each in (kept, recomputed)
            )
            for index, (old, new) in enumerate(zip(was, now, strict=True)):
                if old != new:
                    yield Difference(
                        item_id=item_id, measure=measure, month=index + 1, kept=old, recomputed=new
                    )


_ZEROS: Final = (0,) * MONTHS_PER_YEAR


class Sum:
    """Months that are being added up."""

    def __init__(self) -> None:
        self._columns: defaultdict[tuple[str, str], list[int]] = defaultdict(
            lambda: [0] * MONTHS_PER_YEAR
        )

    def add(self, months: Months, sign: int) -> None:
        """Add months; take them away for the sign -1."""
        step = operator.add if sign > 0 else operator.sub
        for item_id, columns in months.items.items():
            for measure, column in columns.items():
                key = item_id, measure
                self._columns[key] = [*map(step, self._columns[key], column)]

    def line(self, line: Line, sign: int = 1) -> None:
        """Add a line, if it has records; take it away for the sign -1."""
        if line.record_count:
            item_id, index = line.binding.item_id, line.month.start.month - 1
            self._columns[item_id, LINE_COUNT][index] += sign
            for measure, value in _measures(line.booked):
                self._columns[item_id, measure][index] += sign * value

    def booked(self, item_id: str, month: int, booked: Booked) -> None:
        """Add what is booked of a line of an item in a month, from 1 to 12."""
        self._columns[item_id, LINE_COUNT][month - 1] += 1
        for measure, value in _measures(booked):
            self._columns[item_id, measure][month - 1] += value

    def booking(self, item_id: str, months: Sequence[int], booking: Booking) -> None:
        """Add what is booked of lines of an item, each in its month, from 1 to 12."""
        counts = self._columns[item_id, LINE_COUNT]
        for month in months:
            counts[month - 1] += 1
        for measure, values in _columns_of(booking):
            sums = self._columns[item_id, measure]
            for month, value in zip(months, values, strict=True):
                sums[month - 1] += value

    def months(self) -> Months:
        """Return the sum."""
        return _of(self._columns.items())


def of_lines(lines: Iterable[Line]) -> Months:
    """Return what current lines of a year by a method add up to."""
    made = Sum()
    for line in lines:
        made.line(line)
    return made.months()


def moved(before: Iterable[Line], after: Iterable[Line]) -> dict[tuple[int, str], Months]:
    """Return what new versions of lines differ by from those before, by year and method.

    `before` are current lines, those too that get no new version.
    """
    old = {line.line_id: line for line in before}
    sums: defaultdict[tuple[int, str], Sum] = defaultdict(Sum)
    for line in after:
        made = sums[line.binding.accounting_year, line.binding.method_id]
        made.line(line)
        if line.line_id in old:
            made.line(old[line.line_id], -1)
    return {key: made.months() for key, made in sums.items()}


Zones = Mapping[str, Collection[int]]
"""Zones by name, each with the months, from 1 to 12, that an enterprise is counted in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What becomes of an enterprise's months, and of the zones that they are counted in."""

    before: Months
    after: Months
    zones_before: Zones = field(default_factory=dict)
    zones_after: Zones = field(default_factory=dict)


def of_zones(moves: Iterable[Move]) -> dict[str, Months]:
    """Return what the months of zones differ by, of a year by a method."""
    sums: defaultdict[str, Sum] = defaultdict(Sum)
    for each in moves:
        for zone, months in each.zones_before.items():
            sums[zone].add(each.before.within(months), -1)
        for zone, months in each.zones_after.items():
            sums[zone].add(each.after.within(months), 1)
    return {zone: made.months() for zone, made in sums.items()}


def _added(left: Months, right: Months, sign: int) -> Months:
    made = Sum()
    made.add(left, 1)
    made.add(right, sign)
    return made.months()


def _of(columns: Iterable[tuple[tuple[str, str], Sequence[int]]]) -> Months:
    items: defaultdict[str, dict[str, Column]] = defaultdict(dict)
    for (item_id, measure), column in columns:
        if any(column):
            items[item_id][measure] = [*column]
    return Months(dict(items))


def _measures(booked: Booked) -> Iterator[tuple[str, int]]:
    yield _CO2, booked.co2_g
    for gas, mg in booked.other_mg:
        yield _OTHER + gas, mg
    for gwp_set, grams in booked.co2e_g:
        yield _CO2E + gwp_set, grams


def _columns_of(booking: Booking) -> Iterator[tuple[str, Sequence[int]]]:
    yield _CO2, booking.co2_g
    for gas, mg in booking.other_mg.items():
        yield _OTHER + gas, mg
    for gwp_set, grams in booking.co2e_g.items():
        yield _CO2E + gwp_set, grams
