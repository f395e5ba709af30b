"""Cumulative registers: what flowed is found again from the readings, or the day is refused."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import accumulate

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accounting.domain.curve.register import (
    Flow,
    NoteKind,
    Register,
    Replacement,
    Span,
    flow,
)

HOURS = 24
FIRST = date(2024, 3, 1)
REGISTER = Register(digit_count=4, multiplier=30, largest_interval_count=400)
NEW = Register(digit_count=3, multiplier=7, largest_interval_count=300)


def read(
    readings: Sequence[int],
    *replacements: Replacement,
    missing: Sequence[int] = (),
    register: Register = REGISTER,
) -> Flow:
    lacking = np.zeros(len(readings) - 1, np.bool_)
    lacking[list(missing)] = True
    return flow(
        np.array(readings, np.int64),
        lacking,
        (register, replacements),
        Span(first=FIRST, points_per_day=HOURS),
    )


def replaced(interval: int, closing: int, opening: int) -> Replacement:
    return Replacement(
        day=date(2024, 3, 1 + interval // HOURS) if interval >= 0 else date(2024, 2, 28),
        point=interval % HOURS,
        closing_count=closing,
        opening_count=opening,
        register=NEW,
        meter="",
        evidence="",
    )


def told(found: Flow, day: int = 0) -> list[tuple[str, int]]:
    return [(note.kind.value, note.point) for note in found.notes[day]]


FLOWS = st.lists(st.integers(0, 400), min_size=HOURS, max_size=HOURS) | st.lists(
    st.integers(0, 400), min_size=2 * HOURS, max_size=2 * HOURS
)


@given(flowed=FLOWS, opening=st.integers(0, 9999))
def test_what_flowed_is_found_again_whatever_the_register_began_with(
    flowed: list[int], opening: int
) -> None:
    readings = [total % 10_000 for total in accumulate(flowed, initial=opening)]

    found = read(readings)

    assert found.wrong == {}
    assert found.counts.tolist() == [30 * each for each in flowed]
    rollovers = sum(
        note.kind is NoteKind.ROLLOVER for notes in found.notes.values() for note in notes
    )
    assert rollovers == (opening + sum(flowed)) // 10_000


@given(
    flowed=st.lists(st.integers(0, 150), min_size=HOURS, max_size=HOURS),
    interval=st.integers(0, HOURS - 1),
    opening=st.integers(0, 999),
    data=st.data(),
)
def test_a_replaced_meter_loses_nothing_of_the_interval(
    flowed: list[int], interval: int, opening: int, data: st.DataObject
) -> None:
    before = data.draw(st.integers(0, flowed[interval]))
    old = [total % 10_000 for total in accumulate(flowed[:interval], initial=9_000)]
    closing = (old[-1] + before) % 10_000
    rest = [flowed[interval] - before, *flowed[interval + 1 :]]
    new = [total % 1000 for total in accumulate(rest, initial=opening)][1:]

    found = read([*old, *new], replaced(interval, closing, opening))

    expected = [30 * each for each in flowed[:interval]]
    expected += [30 * before + 7 * rest[0], *(7 * each for each in rest[1:])]
    assert found.counts.tolist() == expected
    assert ("REPLACEMENT", interval) in told(found)


def test_a_meter_that_was_replaced_before_reads_by_its_new_register() -> None:
    found = read([990, *([5] * HOURS)], replaced(-5, 0, 0))

    assert found.counts[0] == 15 * 7
    assert told(found) == [("READ", 0), ("ROLLOVER", 0)]


def test_a_meter_that_will_be_replaced_reads_by_its_old_register() -> None:
    found = read([0, *([5] * HOURS)], replaced(3 * HOURS, 0, 0))

    assert found.counts[0] == 5 * 30


@pytest.mark.parametrize(
    ("opened", "closed"),
    [(120, 80), (0, 401), (9_000, 500), (-1, 5), (9_990, 10_000)],
    ids=["it fell", "it jumped", "no rollover goes so far", "negative", "a digit too many"],
)
def test_a_reading_that_cannot_be_is_refused_with_its_day_alone(opened: int, closed: int) -> None:
    readings = [opened, *[closed] * HOURS, *[closed] * HOURS]
    if closed >= 10_000:
        readings[2:] = [9_990] * (len(readings) - 2)

    found = read(readings)

    assert found.wrong[0].reason == "REGISTER_IMPLAUSIBLE"
    assert f"{opened} → {closed} at point 0" in found.wrong[0].text("en")
    assert found.counts[:HOURS].tolist() == [0] * HOURS
    assert found.notes[0] == []
    if closed < 10_000:
        assert list(found.wrong) == [0]


def test_more_than_a_count_can_hold_is_refused() -> None:
    wide = Register(digit_count=9, multiplier=1_000_000, largest_interval_count=10_000)

    found = read([0, *[2_148] * HOURS], register=wide)

    assert "0 to 2147" in found.wrong[0].text("en")


def test_nothing_is_said_of_intervals_without_a_reading() -> None:
    found = read([100, 110, 0, *[150] * (HOURS - 2)], missing=[1, 2])

    assert found.wrong == {}
    assert found.counts[:4].tolist() == [300, 0, 0, 0]
    assert told(found) == [("READ", 0)]


def test_a_register_whose_fall_could_be_anything_is_refused() -> None:
    loose = Register(digit_count=2, multiplier=1, largest_interval_count=50)

    assert [error.reason for error in loose.wrong("")] == ["FIELD_INVALID"]
    assert list(REGISTER.wrong("")) == []
