"""PostgreSQL appends to books by one call, if they end where the caller thinks.

What was delivered is found by an index, among all else in a book.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

# The chains are locked in one order for all, each looked up by its key: a question that locks is
# not taken apart and joined in another way.
APPEND = """CREATE FUNCTION ledger_append(ends json, transfers json, requests json) RETURNS boolean
LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE agreed bigint;
BEGIN
    SELECT count(*) INTO agreed FROM (
        SELECT * FROM json_to_recordset(ends) AS known (book text, number bigint, hash text)
        ORDER BY book
    ) AS known CROSS JOIN LATERAL (
        SELECT number, hash FROM ledger_chains WHERE book = known.book FOR UPDATE
    ) AS chain
    WHERE chain.number = known.number AND chain.hash = decode(known.hash, 'hex');
    IF agreed < json_array_length(ends) THEN
        RETURN false;
    END IF;
    IF json_array_length(requests) <> 0 THEN
        INSERT INTO ledger_requests (principal, request_id, digest, record_time)
        SELECT principal, request_id, decode(digest, 'hex'), record_time
        FROM json_to_recordset(requests) AS request (
            principal text, request_id text, digest text, record_time timestamptz);
    END IF;
    INSERT INTO ledger_transfers (
        book, number, transfer, phase, kind, instrument, debit, credit, unit_count,
        reserved_count, released_count, target_number, link, trade_date, settlement_date,
        timeout_time, evidence, principal, record_time, digest,
        debit_version, debit_balance, debit_reserved,
        credit_version, credit_balance, credit_reserved, hash)
    SELECT book, number, transfer, phase, kind, instrument, debit, credit, unit_count,
        reserved_count, released_count, target_number, link, trade_date, settlement_date,
        timeout_time, evidence, principal, record_time, decode(digest, 'hex'),
        debit_version, debit_balance, debit_reserved,
        credit_version, credit_balance, credit_reserved, decode(hash, 'hex')
    FROM json_to_recordset(transfers) AS added (
        book text, number bigint, transfer text, phase text, kind text, instrument text,
        debit text, credit text, unit_count bigint, reserved_count bigint,
        released_count bigint, target_number bigint, link text, trade_date date,
        settlement_date date, timeout_time timestamptz, evidence text, principal text,
        record_time timestamptz, digest text,
        debit_version bigint, debit_balance bigint, debit_reserved bigint,
        credit_version bigint, credit_balance bigint, credit_reserved bigint, hash text);
    RETURN true;
END $$"""


DELIVERING = sa.text("kind IN ('SURRENDER', 'OFFSET_CANCELLATION')")


def upgrade() -> None:
    op.create_index(
        "delivering_transfers",
        "ledger_transfers",
        ["book", "settlement_date"],
        sqlite_where=DELIVERING,
        postgresql_where=DELIVERING,
    )
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(APPEND)


def downgrade() -> None:
    op.drop_index("delivering_transfers", "ledger_transfers")
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("DROP FUNCTION ledger_append(json, json, json)")
