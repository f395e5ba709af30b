"""Transfers that a principal posts alone, within a mandate that two persons gave it.

The mandate holds at the moment of the transfers, in their transaction. Without one nothing is
posted; what was posted before is answered as it is, whatever became of the mandate.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

import sqlalchemy as sa

from services.kernel.errors import DomainError, InstructionRequired, MandateExceeded
from services.trading.domain.desk.limit import Act, InForce, Limit
from services.trading.domain.ledger.chart import InstrumentKind
from services.trading.domain.ledger.posting import Books
from services.trading.domain.ledger.transfer import FIRST, Wanted
from services.trading.store.desk import limits
from services.trading.store.ledger.group import Group
from services.trading.store.ledger.posting import Objection
from services.trading.store.ledger.saving import Condition, Outdated

_MARK = "SELECT coalesce(max(revision), 0) FROM desk_limits"
"""Every change of a limit is a row of its own: while the last is the same, all are."""


class Mandates:
    """What those who post alone may: as it is read, or as it was and must still be."""

    def __init__(self) -> None:
        self._mark = -1
        self._given: dict[str, list[Limit]] = {}
        """By principal, whether or not their time is over."""

    def remembered(self, groups: Sequence[Group], now: datetime) -> tuple[Objection, Condition]:
        """Return what is objected to by what was read last, which must still be the last.

        Raises:
            Outdated: of one of those who post alone nothing was read.
        """
        alone = _alone(groups)
        if not alone <= self._given.keys():
            raise Outdated
        condition = Condition(_MARK, self._mark) if alone else Condition()
        return self._objection(alone, now), condition

    def read(self, connection: sa.Connection, groups: Sequence[Group], now: datetime) -> Objection:
        """Return what is objected to, read in the transaction of the transfers."""
        alone = _alone(groups)
        if alone:
            # The mark first: a change that comes between is noticed the next time.
            mark = connection.exec_driver_sql(_MARK).scalar_one()
            if mark != self._mark:
                self._given.clear()
            self._mark = mark
            found = limits.in_force(connection, sorted(alone))
            for principal in alone:
                self._given[principal] = [
                    limit for key, limit in found.items() if key[1] == principal
                ]
        return self._objection(alone, now)

    def _objection(self, alone: set[str], now: datetime) -> Objection:
        mandates = {
            limit.key: limit
            for principal in alone
            for limit in self._given[principal]
            if limit.in_force(now)
        }
        return partial(_refusal, mandates)


def _alone(groups: Sequence[Group]) -> set[str]:
    return {each.principal for each in groups if each.alone}


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
