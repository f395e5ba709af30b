"""What the migrations of every service share."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command, context, op
from alembic.config import Config

from services.runtime import columns, outbox, replay, revision, tables

# Importing the modules is what fills `tables.metadata`.
assert {outbox.changes, replay.replays, revision.revisions} <= {*tables.metadata.tables.values()}

_INSERT_ONLY = ("changes", "replays", "revisions")


def versions(scripts: Path) -> list[str]:
    """Return the versions of the migrations in the folder `scripts`, oldest first."""
    return sorted(file.stem.partition("_")[0] for file in (scripts / "versions").glob("*_*.py"))


def upgrade(connection: sa.Connection, scripts: Path, version: str = "head") -> None:
    """Run those migrations of the folder `scripts` up to `version` that `connection` lacks."""
    config = Config()
    config.set_main_option("script_location", str(scripts))
    config.attributes["connection"] = connection
    command.upgrade(config, version)


def run(own: sa.MetaData) -> None:
    """Run the migrations on the connection of `upgrade`; called by a service's `env.py`."""
    connection: sa.Connection = context.config.attributes["connection"]
    context.configure(
        connection=connection, target_metadata=[own, tables.metadata], compare_type=True
    )
    with context.begin_transaction():
        context.run_migrations()


def first_tables() -> None:
    """Create the runtime's tables as the first migration of every service has them."""
    op.create_table(
        "revision_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "revisions",
        sa.Column("revision", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("commit_time", columns.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("revision"),
    )
    op.create_table(
        "changes",
        sa.Column("revision", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("order_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("resource_version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["revision"], ["revisions.revision"]),
        sa.PrimaryKeyConstraint("revision", "order_index"),
    )
    op.create_table(
        "cursors",
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("service"),
    )
    op.create_table(
        "replays",
        sa.Column("principal", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["revision"], ["revisions.revision"]),
        sa.PrimaryKeyConstraint("principal", "request_id"),
    )
    op.execute("INSERT INTO revision_head (id, revision) VALUES (1, 0)")
    tables.insert_only(op.get_bind(), *_INSERT_ONLY)
