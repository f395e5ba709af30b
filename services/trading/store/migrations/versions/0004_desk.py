"""The desk by four eyes: instructions with their steps, limits, trusted counterparties."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.runtime import columns, tables

revision = "0004"
down_revision = "0003"

INSERT_ONLY = (
    "desk_contents",
    "desk_books",
    "desk_steps",
    "desk_limits",
    "desk_counterparties",
)
KEPT = ("desk_contents", "desk_steps", "desk_limits", "desk_counterparties")

# Which state may follow which, as `services/trading/domain/desk/instruction.py` says it.
FOLLOWS = {
    "DRAFT": ("DRAFT", "SUBMITTED", "APPROVED", "REJECTED", "FAILED"),
    "SUBMITTED": ("DRAFT",),
    "APPROVED": ("SUBMITTED",),
    "EXECUTED": ("APPROVED",),
    "FAILED": ("APPROVED",),
    "RECORDED": ("EXECUTED",),
    "REJECTED": ("SUBMITTED",),
    "WITHDRAWN": ("DRAFT", "SUBMITTED", "APPROVED", "REJECTED", "FAILED"),
    "EXPIRED": ("DRAFT", "SUBMITTED", "APPROVED"),
}
PAIRS = ", ".join(f"'{before}>{state}'" for state, of in FOLLOWS.items() for before in of)

# What must hold of a step, whoever writes it: it is of a content that is there, made by whom it
# says and in time, and it follows the step before it.
STEP = f"""EXISTS (
    SELECT 1 FROM desk_contents AS content
    WHERE content.account = NEW.account AND content.instruction = NEW.instruction
    AND content.version = NEW.version AND content.digest = NEW.digest
    AND content.maker_person = NEW.maker_person
    AND (NEW.state NOT IN ('SUBMITTED', 'APPROVED', 'EXECUTED')
        OR NEW.create_time < content.expire_time))
AND (CASE WHEN NEW.number = 1 THEN NEW.state = 'DRAFT' AND NEW.version = 1
ELSE EXISTS (
    SELECT 1 FROM desk_steps AS before
    WHERE before.account = NEW.account AND before.instruction = NEW.instruction
    AND before.number = NEW.number - 1 AND NEW.create_time >= before.create_time
    AND before.state || '>' || NEW.state IN ({PAIRS})
    AND NEW.version = before.version + CASE WHEN NEW.state = 'DRAFT' THEN 1 ELSE 0 END
    AND NEW.submitter_person = CASE NEW.state
        WHEN 'DRAFT' THEN '' WHEN 'SUBMITTED' THEN NEW.person ELSE before.submitter_person END)
END)"""  # noqa: S608 (ours)

SQLITE = f"""CREATE TRIGGER desk_steps_follow BEFORE INSERT ON desk_steps
WHEN NOT ({STEP})
BEGIN SELECT RAISE(ABORT, 'desk: the step does not follow'); END"""

POSTGRESQL = (
    f"""CREATE FUNCTION desk_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT ({STEP}) THEN
        RAISE check_violation USING MESSAGE = 'desk: the step does not follow';
    END IF;
    RETURN NEW;
END $$""",
    """CREATE TRIGGER desk_steps_follow BEFORE INSERT ON desk_steps
FOR EACH ROW EXECUTE FUNCTION desk_follow()""",
)
# Whoever owns the tables may give itself the right back, but not by mistake.
PRIVILEGES = "REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM PUBLIC, CURRENT_USER"


def upgrade() -> None:
    _instructions()
    _proposals()
    connection = op.get_bind()
    tables.insert_only(connection, *INSERT_ONLY)
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(SQLITE)
        return
    for statement in POSTGRESQL:
        connection.exec_driver_sql(statement)
    for table in KEPT:
        connection.exec_driver_sql(PRIVILEGES.format(table=table))


def _instructions() -> None:
    op.create_table(
        "desk_contents",
        sa.Column("create_time", columns.Instant(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("instruction", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("execute_time", columns.Instant(), nullable=True),
        sa.Column("expire_time", columns.Instant(), nullable=False),
        sa.Column("maker", sa.Text(), nullable=False),
        sa.Column("maker_person", sa.Text(), nullable=False),
        sa.Column("maker_role", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["accounts.account"]),
        sa.PrimaryKeyConstraint("account", "instruction", "version"),
        sa.CheckConstraint("length(digest) = 32", name="content_digested"),
    )
    op.create_table(
        "desk_books",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("instruction", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("book", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account", "instruction", "version"],
            ["desk_contents.account", "desk_contents.instruction", "desk_contents.version"],
        ),
        sa.ForeignKeyConstraint(["book"], ["accounts.account"]),
        sa.PrimaryKeyConstraint("account", "instruction", "version", "book"),
    )
    op.create_table(
        "desk_steps",
        sa.Column("create_time", columns.Instant(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("instruction", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("principal", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("maker_person", sa.Text(), nullable=False),
        sa.Column("submitter_person", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account", "instruction", "version"],
            ["desk_contents.account", "desk_contents.instruction", "desk_contents.version"],
        ),
        sa.PrimaryKeyConstraint("account", "instruction", "number"),
        sa.CheckConstraint(
            "state <> 'APPROVED' OR (person <> maker_person AND person <> submitter_person)",
            name="checker_is_not_maker",
        ),
        sa.CheckConstraint(
            "length(reason) > 0 OR state NOT IN ('REJECTED', 'WITHDRAWN', 'FAILED', 'RECORDED')",
            name="step_says_why",
        ),
        sa.CheckConstraint("(state = 'EXECUTED') = (length(link) > 0)", name="execution_is_linked"),
    )
    op.create_index(
        "one_execution",
        "desk_steps",
        ["account", "instruction"],
        unique=True,
        sqlite_where=sa.text("state = 'EXECUTED'"),
        postgresql_where=sa.text("state = 'EXECUTED'"),
    )
    op.create_index(
        "one_execution_of_a_link",
        "desk_steps",
        ["link"],
        unique=True,
        sqlite_where=sa.text("state = 'EXECUTED'"),
        postgresql_where=sa.text("state = 'EXECUTED'"),
    )


def _proposed() -> list[sa.schema.SchemaItem]:
    """Return what all that is proposed and decided on has, beside its key."""
    return [
        sa.Column("create_time", columns.Instant(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("proposer", sa.Text(), nullable=False),
        sa.Column("proposer_person", sa.Text(), nullable=False),
        sa.Column("proposer_role", sa.Text(), nullable=False),
        sa.Column("decider", sa.Text(), nullable=False),
        sa.Column("decider_person", sa.Text(), nullable=False),
        sa.Column("decider_role", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state <> 'ACTIVE' OR (decider_person <> '' AND decider_person <> proposer_person)",
            name="decider_is_not_proposer",
        ),
    ]


def _proposals() -> None:
    op.create_table(
        "desk_limits",
        sa.Column("limit_id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("principal", sa.Text(), nullable=False),
        sa.Column("instrument_kind", sa.Text(), nullable=False),
        sa.Column("largest_count", sa.BigInteger(), nullable=False),
        sa.Column("expire_time", columns.Instant(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=False),
        *_proposed(),
        sa.PrimaryKeyConstraint("limit_id", "version"),
        sa.CheckConstraint("largest_count >= 0", name="limit_not_negative"),
    )
    op.create_table(
        "desk_counterparties",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("counterparty", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("credit_code", sa.Text(), nullable=False),
        sa.Column("counter_account", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("usable_date", sa.Date(), nullable=True),
        *_proposed(),
        sa.ForeignKeyConstraint(["account"], ["accounts.account"]),
        sa.PrimaryKeyConstraint("account", "counterparty", "version"),
    )
