"""Parts of a day, put together by a slow and obvious rule and by arrays."""

from __future__ import annotations

from datetime import date

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from services.accounting.domain.curve.block import ESTIMATED, MEASURED, MISSING, Block
from services.accounting.domain.curve.curve import Scale, Step
from services.accounting.domain.curve.part import DayPoints, Part

POINTS = 24
SCALE = Scale(unit="kWh", decimal_count=2, step=Step.HOUR)
POINT = st.tuples(st.integers(0, 9), st.sampled_from([MEASURED, ESTIMATED]))


@st.composite
def parts(draw: st.DrawFn) -> tuple[int, list[tuple[int, int]]]:
    """Draw where a part begins, and its points with their marks."""
    first = draw(st.integers(0, POINTS - 1))
    return first, draw(st.lists(POINT, min_size=1, max_size=POINTS - first))


def _put(first: int, points: list[tuple[int, int]], stored: Block | None) -> Block:
    before = {}
    if stored is not None:
        before["main"] = DayPoints(stored.points((0, 0)), stored.marks_of((0, 0)))
    part = Part(
        curves=("main",),
        day=date(2024, 1, 1),
        scale=SCALE,
        first_point=first,
        counts=np.array([[count for count, _ in points]], np.int32),
        marks=np.array([[mark for _, mark in points]], np.uint8),
    )
    return part.block(before)


@given(st.lists(parts(), min_size=1, max_size=6))
def test_a_day_is_the_last_that_came_of_each_point(
    sent: list[tuple[int, list[tuple[int, int]]]],
) -> None:
    expected = [(0, MISSING)] * POINTS
    block = None
    for first, points in sent:
        expected[first : first + len(points)] = points
        block = _put(first, points, block)

    assert block is not None
    assert block.marks is not None
    day = zip(block.counts[0, 0].tolist(), block.marks[0, 0].tolist(), strict=True)
    assert list(day) == expected
    assert block.wrong() == {}


@given(st.lists(POINT, min_size=POINTS, max_size=POINTS), st.integers(1, POINTS - 1))
def test_two_parts_are_the_day_that_is_sent_whole(points: list[tuple[int, int]], cut: int) -> None:
    first = _put(0, points[:cut], None)
    whole = Block(
        curves=("main",),
        first=date(2024, 1, 1),
        scale=SCALE,
        counts=np.array([[[count for count, _ in points]]], "<i4"),
        marks=np.array([[[mark for _, mark in points]]], np.uint8),
    )

    assert _put(cut, points[cut:], first).days == whole.days
