"""Curves of meters and rows, from the client's stream until they are durable and booked.

A message is a year of an enterprise's meters at 15 minutes, the real meter's readings replicated.
Measured against what the same database takes of the same points without a service: as rows with a
key, as blocks; and the same days stored and not booked. What a message costs before anything is
judged is measured against peers of that kind alone.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import partial
from itertools import count
from pathlib import Path

import psycopg
import sqlalchemy as sa

from benchmarks.harness import Contest, Figure, Measurement, Plan, compare, p99, rate, seconds
from benchmarks.support import columns, fed, raw
from benchmarks.support.fed import Fed
from services.accounting import store
from services.accounting.domain.booking import Ratios, book_ratios
from services.accounting.domain.curve.block import Block
from services.accounting.domain.curve.draft import Stored, draft, span
from services.accounting.domain.emission import PerUnit
from services.accounting.wire import curve as wire
from services.kernel.mass import Gas, Rounding
from services.kernel.period import Period
from services.runtime import memory, revision
from tests.fixtures import postgresql
from zonecarbon.accounting.v1 import curve_service_pb2 as pb

_MOST_BESIDE_LOOKS = 60
"""So many messages last longer than the looks beside them."""
_PLAN = Plan(repetition_count=3)
_POINTS_A_DAY = 96
_MOST_BYTES_A_POINT = 6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How much is sent at a time."""

    enterprise_count: int = 4
    """Messages in a repetition."""
    meter_count: int = 10
    """Of each enterprise."""
    row_count: int = 1000
    """Rows in a repetition: a reading of so many meters of one enterprise."""
    look_count: int = 100
    """How often a zone's months are read."""
    subtotal_count: int = 240_000
    """Source-months that a revision of a factor books anew."""
    column_message_count: int = 16
    """Messages of points that go to arrays and no further."""
    call_count: int = 1000
    """Report calls that are answered at once."""


def run(sizes: Sizes = Sizes(), plan: Plan = _PLAN) -> Iterable[Figure]:
    """Measure ingest on PostgreSQL with its promises kept, and on SQLite."""
    with ExitStack() as stack:
        server = postgresql.start(durable=True)
        stack.callback(server.stop)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = stack.enter_context(server.database())
        services = stack.enter_context(fed.services(folder, url, sizes.meter_count))
        beside = stack.enter_context(psycopg.connect(_plain(server.url()), autocommit=True))
        yield from _on_postgresql(services, raw.Copied(connection=beside), sizes, plan)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with fed.services(folder, "", sizes.meter_count) as services:
            yield from _on_sqlite(services, folder, sizes, plan)
            yield from _of_rows(services, sizes, plan)
            yield _of_looks(services, sizes, plan)
    yield _of_subtotals(sizes, plan)
    meters, messages = sizes.meter_count, sizes.column_message_count
    yield from columns.to_arrays(meters=meters, messages=messages, plan=plan)
    yield columns.of_a_call(calls=sizes.call_count, plan=plan)


def _plain(url: str) -> str:
    """Return an address of SQLAlchemy's as the driver reads it."""
    return url.replace("postgresql+psycopg:", "postgresql:", 1)


def _on_postgresql(services: Fed, copied: raw.Copied, sizes: Sizes, plan: Plan) -> Iterator[Figure]:
    counts = fed.year(sizes.meter_count)
    points = counts.size * sizes.enterprise_count
    rows, blocks = raw.copied_rows(counts), raw.copied_blocks(counts)
    ingest = _Fresh(services, sizes, plan)
    for against, stored, goal in (
        ("COPY of rows with key", partial(copied.rows, rows), 6.0),
        ("COPY of blocks", partial(copied.blocks, blocks), 0.45),
    ):
        yield compare(
            Contest(
                figure="curves by stream, durable and booked, PostgreSQL",
                unit="points/s",
                candidate=ingest.send_rate(points),
                against=against,
                reference=rate(stored, counts.size),
                goal=goal,
            ),
            plan=plan,
        )
    yield _replayed(services, ingest, points, plan)
    yield compare(
        Contest(
            figure="curves by stream, durable and booked, PostgreSQL",
            unit="s",
            candidate=ingest.send_seconds,
            against="the same days stored and not booked",
            reference=ingest.store_seconds,
            goal=1.3,
            less_is_better=True,
        ),
        plan=plan,
    )
    yield _size(services, "PostgreSQL", _postgresql_bytes)


def _on_sqlite(services: Fed, folder: Path, sizes: Sizes, plan: Plan) -> Iterator[Figure]:
    counts = fed.year(sizes.meter_count)
    ingest = _Fresh(services, sizes, plan)
    yield compare(
        Contest(
            figure="curves by stream, durable and booked, SQLite",
            unit="points/s",
            candidate=ingest.send_rate(counts.size * sizes.enterprise_count),
            against="executemany of rows with key",
            reference=rate(lambda: raw.inserted_rows(folder, counts), counts.size),
            goal=8.0,
        ),
        plan=plan,
    )
    yield _size(services, "SQLite", _sqlite_bytes)


def _of_rows(services: Fed, sizes: Sizes, plan: Plan) -> Iterator[Figure]:
    """Measure rows: months of meters that are new, and a further day of meters that are known."""
    known = services.mill()
    days = (Period.day(date(fed.YEAR, 1, 1) + timedelta(days=number)) for number in count())
    services.report(known, fed.readings(known, sizes.row_count, next(days)))

    def months() -> None:
        new = services.mill()
        january = Period.month(fed.YEAR, 1)
        services.report(new, fed.readings(new, sizes.row_count, january))

    def day() -> None:
        services.report(known, fed.readings(known, sizes.row_count, next(days)))

    for figure, candidate, wanted in (
        ("a month of meters by stream, durable and booked, SQLite", months, 50_000.0),
        ("a further day of known meters, durable and booked, SQLite", day, 10_000.0),
    ):
        yield compare(
            Contest(
                figure=figure,
                unit="rows/s",
                candidate=rate(candidate, sizes.row_count),
                against=f"{wanted:,.0f} rows/s",
                reference=wanted,
                goal=1.0,
            ),
            plan=plan,
        )


def _of_looks(services: Fed, sizes: Sizes, plan: Plan) -> Figure:
    """Measure what a desk waits for the months of a zone while curves arrive."""

    def slowest() -> float:
        # Made beforehand: whoever makes them is not the one who looks.
        messages = iter(services.messages(_MOST_BESIDE_LOOKS))
        ended = threading.Event()

        def arrive() -> None:
            while not ended.is_set():
                services.send([next(messages)])

        arriving = threading.Thread(target=arrive)
        arriving.start()
        try:
            took = [seconds(services.look)() for _ in range(sizes.look_count)]
        finally:
            ended.set()
            arriving.join()
        return p99(took) * 1000

    return compare(
        Contest(
            figure=f"a zone's months under ingest, p99 of {sizes.look_count} calls",
            unit="ms",
            candidate=slowest,
            against="20 ms",
            reference=20.0,
            goal=1.0,
            less_is_better=True,
        ),
        plan=plan,
    )


def _of_subtotals(sizes: Sizes, plan: Plan) -> Figure:
    """Measure the arithmetic of a factor revision."""
    kwh = [Fraction(number * 7919 % 10**8, 100_000) for number in range(sizes.subtotal_count)]
    activities = Ratios.of(kwh)
    g_per_mwh = Fraction("0.3675") * 10**6
    per_mwh = PerUnit(gases={Gas.CO2: g_per_mwh}, co2e_g={"gwp100-ar5": g_per_mwh})
    book = seconds(lambda: book_ratios(activities, per_mwh, Rounding.HALF_UP))
    return compare(
        Contest(
            figure=f"{sizes.subtotal_count:,} subtotals booked by another factor, exactly",
            unit="ms",
            candidate=lambda: book() * 1000,
            against="50 ms",
            reference=50.0,
            goal=1.0,
            less_is_better=True,
        ),
        plan=plan,
    )


class _Fresh:
    """Years that were not sent yet, made beforehand."""

    def __init__(self, services: Fed, sizes: Sizes, plan: Plan) -> None:
        self._services = services
        self._count = sizes.enterprise_count
        self._ahead = plan.repetition_count + 1
        self._ready: list[list[pb.ReportCurveDaysRequest]] = []
        self.sent: list[pb.ReportCurveDaysRequest] = []
        self.prepare()

    def prepare(self) -> None:
        """Make as many as an attempt takes."""
        self._ready += [self._services.messages(self._count) for _ in range(self._ahead)]
        # As a service that has started does.
        memory.settle()

    def send_seconds(self) -> float:
        """Return how long it takes to stream fresh years."""
        self.sent = self._taken()
        return seconds(lambda: self._services.send(self.sent))()

    def send_rate(self, points: int) -> Measurement:
        """Measure how many points a second that is, of so many."""
        return lambda: points / self.send_seconds()

    def store_seconds(self) -> float:
        """Return how long it takes to store fresh years as the service does, and book nothing."""
        messages = self._taken()

        def store() -> None:
            for each in messages:
                _stored(self._services, each)

        return seconds(store)()

    def _taken(self) -> list[pb.ReportCurveDaysRequest]:
        if not self._ready:
            self.prepare()
        return self._ready.pop()


def _stored(services: Fed, message: pb.ReportCurveDaysRequest) -> None:
    block = wire.to_points(message)
    assert isinstance(block, Block), "they are no readings"
    enterprise = message.parent.partition("/")[2]
    with services.database.write() as connection:
        taken = revision.take(connection)
        known = store.curves.get(connection, enterprise, block.curves)
        days = store.curve_days.current(connection, known.values(), span(block))
        drafted = draft(
            block,
            Stored(curves=known, days=days, records={}),
            block.dates[-1],
        )
        store.curve_days.add(connection, block, drafted.stored, known, taken)


def _replayed(services: Fed, ingest: _Fresh, points: int, plan: Plan) -> Figure:
    again = list(ingest.sent)
    return compare(
        Contest(
            figure="the same messages again, PostgreSQL",
            unit="points/s",
            candidate=rate(lambda: services.send(again), points),
            against="fresh ones",
            reference=ingest.send_rate(points),
            goal=1.0,
        ),
        plan=plan,
    )


def _size(services: Fed, name: str, bytes_of: Callable[[sa.Connection], int]) -> Figure:
    """Return how many bytes a point takes, with row, key and index."""
    with services.database.read() as connection:
        days = connection.execute(
            sa.select(sa.func.count()).select_from(store.curve_days.curve_days)
        ).scalar_one()
        value = bytes_of(connection) / (days * _POINTS_A_DAY)
    return Figure(
        figure=f"stored curves, {name}",
        value=value,
        unit="bytes/point",
        against=f"{_MOST_BYTES_A_POINT:g} bytes/point",
        ratio=value / _MOST_BYTES_A_POINT,
        goal=1.0,
        met=value <= _MOST_BYTES_A_POINT,
    )


def _postgresql_bytes(connection: sa.Connection) -> int:
    statement = sa.text(
        "SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree('curve_days')"
    )
    return int(connection.execute(statement).scalar_one())


def _sqlite_bytes(connection: sa.Connection) -> int:
    statement = sa.text("SELECT sum(pgsize) FROM dbstat WHERE name LIKE '%curve_days%'")
    return int(connection.execute(statement).scalar_one())
