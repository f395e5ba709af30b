"""`zonecarbon desk` and `zonecarbon trade`, against the services."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from tests.trading import requests
from tests.trading.desk.people import People
from tests.trading.desk.test_trades import CLOSE
from tests.trading.stand import ROOT
from zonecarbon.cli.__main__ import main
from zonecarbon.client import Client
from zonecarbon.trading.v1 import desk_service_pb2 as pb

Command = Callable[..., tuple[object, str, str]]
BOOK = "accounts/chp"


@pytest.fixture
def run(
    people: People, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """Runs the command line as the first administrator; returns code, output and errors."""

    def command(*arguments: str) -> tuple[object, str, str]:
        monkeypatch.setenv("ZONECARBON_CLI_KEY", ROOT)
        monkeypatch.setenv("ZONECARBON_CLI_TRADING", people.stand.addresses.trading)
        monkeypatch.setattr(sys, "argv", ["zonecarbon", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return ended.value.code, printed.out, printed.err

    return command


def approve(client: Client, name: str) -> None:
    found = client.desk.GetInstruction(pb.GetInstructionRequest(name=name))
    client.desk.ApproveInstruction(pb.ApproveInstructionRequest(name=name, etag=found.etag))


def test_an_instruction_goes_its_way_and_its_writer_does_not_approve_it(
    people: People, run: Command
) -> None:
    said = ("--on", "2026-07-21", "--purpose", "2025 obligation", "--evidence", "notice")
    name = f"{BOOK}/instructions/s-1"
    code, out, error = run("desk", "draft", BOOK, "s-1", "SALE", "100", "cea-2025", *said)
    assert (code, error) == (0, "")
    assert '"state": "INSTRUCTION_STATE_DRAFT"' in out
    assert run("desk", "check", name)[0] == 0
    run("desk", "submit", name)

    code, _, error = run("desk", "approve", name)

    assert (code, "another principal" in error) == (1, True)
    assert people.held() == 1_000_000
    approve(people.checker, name)
    assert run("desk", "list", BOOK, "--state", "EXECUTED")[1] == (
        f"{name} EXECUTED: 2025 obligation\n"
    )
    run("desk", "record", name, "--evidence", "statement line 4")
    assert '"reason": "statement line 4"' in run("desk", "show", name)[1]
    assert people.held() == 999_900


def test_a_draft_is_refused_withdrawn_and_shows_what_is_wrong(run: Command) -> None:
    said = ("--on", "2026-07-21", "--purpose", "test", "--evidence", "notice")
    for id_, count in (("s-1", "100"), ("s-2", "2000000")):
        run("desk", "draft", BOOK, id_, "SALE", count, "cea-2025", *said)
    run("desk", "submit", f"{BOOK}/instructions/s-1")
    run("desk", "reject", f"{BOOK}/instructions/s-1", "--reason", "not now")
    code, out, _ = run("desk", "check", f"{BOOK}/instructions/s-2")
    run("desk", "withdraw", f"{BOOK}/instructions/s-2", "--reason", "a slip")

    assert (code, "1005 transfers[0] FAILS" in out) == (1, True)
    assert run("desk", "list")[1].splitlines() == [
        f"{BOOK}/instructions/s-1 REJECTED: test",
        f"{BOOK}/instructions/s-2 WITHDRAWN: test",
    ]


def test_a_trade_is_written_with_its_transfers(people: People, run: Command) -> None:
    people.stand.client(ROOT).trading.ImportPrices(requests.import_prices(CLOSE))
    trade = ("trade", "record", BOOK, "b-1", "LISTED", "BUY", "1000", "cea-2025", "90.80")
    told = ("--made", "2026-07-21T10:00:00", "--purpose", "cover", "--evidence", "note 17")

    code, out, _ = run(*trade, *told, "--charge", "12.50")

    assert code == 0
    assert '"transfer_id": "b-1-charge"' in out.replace("transferId", "transfer_id")
    assert run("desk", "check", f"{BOOK}/instructions/b-1")[0] == 0
    assert run(*trade, *told, "--charge", "much")[0] == 2


def test_limits_and_counterparties_are_proposed_and_not_approved_by_who_proposed_them(
    run: Command,
) -> None:
    code, _, _ = run("desk", "limit", "l-1", "MAKE", "DESK", "CASH", "5", "--purpose", "test")
    assert code == 0
    assert 'limits/l-1 PROPOSED "1": DESK MAKE CASH up to 5' in run("desk", "limits")[1]
    assert run("desk", "approve-limit", "limits/l-1", '"1"')[0] == 1
    code, out, _ = run(
        *("desk", "trust", BOOK, "mill", "Steel Works", "91320500MA1MA0K41R"),
        *("--account", "accounts/steel", "--evidence", "contract"),
    )
    assert (code, "PROPOSAL_STATE_PROPOSED" in out) == (0, True)
    name = f"{BOOK}/trustedCounterparties/mill"
    assert run("desk", "approve-trust", name, '"1"')[0] == 1
