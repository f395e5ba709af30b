"""The tables of the registry, as SQLAlchemy collects them."""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData()
