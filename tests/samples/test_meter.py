from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest

from samples import meter

YEAR_KWH = Decimal("959636.71")


def published(change: Callable[[list[str]], None] | None = None) -> str:
    """The year as it was published: byte-order mark, day first, midnight under the old date."""
    rows = []
    for day in meter.days():
        for quarter, count in enumerate(day.counts, start=1):
            minutes = quarter % 96 * 15
            clock = f"{minutes // 60:02d}:{minutes % 60:02d}"
            rows.append(f"{day.date:%d/%m/%Y} {clock},{Decimal(count).scaleb(-2).normalize():f},x")
    if change:
        change(rows)
    return "\ufeffdate,Usage_kWh,Load_Type\n" + "\n".join(rows) + "\n"


def test_the_year_has_every_quarter_hour_of_365_days() -> None:
    days = list(meter.days())

    assert [day.date for day in days] == [
        date(2018, 1, 1) + timedelta(days=number) for number in range(365)
    ]
    assert sum(len(day.counts) for day in days) == 35_040


def test_the_year_sums_to_what_the_publisher_counts() -> None:
    assert sum(day.energy_kwh for day in meter.days()) == YEAR_KWH


def test_a_day_begins_with_its_first_quarter_hour_and_ends_with_midnight() -> None:
    first, second = list(meter.days())[:2]

    assert first.counts[:3] == (317, 400, 324)
    assert first.counts[-2:] == (367, 342)
    assert second.counts[0] == 320


def test_the_replay_moves_each_day_and_changes_no_reading() -> None:
    real, replayed = list(meter.days()), list(meter.replayed(2023))

    assert [day.date for day in replayed] == [
        date(2023, 1, 1) + timedelta(days=number) for number in range(365)
    ]
    assert [day.counts for day in replayed] == [day.counts for day in real]


def test_a_leap_year_is_refused() -> None:
    with pytest.raises(ValueError, match="2024 is a leap year"):
        next(meter.replayed(2024))


def test_packing_what_was_published_gives_the_shipped_file() -> None:
    packed = meter.packed(published())

    assert gzip.decompress(packed) == gzip.decompress(meter.FILE.read_bytes())
    assert packed[4:8] == bytes(4), "the gzip header carries a time"


def test_a_midnight_dated_on_the_day_it_begins_is_refused() -> None:
    def redate(rows: list[str]) -> None:
        rows[95] = rows[95].replace("01/01/2018 00:00", "02/01/2018 00:00")

    with pytest.raises(ValueError, match="02/01/2018 00:00 stands where the row of 01/01/2018"):
        meter.packed(published(redate))


def test_a_repeated_reading_is_refused() -> None:
    with pytest.raises(ValueError, match="01/01/2018 00:15 stands where"):
        meter.packed(published(lambda rows: rows.insert(1, rows[0])))


def test_a_missing_reading_is_refused() -> None:
    with pytest.raises(ValueError, match="the end of the file stands where"):
        meter.packed(published(lambda rows: rows.__delitem__(-1)))


def test_a_missing_day_at_the_end_is_refused() -> None:
    with pytest.raises(ValueError, match="the readings end before 2018-12-31"):
        meter.packed(published(lambda rows: rows.__delitem__(slice(-96, None))))


def test_a_reading_finer_than_the_resolution_is_refused() -> None:
    def refine(rows: list[str]) -> None:
        rows[0] = rows[0].replace("3.17", "3.175")

    with pytest.raises(ValueError, match=r"3\.175 kWh is finer"):
        meter.packed(published(refine))
