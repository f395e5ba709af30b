"""Every service's migrations lead to exactly the tables that its store declares."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from services.accounting import store as accounting
from services.registry import store as registry
from services.runtime import tables
from services.runtime.database import Database
from services.trading import store as trading

STORES = [
    pytest.param(registry.metadata, registry.MIGRATIONS, id="registry"),
    pytest.param(accounting.metadata, accounting.MIGRATIONS, id="accounting"),
    pytest.param(trading.metadata, trading.MIGRATIONS, id="trading"),
]
# What moves on: the newest revision, how far others were followed, what lines add up to, and what
# follows from transfers and from the steps of instructions.
MUTABLE = {"revision_head", "cursors", "alembic_version", "months", "placements"}
MUTABLE |= {"ledger_accounts", "ledger_chains", "desk_standings"}


@pytest.mark.parametrize(("own", "scripts"), STORES)
def test_migrations_lead_to_the_declared_tables(
    database_url: str, own: sa.MetaData, scripts: Path
) -> None:
    declared = sa.MetaData()
    for table in (*own.tables.values(), *tables.metadata.tables.values()):
        table.to_metadata(declared)

    database = Database(database_url, "service")
    database.migrate(scripts)
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, declared)
    database.close()

    assert differences == []


@pytest.mark.parametrize(("own", "scripts"), STORES)
def test_every_table_of_facts_is_insert_only(
    database_url: str, own: sa.MetaData, scripts: Path
) -> None:
    facts = {*own.tables, *tables.metadata.tables} - MUTABLE

    database = Database(database_url, "service")
    database.migrate(scripts)
    query = {
        "sqlite": "SELECT tbl_name, count(*) FROM sqlite_master WHERE type = 'trigger' "
        "AND name IN (tbl_name || '_no_UPDATE', tbl_name || '_no_DELETE') GROUP BY 1",
        "postgresql": "SELECT tgrelid::regclass::text, 2 FROM pg_trigger "
        "WHERE tgname = tgrelid::regclass::text || '_no_change'",
    }[database.engine.dialect.name]
    with database.engine.connect() as connection:
        guarded = {name for name, count in connection.exec_driver_sql(query) if count == 2}
    database.close()

    assert guarded == facts
