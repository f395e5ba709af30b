"""The ledger as a ledger: one row an operation, the last column the reason of its refusal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.kernel.errors import BalanceInsufficient
from services.runtime.database import Database
from services.trading.store.ledger.group import Group
from tests.trading.ledger import world
from tests.trading.ledger.world import balances, findings, group, post, reasons, taken, wanted

TABLES = {
    "what an enterprise has goes round": """
        a-1 | ALLOCATION 1000 cea-2024       |
        o-1 | ORDER 300 cea-2024             |
        x-1 | ORDER_EXECUTION 100 cea-2024   |
        w-1 | ORDER_WITHDRAWAL 200 cea-2024  |
        l-1 | PLEDGE 50 cea-2024             |
        l-2 | PLEDGE_RELEASE 51 cea-2024     | BALANCE_INSUFFICIENT
        l-3 | PLEDGE_RELEASE 50 cea-2024     |
        f-1 | FREEZE 900 cea-2024            |
        s-1 | SALE 1 cea-2024                | BALANCE_INSUFFICIENT
        f-2 | UNFREEZE 900 cea-2024          |
        s-2 | SURRENDER 800 cea-2024         |
        s-3 | SURRENDER_CLOSING 801 cea-2024 | BALANCE_INSUFFICIENT
        s-4 | SURRENDER_CLOSING 800 cea-2024 |
        e-1 | EXPIRY 40 cea-2024             |
        c-1 | CARRY_OVER_OUT 60 cea-2024     |
        c-2 | CARRY_OVER_IN 60 cea-2023      |
        = cea-2024 HELD 0 0, ISSUANCE -1000 0, MARKET 100 0, SURRENDER 800 0, EXPIRY 100 0
        = cea-2023 HELD 60 0, ISSUANCE -60 0
    """,
    "cash and offsets have kinds of their own": """
        d-1 | DEPOSIT 5000 cny               |
        p-1 | PAYMENT 4000 cny               |
        g-1 | CHARGE 999 cny                 |
        g-2 | CHARGE 2 cny                   | BALANCE_INSUFFICIENT
        r-1 | PROCEEDS 70 cny                |
        w-1 | WITHDRAWAL 71 cny              |
        d-2 | DEPOSIT 1 cea-2024             | TRANSFER_KIND_UNFIT
        b-1 | PURCHASE 10 ccer-1             |
        b-2 | PURCHASE 10 cny                | TRANSFER_KIND_UNFIT
        k-1 | OFFSET_CANCELLATION 4 ccer-1   |
        k-2 | OFFSET_CANCELLATION 4 cea-2024 | TRANSFER_KIND_UNFIT
        s-1 | SURRENDER 1 ccer-1             | TRANSFER_KIND_UNFIT
        u-1 | PURCHASE 1 cea-2099            | INSTRUMENT_UNKNOWN
        = cny HELD 0 0, BANK -4929 0, MARKET 3930 0, CHARGES 999 0
        = ccer-1 HELD 6 0, MARKET -10 0, OFFSET_CANCELLATION 4 0
    """,
    "what is reserved is not available": """
        a-1 | ALLOCATION 100 cea-2024        |
        p-1 | PENDING SALE 60 cea-2024       |
        p-2 | PENDING SALE 41 cea-2024       | BALANCE_INSUFFICIENT
        s-1 | SALE 41 cea-2024               | BALANCE_INSUFFICIENT
        p-3 | PENDING SURRENDER 40 cea-2024  |
        q-1 | POST_PENDING p-1 61            | UNITS_ABOVE_PENDING
        q-2 | POST_PENDING p-1 50            |
        q-3 | POST_PENDING p-1               | TRANSFER_SETTLED
        q-4 | VOID_PENDING p-1               | TRANSFER_SETTLED
        v-1 | VOID_PENDING p-3               |
        v-2 | VOID_PENDING p-3               | TRANSFER_SETTLED
        v-3 | VOID_PENDING a-1               | TRANSFER_NOT_PENDING
        v-4 | VOID_PENDING no-such           | TRANSFER_MISSING
        s-2 | SALE 50 cea-2024               |
        = cea-2024 HELD 0 0, ISSUANCE -100 0, MARKET 100 0
    """,
    "a mistake is moved back once, by a transfer that names it": """
        a-1 | ALLOCATION 100 cea-2024        |
        a-2 | ALLOCATION 100 cea-2024        |
        r-1 | REVERSAL a-2                   |
        r-2 | REVERSAL a-2                   | TRANSFER_REVERSED
        r-3 | REVERSAL r-1                   | TRANSFER_IRREVERSIBLE
        p-1 | PENDING SALE 10 cea-2024       |
        r-4 | REVERSAL p-1                   | TRANSFER_IRREVERSIBLE
        q-1 | POST_PENDING p-1               |
        r-5 | REVERSAL q-1                   |
        s-1 | SALE 100 cea-2024              |
        r-6 | REVERSAL a-1                   | BALANCE_INSUFFICIENT
        r-7 | REVERSAL no-such               | TRANSFER_MISSING
        = cea-2024 HELD 0 0, ISSUANCE -100 0, MARKET 100 0
    """,
    "an id has one effect": """
        a-1 | ALLOCATION 100 cea-2024        |
        a-1 | ALLOCATION 100 cea-2024        |
        a-1 | ALLOCATION 101 cea-2024        | TRANSFER_ID_REUSED
        a-1 | PENDING ALLOCATION 100 cea-2024 | TRANSFER_ID_REUSED
        a-1 | REVERSAL a-1                   | TRANSFER_ID_REUSED
        = cea-2024 HELD 100 0, ISSUANCE -100 0
    """,
    "the books have bounds": """
        d-1 | DEPOSIT 999999999999999999 cny |
        d-2 | DEPOSIT 1 cny                  |
        d-3 | DEPOSIT 1 cny                  | BALANCE_OVERFLOW
        p-1 | PENDING DEPOSIT 1000000000000000001 cny | BALANCE_OVERFLOW
        = cny HELD 1000000000000000000 0, BANK -1000000000000000000 0
    """,
}


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_the_ledger(books: Database, table: str) -> None:
    lines = [line.strip() for line in table.strip().splitlines()]
    rows = [[cell.strip() for cell in line.split("|")] for line in lines if line[0] != "="]
    expected = {}
    for line in (each[1:].strip() for each in lines if each[0] == "="):
        instrument, *accounts = line.replace(",", "").split()
        for purpose, balance, reserved in zip(*[iter(accounts)] * 3, strict=True):
            expected[f"{instrument} {purpose}"] = (int(balance), int(reserved))

    found = [*map(reasons, (post(books, wanted(id_, what)) for id_, what, _ in rows))]

    assert found == [[reason] for *_, reason in rows]
    standing = {key: value for key, value in balances(books).items() if value != (0, 0)}
    assert standing == {key: value for key, value in expected.items() if value != (0, 0)}
    assert findings(books) == []


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_one_commit_for_all_gives_what_a_commit_for_each_does(books: Database, table: str) -> None:
    rows = [
        [cell.strip() for cell in line.split("|")] for line in table.splitlines() if "|" in line
    ]

    found = reasons(post(books, *(wanted(id_, what) for id_, what, _ in rows)))

    assert found == [reason for *_, reason in rows]
    assert findings(books) == []


def test_linked_transfers_stand_or_fall_together(books: Database) -> None:
    world.post_all(books, wanted("d-1", "DEPOSIT 100 cny"))
    dear = group(
        wanted("b-1", "PURCHASE 10 cea-2024"),
        wanted("c-1", "PAYMENT 101 cny"),
        request_id="r-1",
    )
    fair = group(
        wanted("b-1", "PURCHASE 10 cea-2024"), wanted("c-1", "PAYMENT 100 cny"), request_id="r-2"
    )

    (refused,) = post(books, dear)
    before = balances(books)
    (done,) = post(books, fair)

    assert isinstance(refused, BalanceInsufficient)
    assert refused.field == "requests[1].transfer.unit_count"
    assert before == {"cny HELD": (100, 0), "cny BANK": (-100, 0)}
    assert [each.link for each in taken(done)] == ["r-2", "r-2"]
    assert balances(books)["cea-2024 HELD"] == (10, 0)
    assert balances(books)["cny HELD"] == (0, 0)
    assert reasons(post(books, fair)) == [""], "the same again"
    other = group(wanted("z-1", "PURCHASE 10 cea-2024"), request_id="r-2")
    assert reasons(post(books, other)) == ["REQUEST_ID_REUSED"]


def test_a_bargain_of_two_enterprises_is_in_both_books_or_in_none(books: Database) -> None:
    def bargain(count: int) -> Group:
        return group(
            wanted(f"s-{count}", f"SALE {count} cea-2024"),
            wanted(f"b-{count}", f"PURCHASE {count} cea-2024", book="mill"),
            request_id=f"r-{count}",
        )

    world.post_all(books, wanted("a-1", "ALLOCATION 10 cea-2024"))

    assert reasons(post(books, bargain(11), bargain(7))) == ["BALANCE_INSUFFICIENT", ""]
    assert balances(books)["cea-2024 HELD"] == (3, 0)
    assert balances(books, "mill")["cea-2024 HELD"] == (7, 0)


def test_a_reservation_ends_at_its_time(books: Database) -> None:
    soon = datetime(2025, 11, 1, tzinfo=UTC)
    before, after = soon - timedelta(microseconds=1), soon
    world.post_all(books, wanted("a-1", "ALLOCATION 10 cea-2024"))
    pending = wanted("p-1", "PENDING SALE 10 cea-2024", timeout=soon)
    late = wanted("p-2", "PENDING SALE 1 cea-2024", timeout=before)

    # The books already know something later than the moments of this test; the clock says these.
    assert reasons(post(books, pending, late, now=before)) == ["", "TIMEOUT_PAST"]
    assert reasons(post(books, wanted("q-1", "POST_PENDING p-1"), now=after)) == [
        "TRANSFER_TIMED_OUT"
    ]
    assert reasons(post(books, wanted("s-1", "SALE 1 cea-2024"), now=after)) == [
        "BALANCE_INSUFFICIENT"
    ], "until it is released"
    assert reasons(post(books, wanted("t-1", "TIME_OUT p-1"), now=after)) == [""]
    assert reasons(post(books, wanted("s-1", "SALE 10 cea-2024"), now=after)) == [""]
    assert findings(books) == []


def test_what_came_to_be_known_later_is_never_dated_before(books: Database) -> None:
    early = datetime(2025, 1, 1, tzinfo=UTC)
    late = datetime(2025, 6, 1, tzinfo=UTC)

    (first,) = post(books, wanted("a-1", "ALLOCATION 1 cea-2024"), now=late)
    (second,) = post(books, wanted("a-2", "ALLOCATION 1 cea-2024"), now=early)

    assert [each.record_time for each in (*taken(first), *taken(second))] == [late, late]
    assert findings(books) == []
