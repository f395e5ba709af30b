"""The tables of trading: one module a noun, all insert-only."""

from __future__ import annotations

from pathlib import Path

from services.trading.store import (
    accounts,
    allocations,
    holdings,
    ledger,
    obligations,
    portfolio,
    positions,
    prices,
    quotes,
    reconciliation,
    statements,
)
from services.trading.store.tables import metadata

MIGRATIONS = Path(__file__).parent / "migrations"
KEPT = ("ledger_transfers", "ledger_requests")
"""Tables whose rows no connection of the service may change or delete."""

__all__ = [
    "KEPT",
    "MIGRATIONS",
    "accounts",
    "allocations",
    "holdings",
    "ledger",
    "metadata",
    "obligations",
    "portfolio",
    "positions",
    "prices",
    "quotes",
    "reconciliation",
    "statements",
]
