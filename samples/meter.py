"""The real meter year of a small steel shop: 365 days of 96 quarter hours, exact.

Data: "Steel Industry Energy Consumption", UCI Machine Learning Repository, data set 851,
V. E. Sathishkumar, C. Shin, Y. Cho, CC BY 4.0. `samples/README.md` tells its quirks.

The shipped file holds one row a day: the date, then 96 integer counts of 0.01 kWh in the order of
the day's quarter hours, of which the first ends at 00:15 and the last at midnight.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import islice, zip_longest
from pathlib import Path

FILE = Path(__file__).parent / "steel_shop_2018.csv.gz"
YEAR = 2018
READINGS_A_DAY = 96
MINUTES = 15
KWH_DECIMALS = 2
"""A count is 0.01 kWh, the resolution the readings were published in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterDay:
    """One day of the meter: energy drawn in each quarter hour, in counts of 0.01 kWh."""

    date: date
    counts: tuple[int, ...]

    def __post_init__(self) -> None:
        assert len(self.counts) == READINGS_A_DAY, f"{self.date}: {len(self.counts)} readings"
        assert min(self.counts) >= 0, f"{self.date}: a negative reading"

    @property
    def energy_kwh(self) -> Decimal:
        """The day's energy in kWh, exact, with two decimals."""
        return Decimal(sum(self.counts)).scaleb(-KWH_DECIMALS)


def days() -> Iterator[MeterDay]:
    """Yield the 365 days of 2018 in order."""
    with gzip.open(FILE, "rt", encoding="ascii", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        for day, *counts in rows:
            yield MeterDay(date=date.fromisoformat(day), counts=tuple(map(int, counts)))


def replayed(accounting_year: int = 2023) -> Iterator[MeterDay]:
    """Yield the same 365 days dated in `accounting_year`: its n-th day is the n-th of 2018.

    Whoever shows a figure made from them says that it is *replayed*. Weekdays are not aligned:
    2018 began on a Monday, 2023 on a Sunday.
    """
    shift = date(accounting_year, 1, 1) - date(YEAR, 1, 1)
    if (date(accounting_year, 12, 31) - shift) != date(YEAR, 12, 31):
        raise ValueError(
            f"{accounting_year} is a leap year and the meter has 365 days; "
            "replay onto a year of 365 days, such as 2023"
        )
    for day in days():
        yield MeterDay(date=day.date + shift, counts=day.counts)


def packed(published_csv: str) -> bytes:
    """Return the shipped file's bytes, made from the text of the published CSV.

    A published timestamp marks the end of its quarter hour, and the row of midnight carries the
    date of the day it ends: a day's rows run 00:15, 00:30, … 23:45, 00:00 under one date. Rows that
    do not follow that order exactly, without gap or repetition, are refused.
    """
    rows = csv.DictReader(io.StringIO(published_csv.removeprefix("\ufeff")))
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["date", *(_label(quarter) for quarter in range(1, READINGS_A_DAY + 1))])
    expected = date(YEAR, 1, 1)
    while day := list(islice(rows, READINGS_A_DAY)):
        table.writerow([expected.isoformat(), *_counts(day, expected)])
        expected += timedelta(days=1)
    if expected != date(YEAR + 1, 1, 1):
        raise ValueError(f"the readings end before {expected}; a whole {YEAR} is wanted")
    return gzip.compress(text.getvalue().encode("ascii"), compresslevel=9, mtime=0)


def _counts(day: list[dict[str, str]], expected: date) -> list[int]:
    """The counts of one day's published rows, each of which must stand where it belongs."""
    wanted = [f"{expected:%d/%m/%Y} {_label(quarter)}" for quarter in range(1, READINGS_A_DAY + 1)]
    for row, timestamp in zip_longest(day, wanted):
        if row is None or row["date"] != timestamp:
            given = row["date"] if row else "the end of the file"
            raise ValueError(f"{given} stands where the row of {timestamp} belongs")
    return [_count(row["Usage_kWh"]) for row in day]


def _count(energy_kwh: str) -> int:
    count = Decimal(energy_kwh).scaleb(KWH_DECIMALS)
    if count != count.to_integral_value():
        raise ValueError(f"{energy_kwh} kWh is finer than the file's resolution of 0.01 kWh")
    return int(count)


def _label(quarter: int) -> str:
    """The clock time at which the day's n-th quarter hour ends, counted from 1.

    >>> _label(1), _label(95), _label(96)
    ('00:15', '23:45', '00:00')
    """
    minutes = quarter * MINUTES % (24 * 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
