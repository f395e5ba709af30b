"""Statements over the wire: imported once, reconciled, corrected by two people."""

from __future__ import annotations

import gzip
import hashlib
import itertools
import sys
from pathlib import Path
from typing import Any

import pytest

from services.trading.files import table
from tests.refusals import refused
from tests.trading import requests
from tests.trading.requests import day, transfer
from tests.trading.stand import ROOT, Stand, refusal
from zonecarbon.cli.__main__ import main
from zonecarbon.client import Client
from zonecarbon.trading.v1 import ledger_service_pb2
from zonecarbon.trading.v1 import reconciliation_pb2 as pb
from zonecarbon.trading.v1 import reconciliation_service_pb2 as service

MARK = "zonecarbon-statement/1 TRANSFERS"
HEAD = (
    "流水号 Line,账户,Instrument,direction,数量,单位,交割日期,成交数量,业务类型,业务编号,冲销流水号"
)
# What the desk posts, and what the registration system says of October: three differences.
POSTED = (
    ("a-1", "ALLOCATION 1000 cea-2024", "2025-10-09"),
    ("b-1", "PURCHASE 200 cea-2024", "2025-10-15"),
    ("b-2", "PURCHASE 300 cea-2024", "2025-10-16"),
    ("s-1", "SALE 50 cea-2024", "2025-10-20"),
    ("d-1", "DEPOSIT 5000000 cny", "2025-10-14"),
    ("p-1", "PLEDGE 100 cea-2024", "2025-10-21"),
)
AGREED = (
    "Z-1,chp,cea-2024,转入,1000,吨,2025-10-09,,ALLOCATION,a-1,",
    "Z-2,chp,cea-2024,IN,0.02,万吨,2025/10/15,,,,",
    "Z-5,chp,instruments/cny,收,50000.00,元,2025年10月14日,,,d-1,",
)
DIFFERENT = (
    # 300 bought, 280 delivered; a sale of 50 that is 60; a purchase that the ledger lacks.
    "Z-3,accounts/chp,cea-2024,IN,280,t,2025-10-16,300,PURCHASE,b-2,",
    "Z-4,chp,cea-2024,OUT,60,t,2025-10-20,,SALE,s-1,",
    'Z-6,chp,cea-2024,IN,"1,500",t,2025-10-27,,PURCHASE,,',
)


def text(*lines: str, mark: str = MARK) -> bytes:
    return "\n".join([mark, HEAD, *lines, ""]).encode("utf-8-sig")


def statement(
    content: bytes | None = None,
    id_: str = "october",
    *,
    kind: str = "TRANSFERS",
    start: str = "2025-10-01",
    end: str = "2025-11-01",
    **others: Any,
) -> service.ImportStatementRequest:
    return service.ImportStatementRequest(
        statement_id=id_,
        kind=pb.StatementKind.Value(f"STATEMENT_KIND_{kind}"),
        start_date=day(start),
        end_date=day(end),
        file_name="october.csv",
        content=text(*AGREED, *DIFFERENT) if content is None else content,
        evidence="downloaded from the registration system",
        **others,
    )


@pytest.fixture
def books(stand: Stand, desk: Client) -> Client:
    """The desk with a mandate to post alone, and October posted."""
    stand.mandate(desk)
    for id_, kind, vintage in (
        ("cea-2024", "ALLOWANCE", 2024),
        ("cea-2023", "ALLOWANCE", 2023),
        ("cny", "CASH", 0),
    ):
        desk.ledger.CreateInstrument(requests.create_instrument(id_, kind=kind, vintage=vintage))
    for id_, what, on in POSTED:
        desk.ledger.PostTransfer(transfer(id_, what, on=on, evidence=f"note of {id_}"))
    return desk


@pytest.fixture
def checker(stand: Stand) -> Client:
    """Another person of the desk."""
    return stand.principal("DESK", "zones/home")


def reconcile(client: Client, id_: str = "october") -> pb.Reconciliation:
    return client.reconciliation.ReconcileStatement(
        service.ReconcileStatementRequest(name=f"statements/{id_}")
    )


def told(found: pb.Reconciliation) -> dict[str, str]:
    """Each break's name by its kind."""
    return {
        pb.BreakKind.Name(each.kind).removeprefix("BREAK_KIND_"): each.name for each in found.breaks
    }


def correct(
    client: Client, name: str, id_: str = "fix", evidence: str = "statement of October"
) -> pb.Correction:
    return client.reconciliation.ProposeCorrection(
        service.ProposeCorrectionRequest(parent=name, correction_id=id_, evidence=evidence)
    )


def decision(name: str, verdict: str = "APPROVED") -> service.DecideCorrectionRequest:
    return service.DecideCorrectionRequest(
        name=name,
        verdict=service.CorrectionVerdict.Value(f"CORRECTION_VERDICT_{verdict}"),
        reason="seen the statement",
    )


def blocked(client: Client) -> set[str]:
    answer = client.reconciliation.ListAccountBlocks(service.ListAccountBlocksRequest())
    return {each.account for each in answer.blocks}


def held(client: Client) -> int:
    answer = client.ledger.ListBalances(
        ledger_service_pb2.ListBalancesRequest(
            parent="accounts/chp", instrument="instruments/cea-2024"
        )
    )
    return answer.balances[0].balance_count


def test_a_statement_is_imported_once_and_kept_as_it_came(books: Client) -> None:
    request = statement()

    first = books.reconciliation.ImportStatement(request)
    again = books.reconciliation.ImportStatement(
        statement(gzip.compress(request.content), "another-id")
    )

    assert again == first
    assert first.name == "statements/october"
    assert first.file_digest == hashlib.sha256(request.content).digest()
    assert (first.line_count, list(first.accounts)) == (6, ["accounts/chp"])
    assert first.principal.startswith("principals/")
    got = books.reconciliation.GetStatement(service.GetStatementRequest(name=first.name))
    assert got == first
    file = books.reconciliation.GetStatementFile(service.GetStatementFileRequest(name=first.name))
    assert file.content == request.content
    answer = books.reconciliation.ListStatements(service.ListStatementsRequest(page_size=1))
    assert (list(answer.statements), answer.next_page_token) == ([first], "")


def test_the_same_rows_are_read_from_any_form(books: Client) -> None:
    plain = text(*AGREED, *DIFFERENT).decode("utf-8-sig")
    rows = table.read(plain.encode()).rows
    forms = {
        "gb": plain.encode("gb18030"),
        "xlsx": table.xlsx_bytes("rows", rows),
        "plain": plain.encode(),
    }

    found = []
    for id_, content in forms.items():
        books.reconciliation.ImportStatement(statement(content, id_))
        outcome = reconcile(books, id_)
        found.append((outcome.agreed_count, sorted(told(outcome))))

    assert found == [(3, ["EXTRA", "PARTIAL_SETTLEMENT", "WRONG_QUANTITY"])] * 3


def test_the_template_is_bilingual_and_reads_as_a_form_without_lines(books: Client) -> None:
    for kind, written in itertools.product(("TRANSFERS", "HOLDINGS"), ("CSV", "XLSX")):
        file = books.reconciliation.GetStatementTemplate(
            service.GetStatementTemplateRequest(
                kind=pb.StatementKind.Value(f"STATEMENT_KIND_{kind}"),
                format=pb.StatementFormat.Value(f"STATEMENT_FORMAT_{written}"),
            )
        )

        mark, heads = table.read(file.content).rows
        assert mark[0] == f"zonecarbon-statement/1 {kind}"
        assert "账户 Account" in heads
        request = statement(file.content, kind=kind, end="2025-10-02")
        assert refusal(books.reconciliation.ImportStatement, request) == ("FILE_INVALID", "file")


def test_three_differences_are_found_named_and_block_the_account(books: Client) -> None:
    books.reconciliation.ImportStatement(statement())
    assert blocked(books) == set()

    found = reconcile(books)

    assert (found.run_number, found.line_count, found.transfer_count) == (1, 6, 5)
    assert (found.agreed_count, found.break_count) == (3, 3)
    assert set(told(found)) == {"PARTIAL_SETTLEMENT", "WRONG_QUANTITY", "EXTRA"}
    assert [[each.unit_count for each in one.differences] for one in found.breaks] == [
        [-20],
        [-10],
        [1500],
    ]
    assert [one.open_day_count for one in found.breaks] == [0, 0, 0]
    assert list(found.blocked_accounts) == ["accounts/chp"]
    assert blocked(books) == {"accounts/chp"}
    again = reconcile(books)
    assert again.run_number == 2
    assert [one.first_time for one in again.breaks] == [one.first_time for one in found.breaks]
    listed = books.reconciliation.ListBreaks(
        service.ListBreaksRequest(parent="statements/october", page_size=2)
    )
    rest = books.reconciliation.ListBreaks(
        service.ListBreaksRequest(
            parent="statements/october", page_size=2, page_token=listed.next_page_token
        )
    )
    assert [one.name for one in (*listed.breaks, *rest.breaks)] == [
        one.name for one in again.breaks
    ]


def test_a_correction_is_posted_when_a_second_person_approves_it(
    books: Client, checker: Client
) -> None:
    books.reconciliation.ImportStatement(statement())
    names = told(reconcile(books))
    before = held(books)

    proposed = {
        kind: correct(books, name, f"fix-{index}")
        for index, (kind, name) in enumerate(sorted(names.items()))
    }

    assert held(books) == before
    assert correct(books, names["EXTRA"], "fix-0") == proposed["EXTRA"]
    assert [len(each.transfers) for each in proposed.values()] == [1, 2, 2]
    for each in proposed.values():
        done = checker.reconciliation.DecideCorrection(decision(each.name))
        assert done.state == pb.CORRECTION_STATE_APPROVED
        assert done.checker not in {"", done.maker}
    assert held(books) == before + 1500 - 20 - 10
    assert blocked(books) == set()
    after = reconcile(books)
    assert (after.agreed_count, after.break_count, after.netted_count) == (6, 0, 4)
    posted = books.ledger.GetTransfer(
        ledger_service_pb2.GetTransferRequest(name="accounts/chp/transfers/fix-0-to-1")
    )
    assert posted.settlement_date == day("2025-10-27")
    assert posted.link == proposed["EXTRA"].name


def test_nobody_decides_on_what_they_proposed_and_nothing_is_decided_twice(
    books: Client, checker: Client
) -> None:
    books.reconciliation.ImportStatement(statement())
    before, proposed = held(books), correct(books, told(reconcile(books))["EXTRA"])

    assert refusal(books.reconciliation.DecideCorrection, decision(proposed.name)) == (
        "FOUR_EYES",
        proposed.name,
    )
    rejected = checker.reconciliation.DecideCorrection(decision(proposed.name, "REJECTED"))
    assert rejected.state == pb.CORRECTION_STATE_REJECTED
    assert (
        refusal(checker.reconciliation.DecideCorrection, decision(proposed.name))[0]
        == "STATE_WRONG"
    )
    assert held(books) == before
    assert blocked(books) == {"accounts/chp"}
    answer = books.reconciliation.ListCorrections(
        service.ListCorrectionsRequest(parent="statements/october")
    )
    assert [each.state for each in answer.corrections] == [pb.CORRECTION_STATE_REJECTED]


def test_another_principal_of_the_same_person_decides_on_nothing_either(
    stand: Stand, books: Client
) -> None:
    maker, same = (stand.principal("DESK", "zones/home", person="staff-7") for _ in range(2))
    maker.reconciliation.ImportStatement(statement(text(DIFFERENT[2])))
    proposed = correct(maker, told(reconcile(maker))["EXTRA"])

    assert held(books) == 1350
    assert refusal(same.reconciliation.DecideCorrection, decision(proposed.name))[0] == (
        "SAME_PERSON"
    )
    assert held(books) == 1350


def test_a_correction_that_the_ledger_refuses_stays_proposed(
    books: Client, checker: Client
) -> None:
    books.reconciliation.ImportStatement(
        statement(text(*AGREED, "Z-9,chp,cea-2024,OUT,9000,t,2025-10-20,,SALE,s-1,"))
    )
    found = reconcile(books)
    name = next(one.name for one in found.breaks if one.transfers[0].line == "s-1")
    proposed = correct(books, name)

    assert (
        refusal(checker.reconciliation.DecideCorrection, decision(proposed.name))[0]
        == "BALANCE_INSUFFICIENT"
    )
    answer = books.reconciliation.ListCorrections(
        service.ListCorrectionsRequest(parent="statements/october")
    )
    assert [each.state for each in answer.corrections] == [pb.CORRECTION_STATE_PROPOSED]


def test_what_the_statement_has_wrong_is_put_right_by_another_statement(books: Client) -> None:
    twice = text(*AGREED, "Z-7,chp,cea-2024,IN,1000,t,2025-10-09,,ALLOCATION,a-1,")
    books.reconciliation.ImportStatement(statement(twice))
    found = reconcile(books)
    assert (
        refusal(
            books.reconciliation.ProposeCorrection,
            service.ProposeCorrectionRequest(
                parent=told(found)["DUPLICATE"], correction_id="fix", evidence="x"
            ),
        )[0]
        == "BREAK_UNCORRECTABLE"
    )
    lines = [
        "Z-3,chp,cea-2024,IN,300,t,2025-10-16,,,b-2,",
        "Z-4,chp,cea-2024,OUT,50,t,2025-10-20,,,s-1,",
    ]
    # A line that it had differently before is taken: what it replaces was wrong.
    right = statement(text(*AGREED, *lines), "october-again", supersedes="statements/october")

    books.reconciliation.ImportStatement(right)

    assert blocked(books) == set()
    assert reconcile(books, "october-again").break_count == 0
    old = service.ReconcileStatementRequest(name="statements/october")
    assert refusal(books.reconciliation.ReconcileStatement, old)[0] == "STATE_WRONG"
    third = statement(text(*lines), "third", supersedes="statements/october")
    assert refusal(books.reconciliation.ImportStatement, third)[0] == "STATE_WRONG"


def test_a_line_that_came_before_is_the_same_line_or_it_is_refused(books: Client) -> None:
    books.reconciliation.ImportStatement(statement())
    same = statement(text(AGREED[0]), "a-year-later")
    other = statement(text(AGREED[0].replace("1000", "1001")), "other")

    assert books.reconciliation.ImportStatement(same).line_count == 1
    assert refusal(books.reconciliation.ImportStatement, other) == (
        "STATEMENT_LINE_REUSED",
        "3:3",
    )
    both = text(AGREED[2].replace("50000", "1"), AGREED[0].replace("1000", "1001"))
    assert refused(books.reconciliation.ImportStatement, statement(both, "both")).fields == [
        "file",
        "3:3",
        "4:4",
    ]
    assert [
        each.name
        for each in books.reconciliation.ListStatements(service.ListStatementsRequest()).statements
    ] == ["statements/a-year-later", "statements/october"]


def test_holdings_are_held_against_balances(books: Client) -> None:
    head = "Line,Account,Instrument,Quantity,Unit,Settlement date"
    rows = ["H-1,chp,cea-2024,1450,t,2025-10-31", "H-2,chp,cny,49999.99,元,2025-10-31"]
    content = "\n".join(["zonecarbon-statement/1 HOLDINGS", head, *rows]).encode("utf-8-sig")
    books.reconciliation.ImportStatement(
        statement(content, "day", kind="HOLDINGS", start="2025-10-31", end="2025-11-01")
    )

    found = reconcile(books, "day")

    assert found.agreed_count == 1
    (one,) = found.breaks
    assert one.kind == pb.BREAK_KIND_WRONG_QUANTITY
    assert [(each.instrument, each.unit_count) for each in one.differences] == [
        ("instruments/cny", -1)
    ]
    request = service.ProposeCorrectionRequest(parent=one.name, correction_id="fix", evidence="x")
    assert refusal(books.reconciliation.ProposeCorrection, request)[0] == "BREAK_UNCORRECTABLE"


REFUSED = {
    "another mark": (text(*AGREED, mark="zonecarbon-statement/1 HOLDINGS"), "FILE_INVALID", "A1"),
    "a broken quote": (text('"Z-1,chp'), "FILE_INVALID", "file"),
    "no lines": (text(), "FILE_INVALID", "file"),
    "a quantity that is none": (
        text(AGREED[0].replace("1000", "many")),
        "FILE_INVALID",
        "E3",
    ),
    "a part of a tonne": (text(AGREED[0].replace("1000", "0.5")), "FILE_INVALID", "E3"),
    "nothing moved": (text(AGREED[0].replace("1000", "0")), "FILE_INVALID", "E3"),
    "a day that is none": (
        text(AGREED[0].replace("2025-10-09", "2025-02-30")),
        "FILE_INVALID",
        "G3",
    ),
    "a day outside": (
        text(AGREED[0].replace("2025-10-09", "2025-11-01")),
        "FILE_INVALID",
        "3:3",
    ),
    "a unit of money": (text(AGREED[0].replace("吨", "元")), "FILE_INVALID", "F3"),
    "no direction": (text(AGREED[0].replace("转入", "?")), "FILE_INVALID", "D3"),
    "a kind that moves nothing": (
        text(AGREED[0].replace("ALLOCATION", "PLEDGE")),
        "FILE_INVALID",
        "I3",
    ),
    "no number of the line": (text(AGREED[0].replace("Z-1", "")), "FILE_INVALID", "A3"),
    "a number twice with other content": (
        text(AGREED[0], AGREED[0].replace("1000", "1001")),
        "FILE_INVALID",
        "4:4",
    ),
    "an unknown instrument": (
        text(AGREED[0].replace("cea-2024", "cea-1999")),
        "INSTRUMENT_UNKNOWN",
        "C3",
    ),
    "an account of nobody": (
        text(AGREED[0].replace("chp", "nobody")),
        "NOT_FOUND",
        "accounts/nobody",
    ),
    "no form at all": (b"\xff\xfe\x00", "FILE_INVALID", "file"),
    "half a gzip": (gzip.compress(text(*AGREED))[:-20], "FILE_INVALID", "file"),
    "a broken workbook": (b"PK\x03\x04 and then nothing", "FILE_INVALID", "file"),
}


def test_a_file_that_is_not_whole_is_refused_at_its_cell(books: Client) -> None:
    found = {
        what: refusal(books.reconciliation.ImportStatement, statement(content))
        for what, (content, _, _) in REFUSED.items()
    }

    assert found == {what: (reason, where) for what, (_, reason, where) in REFUSED.items()}
    wrong = text(
        AGREED[0].replace("1000", "many"),
        AGREED[1],
        AGREED[2].replace("cny", "usd"),
        "",
        AGREED[1].replace("2025/10/15", "2025-09-30").replace("Z-2", "Z-9"),
    )
    told_together = refused(books.reconciliation.ImportStatement, statement(wrong))
    assert told_together.fields == ["file", "E3", "C5", "7:7"]
    assert told_together.message.startswith('file is "3": so many of its lines are wrong')
    answer = books.reconciliation.ListStatements(service.ListStatementsRequest())
    assert list(answer.statements) == []


def test_a_period_has_days_and_holdings_have_one(books: Client) -> None:
    for request in (
        statement(end="2025-10-01"),
        statement(kind="HOLDINGS", end="2025-10-03"),
        statement(supersedes="statements/october"),
    ):
        assert refusal(books.reconciliation.ImportStatement, request)[0] == "FIELD_INVALID"


def test_an_id_is_of_one_statement(books: Client) -> None:
    books.reconciliation.ImportStatement(statement())

    other = statement(text(AGREED[1]))
    assert refusal(books.reconciliation.ImportStatement, other) == (
        "ALREADY_EXISTS",
        "statements/october",
    )


def test_a_stranger_sees_no_statement_and_firms_have_no_such_call(
    stand: Stand, books: Client
) -> None:
    books.reconciliation.ImportStatement(statement())
    found = reconcile(books)
    stranger = stand.principal("DESK", "zones/elsewhere")

    get = service.GetStatementRequest(name="statements/october")
    assert refusal(stranger.reconciliation.GetStatement, get)[0] == "NOT_FOUND"
    request = service.ReconcileStatementRequest(name="statements/october")
    assert refusal(stranger.reconciliation.ReconcileStatement, request)[0] == "NOT_FOUND"
    proposal = service.ProposeCorrectionRequest(
        parent=found.breaks[0].name, correction_id="fix", evidence="x"
    )
    assert refusal(stranger.reconciliation.ProposeCorrection, proposal)[0] == "NOT_FOUND"
    assert blocked(stranger) == set()
    listing = stranger.reconciliation.ListStatements(service.ListStatementsRequest())
    assert list(listing.statements) == []
    # The same file of accounts that are not theirs is not told of either.
    assert refusal(stranger.reconciliation.ImportStatement, statement())[0] == "NOT_FOUND"
    firm = stand.principal("ENTERPRISE", "enterprises/chp")
    assert refusal(firm.reconciliation.GetStatement, get)[0] == "PERMISSION_DENIED"


def test_the_command_line_imports_reconciles_and_corrects(
    stand: Stand,
    books: Client,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def run(*arguments: str) -> tuple[object, str, str]:
        monkeypatch.setenv("ZONECARBON_CLI_KEY", ROOT)
        monkeypatch.setenv("ZONECARBON_CLI_TRADING", stand.addresses.trading)
        monkeypatch.setattr(sys, "argv", ["zonecarbon", "statements", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return ended.value.code, printed.out, printed.err

    file = tmp_path / "october.csv"
    file.write_bytes(text(*AGREED, *DIFFERENT))
    period = ("--start", "2025-10-01", "--end", "2025-11-01", "--evidence", "downloaded")

    assert run("template", "HOLDINGS", str(tmp_path))[0] == 0
    assert run("import", "october", str(file), *period)[1] == (
        "statements/october: 6 lines, 1 accounts\n"
    )
    assert "6 lines, october.csv" in run("list")[1]
    code, out, err = run("reconcile", "october")
    assert code == 1
    assert out == "3 of 6 lines agree, 3 breaks, blocked: accounts/chp\n"
    assert "ledger nothing; statement Z-6 1500" in err
    assert "PARTIAL_SETTLEMENT" in run("breaks", "october")[1]
    assert run("blocks")[1].count("accounts/chp") == 3
    extra = told(reconcile(books))["EXTRA"]
    assert run("correct", extra, "fix", "--evidence", "statement")[0] == 0
    name = "statements/october/corrections/fix"
    code, _, err = run("decide", name, "APPROVED", "--reason", "seen")
    assert (code, "have another principal decide" in err) == (1, True)
    assert books.reconciliation.DecideCorrection(decision(name)).checker
    assert f"{name} APPROVED" in run("corrections", "october")[1]
    folder = tmp_path / "fetched"
    folder.mkdir()
    run("fetch", "october", str(folder))
    assert (folder / "october.csv").read_bytes() == file.read_bytes()
