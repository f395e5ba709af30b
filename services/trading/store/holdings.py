"""Statements of holdings in the database: every one stays.

Each query takes an account: who may see it has been settled by `accounts.get` before.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa

from services.runtime.revision import Revision
from services.runtime.stored import Stored
from services.trading.domain.account import Account
from services.trading.domain.holding import Holding, Origin, Statement
from services.trading.store.tables import from_version, metadata, next_version, to_version


class HoldingColumns(Stored):
    """One row a statement; the versions of one vintage and origin follow each other."""

    account: sa.Named[str] = sa.Column(sa.Text, sa.ForeignKey("accounts.account"), primary_key=True)
    vintage_year: sa.Named[int] = sa.Column(sa.Integer, primary_key=True, autoincrement=False)
    origin: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    version: sa.Named[int] = sa.Column(sa.BigInteger, primary_key=True, autoincrement=False)
    allowance_count: sa.Named[int] = sa.Column(sa.BigInteger)
    statement_date: sa.Named[date] = sa.Column(sa.Date)
    evidence: sa.Named[str] = sa.Column(sa.Text)


holdings = sa.Table("holdings", metadata, HoldingColumns)


def add(
    connection: sa.Connection,
    account: Account,
    holding: Holding,
    before: Statement | None,
    revision: Revision,
) -> Statement:
    """Insert `holding` as the statement after `before`; return it."""
    stored = next_version(holding, before, revision)
    connection.execute(
        sa.insert(holdings).values(
            account=account.account,
            vintage_year=holding.vintage_year,
            origin=holding.origin.value,
            allowance_count=holding.allowance_count,
            statement_date=holding.statement_date,
            evidence=holding.evidence,
            **from_version(stored),
        )
    )
    return stored


def statements(connection: sa.Connection, account: Account) -> Sequence[Statement]:
    """Return every statement of an account, by vintage, origin and version."""
    c = holdings.c
    query = (
        sa.select(holdings)
        .where(c.account == account.account)
        .order_by(c.vintage_year, c.origin, c.version)
    )
    return [
        to_version(
            Holding(
                vintage_year=row["vintage_year"],
                origin=Origin(row["origin"]),
                allowance_count=row["allowance_count"],
                statement_date=row["statement_date"],
                evidence=row["evidence"],
            ),
            row,
        )
        for row in connection.execute(query).mappings()
    ]


def stated(connection: sa.Connection, accounts: Sequence[str] | None) -> set[str]:
    """Return those of some accounts, or of all (None), that ever had a statement."""
    c = holdings.c
    query = sa.select(c.account).distinct()
    if accounts is not None:
        query = query.where(c.account.in_(accounts))
    return set(connection.execute(query).scalars())
