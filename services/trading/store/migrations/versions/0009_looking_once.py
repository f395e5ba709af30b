"""PostgreSQL looks at once whether what was posted names others, opens accounts or begins books.

Most of what is posted does none of it, and took three statements to find out.
"""

from __future__ import annotations

from alembic import context, op

revision = "0009"
down_revision = "0008"

POST = """CREATE OR REPLACE FUNCTION ledger_post() RETURNS trigger
LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE names_others boolean;
DECLARE opens_accounts boolean;
DECLARE begins_books boolean;
DECLARE all_moved boolean;
BEGIN
    SELECT bool_or(target_number IS NOT NULL), bool_or(debit_version = 1 OR credit_version = 1),
        bool_or(number = 1)
    INTO names_others, opens_accounts, begins_books
    FROM fresh;
    IF names_others THEN
        PERFORM 1 FROM fresh WHERE target_number IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM (
                SELECT * FROM ledger_transfers
                WHERE book = fresh.book
                AND number >= fresh.target_number AND number <= fresh.target_number
                ORDER BY number LIMIT 1
            ) AS target
            WHERE target.number < fresh.number AND target.instrument = fresh.instrument
            AND CASE WHEN fresh.phase = 'REVERSAL' THEN
                target.phase IN ('POSTED', 'POST_PENDING') AND target.unit_count = fresh.unit_count
                AND target.debit = fresh.credit AND target.credit = fresh.debit
            ELSE
                target.phase = 'PENDING' AND target.reserved_count = fresh.released_count
                AND target.debit = fresh.debit AND target.credit = fresh.credit
            END);
        IF FOUND THEN
            RAISE check_violation USING MESSAGE = 'ledger: the target does not allow it';
        END IF;
    END IF;
    IF opens_accounts THEN
        INSERT INTO ledger_accounts (book, instrument, purpose, balance, reserved, version)
            SELECT book, instrument, debit, 0, 0, 0 FROM fresh WHERE debit_version = 1
            UNION ALL
            SELECT book, instrument, credit, 0, 0, 0 FROM fresh WHERE credit_version = 1
            ON CONFLICT DO NOTHING;
    END IF;
    WITH entries AS (
        SELECT book, instrument, debit AS purpose, debit_version AS version,
            debit_balance AS balance, debit_reserved AS reserved,
            unit_count AS came, 0 AS kept
        FROM fresh
        UNION ALL
        SELECT book, instrument, credit, credit_version,
            credit_balance, credit_reserved,
            -unit_count, reserved_count - released_count
        FROM fresh
    ), steps AS (
        SELECT *, lead(version) OVER back AS version_before,
            lead(balance) OVER back AS balance_before, lead(reserved) OVER back AS reserved_before
        FROM entries
        WINDOW back AS (PARTITION BY book, instrument, purpose ORDER BY version DESC)
    ), runs AS (
        SELECT book, instrument, purpose,
            max(version) AS version, min(version) - 1 AS version_before,
            min(reserved) AS least_reserved, min(balance - reserved) AS least_available,
            (array_agg(balance ORDER BY version DESC))[1] AS balance, sum(came) AS came,
            (array_agg(reserved ORDER BY version DESC))[1] AS reserved, sum(kept) AS kept,
            bool_and(version_before IS NULL OR version_before = version - 1
                AND balance_before = balance - came AND reserved_before = reserved - kept) AS linked
        FROM steps
        GROUP BY book, instrument, purpose
    ), moved AS (
        UPDATE ledger_accounts AS account
        SET balance = runs.balance, reserved = runs.reserved, version = runs.version
        FROM runs
        WHERE account.book = runs.book AND account.instrument = runs.instrument
        AND account.purpose = runs.purpose AND linked AND account.version = runs.version_before
        AND account.balance = runs.balance - came AND account.reserved = runs.reserved - kept
        AND least_reserved >= 0 AND (least_available >= 0 OR NOT (account.{inside}))
        RETURNING 1
    )
    SELECT (SELECT count(*) FROM runs) = (SELECT count(*) FROM moved) INTO all_moved;
    IF NOT all_moved THEN
        RAISE check_violation USING MESSAGE = 'ledger: an account is not where a transfer says';
    END IF;
    IF begins_books THEN
        INSERT INTO ledger_chains (book, number, hash)
            SELECT book, 0, '' FROM fresh WHERE number = 1 ON CONFLICT DO NOTHING;
    END IF;
    WITH links AS (
        SELECT DISTINCT ON (book) book, number, hash, record_time,
            min(number) OVER of_book AS first, count(*) OVER of_book AS length
        FROM fresh WINDOW of_book AS (PARTITION BY book)
        ORDER BY book, number DESC
    ), moved AS (
        UPDATE ledger_chains AS chain
        SET number = links.number, hash = links.hash, record_time = links.record_time
        FROM links
        WHERE chain.book = links.book AND chain.number = links.first - 1
        AND links.number - links.first + 1 = links.length
        RETURNING 1
    )
    SELECT (SELECT count(*) FROM links) = (SELECT count(*) FROM moved) INTO all_moved;
    IF NOT all_moved THEN
        RAISE check_violation USING MESSAGE = 'ledger: the chain does not end before it';
    END IF;
    RETURN NULL;
END $$"""
INSIDE = "purpose IN ('HELD', 'ORDERED', 'PLEDGED', 'FROZEN', 'SURRENDERED')"


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(POST.format(inside=INSIDE))


def downgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        before = context.script.get_revision("0006").module
        connection.exec_driver_sql(before.POST.format(inside=before.INSIDE))
