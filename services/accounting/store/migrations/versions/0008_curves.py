"""Curves of meters, their days, and what the records add up that are months of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.runtime import columns, tables

revision = "0008"
down_revision = "0007"

INSERT_ONLY = ("curves", "curve_days", "curve_months", "meter_replacements")


def upgrade() -> None:
    op.create_table(
        "curves",
        sa.Column("create_time", columns.Instant(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("enterprise", sa.Text(), nullable=False),
        sa.Column("curve", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("counterparty", sa.Text(), nullable=False),
        sa.Column("steam", sa.Text(), nullable=False),
        sa.Column("meter", sa.Text(), nullable=False),
        sa.Column("facility", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("unit_code", sa.Text(), nullable=False),
        sa.Column("decimal_count", sa.Integer(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("register", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("enterprise", "curve"),
        sa.UniqueConstraint("revision"),
        sa.UniqueConstraint("enterprise", "source_id"),
    )
    op.create_table(
        "meter_replacements",
        sa.Column("create_time", columns.Instant(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("curve_revision", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("day_date", sa.Date(), nullable=False),
        sa.Column("point_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("closing_count", sa.BigInteger(), nullable=False),
        sa.Column("opening_count", sa.BigInteger(), nullable=False),
        sa.Column("register", sa.JSON(), nullable=False),
        sa.Column("meter", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("reporter", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["curve_revision"], ["curves.revision"]),
        sa.PrimaryKeyConstraint("curve_revision", "day_date", "point_index"),
    )
    op.create_table(
        "curve_days",
        # Long values first, so that none is padded: a seventeenth day fits into a page.
        sa.Column("curve_revision", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("total_count", sa.BigInteger(), nullable=False),
        sa.Column("day_date", sa.Date(), nullable=False),
        sa.Column("points", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("estimated_count", sa.SmallInteger(), nullable=False),
        sa.Column("missing_count", sa.SmallInteger(), nullable=False),
        sa.Column("assumption_count", sa.SmallInteger(), nullable=False),
        sa.Column("marks", sa.LargeBinary(), nullable=True),
        sa.Column("notes", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("curve_revision", "day_date", "revision"),
    )
    op.create_table(
        "curve_months",
        sa.Column("enterprise", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("curve", sa.Text(), nullable=False),
        sa.Column("whole_days", sa.Integer(), nullable=False),
        sa.Column("measured_count", sa.Integer(), nullable=False),
        sa.Column("estimated_count", sa.Integer(), nullable=False),
        sa.Column("missing_count", sa.Integer(), nullable=False),
        sa.Column("assumption_count", sa.Integer(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("enterprise", "record"),
    )
    tables.insert_only(op.get_bind(), *INSERT_ONLY)
