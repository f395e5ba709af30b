"""A group is decided while the database works at the one before, and is taken only on top of it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.kernel.errors import StorageUnavailable
from services.runtime.database import Database
from services.trading.domain.ledger.transfer import Wanted
from services.trading.store.ledger.group import Group
from services.trading.store.ledger.posting import Poster, Taken, post_in
from tests.trading.ledger.world import balances, findings, group, reasons, taken, wanted


@pytest.fixture
def poster(books: Database) -> Poster:
    """One that remembers the books of the plant and the mill, with ten tonnes in each."""
    poster = Poster(books)
    for book in ("chp", "mill"):
        what = wanted("a-1", "ALLOCATION 10 cea-2024", book=book)
        sold = wanted("s-1", "SALE 1 cea-2024", book=book)
        back = wanted("b-1", "PURCHASE 1 cea-2024", book=book)
        assert reasons(poster([group(each) for each in (what, sold, back)])) == ["", "", ""]
    return poster


def ahead(poster: Poster, *groups: Group | Wanted) -> Taken:
    """Decide groups; a transfer by itself is one."""
    take = poster.ahead([group(each) if isinstance(each, Wanted) else each for each in groups])
    assert take is not None
    return take


def elsewhere(database: Database, *transfers: Wanted) -> None:
    """Post so that the poster knows nothing of it."""
    with database.append() as connection:
        for outcome in post_in(connection, [group(each) for each in transfers], datetime.now(UTC)):
            taken(outcome)


def away(database: Database) -> Database:
    """Return a database of the same kind that is not there."""
    if database.engine.dialect.name == "sqlite":
        return Database("sqlite:////nowhere/ledger.db", "trading")
    return Database("postgresql+psycopg://nobody@127.0.0.1:1/none", "trading")


def held(database: Database, book: str = "chp") -> int:
    return balances(database, book)["cea-2024 HELD"][0]


def test_what_is_decided_on_top_of_another_group_is_taken_after_it_without_being_loaded(
    books: Database, poster: Poster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(poster, "_by_loading", None)
    first = ahead(poster, wanted("p-1", "PURCHASE 5 cea-2024"))
    # More than there is before the first.
    second = ahead(poster, wanted("s-2", "SALE 15 cea-2024"))
    assert held(books) == 10

    assert reasons(first()) == [""]
    assert held(books) == 15
    third = ahead(poster, wanted("p-2", "PURCHASE 2 cea-2024"))
    assert reasons(second()) == [""]
    assert reasons(third()) == [""]

    assert held(books) == 2
    assert findings(books) == []


def test_if_others_posted_before_the_first_neither_it_nor_the_next_is_taken_as_decided(
    books: Database, poster: Poster
) -> None:
    first = ahead(poster, wanted("s-2", "SALE 5 cea-2024"))
    second = ahead(poster, wanted("s-3", "SALE 4 cea-2024"))
    elsewhere(books, wanted("s-4", "SALE 6 cea-2024"))

    assert reasons(first()) == ["BALANCE_INSUFFICIENT"]
    assert reasons(second()) == [""]

    assert held(books) == 0
    assert findings(books) == []


def test_if_others_posted_between_the_next_is_decided_anew(books: Database, poster: Poster) -> None:
    first = ahead(poster, wanted("s-2", "SALE 5 cea-2024"))
    second = ahead(poster, wanted("s-3", "SALE 4 cea-2024"))
    assert reasons(first()) == [""]
    elsewhere(books, wanted("s-4", "SALE 2 cea-2024"))

    assert reasons(second()) == ["BALANCE_INSUFFICIENT"]

    assert held(books) == 3
    assert findings(books) == []


def test_nobody_sells_what_a_purchase_would_have_brought_that_was_not_taken(
    books: Database, poster: Poster
) -> None:
    first = ahead(poster, wanted("p-1", "PURCHASE 5 cea-2024"))
    second = ahead(poster, wanted("s-2", "SALE 14 cea-2024"), wanted("s-3", "SALE 1 cea-2024"))
    poster._database = away(books)  # noqa: SLF001 (it goes away)
    with pytest.raises(StorageUnavailable):
        first()
    poster._database = books  # noqa: SLF001 (and is back)

    assert reasons(second()) == ["BALANCE_INSUFFICIENT", ""]
    assert reasons(poster([group(wanted("p-1", "PURCHASE 5 cea-2024"))])) == [""]

    assert held(books) == 14
    assert findings(books) == []


def test_what_touches_other_books_than_the_group_that_failed_is_taken(
    books: Database, poster: Poster, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = ahead(poster, wanted("p-1", "PURCHASE 5 cea-2024"))
    second = ahead(poster, wanted("p-1", "PURCHASE 5 cea-2024", book="mill"))
    poster._database = away(books)  # noqa: SLF001 (it goes away)
    with pytest.raises(StorageUnavailable):
        first()
    poster._database = books  # noqa: SLF001 (and is back)
    with monkeypatch.context() as patched:
        patched.setattr(poster, "_by_loading", None)
        assert reasons(second()) == [""]

    assert (held(books), held(books, "mill")) == (10, 15)
    assert findings(books) == []


def test_a_database_that_goes_away_for_both_is_posted_to_again(
    books: Database, poster: Poster
) -> None:
    sent = [group(wanted(f"p-{number}", "PURCHASE 5 cea-2024")) for number in (1, 2)]
    takes = [ahead(poster, each) for each in sent]
    poster._database = away(books)  # noqa: SLF001 (it goes away)
    for take in takes:
        with pytest.raises(StorageUnavailable):
            take()
    poster._database = books  # noqa: SLF001 (and is back)
    assert held(books) == 10

    assert reasons(poster(sent)) == ["", ""]

    assert held(books) == 20
    assert findings(books) == []


def test_a_group_that_was_taken_though_nobody_was_told_is_taken_once(
    books: Database, poster: Poster
) -> None:
    sent = group(wanted("p-1", "PURCHASE 5 cea-2024"))
    first = ahead(poster, sent)
    second = ahead(poster, wanted("p-2", "PURCHASE 1 cea-2024"))
    # The commit came through, and its answer did not: it is sent again.
    (done,) = first()
    assert poster([sent]) == [done]

    assert reasons(second()) == [""]

    assert held(books) == 16
    assert findings(books) == []


def test_the_same_id_in_two_groups_on_top_of_each_other_has_one_effect_and_one_answer(
    books: Database, poster: Poster
) -> None:
    sent = group(wanted("p-1", "PURCHASE 5 cea-2024"))
    first, second = ahead(poster, sent), ahead(poster, sent)
    (done,) = first()
    assert second() == [done]

    other = group(wanted("p-2", "PURCHASE 1 cea-2024"))
    assert reasons(poster([other])) == [""]
    third = ahead(poster, wanted("p-3", "PURCHASE 1 cea-2024"))
    fourth = ahead(poster, wanted("p-3", "PURCHASE 2 cea-2024"))
    assert reasons(third()) == [""]
    assert reasons(fourth()) == ["TRANSFER_ID_REUSED"]

    assert held(books) == 17
    assert findings(books) == []


def test_the_same_request_in_two_groups_on_top_of_each_other_has_one_effect_and_one_answer(
    books: Database, poster: Poster
) -> None:
    both = [wanted(f"p-{number}", "PURCHASE 1 cea-2024") for number in (1, 2)]
    sent = group(*both, request_id="r-1")
    first, second = ahead(poster, sent), ahead(poster, sent)
    (done,) = first()
    assert second() == [done]

    assert reasons(poster([group(wanted("p-3", "PURCHASE 1 cea-2024"))])) == [""]
    third = ahead(poster, group(wanted("p-4", "PURCHASE 1 cea-2024"), request_id="r-2"))
    # Of another book, whose end is where it is thought to be.
    other = wanted("p-4", "PURCHASE 1 cea-2024", book="mill")
    fourth = ahead(poster, group(other, request_id="r-2"))
    assert reasons(third()) == [""]
    assert reasons(fourth()) == ["REQUEST_ID_REUSED"]

    assert (held(books), held(books, "mill")) == (14, 10)
    assert findings(books) == []


def test_what_was_not_taken_lets_nothing_be_decided_ahead_until_a_group_was_done_alone(
    books: Database, poster: Poster
) -> None:
    first = ahead(poster, wanted("p-1", "PURCHASE 1 cea-2024"))
    second = ahead(poster, wanted("p-2", "PURCHASE 1 cea-2024"))
    elsewhere(books, wanted("p-3", "PURCHASE 1 cea-2024"))
    assert reasons(first()) == [""]

    third = [group(wanted("p-4", "PURCHASE 1 cea-2024"))]
    assert poster.ahead(third) is None
    assert reasons(second()) == [""]
    assert poster.ahead(third) is None
    assert reasons(poster(third)) == [""]
    assert reasons(ahead(poster, wanted("p-5", "PURCHASE 1 cea-2024"))()) == [""]

    assert held(books) == 15
    assert findings(books) == []


def test_what_is_not_remembered_or_refused_is_not_decided_ahead(poster: Poster) -> None:
    assert poster.ahead([group(wanted("d-1", "DEPOSIT 5 cny"))]) is None
    assert poster.ahead([group(wanted("s-2", "SALE 11 cea-2024"))]) is None
    assert poster.ahead([group(wanted("r-1", "REVERSAL s-1"))]) is None
