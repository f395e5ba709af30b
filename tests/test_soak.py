"""Curves are streamed while accounting is killed again and again: nothing is lost, nothing twice.

A real meter's days, replicated over two hundred meters, go through a stream that is broken thirty
times, while another client reads. The databases keep their own promises here.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path

import grpc
import numpy as np
import pytest
import sqlalchemy as sa
from numpy.typing import NDArray

from samples import meter
from services.accounting import files, store
from services.kernel.mass import round_fraction
from services.kernel.names import HOME_METHOD
from services.runtime.database import Database
from tests.accounting import world as worlds
from tests.accounting.curves import created
from tests.accounting.world import DATA, World
from tests.fixtures.apart import Apart, accounting_apart, answers, wait
from zonecarbon import curves
from zonecarbon.accounting.v1 import curve_pb2
from zonecarbon.accounting.v1 import curve_service_pb2 as pb
from zonecarbon.cli import library

YEAR = 2023
ENTERPRISES = 20
METERS = 10
DAYS = 59
"""January and February: the whole year takes minutes, and says the same."""
MESSAGE_DAYS = 10
KILLS = 30
SEED = 20241205
G_PER_COUNT = Fraction("6.451")
"""What 0.01 kWh of the grid of Jiangsu emits in 2023."""
SCALE = curves.Scale(unit_code="kWh", decimal_count=2, step=curve_pb2.CURVE_STEP_FIFTEEN_MINUTES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """Enterprises with their curves."""

    world: World
    curves: dict[str, list[str]]
    """By enterprise."""

    def messages(self, counts: NDArray[np.int32]) -> Iterator[pb.ReportCurveDaysRequest]:
        """Yield the days of every meter, some days of one enterprise at a time."""
        points = METERS * meter.READINGS_A_DAY * MESSAGE_DAYS
        for parent, names in self.curves.items():
            days = curves.Days(
                parent=parent,
                curves=names,
                first=date(YEAR, 1, 1),
                counts=np.broadcast_to(counts, (METERS, *counts.shape)),
                scale=SCALE,
            )
            yield from curves.messages(days, points=points)


@pytest.fixture(params=["sqlite", "postgresql"])
def apart(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Apart]:
    with accounting_apart(request.param, tmp_path) as apart:
        wait(lambda: answers(apart.running))
        yield apart


@pytest.fixture
def zone(apart: Apart) -> Zone:
    for each in library.requests(DATA):
        apart.running.administrator.factors.ImportFactors(each)
    world = worlds.in_zone(apart.running)
    members = [world.enterprise() for _ in range(ENTERPRISES)]
    quarter_hours = {"step": SCALE.step, "unit_code": "kWh"}
    return Zone(
        world=world,
        curves={
            name: [
                created(world, name, f"m{number}", source_id=f"m{number}", **quarter_hours)
                for number in range(METERS)
            ]
            for name in members
        },
    )


def test_curves_survive_thirty_kills_to_the_last_count(apart: Apart, zone: Zone) -> None:
    chance = random.Random(SEED)  # noqa: S311 (when it is killed)
    counts = np.array([each.counts for each in meter.replayed(YEAR)][:DAYS], np.int32)
    sent = list(zone.messages(counts))
    deadly = set(chance.sample(range(len(sent) - 1), KILLS))

    answered = []
    with reading(zone) as seen:
        for number, answer in enumerate(curves.send(zone.world.desk.curves, sent, window=3)):
            answered.append(answer)
            if number in deadly:
                time.sleep(chance.random() * 0.1)
                apart.accounting.kill()
                apart.accounting.start()

    assert sum(each.new_day_count for each in answered) == ENTERPRISES * METERS * DAYS
    assert all(not each.results for each in answered)
    assert stored(apart) == (ENTERPRISES * METERS * DAYS, ENTERPRISES * METERS * int(counts.sum()))
    expected = booked_g(counts)
    for name in zone.curves:
        assert zone.world.inventory(name).total_co2_g == METERS * expected
    total = zone.world.zone_inventory().net_co2e_g
    assert total == ENTERPRISES * METERS * expected
    # Whoever read meanwhile saw the figure grow, and never more than there is.
    assert seen
    assert seen == sorted(seen)
    assert seen[-1] <= total


@contextmanager
def reading(zone: Zone) -> Iterator[list[int]]:
    """Read the zone's figure over and over; give what was seen."""
    seen: list[int] = []
    ended = threading.Event()

    def read() -> None:
        while not ended.wait(0.25):
            try:
                seen.append(zone.world.zone_inventory().net_co2e_g)
            except grpc.RpcError as error:
                unavailable = grpc.StatusCode.UNAVAILABLE
                if not (isinstance(error, grpc.Call) and error.code() is unavailable):
                    raise

    reader = threading.Thread(target=read)
    reader.start()
    try:
        yield seen
    finally:
        ended.set()
        reader.join()


def stored(apart: Apart) -> tuple[int, int]:
    """Return how many versions of days there are, and what they add up to."""
    c = store.curve_days.curve_days.c
    with closing(Database.of(apart.settings, "accounting")) as database, database.read() as on:
        rows, total = on.execute(sa.select(sa.func.count(), sa.func.sum(c.total_count))).one()
    return int(rows), int(total)


def booked_g(counts: NDArray[np.int32]) -> int:
    """Return what a meter's days emit, rounded once a month."""
    rounding = files.methods()[HOME_METHOD].rounding
    months = np.array([each.date.month for each in meter.replayed(YEAR)][: len(counts)])
    return sum(
        int(round_fraction(int(counts[months == month].sum()) * G_PER_COUNT, 0, rounding))
        for month in np.unique(months)
    )
