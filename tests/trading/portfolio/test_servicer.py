"""Portfolios and journals over the wire, beside a real registry, on both databases."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from services.trading.files import table
from tests.trading import requests
from tests.trading.requests import day, transfer, transfers
from tests.trading.stand import ROOT, Stand, refusal
from zonecarbon.cli.__main__ import main
from zonecarbon.client import Client
from zonecarbon.trading.v1 import portfolio_pb2, transfer_pb2
from zonecarbon.trading.v1 import portfolio_service_pb2 as pb
from zonecarbon.type.v1 import source_pb2

BOOK = "accounts/chp"
# Example G23, with the money of each trade linked to it.
TRADES = (
    ("PURCHASE 10000 cea-2024", "PAYMENT 85000000 cny", "2025-02-03"),
    ("PURCHASE 20000 cea-2024", "PAYMENT 159200000 cny", "2025-02-04"),
    ("SALE 5000 cea-2024", "PROCEEDS 45000000 cny", "2025-02-05"),
    ("SALE 5000 cea-2024", "PROCEEDS 35000000 cny", "2025-02-06"),
    ("SALE 1000 cea-2024", "PROCEEDS 9000000 cny", "2025-02-07"),
)


@pytest.fixture
def books(desk: Client, stand: Stand) -> Client:
    """The desk with a mandate to post alone, the example posted, and a close of the vintage."""
    stand.mandate(desk)
    for id_, kind, vintage in (("cea-2024", "ALLOWANCE", 2024), ("cny", "CASH", 0)):
        desk.ledger.CreateInstrument(requests.create_instrument(id_, kind=kind, vintage=vintage))
    post = desk.ledger.PostTransfer
    post(transfer("d-1", "DEPOSIT 300000000 cny", on="2025-02-01"))
    post(transfer("a-1", "ALLOCATION 50000 cea-2024", on="2025-02-02"))
    for index, (units, cash, on) in enumerate(TRADES, 1):
        desk.ledger.PostTransfers(
            transfers(transfer(f"u-{index}", units, on=on), transfer(f"c-{index}", cash, on=on))
        )
    post(transfer("s-1", "SURRENDER 60000 cea-2024", on="2025-12-20"))
    stand.client(ROOT).trading.ImportPrices(
        requests.import_prices(requests.price("76.39", start="2025-12-31", end="2026-01-01"))
    )
    return desk


def declare(client: Client, method: str = "WEIGHTED_AVERAGE") -> portfolio_pb2.CostPolicy:
    return client.portfolio.DeclareCostPolicy(
        pb.DeclareCostPolicyRequest(
            parent=BOOK,
            method=portfolio_pb2.CostMethod.Value(f"COST_METHOD_{method}"),
            sale_order=portfolio_pb2.DISPOSAL_ORDER_BOUGHT_FIRST,
            other_order=portfolio_pb2.DISPOSAL_ORDER_FREE_FIRST,
            evidence="accounting manual",
        )
    )


def disposal(free: int, of: str = "u-5") -> pb.DeclareDisposalRequest:
    return pb.DeclareDisposalRequest(
        name=f"{BOOK}/transfers/{of}", free_count=free, evidence="minutes"
    )


def portfolio(client: Client, on: str = "2025-12-31", **as_of: Any) -> portfolio_pb2.Portfolio:
    return client.portfolio.GetPortfolio(
        pb.GetPortfolioRequest(
            parent=BOOK,
            valuation_date=day(on),
            as_of=transfer_pb2.LedgerAsOf(**as_of) if as_of else None,
        )
    )


def journal_of(start: str = "2025-01-01", end: str = "2026-01-01") -> pb.GetJournalRequest:
    return pb.GetJournalRequest(parent=BOOK, start_date=day(start), end_date=day(end))


def test_the_golden_example_is_what_the_portfolio_says(books: Client) -> None:
    declare(books)
    books.portfolio.DeclareDisposal(disposal(1000))

    found = portfolio(books)

    (holding,) = found.holdings
    assert (holding.held_count, holding.surrendered_count) == (9_000, 60_000)
    assert (holding.free_count, holding.bought_count) == (0, 9_000)
    assert holding.price.price_cny_per_t.value == "76.39"
    assert holding.status == source_pb2.SOURCE_STATUS_SECONDARY
    assert holding.value.units == 687_510
    average, fifo = holding.costs
    assert average.method == portfolio_pb2.COST_METHOD_WEIGHTED_AVERAGE
    assert (average.cost.units, average.realised_gain.units) == (732_600, 76_000)
    assert average.unrealised_gain.units == 687_510 - 732_600
    assert (fifo.cost.units, fifo.realised_gain.units) == (716_400, 40_000)
    assert list(found.findings) == []


def test_the_past_is_valued_as_it_was(books: Client) -> None:
    declare(books)

    then = portfolio(books, "2025-02-04")

    (holding,) = then.holdings
    assert (holding.held_count, holding.free_count, holding.bought_count) == (
        80_000,
        50_000,
        30_000,
    )
    assert holding.costs[0].cost.units == 2_442_000
    assert not holding.HasField("value")
    assert list(holding.missing) == ["no price is known: the value is not given"]
    traded = portfolio(books, trade_date=day("2025-02-03"))
    assert traded.holdings[0].held_count == 60_000


def test_without_a_policy_no_cost_is_made_up(books: Client) -> None:
    found = portfolio(books)

    assert not found.HasField("policy")
    assert list(found.findings) == ["no cost policy is declared: cost and gain are not given"]
    assert list(found.holdings[0].costs) == []
    assert found.holdings[0].value.units == 687_510
    assert refusal(books.portfolio.GetJournal, journal_of()) == ("COST_POLICY_MISSING", BOOK)


def test_what_is_pending_ordered_and_pledged_is_told_apart(books: Client) -> None:
    post = books.ledger.PostTransfer
    post(transfer("p-1", "PENDING PURCHASE 70 cea-2024", on="2025-12-21"))
    post(transfer("p-2", "PENDING SALE 50 cea-2024", on="2025-12-21"))
    post(transfer("o-1", "ORDER 30 cea-2024", on="2025-12-21"))
    post(transfer("l-1", "PLEDGE 20 cea-2024", on="2025-12-21"))
    post(transfer("f-1", "FREEZE 10 cea-2024", on="2025-12-21"))

    (holding,) = portfolio(books).holdings

    assert (holding.pending_in_count, holding.pending_out_count) == (70, 50)
    assert (holding.ordered_count, holding.pledged_count, holding.frozen_count) == (30, 20, 10)
    assert holding.held_count == 8_940
    assert holding.value.units == 687_510


def test_a_reversed_purchase_never_cost_anything(books: Client) -> None:
    declare(books)
    books.ledger.PostTransfers(
        transfers(
            transfer("u-6", "PURCHASE 5 cea-2024", on="2025-12-22"),
            transfer("c-6", "PAYMENT 50000 cny", on="2025-12-22"),
        )
    )
    books.ledger.PostTransfer(transfer("r-6", "REVERSAL u-6", on="2025-12-22"))

    (holding,) = portfolio(books).holdings
    assert (holding.bought_count, holding.costs[0].cost.units) == (9_000, 732_600)


def test_a_purchase_without_its_money_has_no_cost(books: Client) -> None:
    declare(books)
    books.ledger.PostTransfer(transfer("u-7", "PURCHASE 5 cea-2024", on="2025-12-22"))

    found = portfolio(books)

    assert not found.holdings[0].costs[0].HasField("cost")
    assert list(found.findings) == ["u-7: what was paid for it is not known"]
    journal = books.portfolio.GetJournal(journal_of())
    assert journal.missing[-1] == "u-7: its money is not known, so nothing is entered"


def test_a_policy_is_declared_once_and_a_new_one_is_a_version(books: Client) -> None:
    assert declare(books).resource_version == declare(books).resource_version == 1
    assert declare(books, "FIFO").resource_version == 2

    costs = portfolio(books).holdings[0].costs
    assert costs[0].method == portfolio_pb2.COST_METHOD_FIFO


def test_a_disposal_is_of_a_transfer_and_not_more_than_it(books: Client) -> None:
    declared = books.portfolio.DeclareDisposal

    assert [declared(disposal(free)).resource_version for free in (1000, 1000, 0)] == [1, 1, 2]
    assert refusal(declared, disposal(1001)) == ("FIELD_INVALID", "free_count")
    assert refusal(declared, disposal(1, "nothing"))[0] == "NOT_FOUND"


def test_the_journal_balances_and_moves_as_the_example(books: Client) -> None:
    declare(books)
    books.portfolio.DeclareDisposal(disposal(1000))

    found = books.portfolio.GetJournal(journal_of())

    for entry in found.entries:
        debit = sum(line.debit.units * 10**9 + line.debit.nanos for line in entry.lines)
        assert debit == sum(line.credit.units * 10**9 + line.credit.nanos for line in entry.lines)
        assert entry.source.document_no == "财会〔2019〕22号"
    statuses = [source_pb2.SourceStatus.Name(entry.status) for entry in found.entries]
    assert statuses == ["SOURCE_STATUS_SECONDARY"] * 4 + ["SOURCE_STATUS_UNVERIFIED"] * 2
    assert [line.account_code for line in found.entries[2].lines] == ["1002", "1489", "6301"]
    assert {row.row: (row.unit_count, row.cost.units) for row in found.movement} == {
        "opening": (0, 0),
        "free": (50_000, 0),
        "bought": (30_000, 2_442_000),
        "other_in": (0, 0),
        "surrendered": (60_000, 895_400),
        "sold": (11_000, 814_000),
        "other_out": (0, 0),
        "closing": (9_000, 732_600),
    }
    wrong = journal_of("2025-02-01", "2025-02-01")
    assert refusal(books.portfolio.GetJournal, wrong) == ("FIELD_INVALID", "end_date")


@pytest.mark.parametrize("written", ["CSV", "XLSX"])
def test_the_journal_is_exported_in_both_languages(books: Client, written: str) -> None:
    declare(books)

    file = books.portfolio.ExportJournal(
        pb.ExportJournalRequest(
            parent=BOOK,
            start_date=day("2025-01-01"),
            end_date=day("2026-01-01"),
            format=pb.JournalFormat.Value(f"JOURNAL_FORMAT_{written}"),
        )
    )

    assert file.file_name == f"journal-chp-2025-01-01-2026-01-01.{written.lower()}"
    assert file.entry_count == 6
    rows = table.read(file.content).rows
    assert rows[0][0] == "日期 Date"
    assert rows[1][:5] == [
        "2025-02-03",
        "u-1",
        "1489",
        "碳排放权资产 Carbon emission allowances",
        "850000.00",
    ]
    assert [row[:3] for row in rows if row and row[0] == "期末 Closing"] == [
        ["期末 Closing", "9000", "732600.00"]
    ]


def test_portfolios_of_a_zone_add_up_and_strangers_see_none(stand: Stand, books: Client) -> None:
    listing = pb.ListPortfoliosRequest(valuation_date=day("2025-12-31"))

    found = books.portfolio.ListPortfolios(listing)

    assert [each.account for each in found.portfolios] == [BOOK]
    (total,) = found.totals
    assert (total.account_count, total.on_account_count) == (1, 9_000)
    assert (total.surrendered_count, total.value.units) == (60_000, 687_510)
    administrator = stand.client(ROOT)
    for zone, accounts in (("zones/home", [BOOK]), ("zones/elsewhere", [])):
        of_zone = pb.ListPortfoliosRequest(valuation_date=listing.valuation_date, zone=zone)
        told = administrator.portfolio.ListPortfolios(of_zone).portfolios
        assert [each.account for each in told] == accounts
    stranger = stand.principal("DESK", "zones/elsewhere")
    assert list(stranger.portfolio.ListPortfolios(listing).totals) == []
    get = pb.GetPortfolioRequest(parent=BOOK, valuation_date=day("2025-12-31"))
    assert refusal(stranger.portfolio.GetPortfolio, get)[0] == "NOT_FOUND"
    firm = stand.principal("ENTERPRISE", "enterprises/chp")
    assert firm.portfolio.GetPortfolio(get).holdings[0].held_count == 9_000


def test_the_command_line_declares_shows_and_exports(
    stand: Stand,
    books: Client,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def run(*arguments: str) -> str:
        monkeypatch.setenv("ZONECARBON_CLI_KEY", ROOT)
        monkeypatch.setenv("ZONECARBON_CLI_TRADING", stand.addresses.trading)
        monkeypatch.setattr(sys, "argv", ["zonecarbon", "portfolio", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        assert ended.value.code == 0, printed.err
        return printed.out

    evidence = ("--evidence", "manual")
    orders = ("--sales", "BOUGHT_FIRST", "--others", "FREE_FIRST")
    assert "WEIGHTED_AVERAGE" in run("policy", BOOK, "WEIGHTED_AVERAGE", *orders, *evidence)
    assert run("disposal", f"{BOOK}/transfers/u-5", "1000", *evidence) == "version 1\n"
    assert "732600" in run("show", BOOK, "--on", "2025-12-31")
    assert "687510" in run("total", "--on", "2025-12-31")
    period = ("--start", "2025-01-01", "--end", "2026-01-01")
    assert run("journal", BOOK, str(tmp_path), *period).endswith(": 6 entries\n")
    assert portfolio(books).policy.resource_version == 1
