"""The tables of the desk.

That steps follow one another and that no maker approves, the database itself sees to: by the
constraints and the trigger of migration 0004, which say more than is said here. Where each
instruction stands, a trigger of migration 0007 keeps.
"""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa

from services.runtime.columns import Instant
from services.runtime.stored import Stored
from services.runtime.tables import DERIVED
from services.trading.store.tables import metadata


class ContentColumns(Stored):
    """One row a version of what an instruction wants."""

    account: sa.Named[str] = sa.Column(sa.Text, sa.ForeignKey("accounts.account"), primary_key=True)
    instruction: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    version: sa.Named[int] = sa.Column(sa.BigInteger, primary_key=True, autoincrement=False)
    content: sa.Named[str] = sa.Column(sa.Text)
    """JSON; `digest` is of what it says, not of its letters."""
    digest: sa.Named[bytes] = sa.Column(sa.LargeBinary)
    execute_time: sa.Named[datetime | None] = sa.Column(Instant)
    expire_time: sa.Named[datetime] = sa.Column(Instant)
    maker: sa.Named[str] = sa.Column(sa.Text)
    maker_person: sa.Named[str] = sa.Column(sa.Text)
    maker_role: sa.Named[str] = sa.Column(sa.Text)


class BookColumns(sa.TypedColumns):
    """One row a book that a version of an instruction moves something in."""

    account: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    instruction: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    version: sa.Named[int] = sa.Column(sa.BigInteger, primary_key=True, autoincrement=False)
    book: sa.Named[str] = sa.Column(sa.Text, sa.ForeignKey("accounts.account"), primary_key=True)


class StepColumns(Stored):
    """One row a step of an instruction."""

    account: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    instruction: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    number: sa.Named[int] = sa.Column(sa.BigInteger, primary_key=True, autoincrement=False)
    state: sa.Named[str] = sa.Column(sa.Text)
    version: sa.Named[int] = sa.Column(sa.BigInteger)
    digest: sa.Named[bytes] = sa.Column(sa.LargeBinary)
    principal: sa.Named[str] = sa.Column(sa.Text)
    person: sa.Named[str] = sa.Column(sa.Text)
    role: sa.Named[str] = sa.Column(sa.Text)
    reason: sa.Named[str] = sa.Column(sa.Text)
    link: sa.Named[str] = sa.Column(sa.Text)
    maker_person: sa.Named[str] = sa.Column(sa.Text)
    submitter_person: sa.Named[str] = sa.Column(sa.Text)


class Proposed(Stored):
    """Where a proposal stands."""

    state: sa.Named[str] = sa.Column(sa.Text)
    proposer: sa.Named[str] = sa.Column(sa.Text)
    proposer_person: sa.Named[str] = sa.Column(sa.Text)
    proposer_role: sa.Named[str] = sa.Column(sa.Text)
    decider: sa.Named[str] = sa.Column(sa.Text)
    """Empty while proposed, as its person and role are."""
    decider_person: sa.Named[str] = sa.Column(sa.Text)
    decider_role: sa.Named[str] = sa.Column(sa.Text)
    reason: sa.Named[str] = sa.Column(sa.Text)


class StandingColumns(sa.TypedColumns):
    """One row an instruction: where its last step led, and the times of that version."""

    account: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    instruction: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    number: sa.Named[int] = sa.Column(sa.BigInteger)
    state: sa.Named[str] = sa.Column(sa.Text)
    execute_time: sa.Named[datetime | None] = sa.Column(Instant)
    expire_time: sa.Named[datetime] = sa.Column(Instant)


class LimitColumns(Proposed):
    """One row a version of a limit."""

    limit_id: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    version: sa.Named[int] = sa.Column(sa.BigInteger, primary_key=True, autoincrement=False)
    act: sa.Named[str] = sa.Column(sa.Text)
    role: sa.Named[str] = sa.Column(sa.Text)
    principal: sa.Named[str] = sa.Column(sa.Text)
    instrument_kind: sa.Named[str] = sa.Column(sa.Text)
    largest_count: sa.Named[int] = sa.Column(sa.BigInteger)
    expire_time: sa.Named[datetime | None] = sa.Column(Instant)
    purpose: sa.Named[str] = sa.Column(sa.Text)


class CounterpartyColumns(Proposed):
    """One row a version of a trusted counterparty."""

    account: sa.Named[str] = sa.Column(sa.Text, sa.ForeignKey("accounts.account"), primary_key=True)
    counterparty: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    version: sa.Named[int] = sa.Column(sa.BigInteger, primary_key=True, autoincrement=False)
    display_name: sa.Named[str] = sa.Column(sa.Text)
    credit_code: sa.Named[str] = sa.Column(sa.Text)
    counter_account: sa.Named[str] = sa.Column(sa.Text)
    evidence: sa.Named[str] = sa.Column(sa.Text)
    usable_date: sa.Named[date | None] = sa.Column(sa.Date)


_VERSION = ["account", "instruction", "version"]
_OF_VERSION = [f"desk_contents.{name}" for name in _VERSION]

contents = sa.Table("desk_contents", metadata, ContentColumns)
books = sa.Table(
    "desk_books", metadata, BookColumns, sa.ForeignKeyConstraint(_VERSION, _OF_VERSION)
)
steps = sa.Table(
    "desk_steps", metadata, StepColumns, sa.ForeignKeyConstraint(_VERSION, _OF_VERSION)
)
standings = sa.Table("desk_standings", metadata, StandingColumns, info={DERIVED: True})
sa.Index("standings_by_state", standings.c.state, standings.c.expire_time)
for _name, _columns in (
    ("one_execution", (steps.c.account, steps.c.instruction)),
    ("one_execution_of_a_link", (steps.c.link,)),
):
    sa.Index(
        _name,
        *_columns,
        unique=True,
        sqlite_where=steps.c.state == sa.literal_column("'EXECUTED'"),
        postgresql_where=steps.c.state == sa.literal_column("'EXECUTED'"),
    )
limits = sa.Table("desk_limits", metadata, LimitColumns)
counterparties = sa.Table("desk_counterparties", metadata, CounterpartyColumns)
