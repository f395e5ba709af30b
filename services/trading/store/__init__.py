"""The tables of trading: one module a noun, all insert-only."""

from __future__ import annotations

from pathlib import Path

from services.trading.store import (
    accounts,
    allocations,
    holdings,
    obligations,
    positions,
    prices,
)
from services.trading.store.tables import metadata

MIGRATIONS = Path(__file__).parent / "migrations"

__all__ = [
    "MIGRATIONS",
    "accounts",
    "allocations",
    "holdings",
    "metadata",
    "obligations",
    "positions",
    "prices",
]
