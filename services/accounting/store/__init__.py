"""The tables of accounting: one module a noun, all insert-only."""

from __future__ import annotations

from pathlib import Path

from services.accounting.store import bindings, books, inventories, lines, records, sources
from services.accounting.store.tables import metadata

MIGRATIONS = Path(__file__).parent / "migrations"

__all__ = [
    "MIGRATIONS",
    "bindings",
    "books",
    "inventories",
    "lines",
    "metadata",
    "records",
    "sources",
]
