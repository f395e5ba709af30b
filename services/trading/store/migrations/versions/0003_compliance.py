"""Approved allocations, obligations from verified emissions, the desk's records of compliance."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.runtime import columns, tables

revision = "0003"
down_revision = "0002"

INSERT_ONLY = ("duty_records", "followed_inventories", "followed_verifications", "offset_facts")

BEFORE = (
    "create_time, revision, account, compliance_year, version, basis, known, allowance_count,"
    " missing, missing_zh, inventory, inventory_version, direct_co2_g, status"
)


def upgrade() -> None:
    _allocations()
    _obligations()
    _evidence()
    _desk()
    tables.insert_only(op.get_bind(), *INSERT_ONLY)


def _allocations() -> None:
    for name in ("initial_count", "approved_count", "obligation_count", "pre_allocated_count"):
        op.add_column("allocations", sa.Column(name, sa.BigInteger(), nullable=True))
    for table in ("allocations", "allocation_units"):
        column = sa.Column("details", sa.Text(), nullable=False, server_default="{}")
        op.add_column(table, column)


def _obligations() -> None:
    """Let several versions rest on one version of an inventory: a verification changes none."""
    if op.get_bind().dialect.name == "sqlite":
        op.create_table(
            "obligations_rebuilt",
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
            sa.ForeignKeyConstraint(["account"], ["accounts.account"]),
            sa.PrimaryKeyConstraint("account", "compliance_year", "version"),
        )
        op.execute(
            f"INSERT INTO obligations_rebuilt ({BEFORE}) SELECT {BEFORE} FROM obligations"  # noqa: S608 (ours)
        )
        op.drop_table("obligations")
        op.rename_table("obligations_rebuilt", "obligations")
        tables.insert_only(op.get_bind(), "obligations")
    else:
        op.drop_constraint(
            "obligations_account_compliance_year_inventory_version_key", "obligations"
        )
    for name in ("verification", "reported_t", "change", "change_zh"):
        op.add_column("obligations", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    version = sa.Column("verification_version", sa.BigInteger(), nullable=False, server_default="0")
    op.add_column("obligations", version)


def _evidence() -> None:
    """Keep what obligations rest on; and follow accounting from its beginning once more."""
    op.create_table(
        "followed_inventories",
        sa.Column("create_time", columns.Instant(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("compliance_year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("missing", sa.Text(), nullable=False),
        sa.Column("missing_zh", sa.Text(), nullable=False),
        sa.Column("direct_co2_g", sa.BigInteger(), nullable=False),
        sa.Column("direct_co2e_g", sa.BigInteger(), nullable=False),
        sa.Column("reported_t", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["accounts.account"]),
        sa.PrimaryKeyConstraint("account", "compliance_year", "method", "version"),
    )
    op.create_table(
        "followed_verifications",
        sa.Column("create_time", columns.Instant(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("compliance_year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("verification", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("inventory_version", sa.BigInteger(), nullable=False),
        sa.Column("conclusion", sa.Text(), nullable=False),
        sa.Column("corrected", sa.Boolean(), nullable=False),
        sa.Column("verified_t", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["accounts.account"]),
        sa.PrimaryKeyConstraint("account", "compliance_year", "verification", "version"),
    )
    op.execute(
        "INSERT INTO followed_inventories (create_time, revision, account, compliance_year, method,"
        " version, complete, missing, missing_zh, direct_co2_g, direct_co2e_g, reported_t, status)"
        " SELECT create_time, revision, account, compliance_year, 'gbt32150', inventory_version,"
        " known, missing, missing_zh, direct_co2_g, direct_co2_g, '', status FROM obligations"
    )
    op.execute("UPDATE cursors SET revision = 0 WHERE service = 'accounting'")


def _desk() -> None:
    op.create_table(
        "offset_facts",
        sa.Column("create_time", columns.Instant(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("instrument", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("registration_date", sa.Date(), nullable=False),
        sa.Column("under_allowance_management", sa.Boolean(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["accounts.account"]),
        sa.ForeignKeyConstraint(["instrument"], ["ledger_instruments.instrument"]),
        sa.PrimaryKeyConstraint("account", "instrument", "version"),
    )
    op.create_table(
        "duty_records",
        sa.Column("create_time", columns.Instant(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("duty", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("done_time", columns.Instant(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["accounts.account"]),
        sa.PrimaryKeyConstraint("account", "duty", "version"),
    )
