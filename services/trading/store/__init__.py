"""The tables of trading: one module a noun, all insert-only."""

from __future__ import annotations

from pathlib import Path

from services.trading.store import (
    accounts,
    allocations,
    deliveries,
    desk,
    duties,
    evidence,
    holdings,
    ledger,
    obligations,
    offsets,
    positions,
    prices,
    quotes,
    reconciliation,
    statements,
)
from services.trading.store.tables import metadata

MIGRATIONS = Path(__file__).parent / "migrations"
KEPT = (
    "ledger_transfers",
    "ledger_requests",
    "desk_contents",
    "desk_steps",
    "desk_limits",
    "desk_counterparties",
)
"""Tables whose rows no connection of the service may change or delete."""

__all__ = [
    "KEPT",
    "MIGRATIONS",
    "accounts",
    "allocations",
    "deliveries",
    "desk",
    "duties",
    "evidence",
    "holdings",
    "ledger",
    "metadata",
    "obligations",
    "offsets",
    "positions",
    "prices",
    "quotes",
    "reconciliation",
    "statements",
]
