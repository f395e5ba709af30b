"""An instruction: what moves allowances or money, written by one person and approved by another.

    DRAFT → SUBMITTED → APPROVED → EXECUTED → RECORDED
                                 → FAILED
                      → REJECTED

An edit makes a new version and leads back to DRAFT from all but the last states, so what was
approved before is approved no more. What was not executed can be withdrawn, and expires.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

import orjson

from services.kernel.errors import FieldRequired, InstructionExpired, StateWrong
from services.kernel.names import Pattern
from services.trading.domain.desk.actor import Actor
from services.trading.domain.desk.trade import Trade
from services.trading.domain.ledger.transfer import Wanted, microseconds

INSTRUCTION: Final = Pattern("accounts/{account}/instructions/{instruction}")


class State(StrEnum):
    """Where an instruction stands; the contract says it in words."""

    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    APPROVED = "APPROVED"
    EXECUTED = "EXECUTED"
    RECORDED = "RECORDED"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"
    EXPIRED = "EXPIRED"
    FAILED = "FAILED"


_BEFORE: Final[Mapping[State, frozenset[State]]] = {
    State.DRAFT: frozenset(
        {State.DRAFT, State.SUBMITTED, State.APPROVED, State.REJECTED, State.FAILED}
    ),
    State.SUBMITTED: frozenset({State.DRAFT}),
    State.APPROVED: frozenset({State.SUBMITTED}),
    State.EXECUTED: frozenset({State.APPROVED}),
    State.FAILED: frozenset({State.APPROVED}),
    State.RECORDED: frozenset({State.EXECUTED}),
    State.REJECTED: frozenset({State.SUBMITTED}),
    State.WITHDRAWN: frozenset(
        {State.DRAFT, State.SUBMITTED, State.APPROVED, State.REJECTED, State.FAILED}
    ),
    State.EXPIRED: frozenset({State.DRAFT, State.SUBMITTED, State.APPROVED}),
}
"""Which states each may follow; migration 0004 says the same to the database."""

OPEN: Final = _BEFORE[State.EXPIRED]
"""States that end with the time of the instruction."""

_IN_TIME: Final = frozenset({State.SUBMITTED, State.APPROVED, State.EXECUTED})
_WITH_REASON: Final = frozenset({State.REJECTED, State.WITHDRAWN, State.FAILED, State.RECORDED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What is wanted."""

    purpose: str
    wanted: tuple[Wanted, ...]
    trade: Trade | None
    """The trade that the transfers follow from."""
    execute_time: datetime | None
    expire_time: datetime

    @property
    def books(self) -> frozenset[str]:
        """The books that it moves something in."""
        return frozenset(each.book for each in self.wanted)

    def digest(self) -> bytes:
        """Return the SHA-256 of the content: what an approval is of."""
        trade = None if self.trade is None else [str(part) for part in astuple(self.trade)]
        content = [
            self.purpose,
            [[each.name, each.digest().hex()] for each in self.wanted],
            trade,
            microseconds(self.execute_time),
            microseconds(self.expire_time),
        ]
        return hashlib.sha256(orjson.dumps(content)).digest()

    def is_due(self, now: datetime) -> bool:
        """Tell whether its time to be executed has come."""
        return self.execute_time is None or self.execute_time <= now


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Something that happened; it never changes."""

    number: int
    state: State
    version: int
    """Of the content."""
    digest: bytes
    actor: Actor
    reason: str
    link: str
    """Of an execution: the request that its transfers came with."""
    record_time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction:
    """An instruction in its current version, and all that happened to it."""

    account: str
    instruction: str
    content: Content
    maker: Actor
    """Who wrote the current version."""
    steps: tuple[Step, ...]

    @property
    def name(self) -> str:
        """The resource name."""
        return INSTRUCTION.format(account=self.account, instruction=self.instruction)

    @property
    def last(self) -> Step:
        """What happened last."""
        return self.steps[-1]

    @property
    def state(self) -> State:
        """Where it stands."""
        return self.last.state

    @property
    def etag(self) -> str:
        """Changes with every step."""
        return _etag(self.last.version, self.last.number)

    @property
    def submitter(self) -> Actor | None:
        """Who submitted the current version."""
        return next(
            (
                each.actor
                for each in reversed(self.steps)
                if each.state is State.SUBMITTED and each.version == self.last.version
            ),
            None,
        )

    def was_decided(self, etag: str, state: State, actor: Actor, reason: str) -> bool:
        """Tell whether this very decision, on what had the etag, was made before."""
        return any(
            etag == _etag(before.version, before.number)
            and (each.state, each.actor, each.reason) == (state, actor, reason)
            for before, each in zip(self.steps, self.steps[1:], strict=False)
        )


def first(content: Content, actor: Actor, now: datetime) -> Step:
    """Return the step that begins an instruction."""
    return Step(
        number=1,
        state=State.DRAFT,
        version=1,
        digest=content.digest(),
        actor=actor,
        reason="",
        link="",
        record_time=now,
    )


def edited(before: Instruction, content: Content, actor: Actor, now: datetime) -> Step:
    """Return the step by which an instruction gets another content.

    Raises:
        StateWrong: it was executed, or its end has come.
    """
    _check_state(before, State.DRAFT)
    return Step(
        number=before.last.number + 1,
        state=State.DRAFT,
        version=before.last.version + 1,
        digest=content.digest(),
        actor=actor,
        reason="",
        link="",
        record_time=now,
    )


def followed(  # noqa: PLR0913 (what a step is)
    before: Instruction,
    state: State,
    actor: Actor,
    now: datetime,
    *,
    reason: str = "",
    link: str = "",
) -> Step:
    """Return the step by which `actor` brings an instruction into `state`.

    Raises:
        FieldRequired: a reason is needed, or what proves it.
        StateWrong: it is not in a state that the step starts from.
        FourEyes, SamePerson: who wrote or submitted this version would approve it.
        InstructionExpired: its time is over.
    """
    if state in _WITH_REASON and not reason.strip():
        raise FieldRequired(field="evidence" if state is State.RECORDED else "reason")
    _check_state(before, state)
    if state is State.APPROVED:
        for each in (before.maker, before.submitter):
            assert each is not None, "it was submitted"
            actor.check_other(each, before.name)
    if state in _IN_TIME and before.content.expire_time <= now:
        expire_time = before.content.expire_time.isoformat()
        raise InstructionExpired(name=before.name, expire_time=expire_time)
    return Step(
        number=before.last.number + 1,
        state=state,
        version=before.last.version,
        digest=before.last.digest,
        actor=actor,
        reason=reason,
        link=link,
        record_time=now,
    )


def _check_state(before: Instruction, state: State) -> None:
    allowed = _BEFORE[state]
    if before.state not in allowed:
        raise StateWrong(
            name=before.name,
            state=before.state.value,
            allowed=", ".join(each.value for each in State if each in allowed),
        )


def _etag(version: int, number: int) -> str:
    return f'"{version}-{number}"'
