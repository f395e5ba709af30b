"""The desk's tables, on both databases: nothing is forgotten, nobody checks themselves."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from services.runtime import revision
from services.runtime.auth import EVERYONE, Tenant
from services.runtime.database import Database
from services.trading import store
from services.trading.domain.desk.actor import Actor
from services.trading.domain.reconciliation.correction import Correction, Decision, Verdict
from tests.trading import reconciled


@pytest.fixture
def filled(database: Database) -> Database:
    """The database with a row in each table of the reconciled."""
    reconciled.fill(database)
    return database


@pytest.mark.parametrize("table", sorted(reconciled.TABLES))
@pytest.mark.parametrize("verb", ["UPDATE", "DELETE"])
def test_the_database_itself_refuses_to_forget(filled: Database, table: str, verb: str) -> None:
    column = next(iter(store.metadata.tables[table].c)).name
    statement = {
        "UPDATE": f"UPDATE {table} SET {column} = {column}",  # noqa: S608 (ours)
        "DELETE": f"DELETE FROM {table}",  # noqa: S608 (ours)
    }[verb]

    with (
        pytest.raises(sa.exc.DBAPIError, match=f"{table} is insert-only"),
        filled.write() as connection,
    ):
        connection.exec_driver_sql(statement)


@pytest.mark.parametrize("checker", ["principals/maker", "principals/another"])
def test_the_database_itself_refuses_a_checker_who_is_the_maker_or_another_maker(
    filled: Database, checker: str
) -> None:
    """The last line: whichever code came to it, and whoever it says the maker was."""
    with filled.read() as connection:
        (stored, _) = store.reconciliation.correction_page(connection, "october", size=1)[0]
    lied = replace(stored.value, correction="second")
    with filled.write() as connection:
        store.reconciliation.propose(connection, lied, revision.take(connection))
    if checker != "principals/maker":
        # Who lies about the maker names a correction that is not there.
        nobody = Actor(principal="principals/nobody", person="staff-2", role="DESK")
        lied = replace(lied, maker=nobody)

    with pytest.raises(sa.exc.IntegrityError):
        _decide(filled, lied, checker)


def _decide(database: Database, correction: Correction, checker: str) -> None:
    with database.write() as connection:
        taken = revision.take(connection)
        decision = Decision(
            verdict=Verdict.APPROVED, checker=checker, reason="", decide_time=taken.commit_time
        )
        store.reconciliation.decide(connection, correction, decision, taken)


def test_a_reconciliation_and_a_correction_are_read_as_they_were_kept(filled: Database) -> None:
    with filled.read() as connection:
        newest = store.reconciliation.newest(connection, "october")
        assert newest is not None
        (found,) = newest.breaks
        assert found.found.theirs == (reconciled.LINE,)
        assert store.statements.lines_of(connection, "october") == [reconciled.LINE]
        assert store.statements.content(connection, "october") == b"file"
        stored, decision = store.reconciliation.correction_page(connection, "october", size=1)[0]
        assert stored.value.break_id == found.found.id
        assert [each.unit_count for each in stored.value.wanted] == [7]
        assert decision is not None
        assert decision.checker == "principals/checker"


def test_a_book_that_differs_is_blocked_until_it_does_not(filled: Database) -> None:
    with filled.read() as connection:
        assert store.reconciliation.blocked(connection, "chp")
        assert not store.reconciliation.blocked(connection, "mill")
        assert len(store.reconciliation.blocks(connection, EVERYONE)) == 1
        assert store.reconciliation.blocks(connection, Tenant(frozenset({"mill"}))) == []
        newest = store.reconciliation.newest(connection, "october")
    assert newest is not None
    with filled.write() as connection:
        agreed = replace(newest, number=2, breaks=())
        store.reconciliation.add(connection, agreed, revision.take(connection))

    with filled.read() as connection:
        assert not store.reconciliation.blocked(connection, "chp")
        assert store.reconciliation.blocks(connection, EVERYONE) == []
