"""Transfers that a principal posts alone, within a mandate that two persons gave it.

The mandate is looked up in the transaction of the transfers. Without one nothing is posted; what
was posted before is answered as it is, whatever became of the mandate.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial

from services.kernel.errors import DomainError, InstructionRequired, MandateExceeded
from services.runtime.database import Database
from services.trading.domain.desk.limit import Act, InForce
from services.trading.domain.ledger.chart import InstrumentKind
from services.trading.domain.ledger.posting import Books
from services.trading.domain.ledger.transfer import FIRST, Wanted
from services.trading.store.desk import limits
from services.trading.store.ledger import posting
from services.trading.store.ledger.posting import Group, Outcome


def post(database: Database, groups: Sequence[Group]) -> list[Outcome]:
    """Return what became of each, as `posting.post` does, where those who post alone may.

    Raises:
        StorageUnavailable, Busy: as `Database.append`; then of none is known that it was posted.
    """
    now = datetime.now(UTC)
    alone = sorted({each.principal for each in groups if each.alone})
    with database.append() as connection:
        given = limits.in_force(connection, alone) if alone else {}
        mandates = {key: limit for key, limit in given.items() if limit.in_force(now)}
        return posting.post_in(connection, groups, now, partial(_refusal, mandates))


def _refusal(mandates: InForce, books: Books, group: Group) -> DomainError | None:
    """Return why a group is not posted, None if it may be or was before."""
    if not group.alone:
        return None
    refusal = _beyond(mandates, books, group)
    if refusal is None or all((each.book, each.transfer) in books.known for each in group.wanted):
        return None
    return refusal


def _beyond(mandates: InForce, books: Books, group: Group) -> DomainError | None:
    """Return why a principal may not post transfers alone, None if it may."""
    if not any(principal == group.principal for _, principal, _ in mandates):
        return InstructionRequired(principal=group.principal)
    for index, wanted in enumerate(group.wanted):
        moved = _moved(books, group, wanted)
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


def _moved(books: Books, group: Group, wanted: Wanted) -> tuple[InstrumentKind, int] | None:
    """Return of what a transfer moves how much; None where the ledger will refuse it.

    What settles or reverses another moves what that one reserved or moved, whoever posted it: two
    persons may have.
    """
    if wanted.phase in FIRST:
        kind = books.instruments.get(wanted.instrument)
        return None if kind is None else (kind, wanted.unit_count)
    if any((each.book, each.transfer) == (wanted.book, wanted.target) for each in group.wanted):
        return None  # It stands in the same group, and is held against the mandate itself.
    target = books.known.get((wanted.book, wanted.target))
    if target is None:
        return None
    return books.instruments[target.instrument], max(target.unit_count, target.reserved_count)
