"""The accounting year of an enterprise: where it stands, and which factors its figures follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from services.kernel.errors import StateWrong
from services.kernel.names import PERIOD


class State(StrEnum):
    """Where the accounting of a year stands; the contract says it in words."""

    OPEN = "OPEN"
    SUBMITTED = "SUBMITTED"
    VERIFIED = "VERIFIED"
    LOCKED = "LOCKED"
    REOPENED = "REOPENED"

    @property
    def takes_reports(self) -> bool:
        """Whether records are taken and factors followed."""
        return self in {State.OPEN, State.REOPENED}


_FROM: Final[Mapping[State, tuple[State, ...]]] = {
    State.SUBMITTED: (State.OPEN, State.REOPENED),
    State.VERIFIED: (State.SUBMITTED,),
    State.LOCKED: (State.SUBMITTED, State.VERIFIED),
    State.REOPENED: (State.SUBMITTED, State.VERIFIED, State.LOCKED),
}
"""From which states each can be entered; a year is OPEN by itself alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountingPeriod:
    """A year of an enterprise in one of its versions; version 0 while nothing was ever decided."""

    enterprise: str
    """The id of the enterprise."""
    accounting_year: int
    state: State = State.OPEN
    reason: str = ""
    """Why it was reopened, restated, pinned or released; in the decider's own words."""
    decider: str = ""
    pinned_registry_revision: int = 0
    """The revision of the factor library that its figures follow; 0: always the newest."""
    version: int = 0
    revision: int = 0
    """That holds this version; 0 while it is not stored."""
    create_time: datetime | None = None
    """When this version was stored."""

    @property
    def name(self) -> str:
        """The resource name."""
        return PERIOD.format(enterprise=self.enterprise, year=f"{self.accounting_year:04d}")

    @property
    def etag(self) -> str:
        """What changes with every version."""
        return f"v{self.version}"

    def entered(self, state: State, *, decider: str, reason: str = "") -> AccountingPeriod:
        """Return the next version, in `state`; the same where it is there already.

        Raises:
            StateWrong: it cannot be entered from where the year stands.
        """
        if self.state is state:
            return self
        if self.state not in _FROM[state]:
            allowed = ", ".join(_FROM[state])
            raise StateWrong(name=self.name, state=self.state.value, allowed=allowed)
        return self.decided(decider=decider, reason=reason, state=state)

    def pinned(self, registry_revision: int, *, decider: str, reason: str) -> AccountingPeriod:
        """Return the next version, which follows the library of a revision; of 0, the newest."""
        if self.pinned_registry_revision == registry_revision:
            return self
        return replace(
            self.decided(decider=decider, reason=reason),
            pinned_registry_revision=registry_revision,
        )

    def decided(self, *, decider: str, reason: str, state: State | None = None) -> AccountingPeriod:
        """Return the next version, in the same state unless another is named."""
        return replace(
            self,
            state=state or self.state,
            decider=decider,
            reason=reason,
            version=self.version + 1,
        )
