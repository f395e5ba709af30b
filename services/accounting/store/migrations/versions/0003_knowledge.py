"""Periods with their states, and versions of lines that other factors made."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.runtime import columns, tables

revision = "0003"
down_revision = "0002"

INSERT_ONLY = ("periods", "rebookings")


def upgrade() -> None:
    op.create_table(
        "periods",
        sa.Column("create_time", columns.Instant(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("enterprise", sa.Text(), nullable=False),
        sa.Column("accounting_year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decider", sa.Text(), nullable=False),
        sa.Column("pinned_registry_revision", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("enterprise", "accounting_year", "version"),
    )
    op.create_table(
        "rebookings",
        sa.Column("create_time", columns.Instant(), nullable=False),
        sa.Column("revision", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("enterprise", sa.Text(), nullable=False),
        sa.Column("accounting_year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("method_id", sa.Text(), nullable=False),
        sa.Column("binding", sa.Text(), nullable=False),
        sa.Column("registry_revision", sa.BigInteger(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("versions", sa.JSON(), nullable=False),
        sa.Column("co2_g", sa.JSON(), nullable=False),
        sa.Column("other_mg", sa.JSON(), nullable=False),
        sa.Column("co2e_g", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["binding"], ["bindings.binding"]),
        sa.PrimaryKeyConstraint(
            "enterprise", "accounting_year", "method_id", "revision", "binding"
        ),
    )
    op.create_index("lines_by_binding", "lines", ["binding", "enterprise"], unique=False)
    tables.insert_only(op.get_bind(), *INSERT_ONLY)
