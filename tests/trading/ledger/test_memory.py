"""Who posts remembers where the books ended, and takes nothing of it for true."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.kernel.errors import StorageUnavailable
from services.runtime.database import Database
from services.trading.domain.ledger import posting as domain
from services.trading.domain.ledger.chain import Head, Standing
from services.trading.domain.ledger.chart import InstrumentKind
from services.trading.domain.ledger.posting import Books
from services.trading.domain.ledger.transfer import Transfer, Wanted
from services.trading.store.ledger import memory, postgresql, sqlite
from services.trading.store.ledger.group import Needs, Request
from services.trading.store.ledger.posting import Poster, post_in
from services.trading.store.ledger.saving import Condition, Ends, Outdated, Saved
from tests.trading.ledger.world import (
    PRINCIPAL,
    balances,
    findings,
    group,
    now,
    reasons,
    taken,
    wanted,
)


def posted(poster: Poster, *transfers: Wanted) -> list[str]:
    return reasons(poster([group(each) for each in transfers]))


def elsewhere(database: Database, *transfers: Wanted) -> None:
    """Post as an instruction is executed: in a transaction that the poster knows nothing of."""
    with database.append() as connection:
        for outcome in post_in(connection, [group(each) for each in transfers], datetime.now(UTC)):
            taken(outcome)


def test_what_is_remembered_is_posted_to_without_being_loaded(
    books: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    poster = Poster(books)
    assert posted(poster, wanted("a-1", "ALLOCATION 10 cea-2024")) == [""]
    monkeypatch.setattr(poster, "_by_loading", None)

    assert posted(poster, wanted("a-2", "ALLOCATION 5 cea-2024")) == [""]
    assert posted(
        poster, wanted("a-3", "ALLOCATION 1 cea-2024"), wanted("a-4", "ALLOCATION 1 cea-2024")
    ) == ["", ""]

    assert balances(books)["cea-2024 HELD"] == (17, 0)
    assert findings(books) == []


def test_what_settles_or_reverses_another_is_remembered_with_the_accounts_it_moves(
    books: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    poster = Poster(books)
    for id_, what in (
        ("a-1", "ALLOCATION 10 cea-2024"),
        ("s-1", "SALE 1 cea-2024"),
        ("p-1", "PENDING SALE 6 cea-2024"),
        ("q-1", "POST_PENDING p-1 5"),
        ("r-1", "REVERSAL s-1"),
    ):
        assert posted(poster, wanted(id_, what)) == [""]
    monkeypatch.setattr(poster, "_by_loading", None)

    assert posted(poster, wanted("s-2", "SALE 5 cea-2024")) == [""]

    assert balances(books)["cea-2024 HELD"] == (0, 0)
    assert findings(books) == []


def test_what_others_posted_meanwhile_is_noticed(books: Database) -> None:
    poster = Poster(books)
    assert posted(poster, wanted("a-1", "ALLOCATION 10 cea-2024")) == [""]
    elsewhere(books, wanted("s-1", "SALE 9 cea-2024"))

    assert posted(poster, wanted("s-2", "SALE 2 cea-2024")) == ["BALANCE_INSUFFICIENT"]
    assert posted(poster, wanted("s-3", "SALE 1 cea-2024")) == [""]

    assert balances(books)["cea-2024 HELD"] == (0, 0)
    assert findings(books) == []


def test_nothing_is_refused_by_memory_alone(books: Database) -> None:
    poster = Poster(books)
    assert posted(
        poster, wanted("a-1", "ALLOCATION 1 cea-2024"), wanted("s-1", "SALE 1 cea-2024")
    ) == ["", ""]
    elsewhere(books, wanted("a-2", "ALLOCATION 5 cea-2024"))

    assert posted(poster, wanted("s-2", "SALE 5 cea-2024")) == [""]


def test_an_id_that_was_taken_gets_the_answer_it_got(books: Database) -> None:
    poster = Poster(books)
    (first,) = poster([group(wanted("a-1", "ALLOCATION 10 cea-2024"))])
    (second,) = poster([group(wanted("s-1", "SALE 10 cea-2024"))])

    assert poster([group(wanted("s-1", "SALE 10 cea-2024"))]) == [second]
    assert poster([group(wanted("a-1", "ALLOCATION 10 cea-2024"))]) == [first]
    assert posted(poster, wanted("a-1", "ALLOCATION 11 cea-2024")) == ["TRANSFER_ID_REUSED"]

    assert balances(books)["cea-2024 HELD"] == (0, 0)


def test_a_request_that_was_answered_is_not_posted_again(books: Database) -> None:
    poster = Poster(books)
    both = [wanted("d-1", "DEPOSIT 5 cny"), wanted("d-2", "DEPOSIT 7 cny")]
    (first,) = poster([group(*both, request_id="r-1")])

    assert poster([group(*both, request_id="r-1")]) == [first]
    other = [wanted("d-3", "DEPOSIT 5 cny")]
    assert reasons(poster([group(*other, request_id="r-1")])) == ["REQUEST_ID_REUSED"]
    assert reasons(poster([group(*other, request_id="r-2")])) == [""]

    assert balances(books)["cny HELD"] == (17, 0)


def test_accounts_that_others_moved_are_forgotten_with_the_end_of_their_book(
    books: Database,
) -> None:
    poster = Poster(books)
    for each in ("DEPOSIT 5 cny", "ALLOCATION 5 cea-2024"):
        assert posted(poster, wanted(each.split()[0].lower(), each)) == [""]
    elsewhere(books, wanted("d-2", "DEPOSIT 5 cny"))
    # The book is loaded again, but of its accounts only the allowances.
    assert posted(poster, wanted("a-2", "ALLOCATION 5 cea-2024")) == [""]

    assert poster._memory.recall(_needs(wanted("d-3", "DEPOSIT 1 cny"))) is None  # noqa: SLF001
    assert posted(poster, wanted("d-3", "DEPOSIT 1 cny")) == [""]
    assert balances(books)["cny HELD"] == (11, 0)


def test_of_too_many_books_the_memory_begins_anew(
    books: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "_MOST_BOOKS", 0)
    poster = Poster(books)

    for number in range(3):
        assert posted(poster, wanted(f"a-{number}", "ALLOCATION 1 cea-2024")) == [""]
        assert posted(poster, wanted(f"b-{number}", "ALLOCATION 1 cea-2024", book="mill")) == [""]

    assert balances(books)["cea-2024 HELD"] == balances(books, "mill")["cea-2024 HELD"] == (3, 0)


def test_a_database_that_was_away_is_posted_to_again(books: Database) -> None:
    poster = Poster(books)
    assert posted(poster, wanted("a-1", "ALLOCATION 10 cea-2024")) == [""]
    away = "sqlite:////nowhere/ledger.db"
    if books.engine.dialect.name == "postgresql":
        away = "postgresql+psycopg://nobody@127.0.0.1:1/none"
    poster._database = Database(away, "trading")  # noqa: SLF001 (it goes away)

    with pytest.raises(StorageUnavailable):
        poster([group(wanted("a-2", "ALLOCATION 5 cea-2024"))])

    poster._database = books  # noqa: SLF001 (and is back)
    assert posted(poster, wanted("a-2", "ALLOCATION 5 cea-2024")) == [""]
    assert balances(books)["cea-2024 HELD"] == (15, 0)
    assert findings(books) == []


def _needs(*transfers: Wanted) -> Needs:
    return Needs.of([group(each) for each in transfers])


def test_books_that_end_where_they_are_thought_to_are_appended_to(books: Database) -> None:
    (done,) = Poster(books)([group(wanted("a-1", "ALLOCATION 10 cea-2024"))])
    (first,) = taken(done)
    there = {"chp": Head(number=1, hash=first.hash)}
    fresh = Saved(transfers=_after(first))

    for heads, condition in (
        ({"chp": Head(number=2, hash=first.hash)}, Condition()),
        ({"chp": Head(number=1, hash=bytes(32))}, Condition()),
        ({**there, "mill": Head(number=1, hash=first.hash)}, Condition()),
        (there, Condition("SELECT 3", 4)),
    ):
        with pytest.raises(Outdated):
            _append(books, Ends(heads, condition), fresh)
        with pytest.raises(Outdated):
            _append(books, Ends(heads, condition), Saved(fresh.transfers, [_request("r-1")]))
    assert balances(books)["cea-2024 HELD"] == (10, 0)

    _append(books, Ends(there, Condition("SELECT 3", 3)), fresh)
    assert balances(books)["cea-2024 HELD"] == (11, 0)


def test_of_transfers_whose_request_was_taken_none_is_appended(books: Database) -> None:
    poster = Poster(books)
    (done,) = poster([group(wanted("a-1", "ALLOCATION 10 cea-2024"), request_id="r-1")])
    (first,) = taken(done)
    ends = Ends({"chp": Head(number=1, hash=first.hash)}, Condition())
    fresh = _after(first)

    with pytest.raises(Outdated):
        _append(books, ends, Saved(transfers=fresh, requests=[_request("r-1")]))

    assert balances(books)["cea-2024 HELD"] == (10, 0)
    _append(books, ends, Saved(transfers=fresh))
    assert balances(books)["cea-2024 HELD"] == (11, 0)
    assert findings(books) == []


def _after(first: Transfer) -> list[Transfer]:
    """Return a transfer of one tonne that follows an allocation of ten."""
    known = Books(
        heads={"chp": Head(number=1, hash=first.hash, record_time=first.record_time)},
        standings={
            first.debit_key: Standing(balance=10, version=1),
            first.credit_key: Standing(balance=-10, version=1),
        },
        instruments={"cea-2024": InstrumentKind.ALLOWANCE},
    )
    return domain.post(
        known, [wanted("a-2", "ALLOCATION 1 cea-2024")], principal="x", link="", now=now()
    )


def _request(id_: str) -> Request:
    return Request(PRINCIPAL, id_, bytes(32), now())


def _append(database: Database, ends: Ends, saved: Saved) -> None:
    dialect = sqlite if database.engine.dialect.name == "sqlite" else postgresql
    dialect.appending(ends, saved)(database)
