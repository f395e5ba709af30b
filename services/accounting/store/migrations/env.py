"""Alembic asks here how to migrate."""

from __future__ import annotations

from services.accounting.store import metadata
from services.runtime import migration

migration.run(metadata)
