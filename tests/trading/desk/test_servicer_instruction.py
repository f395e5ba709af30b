"""Instructions over the wire, beside a real registry, on SQLite and on PostgreSQL."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest

from tests.trading import requests
from tests.trading.desk import people as by
from tests.trading.desk.people import (
    People,
    approve,
    edit,
    record,
    reject,
    states,
    submit,
    withdraw,
)
from tests.trading.requests import content, transfer
from tests.trading.stand import PATIENCE_S, refusal
from zonecarbon.client import reason
from zonecarbon.trading.v1 import desk_service_pb2 as pb
from zonecarbon.trading.v1 import instruction_pb2, ledger_service_pb2

SALE = "SALE 100 cea-2025"


def sale(id_: str, count: int = 100) -> instruction_pb2.Instruction:
    return content(transfer(f"{id_}-t", f"SALE {count} cea-2025"))


def test_what_one_writes_and_another_approves_is_posted_and_then_recorded(
    people: People,
) -> None:
    draft = people.draft("i-1", sale("i-1"))
    submitted = people.maker.desk.SubmitInstruction(submit(draft))
    assert people.held() == 1_000_000

    executed = people.checker.desk.ApproveInstruction(approve(submitted))

    assert people.held() == 999_900
    assert states(executed) == ["DRAFT", "SUBMITTED", "APPROVED", "EXECUTED"]
    posted = people.maker.ledger.GetTransfer(
        ledger_service_pb2.GetTransferRequest(name="accounts/chp/transfers/i-1-t")
    )
    assert (posted.link, posted.principal) == (executed.link, executed.steps[2].principal)
    assert {each.content_digest for each in executed.steps} == {executed.content_digest}
    assert [each.person for each in executed.steps] == ["staff-1", "staff-1", "staff-2", "staff-2"]
    last = people.maker.desk.RecordInstruction(record(executed))
    assert states(last)[-1] == "RECORDED"
    assert last.steps[-1].reason == "statement line 4"
    assert people.get("i-1") == last
    # Decisions that are repeated answer as they did.
    assert people.checker.desk.ApproveInstruction(approve(submitted)) == last
    assert people.draft("i-1", draft) == last


def test_what_is_edited_after_its_approval_is_approved_no_more(people: People) -> None:
    later = content(transfer("i-1-t", SALE), execute=0.5)
    approved = people.approved("i-1", later)
    assert states(approved)[-1] == "APPROVED"
    changed = content(transfer("i-1-t", "SALE 999 cea-2025"), execute=0.5)

    edited = people.maker.desk.EditInstruction(edit(approved, changed))

    assert (states(edited)[-1], edited.content_version) == ("DRAFT", 2)
    assert edited.content_digest != approved.content_digest
    assert refusal(people.checker.desk.ApproveInstruction, approve(approved))[0] == "ETAG_MISMATCH"
    assert refusal(people.checker.desk.ApproveInstruction, approve(edited))[0] == "STATE_WRONG"
    # The same content again is no edit.
    assert people.maker.desk.EditInstruction(edit(edited, edited)) == edited
    submitted = people.checker.desk.SubmitInstruction(submit(edited))
    # Now the maker wrote it and the checker handed it in: neither may approve.
    assert refusal(people.checker.desk.ApproveInstruction, approve(submitted))[0] == "FOUR_EYES"
    assert refusal(people.maker.desk.ApproveInstruction, approve(submitted))[0] == "FOUR_EYES"
    third = people.stand.principal("DESK", "zones/home", person="staff-3")
    assert states(third.desk.ApproveInstruction(approve(submitted)))[-1] == "APPROVED"


def test_what_was_refused_can_be_corrected_and_what_was_withdrawn_cannot(people: People) -> None:
    submitted = people.submitted("i-1", sale("i-1"))
    blank = reject(submitted, " ")
    assert refusal(people.checker.desk.RejectInstruction, blank) == ("FIELD_REQUIRED", "reason")
    rejected = people.checker.desk.RejectInstruction(reject(submitted, "too much"))
    assert (states(rejected)[-1], rejected.steps[-1].reason) == ("REJECTED", "too much")
    assert refusal(people.maker.desk.SubmitInstruction, submit(rejected))[0] == "STATE_WRONG"

    edited = people.maker.desk.EditInstruction(edit(rejected, sale("i-1", 50)))
    withdrawn = people.maker.desk.WithdrawInstruction(withdraw(edited))

    assert states(withdrawn)[-2:] == ["DRAFT", "WITHDRAWN"]
    assert refusal(people.maker.desk.EditInstruction, edit(withdrawn, sale("i-1", 51)))[0] == (
        "STATE_WRONG"
    )
    assert people.held() == 1_000_000


def test_what_the_ledger_refuses_fails_with_its_reason_and_posts_nothing(people: People) -> None:
    later = content(
        transfer("i-1-t", "SALE 600000 cea-2025"),
        transfer("i-1-u", "DEPOSIT 1 cny"),
        execute=0.00001,
    )
    submitted = people.submitted("i-1", later)
    people.approved("i-2", content(transfer("i-2-t", "SALE 600000 cea-2025")))

    # The check sees it at the approval already.
    assert refusal(people.checker.desk.ApproveInstruction, approve(submitted)) == (
        "CHECK_FAILED",
        "transfers[0]",
    )
    assert states(people.get("i-1"))[-1] == "SUBMITTED"


def wait(people: People, id_: str, state: str) -> instruction_pb2.Instruction:
    deadline = time.monotonic() + PATIENCE_S
    while states(found := people.get(id_))[-1] != state:
        assert time.monotonic() < deadline, states(found)
        time.sleep(0.02)
    return found


def test_the_service_executes_at_its_time_what_still_passes_its_checks(people: People) -> None:
    second = 1 / 86_400
    for id_, count in (("i-1", 600_000), ("i-2", 600_001)):
        wanted = content(transfer(f"{id_}-t", f"SALE {count} cea-2025"), execute=2 * second)
        assert states(people.approved(id_, wanted))[-1] == "APPROVED"

    done, failed = wait(people, "i-1", "EXECUTED"), wait(people, "i-2", "FAILED")

    assert done.steps[-1].principal == "services/trading"
    assert "check 1005" in failed.steps[-1].reason
    assert people.held() == 400_000
    edited = people.maker.desk.EditInstruction(edit(failed, sale("i-2", 7)))
    again = people.checker.desk.ApproveInstruction(
        approve(people.maker.desk.SubmitInstruction(submit(edited)))
    )
    assert states(again)[-1] == "EXECUTED"
    assert people.held() == 399_993


def test_what_waits_too_long_expires(people: People) -> None:
    second = 1 / 86_400
    submitted = people.submitted("i-1", content(transfer("i-1-t", SALE), expire=1.5 * second))

    expired = wait(people, "i-1", "EXPIRED")

    assert refusal(people.checker.desk.ApproveInstruction, approve(submitted))[0] == "ETAG_MISMATCH"
    assert refusal(people.checker.desk.ApproveInstruction, approve(expired))[0] == "STATE_WRONG"
    assert people.held() == 1_000_000


def test_of_64_who_approve_at_once_one_does_and_it_is_executed_once(people: People) -> None:
    submitted = people.submitted("i-1", sale("i-1"))
    checkers = [
        people.stand.principal("DESK", "zones/home", person=f"checker-{number}")
        for number in range(8)
    ]

    def attempt(number: int) -> str:
        try:
            checkers[number % 8].desk.ApproveInstruction(approve(submitted))
        except grpc.RpcError as error:
            return reason(error)
        return ""

    with ThreadPoolExecutor(64) as pool:
        outcomes = list(pool.map(attempt, range(64)))

    # The eight calls of the one who was first answer as the first did; all others came too late.
    assert (outcomes.count(""), outcomes.count("ETAG_MISMATCH")) == (8, 56)
    assert states(people.get("i-1")) == ["DRAFT", "SUBMITTED", "APPROVED", "EXECUTED"]
    assert people.held() == 999_900


def test_an_instruction_is_seen_by_those_who_may_see_all_its_accounts(people: People) -> None:
    both = content(transfer("b-1", SALE), transfer("b-1", "PURCHASE 1 cea-2025", account="steel"))
    people.submitted("both", both)
    people.submitted("own", sale("own"))
    people.approved("done", sale("done"))
    enterprise = people.stand.principal("ENTERPRISE", "enterprises/chp")
    elsewhere = people.stand.principal("DESK", "zones/elsewhere")

    def listed(client: object, parent: str = "accounts/-", **how: object) -> list[str]:
        answer = client.desk.ListInstructions(  # type: ignore[attr-defined]
            pb.ListInstructionsRequest(parent=parent, **how)  # type: ignore[arg-type]
        )
        return [each.name.rpartition("/")[2] for each in answer.instructions]

    assert listed(people.checker) == ["both", "done", "own"]
    assert listed(people.checker, state=instruction_pb2.INSTRUCTION_STATE_DRAFT) == []
    assert listed(people.checker, state=instruction_pb2.INSTRUCTION_STATE_EXECUTED) == ["done"]
    assert listed(people.checker, state=instruction_pb2.INSTRUCTION_STATE_SUBMITTED) == [
        "both",
        "own",
    ]
    assert listed(enterprise) == listed(enterprise, "accounts/chp") == ["done", "own"]
    assert listed(elsewhere) == []
    name = "accounts/chp/instructions/both"
    for client in (enterprise, elsewhere):
        read = pb.GetInstructionRequest(name=name)
        assert refusal(client.desk.GetInstruction, read) == ("NOT_FOUND", name)
    foreign = content(transfer("x", SALE, account="other"))
    request = requests.create_instruction("x", foreign)
    assert refusal(people.maker.desk.CreateInstruction, request) == ("NOT_FOUND", "accounts/other")
    first = people.checker.desk.ListInstructions(
        pb.ListInstructionsRequest(parent="accounts/-", page_size=1)
    )
    token = first.next_page_token
    assert listed(people.checker, page_token=token) == ["done", "own"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"purpose": " "}, ("FIELD_REQUIRED", "instruction.purpose")),
        ({"execute": 2.0, "expire": 1.0}, ("FIELD_INVALID", "instruction.expire_time")),
    ],
)
def test_a_draft_says_what_it_is_for_and_until_when(
    people: People, change: dict[str, float], expected: tuple[str, str]
) -> None:
    wanted = content(transfer("t-1", SALE), **change)  # type: ignore[arg-type]
    request = requests.create_instruction("i-1", wanted)

    assert refusal(people.maker.desk.CreateInstruction, request) == expected


def test_a_draft_names_each_transfer_once_and_at_least_one(people: People) -> None:
    twice = content(transfer("t-1", SALE), transfer("t-1", SALE))
    create = people.maker.desk.CreateInstruction

    assert refusal(create, requests.create_instruction("i-1", twice))[0] == "DUPLICATE_ROW"
    assert refusal(create, requests.create_instruction("i-1", content())) == (
        "FIELD_REQUIRED",
        "instruction.transfers",
    )
    long = "i" * 51
    assert refusal(create, requests.create_instruction(long, sale("t"))) == (
        "FIELD_INVALID",
        "instruction_id",
    )
    people.draft("i-1", sale("i-1"))
    other = requests.create_instruction("i-1", sale("i-1", 5))
    assert refusal(create, other)[0] == "ALREADY_EXISTS"
    same = requests.create_instruction("i-1", sale("i-1"))
    assert refusal(people.checker.desk.CreateInstruction, same)[0] == "ALREADY_EXISTS"


def test_all_checks_that_fail_are_told_together_and_beforehand(people: People) -> None:
    wanted = content(
        transfer("t-1", "SALE 2000000 cea-2025", on="2099-01-01"),
        transfer("a-1", "SALE 1 gold"),
        expire=90,
    )
    draft = people.draft("i-1", wanted)

    results = people.maker.desk.CheckInstruction(
        pb.CheckInstructionRequest(name=draft.name)
    ).results

    wrong = {(each.field, each.check_number) for each in results if not each.passed}
    assert wrong == {
        ("transfers[0]", 1104),
        ("transfers[0]", 1008),
        ("transfers[0]", 1005),
        ("transfers[1]", 1104),
        ("transfers[1]", 1002),
        ("transfers[1]", 1006),
        ("transfers[1]", 1005),
    }
    assert all(each.text and each.source.title for each in results)
    with pytest.raises(grpc.RpcError) as refused:
        people.maker.desk.SubmitInstruction(submit(draft))
    told = by.violations(refused.value)
    assert {field for field, _ in told} == {"transfers[0]", "transfers[1]"}
    assert len(told) == len(wrong)
    assert all("check 1" in text for _, text in told)
