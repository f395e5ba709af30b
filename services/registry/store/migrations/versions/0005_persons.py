"""Whose a principal is: what tells people apart where four eyes are needed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    person: sa.Column[str] = sa.Column("person", sa.Text(), nullable=False, server_default="")
    op.add_column("principals", person)
