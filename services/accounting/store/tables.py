"""The tables of accounting, as SQLAlchemy collects them."""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData()
