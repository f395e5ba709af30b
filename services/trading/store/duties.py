"""What the desk recorded of duties: every version stays.

Each query takes accounts: who may see them has been settled before.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from services.runtime.columns import Instant
from services.runtime.revision import Revision
from services.runtime.stored import Stored
from services.trading.domain.account import Account
from services.trading.domain.duty import DutyRecord
from services.trading.domain.versioned import Versioned
from services.trading.store.tables import from_version, metadata, next_version, to_version


class RecordColumns(Stored):
    """One row a version of what was recorded of a duty."""

    account: sa.Named[str] = sa.Column(sa.Text, sa.ForeignKey("accounts.account"), primary_key=True)
    duty: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    version: sa.Named[int] = sa.Column(sa.BigInteger, primary_key=True, autoincrement=False)
    done_time: sa.Named[datetime | None] = sa.Column(Instant)
    evidence: sa.Named[str] = sa.Column(sa.Text)


records = sa.Table("duty_records", metadata, RecordColumns)

Records = dict[tuple[str, str], Versioned[DutyRecord]]
"""By account and duty."""


def add(
    connection: sa.Connection,
    account: Account,
    wanted: DutyRecord,
    before: Versioned[DutyRecord] | None,
    revision: Revision,
) -> Versioned[DutyRecord]:
    """Insert `wanted` as the version after `before`; return it."""
    stored = next_version(wanted, before, revision)
    connection.execute(
        sa.insert(records).values(
            account=account.account,
            duty=wanted.duty,
            done_time=wanted.done_time,
            evidence=wanted.evidence,
            **from_version(stored),
        )
    )
    return stored


def newest(
    connection: sa.Connection, account: Account | None = None, *, known: int | None = None
) -> Records:
    """Return what is recorded of an account's duties, or of all accounts', as of a revision."""
    c = records.c
    query = (
        sa.select(records)
        .where(
            sa.true() if account is None else c.account == account.account,
            sa.true() if known is None else c.revision <= known,
        )
        .order_by(c.version)
    )
    return {
        (row["account"], row["duty"]): to_version(
            DutyRecord(duty=row["duty"], done_time=row["done_time"], evidence=row["evidence"]),
            row,
        )
        for row in connection.execute(query).mappings()
    }
