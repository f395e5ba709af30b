"""The tables of the ledger.

What must hold of their rows, and what moves `ledger_accounts` and `ledger_chains`, the database
itself sees to: by the constraints and triggers of migrations 0002, 0006 and 0008 to 0011, which say
more than is said here.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

import sqlalchemy as sa

from services.runtime.columns import Instant
from services.runtime.stored import Stored
from services.runtime.tables import DERIVED
from services.trading.domain.ledger.chart import Kind
from services.trading.store.accounts import accounts as places
from services.trading.store.tables import metadata


class InstrumentColumns(Stored):
    """One row an instrument."""

    instrument: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    kind: sa.Named[str] = sa.Column(sa.Text)
    vintage_year: sa.Named[int] = sa.Column(sa.Integer)
    project: sa.Named[str] = sa.Column(sa.Text)


class ChainColumns(sa.TypedColumns):
    """One row a book: the end of its chain. Whoever posts to the book holds it."""

    book: sa.Named[str] = sa.Column(sa.Text, sa.ForeignKey("accounts.account"), primary_key=True)
    number: sa.Named[int] = sa.Column(sa.BigInteger)
    hash: sa.Named[bytes] = sa.Column(sa.LargeBinary)
    record_time: sa.Named[datetime | None] = sa.Column(Instant)


class AccountColumns(sa.TypedColumns):
    """One row a ledger account: how it stands after its last entry."""

    book: sa.Named[str] = sa.Column(sa.Text, sa.ForeignKey("accounts.account"), primary_key=True)
    instrument: sa.Named[str] = sa.Column(
        sa.Text, sa.ForeignKey("ledger_instruments.instrument"), primary_key=True
    )
    purpose: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    balance: sa.Named[int] = sa.Column(sa.BigInteger)
    reserved: sa.Named[int] = sa.Column(sa.BigInteger)
    version: sa.Named[int] = sa.Column(sa.BigInteger)


class TransferColumns(sa.TypedColumns):
    """One row a transfer, with both of its sides: so none can be out of balance."""

    book: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    number: sa.Named[int] = sa.Column(sa.BigInteger, primary_key=True, autoincrement=False)
    transfer: sa.Named[str] = sa.Column(sa.Text)
    phase: sa.Named[str] = sa.Column(sa.Text)
    kind: sa.Named[str] = sa.Column(sa.Text)
    instrument: sa.Named[str] = sa.Column(sa.Text)
    debit: sa.Named[str] = sa.Column(sa.Text)
    credit: sa.Named[str] = sa.Column(sa.Text)
    unit_count: sa.Named[int] = sa.Column(sa.BigInteger)
    reserved_count: sa.Named[int] = sa.Column(sa.BigInteger)
    released_count: sa.Named[int] = sa.Column(sa.BigInteger)
    target_number: sa.Named[int | None] = sa.Column(sa.BigInteger)
    link: sa.Named[str] = sa.Column(sa.Text)
    trade_date: sa.Named[date] = sa.Column(sa.Date)
    settlement_date: sa.Named[date] = sa.Column(sa.Date)
    timeout_time: sa.Named[datetime | None] = sa.Column(Instant)
    evidence: sa.Named[str] = sa.Column(sa.Text)
    principal: sa.Named[str] = sa.Column(sa.Text)
    record_time: sa.Named[datetime] = sa.Column(Instant)
    digest: sa.Named[bytes] = sa.Column(sa.LargeBinary)
    debit_version: sa.Named[int] = sa.Column(sa.BigInteger)
    debit_balance: sa.Named[int] = sa.Column(sa.BigInteger)
    debit_reserved: sa.Named[int] = sa.Column(sa.BigInteger)
    credit_version: sa.Named[int] = sa.Column(sa.BigInteger)
    credit_balance: sa.Named[int] = sa.Column(sa.BigInteger)
    credit_reserved: sa.Named[int] = sa.Column(sa.BigInteger)
    hash: sa.Named[bytes] = sa.Column(sa.LargeBinary)


class RequestColumns(sa.TypedColumns):
    """One row a request for transfers that stand or fall together."""

    principal: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    request_id: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    digest: sa.Named[bytes] = sa.Column(sa.LargeBinary)
    record_time: sa.Named[datetime] = sa.Column(Instant)


class BlockColumns(Stored):
    """One row a block of units."""

    book: sa.Named[str] = sa.Column(sa.Text, sa.ForeignKey("accounts.account"), primary_key=True)
    block: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    instrument: sa.Named[str] = sa.Column(sa.Text, sa.ForeignKey("ledger_instruments.instrument"))
    start_number: sa.Named[int] = sa.Column(sa.BigInteger)
    end_number: sa.Named[int] = sa.Column(sa.BigInteger)
    evidence: sa.Named[str] = sa.Column(sa.Text)
    parents: sa.Named[str] = sa.Column(sa.Text)
    """One a line."""


class BlockEndColumns(Stored):
    """One row a block that was split or merged."""

    book: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    block: sa.Named[str] = sa.Column(sa.Text, primary_key=True)


instruments = sa.Table("ledger_instruments", metadata, InstrumentColumns)
chains = sa.Table("ledger_chains", metadata, ChainColumns, info={DERIVED: True})
accounts = sa.Table("ledger_accounts", metadata, AccountColumns, info={DERIVED: True})
transfers = sa.Table(
    "ledger_transfers",
    metadata,
    TransferColumns,
    # By the id first: those that come together begin alike, and lie together.
    sa.UniqueConstraint("transfer", "book", name="one_effect_of_an_id"),
)
# Not by keys, which would be looked up for each transfer: their triggers need both.
for _needed in (places, instruments):
    transfers.add_is_dependent_on(_needed)
sa.Index(
    "one_settlement_of_a_target",
    transfers.c.book,
    transfers.c.target_number,
    unique=True,
    sqlite_where=transfers.c.target_number.is_not(None),
    postgresql_where=transfers.c.target_number.is_not(None),
)
sa.Index("settled_on", transfers.c.book, transfers.c.settlement_date)


def is_kind(*kinds: Kind) -> sa.ColumnElement[bool]:
    """Return the condition that a transfer is of one of some kinds, in literals.

    An index of some rows is asked only by who says the same as it, not by a parameter.
    """
    names: list[sa.ColumnClause[str]] = [sa.literal_column(f"'{kind.name}'") for kind in kinds]
    return transfers.c.kind == names[0] if len(names) == 1 else transfers.c.kind.in_(names)


# What was issued and what was banked is summed for each position, among all else in a book.
for _kind in (Kind.ALLOCATION, Kind.CARRY_OVER_IN):
    sa.Index(
        f"{_kind.name.lower()}_transfers",
        transfers.c.book,
        transfers.c.instrument,
        transfers.c.settlement_date,
        sqlite_where=is_kind(_kind),
        postgresql_where=is_kind(_kind),
    )
# What was delivered and cancelled is told by day.
DELIVERING: Final = (Kind.SURRENDER, Kind.OFFSET_CANCELLATION)
sa.Index(
    "delivering_transfers",
    transfers.c.book,
    transfers.c.settlement_date,
    sqlite_where=is_kind(*DELIVERING),
    postgresql_where=is_kind(*DELIVERING),
)
sa.Index(
    "times_out",
    transfers.c.timeout_time,
    sqlite_where=transfers.c.timeout_time.is_not(None),
    postgresql_where=transfers.c.timeout_time.is_not(None),
)
requests = sa.Table("ledger_requests", metadata, RequestColumns)
blocks = sa.Table("ledger_blocks", metadata, BlockColumns)
sa.Index("blocks_by_number", blocks.c.book, blocks.c.instrument, blocks.c.start_number)
block_ends = sa.Table(
    "ledger_block_ends",
    metadata,
    BlockEndColumns,
    sa.ForeignKeyConstraint(["book", "block"], ["ledger_blocks.book", "ledger_blocks.block"]),
)
