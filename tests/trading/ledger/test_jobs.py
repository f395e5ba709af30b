"""Reservations end at their time by themselves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from services.runtime.database import Database
from services.trading import store
from services.trading.domain.ledger.transfer import Phase, Transfer
from services.trading.jobs import TimeOuts
from services.trading.store.ledger.group import Group
from tests.trading.ledger import world
from tests.trading.ledger.world import balances, post, post_all, reasons, wanted

THEN = datetime(2025, 11, 1, tzinfo=UTC)


def test_what_is_reserved_until_a_time_is_released_when_it_has_come(books: Database) -> None:
    post_all(books, wanted("a-1", "ALLOCATION 10 cea-2024"))
    over, open_ = THEN + timedelta(hours=1), world.now() + timedelta(days=1)
    reserved = post(
        books,
        wanted("p-1", "PENDING SALE 3 cea-2024", timeout=over),
        wanted("p-2", "PENDING SALE 4 cea-2024", timeout=open_),
        wanted("p-3", "PENDING SALE 2 cea-2024"),
        wanted("p-4", "PENDING SALE 1 cea-2024", timeout=over),
        wanted("v-4", "VOID_PENDING p-4"),
        now=THEN,
    )
    assert set(reasons(reserved)) == {""}

    def ask(group: Group) -> list[Transfer]:
        (outcome,) = world.post(books, group)
        return world.taken(outcome)

    time_outs = TimeOuts(books, ask)
    time_outs.time_out()
    time_outs.time_out()

    assert balances(books)["cea-2024 HELD"] == (10, 6)
    with books.read() as connection:
        (*_, last) = store.ledger.transfers.page(connection, "chp", after=0, size=10)
    assert (last.phase, last.principal) == (Phase.TIME_OUT, "services/trading")
    assert last.number == 7, "once"
    assert world.findings(books) == []
