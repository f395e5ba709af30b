"""What the tables of accounting share."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from services.runtime.columns import Instant

metadata = sa.MetaData()


class Stored(sa.TypedColumns):
    """When a row became known."""

    create_time: sa.Named[datetime] = sa.Column(Instant)
    revision: sa.Named[int] = sa.Column(sa.BigInteger)
