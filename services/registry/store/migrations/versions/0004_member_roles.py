"""What a member is in its zone, and whether it is industry above the designated scale."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    role: sa.Column[str] = sa.Column("role", sa.Text(), nullable=False, server_default="ENTERPRISE")
    above_scale: sa.Column[bool] = sa.Column(
        "above_scale", sa.Boolean(), nullable=False, server_default=sa.false()
    )
    op.add_column("memberships", role)
    op.add_column("memberships", above_scale)
