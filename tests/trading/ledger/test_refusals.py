"""What is told of transfers that stand or fall together: all that is wrong, and nothing twice."""

from __future__ import annotations

import pytest

from services.kernel.errors import DomainError, Several
from services.trading.domain.ledger import posting
from services.trading.domain.ledger.chain import Head
from services.trading.domain.ledger.chart import InstrumentKind
from services.trading.domain.ledger.posting import Books
from services.trading.domain.ledger.transfer import Wanted
from tests.trading.ledger import world
from tests.trading.ledger.world import wanted

KINDS = {"cea-2024": InstrumentKind.ALLOWANCE, "cny": InstrumentKind.CASH}


def refused(*together: Wanted, link: str = "link") -> list[str]:
    """Return where and why transfers are refused, in books that hold nothing."""
    books = Books(heads={"chp": Head(), "mill": Head()}, instruments=dict(KINDS))
    with pytest.raises(DomainError) as caught:
        posting.post(books, together, principal="x", link=link, now=world.now())
    assert books == Books(heads={"chp": Head(), "mill": Head()}, instruments=KINDS), "undone"
    errors = caught.value.errors if isinstance(caught.value, Several) else (caught.value,)
    return [f"{each.metadata().get('field', '')} {each.reason}" for each in errors]


def test_a_balance_that_lacks_what_was_refused_before_it_in_its_book_is_not_told() -> None:
    allocation = wanted("a-1", "ALLOCATION 5 cea-2031")

    assert refused(allocation, wanted("s-1", "SALE 5 cea-2024")) == [
        "requests[0].transfer.instrument INSTRUMENT_UNKNOWN"
    ]
    assert refused(allocation, wanted("s-1", "SALE 5 cea-2024", book="mill")) == [
        "requests[0].transfer.instrument INSTRUMENT_UNKNOWN",
        "requests[1].transfer.unit_count BALANCE_INSUFFICIENT",
    ]
    assert refused(wanted("s-1", "SALE 5 cea-2024"), allocation) == [
        "requests[0].transfer.unit_count BALANCE_INSUFFICIENT",
        "requests[1].transfer.instrument INSTRUMENT_UNKNOWN",
    ]


def test_who_names_a_transfer_that_was_refused_is_not_told_that_it_is_missing() -> None:
    pending = wanted("p-1", "PENDING SALE 5 cea-2031")

    assert refused(pending, wanted("q-1", "POST_PENDING p-1"), wanted("r-1", "REVERSAL q-1")) == [
        "requests[0].transfer.instrument INSTRUMENT_UNKNOWN"
    ]
    assert refused(pending, wanted("q-1", "POST_PENDING p-1", book="mill")) == [
        "requests[0].transfer.instrument INSTRUMENT_UNKNOWN",
        "requests[1].transfer.target TRANSFER_MISSING",
    ]


def test_one_alone_is_refused_at_its_own_field() -> None:
    assert refused(wanted("s-1", "SALE 5 cea-2024"), link="") == [
        "transfer.unit_count BALANCE_INSUFFICIENT"
    ]
