"""Lines and inventories by method, gases and claims beside them.

The tables are made anew. Books that were written by one method alone cannot be turned into books of
several without computing them again from their records, so a database that holds records is left
as it is and says what to do.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.runtime import columns, tables

revision = "0002"
down_revision = "0001"

INSERT_ONLY = ("activity_records", "bindings", "inventories", "lines", "sources")


def upgrade() -> None:
    held = op.get_bind().execute(sa.text("SELECT count(*) FROM activity_records")).scalar_one()
    if held:
        message = (
            f"this database holds {held} activity records of the first, unreleased form; it is "
            "left as it is. Start with an empty data folder or schema and report them again: a "
            "report repeated with its request_id has its effect once."
        )
        raise RuntimeError(message)
    for table in ("lines", "activity_records", "sources", "inventories", "bindings"):
        op.drop_table(table)
    op.create_table(
        "bindings",
        sa.Column("create_time", columns.Instant(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("binding", sa.Text(), nullable=False),
        sa.Column("method_id", sa.Text(), nullable=False),
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("formula_id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("accounting_year", sa.Integer(), nullable=False),
        sa.Column("gwp_sets", sa.JSON(), nullable=False),
        sa.Column("factors", sa.JSON(), nullable=False),
        sa.Column("potentials", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("binding"),
    )
    op.create_table(
        "inventories",
        sa.Column("create_time", columns.Instant(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("enterprise", sa.Text(), nullable=False),
        sa.Column("accounting_year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("method_id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("method_version", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("gaps", sa.JSON(), nullable=False),
        sa.Column("item_totals", sa.JSON(), nullable=False),
        sa.Column("activity_totals", sa.JSON(), nullable=False),
        sa.Column("reported", sa.JSON(), nullable=True),
        sa.Column("reported_day_count", sa.Integer(), nullable=False),
        sa.Column("source_day_count", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("registry_revision", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("enterprise", "accounting_year", "method_id", "version"),
    )
    op.create_table(
        "sources",
        sa.Column("create_time", columns.Instant(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("enterprise", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("counterparty", sa.Text(), nullable=False),
        sa.Column("steam", sa.Text(), nullable=False),
        sa.Column("value_chain_category", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("enterprise", "source_id"),
    )
    op.create_table(
        "activity_records",
        sa.Column("create_time", columns.Instant(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("enterprise", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("order_index", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("unit_code", sa.Text(), nullable=False),
        sa.Column("start_date", sa.Date(), nullable=False),
        sa.Column("end_date", sa.Date(), nullable=False),
        sa.Column("facility", sa.Text(), nullable=False),
        sa.Column("meter", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("certificate", sa.Text(), nullable=True),
        sa.Column("corrects", sa.Text(), nullable=True),
        sa.Column("reporter", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["enterprise", "source_id"],
            ["sources.enterprise", "sources.source_id"],
        ),
        sa.PrimaryKeyConstraint("enterprise", "record"),
        sa.UniqueConstraint("enterprise", "corrects"),
    )
    op.create_index(
        "activity_records_by_source",
        "activity_records",
        ["enterprise", "source_id", "start_date"],
        unique=False,
    )
    op.create_index(
        "activity_records_in_order",
        "activity_records",
        ["enterprise", "revision", "order_index"],
        unique=False,
    )
    op.create_index(
        "activity_records_by_certificate", "activity_records", ["certificate"], unique=False
    )
    op.create_table(
        "lines",
        sa.Column("create_time", columns.Instant(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("enterprise", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("accounting_year", sa.Integer(), nullable=False),
        sa.Column("month_date", sa.Date(), nullable=False),
        sa.Column("method_id", sa.Text(), nullable=False),
        sa.Column("facility", sa.Text(), nullable=False),
        sa.Column("activity", sa.Text(), nullable=False),
        sa.Column("activity_unit", sa.Text(), nullable=False),
        sa.Column("activities", sa.JSON(), nullable=False),
        sa.Column("binding", sa.Text(), nullable=False),
        sa.Column("registry_revision", sa.BigInteger(), nullable=False),
        sa.Column("co2_g", sa.BigInteger(), nullable=False),
        sa.Column("other_mg", sa.JSON(), nullable=False),
        sa.Column("co2e_g", sa.JSON(), nullable=False),
        sa.Column("days", sa.JSON(), nullable=False),
        sa.Column("reported_day_count", sa.Integer(), nullable=False),
        sa.Column("record_count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["binding"],
            ["bindings.binding"],
        ),
        sa.ForeignKeyConstraint(
            ["enterprise", "source_id"],
            ["sources.enterprise", "sources.source_id"],
        ),
        sa.PrimaryKeyConstraint("enterprise", "line", "version"),
    )
    op.create_index(
        "lines_by_year",
        "lines",
        ["enterprise", "accounting_year", "method_id"],
        unique=False,
    )
    tables.insert_only(op.get_bind(), *INSERT_ONLY)
