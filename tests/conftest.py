"""Fixtures of every test: real servers only, started once and shared where they are dear."""

from __future__ import annotations

import hypothesis

from services.runtime import memory
from tests.fixtures.databases import migrated_database, migrated_files, storage
from tests.fixtures.house import house, shared_house
from tests.fixtures.postgresql import database_url, postgresql_server, postgresql_url
from tests.fixtures.prometheus import prometheus

__all__ = [
    "database_url",
    "house",
    "migrated_database",
    "migrated_files",
    "postgresql_server",
    "postgresql_url",
    "prometheus",
    "shared_house",
    "storage",
]

# A gate that passed must pass again: the same examples every time, and no limit on their time,
# which on a busy machine would only measure the neighbours.
hypothesis.settings.register_profile("gate", derandomize=True, deadline=None, database=None)
hypothesis.settings.load_profile("gate")

# Nine thousand tests are a million objects that last: the collector need not walk them again and
# again, neither while they are found nor while they run.
memory.settle()


def pytest_collection_finish() -> None:
    memory.settle()
