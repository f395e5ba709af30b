"""Who posts is killed, and the database too, at any moment: what was acknowledged stays. R4, R6."""

from __future__ import annotations

import multiprocessing
import random
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from services.runtime.database import Database
from services.trading import store
from tests.fixtures import postgresql
from tests.trading.ledger import world
from tests.trading.ledger.sizes import SIZES
from tests.trading.ledger.world import group, wanted

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["pytest", "services.__main__", "tests.trading.ledger.world"])
WRITERS = 4
TOGETHER = 3
LONGEST_S = 0.4


def write(url: str, name: str, pipe: Connection, *, early: bool) -> None:
    """Post for ever, and tell of each commit: after it, or `early`, before it."""
    database = Database(url, "trading", kept=store.KEPT)
    number = 0
    while True:
        ids = [f"t-{name}-{number}-{index}" for index in range(TOGETHER)]
        together = group(
            *(wanted(id_, "ALLOCATION 1 cea-2024") for id_ in ids), request_id=f"{name}-{number}"
        )
        if early:
            pipe.send(ids)
            # It is killed here: between the answer and the commit.
            threading.Event().wait()
        world.post_all_of(database, together)
        if not early:
            pipe.send(ids)
        number += 1


class Writer:
    """A process that posts."""

    def __init__(self, url: str, name: str, *, early: bool = False) -> None:
        self._pipe, theirs = _CONTEXT.Pipe(duplex=False)
        self._process = _CONTEXT.Process(
            target=write, args=(url, name, theirs), kwargs={"early": early}, daemon=True
        )
        self._process.start()
        theirs.close()
        self.acknowledged: list[str] = []

    def wait(self) -> None:
        """Return once it has told of something."""
        self.acknowledged += self._pipe.recv()

    def kill(self) -> None:
        """Kill it; take what it had told."""
        self._process.kill()
        self._process.join()
        try:
            while True:
                self.acknowledged += self._pipe.recv()
        except EOFError:
            self._pipe.close()


def missing(url: str, acknowledged: list[str]) -> set[str]:
    """Return what was acknowledged and is not there; all that is there is whole.

    What is sent again has no second effect, whether or not it was acknowledged.
    """
    with closing(Database(url, "trading", kept=store.KEPT)) as database:
        assert world.findings(database) == []
        there = world.transfer_ids(database)
        assert len(there) == len(set(there))
        assert len(there) % TOGETHER == 0, "half of what stands or falls together"
        last = there[-TOGETHER:]
        if last:
            name, number = last[0].split("-")[1:3]
            again = group(
                *(wanted(id_, "ALLOCATION 1 cea-2024") for id_ in last),
                request_id=f"{name}-{number}",
            )
            world.post_all_of(database, again)
            assert world.balances(database)["cea-2024 HELD"] == (len(there), 0)
    return set(acknowledged) - set(there)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    with closing(Database(url, "trading")) as database:
        database.migrate(store.MIGRATIONS)
        world.fill(database, "chp")
    return url


def test_who_posts_to_sqlite_is_killed(sqlite_url: str) -> None:
    chance = random.Random(4)  # noqa: S311 (when)
    acknowledged: list[str] = []

    for cycle in range(SIZES.sqlite_kills):
        writer = Writer(sqlite_url, f"w{cycle}")
        writer.wait()
        time.sleep(chance.random() * LONGEST_S)
        writer.kill()
        acknowledged += writer.acknowledged
        assert missing(sqlite_url, acknowledged) == set()


def test_who_acknowledges_before_the_commit_is_found_out(sqlite_url: str) -> None:
    """The planted fault: told first, and then committed."""
    writer = Writer(sqlite_url, "e", early=True)
    writer.wait()
    writer.kill()

    assert missing(sqlite_url, writer.acknowledged) == {*writer.acknowledged}


@pytest.fixture
def server() -> Iterator[postgresql.Server]:
    server = postgresql.start(durable=True)
    try:
        yield server
    finally:
        server.stop()


def test_postgresql_is_killed_under_those_who_post(server: postgresql.Server) -> None:
    chance = random.Random(6)  # noqa: S311 (when)
    url = server.url()
    with closing(Database(url, "trading")) as database:
        database.migrate(store.MIGRATIONS)
        world.fill(database, "chp")
    acknowledged: list[str] = []

    for cycle in range(SIZES.postgresql_kills):
        writers = [Writer(url, f"w{cycle}x{number}") for number in range(WRITERS)]
        for each in writers:
            each.wait()
        time.sleep(chance.random() * LONGEST_S)
        server.kill()
        for each in writers:
            each.kill()
            acknowledged += each.acknowledged
        server.restart()
        assert missing(url, acknowledged) == set()
