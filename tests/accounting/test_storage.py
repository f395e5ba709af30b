"""Accounting on a database that fails: callers are told, and nothing is lost or done twice."""

from __future__ import annotations

import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from tests.accounting import requests
from tests.accounting import world as worlds
from tests.accounting.world import World
from tests.fixtures import faults
from tests.fixtures.house import on_loopback, start
from tests.refusals import refused
from zonecarbon.cli import library


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

    break_()
    told = refused(world.desk.accounting.ReportActivity, late)
    shown = _metrics(world)
    cure()

    assert (told.code, told.reason) == ("UNAVAILABLE", "STORAGE_UNAVAILABLE")
    assert told.metadata == {"service": "accounting", "problem": problem}
    counter = "zonecarbon_storage_failures_total"
    labels = f'{{problem="{problem.lower()}",service="accounting"}}'
    assert f"{counter}{labels} 0.0" not in shown
    assert f"{counter}{labels}" in shown
    assert world.inventory(mill).resource_version == 1
    answer = world.desk.accounting.ReportActivity(late)
    assert world.desk.accounting.ReportActivity(late) == answer
    assert world.inventory(mill).resource_version == 2


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
    name = postgresql_url.rpartition("/")[2]
    cut = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    _has_one_effect_after_the_cure(
        on_postgresql,
        lambda: _execute(
            postgresql_url, f"ALTER DATABASE {name} SET default_transaction_read_only = on", cut
        ),
        lambda: _execute(
            postgresql_url, f"ALTER DATABASE {name} RESET default_transaction_read_only", cut
        ),
        "READ_ONLY",
    )


def _execute(url: str, *statements: str) -> None:
    conninfo = url.replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(conninfo, autocommit=True) as connection:
        # It heals a database that takes no writes.
        connection.execute("SET default_transaction_read_only = off")
        for statement in statements:
            connection.execute(statement.encode())
