"""The sample desk by four eyes: limits of two administrators, instructions of two persons."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

import grpc

from zonecarbon.client import Client, reason
from zonecarbon.registry.v1 import principal_pb2
from zonecarbon.trading.v1 import (
    desk_limit_pb2,
    desk_service_pb2,
    instruction_pb2,
    instrument_pb2,
    ledger_service_pb2,
)

_LARGEST: Final = {
    instrument_pb2.INSTRUMENT_KIND_ALLOWANCE: 10_000_000,
    instrument_pb2.INSTRUMENT_KIND_OFFSET: 1_000_000,
    instrument_pb2.INSTRUMENT_KIND_CASH: 10_000_000_000,
}
"""Tonnes, and fen."""
_DAYS: Final = 7
_NOT_FOUND: Final = "NOT_FOUND"

_State = instruction_pb2.InstructionState


def allow(first: Client, second: Client) -> None:
    """Put limits in force that one administrator proposes and another approves."""
    for act in (desk_limit_pb2.DESK_ACT_MAKE, desk_limit_pb2.DESK_ACT_APPROVE):
        for kind, largest_count in _LARGEST.items():
            words = (desk_limit_pb2.DeskAct.Name(act), instrument_pb2.InstrumentKind.Name(kind))
            of_what = "-".join(word.rpartition("_")[2].lower() for word in words)
            proposed = first.desk.CreateLimit(
                desk_service_pb2.CreateLimitRequest(
                    limit_id=f"desk-{of_what}",
                    limit=desk_limit_pb2.DeskLimit(
                        act=act,
                        role=principal_pb2.ROLE_DESK,
                        instrument_kind=kind,
                        largest_count=largest_count,
                        purpose="sample zone",
                    ),
                )
            )
            if proposed.state == desk_limit_pb2.PROPOSAL_STATE_PROPOSED:
                second.desk.ApproveLimit(
                    desk_service_pb2.ApproveLimitRequest(name=proposed.name, etag=proposed.etag)
                )


def instruct(
    maker: Client, checker: Client, together: ledger_service_pb2.PostTransfersRequest
) -> None:
    """Have transfers posted by an instruction; what was done before is not done again."""
    day = together.requests[0].transfer.trade_date
    account = together.requests[0].parent
    id_ = f"sample-{day.year:04d}-{day.month:02d}-{day.day:02d}"
    found = _find(maker, f"{account}/instructions/{id_}") or _draft(maker, account, id_, together)
    if found.state == _State.INSTRUCTION_STATE_DRAFT:
        found = maker.desk.SubmitInstruction(
            desk_service_pb2.SubmitInstructionRequest(name=found.name, etag=found.etag)
        )
    if found.state == _State.INSTRUCTION_STATE_SUBMITTED:
        found = checker.desk.ApproveInstruction(
            desk_service_pb2.ApproveInstructionRequest(name=found.name, etag=found.etag)
        )
    assert found.state == _State.INSTRUCTION_STATE_EXECUTED, found


def _draft(
    maker: Client,
    account: str,
    id_: str,
    together: ledger_service_pb2.PostTransfersRequest,
) -> instruction_pb2.Instruction:
    wanted = instruction_pb2.Instruction(
        purpose=together.requests[0].transfer.evidence, transfers=together.requests
    )
    wanted.expire_time.FromDatetime(datetime.now(UTC) + timedelta(days=_DAYS))
    return maker.desk.CreateInstruction(
        desk_service_pb2.CreateInstructionRequest(
            parent=account, instruction_id=id_, instruction=wanted
        )
    )


def _find(client: Client, name: str) -> instruction_pb2.Instruction | None:
    try:
        return client.desk.GetInstruction(desk_service_pb2.GetInstructionRequest(name=name))
    except grpc.RpcError as error:
        if reason(error) != _NOT_FOUND:
            raise
        return None
