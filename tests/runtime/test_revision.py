from __future__ import annotations

import contextlib
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from services.kernel.errors import FieldInvalid
from services.runtime import outbox, revision
from services.runtime.database import Database
from tests.runtime.words import Regret, known, learn, words

WRITERS = 4
EACH = 12


def test_there_is_no_revision_at_first(database: Database) -> None:
    with database.read() as connection:
        assert revision.newest(connection) == 0


def test_revisions_count_up_from_one(database: Database) -> None:
    taken = []
    for word in ("a", "b", "c"):
        with database.write() as connection:
            taken.append(learn(connection, word).number)

    with database.read() as connection:
        assert taken == [1, 2, 3]
        assert revision.newest(connection) == 3


def test_a_rollback_leaves_neither_a_row_nor_a_gap(database: Database) -> None:
    with contextlib.suppress(Regret), database.write() as connection:
        outbox.publish(connection, learn(connection, "regretted"), [("words/regretted", 1)])
        raise Regret

    with database.write() as connection:
        assert learn(connection, "kept").number == 1
    with database.read() as connection:
        assert known(connection) == ["kept"]
        assert outbox.after(connection, 0, 10) == []


def test_a_clock_that_was_set_back_puts_no_revision_before_another(database: Database) -> None:
    ahead = datetime.now(UTC) + timedelta(hours=1)
    with database.write() as connection:
        connection.execute(sa.update(revision.head).values(revision=1))
        connection.execute(sa.insert(revision.revisions).values(revision=1, commit_time=ahead))

    with database.write() as connection:
        assert learn(connection, "later").commit_time == ahead


def test_as_of_a_moment_is_the_last_revision_closed_by_then(database: Database) -> None:
    moments = []
    for word in ("a", "b", "c"):
        with database.write() as connection:
            moments.append(learn(connection, word).commit_time)
        time.sleep(0.001)

    just_before = timedelta(microseconds=1)
    with database.read() as connection:
        assert revision.as_of(connection, moments[0] - just_before) == 0
        assert [revision.as_of(connection, moment) for moment in moments] == [1, 2, 3]
        assert revision.as_of(connection, moments[2] - just_before) == 2
        assert revision.as_of(connection, moments[2] + timedelta(days=1)) == 3
        assert revision.as_of(connection, None) is None


def test_a_revision_can_be_asked_for_once_it_is_taken(database: Database) -> None:
    for word in ("a", "b"):
        with database.write() as connection:
            learn(connection, word)

    with database.read() as connection:
        assert [revision.known(connection, asked) for asked in (0, 1, 2)] == [None, 1, 2]
        with pytest.raises(FieldInvalid) as refused:
            revision.known(connection, 3)
    assert (refused.value.field, refused.value.given) == ("as_of_revision", "3")
    assert "up to 2" in refused.value.text("en")
    assert "2" in refused.value.text("zh")


def test_who_sees_a_revision_sees_everything_up_to_it(database: Database) -> None:
    ended = threading.Event()

    def write(writer: int) -> None:
        for turn in range(EACH):
            with contextlib.suppress(Regret), database.write() as connection:
                taken = learn(connection, f"{writer}-{turn}")
                time.sleep(0.001 * (turn % 3))
                outbox.publish(connection, taken, [(f"words/{taken.number}", 1)])
                if (turn + writer) % 5 == 0:
                    raise Regret

    def watch() -> int:
        looks = 0
        while not ended.is_set() or not looks:
            with database.read() as connection:
                newest = revision.newest(connection)
                seen = sa.select(words.c.revision).order_by(words.c.revision)
                assert list(connection.scalars(seen)) == list(range(1, newest + 1))
                changes = [change.revision for change in outbox.after(connection, 0, 1000)]
                assert changes == list(range(1, newest + 1))
            looks += 1
        return looks

    with ThreadPoolExecutor(WRITERS + 2) as pool:
        watching = [pool.submit(watch) for _ in range(2)]
        writing = [pool.submit(write, writer) for writer in range(WRITERS)]
        for done in writing:
            done.result()
        ended.set()
        assert all(looks.result() > 1 for looks in watching)

    with database.read() as connection:
        times = list(
            connection.scalars(
                sa.select(revision.revisions.c.commit_time).order_by(revision.revisions.c.revision)
            )
        )
        assert times == sorted(times)
        assert len(times) == revision.newest(connection) > WRITERS * EACH // 2
