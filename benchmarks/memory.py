"""Resident memory while curves stream through the services: it must not grow with what came.

All services are one process on SQLite, and tell what they hold on their page of metrics. The whole
is what is promised, a year at 15 minutes of 2,000 enterprises with 10 meters each: 700 million
points, which take a quarter of an hour.
"""

from __future__ import annotations

import re
import tempfile
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.harness import Figure
from benchmarks.support import fed
from benchmarks.support.fed import Fed
from services.runtime.database import Database
from tools.demo.processes import Keys, Ports, Processes
from zonecarbon.client import Client

MIB = 1024 * 1024
MOST_MIB = 512
_POINTS_PER_YEAR = 365 * 96
_RESIDENT = re.compile(r"^process_resident_memory_bytes (\S+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How much is sent."""

    enterprise_count: int = 2000
    meter_count: int = 10
    """Of each enterprise."""


def run(sizes: Sizes = Sizes()) -> Iterable[Figure]:
    """Measure the most that is resident, and what it grows by after the first tenth."""
    resident = list(resident_bytes(sizes))
    points = sizes.enterprise_count * sizes.meter_count * _POINTS_PER_YEAR
    early = max(resident[: len(resident) // 10 + 1])
    yield _figure(f"resident while {points:,} points came, at the most", max(resident), MOST_MIB)
    yield _figure("the same, once a tenth had come", early, MOST_MIB)


def resident_bytes(sizes: Sizes) -> Iterator[int]:
    """Stream a year of each enterprise; yield what is resident after each of them."""
    with _services(sizes.meter_count) as (services, page):
        for _ in range(sizes.enterprise_count):
            services.send(services.messages(1))
            yield _resident(page)


@contextmanager
def _services(meters: int) -> Iterator[tuple[Fed, str]]:
    """Give services in a process of their own, and the address of their metrics."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        ports, keys = Ports.free(1), Keys(data / "keys.json")
        processes = Processes(ports, data, keys)
        try:
            processes.wait_until_serving(ports.addresses)
            with (
                closing(Database(f"sqlite:///{data / 'accounting.db'}", "accounting")) as database,
                Client.connect(ports.addresses, key=keys.bootstrap) as client,
            ):
                fed.furnish(client)
                services = Fed(client=client, database=database, meters=meters)
                yield services, f"http://127.0.0.1:{ports.metrics[0]}/metrics"
        finally:
            processes.stop()


def _resident(page: str) -> int:
    with urllib.request.urlopen(page) as answer:  # noqa: S310 (of our own process)
        found = _RESIDENT.search(answer.read().decode())
    assert found is not None, "the process tells what it holds"
    return int(float(found[1]))


def _figure(figure: str, value: int, most_mib: int) -> Figure:
    mib = value / MIB
    return Figure(
        figure=figure,
        value=mib,
        unit="MiB",
        against=f"{most_mib} MiB",
        ratio=mib / most_mib,
        goal=1.0,
        met=mib <= most_mib,
    )
