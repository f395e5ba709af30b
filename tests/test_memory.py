"""Accounting takes any amount of points in the same memory; `bench memory` takes the whole."""

from __future__ import annotations

from benchmarks import memory
from benchmarks.memory import MIB, MOST_MIB, Sizes

WARM = 40
"""Enterprises after which every thread, connection and cache has been used."""


def test_memory_does_not_grow_with_the_points_that_came() -> None:
    sizes = Sizes(enterprise_count=60, meter_count=10)

    resident = list(memory.resident_bytes(sizes))

    assert max(resident) < MOST_MIB * MIB
    came = (sizes.enterprise_count - WARM) * sizes.bytes_per_enterprise
    assert max(resident) - max(resident[:WARM]) < came / 2
