"""What the database itself refuses of the desk, whoever writes to it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from services.runtime import revision
from services.runtime.database import Database
from services.trading import store
from services.trading.domain.desk import instruction as domain
from services.trading.domain.desk.actor import Actor
from services.trading.domain.desk.instruction import Content, Instruction, State
from services.trading.store.desk import tables
from tests.trading.ledger import world

MAKER = Actor(principal="principals/a", person="staff-1", role="DESK")
AGAIN = Actor(principal="principals/a-2", person="staff-1", role="ADMINISTRATOR")
CHECKER = Actor(principal="principals/b", person="staff-2", role="DESK")
TABLES = ["desk_contents", "desk_books", "desk_steps", "desk_limits", "desk_counterparties"]


def instruction(database: Database, *, minutes: float = 60) -> Instruction:
    """An instruction that its maker submitted."""
    world.fill(database, "chp")
    wanted = world.wanted("t-1", "ALLOCATION 100 cea-2024")
    content = Content(
        purpose="tests",
        wanted=(wanted,),
        trade=None,
        execute_time=None,
        expire_time=datetime.now(UTC) + timedelta(minutes=minutes),
    )
    with database.write() as connection:
        taken = revision.take(connection)
        step = domain.first(content, MAKER, taken.commit_time)
        begun = store.desk.instructions.begin(connection, "chp", "i-1", content, step, taken)
        step = domain.followed(begun, State.SUBMITTED, MAKER, taken.commit_time)
        return store.desk.instructions.add(connection, begun, step, taken)


def row(of: Instruction, state: str, actor: Actor, **change: Any) -> dict[str, Any]:
    """A row that would be the next step, written by hand."""
    return {
        "account": of.account,
        "instruction": of.instruction,
        "number": of.last.number + 1,
        "state": state,
        "version": of.last.version,
        "digest": of.last.digest,
        "principal": actor.principal,
        "person": actor.person,
        "role": actor.role,
        "reason": "",
        "link": "",
        "maker_person": MAKER.person,
        "submitter_person": MAKER.person,
        "create_time": datetime.now(UTC),
        "revision": 1,
        **change,
    }


def write(database: Database, values: Mapping[str, Any]) -> None:
    with database.append() as connection:
        connection.execute(sa.insert(tables.steps).values(**values))


FORGED = {
    "who wrote it approves it": ("APPROVED", MAKER, {}),
    "another principal of the same person approves it": ("APPROVED", AGAIN, {}),
    "it is said that another wrote it": ("APPROVED", MAKER, {"maker_person": "staff-9"}),
    "it is said that another submitted it": ("APPROVED", MAKER, {"submitter_person": "staff-9"}),
    "it is executed without approval": ("EXECUTED", CHECKER, {"link": "l-1"}),
    "other content is approved": ("APPROVED", CHECKER, {"digest": b"x" * 32}),
    "a version that is not there is approved": ("APPROVED", CHECKER, {"version": 2}),
    "a step is left out": ("APPROVED", CHECKER, {"number": 4}),
    "a step is written twice": ("APPROVED", CHECKER, {"number": 2}),
    "it is refused without a reason": ("REJECTED", CHECKER, {}),
    "a state is made up": ("GRANTED", CHECKER, {}),
    "it is approved after its time": (
        "APPROVED",
        CHECKER,
        {"create_time": datetime.now(UTC) + timedelta(days=1)},
    ),
    "it happened before what came before": (
        "APPROVED",
        CHECKER,
        {"create_time": datetime(2020, 1, 1, tzinfo=UTC)},
    ),
}


@pytest.mark.parametrize(("state", "actor", "change"), FORGED.values(), ids=FORGED)
def test_the_database_refuses_a_step_that_does_not_follow(
    database: Database, state: str, actor: Actor, change: dict[str, Any]
) -> None:
    submitted = instruction(database)

    with pytest.raises(sa.exc.DBAPIError):
        write(database, row(submitted, state, actor, **change))

    # The same row as it should be is taken.
    write(database, row(submitted, "APPROVED", CHECKER))


def test_the_database_takes_one_execution(database: Database) -> None:
    submitted = instruction(database)
    write(database, row(submitted, "APPROVED", CHECKER))
    write(database, row(submitted, "EXECUTED", CHECKER, number=4, link="l-1"))

    for number in (4, 5):
        with pytest.raises(sa.exc.DBAPIError):
            write(database, row(submitted, "EXECUTED", CHECKER, number=number, link="l-2"))


def test_the_database_refuses_that_who_proposed_a_limit_approves_it(database: Database) -> None:
    values: dict[str, Any] = {
        "limit_id": "l-1",
        "version": 1,
        "act": "MAKE",
        "role": "DESK",
        "principal": "",
        "instrument_kind": "CASH",
        "largest_count": 10**15,
        "purpose": "tests",
        "state": "ACTIVE",
        "proposer": "principals/a",
        "proposer_person": "staff-1",
        "proposer_role": "ADMINISTRATOR",
        "decider": "principals/a-2",
        "decider_role": "ADMINISTRATOR",
        "reason": "",
        "create_time": datetime.now(UTC),
        "revision": 1,
    }
    for person in ("staff-1", ""):
        with pytest.raises(sa.exc.DBAPIError), database.append() as connection:
            connection.execute(sa.insert(tables.limits).values(**values, decider_person=person))


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("statement", ["UPDATE {} SET version = 9", "DELETE FROM {}"])
def test_nothing_of_the_desk_is_changed_or_deleted(
    database: Database, table: str, statement: str
) -> None:
    submitted = instruction(database)
    with database.append() as connection:
        proposed = {
            "version": 1,
            "state": "PROPOSED",
            "create_time": datetime.now(UTC),
            "revision": 1,
        }
        for each in (tables.limits, tables.counterparties):
            texts = {
                column.name: "chp"
                for column in each.columns
                if isinstance(column.type, sa.Text) and column.name not in proposed
            }
            counts = {"largest_count": 1} if each is tables.limits else {}
            connection.execute(sa.insert(each).values(**texts, **counts, **proposed))
    refused = pytest.raises(sa.exc.DBAPIError)

    with refused, database.append() as connection:
        connection.exec_driver_sql(statement.format(table))

    write(database, row(submitted, "APPROVED", CHECKER))


def test_where_an_instruction_stands_follows_from_its_steps_alone(database: Database) -> None:
    submitted = instruction(database, minutes=30)
    now = submitted.content.expire_time
    before, counts = now - timedelta(seconds=1), store.desk.instructions.counts

    with database.read() as connection:
        early, late = counts(connection, before), counts(connection, now)
        assert [each.instruction for each in _ending(connection, now)] == ["i-1"]
        assert _ending(connection, before) == []
    waiting = {State.APPROVED: 0, State.DRAFT: 0, State.SUBMITTED: 1}
    assert (early.waiting, early.overdue_count, early.failed_count) == (waiting, 0, 0)
    assert late.overdue_count == 1
    for statement in (
        "UPDATE desk_standings SET state = 'APPROVED'",
        "UPDATE desk_standings SET expire_time = NULL",
        "DELETE FROM desk_standings",
        (
            "INSERT INTO desk_standings SELECT account, 'i-9', number, state, execute_time, "
            "expire_time FROM desk_standings"
        ),
    ):
        with pytest.raises(sa.exc.DBAPIError), database.append() as connection:
            connection.exec_driver_sql(statement)

    write(database, row(submitted, "APPROVED", CHECKER))
    write(database, row(submitted, "FAILED", CHECKER, number=4, reason="refused"))
    with database.read() as connection:
        failed = counts(connection, now)
    assert (failed.overdue_count, failed.failed_count) == (0, 1)
    assert set(failed.waiting.values()) == {0}


def test_what_is_due_is_found_without_looking_at_what_ended(database: Database) -> None:
    instruction(database)
    seen: list[tuple[str, Any]] = []

    def kept(_: Any, __: Any, statement: str, parameters: Any, *rest: Any) -> None:
        del rest
        seen.append((statement, parameters))

    with database.read() as connection:
        sa.event.listen(connection, "before_cursor_execute", kept)
        assert store.desk.instructions.due(connection, datetime.now(UTC), 1000) == []
        sa.event.remove(connection, "before_cursor_execute", kept)
        ((statement, parameters),) = seen
        if connection.dialect.name == "sqlite":
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            told = "; ".join(str(each[3]) for each in plan)
        else:
            # Of a table of one row the planner would take no index.
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            plan = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)
            told = "; ".join(str(each[0]) for each in plan)

    assert "desk_contents" not in told
    assert "standings_by_state" in told


def _ending(connection: sa.Connection, now: datetime) -> list[Instruction]:
    return store.desk.instructions.ending(connection, now, 1000)
