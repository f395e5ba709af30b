"""The registry's tables: one module a noun, all insert-only but for the retiring of keys."""

from __future__ import annotations

from pathlib import Path

from services.registry.store import custom_factors, enterprises, factors, principals, sites, zones
from services.registry.store.tables import metadata

MIGRATIONS = Path(__file__).parent / "migrations"

__all__ = [
    "MIGRATIONS",
    "custom_factors",
    "enterprises",
    "factors",
    "metadata",
    "principals",
    "sites",
    "zones",
]
