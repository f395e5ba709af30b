"""Where what is proposed stands ⇄ the columns that say it."""

from __future__ import annotations

import sqlalchemy as sa

from services.trading.domain.desk.actor import Actor
from services.trading.domain.desk.proposal import Standing, State

_NOBODY = Actor(principal="", person="", role="")


def from_standing(standing: Standing) -> dict[str, str]:
    """Return the columns of `standing`."""
    decider = standing.decider or _NOBODY
    return {
        "state": standing.state.value,
        "proposer": standing.proposer.principal,
        "proposer_person": standing.proposer.person,
        "proposer_role": standing.proposer.role,
        "decider": decider.principal,
        "decider_person": decider.person,
        "decider_role": decider.role,
        "reason": standing.reason,
    }


def to_standing(row: sa.RowMapping) -> Standing:
    """Return where the proposal in `row` stands."""
    proposer, decider = (
        Actor(principal=row[who], person=row[f"{who}_person"], role=row[f"{who}_role"])
        for who in ("proposer", "decider")
    )
    return Standing(
        state=State(row["state"]),
        proposer=proposer,
        decider=None if decider == _NOBODY else decider,
        reason=row["reason"],
    )
