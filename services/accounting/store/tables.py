"""The metadata that all tables of accounting are on."""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData()
