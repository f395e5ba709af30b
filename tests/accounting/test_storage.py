"""Accounting on a database that fails: callers are told, and nothing is lost or done twice."""

from __future__ import annotations

import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from tests.accounting import requests
from tests.accounting import world as worlds
from tests.accounting.curves import created, days_of, flat, sending
from tests.accounting.world import World
from tests.fixtures import faults
from tests.fixtures.house import on_loopback, start
from tests.refusals import refused
from zonecarbon import curves
from zonecarbon.accounting.v1 import curve_service_pb2
from zonecarbon.cli import library

_CUT = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


def _world(folder: Path, stack: ExitStack, url: str = "") -> World:
    running = start(on_loopback(folder, url))
    stack.callback(running.stop)
    for each in library.requests(worlds.DATA):
        running.administrator.factors.ImportFactors(each)
    return worlds.in_zone(running)


@pytest.fixture
def on_sqlite(tmp_path: Path) -> Iterator[World]:
    with ExitStack() as stack:
        yield _world(tmp_path, stack)


@pytest.fixture
def on_postgresql(tmp_path: Path, postgresql_url: str) -> Iterator[World]:
    with ExitStack() as stack:
        yield _world(tmp_path, stack, postgresql_url)


def _has_one_effect_after_the_cure(
    world: World, break_: Callable[[], object], cure: Callable[[], object], problem: str
) -> None:
    mill = world.enterprise()
    world.report(mill, requests.record(mill))
    late = requests.report(mill, requests.record(mill, when="2023-02"))

    assert _failures("accounting", problem.lower()) in _metrics(world)
    break_()
    told = refused(world.desk.accounting.ReportActivity, late)
    shown = _metrics(world)
    cure()

    assert (told.code, told.reason) == ("UNAVAILABLE", "STORAGE_UNAVAILABLE")
    assert told.metadata == {"service": "accounting", "problem": problem}
    assert _failures("accounting", problem.lower()) not in shown
    assert world.inventory(mill).resource_version == 1
    answer = world.desk.accounting.ReportActivity(late)
    assert world.desk.accounting.ReportActivity(late) == answer
    assert world.inventory(mill).resource_version == 2


def _failures(service: str, problem: str) -> str:
    """What the metrics say where nothing failed."""
    labels = f'{{problem="{problem}",service="{service}"}}'
    return f"zonecarbon_storage_failures_total{labels} 0.0"


def _metrics(world: World) -> str:
    address = world.running.house.metrics.address
    with urllib.request.urlopen(f"http://{address}/metrics", timeout=30) as page:
        return str(page.read().decode())


def test_a_report_to_a_disk_that_refuses_to_write_has_its_effect_once_it_does_not(
    on_sqlite: World,
) -> None:
    with ExitStack() as fault:
        _has_one_effect_after_the_cure(
            on_sqlite, lambda: fault.enter_context(faults.unwritable()), fault.close, "DAMAGED"
        )


def test_a_report_to_a_full_disk_has_its_effect_once_there_is_room(
    on_postgresql: World, postgresql_url: str
) -> None:
    def break_() -> None:
        _execute(
            postgresql_url,
            "CREATE FUNCTION accounting.no_room() RETURNS trigger AS $$ BEGIN RAISE "
            "'no room' USING ERRCODE = 'disk_full'; END $$ LANGUAGE plpgsql",
            "CREATE TRIGGER no_room BEFORE INSERT ON accounting.replays "
            "FOR EACH ROW EXECUTE FUNCTION accounting.no_room()",
        )

    # The answer is the last that is written: all else was, and must be gone.
    _has_one_effect_after_the_cure(
        on_postgresql,
        break_,
        lambda: _execute(postgresql_url, "DROP FUNCTION accounting.no_room() CASCADE"),
        "FULL",
    )


def test_a_report_to_a_read_only_database_has_its_effect_once_it_is_writable(
    on_postgresql: World, postgresql_url: str
) -> None:
    _has_one_effect_after_the_cure(
        on_postgresql,
        lambda: _read_only(postgresql_url),
        lambda: _writable(postgresql_url),
        "READ_ONLY",
    )


def test_a_stream_of_points_goes_on_by_itself_once_the_database_is_writable(
    on_postgresql: World, postgresql_url: str
) -> None:
    world = on_postgresql
    main = created(world, world.enterprise())

    def reports() -> Iterator[curve_service_pb2.ReportCurveDaysRequest]:
        yield sending([main], flat(1), "2023-01-01")
        _read_only(postgresql_url)
        threading.Timer(1.0, _writable, [postgresql_url]).start()
        yield sending([main], flat(2), "2023-01-02")
        yield sending([main], flat(3), "2023-01-03")

    answers = list(curves.send(world.desk.curves, reports(), window=1))

    assert [each.new_day_count + each.duplicate_day_count for each in answers] == [1, 1, 1]
    assert [each.date.day for each in days_of(world, main)] == [1, 2, 3]
    assert _failures("accounting", "read_only") not in _metrics(world)


def _read_only(url: str) -> None:
    name = url.rpartition("/")[2]
    _execute(url, f"ALTER DATABASE {name} SET default_transaction_read_only = on", _CUT)


def _writable(url: str) -> None:
    name = url.rpartition("/")[2]
    _execute(url, f"ALTER DATABASE {name} RESET default_transaction_read_only", _CUT)


def _execute(url: str, *statements: str) -> None:
    conninfo = url.replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(conninfo, autocommit=True) as connection:
        # It heals a database that takes no writes.
        connection.execute("SET default_transaction_read_only = off")
        for statement in statements:
            connection.execute(statement.encode())
