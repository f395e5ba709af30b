"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.runtime import columns, migration, tables

revision = "first"
down_revision = None


def upgrade() -> None:
    migration.first_tables()
    op.create_table(
        "words",
        sa.Column("revision", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("amount", columns.DecimalText(), nullable=True),
        sa.Column("moment", columns.Instant(), nullable=True),
        sa.Column("parts", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("revision", "word"),
    )
    tables.insert_only(op.get_bind(), "words")
