"""Records and days of curves by the month on PostgreSQL, and what replaces which on both."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from services.runtime import columns, partitions, tables

revision = "0009"
down_revision = "0008"

_BEFORE = "{}_before"
_INDEXES = {
    "activity_records_by_source": ["enterprise", "source_id", "start_date"],
    "activity_records_in_order": ["enterprise", "revision", "order_index"],
    "activity_records_by_certificate": ["certificate"],
}


def upgrade() -> None:
    connection = op.get_bind()
    is_postgresql = connection.dialect.name == "postgresql"
    _corrections(connection)
    # SQLite makes a table anew to change its key.
    for index in _INDEXES:
        op.drop_index(index, "activity_records")
    _put_aside(connection, "activity_records")
    _fill(connection, "activity_records", _records(), "start_date")
    if is_postgresql:
        _put_aside(connection, "curve_days")
        _fill(connection, "curve_days", _curve_days(), "day_date")


def _corrections(connection: sa.Connection) -> None:
    op.create_table(
        "corrections",
        sa.Column("enterprise", sa.Text(), nullable=False),
        sa.Column("corrects", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("enterprise", "corrects"),
    )
    op.execute(
        "INSERT INTO corrections (enterprise, corrects, record, revision) "
        "SELECT enterprise, corrects, record, revision FROM activity_records "
        "WHERE corrects IS NOT NULL"
    )
    tables.insert_only(connection, "corrections")


def _records() -> Sequence[str]:
    created = op.create_table(
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
            ["enterprise", "source_id"], ["sources.enterprise", "sources.source_id"]
        ),
        sa.PrimaryKeyConstraint("enterprise", "record", "start_date"),
        postgresql_partition_by="RANGE (start_date)",
    )
    for index, indexed in _INDEXES.items():
        op.create_index(index, "activity_records", indexed)
    return list(created.columns.keys())


def _curve_days() -> Sequence[str]:
    created = op.create_table(
        "curve_days",
        sa.Column("curve_revision", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("total_count", sa.BigInteger(), nullable=False),
        sa.Column("day_date", sa.Date(), nullable=False),
        sa.Column("points", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("estimated_count", sa.SmallInteger(), nullable=False),
        sa.Column("missing_count", sa.SmallInteger(), nullable=False),
        sa.Column("assumption_count", sa.SmallInteger(), nullable=False),
        sa.Column("marks", sa.LargeBinary(), nullable=True),
        sa.Column("notes", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("curve_revision", "day_date", "revision"),
        postgresql_partition_by="RANGE (day_date)",
    )
    return list(created.columns.keys())


def _put_aside(connection: sa.Connection, table: str) -> None:
    """Give a table another name, and let go of the name of its key."""
    before = _BEFORE.format(table)
    op.rename_table(table, before)
    if connection.dialect.name == "postgresql":
        op.drop_constraint(f"{table}_pkey", before, type_="primary")


def _fill(connection: sa.Connection, table: str, names: Sequence[str], day: str) -> None:
    """Bring into a new table what the one before it held, which then goes."""
    before = sa.table(_BEFORE.format(table), *(sa.column(name) for name in names))
    days = sa.select(before.c[day]).distinct()
    if connection.dialect.name == "postgresql":
        partitions.make(connection, table, connection.scalars(days))
    into = sa.table(table, *(sa.column(name) for name in names))
    connection.execute(sa.insert(into).from_select(list(names), sa.select(before)))
    op.drop_table(before.name)
    tables.insert_only(connection, table)
