"""Every way in on which allowances or money could move, against everyone who would do it alone."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import grpc
import pytest

from tests.trading import requests
from tests.trading.desk.people import People, approve, edit, states, submit
from tests.trading.requests import content, transfer, transfers
from tests.trading.stand import ROOT, refusal
from zonecarbon.client import Client, reason
from zonecarbon.trading.v1 import desk_service_pb2 as pb

SALE = "SALE 100 cea-2025"
SECOND = 1 / 86_400


def single(client: Client, id_: str) -> None:
    client.ledger.PostTransfer(transfer(id_, SALE))


def batch(client: Client, id_: str) -> None:
    client.ledger.PostTransfers(transfers(transfer(id_, SALE), transfer(f"{id_}-2", SALE)))


def reversal(client: Client, id_: str) -> None:
    client.ledger.PostTransfer(transfer(id_, "REVERSAL a-1"))


DIRECT = {"one transfer": single, "several": batch, "a reversal": reversal}


def test_nobody_posts_alone_without_a_mandate(people: People) -> None:
    for who in (people.maker, people.same, people.checker):
        for what, way in DIRECT.items():
            with pytest.raises(grpc.RpcError) as refused:
                way(who, "t-1")

            assert reason(refused.value) == "INSTRUCTION_REQUIRED", what
            assert people.held() == 1_000_000


def test_a_mandate_is_given_by_two_others_bounded_and_taken_back_by_one(people: People) -> None:
    stand = people.stand
    first, second = stand.client(ROOT), stand.principal("ADMINISTRATOR")
    holder = stand.principal("DESK", "zones/home")
    name = stand.mandate(holder, 100)
    single(holder, "t-1")
    assert refusal(holder.ledger.PostTransfer, transfer("t-2", "SALE 101 cea-2025")) == (
        "MANDATE_EXCEEDED",
        "transfer.unit_count",
    )
    above = transfers(transfer("t-2", SALE), transfer("t-3", "SALE 101 cea-2025"))
    assert refusal(holder.ledger.PostTransfers, above) == (
        "MANDATE_EXCEEDED",
        "requests[1].transfer.unit_count",
    )
    assert people.held() == 999_900

    # Nobody gives itself a mandate, nor approves what it proposed, nor one that lasts for ever.
    own = stand.principal("ADMINISTRATOR")
    own_name = stand.mandate(own, 1)
    for proposer, decider, whose, days, expected in (
        (first, first, own_name, 30.0, "FOUR_EYES"),
        (first, own, own_name, 30.0, "FOUR_EYES"),
        (first, second, own_name, 32.0, "FIELD_INVALID"),
    ):
        wanted = requests.limit("POST", whose, "ALLOWANCE", 10**6, days=days)
        proposed = proposer.desk.CreateLimit(wanted)
        request = pb.ApproveLimitRequest(name=proposed.name, etag=proposed.etag)
        assert refusal(decider.desk.ApproveLimit, request)[0] == expected

    for each in first.desk.ListLimits(pb.ListLimitsRequest()).limits:
        if each.principal == name:
            end = pb.RejectLimitRequest(name=each.name, etag=each.etag, reason="left the desk")
            second.desk.RejectLimit(end)
    assert refusal(holder.ledger.PostTransfer, transfer("t-4", SALE))[0] == "INSTRUCTION_REQUIRED"
    # What was posted under it is still answered as it was.
    single(holder, "t-1")
    assert people.held() == 999_900


def test_a_mandate_settles_and_reverses_no_more_than_it_posts(people: People) -> None:
    pending = transfer("p-1", "PENDING SALE 101 cea-2025")
    posted = transfer("p-2", "SALE 101 cea-2025")
    people.approved("two-persons", content(pending, posted))
    holder = people.stand.principal("DESK", "zones/home")
    people.stand.mandate(holder, 100)

    for what in ("POST_PENDING p-1", "VOID_PENDING p-1", "REVERSAL p-2"):
        assert refusal(holder.ledger.PostTransfer, transfer("s-1", what)) == (
            "MANDATE_EXCEEDED",
            "transfer.unit_count",
        ), what
    single(holder, "t-1")
    done = holder.ledger.PostTransfer(transfer("s-2", "REVERSAL t-1"))
    assert done.unit_count == 100


def attempts(people: People, id_: str, wanted: object) -> dict[str, Callable[[], str]]:
    """Everyone who would get an instruction past another person."""
    submitted = people.submitted(id_, wanted)  # type: ignore[arg-type]

    def told(method: Callable[..., object], request: object) -> str:
        try:
            method(request)
        except grpc.RpcError as error:
            return reason(error)
        return ""

    return {
        "who wrote it": lambda: told(people.maker.desk.ApproveInstruction, approve(submitted)),
        "the same person under another role": lambda: told(
            people.same.desk.ApproveInstruction, approve(submitted)
        ),
        "an administrator of nothing": lambda: told(
            people.stand.principal("SERVICE").desk.ApproveInstruction, approve(submitted)
        ),
    }


def test_neither_the_maker_nor_its_other_principals_approve(people: People) -> None:
    found = {
        who: attempt()
        for who, attempt in attempts(people, "i-1", content(transfer("i-1-t", SALE))).items()
    }

    assert found == {
        "who wrote it": "FOUR_EYES",
        "the same person under another role": "SAME_PERSON",
        "an administrator of nothing": "PERMISSION_DENIED",
    }
    assert states(people.get("i-1"))[-1] == "SUBMITTED"
    assert people.held() == 1_000_000


def test_the_scheduler_executes_nothing_that_is_not_approved_as_it_stands(people: People) -> None:
    soon = content(transfer("i-1-t", SALE), execute=1.5 * SECOND)
    approved = people.approved("i-1", soon)
    waiting = people.submitted("i-2", content(transfer("i-2-t", SALE), execute=SECOND / 10))
    changed = content(transfer("i-1-t", "SALE 7 cea-2025"), execute=SECOND / 10)
    people.maker.desk.EditInstruction(edit(approved, changed))

    until = datetime.now(UTC) + timedelta(seconds=2.5)
    while datetime.now(UTC) < until:
        assert people.held() == 1_000_000

    assert states(people.get("i-1"))[-1] == "DRAFT"
    assert states(people.get("i-2"))[-1] == "SUBMITTED"
    assert waiting.steps


def test_what_was_decided_is_not_decided_again_and_what_is_over_not_at_all(
    people: People,
) -> None:
    executed = people.approved("i-1", content(transfer("i-1-t", SALE)))
    assert refusal(people.checker.desk.ApproveInstruction, approve(executed))[0] == "STATE_WRONG"
    assert refusal(people.maker.desk.EditInstruction, edit(executed, content(transfer("x", SALE))))[
        0
    ] == ("STATE_WRONG")
    # Another instruction cannot do the same transfer again.
    again = people.draft("i-2", content(transfer("i-1-t", SALE)))
    assert refusal(people.maker.desk.SubmitInstruction, submit(again))[0] == "CHECK_FAILED"

    assert people.held() == 999_900


def test_64_persons_with_one_transfer_in_64_instructions_move_it_once(people: People) -> None:
    submitted = [
        people.submitted(f"i-{number}", content(transfer("one", SALE))) for number in range(64)
    ]
    other = people.stand.principal("DESK", "zones/home", person="staff-3")

    def attempt(number: int) -> str:
        client = (people.checker, other)[number % 2]
        try:
            client.desk.ApproveInstruction(approve(submitted[number]))
        except grpc.RpcError as error:
            return reason(error)
        return ""

    with ThreadPoolExecutor(64) as pool:
        outcomes = list(pool.map(attempt, range(64)))

    assert (outcomes.count(""), outcomes.count("CHECK_FAILED")) == (1, 63)
    assert people.held() == 999_900


def test_a_role_without_a_limit_or_above_it_moves_nothing(people: People) -> None:
    people.stand.limit("APPROVE", "DESK", "ALLOWANCE", 99)
    submitted = people.submitted("i-1", content(transfer("i-1-t", SALE)))
    assert refusal(people.checker.desk.ApproveInstruction, approve(submitted))[0] == "CHECK_FAILED"

    # A limit is loosened by two, and nobody alone brings an older one back.
    name = people.stand.limit("APPROVE", "DESK", "ALLOWANCE", 100)
    limits = people.maker.desk.ListLimits(pb.ListLimitsRequest(page_size=1000)).limits
    (found,) = (each for each in limits if each.name == name)
    end = pb.RejectLimitRequest(name=name, etag=found.etag, reason="no")
    assert refusal(people.stand.client(ROOT).desk.RejectLimit, end)[0] == "STATE_WRONG"
    people.checker.desk.ApproveInstruction(approve(submitted))
    assert people.held() == 999_900
