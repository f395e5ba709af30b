"""Quotes; statements, and what the ledger held against them comes to; declared costs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.runtime import columns, tables

revision = "0005"
down_revision = "0004"

INSERT_ONLY = (
    "bulletins",
    "correction_decisions",
    "corrections",
    "cost_policies",
    "disposals",
    "quotes",
    "reconciliation_breaks",
    "reconciliation_differences",
    "reconciliations",
    "statement_books",
    "statement_lines",
    "statements",
)


def upgrade() -> None:
    _quotes()
    _statements()
    _reconciliations()
    _corrections()
    _costs()
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


def _text(*names: str) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _number(*names: str) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False) for name in names]


def _integer(*names: str) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.Integer(), autoincrement=False, nullable=False) for name in names]


def _day(*names: str) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.Date(), nullable=False) for name in names]


def _statements() -> None:
    op.create_table(
        "statements",
        *_stored(),
        *_text("statement", "kind", "file_name", "evidence", "principal"),
        *_day("start_date", "end_date"),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        *_integer("line_count"),
        sa.Column("supersedes", sa.Text()),
        sa.PrimaryKeyConstraint("statement"),
        sa.ForeignKeyConstraint(["supersedes"], ["statements.statement"]),
        sa.UniqueConstraint("digest", "kind", "start_date", name="one_effect_of_a_file"),
        sa.UniqueConstraint("supersedes", name="one_successor_of_a_statement"),
    )
    op.create_table(
        "statement_books",
        *_text("statement", "book"),
        sa.PrimaryKeyConstraint("statement", "book"),
        sa.ForeignKeyConstraint(["statement"], ["statements.statement"]),
        sa.ForeignKeyConstraint(["book"], ["accounts.account"]),
    )
    op.create_table(
        "statement_lines",
        *_text("statement", "line", "book", "instrument"),
        *_text("reference", "reverses", "kind", "unit"),
        *_integer("row_number"),
        *_number("unit_count", "traded_count"),
        *_day("settlement_date"),
        sa.PrimaryKeyConstraint("statement", "row_number"),
        sa.ForeignKeyConstraint(["statement"], ["statements.statement"]),
    )
    op.create_index("lines_by_number", "statement_lines", ["book", "line"])


def _reconciliations() -> None:
    op.create_table(
        "reconciliations",
        *_stored(),
        *_text("statement", "principal"),
        *_number("run_number"),
        *_integer("line_count", "transfer_count", "agreed_count", "netted_count"),
        sa.PrimaryKeyConstraint("statement", "run_number"),
        sa.ForeignKeyConstraint(["statement"], ["statements.statement"]),
    )
    op.create_table(
        "reconciliation_breaks",
        *_text("statement", "break_id", "kind"),
        *_number("run_number"),
        *_integer("order_index"),
        sa.Column("first_time", columns.Instant(), nullable=False),
        sa.Column("sides", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("statement", "run_number", "order_index"),
        sa.ForeignKeyConstraint(
            ["statement", "run_number"],
            ["reconciliations.statement", "reconciliations.run_number"],
        ),
    )
    op.create_table(
        "reconciliation_differences",
        *_text("statement", "book", "instrument"),
        *_number("run_number", "unit_count"),
        *_integer("order_index"),
        sa.PrimaryKeyConstraint("statement", "run_number", "order_index", "book", "instrument"),
        sa.ForeignKeyConstraint(
            ["statement", "run_number", "order_index"],
            [
                "reconciliation_breaks.statement",
                "reconciliation_breaks.run_number",
                "reconciliation_breaks.order_index",
            ],
        ),
    )
    op.create_index("differences_by_book", "reconciliation_differences", ["book"])


def _corrections() -> None:
    op.create_table(
        "corrections",
        *_stored(),
        *_text("statement", "correction", "break_id", "evidence"),
        *_text("maker", "maker_person", "maker_role"),
        sa.Column("transfers", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("statement", "correction"),
        sa.ForeignKeyConstraint(["statement"], ["statements.statement"]),
        sa.UniqueConstraint("statement", "correction", "maker", name="one_maker_of_a_correction"),
    )
    op.create_table(
        "correction_decisions",
        *_stored(),
        *_text("statement", "correction", "maker", "checker", "verdict", "reason"),
        sa.PrimaryKeyConstraint("statement", "correction"),
        sa.ForeignKeyConstraint(
            ["statement", "correction", "maker"],
            ["corrections.statement", "corrections.correction", "corrections.maker"],
        ),
        sa.CheckConstraint("checker <> maker", name="checker_is_not_maker"),
    )


def _costs() -> None:
    op.create_table(
        "cost_policies",
        *_stored(),
        *_text("book", "method", "sale_order", "other_order", "evidence"),
        *_number("version"),
        sa.PrimaryKeyConstraint("book", "version"),
        sa.ForeignKeyConstraint(["book"], ["accounts.account"]),
    )
    op.create_table(
        "disposals",
        *_stored(),
        *_text("book", "transfer", "evidence", "principal"),
        *_number("version", "free_count"),
        sa.PrimaryKeyConstraint("book", "transfer", "version"),
        sa.ForeignKeyConstraint(["book"], ["accounts.account"]),
    )
