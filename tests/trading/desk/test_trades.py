"""Trades over the wire: checked as the exchange's rules were on their day, posted as a whole."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from google.protobuf import timestamp_pb2
from google.type import decimal_pb2, money_pb2

from services.runtime import revision
from services.runtime.database import Database
from services.trading import store
from services.trading.domain.desk.actor import Actor
from services.trading.domain.desk.counterparty import Counterparty
from services.trading.domain.desk.proposal import Standing, State
from tests.trading import requests
from tests.trading.desk.people import People, states, submit
from tests.trading.requests import content, day
from tests.trading.stand import ROOT, refusal
from zonecarbon.trading.v1 import desk_service_pb2 as pb
from zonecarbon.trading.v1 import ledger_service_pb2, trade_pb2

CLOSE = requests.price("90.15", product="CEA25", start="2026-07-20", end="2026-07-21")
"""The exchange's close of 2026-07-20, a Monday; secondary page."""


def trade(**change: Any) -> trade_pb2.Trade:
    """Bought on 2026-07-21, 10:00 of China; "at", "price" and "charge" override."""
    made = timestamp_pb2.Timestamp()
    made.FromJsonString(f"{change.pop('at', '2026-07-21T10:00:00')}+08:00")
    charge = change.pop("charge", 5)
    fields: dict[str, Any] = {
        "mode": trade_pb2.TRADE_MODE_LISTED,
        "side": trade_pb2.TRADE_SIDE_BUY,
        "instrument": "instruments/cea-2025",
        "unit_count": 1000,
        "price_cny_per_t": decimal_pb2.Decimal(value=change.pop("price", "90.80")),
        "trade_time": made,
        "cash_instrument": "instruments/cny",
        "evidence": "exchange note 17",
        **change,
    }
    if charge is not None:
        fields["charge"] = money_pb2.Money(currency_code="CNY", units=charge)
    return trade_pb2.Trade(**fields)


@pytest.fixture
def traders(people: People) -> People:
    people.stand.client(ROOT).trading.ImportPrices(requests.import_prices(CLOSE))
    return people


BLOCK = {
    "mode": trade_pb2.TRADE_MODE_BLOCK,
    "unit_count": 100_000,
    "at": "2026-07-21T13:00:00",
    "price": "63.11",
}
AUCTION = {"mode": trade_pb2.TRADE_MODE_AUCTION, "price": "500.00", "at": "2026-07-21T20:00:00"}
SELL = trade_pb2.TRADE_SIDE_SELL
TRADES: dict[str, tuple[dict[str, Any], set[int]]] = {
    "a fair one": ({}, set()),
    "at the upper limit, 99.165 half up": ({"price": "99.17"}, set()),
    "above it": ({"price": "99.18"}, {1203}),
    "at the lower limit, 81.135 half up": ({"price": "81.14"}, set()),
    "below it": ({"price": "81.13"}, {1203}),
    "off the tick": ({"price": "90.805"}, {1204}),
    "99,999 t listed": ({"unit_count": 99_999}, set()),
    "100,000 t listed": ({"unit_count": 100_000}, {1205}),
    "before the morning": ({"at": "2026-07-21T09:29:59"}, {1202}),
    "at noon": ({"at": "2026-07-21T11:30:01"}, {1202}),
    "at the last moment": ({"at": "2026-07-21T15:00:00"}, set()),
    "on a Saturday": ({"at": "2026-07-18T10:00:00"}, {1201, 1207}),
    "on a holiday": ({"at": "2026-06-19T10:00:00"}, {1201, 1207}),
    "the day after, its close not known": ({"at": "2026-07-22T10:00:00"}, {1207}),
    "without charge": ({"charge": None}, {1208}),
    "a charge of nothing": ({"charge": 0}, set()),
    "before the market": ({"at": "2021-07-15T10:00:00"}, {1211, 1201}),
    "what is no allowance": ({"instrument": "instruments/cny"}, {1212, 1207, 1003}),
    "more than is there": ({"side": SELL, "unit_count": 99_999, "price": "90.80"}, set()),
    "a block without counterparty": (BLOCK, {1301}),
    "a block of 99,999 t": (BLOCK | {"unit_count": 99_999}, {1205, 1301}),
    "a block in the morning": (BLOCK | {"at": "2026-07-21T10:00:00"}, {1202, 1301}),
    "a block below −30 %": (BLOCK | {"price": "63.10"}, {1203, 1301}),
    "an auction without notice": (AUCTION, {1209}),
    "an auction by its notice": (AUCTION | {"notice": "2026-07 no. 1"}, set()),
}


def test_each_trade_fails_the_checks_that_it_should(traders: People) -> None:
    found = {}
    for number, (name, (change, _)) in enumerate(TRADES.items()):
        draft = traders.draft(f"t-{number}", content(trade=trade(**change)))
        answer = traders.maker.desk.CheckInstruction(pb.CheckInstructionRequest(name=draft.name))
        found[name] = {each.check_number for each in answer.results if not each.passed}

    assert found == {name: expected for name, (_, expected) in TRADES.items()}


def test_a_purchase_posts_units_price_and_charge_together(traders: People) -> None:
    before = traders.held("cny")

    done = traders.approved("t-1", content(trade=trade(charge=12)))

    assert states(done)[-1] == "EXECUTED"
    assert done.trade.amount == money_pb2.Money(currency_code="CNY", units=90_800)
    assert [each.transfer_id for each in done.transfers] == ["t-1-units", "t-1-cash", "t-1-charge"]
    assert traders.held() == 1_001_000
    assert traders.held("cny") == before - 9_080_000 - 1_200
    assert done.trade.settlement_date == day("2026-07-21")
    # Bought on the day: what there was before may be sold on it, and no more.
    sell = trade(side=SELL, unit_count=99_999)
    assert states(traders.approved("t-2", content(trade=sell)))[-1] == "EXECUTED"


def test_what_was_bought_on_a_day_is_not_sold_on_it(traders: People) -> None:
    traders.maker.ledger.CreateInstrument(requests.create_instrument("cea-2023", vintage=2023))
    price = requests.price("80.00", product="CEA23", start="2026-07-20", end="2026-07-21")
    traders.stand.client(ROOT).trading.ImportPrices(requests.import_prices(price))
    bought = trade(instrument="instruments/cea-2023", price="80.00")
    traders.approved("t-1", content(trade=bought))

    sell = trade(instrument="instruments/cea-2023", price="80.00", side=SELL, unit_count=1)
    draft = traders.draft("t-2", content(trade=sell))

    results = traders.maker.desk.CheckInstruction(pb.CheckInstructionRequest(name=draft.name))
    wrong = [each for each in results.results if not each.passed]
    assert [each.check_number for each in wrong] == [1210]
    assert "1000 were bought that day" in wrong[0].text


def test_a_trade_says_what_is_paid_with_and_its_day_of_delivery(traders: People) -> None:
    create = traders.maker.desk.CreateInstruction
    early = content(trade=trade(settlement_date=day("2026-07-20")))
    assert refusal(create, requests.create_instruction("t-1", early)) == (
        "SETTLEMENT_BEFORE_TRADE",
        "instruction.trade.settlement_date",
    )
    both = content(requests.transfer("x", "SALE 1 cea-2025"), trade=trade())
    assert refusal(create, requests.create_instruction("t-1", both)) == (
        "FIELD_INVALID",
        "instruction.transfers",
    )
    dollars = trade()
    dollars.charge.currency_code = "USD"
    assert refusal(create, requests.create_instruction("t-1", content(trade=dollars))) == (
        "FIELD_INVALID",
        "instruction.trade.charge",
    )
    named = trade(trusted_counterparty="accounts/chp/trustedCounterparties/mill")
    assert refusal(create, requests.create_instruction("t-1", content(trade=named))) == (
        "FIELD_INVALID",
        "instruction.trade.trusted_counterparty",
    )


def test_a_counterparty_is_listed_by_two_and_usable_after_its_cooling_off(
    traders: People,
) -> None:
    desk = traders.maker.desk
    wanted = requests.counterparty("mill", "steel")
    proposed = desk.CreateTrustedCounterparty(wanted)
    assert desk.CreateTrustedCounterparty(wanted) == proposed
    own = pb.ApproveTrustedCounterpartyRequest(name=proposed.name, etag=proposed.etag)
    assert refusal(desk.ApproveTrustedCounterparty, own)[0] == "FOUR_EYES"
    assert refusal(traders.same.desk.ApproveTrustedCounterparty, own)[0] == "SAME_PERSON"
    block = trade(**BLOCK, trusted_counterparty=proposed.name, charge=1)
    block.counterparty_charge.CopyFrom(money_pb2.Money(currency_code="CNY"))
    draft = traders.draft("b-1", content(trade=block))
    assert [each.parent for each in draft.transfers] == ["accounts/chp"] * 3 + [
        "accounts/steel"
    ] * 2

    def wrong() -> set[int]:
        found = desk.CheckInstruction(pb.CheckInstructionRequest(name=draft.name)).results
        return {each.check_number for each in found if not each.passed}

    assert wrong() == {1302}
    active = traders.checker.desk.ApproveTrustedCounterparty(own)
    assert traders.checker.desk.ApproveTrustedCounterparty(own) == active
    assert active.usable_date.year >= 2026
    # The trade was made before the counterparty was usable.
    assert wrong() == {1303}
    assert refusal(desk.SubmitInstruction, submit(draft)) == ("CHECK_FAILED", "trade")

    removed = desk.RemoveTrustedCounterparty(
        pb.RemoveTrustedCounterpartyRequest(name=active.name, etag=active.etag, reason="dissolved")
    )
    assert wrong() == {1302}
    listed = desk.ListTrustedCounterparties(
        pb.ListTrustedCounterpartiesRequest(parent="accounts/chp")
    )
    assert list(listed.trusted_counterparties) == [removed]


def trust(database: Database, account: str, counter_account: str) -> str:
    """List a counterparty as usable since January; return its name."""
    listed = Counterparty(
        account=account,
        counterparty="mill",
        display_name="mill",
        credit_code="91320500MA1MA0K41R",
        counter_account=counter_account,
        evidence="frame contract 2026-01",
    )
    people = (
        Actor(principal=f"principals/{each}", person=each, role="DESK") for each in ("a", "b")
    )
    standing = Standing(state=State.ACTIVE, proposer=next(people), decider=next(people))
    with database.write() as connection:
        taken = revision.take(connection)
        usable = date(2026, 1, 9)
        store.desk.counterparties.add(connection, listed, standing, usable, None, taken)
    return listed.name


def test_a_block_between_two_of_ours_is_posted_to_both_books_or_to_none(
    traders: People, database: Database
) -> None:
    block = trade(
        **BLOCK,
        trusted_counterparty=trust(database, "chp", "steel"),
        counterparty_charge=money_pb2.Money(currency_code="CNY", units=7),
    )
    cash = {account: traders.held("cny", account) for account in ("chp", "steel")}

    done = traders.approved("b-1", content(trade=block))

    assert states(done)[-1] == "EXECUTED"
    assert (traders.held(), traders.held(account="steel")) == (1_100_000, 900_000)
    assert traders.held("cny") == cash["chp"] - 631_100_000 - 500
    assert traders.held("cny", "steel") == cash["steel"] + 631_100_000 - 700
    links = [
        traders.maker.ledger.GetTransfer(
            ledger_service_pb2.GetTransferRequest(name=f"accounts/{account}/transfers/b-1-{part}")
        ).link
        for account in ("chp", "steel")
        for part in ("units", "cash", "charge")
    ]
    assert set(links) == {done.link}
    assert done.link

    # The other side writes the same trade: it is there already.
    block.trusted_counterparty = trust(database, "steel", "chp")
    block.side = SELL
    draft = traders.draft("s-1", content(trade=block), "steel")
    results = traders.maker.desk.CheckInstruction(pb.CheckInstructionRequest(name=draft.name))
    wrong = [each for each in results.results if not each.passed]
    assert [each.check_number for each in wrong] == [1304]
    assert wrong[0].text.startswith('It is in the books as "b-1-units"')
    # What one side cannot deliver moves nothing on either.
    block.evidence, block.unit_count = "exchange note 18", 900_001
    draft = traders.draft("s-2", content(trade=block), "steel")
    assert refusal(traders.maker.desk.SubmitInstruction, submit(draft)) == (
        "CHECK_FAILED",
        "transfers[0]",
    )
    assert (traders.held(), traders.held(account="steel")) == (1_100_000, 900_000)
