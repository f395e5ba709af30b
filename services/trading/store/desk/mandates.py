"""Transfers that a principal posts alone, within a mandate that two persons gave it.

The mandate is looked up in the transaction of the transfers. Without one nothing is posted; what
was posted before is answered as it is, whatever became of the mandate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from services.kernel.errors import DomainError, InstructionRequired, MandateExceeded
from services.runtime.database import Database
from services.trading.domain.desk.limit import Act, InForce
from services.trading.domain.ledger.chart import InstrumentKind
from services.trading.domain.ledger.transfer import FIRST, Wanted
from services.trading.store.desk import limits
from services.trading.store.ledger import instruments, posting, transfers
from services.trading.store.ledger.posting import Group, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Alone:
    """Transfers that a principal wants to post by itself."""

    group: Group


def post(database: Database, items: Sequence[Group | Alone]) -> list[Outcome]:
    """Return what became of each, as `posting.post` does; groups by themselves are the service's.

    Raises:
        StorageUnavailable, Busy: as `Database.append`; then of none is known that it was posted.
    """
    now = datetime.now(UTC)
    with database.append() as connection:
        refusals = [_refusal(connection, each, now) for each in items]
        groups = [
            each.group if isinstance(each, Alone) else each
            for each, refusal in zip(items, refusals, strict=True)
            if refusal is None
        ]
        posted = iter(posting.post_in(connection, groups, now) if groups else [])
        return [refusal or next(posted) for refusal in refusals]


def _refusal(connection: sa.Connection, each: Group | Alone, now: datetime) -> DomainError | None:
    if not isinstance(each, Alone):
        return None
    group = each.group
    mandates = {
        key: limit
        for key, limit in limits.in_force(connection, group.principal).items()
        if limit.act is Act.POST and limit.in_force(now)
    }
    refusal = _beyond(connection, mandates, group)
    if refusal is None or all(
        transfers.find(connection, wanted.book, wanted.transfer) for wanted in group.wanted
    ):
        return None
    return refusal


def _beyond(connection: sa.Connection, mandates: InForce, group: Group) -> DomainError | None:
    """Return why a principal may not post transfers alone, None if it may."""
    if not mandates:
        return InstructionRequired(principal=group.principal)
    for index, wanted in enumerate(group.wanted):
        # What settles or reverses another moves no more than that one, which a mandate covered.
        if wanted.phase not in FIRST:
            continue
        refusal = _above(mandates, group.principal, wanted, _kind(connection, wanted))
        if refusal is not None:
            prefix = f"requests[{index}]." if group.request_id else ""
            return refusal.within(prefix) if isinstance(refusal, MandateExceeded) else refusal
    return None


def _above(
    mandates: InForce, principal: str, wanted: Wanted, kind: InstrumentKind | None
) -> DomainError | None:
    if kind is None:  # The ledger says that there is no such instrument.
        return None
    mandate = mandates.get((Act.POST, principal, kind))
    if mandate is None:
        return InstructionRequired(principal=principal)
    if wanted.unit_count <= mandate.largest_count:
        return None
    return MandateExceeded(
        field="transfer.unit_count",
        principal=principal,
        given=wanted.unit_count,
        allowed=mandate.largest_count,
    )


def _kind(connection: sa.Connection, wanted: Wanted) -> InstrumentKind | None:
    found = instruments.find(connection, wanted.instrument)
    return None if found is None else found.value.kind
