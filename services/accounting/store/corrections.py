"""Which record replaces which: each is replaced at the most once, and the database keeps watch.

It stands beside the records, so that whether one still counts is one look, wherever the month of
its replacement is kept.
"""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from services.accounting.store.tables import metadata
from services.runtime import bulk


class CorrectionColumns(sa.TypedColumns):
    """One row a record that another replaces."""

    enterprise: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    corrects: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    """The id of the record that is replaced."""
    record: sa.Named[str] = sa.Column(sa.Text)
    """The id of the record that replaces it."""
    revision: sa.Named[int] = sa.Column(sa.BigInteger)


corrections = sa.Table("corrections", metadata, CorrectionColumns)


def add(connection: sa.Connection, enterprise: str, by: Mapping[str, str], revision: int) -> None:
    """Insert what new records replace: the ids of these, by their own."""
    bulk.insert(
        connection,
        corrections,
        [
            {"enterprise": enterprise, "corrects": corrects, "record": record, "revision": revision}
            for record, corrects in by.items()
        ],
    )


def of(records: sa.Table) -> sa.ColumnElement[bool]:
    """Return the condition that joins a record to what replaces it."""
    c = corrections.c
    return sa.and_(c.enterprise == records.c.enterprise, c.corrects == records.c.record)


def is_current(
    records: sa.Table, as_of: sa.BindParameter[int] | None = None
) -> sa.ColumnElement[bool]:
    """Return the condition of a record that none replaces, or none did at a revision."""
    replaced = sa.select(corrections.c.record).where(of(records))
    if as_of is not None:
        replaced = replaced.where(corrections.c.revision <= as_of)
    return ~replaced.exists()
