"""Who works at the desk in a test, and what they do in one word."""

from __future__ import annotations

from dataclasses import dataclass

import grpc
from google.rpc import error_details_pb2

from tests.trading import requests
from tests.trading.stand import Stand
from zonecarbon.client import Client, status
from zonecarbon.trading.v1 import desk_service_pb2 as pb
from zonecarbon.trading.v1 import instruction_pb2, ledger_service_pb2, transfer_pb2

STATES = instruction_pb2.InstructionState


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Two persons; `same` is another principal of the maker."""

    stand: Stand
    maker: Client
    same: Client
    checker: Client

    def draft(
        self, id_: str, wanted: instruction_pb2.Instruction, account: str = "chp"
    ) -> instruction_pb2.Instruction:
        """Write a draft as the maker."""
        return self.maker.desk.CreateInstruction(
            requests.create_instruction(id_, wanted, account=account)
        )

    def submitted(
        self, id_: str, wanted: instruction_pb2.Instruction, account: str = "chp"
    ) -> instruction_pb2.Instruction:
        """Write and submit as the maker."""
        return self.maker.desk.SubmitInstruction(submit(self.draft(id_, wanted, account)))

    def approved(
        self, id_: str, wanted: instruction_pb2.Instruction, account: str = "chp"
    ) -> instruction_pb2.Instruction:
        """Write and submit as the maker, approve as the checker."""
        return self.checker.desk.ApproveInstruction(approve(self.submitted(id_, wanted, account)))

    def get(self, id_: str, account: str = "chp") -> instruction_pb2.Instruction:
        """Read it as the maker."""
        name = f"accounts/{account}/instructions/{id_}"
        return self.maker.desk.GetInstruction(pb.GetInstructionRequest(name=name))

    def held(self, instrument: str = "cea-2025", account: str = "chp") -> int:
        """What the account holds."""
        answer = self.maker.ledger.ListBalances(
            ledger_service_pb2.ListBalancesRequest(
                parent=f"accounts/{account}", instrument=f"instruments/{instrument}"
            )
        )
        return sum(
            each.balance_count
            for each in answer.balances
            if each.purpose == transfer_pb2.LEDGER_PURPOSE_HELD
        )


def submit(of: instruction_pb2.Instruction) -> pb.SubmitInstructionRequest:
    return pb.SubmitInstructionRequest(name=of.name, etag=of.etag)


def approve(of: instruction_pb2.Instruction) -> pb.ApproveInstructionRequest:
    return pb.ApproveInstructionRequest(name=of.name, etag=of.etag)


def reject(of: instruction_pb2.Instruction, reason: str = "wrong") -> pb.RejectInstructionRequest:
    return pb.RejectInstructionRequest(name=of.name, etag=of.etag, reason=reason)


def withdraw(of: instruction_pb2.Instruction) -> pb.WithdrawInstructionRequest:
    return pb.WithdrawInstructionRequest(name=of.name, etag=of.etag, reason="not needed")


def record(of: instruction_pb2.Instruction) -> pb.RecordInstructionRequest:
    return pb.RecordInstructionRequest(name=of.name, etag=of.etag, evidence="statement line 4")


def edit(
    of: instruction_pb2.Instruction, wanted: instruction_pb2.Instruction
) -> pb.EditInstructionRequest:
    return pb.EditInstructionRequest(name=of.name, etag=of.etag, instruction=wanted)


def states(of: instruction_pb2.Instruction) -> list[str]:
    """The states that it went through."""
    return [STATES.Name(each.state).removeprefix("INSTRUCTION_STATE_") for each in of.steps]


def violations(error: grpc.RpcError) -> list[tuple[str, str]]:
    """The fields that a refusal tells of, with what is wrong."""
    found = status(error)
    assert found is not None
    bad = error_details_pb2.BadRequest()
    assert any(detail.Unpack(bad) for detail in found.details)
    return [(each.field, each.description) for each in bad.field_violations]
