"""Accounting years ⇄ their messages."""

from __future__ import annotations

from collections.abc import Iterable

from services.accounting.domain.binding import BoundFactor
from services.accounting.domain.period import AccountingPeriod
from services.runtime import wire
from zonecarbon.accounting.v1 import period_pb2

PINNED = period_pb2.FACTOR_MODE_PINNED


def from_period(
    period: AccountingPeriod, superseded: Iterable[tuple[BoundFactor, BoundFactor | None]] = ()
) -> period_pb2.AccountingPeriod:
    """Return the message of a period, with the factors in its figures that have successors."""
    create_time = wire.from_instant(period.create_time) if period.create_time else None
    return period_pb2.AccountingPeriod(
        name=period.name,
        state=period_pb2.PeriodState.Value(f"PERIOD_STATE_{period.state.value}"),
        reason=period.reason,
        decider=period.decider,
        factor_mode=PINNED if period.pinned_registry_revision else period_pb2.FACTOR_MODE_LATEST,
        pinned_registry_revision=period.pinned_registry_revision,
        superseded_factors=[_superseded(was, now) for was, now in superseded],
        resource_version=period.version,
        revision=period.revision,
        create_time=create_time,
        etag=period.etag,
    )


def _superseded(was: BoundFactor, now: BoundFactor | None) -> period_pb2.SupersededFactor:
    message = period_pb2.SupersededFactor(
        factor=was.name,
        factor_version=was.version,
        quantity=wire.from_quantity(was.quantity),
    )
    if now is not None:
        message.newer_factor = now.name
        message.newer_factor_version = now.version
        message.newer_quantity.CopyFrom(wire.from_quantity(now.quantity))
        message.newer_status = wire.from_status(now.status)
    return message
