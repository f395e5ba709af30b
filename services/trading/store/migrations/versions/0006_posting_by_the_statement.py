"""PostgreSQL loads a group by one call, and checks and moves at once what one statement posted.

What is taken and what is refused stays what it was. Row by row, each transfer cost three statements
of its own. Positions find what was issued by indexes.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context, op

revision = "0006"
down_revision = "0005"

# Each entry must go on from the one before it of its account: with the next version, and with what
# stood there and what it moves. The first goes on from the account. What is asked for is looked up
# by its key, however many or few rows the statistics promise.
POST = """CREATE OR REPLACE FUNCTION ledger_post() RETURNS trigger
LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE all_moved boolean;
BEGIN
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
    INSERT INTO ledger_chains (book, number, hash)
        SELECT book, 0, '' FROM fresh WHERE number = 1 ON CONFLICT DO NOTHING;
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
TRIGGER = """CREATE TRIGGER ledger_transfers_post AFTER INSERT ON ledger_transfers
REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION ledger_post()"""

# Lists are text, with commas: no id has one. Several of them say together what is looked up. Where
# a table has several indexes that begin with the book, only the right one gives the order that is
# asked for: as long as nothing is known of a new table the others look as good, and read the book.
# Chains are begun before any is locked: who begins one while it holds a later one would wait for
# who holds that one, and may itself be waited for.
LOAD = """CREATE FUNCTION ledger_load(
    books text, key_books text, key_instruments text, key_purposes text,
    id_books text, id_transfers text, principals text, request_ids text
) RETURNS json
LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE wanted text[] := string_to_array(books, ',');
DECLARE of_book text[] := string_to_array(key_books, ',');
DECLARE of_instrument text[] := string_to_array(key_instruments, ',');
DECLARE of_purpose text[] := string_to_array(key_purposes, ',');
DECLARE chains json;
DECLARE named json;
DECLARE settled json;
DECLARE standings json;
DECLARE kinds json;
DECLARE kept json;
BEGIN
    IF (SELECT count(*) FROM ledger_chains WHERE book = ANY (wanted)) < cardinality(wanted) THEN
        INSERT INTO ledger_chains (book, number, hash)
        SELECT account, 0, '' FROM accounts WHERE account = ANY (wanted) ORDER BY account
        ON CONFLICT DO NOTHING;
    END IF;
    chains := ledger_lock(wanted);
    SELECT json_agg(json_build_array(
        found.book, number, transfer, phase, kind, instrument, debit, credit, unit_count,
        reserved_count, released_count, target_number, link, trade_date, settlement_date,
        (extract(epoch FROM timeout_time) * 1000000)::bigint, evidence, principal,
        (extract(epoch FROM record_time) * 1000000)::bigint, encode(digest, 'hex'),
        debit_version, debit_balance, debit_reserved,
        credit_version, credit_balance, credit_reserved, encode(hash, 'hex')))
    INTO named
    FROM unnest(string_to_array(id_books, ','), string_to_array(id_transfers, ','))
        AS id (of_book, of_transfer)
    CROSS JOIN LATERAL (
        SELECT * FROM ledger_transfers
        WHERE book = id.of_book AND transfer >= id.of_transfer AND transfer <= id.of_transfer
        ORDER BY transfer LIMIT 1
    ) AS found;
    IF named IS NOT NULL THEN
        SELECT json_agg(json_build_array(later.book, target_number, transfer, phase))
        INTO settled
        FROM json_array_elements(named) AS row CROSS JOIN LATERAL (
            SELECT * FROM ledger_transfers
            WHERE book = row->>0
            AND target_number >= (row->>1)::bigint AND target_number <= (row->>1)::bigint
            ORDER BY target_number LIMIT 1
        ) AS later;
        SELECT of_book || array_agg(row->>0), of_instrument || array_agg(row->>5),
            of_purpose || array_agg(row->>side)
        INTO of_book, of_instrument, of_purpose
        FROM json_array_elements(named) AS row CROSS JOIN unnest(ARRAY[6, 7]) AS side;
    END IF;
    SELECT json_agg(json_build_array(book, instrument, purpose, balance, reserved, version))
    INTO standings
    FROM unnest(of_book, of_instrument, of_purpose) AS key (of_book, of_instrument, of_purpose)
    CROSS JOIN LATERAL (
        SELECT * FROM ledger_accounts AS account
        WHERE book = key.of_book AND instrument = key.of_instrument AND purpose = key.of_purpose
        LIMIT 1
    ) AS found;
    SELECT json_agg(json_build_array(instrument, kind)) INTO kinds
    FROM ledger_instruments WHERE instrument = ANY (of_instrument);
    SELECT json_agg(json_build_array(principal, request_id, encode(digest, 'hex'))) INTO kept
    FROM unnest(string_to_array(principals, ','), string_to_array(request_ids, ','))
        AS request (of_principal, of_id)
    CROSS JOIN LATERAL (
        SELECT * FROM ledger_requests
        WHERE principal = request.of_principal AND request_id = request.of_id LIMIT 1
    ) AS found;
    RETURN json_build_array(chains, standings, kinds, named, settled, kept);
END $$"""
ISSUED = ("ALLOCATION", "CARRY_OVER_IN")


def upgrade() -> None:
    for kind in ISSUED:
        which = sa.text(f"kind = '{kind}'")
        op.create_index(
            f"{kind.lower()}_transfers",
            "ledger_transfers",
            ["book", "instrument", "settlement_date"],
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
        "DROP FUNCTION ledger_load(text, text, text)",
        LOAD,
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
    before = context.script.get_revision("0002").module.POSTGRESQL
    for statement in (
        "DROP TRIGGER ledger_transfers_post ON ledger_transfers",
        "DROP FUNCTION ledger_post()",
        f"DROP FUNCTION ledger_load({', '.join(['text'] * 8)})",
        *(each for each in before if "ledger_post()" in each or "ledger_load(" in each),
        "ALTER TABLE ledger_accounts RESET (fillfactor)",
        "ALTER TABLE ledger_chains RESET (fillfactor)",
    ):
        connection.exec_driver_sql(statement)
