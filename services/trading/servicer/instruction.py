"""Instructions: written by one person, approved by another, executed with the approval."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import grpc
import sqlalchemy as sa

from services.kernel import names
from services.kernel.errors import AlreadyExists, EtagMismatch, NotFound, Several
from services.runtime import outbox, paging, revision
from services.runtime.auth import Tenant
from services.runtime.revision import Revision
from services.trading import store
from services.trading.domain.desk import instruction as domain
from services.trading.domain.desk.instruction import INSTRUCTION, Content, Instruction, State
from services.trading.domain.desk.limit import Act
from services.trading.servicer.house import House
from services.trading.store.desk.execution import Attempt
from services.trading.wire import desk as wire_desk
from services.trading.wire import instruction as wire
from zonecarbon.trading.v1 import (
    desk_service_pb2,
    desk_service_pb2_grpc,
    instruction_pb2,
)

_CHECKED = {State.SUBMITTED: Act.MAKE, State.APPROVED: Act.APPROVE}
"""The steps that an instruction must pass its checks for."""


class Instructions(desk_service_pb2_grpc.DeskServiceServicer):
    def __init__(self, house: House) -> None:
        self._house = house

    def CreateInstruction(
        self, request: desk_service_pb2.CreateInstructionRequest, context: grpc.ServicerContext
    ) -> instruction_pb2.Instruction:
        account = names.ACCOUNT.parse(request.parent, "parent")["account"]
        id_, actor = wire.check_id(request.instruction_id), wire_desk.actor()
        tenant = self._house.registry.tenant()
        with self._house.database.write() as connection:
            content = self._content(connection, tenant, request.instruction, account, id_)
            found = store.desk.instructions.find(connection, tenant, account, id_)
            if found is None:
                taken = revision.take(connection)
                step = domain.first(content, actor, taken.commit_time)
                found = store.desk.instructions.begin(
                    connection, account, id_, content, step, taken
                )
                _publish(connection, found, taken)
        if (found.steps[0].digest, found.steps[0].actor) != (content.digest(), actor):
            raise AlreadyExists(name=found.name)
        return wire.from_instruction(found)

    def GetInstruction(
        self, request: desk_service_pb2.GetInstructionRequest, context: grpc.ServicerContext
    ) -> instruction_pb2.Instruction:
        tenant = self._house.registry.tenant()
        with self._house.database.read() as connection:
            return wire.from_instruction(_get(connection, tenant, request.name))

    def ListInstructions(
        self, request: desk_service_pb2.ListInstructionsRequest, context: grpc.ServicerContext
    ) -> desk_service_pb2.ListInstructionsResponse:
        account, state = wire.to_parent(request.parent), wire.to_state(request.state)
        scope = (account, str(state))
        after, size = wire.to_page_key(paging.start(request, *scope)), paging.size(request)
        tenant = self._house.registry.tenant()
        with self._house.database.read() as connection:
            if account:
                store.accounts.get(connection, tenant, account)
            found = store.desk.instructions.page(
                connection, tenant, account=account, state=state, after=after, size=size + 1
            )
        return desk_service_pb2.ListInstructionsResponse(
            instructions=[wire.from_instruction(each) for each in found[:size]],
            next_page_token=paging.next_token(
                [wire.from_page_key(each) for each in found], size, *scope
            ),
        )

    def EditInstruction(
        self, request: desk_service_pb2.EditInstructionRequest, context: grpc.ServicerContext
    ) -> instruction_pb2.Instruction:
        actor, ids = wire_desk.actor(), INSTRUCTION.parse(request.name)
        tenant = self._house.registry.tenant()
        with self._house.database.write() as connection:
            before = _get(connection, tenant, request.name)
            content = self._content(connection, tenant, request.instruction, *ids.values())
            if content.digest() == before.last.digest:
                return wire.from_instruction(before)
            if request.etag != before.etag:
                raise EtagMismatch(name=request.name)
            taken = revision.take(connection)
            step = domain.edited(before, content, actor, taken.commit_time)
            edited = store.desk.instructions.edit(connection, before, content, step, taken)
            _publish(connection, edited, taken)
        return wire.from_instruction(edited)

    def SubmitInstruction(
        self, request: desk_service_pb2.SubmitInstructionRequest, context: grpc.ServicerContext
    ) -> instruction_pb2.Instruction:
        return self._step(request.name, request.etag, State.SUBMITTED)

    def ApproveInstruction(
        self, request: desk_service_pb2.ApproveInstructionRequest, context: grpc.ServicerContext
    ) -> instruction_pb2.Instruction:
        return self._step(request.name, request.etag, State.APPROVED)

    def RejectInstruction(
        self, request: desk_service_pb2.RejectInstructionRequest, context: grpc.ServicerContext
    ) -> instruction_pb2.Instruction:
        return self._step(request.name, request.etag, State.REJECTED, request.reason)

    def WithdrawInstruction(
        self, request: desk_service_pb2.WithdrawInstructionRequest, context: grpc.ServicerContext
    ) -> instruction_pb2.Instruction:
        return self._step(request.name, request.etag, State.WITHDRAWN, request.reason)

    def RecordInstruction(
        self, request: desk_service_pb2.RecordInstructionRequest, context: grpc.ServicerContext
    ) -> instruction_pb2.Instruction:
        return self._step(request.name, request.etag, State.RECORDED, request.evidence)

    def CheckInstruction(
        self, request: desk_service_pb2.CheckInstructionRequest, context: grpc.ServicerContext
    ) -> desk_service_pb2.CheckInstructionResponse:
        actor, tenant = wire_desk.actor(), self._house.registry.tenant()
        with self._house.database.read() as connection:
            found = _get(connection, tenant, request.name)
            act = Act.APPROVE if found.state is State.SUBMITTED else Act.MAKE
            attempt = Attempt(tenant=tenant, act=act, actor=actor, now=datetime.now(UTC))
            results = store.desk.execution.results(connection, self._house.desk, found, attempt)
        return desk_service_pb2.CheckInstructionResponse(
            results=[wire.from_result(each) for each in results]
        )

    def _step(
        self, name: str, etag: str, state: State, reason: str = ""
    ) -> instruction_pb2.Instruction:
        """Bring an instruction into a state, and execute what is approved and due."""
        actor = wire_desk.actor()
        tenant = self._house.registry.tenant()
        with self._house.database.write() as connection:
            before = _get(connection, tenant, name)
            if before.was_decided(etag, state, actor, reason):
                return wire.from_instruction(before)
            if etag != before.etag:
                raise EtagMismatch(name=name)
            taken = revision.take(connection)
            now = taken.commit_time
            step = domain.followed(before, state, actor, now, reason=reason)
            if state in _CHECKED:
                attempt = Attempt(tenant=tenant, act=_CHECKED[state], actor=actor, now=now)
                self._check(connection, before, attempt)
            after = store.desk.instructions.add(connection, before, step, taken)
            if state is State.APPROVED and after.content.is_due(now):
                after = store.desk.execution.execute(connection, after, actor, taken)
            _publish(connection, after, taken)
        return wire.from_instruction(after)

    def _check(self, connection: sa.Connection, of: Instruction, attempt: Attempt) -> None:
        """Raise every check that fails, together."""
        results = store.desk.execution.results(connection, self._house.desk, of, attempt)
        if wrong := tuple(each.error for each in results if each.fault is not None):
            raise Several.of(wrong)

    def _content(
        self,
        connection: sa.Connection,
        tenant: Tenant,
        message: instruction_pb2.Instruction,
        account: str,
        id_: str,
    ) -> Content:
        """Return what is wanted, all accounts of it being the tenant's."""
        store.accounts.get(connection, tenant, account)
        trade = wire.to_trade(message, account)
        if trade is not None and trade.counterparty:
            listed = store.desk.counterparties.find(connection, account, trade.counterparty)
            if listed is None:
                raise NotFound(name=message.trade.trusted_counterparty)
            trade = replace(trade, counter_account=listed.proposal.value.counter_account)
        content = wire.to_content(message, trade, account, id_)
        for book in sorted(content.books):
            store.accounts.get(connection, tenant, book)
        return content


def _get(connection: sa.Connection, tenant: Tenant, name: str) -> Instruction:
    ids = INSTRUCTION.parse(name)
    return store.desk.instructions.get(
        connection, tenant, name, (ids["account"], ids["instruction"])
    )


def _publish(connection: sa.Connection, each: Instruction, taken: Revision) -> None:
    outbox.publish(connection, taken, [(each.name, each.last.number)])
