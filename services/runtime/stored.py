"""Columns that many tables have: when a row became known, and where what it says was published."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from services.kernel.source import Source
from services.kernel.trust import Status
from services.runtime.columns import Instant


class Stored(sa.TypedColumns):
    """When a row became known."""

    create_time: sa.Named[datetime] = sa.Column(Instant)
    revision: sa.Named[int] = sa.Column(sa.BigInteger)


class Sourced(Stored):
    """Where what a row says was published."""

    source_title: sa.Named[str] = sa.Column(sa.Text)
    document_no: sa.Named[str] = sa.Column(sa.Text)
    source_year: sa.Named[int] = sa.Column(sa.Integer)
    locator: sa.Named[str] = sa.Column(sa.Text)
    url: sa.Named[str] = sa.Column(sa.Text)
    licence: sa.Named[str] = sa.Column(sa.Text)
    status: sa.Named[str] = sa.Column(sa.Text)
    confidence: sa.Named[str] = sa.Column(sa.Text)
    note: sa.Named[str] = sa.Column(sa.Text)


def from_source(source: Source) -> dict[str, str | int]:
    """Return the columns of `source`."""
    return {
        "source_title": source.title,
        "document_no": source.document_no,
        "source_year": source.source_year,
        "locator": source.locator,
        "url": source.url,
        "licence": source.licence,
        "status": source.status.value,
        "confidence": source.confidence,
        "note": source.note,
    }


def to_source(row: sa.RowMapping) -> Source:
    """Return the source in the columns of `row`."""
    return Source(
        title=row["source_title"],
        document_no=row["document_no"],
        source_year=row["source_year"],
        locator=row["locator"],
        url=row["url"],
        licence=row["licence"],
        status=Status(row["status"]),
        confidence=row["confidence"],
        note=row["note"],
    )
