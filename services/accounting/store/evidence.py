"""Monthly evidence: references to documents, every one stays; the newest of an item counts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

import sqlalchemy as sa

from services.accounting.domain.quality.evidence import Document, Filed, Filing
from services.accounting.store.tables import metadata
from services.kernel.period import Period
from services.runtime.stored import Stored


class FilingColumns(Stored):
    """One row a document that was filed."""

    enterprise: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    month_date: sa.Named[date] = sa.Column(sa.Date, primary_key=True)
    """The first day of the month."""
    item_id: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    version: sa.Named[int] = sa.Column(sa.BigInteger, primary_key=True, autoincrement=False)
    title: sa.Named[str] = sa.Column(sa.Text)
    document_number: sa.Named[str] = sa.Column(sa.Text)
    sha256: sa.Named[str] = sa.Column(sa.Text)
    document_size: sa.Named[int] = sa.Column(sa.BigInteger)
    """Bytes."""
    note: sa.Named[str] = sa.Column(sa.Text)
    author: sa.Named[str] = sa.Column(sa.Text)


filings = sa.Table("evidence_filings", metadata, FilingColumns)


def add(connection: sa.Connection, filing: Filing) -> None:
    """Insert a filing."""
    document = filing.document
    connection.execute(
        sa.insert(filings).values(
            enterprise=filing.enterprise,
            month_date=filing.month.start,
            item_id=filing.item_id,
            version=filing.version,
            title=document.title,
            document_number=document.number,
            sha256=document.sha256,
            document_size=document.size,
            note=document.note,
            author=filing.author,
            create_time=filing.create_time,
            revision=filing.revision,
        )
    )


def newest_version(connection: sa.Connection, enterprise: str, month: Period, item_id: str) -> int:
    """Return the version of the document that counts for an item; 0 where none is filed."""
    c = filings.c
    newest = connection.execute(
        sa.select(sa.func.max(c.version)).where(
            c.enterprise == enterprise, c.month_date == month.start, c.item_id == item_id
        )
    ).scalar_one()
    return newest or 0


def of(connection: sa.Connection, enterprise: str, period: Period) -> Sequence[Filing]:
    """Return all that an enterprise filed for the months of a period, by month, item, version."""
    c = filings.c
    rows = connection.execute(
        sa.select(filings)
        .where(
            c.enterprise == enterprise,
            c.month_date >= period.start,
            c.month_date < period.end,
        )
        .order_by(c.month_date, c.item_id, c.version)
    ).mappings()
    return [
        Filing(
            enterprise=row["enterprise"],
            month=Period.month(row["month_date"].year, row["month_date"].month),
            item_id=row["item_id"],
            document=Document(
                title=row["title"],
                number=row["document_number"],
                sha256=row["sha256"],
                size=row["document_size"],
                note=row["note"],
            ),
            version=row["version"],
            author=row["author"],
            revision=row["revision"],
            create_time=row["create_time"],
        )
        for row in rows
    ]


def filed(
    connection: sa.Connection, enterprises: Collection[str], period: Period
) -> frozenset[Filed]:
    """Return the items for which a document is filed, of several enterprises and months."""
    c = filings.c
    rows = connection.execute(
        sa.select(c.enterprise, c.month_date, c.item_id).where(
            c.enterprise.in_(sorted(enterprises)),
            c.month_date >= period.start,
            c.month_date < period.end,
            c.version == 1,
        )
    )
    return frozenset(
        (enterprise, Period.month(month.year, month.month), item_id)
        for enterprise, month, item_id in rows
    )
