"""The months that a forecast starts from: those that are known, back to the first gap."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from services.accounting.domain.method import Method
from services.accounting.domain.outlook.year_end import OutlookRule
from services.accounting.domain.rollup import NOTHING, Months
from services.kernel.errors import Words
from services.kernel.period import MONTHS_PER_YEAR


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Months without a gap, the last of them in the year that is asked for."""

    months_g: tuple[int, ...]
    """Totals, grams of CO2 equivalent."""
    known_month_count: int
    """How many of them are of the year itself, at its end of the series."""

    @property
    def known_g(self) -> int:
        """What the known months of the year add up to."""
        return sum(self.months_g[len(self.months_g) - self.known_month_count :])

    def needs(self, year: int, rule: OutlookRule) -> Words:
        """Return what lacks for an outlook."""
        there = len(self.months_g)
        return Words(
            en=f"{rule.least_month_count} months without a gap up to month "
            f"{self.known_month_count} of {year}; there are {there}. Ask for the missing reports",
            zh=f"截至 {year} 年第 {self.known_month_count} 个月须有连续 {rule.least_month_count} "
            f"个月的数据，现有 {there} 个月。请补报缺失月份",
        )


def history(
    by_year: Mapping[int, Months], year: int, known_month_count: int, method: Method
) -> History:
    """Return the months up to the last known one of a year, back to the first gap."""
    series = by_year.get(year, NOTHING).totals_g(method)[:known_month_count]
    before = year - 1
    while series or known_month_count == 0:
        months = by_year.get(before, NOTHING)
        reported, totals = months.reported(), months.totals_g(method)
        begin = MONTHS_PER_YEAR
        while begin in reported:
            begin -= 1
        series = [*totals[begin:], *series]
        if begin:
            break
        before -= 1
    return History(months_g=tuple(series), known_month_count=known_month_count)


def known_month_count(months: Months) -> int:
    """Return how many months of a year are known, January first, of one enterprise."""
    reported = months.reported()
    return next(
        (month - 1 for month in range(1, MONTHS_PER_YEAR + 1) if month not in reported),
        MONTHS_PER_YEAR,
    )


def of_zone(
    members: Mapping[str, Collection[int]],
    before: Mapping[str, Months],
    of_year: Mapping[str, Months],
) -> tuple[int, Sequence[str]]:
    """Return how many months of a year are known of a zone, and who is late with the next one.

    A month is known where everybody has reported it who is counted in it and reported the month
    before; the next one is late of those where somebody else has reported it. `members` are the
    months that each is counted in; `before` and `of_year` what each reported.
    """
    last = {name for name in members if MONTHS_PER_YEAR in before.get(name, NOTHING).reported()}
    for month in range(1, MONTHS_PER_YEAR + 1):
        there = {name for name in members if month in of_year.get(name, NOTHING).reported()}
        late = {name for name in last - there if month in members[name]}
        if late or not there:
            return month - 1, sorted(late) if there else ()
        last = there
    return MONTHS_PER_YEAR, ()
