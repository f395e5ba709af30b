"""Points of days of curves, as they are sent: their exact sums, and what is wrong with them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.accounting.domain.curve.curve import Scale
from services.accounting.domain.curve.register import Note
from services.kernel.errors import (
    DomainError,
    FieldInvalid,
    QuantityInvalid,
    QuantityProblem,
    Words,
)

MEASURED: Final = 1
ESTIMATED: Final = 2
MISSING: Final = 3
"""The marks, as the contract numbers them."""

DIGEST_BYTES: Final = 16

Place = tuple[int, int]
"""A curve of a block and a day of it, both by their index."""


class Day(NamedTuple):
    """What the books and the next version need to know of a day of a curve."""

    digest: bytes
    """Of its points, marks and notes: the same day has the same."""
    total_count: int
    """The exact sum of its counts."""
    estimated_count: int
    missing_count: int
    assumption_count: int
    """How many intervals rest on an assumption about the register."""

    @property
    def is_whole(self) -> bool:
        """Whether no point is missing."""
        return not self.missing_count


@dataclass(frozen=True, slots=True, kw_only=True)
class DayVersion:
    """A day of a curve in one of its versions, with its points."""

    day: date
    points: bytes
    """Counts in the order of time, little-endian, 32 bits each."""
    marks: bytes | None
    """One byte a point; None where all were measured."""
    notes: tuple[Note, ...]
    """How the points follow from the readings of a register."""
    sums: Day
    revision: int
    create_time: datetime


def days_from(first: date, count: int) -> tuple[date, ...]:
    """Return so many days in a row."""
    return tuple(first + timedelta(days=index) for index in range(count))


@dataclass(frozen=True, kw_only=True)
class Block:
    """A dense block of points."""

    curves: tuple[str, ...]
    """Their names."""
    first: date
    scale: Scale
    counts: NDArray[np.int32]
    """Counts in the intervals; (curve, day, point)."""
    marks: NDArray[np.uint8] | None
    """One for each count; None where all were measured."""
    notes: Mapping[Place, tuple[Note, ...]] = field(default_factory=dict)
    """How the points of a day follow from the readings of a register."""
    unread: Mapping[Place, DomainError] = field(default_factory=dict)
    """The days whose readings cannot be what they say."""
    is_of_registers: bool = False
    """Whether the points were sent as readings."""

    @property
    def day_count(self) -> int:
        """How many days of each curve it has."""
        return int(self.counts.shape[1])

    @cached_property
    def dates(self) -> tuple[date, ...]:
        """The days, in order."""
        return days_from(self.first, self.day_count)

    def points(self, place: Place) -> bytes:
        """Return the counts of a day as little-endian integers of 32 bits."""
        return bytes(self.counts[place].data)

    def marks_of(self, place: Place) -> bytes | None:
        """Return the marks of a day; None where all its points were measured."""
        if self.marks is None or not self._unmeasured[place]:
            return None
        return bytes(self.marks[place].data)

    @cached_property
    def days(self) -> list[list[Day]]:
        """Every day, by curve."""
        curves, days = range(len(self.curves)), range(self.day_count)
        totals = self.counts.sum(axis=2, dtype=np.int64).tolist()
        if self.marks is None:
            return [
                [Day(self._digest((i, j)), totals[i][j], 0, 0, self._assumed((i, j))) for j in days]
                for i in curves
            ]
        estimated, missing = (
            (self.marks == mark).sum(axis=2).tolist() for mark in (ESTIMATED, MISSING)
        )
        return [
            [
                Day(
                    self._digest((i, j)),
                    totals[i][j],
                    estimated[i][j],
                    missing[i][j],
                    self._assumed((i, j)),
                )
                for j in days
            ]
            for i in curves
        ]

    def _digest(self, place: Place) -> bytes:
        hashed = hashlib.blake2b(self.counts[place].data, digest_size=DIGEST_BYTES)
        if (marks := self.marks_of(place)) is not None:
            hashed.update(marks)
        if notes := self.notes.get(place):
            hashed.update(repr([tuple(note) for note in notes]).encode())
        return hashed.digest()

    def _assumed(self, place: Place) -> int:
        return sum(note.is_assumption for note in self.notes.get(place, ()))

    @cached_property
    def _unmeasured(self) -> NDArray[np.bool_]:
        """The days with a point that was not measured; (curve, day)."""
        assert self.marks is not None, "asked only where there are marks"
        found: NDArray[np.bool_] = (self.marks != MEASURED).any(axis=2)
        return found

    def wrong(self) -> Mapping[Place, DomainError]:
        """Return the days that cannot be stored, each with the first reason."""
        found = dict(self.unread)
        for place, point in _first(self.counts < 0):
            found[place] = QuantityInvalid(
                field="values",
                given=str(self.counts[place][point]),
                problem=QuantityProblem.NEGATIVE,
            )
        if self.marks is None:
            return found
        for place, point in _first((self.marks < MEASURED) | (self.marks > MISSING)):
            found[place] = FieldInvalid(
                field="marks",
                given=str(self.marks[place][point]),
                allowed=Words(
                    en="1 (measured), 2 (estimated) or 3 (missing)",
                    zh="1（实测）、2（估算）或 3（缺失）",
                ),
            )
        for place, point in _first((self.marks == MISSING) & (self.counts != 0)):
            found.setdefault(
                place,
                FieldInvalid(
                    field="values",
                    given=str(self.counts[place][point]),
                    allowed=Words(
                        en="0 where the point is marked as missing; nothing unknown is counted",
                        zh="标记为缺失的数据点应为 0；未知的量不计入",
                    ),
                ),
            )
        return found


def _first(found: NDArray[np.bool_]) -> list[tuple[Place, int]]:
    """Return the days with a point that was found, each with the first of them."""
    places = np.argwhere(found.any(axis=2))
    return [((int(i), int(j)), int(found[i, j].argmax())) for i, j in places]
