from __future__ import annotations

import contextlib

import pytest

from services.runtime import outbox, revision
from services.runtime.database import Database
from tests.runtime.words import Regret


@pytest.fixture
def published(database: Database) -> Database:
    """Three revisions: of two, three and one changes."""
    for number, count in enumerate((2, 3, 1), start=1):
        with database.write() as connection:
            taken = revision.take(connection)
            versions = [(f"words/{number}-{index}", number) for index in range(count)]
            outbox.publish(connection, taken, versions)
    return database


def listed(database: Database, after: int, at_least: int) -> list[str]:
    with database.read() as connection:
        return [change.name for change in outbox.after(connection, after, at_least)]


@pytest.mark.parametrize(
    ("after", "at_least", "names"),
    [
        (0, 1, "1-0 1-1"),
        (0, 2, "1-0 1-1"),
        (0, 3, "1-0 1-1 2-0 2-1 2-2"),
        (0, 100, "1-0 1-1 2-0 2-1 2-2 3-0"),
        (1, 1, "2-0 2-1 2-2"),
        (2, 1, "3-0"),
        (3, 1, ""),
        (9, 5, ""),
    ],
)
def test_changes_come_in_order_and_no_revision_is_cut(
    published: Database, after: int, at_least: int, names: str
) -> None:
    assert listed(published, after, at_least) == [f"words/{name}" for name in names.split()]


def test_who_follows_page_by_page_misses_nothing_and_sees_nothing_twice(
    published: Database,
) -> None:
    seen, at = [], 0
    with published.read() as connection:
        while page := outbox.after(connection, at, 1):
            seen += [change.name for change in page]
            at = page[-1].revision

    assert seen == listed(published, 0, 100)


def test_a_change_tells_its_version_and_when_it_was_committed(published: Database) -> None:
    with published.read() as connection:
        last = outbox.after(connection, 2, 1)[-1]
        assert (last.revision, last.order_index, last.resource_version) == (3, 0, 3)
        assert revision.as_of(connection, last.commit_time) == 3


def test_publishing_nothing_is_allowed(database: Database) -> None:
    with database.write() as connection:
        outbox.publish(connection, revision.take(connection), [])

    assert listed(database, 0, 1) == []


def test_a_cursor_begins_at_zero_and_stays_where_it_was_put(database: Database) -> None:
    with database.read() as connection:
        assert outbox.cursor(connection, "registry") == 0
    for at in (4, 9):
        with database.write() as connection:
            outbox.advance(connection, "registry", at)
            outbox.advance(connection, "accounting", 1)

    with database.read() as connection:
        assert outbox.cursor(connection, "registry") == 9
        assert outbox.cursor(connection, "accounting") == 1


def test_a_cursor_moves_only_together_with_the_effect(database: Database) -> None:
    with contextlib.suppress(Regret), database.write() as connection:
        outbox.advance(connection, "registry", 4)
        raise Regret

    with database.read() as connection:
        assert outbox.cursor(connection, "registry") == 0
