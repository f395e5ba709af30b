"""Resident memory of accounting while curves stream through it: it must not grow with what came.

The whole is what is promised, a year at 15 minutes of 2,000 enterprises with 10 meters each: 700
million points, which take minutes.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from benchmarks.harness import Figure
from benchmarks.support import fed
from benchmarks.support.fed import Fed
from services.runtime.database import Database
from tests.fixtures.apart import accounting_apart, answers, wait

MIB = 1024 * 1024
MOST_MIB = 512
POINT_BYTES = 4
_POINTS_PER_YEAR = 365 * 96


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How much is sent."""

    enterprise_count: int = 2000
    meter_count: int = 10
    """Of each enterprise."""
    database: str = "sqlite"
    """Or "postgresql"."""

    @property
    def bytes_per_enterprise(self) -> int:
        """How much an enterprise's points are as they are sent."""
        return self.meter_count * _POINTS_PER_YEAR * POINT_BYTES


def run(sizes: Sizes = Sizes()) -> Iterable[Figure]:
    """Measure the most that is resident, of the whole and of its first tenth."""
    resident = list(resident_bytes(sizes))
    tenth = len(resident) // 10 + 1
    for came in (tenth, len(resident)):
        mib = max(resident[:came]) / MIB
        points = came * sizes.meter_count * _POINTS_PER_YEAR
        yield Figure(
            figure=f"resident in accounting while {points:,} points came, at the most",
            value=mib,
            unit="MiB",
            against=f"{MOST_MIB} MiB",
            ratio=mib / MOST_MIB,
            goal=1.0,
            met=mib <= MOST_MIB,
        )


def resident_bytes(sizes: Sizes) -> Iterator[int]:
    """Stream a year of each enterprise; yield what is resident after each of them."""
    with (
        tempfile.TemporaryDirectory() as folder,
        accounting_apart(sizes.database, Path(folder)) as apart,
        closing(Database.of(apart.settings, "accounting")) as database,
    ):
        wait(lambda: answers(apart.running))
        client = apart.running.administrator
        fed.furnish(client)
        services = Fed(client=client, database=database, meters=sizes.meter_count)
        for _ in range(sizes.enterprise_count):
            services.send(services.messages(1))
            yield apart.accounting.resident_bytes()
