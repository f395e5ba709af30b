"""PostgreSQL checks and moves at once what one statement posted; indexes of what was issued.

What is taken and what is refused stays what it was. Row by row, each transfer cost three statements
of its own.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context, op

revision = "0006"
down_revision = "0005"

# An entry leads to where its account then stands. So what stands there, less all that came up to
# the entry, is the same for all entries of an account: how it stood before them. Where it is not,
# the entries fall into several runs, not all of which begin where the account is.
POST = """CREATE OR REPLACE FUNCTION ledger_post() RETURNS trigger
LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE all_moved boolean;
BEGIN
    PERFORM 1 FROM fresh WHERE target_number IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM ledger_transfers AS target
        WHERE target.book = fresh.book AND target.number = fresh.target_number
        AND target.number < fresh.number AND target.instrument = fresh.instrument
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
    INSERT INTO ledger_accounts (book, instrument, purpose, balance, reserved, version)
        SELECT book, instrument, debit, 0, 0, 0 FROM fresh WHERE debit_version = 1
        UNION ALL
        SELECT book, instrument, credit, 0, 0, 0 FROM fresh WHERE credit_version = 1
        ON CONFLICT DO NOTHING;
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
        SELECT book, instrument, purpose, version, balance, reserved,
            version - row_number() OVER up_to_it AS version_before,
            balance - sum(came) OVER up_to_it AS balance_before,
            reserved - sum(kept) OVER up_to_it AS reserved_before
        FROM entries
        WINDOW up_to_it AS (PARTITION BY book, instrument, purpose ORDER BY version
            ROWS UNBOUNDED PRECEDING)
    ), runs AS (
        SELECT book, instrument, purpose, version_before, balance_before, reserved_before,
            max(version) AS version,
            min(reserved) AS least_reserved, min(balance - reserved) AS least_available,
            (array_agg(balance ORDER BY version DESC))[1] AS balance,
            (array_agg(reserved ORDER BY version DESC))[1] AS reserved
        FROM steps
        GROUP BY book, instrument, purpose, version_before, balance_before, reserved_before
    ), moved AS (
        UPDATE ledger_accounts AS account
        SET balance = runs.balance, reserved = runs.reserved, version = runs.version
        FROM runs
        WHERE account.book = runs.book AND account.instrument = runs.instrument
        AND account.purpose = runs.purpose AND account.version = runs.version_before
        AND account.balance = runs.balance_before AND account.reserved = runs.reserved_before
        AND least_reserved >= 0 AND (least_available >= 0 OR NOT (account.{inside}))
        RETURNING 1
    )
    SELECT (SELECT count(*) FROM runs) = (SELECT count(*) FROM moved) INTO all_moved;
    IF NOT all_moved THEN
        RAISE check_violation USING MESSAGE = 'ledger: an account is not where a transfer says';
    END IF;
    INSERT INTO ledger_chains (book, number, hash)
        SELECT book, 0, '' FROM fresh WHERE number = 1 ON CONFLICT DO NOTHING;
    WITH links AS (
        SELECT book, min(number) AS first, max(number) AS last, count(*) AS length
        FROM fresh GROUP BY book
    ), moved AS (
        UPDATE ledger_chains AS chain
        SET number = end_.number, hash = end_.hash, record_time = end_.record_time
        FROM links JOIN fresh AS end_ ON end_.book = links.book AND end_.number = links.last
        WHERE chain.book = links.book AND chain.number = links.first - 1
        AND links.last - links.first + 1 = links.length
        RETURNING 1
    )
    SELECT (SELECT count(*) FROM links) = (SELECT count(*) FROM moved) INTO all_moved;
    IF NOT all_moved THEN
        RAISE check_violation USING MESSAGE = 'ledger: the chain does not end before it';
    END IF;
    RETURN NULL;
END $$"""
INSIDE = "purpose IN ('HELD', 'ORDERED', 'PLEDGED', 'FROZEN', 'SURRENDERED')"
TRIGGER = """CREATE TRIGGER ledger_transfers_post AFTER INSERT ON ledger_transfers
REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION ledger_post()"""


ISSUED = ("ALLOCATION", "CARRY_OVER_IN")


def upgrade() -> None:
    for kind in ISSUED:
        which = sa.text(f"kind = '{kind}'")
        op.create_index(
            f"{kind.lower()}_transfers",
            "ledger_transfers",
            ["book", "instrument"],
            sqlite_where=which,
            postgresql_where=which,
        )
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        return
    for statement in (
        "DROP TRIGGER ledger_transfers_post ON ledger_transfers",
        POST.format(inside=INSIDE),
        TRIGGER,
        # Rows that are changed all the time keep to their page, and their index as it is.
        "ALTER TABLE ledger_accounts SET (fillfactor = 50)",
        "ALTER TABLE ledger_chains SET (fillfactor = 50)",
    ):
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    for kind in ISSUED:
        op.drop_index(f"{kind.lower()}_transfers", "ledger_transfers")
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        return
    by_row = context.script.get_revision("0002").module.POSTGRESQL
    for statement in (
        "DROP TRIGGER ledger_transfers_post ON ledger_transfers",
        "DROP FUNCTION ledger_post()",
        *by_row[:2],
        "ALTER TABLE ledger_accounts RESET (fillfactor)",
        "ALTER TABLE ledger_chains RESET (fillfactor)",
    ):
        connection.exec_driver_sql(statement)
