"""Verifications of accounting years, and base years."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.runtime import columns, tables

revision = "0005"
down_revision = "0004"

INSERT_ONLY = ("verifications", "base_years")


def upgrade() -> None:
    op.create_table(
        "verifications",
        sa.Column("create_time", columns.Instant(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("enterprise", sa.Text(), nullable=False),
        sa.Column("accounting_year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("verification", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("verifier", sa.Text(), nullable=False),
        sa.Column("period_version", sa.BigInteger(), nullable=False),
        sa.Column("inventory_versions", sa.JSON(), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("statement", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("enterprise", "accounting_year", "verification", "version"),
    )
    op.create_table(
        "base_years",
        sa.Column("create_time", columns.Instant(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("enterprise", sa.Text(), nullable=False),
        sa.Column("method_id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("accounting_year", sa.Integer(), nullable=False),
        sa.Column("scope2_basis", sa.Text(), nullable=False),
        sa.Column("gwp_set", sa.Text(), nullable=False),
        sa.Column("threshold_percent", sa.Text(), nullable=False),
        sa.Column("inventory_version", sa.BigInteger(), nullable=False),
        sa.Column("total_co2e_g", sa.BigInteger(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("below_threshold", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decider", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("enterprise", "method_id", "version"),
    )
    tables.insert_only(op.get_bind(), *INSERT_ONLY)
