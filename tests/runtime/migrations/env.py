"""Migrates a database that holds what the runtime needs, and one table to try it on."""

from __future__ import annotations

from services.runtime import migration
from tests.runtime.words import metadata

migration.run(metadata)
