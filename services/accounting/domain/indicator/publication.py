"""A desk's own systems: proposed by one principal, decided on by another.

    PROPOSED → PUBLISHED → RETIRED
             → REJECTED

What was proposed never changes; another content is another version of the system.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from services.accounting.domain.indicator.system import System
from services.kernel import names
from services.kernel.errors import FieldRequired, FourEyes, StateWrong


class State(StrEnum):
    """Where a version of a system stands."""

    PROPOSED = "PROPOSED"
    PUBLISHED = "PUBLISHED"
    REJECTED = "REJECTED"
    RETIRED = "RETIRED"


_BEFORE: Final = {
    State.PUBLISHED: State.PROPOSED,
    State.REJECTED: State.PROPOSED,
    State.RETIRED: State.PUBLISHED,
}
"""The state that each decision starts from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """A version of a system, where it stands, and who brought it there."""

    zone: str
    """The id of the zone whose desk it is of; empty of this release."""
    system: System
    state: State
    proposer: str = ""
    decider: str = ""
    reason: str = ""
    decision_number: int = 1
    """How many times it was proposed or decided on."""
    revision: int = 0
    create_time: datetime | None = None

    @property
    def name(self) -> str:
        """The resource name."""
        ids = {
            "indicator_system": self.system.system_id,
            "version": str(self.system.version),
        }
        if self.zone:
            return names.ZONE_INDICATOR_SYSTEM.format(zone=self.zone, **ids)
        return names.INDICATOR_SYSTEM.format(**ids)

    @property
    def etag(self) -> str:
        """Changes with every decision."""
        return f'"{self.decision_number}"'

    def was_decided(self, etag: str, state: State, *, decider: str, reason: str) -> bool:
        """Tell whether it is what this very decision, on what had `etag`, led to."""
        made = (self.state, self.decider, self.reason) == (state, decider, reason)
        return made and etag == f'"{self.decision_number - 1}"'

    def decided(self, state: State, *, decider: str, reason: str) -> Publication:
        """Return it as `decider` brought it into `state`.

        Raises:
            FieldRequired: the reason is given, but blank.
            StateWrong: it is not in the state that the decision starts from.
            FourEyes: `decider` proposed it.
        """
        if reason and not reason.strip():
            raise FieldRequired(field="reason")
        if self.state is not _BEFORE[state]:
            raise StateWrong(name=self.name, state=self.state.value, allowed=_BEFORE[state].value)
        if decider == self.proposer:
            raise FourEyes(name=self.name, proposer=self.proposer)
        return Publication(
            zone=self.zone,
            system=self.system,
            state=state,
            proposer=self.proposer,
            decider=decider,
            reason=reason,
            decision_number=self.decision_number + 1,
        )

    def check_usable(self) -> None:
        """Raise StateWrong unless zones may be evaluated by it."""
        if self.state is not State.PUBLISHED:
            raise StateWrong(name=self.name, state=self.state.value, allowed=State.PUBLISHED.value)
