"""Cumulative registers: readings at instants become what flowed between them.

A difference of readings times the multiplier is what flowed. A register that falls has rolled over
where the difference is then one that an interval can have; it is refused otherwise, as is any
greater difference. Whatever is taken so stands in a note beside its day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.kernel.errors import DomainError, FieldInvalid, RegisterImplausible, Words

LARGEST_COUNT: Final = 2**31 - 1
"""The largest count of a curve that an interval can have."""


class NoteKind(StrEnum):
    """What is told of the readings of a day."""

    READ = "READ"
    ROLLOVER = "ROLLOVER"
    REPLACEMENT = "REPLACEMENT"


class Note(NamedTuple):
    """How the points of a day follow from its readings."""

    kind: NoteKind
    point: int
    """The interval of the day."""
    from_count: int
    """The reading at its beginning; of READ at the beginning of the day."""
    to_count: int
    """The reading at its end; of READ at the end of the day."""
    multiplier: int

    @property
    def is_assumption(self) -> bool:
        """Whether something else than a difference of readings was taken."""
        return self.kind is not NoteKind.READ


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """How a cumulative register counts."""

    digit_count: int
    multiplier: int
    """How many counts of the curve a count of the register stands for."""
    largest_interval_count: int
    """The most counts of the register that an interval can have."""

    @property
    def modulus(self) -> int:
        """The count at which it begins again from 0."""
        return int(10**self.digit_count)

    def wrong(self, prefix: str) -> Iterator[DomainError]:
        """Yield an error where a rollover could not be told from a fall."""
        most = self.modulus // 2 - 1
        if self.largest_interval_count > most:
            yield FieldInvalid(
                field=f"{prefix}largest_interval_count",
                given=str(self.largest_interval_count),
                allowed=Words(
                    en=f"1 to {most}, below half of the counter",
                    zh=f"1 至 {most}，即小于表计量程的一半",
                ),
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """A meter was put in the place of another."""

    day: date
    point: int
    """The interval of the day in which it was."""
    closing_count: int
    """The last reading of the old register."""
    opening_count: int
    """The first reading of the new register."""
    register: Register
    """The new one."""
    meter: str
    evidence: str
    reporter: str = ""
    revision: int = 0
    create_time: datetime | None = None

    @property
    def place(self) -> tuple[date, int]:
        """When it was."""
        return self.day, self.point


@dataclass(slots=True, kw_only=True)
class Flow:
    """What flowed in the intervals of some days in a row."""

    counts: NDArray[np.int64]
    """Counts of the curve; (interval). 0 in days that are wrong."""
    notes: defaultdict[int, list[Note]] = field(default_factory=lambda: defaultdict(list))
    """By day, in the order of the intervals."""
    wrong: dict[int, DomainError] = field(default_factory=dict)
    """By day, the first reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The days that are read."""

    first: date
    points_per_day: int

    def interval(self, replacement: Replacement) -> int:
        """Return the interval in which a meter was replaced; negative before the first day."""
        return (replacement.day - self.first).days * self.points_per_day + replacement.point


def flow(
    readings: NDArray[np.int64],
    missing: NDArray[np.bool_],
    registers: tuple[Register, Sequence[Replacement]],
    span: Span,
) -> Flow:
    """Return what flowed between `readings`, the first of which opens the first day.

    `missing` are the intervals that lack a reading at an end; nothing is said of these.
    `registers` are the first register, and the replacements by time.
    """
    first, replacements = registers
    steps = _Steps.of(first, readings)
    for replacement in replacements:
        steps.replace(replacement, span.interval(replacement))
    steps.counts[missing] = 0
    found = Flow(counts=steps.counts)
    per_day = span.points_per_day
    for interval in np.flatnonzero(~missing & steps.is_wrong()).tolist():
        found.wrong.setdefault(interval // per_day, steps.error(interval, interval % per_day))
    for day in range(len(steps.counts) // per_day):
        start = day * per_day
        opening, closing = int(readings[start]), int(readings[start + per_day])
        found.notes[day].append(
            Note(NoteKind.READ, 0, opening, closing, int(steps.multiplier[start]))
        )
    for interval in np.flatnonzero(~missing & (steps.rolled | steps.replaced)).tolist():
        found.notes[interval // per_day] += steps.notes(interval, interval % per_day)
    for day in found.wrong:
        found.counts[day * per_day : (day + 1) * per_day] = 0
        del found.notes[day]
    return found


@dataclass(slots=True, kw_only=True)
class _Steps:
    """The intervals between readings; every array is (interval)."""

    readings: NDArray[np.int64]
    """One more than there are intervals."""
    counts: NDArray[np.int64]
    multiplier: NDArray[np.int64]
    """Of the register at the end of the interval."""
    advance: NDArray[np.int64]
    """By how much the register advanced; where it was replaced the new one."""
    largest: NDArray[np.int64]
    modulus: NDArray[np.int64]
    beyond: NDArray[np.bool_]
    """Where a reading has more digits than its register, or an old register advanced too far."""
    rolled: NDArray[np.bool_]
    replaced: NDArray[np.bool_]
    register: Register
    """The newest."""

    @classmethod
    def of(cls, register: Register, readings: NDArray[np.int64]) -> _Steps:
        """Return the steps of a register that is never replaced."""
        count = len(readings) - 1
        steps = cls(
            readings=readings,
            counts=np.zeros(count, np.int64),
            multiplier=np.zeros(count, np.int64),
            advance=np.zeros(count, np.int64),
            largest=np.zeros(count, np.int64),
            modulus=np.zeros(count, np.int64),
            beyond=np.zeros(count, np.bool_),
            rolled=np.zeros(count, np.bool_),
            replaced=np.zeros(count, np.bool_),
            register=register,
        )
        steps._read_by(register, 0)
        return steps

    def _read_by(self, register: Register, start: int) -> None:
        """Take the intervals from `start` on as steps of a register."""
        part = slice(start, None)
        opened, closed = self.readings[:-1][part], self.readings[1:][part]
        fell = closed < opened
        advance = np.where(fell, closed - opened + register.modulus, closed - opened)
        self.advance[part], self.rolled[part] = advance, fell
        self.counts[part] = advance * register.multiplier
        self.multiplier[part] = register.multiplier
        self.largest[part] = register.largest_interval_count
        self.modulus[part] = register.modulus
        self.beyond[part] = _beyond(opened, register) | _beyond(closed, register)
        self.replaced[part] = False
        self.register = register

    def replace(self, by: Replacement, interval: int) -> None:
        """Take the intervals after one as steps of a new register, and that one as of both."""
        old, new = self.register, by.register
        if interval >= len(self.counts):
            return
        self._read_by(new, max(interval + 1, 0))
        if interval < 0:
            return
        opened, closed = int(self.readings[interval]), int(self.readings[interval + 1])
        before, after = by.closing_count - opened, closed - by.opening_count
        self.rolled[interval] = before < 0 or after < 0
        before += old.modulus if before < 0 else 0
        after += new.modulus if after < 0 else 0
        self.counts[interval] = before * old.multiplier + after * new.multiplier
        self.multiplier[interval] = new.multiplier
        self.advance[interval] = after
        self.largest[interval] = new.largest_interval_count
        self.modulus[interval] = new.modulus
        self.replaced[interval] = True
        self.beyond[interval] = (
            before > old.largest_interval_count or opened >= old.modulus or closed >= new.modulus
        )

    def is_wrong(self) -> NDArray[np.bool_]:
        """Return where the readings cannot be what they say."""
        return self.beyond | (self.advance > self.largest) | (self.counts > LARGEST_COUNT)

    def error(self, interval: int, point: int) -> DomainError:
        """Return what is wrong with an interval."""
        opened, closed = self.readings[interval], self.readings[interval + 1]
        most = min(
            int(self.largest[interval]), LARGEST_COUNT // max(1, int(self.multiplier[interval]))
        )
        return RegisterImplausible(
            field="values", given=f"{opened} → {closed} at point {point}", allowed=f"0 to {most}"
        )

    def notes(self, interval: int, point: int) -> Iterator[Note]:
        """Yield what was assumed of an interval."""
        about = (
            point,
            int(self.readings[interval]),
            int(self.readings[interval + 1]),
            int(self.multiplier[interval]),
        )
        if self.replaced[interval]:
            yield Note(NoteKind.REPLACEMENT, *about)
        if self.rolled[interval]:
            yield Note(NoteKind.ROLLOVER, *about)


def _beyond(readings: NDArray[np.int64], register: Register) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = (readings < 0) | (readings >= register.modulus)
    return found
