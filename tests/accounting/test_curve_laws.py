"""Laws of curves over the wire: whatever comes when, the books say what the points add up to."""

from __future__ import annotations

import itertools
import random
from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from typing import NamedTuple

import hypothesis
import pytest
from google.type import date_pb2
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from tests.accounting.curves import (
    ESTIMATED,
    MEASURED,
    MISSING,
    POINTS,
    created,
    days_of,
    sending,
)
from tests.accounting.world import World
from zonecarbon.accounting.v1 import accounting_service_pb2, curve_pb2, inventory_pb2

FIRST = date(2023, 1, 25)
SPAN_DAYS = 14
"""The days that are sent lie in two months."""
G_PER_KILOCOUNT = 6_451
"""What a thousand counts, 10 kWh of the grid of Jiangsu, emit in 2023."""


class Sent(NamedTuple):
    """A day as it is sent: energy in its first hour, and the mark of its second."""

    kilocounts: int
    mark: int

    @property
    def points(self) -> list[int]:
        """Its counts."""
        return [self.kilocounts * 1000, *[0] * (POINTS - 1)]

    @property
    def marks(self) -> list[int]:
        """Its marks."""
        return [MEASURED, self.mark, *[MEASURED] * (POINTS - 2)]


class Message(NamedTuple):
    """Some days in a row, from so many days after the first."""

    offset: int
    days: list[Sent]

    def into(self, books: dict[date, Sent]) -> None:
        """Put the days into a slow and obvious ledger: the last that came counts."""
        for index, day in enumerate(self.days):
            books[FIRST + timedelta(days=self.offset + index)] = day


def a_message(offset: int) -> st.SearchStrategy[Message]:
    day = st.builds(
        Sent, st.integers(0, 3), st.sampled_from([MEASURED, MEASURED, ESTIMATED, MISSING])
    )
    return st.builds(
        Message, st.just(offset), st.lists(day, min_size=1, max_size=SPAN_DAYS - offset)
    )


MESSAGES = st.lists(
    st.integers(0, SPAN_DAYS - 1).flatmap(a_message), min_size=1, max_size=5
).flatmap(lambda sent: st.permutations([*sent, sent[0]]))
"""Days in any order, corrected and sent twice."""

LAW = hypothesis.settings(
    max_examples=8,
    # What a test has of its own, a zone with an enterprise, is made anew in each example.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@LAW
@given(messages=MESSAGES)
def test_the_books_are_what_the_last_points_of_each_day_add_up_to(
    world: World, messages: list[Message]
) -> None:
    mill = world.enterprise()
    main = created(world, mill)
    expected: dict[date, Sent] = {}
    at: dict[int, dict[date, Sent]] = {}

    for message in messages:
        answer = world.desk.curves.ReportCurveDays(
            sending(
                [main],
                [day.points for day in message.days],
                str(FIRST + timedelta(days=message.offset)),
                marks=[day.marks for day in message.days],
            )
        )
        assert answer.refused_day_count == 0
        message.into(expected)
        if answer.revision:
            at[answer.revision] = dict(expected)

    for revision, known in at.items():
        assert stored(days_of(world, main, as_of_revision=revision)) == known
    assert figures_g(world, mill) == booked_g(expected)
    assert whole_days(world, mill) == sum(day.mark != MISSING for day in expected.values())


@LAW
@given(cuts=st.sets(st.integers(1, SPAN_DAYS - 1)), chance=st.randoms(use_true_random=False))
@pytest.mark.parametrize("curve_count", [1, 3])
def test_how_days_are_split_among_messages_moves_nothing(
    world: World, curve_count: int, cuts: set[int], chance: random.Random
) -> None:
    mill = world.enterprise()
    names = [
        created(world, mill, f"c{number}", source_id=f"c{number}") for number in range(curve_count)
    ]
    days = [Sent(1 + number, MEASURED) for number in range(SPAN_DAYS)]
    edges = [0, *sorted(cuts), SPAN_DAYS]
    parts = [Message(start, days[start:end]) for start, end in itertools.pairwise(edges)]
    chance.shuffle(parts)

    for part in parts:
        counts = [[day.points for day in part.days]] * curve_count
        first = str(FIRST + timedelta(days=part.offset))
        world.desk.curves.ReportCurveDays(sending(names, counts, first))

    expected: dict[date, Sent] = {}
    Message(0, days).into(expected)
    by_month = {month: grams * curve_count for month, grams in booked_g(expected).items()}
    assert figures_g(world, mill) == by_month


def stored(days: list[curve_pb2.CurveDay]) -> dict[date, Sent]:
    return {
        to_date(each.date): Sent(
            int.from_bytes(each.values[:4], "little") // 1000, each.marks[1] if each.marks else 1
        )
        for each in days
    }


def to_date(day: date_pb2.Date) -> date:
    return date(day.year, day.month, day.day)


def booked_g(days: Mapping[date, Sent]) -> dict[str, int]:
    """What is booked of each month that has a day, in grams."""
    found: defaultdict[str, int] = defaultdict(int)
    for day, sent in days.items():
        found[f"{day:%Y-%m}"] += sent.kilocounts * G_PER_KILOCOUNT
    return dict(found)


def figures_g(world: World, mill: str) -> dict[str, int]:
    """What the lines of each month say, in grams; the inventory adds them up."""
    inventory = world.inventory(mill, view=inventory_pb2.INVENTORY_VIEW_FULL)
    found: defaultdict[str, int] = defaultdict(int)
    for line in inventory.lines:
        start = line.period.start_date
        found[f"{start.year}-{start.month:02d}"] += line.emissions.co2_g
    assert inventory.total_co2_g == sum(found.values())
    return dict(found)


def whole_days(world: World, mill: str) -> int:
    request = accounting_service_pb2.ListActivityRecordsRequest(parent=mill, page_size=1000)
    records = world.desk.accounting.ListActivityRecords(request).activity_records
    replaced = {each.corrects for each in records}
    return sum(len(each.curve_month.whole_dates) for each in records if each.name not in replaced)
