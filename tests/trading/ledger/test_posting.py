"""What posting does to books at their bounds, and that a refusal leaves them as they were."""

from __future__ import annotations

from copy import deepcopy

import pytest

from services.kernel.errors import BalanceInsufficient, BalanceOverflow, DomainError
from services.trading.domain.ledger import posting
from services.trading.domain.ledger.chain import Head, Standing
from services.trading.domain.ledger.chart import InstrumentKind, Purpose
from services.trading.domain.ledger.posting import LARGEST_BALANCE, Books
from services.trading.domain.ledger.transfer import Transfer, Wanted
from tests.trading.ledger import world

KINDS = {"cea-2024": InstrumentKind.ALLOWANCE, "cny": InstrumentKind.CASH}
HELD = ("chp", "cny", Purpose.HELD)
MARKET = ("chp", "cny", Purpose.MARKET)


def post(books: Books, *what: str, link: str = "") -> list[Transfer]:
    first = len(books.posted)
    wanted = [world.wanted(f"t-{first + index}", each) for index, each in enumerate(what)]
    return posting.post(books, wanted, principal="x", link=link, now=world.now())


def opened(**standings: Standing) -> Books:
    """Return books whose cash accounts stand as given."""
    found = {("chp", "cny", Purpose(purpose)): each for purpose, each in standings.items()}
    return Books(heads={"chp": Head()}, instruments=dict(KINDS), standings=found)


def test_who_is_refused_after_others_leaves_the_books_as_they_were() -> None:
    books = Books(heads={"chp": Head()}, instruments=dict(KINDS))
    post(books, "ALLOCATION 100 cea-2024", "PENDING SALE 60 cea-2024", "PLEDGE 7 cea-2024")
    before = deepcopy(books)

    with pytest.raises(DomainError):
        post(
            books,
            *("POST_PENDING t-1 50", "REVERSAL t-2", "DEPOSIT 500 cny", "PENDING ORDER 20 cny"),
            "SALE 51 cea-2024",
            link="all",
        )

    assert books == before


def test_books_tell_what_is_new_in_its_order() -> None:
    books = Books(heads={"chp": Head()}, instruments=dict(KINDS))
    first = post(books, "DEPOSIT 5 cny", "WITHDRAWAL 2 cny")

    again = posting.post(
        books,
        [world.wanted("t-1", "WITHDRAWAL 2 cny"), world.wanted("t-2", "DEPOSIT 1 cny")],
        principal="x",
        link="",
        now=world.now(),
    )

    assert again[0] == first[1]
    assert books.posted == [*first, again[1]]


def test_a_balance_comes_to_its_bound_and_no_further() -> None:
    full = Standing(LARGEST_BALANCE - 1, 0, 1)
    books = opened(HELD=full)
    post(books, "PROCEEDS 1 cny")
    assert books.standings[HELD].balance == LARGEST_BALANCE

    with pytest.raises(BalanceOverflow) as debited:
        post(books, "PROCEEDS 1 cny")
    assert (debited.value.purpose, debited.value.given) == ("HELD", 1)

    books = opened(MARKET=Standing(-LARGEST_BALANCE + 1, 0, 1))
    post(books, "PROCEEDS 1 cny")
    assert books.standings[MARKET].balance == -LARGEST_BALANCE
    with pytest.raises(BalanceOverflow) as credited:
        post(books, "PROCEEDS 1 cny")
    assert (credited.value.purpose, credited.value.given) == ("MARKET", 1)


def test_so_much_is_reserved_and_no_more() -> None:
    books = opened()
    post(books, f"PENDING PROCEEDS {LARGEST_BALANCE} cny")
    assert books.standings[MARKET].reserved == LARGEST_BALANCE

    with pytest.raises(BalanceOverflow) as reserved:
        post(books, "PENDING PROCEEDS 3 cny")
    assert (reserved.value.purpose, reserved.value.given) == ("MARKET", 3)


@pytest.mark.parametrize("what", ["PAYMENT 8 cny", "PENDING PAYMENT 8 cny"])
def test_who_has_not_enough_is_told_what_he_wanted_and_what_there_is(what: str) -> None:
    with pytest.raises(BalanceInsufficient) as refused:
        post(opened(HELD=Standing(10, 3, 1)), what)

    assert (refused.value.given, refused.value.available) == (8, 7)


def test_a_reservation_whose_time_is_over_is_released_and_moves_nothing() -> None:
    books = opened(HELD=Standing(10, 0, 1))
    (pending,) = post(books, "PENDING PAYMENT 8 cny")

    (ended,) = posting.post(
        books,
        [Wanted.time_out("chp", pending.number, pending.transfer, world.DAY)],
        principal="x",
        link="",
        now=world.now(),
    )

    assert (ended.unit_count, ended.released_count) == (0, 8)
    assert books.standings[HELD][:2] == (10, 0)
