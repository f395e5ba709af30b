"""What one person proposes and another decides on: limits, trusted counterparties.

    PROPOSED → ACTIVE → REMOVED
             → REJECTED

What was proposed never changes; a decision makes a new version.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Generic, TypeVar

from services.kernel.errors import FieldRequired, StateWrong
from services.trading.domain.desk.actor import Actor

Value = TypeVar("Value")


class State(StrEnum):
    """Where a proposal stands; the contract says it in words."""

    PROPOSED = "PROPOSED"
    ACTIVE = "ACTIVE"
    REJECTED = "REJECTED"
    REMOVED = "REMOVED"


_BEFORE: Final[Mapping[State, State]] = {
    State.ACTIVE: State.PROPOSED,
    State.REJECTED: State.PROPOSED,
    State.REMOVED: State.ACTIVE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a proposal stands, and who brought it there."""

    state: State
    proposer: Actor
    decider: Actor | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal(Generic[Value]):
    """What was proposed, in one of its versions, and when that became known."""

    name: str
    value: Value
    standing: Standing
    version: int
    create_time: datetime
    revision: int

    @property
    def etag(self) -> str:
        """Changes with every version."""
        return f'"{self.version}"'

    def was_decided(self, etag: str, states: Collection[State], decider: Actor) -> bool:
        """Tell whether it is what this very decision, on the version with `etag`, led to."""
        return (
            etag == f'"{self.version - 1}"'
            and self.standing.state in states
            and self.standing.decider == decider
        )


def approved(before: Proposal[Value], decider: Actor) -> Standing:
    """Return where a proposal stands once `decider` approved it.

    Raises:
        StateWrong: it is not proposed.
        FourEyes, SamePerson: `decider` proposed it.
    """
    _check_state(before, State.ACTIVE)
    decider.check_other(before.standing.proposer, before.name)
    return Standing(state=State.ACTIVE, proposer=before.standing.proposer, decider=decider)


def ended(before: Proposal[Value], decider: Actor, reason: str) -> Standing:
    """Return where a proposal stands once `decider` refused or removed it.

    One person is enough: less is allowed afterwards, never more.

    Raises:
        FieldRequired: no reason is given.
        StateWrong: it is neither proposed nor active.
    """
    if not reason.strip():
        raise FieldRequired(field="reason")
    state = State.REMOVED if before.standing.state is State.ACTIVE else State.REJECTED
    _check_state(before, state)
    proposer = before.standing.proposer
    return Standing(state=state, proposer=proposer, decider=decider, reason=reason)


def _check_state(before: Proposal[Value], state: State) -> None:
    if before.standing.state is not _BEFORE[state]:
        raise StateWrong(
            name=before.name,
            state=before.standing.state.value,
            allowed=_BEFORE[state].value,
        )
