"""A table with every kind of column, and rows of it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from hypothesis import strategies as st

from services.runtime import columns

EVERYTHING = sa.Table(
    "everything",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("number", sa.BigInteger),
    sa.Column("text", sa.Text),
    sa.Column("decimal", columns.DecimalText),
    sa.Column("document", sa.JSON),
    sa.Column("is_so", sa.Boolean),
    sa.Column("day", sa.Date),
    sa.Column("moment", columns.Instant),
    sa.Column("data", sa.LargeBinary),
    sa.Column("ratio", sa.Double),
)
# PostgreSQL has no text with NUL in it, and no year before the first.
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
PARTS = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)
ROWS: st.SearchStrategy[list[Any]] = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "number": st.integers(-(2**63), 2**63 - 1),
            "text": TEXTS,
            "decimal": st.decimals(allow_nan=False, allow_infinity=False),
            "document": PARTS,
            "is_so": st.booleans(),
            "day": st.dates(date(1, 1, 1)),
            "moment": st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)).map(  # noqa: DTZ001
                lambda moment: moment.replace(tzinfo=UTC)
            ),
            "data": st.binary(max_size=40),
            # SQLite keeps a real that is whole as an integer, which has no negative zero.
            "ratio": st.floats(allow_nan=False).map(lambda ratio: ratio + 0.0),
        },
    ),
    max_size=4,
)
