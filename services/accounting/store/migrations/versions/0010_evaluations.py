"""Statistics of zones and members, indicator systems of desks, and evaluations by systems."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.runtime import columns, tables

revision = "0010"
down_revision = "0009"

INSERT_ONLY = ("statistics", "indicator_systems", "evaluations")


def upgrade() -> None:
    op.create_table(
        "statistics",
        sa.Column("create_time", columns.Instant(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("statistic", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("input_id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("start_date", sa.Date(), nullable=False),
        sa.Column("end_date", sa.Date(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("unit_code", sa.Text(), nullable=False),
        sa.Column("price_base_year", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("reporter", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "statistic", "version"),
    )
    op.create_table(
        "indicator_systems",
        sa.Column("create_time", columns.Instant(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("indicator_system", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("decision_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("proposer", sa.Text(), nullable=False),
        sa.Column("decider", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("zone", "indicator_system", "version", "decision_number"),
    )
    op.create_table(
        "evaluations",
        sa.Column("create_time", columns.Instant(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("evaluation", sa.Text(), nullable=False),
        sa.Column("system_zone", sa.Text(), nullable=False),
        sa.Column("system", sa.JSON(), nullable=False),
        sa.Column("question", sa.JSON(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("members", sa.JSON(), nullable=False),
        sa.Column("method_version", sa.Integer(), nullable=False),
        sa.Column("knowledge_time", columns.Instant(), nullable=False),
        sa.Column("knowledge_revision", sa.BigInteger(), nullable=False),
        sa.Column("registry_revision", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("creator", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("zone", "evaluation"),
    )
    tables.insert_only(op.get_bind(), *INSERT_ONLY)
