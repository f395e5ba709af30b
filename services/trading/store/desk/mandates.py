"""Transfers that a principal posts alone, within a mandate that two persons gave it.

The mandate is looked up in the transaction of the transfers. Without one nothing is posted; what
was posted before is answered as it is, whatever became of the mandate.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from services.kernel.errors import DomainError, InstructionRequired, MandateExceeded
from services.runtime.database import Database
from services.trading.domain.desk.limit import Act, InForce
from services.trading.domain.ledger.chart import InstrumentKind
from services.trading.domain.ledger.transfer import FIRST, Wanted
from services.trading.store.desk import limits
from services.trading.store.ledger import posting, transfers
from services.trading.store.ledger.posting import Group, Outcome
from services.trading.store.ledger.tables import instruments


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
        alone = [each.group for each in items if isinstance(each, Alone)]
        known = _known(connection, alone, now)
        refusals = [
            _refusal(connection, known, each.group) if isinstance(each, Alone) else None
            for each in items
        ]
        groups = [
            each.group if isinstance(each, Alone) else each
            for each, refusal in zip(items, refusals, strict=True)
            if refusal is None
        ]
        posted = iter(posting.post_in(connection, groups, now) if groups else [])
        return [refusal or next(posted) for refusal in refusals]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What is to be known of those who post alone: asked once for all that share a commit."""

    mandates: Mapping[str, InForce]
    """By principal."""
    kinds: Mapping[str, InstrumentKind]
    """By instrument."""


def _known(connection: sa.Connection, groups: Sequence[Group], now: datetime) -> _Known:
    mandates = {
        principal: {
            key: limit
            for key, limit in limits.in_force(connection, principal).items()
            if limit.act is Act.POST and limit.in_force(now)
        }
        for principal in sorted({each.principal for each in groups})
    }
    wanted = {each.instrument for group in groups for each in group.wanted if each.instrument}
    c = instruments.c
    query = sa.select(c.instrument, c.kind).where(c.instrument.in_(sorted(wanted)))
    found = connection.execute(query) if wanted else ()
    return _Known(mandates=mandates, kinds={row[0]: InstrumentKind(row[1]) for row in found})


def _refusal(connection: sa.Connection, known: _Known, group: Group) -> DomainError | None:
    refusal = _beyond(connection, known, group)
    if refusal is None or all(
        transfers.find(connection, wanted.book, wanted.transfer) for wanted in group.wanted
    ):
        return None
    return refusal


def _beyond(connection: sa.Connection, known: _Known, group: Group) -> DomainError | None:
    """Return why a principal may not post transfers alone, None if it may."""
    mandates = known.mandates[group.principal]
    if not mandates:
        return InstructionRequired(principal=group.principal)
    for index, wanted in enumerate(group.wanted):
        moved = _moved(connection, known, group, wanted)
        if moved is None:
            continue
        kind, count = moved
        mandate = mandates.get((Act.POST, group.principal, kind))
        if mandate is None:
            return InstructionRequired(principal=group.principal)
        if count > mandate.largest_count:
            prefix = f"requests[{index}]." if group.request_id else ""
            return MandateExceeded(
                field=f"{prefix}transfer.unit_count",
                principal=group.principal,
                given=count,
                allowed=mandate.largest_count,
            )
    return None


def _moved(
    connection: sa.Connection, known: _Known, group: Group, wanted: Wanted
) -> tuple[InstrumentKind, int] | None:
    """Return of what a transfer moves how much; None where the ledger will refuse it.

    What settles or reverses another moves what that one reserved or moved, whoever posted it: two
    persons may have.
    """
    if wanted.phase in FIRST:
        kind = known.kinds.get(wanted.instrument)
        return None if kind is None else (kind, wanted.unit_count)
    if any((each.book, each.transfer) == (wanted.book, wanted.target) for each in group.wanted):
        return None  # It stands in the same group, and is held against the mandate itself.
    target = transfers.find(connection, wanted.book, wanted.target)
    if target is None:
        return None
    c = instruments.c
    query = sa.select(c.kind).where(c.instrument == target.instrument)
    kind = InstrumentKind(connection.execute(query).scalar_one())
    return kind, max(target.unit_count, target.reserved_count)
