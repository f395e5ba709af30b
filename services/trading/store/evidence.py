"""What obligations rest on, as accounting said it: each version of an inventory and verification.

Whoever may see an account has been settled before.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

import sqlalchemy as sa

from services.kernel.errors import Words
from services.kernel.names import HOME_METHOD
from services.kernel.trust import Status
from services.runtime.revision import Revision
from services.runtime.stored import Stored
from services.trading.domain.account import Account
from services.trading.domain.obligation import GUIDES, Evidence, Inventory, Verified, joined
from services.trading.store.tables import metadata


class InventoryColumns(Stored):
    """One row a version of an inventory that was followed."""

    account: sa.Named[str] = sa.Column(sa.Text, sa.ForeignKey("accounts.account"), primary_key=True)
    compliance_year: sa.Named[int] = sa.Column(sa.Integer, primary_key=True, autoincrement=False)
    method: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    version: sa.Named[int] = sa.Column(sa.BigInteger, primary_key=True, autoincrement=False)
    complete: sa.Named[bool] = sa.Column(sa.Boolean)
    missing: sa.Named[str] = sa.Column(sa.Text)
    missing_zh: sa.Named[str] = sa.Column(sa.Text)
    direct_co2_g: sa.Named[int] = sa.Column(sa.BigInteger)
    direct_co2e_g: sa.Named[int] = sa.Column(sa.BigInteger)
    reported_t: sa.Named[str] = sa.Column(sa.Text)
    status: sa.Named[str] = sa.Column(sa.Text)


class VerificationColumns(Stored):
    """One row a version of a concluded verification that was followed."""

    account: sa.Named[str] = sa.Column(sa.Text, sa.ForeignKey("accounts.account"), primary_key=True)
    compliance_year: sa.Named[int] = sa.Column(sa.Integer, primary_key=True, autoincrement=False)
    verification: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    version: sa.Named[int] = sa.Column(sa.BigInteger, primary_key=True, autoincrement=False)
    inventory_version: sa.Named[int] = sa.Column(sa.BigInteger)
    conclusion: sa.Named[str] = sa.Column(sa.Text)
    corrected: sa.Named[bool] = sa.Column(sa.Boolean)
    verified_t: sa.Named[str] = sa.Column(sa.Text)


inventories = sa.Table("followed_inventories", metadata, InventoryColumns)
verifications = sa.Table("followed_verifications", metadata, VerificationColumns)

Row = TypeVar("Row", Inventory, Verified)


def has_inventory(
    connection: sa.Connection, account: Account, year: int, method: str, version: int
) -> bool:
    """Tell whether a version of an inventory was followed."""
    c = inventories.c
    query = sa.exists().where(
        c.account == account.account,
        c.compliance_year == year,
        c.method == method,
        c.version == version,
    )
    return bool(connection.execute(sa.select(query)).scalar_one())


def has_verification(
    connection: sa.Connection, account: Account, year: int, verification: str, version: int
) -> bool:
    """Tell whether a version of a verification was followed."""
    c = verifications.c
    query = sa.exists().where(
        c.account == account.account,
        c.compliance_year == year,
        c.verification == verification,
        c.version == version,
    )
    return bool(connection.execute(sa.select(query)).scalar_one())


def add_inventory(
    connection: sa.Connection, account: Account, inventory: Inventory, revision: Revision
) -> None:
    """Insert a version of an inventory."""
    missing = joined(inventory.findings)
    connection.execute(
        sa.insert(inventories).values(
            account=account.account,
            compliance_year=inventory.accounting_year,
            method=inventory.method_id,
            version=inventory.version,
            complete=inventory.complete,
            missing=missing.en,
            missing_zh=missing.zh,
            direct_co2_g=inventory.direct_co2_g,
            direct_co2e_g=inventory.direct_co2e_g,
            reported_t="" if inventory.reported_t is None else str(inventory.reported_t),
            status=inventory.status.value,
            create_time=revision.commit_time,
            revision=revision.number,
        )
    )


def add_verification(
    connection: sa.Connection, account: Account, verified: Verified, revision: Revision
) -> None:
    """Insert a version of a verification."""
    connection.execute(
        sa.insert(verifications).values(
            account=account.account,
            compliance_year=verified.accounting_year,
            verification=verified.verification,
            version=verified.version,
            inventory_version=verified.inventory_version,
            conclusion=verified.conclusion,
            corrected=verified.corrected,
            verified_t="" if verified.verified_t is None else str(verified.verified_t),
            create_time=revision.commit_time,
            revision=revision.number,
        )
    )


def newest(connection: sa.Connection, account: Account, year: int) -> Evidence:
    """Return the newest that is known of an account's year."""
    c, v = inventories.c, verifications.c
    found = connection.execute(
        sa.select(inventories)
        .where(c.account == account.account, c.compliance_year == year)
        .order_by(c.version)
    ).mappings()
    by_method = {row["method"]: _inventory(account, row) for row in found}
    of = connection.execute(
        sa.select(verifications)
        .where(v.account == account.account, v.compliance_year == year)
        .order_by(v.version)
    ).mappings()
    by_id = {row["verification"]: _verified(account, row) for row in of}
    return Evidence(
        home=by_method.get(HOME_METHOD),
        guide=by_method.get(GUIDES[account.sector]),
        verifications=_in_order(by_id.values()),
    )


def _in_order(found: Iterable[Verified]) -> tuple[Verified, ...]:
    return tuple(sorted(found, key=lambda each: each.verification))


def _inventory(account: Account, row: sa.RowMapping) -> Inventory:
    reported, missing = row["reported_t"], Words(en=row["missing"], zh=row["missing_zh"])
    return Inventory(
        enterprise=account.enterprise,
        accounting_year=row["compliance_year"],
        method_id=row["method"],
        version=row["version"],
        complete=row["complete"],
        findings=(missing,) if missing.en else (),
        direct_co2_g=row["direct_co2_g"],
        direct_co2e_g=row["direct_co2e_g"],
        reported_t=Decimal(reported) if reported else None,
        status=Status(row["status"]),
    )


def _verified(account: Account, row: sa.RowMapping) -> Verified:
    verified = row["verified_t"]
    return Verified(
        enterprise=account.enterprise,
        accounting_year=row["compliance_year"],
        verification=row["verification"],
        version=row["version"],
        inventory_version=row["inventory_version"],
        conclusion=row["conclusion"],
        corrected=row["corrected"],
        verified_t=Fraction(verified) if verified else None,
    )
