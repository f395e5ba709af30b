"""Accounts in the database."""

from __future__ import annotations

import sqlalchemy as sa

from services.kernel.errors import NotFound
from services.kernel.names import ACCOUNT
from services.runtime.auth import Tenant
from services.runtime.revision import Revision
from services.runtime.stored import Stored
from services.trading.domain.account import Account
from services.trading.domain.market import Sector
from services.trading.domain.versioned import Versioned
from services.trading.store.tables import metadata

_ONLY_VERSION = 1


class AccountColumns(Stored):
    """One row an account."""

    account: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    enterprise: sa.Named[str] = sa.Column(sa.Text, unique=True)
    sector: sa.Named[str] = sa.Column(sa.Text)
    first_compliance_year: sa.Named[int] = sa.Column(sa.Integer)


accounts = sa.Table("accounts", metadata, AccountColumns)


def add(connection: sa.Connection, account: Account, revision: Revision) -> Versioned[Account]:
    """Insert `account`; return it."""
    connection.execute(
        sa.insert(accounts).values(
            account=account.account,
            enterprise=account.enterprise,
            sector=account.sector.value,
            first_compliance_year=account.first_compliance_year,
            create_time=revision.commit_time,
            revision=revision.number,
        )
    )
    return Versioned(
        value=account,
        version=_ONLY_VERSION,
        revision=revision.number,
        create_time=revision.commit_time,
    )


def find(connection: sa.Connection, tenant: Tenant, account: str) -> Versioned[Account] | None:
    """Return an account of the tenant, or None."""
    return next(iter(_select(connection, tenant, accounts.c.account == account)), None)


def get(connection: sa.Connection, tenant: Tenant, account: str) -> Versioned[Account]:
    """Return an account of the tenant; raises NotFound."""
    found = find(connection, tenant, account)
    if found is None:
        raise NotFound(name=ACCOUNT.format(account=account))
    return found


def of_enterprise(
    connection: sa.Connection, tenant: Tenant, enterprise: str
) -> Versioned[Account] | None:
    """Return the account of an enterprise of the tenant, or None."""
    return next(iter(_select(connection, tenant, accounts.c.enterprise == enterprise)), None)


def page(
    connection: sa.Connection, tenant: Tenant, *, after: str = "", size: int | None = None
) -> list[Versioned[Account]]:
    """Return the tenant's accounts by id after `after`: `size`, or all."""
    return _select(connection, tenant, accounts.c.account > after, limit=size)


def _select(
    connection: sa.Connection,
    tenant: Tenant,
    which: sa.ColumnElement[bool],
    *,
    limit: int | None = None,
) -> list[Versioned[Account]]:
    query = (
        sa.select(accounts)
        .where(which, tenant.clause(accounts.c.enterprise))
        .order_by(accounts.c.account)
        .limit(limit)
    )
    return [
        Versioned(
            value=to_account(row),
            version=_ONLY_VERSION,
            revision=row["revision"],
            create_time=row["create_time"],
        )
        for row in connection.execute(query).mappings()
    ]


def to_account(row: sa.RowMapping) -> Account:
    """Return the account in a row."""
    return Account(
        account=row["account"],
        enterprise=row["enterprise"],
        sector=Sector(row["sector"]),
        first_compliance_year=row["first_compliance_year"],
    )
