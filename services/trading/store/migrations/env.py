"""Alembic asks here how to migrate."""

from __future__ import annotations

from services.runtime import migration
from services.trading.store import metadata

migration.run(metadata)
