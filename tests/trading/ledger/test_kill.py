"""Who posts is killed, and the database too, at any moment: what was acknowledged stays. R4, R6."""

from __future__ import annotations

import itertools
import random
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from services.runtime.database import Database
from services.runtime.grouped import Grouped
from services.trading import store
from services.trading.store.ledger.group import Group
from services.trading.store.ledger.posting import Poster
from tests.fixtures import postgresql
from tests.fixtures.forked import CONTEXT
from tests.trading.ledger import world
from tests.trading.ledger.sizes import SIZES
from tests.trading.ledger.world import group, wanted

WRITERS = 4
CALLERS = 4
"""Of one writer, which decides the groups of some while it commits those of the others."""
TOGETHER = 3
LONGEST_S = 0.4


def allocation(book: str, ids: list[str]) -> Group:
    """Return a tonne for each id, all or none; sent again it is the same request."""
    name, number = ids[0].split("-")[1:3]
    tonnes = (wanted(id_, "ALLOCATION 1 cea-2024", book=book) for id_ in ids)
    return group(*tonnes, request_id=f"{name}-{number}")


def write(url: str, book: str, name: str, pipe: Connection, *, early: bool) -> None:
    """Post to a book for ever, and tell of each commit: after it, or `early`, before it."""
    poster = Poster(Database(url, "trading", kept=store.KEPT))
    grouped = Grouped("test", poster, largest=CALLERS // 2, ahead=poster.ahead)
    telling = threading.Lock()

    def tell(ids: list[str]) -> None:
        with telling:
            pipe.send(ids)

    def call(caller: int) -> None:
        for number in itertools.count():
            ids = [f"t-{name}x{caller}-{number}-{index}" for index in range(TOGETHER)]
            if early:
                tell(ids)
                # It is killed here: between the answer and the commit.
                threading.Event().wait()
            grouped(allocation(book, ids))
            tell(ids)

    callers = [threading.Thread(target=call, args=(each,)) for each in range(CALLERS)]
    for each in callers:
        each.start()
    for each in callers:
        each.join()


class Writer:
    """A process that posts."""

    def __init__(self, url: str, book: str, name: str, *, early: bool = False) -> None:
        self._pipe, theirs = CONTEXT.Pipe(duplex=False)
        self._process = CONTEXT.Process(
            target=write, args=(url, book, name, theirs), kwargs={"early": early}, daemon=True
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


def missing(url: str, book: str, acknowledged: list[str]) -> set[str]:
    """Return what was acknowledged and is not in the book; all that is there is whole.

    What is sent again has no second effect, whether or not it was acknowledged.
    """
    with closing(Database(url, "trading", kept=store.KEPT)) as database:
        assert world.findings(database, book) == []
        there = world.transfer_ids(database, book)
        assert len(there) == len(set(there))
        assert len(there) % TOGETHER == 0, "half of what stands or falls together"
        if there:
            world.post_all_of(database, allocation(book, there[-TOGETHER:]))
            assert world.balances(database, book)["cea-2024 HELD"] == (len(there), 0)
    return set(acknowledged) - set(there)


def pause(chance: random.Random) -> None:
    """Let who posts post: mostly some commits, at times hundreds."""
    time.sleep(chance.random() ** 3 * LONGEST_S)


def made(url: str, *books: str) -> str:
    """Make a database with books in it, and return its URL."""
    with closing(Database(url, "trading")) as database:
        database.migrate(store.MIGRATIONS)
        world.fill(database, *books)
    return url


def test_who_posts_to_sqlite_is_killed(tmp_path: Path) -> None:
    """Each posts to a book of its own, so that to look after the last costs what the first did."""
    chance = random.Random(4)  # noqa: S311 (when)
    books = [f"chp-{cycle}" for cycle in range(SIZES.sqlite_kills)]
    url = made(f"sqlite:///{tmp_path / 'ledger.db'}", *books)
    acknowledged: dict[str, list[str]] = {}

    for book in books:
        writer = Writer(url, book, book.replace("-", ""))
        writer.wait()
        pause(chance)
        writer.kill()
        acknowledged[book] = writer.acknowledged
        assert missing(url, book, writer.acknowledged) == set()

    # Nor has a later kill, or what was done after it, taken anything of the books before.
    assert not any(missing(url, book, told) for book, told in acknowledged.items())


def test_who_acknowledges_before_the_commit_is_found_out(tmp_path: Path) -> None:
    """The planted fault: told first, and then committed."""
    url = made(f"sqlite:///{tmp_path / 'ledger.db'}", "chp")
    writer = Writer(url, "chp", "e", early=True)
    writer.wait()
    writer.kill()

    assert missing(url, "chp", writer.acknowledged) == {*writer.acknowledged}


@pytest.fixture
def server() -> Iterator[postgresql.Server]:
    server = postgresql.start(durable=True)
    try:
        yield server
    finally:
        server.stop()


def test_postgresql_is_killed_under_those_who_post(server: postgresql.Server) -> None:
    chance = random.Random(6)  # noqa: S311 (when)
    url = made(server.url(), "chp")
    acknowledged: list[str] = []

    for cycle in range(SIZES.postgresql_kills):
        writers = [Writer(url, "chp", f"w{cycle}x{number}") for number in range(WRITERS)]
        for each in writers:
            each.wait()
        pause(chance)
        server.kill()
        for each in writers:
            each.kill()
            acknowledged += each.acknowledged
        server.restart()
        assert missing(url, "chp", acknowledged) == set()
