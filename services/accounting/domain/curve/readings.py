"""Readings of registers of curves, as they are sent: they become a block of points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from services.accounting.domain.curve.block import (
    ESTIMATED,
    MEASURED,
    MISSING,
    Block,
    Place,
    days_from,
)
from services.accounting.domain.curve.curve import Curve, Scale
from services.accounting.domain.curve.register import Note, Span, flow
from services.kernel.errors import DomainError, FieldInvalid, Words


@dataclass(frozen=True, kw_only=True)
class Readings:
    """The readings of some days in a row: that which opens the first, then one an interval."""

    curves: tuple[str, ...]
    """Their names."""
    first: date
    day_count: int
    scale: Scale
    counts: NDArray[np.int64]
    """Counts of the registers; (curve, instant)."""
    marks: NDArray[np.uint8] | None
    """One for each reading; None where all were measured."""

    @property
    def dates(self) -> tuple[date, ...]:
        """The days, in order."""
        return days_from(self.first, self.day_count)

    def block(self, known: Mapping[str, Curve]) -> Block:
        """Return what flowed between the readings, by the registers of the curves that are known.

        Of a curve without a register nothing flows; whoever takes the block refuses it.
        """
        points = self.scale.step.points_per_day
        shape = (len(self.curves), self.day_count, points)
        counts = np.zeros((shape[0], shape[1] * points), np.int64)
        marks = np.full(counts.shape, MEASURED, np.uint8)
        notes: dict[Place, tuple[Note, ...]] = {}
        wrong: dict[Place, DomainError] = {}
        for index, name in enumerate(self.curves):
            curve = known.get(name)
            if curve is None or curve.register is None:
                continue
            marks[index], unread = self._marks(index)
            found = flow(
                self.counts[index],
                marks[index] == MISSING,
                (curve.register, curve.replacements),
                Span(first=self.first, points_per_day=points),
            )
            counts[index] = found.counts
            notes |= {(index, day): tuple(each) for day, each in found.notes.items()}
            wrong |= {(index, day): error for day, error in (found.wrong | unread).items()}
        return Block(
            curves=self.curves,
            first=self.first,
            scale=self.scale,
            counts=counts.astype("<i4").reshape(shape),
            marks=None if self.marks is None else marks.reshape(shape),
            notes=notes,
            unread=wrong,
            is_of_registers=True,
        )

    def _marks(self, index: int) -> tuple[NDArray[np.uint8], dict[int, DomainError]]:
        """Return the marks of the intervals of a curve, and the days with a reading without sense.

        An interval is what the less known of its two readings is.
        """
        points = self.scale.step.points_per_day
        if self.marks is None:
            return np.full(self.day_count * points, MEASURED, np.uint8), {}
        marks, readings = self.marks[index], self.counts[index]
        wrong: dict[int, DomainError] = {}
        senseless = (marks < MEASURED) | (marks > MISSING) | ((marks == MISSING) & (readings != 0))
        for instant in np.flatnonzero(senseless).tolist():
            error = FieldInvalid(
                field="marks",
                given=f"{marks[instant]}, reading {readings[instant]}",
                allowed=Words(
                    en=f"{MEASURED} (measured), {ESTIMATED} (estimated), or {MISSING} (missing) "
                    "with a reading of 0",
                    zh=f"{MEASURED}（实测）、{ESTIMATED}（估算），或 {MISSING}（缺失，读数应为 0）",
                ),
            )
            # A reading between two days is the end of one and the beginning of the other.
            for interval in (instant - 1, instant):
                if 0 <= interval < self.day_count * points:
                    wrong.setdefault(interval // points, error)
        return np.maximum(marks[:-1], marks[1:]), wrong
