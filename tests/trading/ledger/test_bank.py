"""Many post at once, and nothing is lost, doubled or seen half done: R1, R7, R9, R21."""

from __future__ import annotations

import random
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from services.kernel.errors import Busy, DomainError
from services.runtime.database import Database
from services.runtime.grouped import Grouped
from services.trading import store
from services.trading.domain.ledger.transfer import Transfer
from services.trading.store.ledger import posting
from services.trading.store.ledger.group import Group
from tests.trading.ledger import world
from tests.trading.ledger.sizes import SIZES
from tests.trading.ledger.world import balances, findings, group, post, post_all, reasons, wanted

WORKERS = 8
CALLERS = 64
MONEY = 1000
REPLAYS = 10_000


@contextmanager
def queue(database: Database, largest: int = 64) -> Iterator[Grouped[Group, list[Transfer]]]:
    """Give the queue in front of the books, which decides ahead also for SQLite."""
    poster = posting.Poster(database)
    grouped = Grouped[Group, list[Transfer]]("test", poster, largest=largest, ahead=poster.ahead)
    try:
        yield grouped
    finally:
        grouped.stop()


def asked(through: Grouped[Group, list[Transfer]], of: Group) -> str:
    """Post through a queue; return the reason of a refusal, "" if there was none."""
    try:
        through(of)
    except DomainError as refused:
        return refused.reason
    return ""


def at_once(count: int, work: Callable[[int], object]) -> None:
    """Run `work` on so many threads; raise the first failure of any."""
    failures: list[BaseException] = []
    gate = threading.Barrier(count)

    def run(number: int) -> None:
        try:
            gate.wait()
            work(number)
        except BaseException as failure:  # noqa: BLE001 (told below)
            failures.append(failure)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    if failures:
        raise failures[0]


def total(database: Database) -> int:
    """Return the sum of all balances of the bank, in one snapshot."""
    with database.read() as connection:
        return connection.scalar(sa.text("SELECT sum(balance) FROM ledger_accounts")) or 0


def test_who_posts_to_books_that_nobody_posted_to_waits_for_nobody_in_a_circle(
    books: Database,
) -> None:
    names = [f"n-{number:03}" for number in range(400)]
    world.open_books(books, *names)

    def spread(worker: int) -> None:
        chance = random.Random(worker)  # noqa: S311 (which books)
        for number in range(5):
            some = chance.sample(names, 40)
            deposits = [wanted(f"d-{worker}-{number}", "DEPOSIT 1 cny", book=each) for each in some]
            (outcome,) = post(books, group(*deposits, request_id=f"{worker}-{number}"))
            assert isinstance(outcome, list), outcome

    at_once(WORKERS, spread)

    assert total(books) == 0
    assert sum(balances(books, name).get("cny HELD", (0, 0))[0] for name in names) == 1600
    assert findings(books) == []


@pytest.mark.parametrize("book_count", [5, 500], ids=["10 accounts", "1,000 accounts"])
def test_a_bank_whose_customers_pay_each_other_neither_gains_nor_loses(
    books: Database, book_count: int
) -> None:
    names = [f"b-{number}" for number in range(book_count)]
    world.open_books(books, *names)
    post_all(books, *(wanted("d", f"DEPOSIT {MONEY} cny", book=name) for name in names))
    until = time.monotonic() + SIZES.bank_seconds
    snapshots: list[int] = []
    posted = threading.Lock(), [0]

    def pay(number: int) -> None:
        chance = random.Random(number)  # noqa: S311 (who pays)
        step = 0
        while time.monotonic() < until or step < 10:
            payer, payee = chance.sample(names, 2)
            count, id_ = chance.randint(1, MONEY), f"t-{number}-{step}"
            step += 1
            payment = group(
                wanted(f"{id_}-out", f"PAYMENT {count} cny", book=payer),
                wanted(f"{id_}-in", f"PROCEEDS {count} cny", book=payee),
                request_id=id_,
            )
            # Half of them in one queue, half each by itself.
            (told,) = reasons(post(books, payment)) if number % 2 else [asked(through, payment)]
            assert told in {"", "BALANCE_INSUFFICIENT"}
            with posted[0]:
                posted[1][0] += not told

    def look(number: int) -> None:
        if number < WORKERS:
            pay(number)
            return
        while time.monotonic() < until or len(snapshots) < SIZES.bank_snapshots:
            snapshots.append(total(books))

    # Its groups are full with half of those who ask it.
    with queue(books, largest=WORKERS // 4) as through:
        at_once(WORKERS + 1, look)

    assert posted[1][0] > 0
    assert len(snapshots) >= SIZES.bank_snapshots
    assert set(snapshots) == {0}
    with books.read() as connection:
        held = connection.scalar(
            sa.text("SELECT sum(balance) FROM ledger_accounts WHERE purpose = 'HELD'")
        )
        assert (
            connection.scalar(
                sa.text(
                    "SELECT count(*) FROM ledger_accounts WHERE purpose = 'HELD' AND balance < 0"
                )
            )
            == 0
        )
    assert held == MONEY * book_count
    assert findings(books) == []


def test_a_bank_that_reads_and_writes_without_a_lock_would_be_found_out(
    postgresql_url: str,
) -> None:
    """The planted fault: balances are read before others commit, and written after."""
    with closing(Database(postgresql_url, "trading")) as database:
        with database.migrating() as connection:
            connection.exec_driver_sql("CREATE TABLE naive (id int PRIMARY KEY, balance int)")
            connection.exec_driver_sql("INSERT INTO naive VALUES (1, 0), (2, 0)")
        both_have_read = threading.Barrier(2)

        def pay(number: int) -> None:
            with database.append() as connection:
                query = "SELECT balance FROM naive ORDER BY id"
                first, second = connection.exec_driver_sql(query).scalars()
                both_have_read.wait()
                for id_, balance in ((1, first - 1 - number), (2, second + 1 + number)):
                    statement = "UPDATE naive SET balance = %s WHERE id = %s"
                    connection.exec_driver_sql(statement, (balance, id_))

        at_once(2, pay)
        with database.read() as connection:
            kept = connection.exec_driver_sql("SELECT abs(balance) FROM naive").scalars().all()

    assert max(kept) < 3, "one of two payments is lost, which the ledger's versions would refuse"


def test_one_key_of_sixty_four_callers_has_one_effect_and_one_answer(books: Database) -> None:
    answers: list[Transfer] = []
    with queue(books) as ask:

        def call(_: int) -> None:
            answers.extend(ask(group(wanted("a-1", "ALLOCATION 5 cea-2024"))))

        at_once(CALLERS, call)

    assert len(answers) == CALLERS
    assert len(set(answers)) == 1
    assert balances(books)["cea-2024 HELD"] == (5, 0)


def test_replays_of_any_age_have_no_second_effect(books: Database) -> None:
    chance = random.Random(7)  # noqa: S311 (which again)
    sent = [wanted(f"a-{number}", "ALLOCATION 1 cea-2024") for number in range(50)]
    post_all(books, *sent)
    a_year_later = world.now().replace(year=world.now().year + 1, day=1)

    for begin in range(0, REPLAYS, 50):
        again = [chance.choice(sent) for _ in range(50)]
        moment = a_year_later if begin % 100 else None
        assert set(reasons(post(books, *again, now=moment))) == {""}

    assert balances(books)["cea-2024 HELD"] == (50, 0)


def test_the_same_id_in_another_book_is_another_transfer(books: Database) -> None:
    post_all(
        books,
        wanted("a-1", "ALLOCATION 1 cea-2024"),
        wanted("a-1", "ALLOCATION 2 cea-2024", book="mill"),
    )

    assert balances(books)["cea-2024 HELD"] == (1, 0)
    assert balances(books, "mill")["cea-2024 HELD"] == (2, 0)


def test_without_its_constraint_an_id_would_have_two_effects(books: Database) -> None:
    """The planted fault: the id's own check is forgotten. The database refuses by itself."""
    post_all(books, wanted("a-1", "ALLOCATION 5 cea-2024"))
    with books.append() as connection:
        found = store.ledger.transfers.find(connection, "chp", "a-1")
    assert found is not None
    again = found._replace(
        number=2, debit_version=2, debit_balance=10, credit_version=2, credit_balance=-10
    )

    with (
        pytest.raises(sa.exc.IntegrityError, match=r"(?i)unique|the id is taken"),
        books.append() as connection,
    ):
        connection.execute(
            sa.insert(store.ledger.tables.transfers).values(
                {**again._asdict(), "kind": "ALLOCATION"}
            )
        )


@pytest.mark.parametrize("through_queue", [True, False], ids=["one queue", "many writers"])
def test_reservations_that_race_for_one_balance_get_it_and_no_more(
    books: Database, *, through_queue: bool
) -> None:
    post_all(books, wanted("a-1", "ALLOCATION 100 cea-2024"))
    outcomes: list[str] = []

    with queue(books) as ask:

        def reserve(number: int) -> None:
            wants = group(wanted(f"p-{number}", "PENDING SALE 3 cea-2024"))
            outcomes.extend([asked(ask, wants)] if through_queue else reasons(post(books, wants)))

        at_once(CALLERS if through_queue else WORKERS * 2, reserve)
        for number in range(CALLERS):
            outcomes += reasons(post(books, wanted(f"l-{number}", "PENDING SALE 3 cea-2024")))

    assert outcomes.count("") == 33
    assert set(outcomes) == {"", "BALANCE_INSUFFICIENT"}
    assert balances(books)["cea-2024 HELD"] == (100, 99)
    assert findings(books) == []


def test_a_check_that_forgets_reservations_would_oversell(
    books: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted fault: what is reserved counts as available. The database refuses by itself."""
    post_all(books, wanted("a-1", "ALLOCATION 5 cea-2024"))
    monkeypatch.setattr(
        "services.trading.domain.ledger.chain.Standing.available",
        property(lambda standing: standing.balance),
    )

    with pytest.raises((sqlite3.IntegrityError, psycopg.errors.CheckViolation)):
        post(books, *(wanted(f"p-{number}", "PENDING SALE 1 cea-2024") for number in range(6)))


def test_everybody_comes_to_write_where_eight_times_as_many_do(books: Database) -> None:
    """How long each waits is a figure of the benchmark: a busy machine must not fail this."""
    until = time.monotonic() + SIZES.fairness_seconds
    counts = [0] * WORKERS

    def write(number: int) -> None:
        step = 0
        while time.monotonic() < until or step < 5:
            post_all(books, wanted(f"w-{number}-{step}", "ALLOCATION 1 cea-2024", book="mill"))
            step += 1
            counts[number] = step

    at_once(WORKERS, write)

    assert min(counts) >= 5
    assert balances(books, "mill")["cea-2024 HELD"] == (sum(counts), 0)


def beside_a_long_write(sqlite_template: Path, folder: Path, *, seconds: float) -> str:
    """Post while another writes, until that is answered or so long; return the reason, if any."""
    path = shutil.copy(sqlite_template, folder / "books.db")
    holds, answered, refused = threading.Event(), threading.Event(), []
    with closing(Database(f"sqlite:///{path}", "trading")) as database:

        @sa.event.listens_for(database.engine, "connect")
        def _impatient(connection: sqlite3.Connection, _record: object) -> None:
            connection.execute("PRAGMA busy_timeout = 20")

        def write(number: int) -> None:
            if number == 0:
                with database.append():
                    holds.set()
                    answered.wait(seconds)
                return
            holds.wait()
            try:
                post_all(database, wanted("w-1", "ALLOCATION 1 cea-2024"))
            except Busy as busy:
                refused.append(busy.reason)
            finally:
                answered.set()

        at_once(2, write)
        kept = balances(database).get("cea-2024 HELD", (0, 0))
    assert kept == ((0, 0) if refused else (1, 0))
    return "".join(refused)


def test_who_writes_takes_a_turn_and_is_not_left_to_try_again(
    sqlite_template: Path, tmp_path: Path
) -> None:
    assert not beside_a_long_write(sqlite_template, tmp_path, seconds=0.5)


def test_without_turns_one_would_be_kept_away(
    sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted fault: all writers of a process try until SQLite lets them."""
    monkeypatch.setattr(Database, "_alone", lambda _: nullcontext())

    assert beside_a_long_write(sqlite_template, tmp_path, seconds=30) == "BUSY"
