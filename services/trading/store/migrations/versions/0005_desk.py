"""Quotes of the exchange."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.runtime import columns, tables

revision = "0005"
down_revision = "0002"

INSERT_ONLY = ("bulletins", "quotes")


def upgrade() -> None:
    _quotes()
    tables.insert_only(op.get_bind(), *INSERT_ONLY)


def _stored() -> list[sa.Column[object]]:
    return [
        sa.Column("create_time", columns.Instant(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
    ]


def _quotes() -> None:
    op.create_table(
        "quotes",
        *_stored(),
        *(
            sa.Column(name, sa.Integer() if name == "source_year" else sa.Text(), nullable=False)
            for name in (
                *("source_title", "document_no", "source_year", "locator", "url", "licence"),
                *("status", "confidence", "note"),
            )
        ),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        *(
            sa.Column(f"{name}_cny_per_t", columns.DecimalText())
            for name in ("open", "high", "low", "close")
        ),
        *(
            sa.Column(f"{mode}_{figure}", sa.BigInteger())
            for mode in ("listed", "block", "auction")
            for figure in ("volume_t", "amount_fen")
        ),
        sa.PrimaryKeyConstraint("product", "day", "version"),
    )
    op.create_table(
        "bulletins",
        *_stored(),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
