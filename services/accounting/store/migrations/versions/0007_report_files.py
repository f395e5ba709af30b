"""Files by which activity was reported."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.runtime import columns, tables

revision = "0007"
down_revision = "0006"

INSERT_ONLY = ("report_files",)


def upgrade() -> None:
    op.create_table(
        "report_files",
        sa.Column("create_time", columns.Instant(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("enterprise", sa.Text(), nullable=False),
        sa.Column("report_file", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("text_encoding", sa.Text(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("file_size", sa.BigInteger(), nullable=False),
        sa.Column("sheet", sa.Text(), nullable=False),
        sa.Column("template_version", sa.Integer(), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("row_numbers", sa.JSON(), nullable=False),
        sa.Column("reporter", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("enterprise", "report_file"),
        sa.UniqueConstraint("enterprise", "sha256"),
    )
    op.create_index("report_files_in_order", "report_files", ["enterprise", "revision"])
    tables.insert_only(op.get_bind(), *INSERT_ONLY)
