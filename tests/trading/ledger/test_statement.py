"""A statement of a book, account by account."""

from __future__ import annotations

from datetime import date

from services.trading.domain.ledger import posting
from services.trading.domain.ledger.chain import Head
from services.trading.domain.ledger.chart import InstrumentKind, Purpose
from services.trading.domain.ledger.posting import Books
from services.trading.domain.ledger.statement import Statement
from tests.trading.ledger import world

CASH = {"cny": InstrumentKind.CASH}


def test_each_account_opens_moves_by_day_of_settlement_and_closes() -> None:
    wanted = [
        world.wanted("late", "DEPOSIT 30 cny", settled=date(2025, 11, 20)),
        world.wanted("soon", "DEPOSIT 7 cny", settled=date(2025, 11, 5)),
    ]
    books = Books(heads={"chp": Head()}, instruments=CASH)
    statement = Statement(
        book="chp",
        start=date(2025, 11, 1),
        end=date(2025, 12, 1),
        opening={("chp", "cny", Purpose.HELD): 100, ("chp", "cny", Purpose.FROZEN): 4},
        transfers=posting.post(books, wanted, principal="x", link="", now=world.now()),
    )

    found = [
        (
            each.key[2].value,
            each.day.isoformat(),
            each.transfer.transfer if each.transfer else "",
            each.change_count,
            each.balance_count,
        )
        for each in statement.lines()
    ]

    assert found == [
        ("BANK", "2025-11-01", "", 0, 0),
        ("BANK", "2025-11-05", "soon", -7, -7),
        ("BANK", "2025-11-20", "late", -30, -37),
        ("BANK", "2025-11-30", "", 0, -37),
        ("FROZEN", "2025-11-01", "", 0, 4),
        ("FROZEN", "2025-11-30", "", 0, 4),
        ("HELD", "2025-11-01", "", 0, 100),
        ("HELD", "2025-11-05", "soon", 7, 107),
        ("HELD", "2025-11-20", "late", 30, 137),
        ("HELD", "2025-11-30", "", 0, 137),
    ]
    assert statement.file_name == "chp-2025-11-01-2025-12-01.csv"
