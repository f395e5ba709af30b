"""Fixtures of the tests of accounting."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest

from services.runtime.config import Settings
from services.runtime.database import Database
from tests.accounting import world as worlds
from tests.accounting.world import World
from tests.fixtures.house import Running, on_loopback, start
from zonecarbon.cli import library


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def running(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    """The services with the whole factor library, shared by the tests of one module."""
    with ExitStack() as stack:
        url = ""
        if request.param == "postgresql":
            server = request.getfixturevalue("postgresql_server")
            url = stack.enter_context(server.database())
        running = start(on_loopback(tmp_path_factory.mktemp("accounting"), url))
        stack.callback(running.stop)
        for each in library.requests(worlds.DATA):
            running.administrator.factors.ImportFactors(each)
        yield running


@pytest.fixture
def world(running: Running) -> World:
    """A zone of the test's own."""
    return worlds.in_zone(running)


@pytest.fixture
def mill(world: World) -> str:
    """A member of the zone that has reported nothing yet."""
    return world.enterprise()


@pytest.fixture
def database(storage: Settings) -> Iterator[Database]:
    """Accounting's own database, migrated and empty."""
    with closing(Database.of(storage, "accounting")) as database:
        yield database
