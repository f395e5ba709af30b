"""The first tables of accounting."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.runtime import columns, migration, tables

revision = "0001"
down_revision = None

INSERT_ONLY = ("activity_records", "bindings", "inventories", "lines", "sources")


def upgrade() -> None:
    migration.first_tables()
    op.create_table(
        "bindings",
        sa.Column("create_time", columns.Instant(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("binding", sa.Text(), nullable=False),
        sa.Column("method_id", sa.Text(), nullable=False),
        sa.Column("gwp_set", sa.Text(), nullable=False),
        sa.Column("accounting_year", sa.Integer(), nullable=False),
        sa.Column("factors", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("binding"),
    )
    op.create_table(
        "inventories",
        sa.Column("create_time", columns.Instant(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("enterprise", sa.Text(), nullable=False),
        sa.Column("accounting_year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("method_id", sa.Text(), nullable=False),
        sa.Column("gwp_set", sa.Text(), nullable=False),
        sa.Column("scope2_basis", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("combustion_co2_g", sa.BigInteger(), nullable=False),
        sa.Column("electricity_purchased_co2_g", sa.BigInteger(), nullable=False),
        sa.Column("electricity_exported_co2_g", sa.BigInteger(), nullable=False),
        sa.Column("heat_purchased_co2_g", sa.BigInteger(), nullable=False),
        sa.Column("heat_exported_co2_g", sa.BigInteger(), nullable=False),
        sa.Column("direct_co2_g", sa.BigInteger(), nullable=False),
        sa.Column("direct_co2e_g", sa.BigInteger(), nullable=False),
        sa.Column("indirect_co2_g", sa.BigInteger(), nullable=False),
        sa.Column("indirect_co2e_g", sa.BigInteger(), nullable=False),
        sa.Column("activity_totals", sa.JSON(), nullable=False),
        sa.Column("reported_day_count", sa.Integer(), nullable=False),
        sa.Column("source_day_count", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("registry_revision", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("enterprise", "accounting_year", "version"),
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
        sa.Column("activities", sa.JSON(), nullable=False),
        sa.Column("binding", sa.Text(), nullable=False),
        sa.Column("registry_revision", sa.BigInteger(), nullable=False),
        sa.Column("co2_g", sa.BigInteger(), nullable=False),
        sa.Column("co2e_g", sa.BigInteger(), nullable=False),
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
    op.create_index("lines_by_year", "lines", ["enterprise", "accounting_year"], unique=False)
    tables.insert_only(op.get_bind(), *INSERT_ONLY)
