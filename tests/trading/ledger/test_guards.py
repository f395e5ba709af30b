"""Who tries to break the books by SQL is refused by the database; who goes behind it is found."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
import sqlalchemy as sa

from services.runtime import revision
from services.runtime.database import Database
from services.trading import store
from services.trading.domain.ledger.block import Block, split
from services.trading.domain.ledger.chain import Head
from services.trading.domain.ledger.transfer import Phase, Transfer
from services.trading.store.ledger import rows
from services.trading.store.ledger.tables import transfers
from tests.fixtures.postgresql import Server
from tests.trading.ledger import world
from tests.trading.ledger.test_block import block
from tests.trading.ledger.world import findings, post_all, wanted


@pytest.fixture
def story(books: Database) -> Database:
    """Books with a reservation, a settlement and a reversal."""
    tell(books)
    return books


def tell(books: Database) -> None:
    """Post the story."""
    post_all(
        books,
        wanted("a-1", "ALLOCATION 100 cea-2024"),
        wanted("p-1", "PENDING SALE 60 cea-2024"),
        wanted("q-1", "POST_PENDING p-1 50"),
        wanted("r-1", "REVERSAL q-1"),
        wanted("d-1", "DEPOSIT 500 cny"),
        wanted("m-1", "ALLOCATION 7 cea-2024", book="mill"),
    )


BREAKS = {
    "a transfer is changed": "UPDATE ledger_transfers SET unit_count = 99 WHERE number = 1",
    "a transfer is deleted": "DELETE FROM ledger_transfers WHERE number = 5",
    "a request is deleted": "DELETE FROM ledger_requests",
    "a balance is changed": "UPDATE ledger_accounts SET balance = balance + 1",
    "a reservation is changed": "UPDATE ledger_accounts SET reserved = 0",
    "a balance goes back to an entry": (
        "UPDATE ledger_accounts SET balance = 100, version = 1 WHERE purpose = 'HELD'"
    ),
    "an account is deleted": "DELETE FROM ledger_accounts",
    "an account is opened with a balance": (
        "INSERT INTO ledger_accounts VALUES ('chp', 'cea-2023', 'HELD', 5, 0, 0)"
    ),
    "a chain's head is moved": "UPDATE ledger_chains SET number = number - 1",
    "a chain's head is deleted": "DELETE FROM ledger_chains",
    "a chain is begun in the middle": "UPDATE ledger_chains SET hash = hash",
    "an instrument is deleted": "DELETE FROM ledger_instruments",
}


@pytest.mark.parametrize("statement", BREAKS.values(), ids=BREAKS)
def test_who_changes_or_deletes_by_sql_is_refused(story: Database, statement: str) -> None:
    before = world.balances(story)

    with pytest.raises(sa.exc.DBAPIError), story.append() as connection:
        connection.exec_driver_sql(statement)

    assert world.balances(story) == before
    assert findings(story) == []


# The next transfer of the plant's allowances, as it should be: two columns of it are then wrong.
NEXT = {
    "number": 6,
    "transfer": "next",
    "phase": "POSTED",
    "kind": "SALE",
    "instrument": "cea-2024",
    "debit": "MARKET",
    "credit": "HELD",
    "unit_count": 10,
    "reserved_count": 0,
    "released_count": 0,
    "target_number": None,
    "debit_version": 4,
    "debit_balance": 10,
    "debit_reserved": 0,
    "credit_version": 5,
    "credit_balance": 90,
    "credit_reserved": 0,
}
INSERTS: dict[str, dict[str, object]] = {
    "more is taken than there is": {
        "unit_count": 101,
        "debit_balance": 101,
        "credit_balance": -1,
    },
    "the two sides do not agree": {"debit_balance": 11},
    "more leaves than comes": {"credit_balance": 89},
    "a reservation is forgotten": {"credit_reserved": 1},
    "an account moves onto itself": {"debit": "HELD"},
    "a version is skipped": {"credit_version": 6},
    "a version is there already": {"credit_version": 4},
    "the chain has a gap": {"number": 7},
    "a place is there already": {"number": 5},
    "an id has a second effect": {"transfer": "a-1"},
    "a posted transfer reserves": {"reserved_count": 1, "credit_reserved": 1},
    "nothing is moved": {"unit_count": 0, "debit_balance": 0, "credit_balance": 100},
    "less than nothing is moved": {"unit_count": -10, "debit_balance": -10, "credit_balance": 110},
    "a phase is made up": {"phase": "PAID"},
    "a settled transfer is settled again": {
        "phase": "POST_PENDING",
        "target_number": 2,
        "released_count": 60,
    },
    "a transfer is reversed again": {
        "phase": "REVERSAL",
        "target_number": 3,
        "debit": "HELD",
        "credit": "MARKET",
    },
    "what was not pending is voided": {
        "phase": "VOID_PENDING",
        "target_number": 1,
        "unit_count": 0,
        "released_count": 100,
    },
    "there is no such instrument": {
        "instrument": "cea-2099",
        "debit_version": 1,
        "credit_version": 1,
        "credit": "ISSUANCE",
        "credit_balance": -10,
    },
}


def insert(database: Database, *changes: dict[str, object]) -> None:
    """Insert transfers in one statement, by SQL: the next one, with some columns changed."""
    with database.append() as connection:
        connection.execute(sa.insert(transfers).values(following(connection, *changes)))


def following(connection: sa.Connection, *changes: dict[str, object]) -> list[dict[str, object]]:
    """Return the columns of the next transfer, with some of them changed."""
    found = store.ledger.transfers.find(connection, "chp", "a-1")
    assert found is not None
    return [{**found._asdict(), "kind": "SALE", **NEXT, **changed} for changed in changes]


def test_the_next_transfer_is_taken_as_it_should_be(story: Database) -> None:
    insert(story, {})

    assert world.balances(story)["cea-2024 HELD"] == (90, 0)


@pytest.mark.parametrize("changed", INSERTS.values(), ids=INSERTS)
def test_who_inserts_what_the_books_do_not_allow_is_refused(
    story: Database, changed: dict[str, object]
) -> None:
    before = world.balances(story)

    with pytest.raises(sa.exc.DBAPIError):
        insert(story, changed)

    assert world.balances(story) == before
    assert findings(story) == []


POSTS = ("POSTED", "POST_PENDING", "REVERSAL")
SETTLES = ("POST_PENDING", "VOID_PENDING", "TIME_OUT")


def may_move(phase: str, unit: int, reserved: int, released: int, target: int | None) -> bool:
    """Tell what the contract says: what a transfer of a phase moves, reserves, releases, names."""
    return (
        (unit > 0) is (phase in POSTS)
        and (reserved > 0) is (phase == "PENDING")
        and (released > 0) is (phase in SETTLES)
        and unit <= (released if phase == "POST_PENDING" else unit)
        and (target is None) is (phase in {"POSTED", "PENDING"})
    )


@pytest.mark.parametrize("phase", [each.value for each in Phase])
def test_a_transfer_moves_what_its_phase_may_and_no_row_anything_else(
    story: Database, phase: str
) -> None:
    moved = [*product((0, 3), (0, 2), (0, 2, 3, 5), (None, 1))]
    assert any(may_move(phase, *each) for each in moved)

    with story.engine.connect() as connection, closing(Rows(connection)) as found:
        taken = [each for each in moved if found.take(phase, *each)]

    assert taken == [each for each in moved if may_move(phase, *each)]


class Rows:
    """Tells whether the table takes a row by itself, whatever triggers say of the books."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN")
            for trigger in ("target", "post"):
                connection.exec_driver_sql(f"DROP TRIGGER ledger_transfers_{trigger}")

    def take(self, phase: str, unit: int, reserved: int, released: int, target: int | None) -> bool:
        """Tell whether it may move so much."""
        (row,) = following(
            self._connection,
            {
                "phase": phase,
                "unit_count": unit,
                "reserved_count": reserved,
                "released_count": released,
                "target_number": target,
            },
        )
        point = self._connection.begin_nested()
        try:
            self._connection.execute(sa.insert(transfers).values(row))
        except sa.exc.DBAPIError as refused:
            return "phase_moves" not in str(refused.orig)
        finally:
            point.rollback()
        return True

    def close(self) -> None:
        """Leave everything as it was."""
        self._connection.rollback()


# The one after the next, as it should be when both come in one statement.
AFTER: dict[str, object] = {
    "number": 7,
    "transfer": "after",
    "debit_version": 5,
    "debit_balance": 20,
    "credit_version": 6,
    "credit_balance": 80,
}
BACK: dict[str, object] = {
    **AFTER,
    "phase": "REVERSAL",
    "target_number": 6,
    "debit": "HELD",
    "credit": "MARKET",
    "debit_version": 6,
    "debit_balance": 100,
    "credit_version": 5,
    "credit_balance": 0,
}
CASH: dict[str, object] = {
    **AFTER,
    "instrument": "cny",
    "kind": "DEPOSIT",
    "debit": "HELD",
    "credit": "BANK",
    "unit_count": 5,
    "debit_version": 2,
    "debit_balance": 505,
    "credit_version": 2,
    "credit_balance": -505,
}
MILL: dict[str, object] = {
    "book": "mill",
    "number": 2,
    "kind": "ALLOCATION",
    "debit": "HELD",
    "credit": "ISSUANCE",
    "debit_version": 2,
    "debit_balance": 17,
    "credit_version": 2,
    "credit_balance": -17,
}
RESERVED: dict[str, object] = {
    "phase": "PENDING",
    "unit_count": 0,
    "reserved_count": 30,
    "debit_balance": 0,
    "credit_balance": 100,
    "credit_reserved": 30,
}
SETTLED: dict[str, object] = {
    **AFTER,
    "phase": "POST_PENDING",
    "target_number": 6,
    "unit_count": 30,
    "released_count": 30,
    "debit_balance": 30,
    "credit_balance": 70,
}
TOGETHER: dict[str, Sequence[dict[str, object]]] = {
    "the same account": [{}, AFTER],
    "back": [{}, BACK],
    "cash": [{}, CASH],
    "another book": [{}, MILL],
    "a reservation": [
        {},
        {**AFTER, **RESERVED, "debit_balance": 10, "credit_balance": 90},
    ],
    "a reservation and its settlement": [RESERVED, SETTLED],
}


@pytest.mark.parametrize("changes", TOGETHER.values(), ids=TOGETHER)
def test_transfers_that_follow_one_another_are_taken_in_one_statement(
    story: Database, changes: Sequence[dict[str, object]]
) -> None:
    insert(story, *changes)

    assert [each.text.en for each in findings(story) if "hash" not in each.text.en] == []
    with story.read() as connection:
        assert store.ledger.chains.head(connection, "chp").number >= 6


APART: dict[str, Sequence[dict[str, object]]] = {
    "the second does not go on from the first": [{}, {**AFTER, "credit_balance": 81}],
    "what is debited does not go on": [{}, {**AFTER, "debit_balance": 19}],
    "what is reserved does not go on": [{}, {**AFTER, "credit_reserved": 1}],
    "a reservation comes and goes unseen": [
        {"credit_reserved": 1},
        {**AFTER, "credit_reserved": 0},
    ],
    "a version between is missing": [{}, {**AFTER, "credit_version": 7}],
    "both begin at the same version": [{}, {**AFTER, "credit_version": 5, "credit_balance": 90}],
    "the chain has a gap between": [{}, {**AFTER, "number": 8}],
    "the first is not where the account is": [
        {"credit_balance": 91},
        {**AFTER, "credit_balance": 81},
    ],
    "more is taken than there is, and brought back": [
        {"unit_count": 150, "debit_balance": 150, "credit_balance": -50},
        {
            **AFTER,
            "kind": "PURCHASE",
            "debit": "HELD",
            "credit": "MARKET",
            "unit_count": 60,
            "debit_version": 6,
            "debit_balance": 10,
            "credit_version": 5,
            "credit_balance": 90,
        },
    ],
    "more is reserved than there is, and released": [
        {
            "phase": "PENDING",
            "unit_count": 0,
            "reserved_count": 150,
            "debit_balance": 0,
            "credit_balance": 100,
            "credit_reserved": 150,
        },
        {
            **AFTER,
            "phase": "VOID_PENDING",
            "target_number": 6,
            "unit_count": 0,
            "released_count": 150,
            "debit_balance": 0,
            "credit_balance": 100,
        },
    ],
    "another account is not where it says": [{}, {**CASH, "credit_balance": -504}],
    "another account's version is not its next": [{}, {**CASH, "debit_version": 3}],
    "another book's chain does not end before it": [{}, {**MILL, "number": 3}],
    "a part of a reservation stays": [
        RESERVED,
        {
            **SETTLED,
            "unit_count": 20,
            "released_count": 20,
            "debit_balance": 20,
            "credit_balance": 80,
            "credit_reserved": 10,
        },
    ],
    "another account receives than was to": [
        RESERVED,
        {**SETTLED, "debit": "ISSUANCE", "debit_version": 2, "debit_balance": -70},
    ],
    "what is reserved was released before": [
        {**RESERVED, "debit_version": 5, "credit_version": 6, "credit_reserved": 0},
        {
            **SETTLED,
            "phase": "VOID_PENDING",
            "unit_count": 0,
            "debit_version": 4,
            "debit_balance": 0,
            "credit_version": 5,
            "credit_balance": 100,
            "credit_reserved": -30,
        },
    ],
    "what is moved back is not what was moved": [
        {},
        {**BACK, "unit_count": 9, "debit_balance": 99, "credit_balance": 1},
    ],
    "what is moved back comes later": [
        {**AFTER, "target_number": 7, "phase": "REVERSAL"},
        {},
    ],
}


@pytest.mark.parametrize("changes", APART.values(), ids=APART)
def test_transfers_that_do_not_follow_one_another_are_refused_together(
    story: Database, changes: Sequence[dict[str, object]]
) -> None:
    before = world.balances(story)

    with pytest.raises(sa.exc.DBAPIError):
        insert(story, *changes)

    assert world.balances(story) == before
    assert findings(story) == []


def test_no_serial_number_is_in_two_blocks_that_stand(story: Database) -> None:
    first, second = block(1, 9, "first"), block(9, 12, "second")

    def record(*made: Block, ended: Sequence[Block] = ()) -> None:
        with story.write() as connection:
            taken = revision.take(connection)
            if ended:
                store.ledger.blocks.end(connection, ended, taken)
            store.ledger.blocks.add(connection, made, taken)

    record(first)
    with pytest.raises(sa.exc.DBAPIError, match="in another block"):
        record(second)
    record(second, ended=[first])


def test_blocks_that_share_no_serial_number_stand_beside_each_other(story: Database) -> None:
    """Of other books and instruments, before and after, and where one was split."""
    first = block(10, 19, "first")

    with story.write() as connection:
        taken = revision.take(connection)
        store.ledger.blocks.add(connection, [first], taken)
        for other in (
            replace(first, book="mill"),
            replace(first, block="offset", instrument="ccer-1"),
            block(1, 9, "before"),
            block(20, 29, "after"),
        ):
            store.ledger.blocks.add(connection, [other], taken)
        with pytest.raises(sa.exc.DBAPIError), connection.begin_nested():
            store.ledger.blocks.add(connection, [block(19, 19, "inside")], taken)
        store.ledger.blocks.end(connection, [first], taken)
        store.ledger.blocks.add(connection, split(first, [("a", 4), ("b", 6)], "order 7"), taken)
        # That one has ended says nothing of the others.
        with pytest.raises(sa.exc.DBAPIError), connection.begin_nested():
            store.ledger.blocks.add(connection, [block(9, 9, "inside")], taken)


def test_the_owner_of_the_tables_has_no_privilege_to_change_history(
    postgresql_server: Server,
) -> None:
    with postgresql_server.database() as url:
        name = url.rpartition("/")[2]
        postgresql_server.execute(f"CREATE ROLE {name} LOGIN")
        try:
            postgresql_server.execute(f"GRANT CREATE ON DATABASE {name} TO {name}")
            own = url.replace("postgres@", f"{name}@")
            with closing(Database(own, "trading")) as database:
                database.migrate(store.MIGRATIONS)
                world.fill(database, "chp")
                post_all(database, wanted("a-1", "ALLOCATION 100 cea-2024"))
                for verb in (
                    "UPDATE ledger_transfers SET link = ''",
                    "DELETE FROM ledger_transfers",
                ):
                    with (
                        pytest.raises(sa.exc.ProgrammingError, match="permission denied"),
                        database.append() as connection,
                    ):
                        connection.exec_driver_sql(verb)
        finally:
            with closing(Database(url, "trading")) as database, database.migrating() as connection:
                connection.exec_driver_sql(f"DROP OWNED BY {name}")
            postgresql_server.execute(f"DROP ROLE {name}")


def test_a_connection_to_sqlite_is_denied_to_change_history_whatever_triggers_say(
    tmp_path: Path,
) -> None:
    with closing(
        Database(f"sqlite:///{tmp_path / 't.db'}", "trading", kept=store.KEPT)
    ) as database:
        database.migrate(store.MIGRATIONS)
        with database.append() as connection:
            connection.exec_driver_sql("DROP TRIGGER ledger_transfers_no_UPDATE")
        with (
            pytest.raises(sa.exc.DatabaseError, match="not authorized"),
            database.append() as connection,
        ):
            connection.exec_driver_sql("UPDATE ledger_transfers SET link = ''")


IN_PLACE: dict[str, dict[str, object]] = {
    "of a transfer with its id": {"transfer": "a-1"},
    "of a transfer with its number": {"number": 5},
    "of a settlement": {"phase": "POST_PENDING", "target_number": 2, "released_count": 60},
}


@pytest.mark.parametrize("changed", IN_PLACE.values(), ids=IN_PLACE)
def test_who_puts_a_transfer_in_the_place_of_another_is_refused_by_a_file_alone(
    sqlite_story: Database, changed: dict[str, object]
) -> None:
    with sqlite_story.read() as connection:
        values = following(connection, changed)
    statement = sa.insert(transfers).prefix_with("OR REPLACE").values(values)

    with (
        pytest.raises(sa.exc.IntegrityError, match="ledger"),
        sqlite_story.append() as connection,
    ):
        connection.execute(statement)

    assert findings(sqlite_story) == []


def test_a_settlement_is_not_replaced_by_another_that_the_balances_allow(
    sqlite_story: Database,
) -> None:
    post_all(sqlite_story, wanted("p-2", "PENDING SALE 60 cea-2024"))
    again: dict[str, object] = {
        "number": 7,
        "phase": "POST_PENDING",
        "target_number": 2,
        "released_count": 60,
        "debit_version": 5,
        "credit_version": 6,
    }
    with sqlite_story.read() as connection:
        values = following(connection, again)
    statement = sa.insert(transfers).prefix_with("OR REPLACE").values(values)

    with pytest.raises(sa.exc.IntegrityError, match="settled"), sqlite_story.append() as connection:
        connection.execute(statement)


# The ledger account: instrument and purpose; its version, balance and what is reserved.
MOVED_OTHERWISE: list[tuple[str, str, str, int, int, int]] = [
    ("chp", "cea-2024", "MARKET", 4, 11, 0),
    ("chp", "cea-2024", "MARKET", 4, 10, 1),
    ("chp", "cea-2024", "HELD", 5, 91, 0),
    ("chp", "cea-2024", "HELD", 5, 90, 1),
    ("chp", "cea-2024", "HELD", 6, 90, 0),
    ("chp", "cea-2024", "ISSUANCE", 2, -100, 0),
    ("chp", "cny", "HELD", 2, 500, 0),
    ("mill", "cea-2024", "HELD", 2, 7, 0),
]


def test_who_moves_accounts_by_hand_is_held_to_what_the_transfer_says(
    sqlite_story: Database,
) -> None:
    """Whoever takes away the trigger that moves them meets the one that guards them."""
    with sqlite_story.append() as connection:
        connection.exec_driver_sql("DROP TRIGGER ledger_transfers_post")
    insert(sqlite_story, {})

    for wrong in MOVED_OTHERWISE:
        with pytest.raises(sa.exc.IntegrityError, match="follow from transfers"):
            move(sqlite_story, *wrong)
    move(sqlite_story, "chp", "cea-2024", "MARKET", 4, 10, 0)
    move(sqlite_story, "chp", "cea-2024", "HELD", 5, 90, 0)
    end = "UPDATE ledger_chains SET number = 6, hash = {} WHERE book = 'chp'"
    for hash_ in ("x''", "(SELECT hash FROM ledger_transfers WHERE book = 'mill')"):
        with (
            pytest.raises(sa.exc.IntegrityError, match="follow from transfers"),
            sqlite_story.append() as connection,
        ):
            connection.exec_driver_sql(end.format(hash_))


def move(  # noqa: PLR0913, PLR0917 (a column each)
    database: Database,
    book: str,
    instrument: str,
    purpose: str,
    version: int,
    balance: int,
    reserved: int,
) -> None:
    """Let a ledger account stand otherwise, by SQL."""
    with database.append() as connection:
        connection.exec_driver_sql(
            "UPDATE ledger_accounts SET version = ?, balance = ?, reserved = ?"
            " WHERE book = ? AND instrument = ? AND purpose = ?",
            (version, balance, reserved, book, instrument, purpose),
        )


def test_who_opens_an_account_or_a_chain_anew_changes_nothing(sqlite_story: Database) -> None:
    before = world.balances(sqlite_story)
    with sqlite_story.append() as connection:
        for statement in (
            "REPLACE INTO ledger_accounts VALUES ('chp', 'cea-2024', 'HELD', 0, 0, 0)",
            "REPLACE INTO ledger_accounts VALUES ('chp', 'cea-2024', 'ISSUANCE', 0, 0, 0)",
            "REPLACE INTO ledger_chains (book, number, hash) VALUES ('chp', 0, x'')",
        ):
            connection.exec_driver_sql(statement)

    assert world.balances(sqlite_story) == before
    assert findings(sqlite_story) == []


@pytest.fixture
def sqlite_story(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """Books as in `story`, in a file that is opened as another program would."""
    path = shutil.copy(sqlite_template, tmp_path / "books.db")
    with closing(Database(f"sqlite:///{path}", "trading")) as books:

        @sa.event.listens_for(books.engine, "connect")
        def _as_others_do(connection: sqlite3.Connection, _record: object) -> None:
            connection.execute("PRAGMA recursive_triggers = OFF")

        tell(books)
        yield books


@contextmanager
def behind(database: Database) -> Iterator[sa.Connection]:
    """Give a connection behind every guard: as one has who owns the disk."""
    engine = database.engine
    if engine.dialect.name == "sqlite":
        with closing(Database(str(engine.url), "trading")) as bare, bare.append() as connection:
            guards = connection.exec_driver_sql(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
            ).all()
            for name, _ in guards:
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
            connection.exec_driver_sql("PRAGMA ignore_check_constraints = ON")
            yield connection
            for _, statement in guards:
                connection.exec_driver_sql(statement)
        return
    with database.append() as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        yield connection


TAMPERS = {
    "an amount": ("UPDATE ledger_transfers SET unit_count = 101 WHERE number = 1", 1),
    "a word of the evidence": ("UPDATE ledger_transfers SET evidence = 'x' WHERE number = 2", 2),
    "who posted": ("UPDATE ledger_transfers SET principal = 'p' WHERE number = 3", 3),
    "a hash": ("UPDATE ledger_transfers SET hash = digest WHERE number = 4", 4),
    "a balance after it": (
        "UPDATE ledger_transfers SET debit_balance = debit_balance + 1 WHERE number = 5",
        5,
    ),
    "a transfer in the middle is gone": ("DELETE FROM ledger_transfers WHERE number = 3", 4),
    "the end is gone": ("DELETE FROM ledger_transfers WHERE number = 5", 4),
    "an account": ("UPDATE ledger_accounts SET balance = 101 WHERE purpose = 'HELD'", 0),
    "an account is gone": ("DELETE FROM ledger_accounts WHERE purpose = 'BANK'", 0),
    "the head": ("UPDATE ledger_chains SET number = 4", 5),
}


@pytest.mark.parametrize(("statement", "place"), TAMPERS.values(), ids=TAMPERS)
def test_who_tampers_behind_the_guards_is_found_and_located(
    story: Database, statement: str, place: int
) -> None:
    with behind(story) as connection:
        connection.exec_driver_sql(
            f"{statement} {'AND' if 'WHERE' in statement else 'WHERE'} book = 'chp'"
        )

    found = findings(story)

    assert found, "tampered, and not found"
    assert found[0].number == place
    assert all(each.name.startswith("accounts/chp") for each in found)


def test_who_cuts_the_end_and_all_that_follows_from_it_is_found_by_the_exported_head(
    story: Database,
) -> None:
    with story.read() as connection:
        exported = store.ledger.chains.head(connection, "mill")
    with behind(story) as connection:
        for statement in (
            "DELETE FROM ledger_transfers WHERE book = 'mill'",
            "DELETE FROM ledger_accounts WHERE book = 'mill'",
            "DELETE FROM ledger_chains WHERE book = 'mill'",
        ):
            connection.exec_driver_sql(statement)

    with story.read() as connection:
        _, alone = store.ledger.chains.verify(connection, "mill")
        _, found = store.ledger.chains.verify(connection, "mill", exported)

    assert alone == [], "a chain that was cut clean looks whole by itself"
    assert [each.number for each in found] == [exported.number]
    assert "cut off" in found[0].text.en


def test_who_writes_a_chain_anew_is_found_by_the_exported_head(story: Database) -> None:
    with story.read() as connection:
        _, found = store.ledger.chains.verify(connection, "mill", Head(number=1, hash=b"\1" * 32))

    assert [each.number for each in found] == [1]
    assert "was changed since" in found[0].text.en


def test_the_columns_of_a_row_are_those_of_the_table() -> None:
    assert Transfer._fields == rows.COLUMNS
