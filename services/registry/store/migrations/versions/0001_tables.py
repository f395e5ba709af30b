"""The first tables of registry."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.runtime import columns, migration, tables

revision = "0001"
down_revision = None

INSERT_ONLY = (
    "applicability_rules",
    "counterparties",
    "credit_codes",
    "enterprises",
    "facilities",
    "factors",
    "key_retirements",
    "keys",
    "memberships",
    "meters",
    "principals",
    "regions",
    "zones",
)


def upgrade() -> None:
    migration.first_tables()
    op.create_table(
        "applicability_rules",
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
        sa.Column("method_id", sa.Text(), nullable=False),
        sa.Column("accounting_year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("factor_set", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("region_levels", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(
            "method_id", "accounting_year", "role", "subject", "factor_set", "version"
        ),
    )
    op.create_table(
        "counterparties",
        sa.Column("create_time", columns.Instant(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("enterprise", sa.Text(), nullable=False),
        sa.Column("counterparty", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("credit_code", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("enterprise", "counterparty"),
    )
    op.create_table(
        "credit_codes",
        sa.Column("enterprise", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("order_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("credit_code", sa.Text(), nullable=False),
        sa.Column("start_date", sa.Date(), nullable=True),
        sa.Column("change_reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("enterprise", "version", "order_index"),
    )
    op.create_index(
        op.f("ix_credit_codes_credit_code"), "credit_codes", ["credit_code"], unique=False
    )
    op.create_table(
        "enterprises",
        sa.Column("create_time", columns.Instant(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("enterprise", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("industry_code", sa.Text(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("merged_into", sa.Text(), nullable=False),
        sa.Column("merge_date", sa.Date(), nullable=True),
        sa.Column("first_create_time", columns.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("enterprise", "version"),
    )
    op.create_table(
        "facilities",
        sa.Column("create_time", columns.Instant(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("enterprise", sa.Text(), nullable=False),
        sa.Column("facility", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("rated_power_value", sa.Text(), nullable=True),
        sa.Column("rated_power_unit", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("enterprise", "facility"),
    )
    op.create_table(
        "factors",
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
        sa.Column("factor_set", sa.Text(), nullable=False),
        sa.Column("factor", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("display_name_zh", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("unit_code", sa.Text(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("data_start_date", sa.Date(), nullable=True),
        sa.Column("data_end_date", sa.Date(), nullable=True),
        sa.Column("lower_value", columns.DecimalText(), nullable=True),
        sa.Column("upper_value", columns.DecimalText(), nullable=True),
        sa.PrimaryKeyConstraint("factor_set", "factor", "version"),
    )
    op.create_index("factors_by_thing", "factors", ["factor_set", "role", "subject"], unique=False)
    op.create_table(
        "key_retirements",
        sa.Column("principal", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("retire_time", columns.Instant(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("principal", "key"),
    )
    op.create_table(
        "meters",
        sa.Column("create_time", columns.Instant(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("enterprise", sa.Text(), nullable=False),
        sa.Column("meter", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("facility", sa.Text(), nullable=False),
        sa.Column("unit_code", sa.Text(), nullable=False),
        sa.Column("decimals_count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("enterprise", "meter"),
    )
    op.create_table(
        "principals",
        sa.Column("create_time", columns.Instant(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("principal", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("principal"),
    )
    op.create_table(
        "regions",
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
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("grid_region_code", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("display_name_zh", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("region_code", "version"),
    )
    op.create_table(
        "zones",
        sa.Column("create_time", columns.Instant(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("zone"),
    )
    op.create_table(
        "keys",
        sa.Column("create_time", columns.Instant(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("principal", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["principal"],
            ["principals.principal"],
        ),
        sa.PrimaryKeyConstraint("principal", "key"),
        sa.UniqueConstraint("digest"),
    )
    op.create_table(
        "memberships",
        sa.Column("enterprise", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("order_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("join_date", sa.Date(), nullable=False),
        sa.Column("leave_date", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["zone"],
            ["zones.zone"],
        ),
        sa.PrimaryKeyConstraint("enterprise", "version", "order_index"),
    )
    tables.insert_only(op.get_bind(), *INSERT_ONLY)
