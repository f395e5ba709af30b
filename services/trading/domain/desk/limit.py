"""How much one transfer may move: by roles with an instruction, by a principal with a mandate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, TypeAlias

from services.kernel.errors import FieldInvalid, FieldRequired, FourEyes, Words
from services.kernel.names import PRINCIPAL, Pattern
from services.trading.domain.desk.actor import Actor
from services.trading.domain.ledger.chart import InstrumentKind

LIMIT: Final = Pattern("limits/{limit}")


class Act(StrEnum):
    """What a limit bounds; the contract says it in words."""

    MAKE = "MAKE"
    APPROVE = "APPROVE"
    POST = "POST"


OFFICE: Final = ("ADMINISTRATOR", "DESK")
"""The roles that make and approve instructions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """The most that one transfer may move."""

    limit: str
    act: Act
    role: str
    """Of MAKE and APPROVE; empty for POST."""
    principal: str
    """Of POST; empty for the others."""
    instrument_kind: InstrumentKind
    largest_count: int
    """Tonnes or fen; 0: nothing."""
    expire_time: datetime | None
    """Of POST; None for the others."""
    purpose: str

    @property
    def name(self) -> str:
        """The resource name."""
        return LIMIT.format(limit=self.limit)

    @property
    def key(self) -> Key:
        """What of it there is one in force."""
        return self.act, self.role or self.principal, self.instrument_kind

    def in_force(self, now: datetime) -> bool:
        """Tell whether its time is not over."""
        return self.expire_time is None or now < self.expire_time


Key: TypeAlias = tuple[Act, str, InstrumentKind]
"""Act, role or principal, kind of instrument."""
InForce: TypeAlias = Mapping[Key, Limit]


def checked(limit: Limit) -> Limit:
    """Return `limit` if it says whose it is, and of a mandate until when.

    Raises:
        FieldRequired, FieldInvalid, NameInvalid: at the field of `limit`.
    """
    mandate = limit.act is Act.POST
    if mandate:
        PRINCIPAL.parse(limit.principal, "limit.principal")
        if limit.expire_time is None:
            raise FieldRequired(field="limit.expire_time")
    elif limit.role not in OFFICE:
        allowed = " or ".join(OFFICE)
        raise FieldInvalid(field="limit.role", given=limit.role, allowed=allowed)
    for field, given in (
        ("role", limit.role if mandate else ""),
        ("principal", "" if mandate else limit.principal),
        ("expire_time", "" if mandate else str(limit.expire_time or "")),
    ):
        if given:
            none = Words(en=f"nothing for {limit.act}", zh=f"{limit.act} 不填此项")
            raise FieldInvalid(field=f"limit.{field}", given=given, allowed=none)
    if not limit.purpose.strip():
        raise FieldRequired(field="limit.purpose")
    return limit


def check_days(limit: Limit, now: datetime, longest: timedelta) -> None:
    """Check that a mandate that is approved now ends in time.

    Raises:
        FieldInvalid: it is over, or lasts longer than `longest`.
    """
    if limit.expire_time is not None and not now < limit.expire_time <= now + longest:
        raise FieldInvalid(
            field="limit.expire_time",
            given=limit.expire_time.isoformat(),
            allowed=Words(
                en=f"later than now, and at most {longest.days} days from now",
                zh=f"晚于当前时刻，且不超过 {longest.days} 天",
            ),
        )


def check_holder(limit: Limit, decider: Actor) -> None:
    """Raise FourEyes where `decider` would give itself a mandate."""
    if limit.principal == decider.principal:
        raise FourEyes(name=limit.name, proposer=decider.principal)


def newest(approved: Iterable[Limit]) -> InForce:
    """Return the limits in force, of those that were approved, in the order of approval."""
    return {each.key: each for each in approved}
