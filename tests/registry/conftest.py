"""A registry on each database, shared by the tests of this folder; each makes nouns of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.fixtures.registry import RunningRegistry, start


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def registry(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningRegistry]:
    """The registry, on SQLite and on PostgreSQL."""
    with ExitStack() as stack:
        url = ""
        if request.param == "postgresql":
            server = request.getfixturevalue("postgresql_server")
            url = stack.enter_context(server.database())
        running = start(tmp_path_factory.mktemp("registry"), url)
        stack.callback(running.stop)
        yield running
