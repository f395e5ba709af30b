"""What an account must surrender, as its enterprise's inventory lets us estimate it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Final

from services.kernel.errors import Words
from services.kernel.mass import G_PER_T, Rounding, round_integer
from services.kernel.trust import Status
from services.trading.domain.account import Account


class Basis(StrEnum):
    """What an obligation rests on."""

    ESTIMATE = "ESTIMATE"
    """Direct emissions by the enterprise method: an estimate, not yet by the ETS guide."""


NO_DIRECT_EMISSIONS: Final = Words(
    en="direct emissions missing: the inventory has no fuel; report the fuels burnt in the year",
    zh="缺少直接排放：排放清单中没有化石燃料燃烧排放，请填报该年度的燃料消耗量",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """What trading reads of a version of an enterprise's inventory."""

    enterprise: str
    accounting_year: int
    version: int
    complete: bool
    findings: tuple[Words, ...]
    """What is missing in it."""
    direct_co2_g: int
    status: Status
    """The lowest of its factors."""

    @property
    def name(self) -> str:
        """The resource name."""
        return f"enterprises/{self.enterprise}/inventories/{self.accounting_year}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Obligation:
    """What an account must surrender for a year, tonnes; or why that is not known.

    Two obligations are equal where what they say is, whichever version of the inventory said it.
    """

    account: str
    compliance_year: int
    basis: Basis
    known: bool
    allowance_count: int
    """0 where it is not known, and then it means nothing."""
    missing: Words | None
    inventory: str
    inventory_version: int = field(compare=False)
    direct_co2_g: int
    status: Status
    """The lowest of the inventory's factors."""


def estimate(account: Account, inventory: Inventory) -> Obligation:
    """Return the obligation that an inventory lets us estimate: direct emissions in whole tonnes.

    Rounded half up from grams: the guide that says how verified emissions are rounded is not
    applied here yet. An incomplete inventory gives no tonnes at all.
    """
    missing = _missing(inventory)
    tonnes = Fraction(inventory.direct_co2_g, G_PER_T)
    return Obligation(
        account=account.account,
        compliance_year=inventory.accounting_year,
        basis=Basis.ESTIMATE,
        known=missing is None,
        allowance_count=round_integer(tonnes, Rounding.HALF_UP) if missing is None else 0,
        missing=missing,
        inventory=inventory.name,
        inventory_version=inventory.version,
        direct_co2_g=inventory.direct_co2_g,
        status=inventory.status,
    )


def _missing(inventory: Inventory) -> Words | None:
    if not inventory.complete:
        return Words(
            en="; ".join(each.en for each in inventory.findings),
            zh="；".join(each.zh for each in inventory.findings),
        )
    return NO_DIRECT_EMISSIONS if inventory.direct_co2_g <= 0 else None
