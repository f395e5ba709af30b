"""Zones are counted by the month: an enterprise is in a zone's months from when it joins it.

What was counted by whole years is taken away: who follows the registry places it anew, as it does
what an older release booked.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.execute(sa.text("DELETE FROM months WHERE owner LIKE 'zones/%'"))
    op.execute(sa.text("DELETE FROM placements"))
