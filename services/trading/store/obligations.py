"""Obligations in the database, and how far they follow accounting: every version stays.

Each query takes an account: who may see it has been settled by `accounts.get` before.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import sqlalchemy as sa

from services.kernel.errors import Words
from services.kernel.trust import Status
from services.runtime import outbox
from services.runtime.revision import Revision
from services.runtime.stored import Stored
from services.trading.domain.account import Account
from services.trading.domain.obligation import Basis, Obligation
from services.trading.domain.versioned import Versioned
from services.trading.store.tables import from_version, metadata, next_version, to_version

_ACCOUNTING = "accounting"
_NOTHING = Words(en="", zh="")


class ObligationColumns(Stored):
    """One row a version of an account's obligation of a year."""

    account: sa.Named[str] = sa.Column(sa.Text, sa.ForeignKey("accounts.account"), primary_key=True)
    compliance_year: sa.Named[int] = sa.Column(sa.Integer, primary_key=True, autoincrement=False)
    version: sa.Named[int] = sa.Column(sa.BigInteger, primary_key=True, autoincrement=False)
    basis: sa.Named[str] = sa.Column(sa.Text)
    known: sa.Named[bool] = sa.Column(sa.Boolean)
    allowance_count: sa.Named[int] = sa.Column(sa.BigInteger)
    missing: sa.Named[str] = sa.Column(sa.Text)
    missing_zh: sa.Named[str] = sa.Column(sa.Text)
    inventory: sa.Named[str] = sa.Column(sa.Text)
    inventory_version: sa.Named[int] = sa.Column(sa.BigInteger)
    direct_co2_g: sa.Named[int] = sa.Column(sa.BigInteger)
    status: sa.Named[str] = sa.Column(sa.Text)
    verification: sa.Named[str] = sa.Column(sa.Text)
    reported_t: sa.Named[str] = sa.Column(sa.Text)
    change: sa.Named[str] = sa.Column(sa.Text)
    change_zh: sa.Named[str] = sa.Column(sa.Text)
    verification_version: sa.Named[int] = sa.Column(sa.BigInteger)


obligations = sa.Table("obligations", metadata, ObligationColumns)
_NEWER = obligations.alias("newer")


def add(
    connection: sa.Connection,
    obligation: Obligation,
    before: Versioned[Obligation] | None,
    revision: Revision,
) -> Versioned[Obligation]:
    """Insert `obligation` as the version after `before`; return it."""
    stored = next_version(obligation, before, revision)
    missing, change = obligation.missing or _NOTHING, obligation.change or _NOTHING
    connection.execute(
        sa.insert(obligations).values(
            account=obligation.account,
            compliance_year=obligation.compliance_year,
            basis=obligation.basis.value,
            known=obligation.known,
            allowance_count=obligation.allowance_count,
            missing=missing.en,
            missing_zh=missing.zh,
            inventory=obligation.inventory,
            inventory_version=obligation.inventory_version,
            direct_co2_g=obligation.direct_co2_g,
            status=obligation.status.value,
            verification=obligation.verification,
            verification_version=obligation.verification_version,
            reported_t="" if obligation.reported_t is None else str(obligation.reported_t),
            change=change.en,
            change_zh=change.zh,
            **from_version(stored),
        )
    )
    return stored


def newest(
    connection: sa.Connection, account: Account, compliance_year: int, *, known: int | None = None
) -> Versioned[Obligation] | None:
    """Return the obligation of a year, now or as of the revision `known`; or None."""
    of = of_year(connection, [account.account], compliance_year, known=known)
    return of.get(account.account)


def of_year(
    connection: sa.Connection,
    accounts: Sequence[str] | None,
    compliance_year: int,
    *,
    known: int | None = None,
) -> dict[str, Versioned[Obligation]]:
    """Return the obligations of a year by account, of some accounts or of all (None)."""
    c = obligations.c
    which = [c.compliance_year == compliance_year, *_newest(accounts, known)]
    query = sa.select(obligations).where(*which)
    return {
        row["account"]: to_version(_obligation(row), row)
        for row in connection.execute(query).mappings().all()
    }


def counts(
    connection: sa.Connection, accounts: Sequence[str] | None, *, known: int | None = None
) -> dict[str, list[tuple[int, int, Basis]]]:
    """Return the years whose obligation is known, with its tonnes and its basis, by account."""
    c = obligations.c
    query = sa.select(c.account, c.compliance_year, c.allowance_count, c.basis).where(
        c.known, *_newest(accounts, known)
    )
    found: dict[str, list[tuple[int, int, Basis]]] = {}
    for account, year, count, basis in connection.execute(query).all():
        found.setdefault(account, []).append((year, count, Basis(basis)))
    return found


def _newest(accounts: Sequence[str] | None, known: int | None) -> list[sa.ColumnElement[bool]]:
    """Return the conditions of the newest versions, of some accounts or of all (None)."""
    c, newer = obligations.c, _NEWER
    newest_version = (
        sa.select(sa.func.max(newer.c.version))
        .where(
            newer.c.account == c.account,
            newer.c.compliance_year == c.compliance_year,
            sa.true() if known is None else newer.c.revision <= known,
        )
        .scalar_subquery()
    )
    found: list[sa.ColumnElement[bool]] = [c.version == newest_version]
    if accounts is not None:
        found.append(c.account.in_(accounts))
    return found


def followed(connection: sa.Connection) -> int:
    """Return accounting's revision up to which every account's obligations are current."""
    return outbox.cursor(connection, _ACCOUNTING)


def follow_from(connection: sa.Connection, revision: int) -> None:
    """Store that what accounting changed up to `revision` has been handled, and no more.

    A new account sets it back to 0: what its enterprise reported before is still to be handled. To
    handle a change twice does no harm, since each version of an inventory counts once.
    """
    outbox.advance(connection, _ACCOUNTING, revision)


def _obligation(row: sa.RowMapping) -> Obligation:
    reported = row["reported_t"]
    return Obligation(
        account=row["account"],
        compliance_year=row["compliance_year"],
        basis=Basis(row["basis"]),
        known=row["known"],
        allowance_count=row["allowance_count"],
        missing=None if row["known"] else Words(en=row["missing"], zh=row["missing_zh"]),
        inventory=row["inventory"],
        inventory_version=row["inventory_version"],
        direct_co2_g=row["direct_co2_g"],
        reported_t=Decimal(reported) if reported else None,
        verification=row["verification"],
        verification_version=row["verification_version"],
        status=Status(row["status"]),
        change=Words(en=row["change"], zh=row["change_zh"]) if row["change"] else None,
    )
