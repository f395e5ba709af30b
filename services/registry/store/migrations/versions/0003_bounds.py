"""The 95 % range of a factor of a single enterprise."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    for name in ("lower_value", "upper_value"):
        op.add_column("custom_factors", sa.Column(name, sa.Text(), nullable=True))
