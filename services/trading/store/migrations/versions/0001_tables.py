"""The first tables of trading."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.runtime import columns, migration, tables

revision = "0001"
down_revision = None

INSERT_ONLY = ("accounts", "allocation_units", "allocations", "holdings", "obligations", "prices")


def upgrade() -> None:
    migration.first_tables()
    op.create_table(
        "accounts",
        sa.Column("create_time", columns.Instant(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("enterprise", sa.Text(), nullable=False),
        sa.Column("sector", sa.Text(), nullable=False),
        sa.Column("first_compliance_year", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("account"),
        sa.UniqueConstraint("enterprise"),
    )
    op.create_table(
        "prices",
        sa.Column("create_time", columns.Instant(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("source_title", sa.Text(), nullable=False),
        sa.Column("document_no", sa.Text(), nullable=False),
        sa.Column("source_year", sa.Integer(), nullable=False),
        sa.Column("locator", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("licence", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("start_date", sa.Date(), nullable=False),
        sa.Column("end_date", sa.Date(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("price_cny_per_t", columns.DecimalText(), nullable=False),
        sa.Column("volume_t", sa.BigInteger(), nullable=False),
        sa.Column("price_basis", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("product", "kind", "start_date", "end_date", "version"),
    )
    op.create_table(
        "allocations",
        sa.Column("create_time", columns.Instant(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("compliance_year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("rulebook", sa.Text(), nullable=False),
        sa.Column("rulebook_version", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("allowance_count", sa.BigInteger(), nullable=False),
        sa.Column("omitted_rules", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account"],
            ["accounts.account"],
        ),
        sa.PrimaryKeyConstraint("account", "compliance_year", "version"),
    )
    op.create_table(
        "holdings",
        sa.Column("create_time", columns.Instant(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("vintage_year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("allowance_count", sa.BigInteger(), nullable=False),
        sa.Column("statement_date", sa.Date(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account"],
            ["accounts.account"],
        ),
        sa.PrimaryKeyConstraint("account", "vintage_year", "origin", "version"),
    )
    op.create_table(
        "obligations",
        sa.Column("create_time", columns.Instant(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("compliance_year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("known", sa.Boolean(), nullable=False),
        sa.Column("allowance_count", sa.BigInteger(), nullable=False),
        sa.Column("missing", sa.Text(), nullable=False),
        sa.Column("missing_zh", sa.Text(), nullable=False),
        sa.Column("inventory", sa.Text(), nullable=False),
        sa.Column("inventory_version", sa.BigInteger(), nullable=False),
        sa.Column("direct_co2_g", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account"],
            ["accounts.account"],
        ),
        sa.PrimaryKeyConstraint("account", "compliance_year", "version"),
        sa.UniqueConstraint("account", "compliance_year", "inventory_version"),
    )
    op.create_table(
        "allocation_units",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("compliance_year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("order_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("facility", sa.Text(), nullable=False),
        sa.Column("unit_class", sa.Text(), nullable=False),
        sa.Column("electricity_value", sa.Text(), nullable=False),
        sa.Column("electricity_unit", sa.Text(), nullable=False),
        sa.Column("heat_value", sa.Text(), nullable=False),
        sa.Column("heat_unit", sa.Text(), nullable=False),
        sa.Column("load_factor_ratio", columns.DecimalText(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("power_benchmark_t_per_mwh", columns.DecimalText(), nullable=False),
        sa.Column("heat_benchmark_t_per_gj", columns.DecimalText(), nullable=False),
        sa.Column("peak_factor_ratio", columns.DecimalText(), nullable=False),
        sa.Column("power_allowance_count", sa.BigInteger(), nullable=False),
        sa.Column("heat_allowance_count", sa.BigInteger(), nullable=False),
        sa.Column("steps", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account", "compliance_year", "version"],
            ["allocations.account", "allocations.compliance_year", "allocations.version"],
        ),
        sa.PrimaryKeyConstraint("account", "compliance_year", "version", "order_index"),
    )
    tables.insert_only(op.get_bind(), *INSERT_ONLY)
