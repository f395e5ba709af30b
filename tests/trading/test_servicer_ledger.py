"""The ledger over the wire, beside a real registry, on SQLite and on PostgreSQL."""

from __future__ import annotations

import csv
import io
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.trading import requests
from tests.trading.requests import day, transfer, transfers
from tests.trading.stand import Stand, fields, refusal
from zonecarbon.client import Client
from zonecarbon.trading.v1 import ledger_service_pb2 as pb
from zonecarbon.trading.v1 import transfer_pb2

BOOK = "accounts/chp"


@pytest.fixture
def ledger(stand: Stand, desk: Client) -> Client:
    """The desk with a mandate to post alone, and the instruments registered."""
    stand.mandate(desk)
    for id_, kind, vintage in (
        ("cea-2024", "ALLOWANCE", 2024),
        ("cea-2023", "ALLOWANCE", 2023),
        ("cny", "CASH", 0),
    ):
        desk.ledger.CreateInstrument(requests.create_instrument(id_, kind=kind, vintage=vintage))
    return desk


def balances(client: Client, book: str = BOOK, **as_of: Any) -> dict[str, tuple[int, int, int]]:
    """Balance, reserved and available of each ledger account, by "cea-2024 HELD"."""
    answer = client.ledger.ListBalances(
        pb.ListBalancesRequest(parent=book, as_of=transfer_pb2.LedgerAsOf(**as_of))
    )
    return {
        f"{each.instrument.partition('/')[2]} "
        f"{transfer_pb2.LedgerPurpose.Name(each.purpose).removeprefix('LEDGER_PURPOSE_')}": (
            each.balance_count,
            each.reserved_count,
            each.available_count,
        )
        for each in answer.balances
    }


def test_a_transfer_is_posted_once_and_read_as_it_was_answered(ledger: Client) -> None:
    wanted = transfer("a-1", "ALLOCATION 100 cea-2024", on="2025-08-25", settled="2025-08-26")

    stored = ledger.ledger.PostTransfer(wanted)

    assert stored.name == f"{BOOK}/transfers/a-1"
    assert stored.debit_purpose == transfer_pb2.LEDGER_PURPOSE_HELD
    assert stored.credit_purpose == transfer_pb2.LEDGER_PURPOSE_ISSUANCE
    assert (stored.chain_number, len(stored.chain_hash)) == (1, 32)
    assert stored.settlement_date == day("2025-08-26")
    assert stored.principal.startswith("principals/")
    assert ledger.ledger.PostTransfer(wanted) == stored
    assert ledger.ledger.GetTransfer(pb.GetTransferRequest(name=stored.name)) == stored
    assert balances(ledger) == {
        "cea-2024 HELD": (100, 0, 100),
        "cea-2024 ISSUANCE": (-100, 0, -100),
    }


def test_what_is_pending_is_reserved_until_it_is_posted_voided_or_reversed(
    ledger: Client,
) -> None:
    post = ledger.ledger.PostTransfer
    post(transfer("a-1", "ALLOCATION 100 cea-2024"))
    post(transfer("p-1", "PENDING SALE 60 cea-2024"))
    post(transfer("p-2", "PENDING SALE 40 cea-2024"))
    assert balances(ledger)["cea-2024 HELD"] == (100, 100, 0)

    posted = post(transfer("q-1", "POST_PENDING p-1 50"))
    post(transfer("v-1", "VOID_PENDING p-2"))
    back = post(transfer("r-1", "REVERSAL q-1"))

    assert (posted.target, posted.unit_count) == (f"{BOOK}/transfers/p-1", 50)
    assert posted.kind == transfer_pb2.TRANSFER_KIND_SALE
    assert back.debit_purpose == posted.credit_purpose
    assert balances(ledger)["cea-2024 HELD"] == (100, 0, 100)
    listed = ledger.ledger.ListTransfers(pb.ListTransfersRequest(parent=BOOK)).transfers
    assert [each.name.rpartition("/")[2] for each in listed] == [
        "a-1",
        "p-1",
        "p-2",
        "q-1",
        "v-1",
        "r-1",
    ]
    assert listed[3] == posted


def test_allowances_against_cash_stand_or_fall_together(ledger: Client) -> None:
    ledger.ledger.PostTransfer(transfer("d-1", "DEPOSIT 1000 cny"))
    buy = transfer("b-1", "PURCHASE 10 cea-2024")
    dear = transfers(buy, transfer("c-1", "PAYMENT 1001 cny"))
    fair = transfers(buy, transfer("c-1", "PAYMENT 1000 cny"))

    assert refusal(ledger.ledger.PostTransfers, dear) == (
        "BALANCE_INSUFFICIENT",
        "requests[1].transfer.unit_count",
    )
    answer = ledger.ledger.PostTransfers(fair)

    assert {each.link for each in answer.transfers} == {fair.request_id}
    assert ledger.ledger.PostTransfers(fair) == answer
    fair.requests.pop()
    assert refusal(ledger.ledger.PostTransfers, fair)[0] == "REQUEST_ID_REUSED"
    assert refusal(ledger.ledger.PostTransfers, transfers(buy, buy)) == (
        "DUPLICATE_ROW",
        "requests[1]",
    )


REFUSED = {
    "FIELD_REQUIRED": ("POSTED", {"kind": 0}, "transfer.kind"),
    "FIELD_INVALID": ("POST_PENDING a-1", {"kind": 1}, "transfer.kind"),
    "SETTLEMENT_BEFORE_TRADE": ("ALLOCATION 1 cea-2024", {}, "transfer.settlement_date"),
    "NOT_FOUND": ("ALLOCATION 1 cea-2024", {}, "accounts/nobody"),
    "TRANSFER_ID_REUSED": ("ALLOCATION 2 cea-2024", {}, "transfer_id"),
    "INSTRUMENT_UNKNOWN": ("ALLOCATION 1 cea-2031", {}, "transfer.instrument"),
    "TRANSFER_KIND_UNFIT": ("DEPOSIT 1 cea-2024", {}, "transfer.kind"),
    "TRANSFER_MISSING": ("POST_PENDING nowhere", {}, "transfer.target"),
    "TRANSFER_NOT_PENDING": ("POST_PENDING a-1", {}, "transfer.target"),
    "TRANSFER_SETTLED": ("POST_PENDING voided", {}, "transfer.target"),
    "UNITS_ABOVE_PENDING": ("POST_PENDING pending 99", {}, "transfer.unit_count"),
    "TRANSFER_IRREVERSIBLE": ("REVERSAL pending", {}, "transfer.target"),
    "TRANSFER_REVERSED": ("REVERSAL reversed", {}, "transfer.target"),
    "TIMEOUT_PAST": ("PENDING SALE 1 cea-2024", {}, "transfer.timeout_time"),
    "BALANCE_INSUFFICIENT": ("SALE 1000 cea-2024", {}, "transfer.unit_count"),
}


@pytest.fixture
def furnished(ledger: Client) -> Client:
    """A book in which everything can go wrong."""
    for id_, what in (
        ("a-1", "ALLOCATION 100 cea-2024"),
        ("pending", "PENDING SALE 10 cea-2024"),
        ("voided", "PENDING SALE 10 cea-2024"),
        ("v-1", "VOID_PENDING voided"),
        ("reversed", "SALE 1 cea-2024"),
        ("r-1", "REVERSAL reversed"),
    ):
        ledger.ledger.PostTransfer(transfer(id_, what))
    return ledger


def test_every_refusal_has_a_reason_of_its_own(furnished: Client) -> None:
    before = balances(furnished)
    for reason, (what, changed, where) in REFUSED.items():
        wanted = transfer("new", "ALLOCATION 1 cea-2024" if what == "POSTED" else what)
        if reason == "SETTLEMENT_BEFORE_TRADE":
            wanted.transfer.settlement_date.CopyFrom(day("2025-08-24"))
        if reason == "NOT_FOUND":
            wanted.parent = "accounts/nobody"
        if reason == "TRANSFER_ID_REUSED":
            wanted.transfer_id = "a-1"
        if reason == "TIMEOUT_PAST":
            wanted.transfer.timeout_time.FromDatetime(datetime(2025, 1, 1, tzinfo=UTC))
        for field, value in changed.items():
            setattr(wanted.transfer, field, value)

        assert refusal(furnished.ledger.PostTransfer, wanted) == (reason, where)
    assert balances(furnished) == before


@pytest.mark.parametrize("follow_seconds", [3600.0])
def test_a_reservation_whose_time_is_over_is_not_posted_any_more(ledger: Client) -> None:
    post = ledger.ledger.PostTransfer
    post(transfer("a-1", "ALLOCATION 100 cea-2024"))
    pending = transfer("p-1", "PENDING SALE 60 cea-2024")
    pending.transfer.timeout_time.FromDatetime(datetime.now(UTC) + timedelta(seconds=0.5))
    until = post(pending).timeout_time

    while until.ToDatetime(UTC) > datetime.now(UTC):
        time.sleep(0.05)

    late = transfer("q-1", "POST_PENDING p-1")
    assert refusal(post, late) == ("TRANSFER_TIMED_OUT", "transfer.target")
    assert balances(ledger)["cea-2024 HELD"] == (100, 60, 40), "until it is released"


def test_no_balance_leaves_the_bounds_of_the_books(ledger: Client) -> None:
    largest, bound = 10**15, 10**18
    deposits = [transfer(f"d-{number}", f"DEPOSIT {largest} cny") for number in range(1000)]
    ledger.ledger.PostTransfers(transfers(*deposits))
    assert balances(ledger)["cny HELD"] == (bound, 0, bound)

    more = transfer("d-1000", "DEPOSIT 1 cny")

    assert refusal(ledger.ledger.PostTransfer, more) == (
        "BALANCE_OVERFLOW",
        "transfer.unit_count",
    )
    assert balances(ledger)["cny HELD"] == (bound, 0, bound)


def test_a_statement_of_more_than_a_file_should_have_is_refused(
    ledger: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bound is made small, so that few transfers pass it."""
    monkeypatch.setattr("services.trading.servicer.book._LONGEST_STATEMENT", 3)
    request = pb.ExportStatementRequest(
        parent=BOOK, start_date=day("2025-01-01"), end_date=day("2026-01-01")
    )
    for number in range(3):
        ledger.ledger.PostTransfer(transfer(f"a-{number}", "ALLOCATION 1 cea-2024"))
    assert ledger.ledger.ExportStatement(request).entry_count == 6
    ledger.ledger.PostTransfer(transfer("a-3", "ALLOCATION 1 cea-2024"))

    assert refusal(ledger.ledger.ExportStatement, request)[0] == "LIMIT_EXCEEDED"


def test_a_batch_is_told_all_that_is_wrong_with_it_but_for_what_only_follows(
    furnished: Client,
) -> None:
    before = balances(furnished)
    batch = transfers(
        transfer("n-1", "PURCHASE 1 cea-2024"),
        transfer("n-2", "SALE 1000 cea-2024"),
        transfer("n-3", "ALLOCATION 1 cea-2031"),
        transfer("n-4", "SALE 2000 cea-2024"),
        transfer("n-5", "REVERSAL n-2"),
        transfer("n-6", "REVERSAL reversed"),
        transfer("a-1", "ALLOCATION 7 cea-2024"),
        transfer("n-7", "ALLOCATION 1 cea-2024"),
    )

    assert fields(furnished.ledger.PostTransfers, batch) == {
        "requests[1].transfer.unit_count": "BALANCE_INSUFFICIENT",
        "requests[2].transfer.instrument": "INSTRUMENT_UNKNOWN",
        "requests[5].transfer.target": "TRANSFER_REVERSED",
        "requests[6].transfer_id": "TRANSFER_ID_REUSED",
    }
    assert balances(furnished) == before


def test_a_batch_is_told_every_field_that_its_phases_do_not_take(ledger: Client) -> None:
    batch = transfers(
        transfer("n-1", "VOID_PENDING p-1 5"),
        transfer("n-2", "ALLOCATION 1 cea-2024"),
        transfer("time-out-of-1", "ALLOCATION 1 cea-2024"),
        transfer("n-4", "ALLOCATION 1 cea-2024", settled="2025-08-24"),
    )

    assert fields(ledger.ledger.PostTransfers, batch) == {
        "requests[0].transfer.unit_count": "FIELD_INVALID",
        "requests[2].transfer_id": "FIELD_INVALID",
        "requests[3].transfer.settlement_date": "SETTLEMENT_BEFORE_TRADE",
    }


def test_what_a_phase_does_not_take_is_refused_at_its_field(furnished: Client) -> None:
    def refused(wanted: pb.PostTransferRequest) -> tuple[str, str]:
        return refusal(furnished.ledger.PostTransfer, wanted)

    with_target = transfer("new", "ALLOCATION 1 cea-2024")
    with_target.transfer.target = f"{BOOK}/transfers/a-1"
    with_instrument = transfer("new", "VOID_PENDING pending")
    with_instrument.transfer.instrument = "instruments/cea-2024"
    with_timeout = transfer("new", "ALLOCATION 1 cea-2024")
    with_timeout.transfer.timeout_time.FromDatetime(datetime(2099, 1, 1, tzinfo=UTC))
    elsewhere = transfer("new", "VOID_PENDING pending")
    elsewhere.transfer.target = "accounts/steel/transfers/pending"
    nothing = transfer("new", "VOID_PENDING pending")
    nothing.transfer.target = ""

    assert refused(with_target) == ("FIELD_INVALID", "transfer.target")
    assert refused(with_instrument) == ("FIELD_INVALID", "transfer.instrument")
    assert refused(transfer("new", "VOID_PENDING pending 5")) == (
        "FIELD_INVALID",
        "transfer.unit_count",
    )
    assert refused(with_timeout) == ("FIELD_INVALID", "transfer.timeout_time")
    assert refused(elsewhere) == ("FIELD_INVALID", "transfer.target")
    assert refused(nothing) == ("FIELD_REQUIRED", "transfer.target")
    assert refused(transfer("time-out-of-1", "SALE 1 cea-2024")) == (
        "FIELD_INVALID",
        "transfer_id",
    )
    assert refused(transfer("New", "SALE 1 cea-2024"))[0] == "NAME_INVALID"


def test_balances_are_told_as_of_each_of_three_dates(ledger: Client) -> None:
    post = ledger.ledger.PostTransfer
    first = post(transfer("a-1", "ALLOCATION 100 cea-2024", on="2025-08-25"))
    post(transfer("s-1", "SALE 30 cea-2024", on="2025-10-30", settled="2025-11-03"))

    def held(**as_of: Any) -> int | None:
        found = balances(ledger, **as_of).get("cea-2024 HELD")
        return found and found[0]

    assert held() == 70
    assert held(trade_date=day("2025-10-29")) == 100
    assert held(trade_date=day("2025-10-30")) == 70
    assert held(settlement_date=day("2025-11-02")) == 100
    assert held(settlement_date=day("2025-11-03")) == 70
    assert held(trade_date=day("2025-10-30"), settlement_date=day("2025-11-02")) == 100
    assert held(settlement_date=day("2025-08-24")) is None
    assert held(record_time=first.record_time) == 100


def test_entries_are_told_as_of_each_of_three_dates(ledger: Client) -> None:
    post = ledger.ledger.PostTransfer
    first = post(transfer("a-1", "ALLOCATION 100 cea-2024", on="2025-08-25"))
    post(transfer("s-1", "SALE 30 cea-2024", on="2025-10-30", settled="2025-11-03"))
    post(transfer("s-2", "SALE 5 cea-2024", on="2025-10-29"))

    def changes(**as_of: Any) -> list[int]:
        request = pb.ListEntriesRequest(
            parent=BOOK,
            instrument="instruments/cea-2024",
            purpose=transfer_pb2.LEDGER_PURPOSE_HELD,
            as_of=transfer_pb2.LedgerAsOf(**as_of),
        )
        return [each.change_count for each in ledger.ledger.ListEntries(request).entries]

    assert changes() == [100, -30, -5]
    assert changes(trade_date=day("2025-10-29")) == [100, -5]
    assert changes(settlement_date=day("2025-11-02")) == [100, -5]
    assert changes(settlement_date=day("2025-11-03")) == [100, -30, -5]
    assert changes(trade_date=day("2025-10-30"), settlement_date=day("2025-10-28")) == [100]
    assert changes(record_time=first.record_time) == [100]
    assert changes(settlement_date=day("2025-08-24")) == []


def test_entries_come_page_by_page_with_the_balance_after_each(ledger: Client) -> None:
    for number in range(5):
        ledger.ledger.PostTransfer(transfer(f"a-{number}", "ALLOCATION 10 cea-2024"))
        ledger.ledger.PostTransfer(transfer(f"s-{number}", "SALE 4 cea-2024"))
    request = pb.ListEntriesRequest(
        parent=BOOK,
        instrument="instruments/cea-2024",
        purpose=transfer_pb2.LEDGER_PURPOSE_HELD,
        page_size=3,
    )
    seen: list[transfer_pb2.LedgerEntry] = []
    while True:
        page = ledger.ledger.ListEntries(request)
        seen += page.entries
        if not page.next_page_token:
            break
        request.page_token = page.next_page_token

    assert [each.account_version for each in seen] == [*range(1, 11)]
    assert [each.change_count for each in seen] == [10, -4] * 5
    assert [each.balance_count for each in seen] == [10, 6, 16, 12, 22, 18, 28, 24, 34, 30]
    request.page_token = "bm8"  # noqa: S105 (a broken one)
    assert refusal(ledger.ledger.ListEntries, request) == ("PAGE_TOKEN_INVALID", "page_token")


def test_a_statement_opens_and_closes_with_what_was_there(ledger: Client) -> None:
    ledger.ledger.PostTransfer(transfer("a-1", "ALLOCATION 100 cea-2024", on="2024-08-25"))
    ledger.ledger.PostTransfer(transfer("s-1", "SALE 30 cea-2024", on="2025-10-30"))
    ledger.ledger.PostTransfer(transfer("s-2", "SALE 5 cea-2024", on="2026-01-01"))
    request = pb.ExportStatementRequest(
        parent=BOOK, start_date=day("2025-01-01"), end_date=day("2026-01-01")
    )

    found = ledger.ledger.ExportStatement(request)

    rows = [*csv.DictReader(io.StringIO(found.content.decode("utf-8-sig")))]
    assert found.file_name == "chp-2025-01-01-2026-01-01.csv"
    assert (found.entry_count, found.head.chain_number) == (2, 3)
    assert [
        (row["settlement_date"], row["line"], row["change_count"], row["balance_count"])
        for row in rows
        if row["purpose"] == "HELD"
    ] == [
        ("2025-01-01", "opening", "", "100"),
        ("2025-10-30", "entry", "-30", "70"),
        ("2025-12-31", "closing", "", "70"),
    ]
    request.end_date.CopyFrom(request.start_date)
    assert refusal(ledger.ledger.ExportStatement, request) == ("FIELD_INVALID", "end_date")


def test_a_book_is_verified_against_a_head_that_was_kept(ledger: Client) -> None:
    ledger.ledger.PostTransfer(transfer("a-1", "ALLOCATION 100 cea-2024"))
    head = ledger.ledger.VerifyLedger(pb.VerifyLedgerRequest(parent=BOOK)).head
    ledger.ledger.PostTransfer(transfer("s-1", "SALE 30 cea-2024"))

    good = ledger.ledger.VerifyLedger(pb.VerifyLedgerRequest(parent=BOOK, head=head))
    head.chain_number = 9
    cut = ledger.ledger.VerifyLedger(pb.VerifyLedgerRequest(parent=BOOK, head=head))

    assert (good.transfer_count, good.head.chain_number, len(good.findings)) == (2, 2, 0)
    assert [each.chain_number for each in cut.findings] == [9]
    assert "cut off" in cut.findings[0].text


def test_blocks_are_recorded_split_and_merged(ledger: Client) -> None:
    def record(id_: str, start: int, end: int) -> pb.RecordUnitBlockRequest:
        request = pb.RecordUnitBlockRequest(parent=BOOK, unit_block_id=id_)
        request.unit_block.instrument = "instruments/cea-2024"
        request.unit_block.start_number, request.unit_block.end_number = start, end
        request.unit_block.evidence = "registry notice"
        return request

    to = ledger.ledger
    whole = to.RecordUnitBlock(record("whole", 1, 100))
    assert to.RecordUnitBlock(record("whole", 1, 100)) == whole
    split = pb.SplitUnitBlockRequest(
        name=whole.name,
        parts=[
            pb.UnitBlockPart(unit_block_id="first", unit_count=25),
            pb.UnitBlockPart(unit_block_id="rest", unit_count=75),
        ],
        evidence="order 7",
        request_id=transfers().request_id,
    )
    parts = to.SplitUnitBlock(split).unit_blocks
    assert [(each.start_number, each.end_number, each.unit_count) for each in parts] == [
        (1, 25, 25),
        (26, 100, 75),
    ]
    assert to.SplitUnitBlock(split).unit_blocks == parts
    merge = pb.MergeUnitBlocksRequest(
        parent=BOOK,
        unit_blocks=[each.name for each in parts],
        unit_block_id="again",
        evidence="order 8",
        request_id=transfers().request_id,
    )
    again = to.MergeUnitBlocks(merge)
    assert (again.start_number, again.end_number) == (1, 100)
    assert to.ListUnitBlocks(pb.ListUnitBlocksRequest(parent=BOOK)).unit_blocks == [again]

    split.request_id = transfers().request_id
    assert refusal(to.SplitUnitBlock, split) == ("BLOCK_ENDED", whole.name)
    split.name = again.name
    split.parts[0].unit_count = 26
    assert refusal(to.SplitUnitBlock, split) == ("BLOCK_PARTS_UNEQUAL", "parts")
    split.parts[0].unit_count = 25
    assert refusal(to.SplitUnitBlock, split)[0] == "ALREADY_EXISTS"
    assert refusal(to.RecordUnitBlock, record("more", 100, 101)) == ("BLOCK_OVERLAP", again.name)
    assert refusal(to.RecordUnitBlock, record("again", 200, 201))[0] == "ALREADY_EXISTS"
    assert refusal(to.RecordUnitBlock, record("back", 9, 8))[0] == "FIELD_INVALID"
    other = to.RecordUnitBlock(record("other", 102, 110))
    merge.unit_blocks[:] = [again.name, other.name]
    merge.unit_block_id, merge.request_id = "both", transfers().request_id
    assert refusal(to.MergeUnitBlocks, merge) == ("BLOCKS_APART", "unit_blocks[1]")
    merge.unit_blocks[1] = f"{BOOK}/unitBlocks/nowhere"
    assert refusal(to.MergeUnitBlocks, merge)[0] == "NOT_FOUND"
    pages = [pb.ListUnitBlocksRequest(parent=BOOK, page_size=1)]
    first = to.ListUnitBlocks(pages[0])
    pages[0].page_token = first.next_page_token
    assert [*first.unit_blocks, *to.ListUnitBlocks(pages[0]).unit_blocks] == [again, other]


def test_an_instrument_is_registered_once(ledger: Client) -> None:
    create = ledger.ledger.CreateInstrument
    known = create(requests.create_instrument())

    assert create(requests.create_instrument()) == known
    assert refusal(create, requests.create_instrument(vintage=2025)) == (
        "ALREADY_EXISTS",
        "instruments/cea-2024",
    )
    for wrong, field in (
        (requests.create_instrument("x", vintage=0), "instrument.vintage_year"),
        (requests.create_instrument("x", kind="CASH"), "instrument.vintage_year"),
        (requests.create_instrument("x", project="p"), "instrument.project"),
        (requests.create_instrument("x", kind="OFFSET"), "instrument.project"),
    ):
        assert refusal(create, wrong) == ("FIELD_INVALID", field)
    listed = ledger.ledger.ListInstruments(pb.ListInstrumentsRequest(page_size=2))
    assert [each.name for each in listed.instruments] == [
        "instruments/cea-2023",
        "instruments/cea-2024",
    ]
    rest = pb.ListInstrumentsRequest(page_token=listed.next_page_token)
    assert [each.name for each in ledger.ledger.ListInstruments(rest).instruments] == [
        "instruments/cny"
    ]


def test_an_enterprise_reads_its_own_book_alone_and_posts_to_none(
    stand: Stand, furnished: Client
) -> None:
    own = stand.principal("ENTERPRISE", "enterprises/chp")
    stranger = stand.principal("ENTERPRISE", "enterprises/other")
    elsewhere = stand.principal("DESK", "zones/elsewhere")
    stand.mandate(elsewhere)

    assert balances(own) == balances(furnished)
    assert refusal(own.ledger.PostTransfer, transfer("x"))[0] == "PERMISSION_DENIED"
    reads = [
        (stranger.ledger.ListBalances, pb.ListBalancesRequest(parent=BOOK)),
        (stranger.ledger.ListTransfers, pb.ListTransfersRequest(parent=BOOK)),
        (stranger.ledger.VerifyLedger, pb.VerifyLedgerRequest(parent=BOOK)),
        (stranger.ledger.ListUnitBlocks, pb.ListUnitBlocksRequest(parent=BOOK)),
        (stranger.ledger.GetTransfer, pb.GetTransferRequest(name=f"{BOOK}/transfers/a-1")),
        (elsewhere.ledger.PostTransfer, transfer("x")),
        (elsewhere.ledger.PostTransfers, transfers(transfer("a-1"))),
    ]
    for method, request in reads:
        assert refusal(method, request) == ("NOT_FOUND", BOOK)  # type: ignore[arg-type]


def test_a_desk_posts_to_no_enterprise_that_is_its_zones_no_more(
    stand: Stand, ledger: Client
) -> None:
    posted = transfer("a-1", "ALLOCATION 1 cea-2024")
    ledger.ledger.PostTransfer(posted)

    stand.move("chp", "elsewhere")

    for method, request in (
        (ledger.ledger.PostTransfer, transfer("a-2", "ALLOCATION 1 cea-2024")),
        (ledger.ledger.PostTransfer, posted),
        (ledger.ledger.PostTransfers, transfers(transfer("a-3", "ALLOCATION 1 cea-2024"))),
    ):
        assert refusal(method, request) == ("NOT_FOUND", BOOK)  # type: ignore[arg-type]
