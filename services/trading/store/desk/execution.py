"""Executes an approved instruction: its transfers are posted in the transaction of its step."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from services.kernel.errors import DomainError
from services.runtime.auth import EVERYONE, Tenant
from services.runtime.revision import Revision
from services.trading.domain.desk import check, instruction
from services.trading.domain.desk.actor import Actor
from services.trading.domain.desk.checks.case import Case
from services.trading.domain.desk.instruction import Instruction, State
from services.trading.domain.desk.limit import Act
from services.trading.domain.desk.rules import DeskRules
from services.trading.store.desk import facts, instructions
from services.trading.store.ledger import posting
from services.trading.store.ledger.group import Group


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """Who would submit or approve an instruction, and when."""

    tenant: Tenant
    act: Act
    actor: Actor
    now: datetime


def results(
    connection: sa.Connection, rules: DeskRules, of: Instruction, attempt: Attempt
) -> list[check.Result]:
    """Return every check of an instruction, passed or not."""
    begin = next(each for each in of.steps if each.version == of.last.version)
    whole = Case(
        field="",
        kind="",
        account=of.account,
        content=of.content,
        act=attempt.act,
        actor=attempt.actor,
        now=attempt.now,
        begin=begin.record_time,
        makers=[each for each in (of.maker, of.submitter) if each is not None],
        facts=facts.load(connection, attempt.tenant, rules, of.account, of.content),
    )
    return check.run(rules.checks, whole)


def execute(
    connection: sa.Connection, of: Instruction, actor: Actor, revision: Revision
) -> Instruction:
    """Post the transfers of an approved instruction, or say why the ledger refused them.

    Raises:
        StateWrong, InstructionExpired: it is not approved, or its time is over.
    """
    link = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{of.name}/{of.last.version}"))
    now = revision.commit_time
    step = instruction.followed(of, State.EXECUTED, actor, now, link=link)
    group = Group(wanted=of.content.wanted, principal=actor.principal, request_id=link)
    (outcome,) = posting.post_in(connection, [group], now)
    if isinstance(outcome, DomainError):
        return fail(connection, of, actor, str(outcome), revision)
    return instructions.add(connection, of, step, revision)


def execute_due(
    connection: sa.Connection, rules: DeskRules, of: Instruction, actor: Actor, revision: Revision
) -> Instruction:
    """Execute an instruction that was approved before, if it still passes its checks.

    They are those of who approved it, as of now.
    """
    attempt = Attempt(
        tenant=EVERYONE, act=Act.APPROVE, actor=of.last.actor, now=revision.commit_time
    )
    found = results(connection, rules, of, attempt)
    wrong = [str(each.error) for each in found if each.fault is not None]
    if wrong:
        return fail(connection, of, actor, " ".join(wrong), revision)
    return execute(connection, of, actor, revision)


def fail(
    connection: sa.Connection, of: Instruction, actor: Actor, reason: str, revision: Revision
) -> Instruction:
    """Record that an approved instruction was not executed, and why."""
    step = instruction.followed(of, State.FAILED, actor, revision.commit_time, reason=reason)
    return instructions.add(connection, of, step, revision)
