"""Where each instruction stands, kept by a trigger: what waits is found without all that ended."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.runtime import columns

revision = "0006"
down_revision = "0005"

_COLUMNS = "account, instruction, number, state, execute_time, expire_time"
_LAST = """SELECT step.account, step.instruction, step.number, step.state,
    content.execute_time, content.expire_time
FROM desk_steps AS step JOIN desk_contents AS content
ON content.account = step.account AND content.instruction = step.instruction
AND content.version = step.version
WHERE {which}"""
_NEW = _LAST.format(
    which="step.account = NEW.account AND step.instruction = NEW.instruction"
    " AND step.number = NEW.number"
)
_NEWEST = _LAST.format(
    which="""NOT EXISTS (
    SELECT 1 FROM desk_steps AS newer WHERE newer.account = step.account
    AND newer.instruction = step.instruction AND newer.number > step.number)"""
)
_STAND = f"""INSERT INTO desk_standings ({_COLUMNS}) {_NEW}
ON CONFLICT (account, instruction) DO UPDATE SET number = excluded.number, state = excluded.state,
    execute_time = excluded.execute_time, expire_time = excluded.expire_time"""
_BEGIN = f"INSERT INTO desk_standings ({_COLUMNS}) {_NEWEST}"
_REFUSED = "desk_standings follow from steps"
_IS_LAST = """EXISTS (
    SELECT 1 FROM desk_steps AS step WHERE step.account = NEW.account
    AND step.instruction = NEW.instruction AND step.number = NEW.number
    AND step.state = NEW.state)
AND NOT EXISTS (
    SELECT 1 FROM desk_steps AS newer WHERE newer.account = NEW.account
    AND newer.instruction = NEW.instruction AND newer.number > NEW.number)
AND EXISTS (
    SELECT 1 FROM desk_contents AS content JOIN desk_steps AS step
    ON content.account = step.account AND content.instruction = step.instruction
    AND content.version = step.version
    WHERE step.account = NEW.account AND step.instruction = NEW.instruction
    AND step.number = NEW.number AND content.expire_time = NEW.expire_time
    AND content.execute_time IS NEW.execute_time)"""

SQLITE = (
    f"""CREATE TRIGGER desk_steps_stand AFTER INSERT ON desk_steps
BEGIN {_STAND}; END""",
    *(
        f"""CREATE TRIGGER desk_standings_no_{verb.lower()} BEFORE {verb} ON desk_standings
WHEN NOT ({_IS_LAST})
BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END"""
        for verb in ("INSERT", "UPDATE")
    ),
    f"""CREATE TRIGGER desk_standings_no_delete BEFORE DELETE ON desk_standings
BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END""",
)
POSTGRESQL = (
    f"""CREATE FUNCTION desk_stand() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {_STAND};
    RETURN NULL;
END $$""",
    """CREATE TRIGGER desk_steps_stand AFTER INSERT ON desk_steps
FOR EACH ROW EXECUTE FUNCTION desk_stand()""",
    f"""CREATE FUNCTION desk_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE check_violation USING MESSAGE = '{_REFUSED}'; END $$""",
    # Depth 0: no trigger is at work, so it is not a step that moves them.
    """CREATE TRIGGER desk_standings_moved BEFORE INSERT OR UPDATE ON desk_standings
FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION desk_refuse()""",
    """CREATE TRIGGER desk_standings_kept BEFORE DELETE OR TRUNCATE ON desk_standings
FOR EACH STATEMENT EXECUTE FUNCTION desk_refuse()""",
)


def upgrade() -> None:
    op.create_table(
        "desk_standings",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("instruction", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("execute_time", columns.Instant(), nullable=True),
        sa.Column("expire_time", columns.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("account", "instruction"),
    )
    op.create_index("standings_by_state", "desk_standings", ["state", "expire_time"])
    connection = op.get_bind()
    connection.exec_driver_sql(_BEGIN)
    for statement in SQLITE if connection.dialect.name == "sqlite" else POSTGRESQL:
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    """Take it back: where instructions stand follows from their steps, so nothing is lost."""
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("DROP TRIGGER desk_steps_stand")
        op.drop_table("desk_standings")
        return
    connection.exec_driver_sql("DROP TRIGGER desk_steps_stand ON desk_steps")
    op.drop_table("desk_standings")
    for function in ("desk_stand", "desk_refuse"):
        connection.exec_driver_sql(f"DROP FUNCTION {function}")
