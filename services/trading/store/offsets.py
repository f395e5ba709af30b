"""What the registry of reductions says of an account's offsets: every version stays.

Each query takes an account: who may see it has been settled by `accounts.get` before.
"""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa

from services.runtime.revision import Revision
from services.runtime.stored import Stored
from services.trading.domain.account import Account
from services.trading.domain.offset import OffsetFacts
from services.trading.domain.versioned import Versioned
from services.trading.store.tables import from_version, metadata, next_version, to_version


class FactsColumns(Stored):
    """One row a version of what is known of an offset."""

    account: sa.Named[str] = sa.Column(sa.Text, sa.ForeignKey("accounts.account"), primary_key=True)
    instrument: sa.Named[str] = sa.Column(
        sa.Text, sa.ForeignKey("ledger_instruments.instrument"), primary_key=True
    )
    version: sa.Named[int] = sa.Column(sa.BigInteger, primary_key=True, autoincrement=False)
    registration_date: sa.Named[date] = sa.Column(sa.Date)
    under_allowance_management: sa.Named[bool] = sa.Column(sa.Boolean)
    evidence: sa.Named[str] = sa.Column(sa.Text)


facts = sa.Table("offset_facts", metadata, FactsColumns)


def add(
    connection: sa.Connection,
    account: Account,
    wanted: OffsetFacts,
    before: Versioned[OffsetFacts] | None,
    revision: Revision,
) -> Versioned[OffsetFacts]:
    """Insert `wanted` as the version after `before`; return it."""
    stored = next_version(wanted, before, revision)
    connection.execute(
        sa.insert(facts).values(
            account=account.account,
            instrument=wanted.instrument,
            registration_date=wanted.registration_date,
            under_allowance_management=wanted.under_allowance_management,
            evidence=wanted.evidence,
            **from_version(stored),
        )
    )
    return stored


def newest(connection: sa.Connection, account: Account) -> dict[str, Versioned[OffsetFacts]]:
    """Return what is known of an account's offsets, by instrument."""
    query = sa.select(facts).where(facts.c.account == account.account).order_by(facts.c.version)
    return {
        row["instrument"]: to_version(
            OffsetFacts(
                instrument=row["instrument"],
                registration_date=row["registration_date"],
                under_allowance_management=row["under_allowance_management"],
                evidence=row["evidence"],
            ),
            row,
        )
        for row in connection.execute(query).mappings()
    }
