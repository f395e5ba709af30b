"""The ledger: chains of transfers, the accounts that follow from them, blocks of units."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.runtime import columns, tables

revision = "0002"
down_revision = "0001"

INSERT_ONLY = (
    "ledger_block_ends",
    "ledger_blocks",
    "ledger_instruments",
    "ledger_requests",
    "ledger_transfers",
)

# What the rows of both databases must be, whoever writes them.
INSIDE = "purpose IN ('HELD', 'ORDERED', 'PLEDGED', 'FROZEN', 'SURRENDERED')"
PHASES = """CASE phase
WHEN 'POSTED' THEN
    unit_count > 0 AND reserved_count = 0 AND released_count = 0 AND target_number IS NULL
WHEN 'PENDING' THEN
    unit_count = 0 AND reserved_count > 0 AND released_count = 0 AND target_number IS NULL
WHEN 'POST_PENDING' THEN
    unit_count > 0 AND reserved_count = 0 AND released_count >= unit_count
    AND target_number IS NOT NULL
WHEN 'VOID_PENDING' THEN
    unit_count = 0 AND reserved_count = 0 AND released_count > 0 AND target_number IS NOT NULL
WHEN 'TIME_OUT' THEN
    unit_count = 0 AND reserved_count = 0 AND released_count > 0 AND target_number IS NOT NULL
WHEN 'REVERSAL' THEN
    unit_count > 0 AND reserved_count = 0 AND released_count = 0 AND target_number IS NOT NULL
ELSE FALSE END"""

# The database itself moves the accounts and the chain when a transfer is inserted. That what the
# transfer says of them is what they come to, is the condition of its being taken.
SQLITE = (
    """CREATE TRIGGER ledger_transfers_target BEFORE INSERT ON ledger_transfers
WHEN NEW.target_number IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM ledger_transfers AS target
    WHERE target.book = NEW.book AND target.number = NEW.target_number
    AND target.number < NEW.number AND target.instrument = NEW.instrument
    AND CASE WHEN NEW.phase = 'REVERSAL' THEN
        target.phase IN ('POSTED', 'POST_PENDING') AND target.unit_count = NEW.unit_count
        AND target.debit = NEW.credit AND target.credit = NEW.debit
    ELSE
        target.phase = 'PENDING' AND target.reserved_count = NEW.released_count
        AND target.debit = NEW.debit AND target.credit = NEW.credit
    END)
BEGIN SELECT RAISE(ABORT, 'ledger: the target does not allow it'); END""",
    """CREATE TRIGGER ledger_transfers_post AFTER INSERT ON ledger_transfers
BEGIN
    INSERT INTO ledger_accounts (book, instrument, purpose, balance, reserved, version)
        SELECT NEW.book, NEW.instrument, NEW.debit, 0, 0, 0 WHERE NEW.debit_version = 1
        ON CONFLICT DO NOTHING;
    INSERT INTO ledger_accounts (book, instrument, purpose, balance, reserved, version)
        SELECT NEW.book, NEW.instrument, NEW.credit, 0, 0, 0 WHERE NEW.credit_version = 1
        ON CONFLICT DO NOTHING;
    UPDATE ledger_accounts
        SET balance = NEW.debit_balance, version = NEW.debit_version
        WHERE book = NEW.book AND instrument = NEW.instrument AND purpose = NEW.debit
        AND version = NEW.debit_version - 1 AND balance + NEW.unit_count = NEW.debit_balance
        AND reserved = NEW.debit_reserved;
    SELECT RAISE(ABORT, 'ledger: the debited account is not where it says') WHERE changes() <> 1;
    UPDATE ledger_accounts
        SET balance = NEW.credit_balance, reserved = NEW.credit_reserved,
        version = NEW.credit_version
        WHERE book = NEW.book AND instrument = NEW.instrument AND purpose = NEW.credit
        AND version = NEW.credit_version - 1 AND balance - NEW.unit_count = NEW.credit_balance
        AND reserved + NEW.reserved_count - NEW.released_count = NEW.credit_reserved;
    SELECT RAISE(ABORT, 'ledger: the credited account is not where it says') WHERE changes() <> 1;
    INSERT INTO ledger_chains (book, number, hash) SELECT NEW.book, 0, x'' WHERE NEW.number = 1
        ON CONFLICT DO NOTHING;
    UPDATE ledger_chains
        SET number = NEW.number, hash = NEW.hash, record_time = NEW.record_time
        WHERE book = NEW.book AND number = NEW.number - 1;
    SELECT RAISE(ABORT, 'ledger: the chain does not end before it') WHERE changes() <> 1;
END""",
    """CREATE TRIGGER ledger_accounts_opened BEFORE INSERT ON ledger_accounts
WHEN NEW.balance <> 0 OR NEW.reserved <> 0 OR NEW.version <> 0
BEGIN SELECT RAISE(ABORT, 'ledger_accounts follow from transfers'); END""",
    """CREATE TRIGGER ledger_accounts_moved BEFORE UPDATE ON ledger_accounts
WHEN NEW.version <> OLD.version + 1 OR NEW.book <> OLD.book OR NEW.instrument <> OLD.instrument
OR NEW.purpose <> OLD.purpose OR NOT (
    EXISTS (
        SELECT 1 FROM ledger_transfers
        WHERE book = NEW.book AND instrument = NEW.instrument AND debit = NEW.purpose
        AND debit_version = NEW.version AND debit_balance = NEW.balance
        AND debit_reserved = NEW.reserved)
    OR EXISTS (
        SELECT 1 FROM ledger_transfers
        WHERE book = NEW.book AND instrument = NEW.instrument AND credit = NEW.purpose
        AND credit_version = NEW.version AND credit_balance = NEW.balance
        AND credit_reserved = NEW.reserved))
BEGIN SELECT RAISE(ABORT, 'ledger_accounts follow from transfers'); END""",
    """CREATE TRIGGER ledger_accounts_kept BEFORE DELETE ON ledger_accounts
BEGIN SELECT RAISE(ABORT, 'ledger_accounts follow from transfers'); END""",
    """CREATE TRIGGER ledger_chains_begun BEFORE INSERT ON ledger_chains
WHEN NEW.number <> 0
BEGIN SELECT RAISE(ABORT, 'ledger_chains follow from transfers'); END""",
    """CREATE TRIGGER ledger_chains_moved BEFORE UPDATE ON ledger_chains
WHEN NEW.number <> OLD.number + 1 OR NEW.book <> OLD.book OR NOT EXISTS (
    SELECT 1 FROM ledger_transfers
    WHERE book = NEW.book AND number = NEW.number AND hash = NEW.hash)
BEGIN SELECT RAISE(ABORT, 'ledger_chains follow from transfers'); END""",
    """CREATE TRIGGER ledger_chains_kept BEFORE DELETE ON ledger_chains
BEGIN SELECT RAISE(ABORT, 'ledger_chains follow from transfers'); END""",
    """CREATE TRIGGER ledger_blocks_disjoint BEFORE INSERT ON ledger_blocks
WHEN EXISTS (
    SELECT 1 FROM ledger_blocks AS other
    WHERE other.book = NEW.book AND other.instrument = NEW.instrument
    AND other.start_number <= NEW.end_number AND NEW.start_number <= other.end_number
    AND NOT EXISTS (
        SELECT 1 FROM ledger_block_ends AS ended
        WHERE ended.book = other.book AND ended.block = other.block))
BEGIN SELECT RAISE(ABORT, 'ledger_blocks: a serial number is in another block'); END""",
)

POSTGRESQL = (
    """CREATE FUNCTION ledger_post() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.target_number IS NOT NULL THEN
        PERFORM 1 FROM ledger_transfers AS target
        WHERE target.book = NEW.book AND target.number = NEW.target_number
        AND target.number < NEW.number AND target.instrument = NEW.instrument
        AND CASE WHEN NEW.phase = 'REVERSAL' THEN
            target.phase IN ('POSTED', 'POST_PENDING') AND target.unit_count = NEW.unit_count
            AND target.debit = NEW.credit AND target.credit = NEW.debit
        ELSE
            target.phase = 'PENDING' AND target.reserved_count = NEW.released_count
            AND target.debit = NEW.debit AND target.credit = NEW.credit
        END;
        IF NOT FOUND THEN
            RAISE check_violation USING MESSAGE = 'ledger: the target does not allow it';
        END IF;
    END IF;
    IF NEW.debit_version = 1 THEN
        INSERT INTO ledger_accounts (book, instrument, purpose, balance, reserved, version)
        VALUES (NEW.book, NEW.instrument, NEW.debit, 0, 0, 0) ON CONFLICT DO NOTHING;
    END IF;
    IF NEW.credit_version = 1 THEN
        INSERT INTO ledger_accounts (book, instrument, purpose, balance, reserved, version)
        VALUES (NEW.book, NEW.instrument, NEW.credit, 0, 0, 0) ON CONFLICT DO NOTHING;
    END IF;
    UPDATE ledger_accounts
    SET balance = NEW.debit_balance, version = NEW.debit_version
    WHERE book = NEW.book AND instrument = NEW.instrument AND purpose = NEW.debit
    AND version = NEW.debit_version - 1 AND balance + NEW.unit_count = NEW.debit_balance
    AND reserved = NEW.debit_reserved;
    IF NOT FOUND THEN
        RAISE check_violation
        USING MESSAGE = 'ledger: the debited account is not where it says';
    END IF;
    UPDATE ledger_accounts
    SET balance = NEW.credit_balance, reserved = NEW.credit_reserved, version = NEW.credit_version
    WHERE book = NEW.book AND instrument = NEW.instrument AND purpose = NEW.credit
    AND version = NEW.credit_version - 1 AND balance - NEW.unit_count = NEW.credit_balance
    AND reserved + NEW.reserved_count - NEW.released_count = NEW.credit_reserved;
    IF NOT FOUND THEN
        RAISE check_violation
        USING MESSAGE = 'ledger: the credited account is not where it says';
    END IF;
    IF NEW.number = 1 THEN
        INSERT INTO ledger_chains (book, number, hash) VALUES (NEW.book, 0, '')
        ON CONFLICT DO NOTHING;
    END IF;
    UPDATE ledger_chains
    SET number = NEW.number, hash = NEW.hash, record_time = NEW.record_time
    WHERE book = NEW.book AND number = NEW.number - 1;
    IF NOT FOUND THEN
        RAISE check_violation USING MESSAGE = 'ledger: the chain does not end before it';
    END IF;
    RETURN NULL;
END $$""",
    """CREATE TRIGGER ledger_transfers_post AFTER INSERT ON ledger_transfers
FOR EACH ROW EXECUTE FUNCTION ledger_post()""",
    """CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE check_violation USING MESSAGE = TG_TABLE_NAME || ' follow from transfers'; END $$""",
    # Depth 0: no trigger is at work, so it is not a transfer that moves them.
    """CREATE TRIGGER ledger_accounts_opened BEFORE INSERT ON ledger_accounts
FOR EACH ROW WHEN (NEW.balance <> 0 OR NEW.reserved <> 0 OR NEW.version <> 0)
EXECUTE FUNCTION ledger_refuse()""",
    """CREATE TRIGGER ledger_accounts_moved BEFORE UPDATE ON ledger_accounts
FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION ledger_refuse()""",
    """CREATE TRIGGER ledger_accounts_kept BEFORE DELETE OR TRUNCATE ON ledger_accounts
FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()""",
    """CREATE TRIGGER ledger_chains_begun BEFORE INSERT ON ledger_chains
FOR EACH ROW WHEN (NEW.number <> 0) EXECUTE FUNCTION ledger_refuse()""",
    """CREATE TRIGGER ledger_chains_moved BEFORE UPDATE ON ledger_chains
FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION ledger_refuse()""",
    """CREATE TRIGGER ledger_chains_kept BEFORE DELETE OR TRUNCATE ON ledger_chains
FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()""",
    """CREATE FUNCTION ledger_disjoint() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM ledger_blocks AS other
    WHERE other.book = NEW.book AND other.instrument = NEW.instrument
    AND other.start_number <= NEW.end_number AND NEW.start_number <= other.end_number
    AND NOT EXISTS (
        SELECT 1 FROM ledger_block_ends AS ended
        WHERE ended.book = other.book AND ended.block = other.block);
    IF FOUND THEN
        RAISE check_violation
        USING MESSAGE = 'ledger_blocks: a serial number is in another block';
    END IF;
    RETURN NEW;
END $$""",
    """CREATE TRIGGER ledger_blocks_disjoint BEFORE INSERT ON ledger_blocks
FOR EACH ROW EXECUTE FUNCTION ledger_disjoint()""",
    # Locks the ends of the chains, in one order for all; then all is as it was committed. Lists are
    # text, with commas: no id has one. Each row is looked up by its key, however many or few rows
    # the statistics promise, by plans that are made once.
    """CREATE FUNCTION ledger_load(books text, keys text, ids text) RETURNS json
LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE wanted text[] := string_to_array(books, ',');
DECLARE key text[] := string_to_array(keys, ',');
DECLARE id text[] := string_to_array(ids, ',');
DECLARE chains json := ledger_lock(wanted);
DECLARE named json;
DECLARE settled json;
DECLARE standings json;
DECLARE kinds json;
BEGIN
    IF coalesce(json_array_length(chains), 0) < cardinality(wanted) THEN
        INSERT INTO ledger_chains (book, number, hash)
        SELECT account, 0, '' FROM accounts WHERE account = ANY (wanted) ORDER BY account
        ON CONFLICT DO NOTHING;
        chains := ledger_lock(wanted);
    END IF;
    SELECT json_agg(json_build_array(
        found.book, number, transfer, phase, kind, instrument, debit, credit, unit_count,
        reserved_count, released_count, target_number, link, trade_date, settlement_date,
        (extract(epoch FROM timeout_time) * 1000000)::bigint, evidence, principal,
        (extract(epoch FROM record_time) * 1000000)::bigint, encode(digest, 'hex'),
        debit_version, debit_balance, debit_reserved,
        credit_version, credit_balance, credit_reserved, encode(hash, 'hex')))
    INTO named
    FROM generate_series(1, cardinality(id), 2) AS at CROSS JOIN LATERAL (
        SELECT * FROM ledger_transfers WHERE book = id[at] AND transfer = id[at + 1] LIMIT 1
    ) AS found;
    IF named IS NOT NULL THEN
        SELECT json_agg(json_build_array(later.book, target_number, transfer, phase))
        INTO settled
        FROM json_array_elements(named) AS row CROSS JOIN LATERAL (
            SELECT * FROM ledger_transfers
            WHERE book = row->>0 AND target_number = (row->>1)::bigint LIMIT 1
        ) AS later;
        SELECT key || array_agg(part) INTO key
        FROM json_array_elements(named) AS row, unnest(ARRAY[
            row->>0, row->>5, row->>6, row->>0, row->>5, row->>7]) AS part;
    END IF;
    SELECT json_agg(json_build_array(book, instrument, purpose, balance, reserved, version))
    INTO standings
    FROM generate_series(1, cardinality(key), 3) AS at CROSS JOIN LATERAL (
        SELECT * FROM ledger_accounts
        WHERE book = key[at] AND instrument = key[at + 1] AND purpose = key[at + 2] LIMIT 1
    ) AS found;
    SELECT json_agg(json_build_array(instrument, kind)) INTO kinds
    FROM ledger_instruments WHERE instrument = ANY (key);
    RETURN json_build_array(chains, standings, kinds, named, settled);
END $$""",
)
LOCK = """CREATE FUNCTION ledger_lock(wanted text[]) RETURNS json
LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE chains json;
BEGIN
    SELECT json_agg(json_build_array(
        book, enterprise, number, encode(hash, 'hex'),
        (extract(epoch FROM record_time) * 1000000)::bigint))
    INTO chains
    FROM (
        SELECT chain.*, enterprise FROM ledger_chains AS chain
        JOIN accounts AS account ON account.account = chain.book
        WHERE book = ANY (wanted) ORDER BY book FOR UPDATE OF chain
    ) AS locked;
    RETURN chains;
END $$"""
# Whoever owns the tables may give itself the right back, but not by mistake.
PRIVILEGES = "REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM PUBLIC, CURRENT_USER"


def upgrade() -> None:
    _derived()
    _transfers()
    _blocks()
    connection = op.get_bind()
    tables.insert_only(connection, *INSERT_ONLY)
    on_sqlite = connection.dialect.name == "sqlite"
    for statement in SQLITE if on_sqlite else (LOCK, *POSTGRESQL):
        connection.exec_driver_sql(statement)
    if not on_sqlite:
        for table in ("ledger_transfers", "ledger_requests"):
            connection.exec_driver_sql(PRIVILEGES.format(table=table))


def _derived() -> None:
    op.create_table(
        "ledger_instruments",
        sa.Column("create_time", columns.Instant(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("instrument", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("vintage_year", sa.Integer(), nullable=False),
        sa.Column("project", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("instrument"),
    )
    op.create_table(
        "ledger_chains",
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("record_time", columns.Instant(), nullable=True),
        sa.ForeignKeyConstraint(["book"], ["accounts.account"]),
        sa.PrimaryKeyConstraint("book"),
    )
    op.create_table(
        "ledger_accounts",
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("instrument", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.Column("reserved", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["book"], ["accounts.account"]),
        sa.ForeignKeyConstraint(["instrument"], ["ledger_instruments.instrument"]),
        sa.PrimaryKeyConstraint("book", "instrument", "purpose"),
        sa.CheckConstraint("reserved >= 0", name="reserved_not_negative"),
        sa.CheckConstraint(
            f"balance - reserved >= 0 OR NOT ({INSIDE})", name="available_not_negative"
        ),
    )


def _transfers() -> None:
    op.create_table(
        "ledger_transfers",
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("transfer", sa.Text(), nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("instrument", sa.Text(), nullable=False),
        sa.Column("debit", sa.Text(), nullable=False),
        sa.Column("credit", sa.Text(), nullable=False),
        sa.Column("unit_count", sa.BigInteger(), nullable=False),
        sa.Column("reserved_count", sa.BigInteger(), nullable=False),
        sa.Column("released_count", sa.BigInteger(), nullable=False),
        sa.Column("target_number", sa.BigInteger(), nullable=True),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("trade_date", sa.Date(), nullable=False),
        sa.Column("settlement_date", sa.Date(), nullable=False),
        sa.Column("timeout_time", columns.Instant(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("principal", sa.Text(), nullable=False),
        sa.Column("record_time", columns.Instant(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("debit_version", sa.BigInteger(), nullable=False),
        sa.Column("debit_balance", sa.BigInteger(), nullable=False),
        sa.Column("debit_reserved", sa.BigInteger(), nullable=False),
        sa.Column("credit_version", sa.BigInteger(), nullable=False),
        sa.Column("credit_balance", sa.BigInteger(), nullable=False),
        sa.Column("credit_reserved", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("book", "number"),
        sa.UniqueConstraint("book", "transfer", name="one_effect_of_an_id"),
        sa.UniqueConstraint(
            "book", "instrument", "debit", "debit_version", name="one_debit_of_a_version"
        ),
        sa.UniqueConstraint(
            "book", "instrument", "credit", "credit_version", name="one_credit_of_a_version"
        ),
        sa.CheckConstraint("debit <> credit", name="two_accounts"),
        sa.CheckConstraint(PHASES, name="phase_moves"),
        sa.CheckConstraint("settlement_date >= trade_date", name="settled_after_trade"),
        sa.CheckConstraint("length(hash) = 32 AND length(digest) = 32", name="hashed"),
        sa.CheckConstraint("timeout_time IS NULL OR phase = 'PENDING'", name="pending_times_out"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "one_settlement_of_a_target",
        "ledger_transfers",
        ["book", "target_number"],
        unique=True,
        sqlite_where=sa.text("target_number IS NOT NULL"),
        postgresql_where=sa.text("target_number IS NOT NULL"),
    )
    op.create_index("settled_on", "ledger_transfers", ["book", "settlement_date"])
    op.create_index(
        "times_out",
        "ledger_transfers",
        ["timeout_time"],
        sqlite_where=sa.text("timeout_time IS NOT NULL"),
        postgresql_where=sa.text("timeout_time IS NOT NULL"),
    )
    op.create_table(
        "ledger_requests",
        sa.Column("principal", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("record_time", columns.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("principal", "request_id"),
    )


def _blocks() -> None:
    op.create_table(
        "ledger_blocks",
        sa.Column("create_time", columns.Instant(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("block", sa.Text(), nullable=False),
        sa.Column("instrument", sa.Text(), nullable=False),
        sa.Column("start_number", sa.BigInteger(), nullable=False),
        sa.Column("end_number", sa.BigInteger(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("parents", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["book"], ["accounts.account"]),
        sa.ForeignKeyConstraint(["instrument"], ["ledger_instruments.instrument"]),
        sa.PrimaryKeyConstraint("book", "block"),
        sa.CheckConstraint("1 <= start_number AND start_number <= end_number", name="has_units"),
    )
    op.create_index("blocks_by_number", "ledger_blocks", ["book", "instrument", "start_number"])
    op.create_table(
        "ledger_block_ends",
        sa.Column("create_time", columns.Instant(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("block", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["book", "block"], ["ledger_blocks.book", "ledger_blocks.block"]),
        sa.PrimaryKeyConstraint("book", "block"),
    )
