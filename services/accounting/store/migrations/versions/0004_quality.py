"""Data-quality plans and the monthly evidence."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.runtime import columns, tables

revision = "0004"
down_revision = "0003"

INSERT_ONLY = ("data_quality_plans", "evidence_filings")


def upgrade() -> None:
    op.create_table(
        "data_quality_plans",
        sa.Column("create_time", columns.Instant(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("enterprise", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entries", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("enterprise", "version"),
    )
    op.create_table(
        "evidence_filings",
        sa.Column("create_time", columns.Instant(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("enterprise", sa.Text(), nullable=False),
        sa.Column("month_date", sa.Date(), nullable=False),
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("document_number", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("document_size", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("enterprise", "month_date", "item_id", "version"),
    )
    tables.insert_only(op.get_bind(), *INSERT_ONLY)
