"""Some points of a day, as they are sent: with those that are stored they become a block."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.accounting.domain.curve.block import MEASURED, MISSING, Block
from services.accounting.domain.curve.curve import Scale


class DayPoints(NamedTuple):
    """The points of a day that is stored."""

    points: bytes
    """Counts in the order of time, little-endian, 32 bits each."""
    marks: bytes | None
    """One byte a point; None where all were measured."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """Points in a row of one day."""

    curves: tuple[str, ...]
    """Their names."""
    day: date
    scale: Scale
    first_point: int
    """Its index in the day."""
    counts: NDArray[np.int32]
    """Counts in the intervals; (curve, point)."""
    marks: NDArray[np.uint8] | None
    """One for each count; None where all were measured."""

    @property
    def dates(self) -> tuple[date, ...]:
        """The day alone."""
        return (self.day,)

    def block(self, stored: Mapping[str, DayPoints]) -> Block:
        """Return the whole day: these points, and around them those stored, by curve.

        A point that neither has is missing.
        """
        shape = (len(self.curves), self.scale.step.points_per_day)
        counts = np.zeros(shape, "<i4")
        marks = np.full(shape, MISSING, np.uint8)
        for index, name in enumerate(self.curves):
            before = stored.get(name)
            # A curve of another step is refused by whoever takes the block.
            if before is None or len(before.points) != counts[index].nbytes:
                continue
            counts[index] = np.frombuffer(before.points, "<i4")
            marks[index] = (
                MEASURED if before.marks is None else np.frombuffer(before.marks, np.uint8)
            )
        sent = slice(self.first_point, self.first_point + self.counts.shape[1])
        counts[:, sent] = self.counts
        marks[:, sent] = MEASURED if self.marks is None else self.marks
        return Block(
            curves=self.curves,
            first=self.day,
            scale=self.scale,
            counts=counts[:, np.newaxis],
            marks=marks[:, np.newaxis],
        )
