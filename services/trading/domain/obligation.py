"""What an account must surrender: as much as its verified direct emissions by the sector's guide.

Until they are verified it is a forecast: by the guide where its inventory is complete, else by the
home method. Each change explains itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final

from services.kernel.errors import Words
from services.kernel.mass import G_PER_T, Rounding, round_integer
from services.kernel.names import HOME_METHOD, INVENTORY, VERIFICATION, inventory_id
from services.kernel.trust import Status
from services.trading.domain.account import Account
from services.trading.domain.market import Sector

GUIDES: Final = {sector: f"ets-{sector.lower()}" for sector in Sector}
"""The accounting method of each sector's guide."""
TOTAL: Final = "reported.total_t"
"""The figure of an inventory that a guide reports, as a verifier names it."""


class Basis(StrEnum):
    """What an obligation rests on, the worst first."""

    ESTIMATE = "ESTIMATE"
    """Direct emissions by the enterprise method: an estimate, not by the ETS guide."""
    REPORTED = "REPORTED"
    """The sector's guide, not verified."""
    VERIFIED = "VERIFIED"
    """The sector's guide, verified."""

    @property
    def words(self) -> Words:
        """What it is called."""
        return _BASES[self]


_BASES: Final = {
    Basis.ESTIMATE: Words(en="estimate", zh="估算"),
    Basis.REPORTED: Words(en="reported, not verified", zh="已报告、未核查"),
    Basis.VERIFIED: Words(en="verified", zh="已核查"),
}

NO_DIRECT_EMISSIONS: Final = Words(
    en="direct emissions missing: the inventory has no fuel; report the fuels burnt in the year",
    zh="缺少直接排放：排放清单中没有化石燃料燃烧排放，请填报该年度的燃料消耗量",
)
NO_VERIFIED_TOTAL: Final = Words(
    en=f"verified total missing: the verifier corrected figures and none of them is {TOTAL}; have "
    "the verified total recorded",
    zh=f"缺少经核查排放总量：核查更正了数据，但未更正 {TOTAL}，请核查机构补录经核查的总量",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """What trading reads of a version of an enterprise's inventory."""

    enterprise: str
    accounting_year: int
    method_id: str = HOME_METHOD
    version: int
    complete: bool
    findings: tuple[Words, ...]
    """What is missing in it."""
    direct_co2_g: int
    direct_co2e_g: int = 0
    reported_t: Decimal | None = None
    """The total as the guide rounds it; None where its document prints no stages."""
    status: Status
    """The lowest of its factors."""

    @property
    def name(self) -> str:
        """The resource name."""
        return INVENTORY.format(
            enterprise=self.enterprise,
            inventory=inventory_id(self.accounting_year, self.method_id),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What trading reads of a version of a verification that was concluded."""

    enterprise: str
    accounting_year: int
    verification: str
    """Its id."""
    version: int
    inventory_version: int
    """Of the guide's inventory that was verified; 0 where there was none."""
    conclusion: str
    corrected: bool
    """Whether a figure of the guide's inventory was verified to be another."""
    verified_t: Fraction | None
    """The verified total, where the verifier recorded it."""

    @property
    def confirms(self) -> bool:
        """Whether the figures stand verified."""
        return self.conclusion.startswith("CONFORMING")

    @property
    def name(self) -> str:
        """The resource name."""
        return VERIFICATION.format(
            enterprise=self.enterprise,
            year=f"{self.accounting_year:04d}",
            verification=self.verification,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The newest that is known of an account's year."""

    home: Inventory | None = None
    guide: Inventory | None = None
    verifications: tuple[Verified, ...] = ()
    """Each in its newest version."""


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
    reported_t: Decimal | None = None
    """As the guide rounds it, or as it was verified; None where neither is."""
    verification: str = ""
    verification_version: int = field(default=0, compare=False)
    status: Status
    """The lowest of the inventory's factors."""
    change: Words | None = field(default=None, compare=False)
    """What changed since the version before, and why; None for the first."""


def owed(account: Account, evidence: Evidence) -> Obligation | None:
    """Return what an account owes by what is known; None where nothing was reported.

    The guide's figure as it is reported, or as the verifier recorded it, in whole tonnes; half up
    where the guide prints decimals: a house rule, since no plan prints a rounding of obligations.
    """
    guide, home = evidence.guide, evidence.home
    if guide is not None and (guide.complete or home is None):
        found = _verification(guide, evidence.verifications)
        return _by_guide(account, guide, found)
    return None if home is None else estimate(account, home)


def estimate(account: Account, inventory: Inventory) -> Obligation:
    """Return the obligation that the home inventory lets us estimate, in whole tonnes, half up.

    An incomplete inventory gives no tonnes at all.
    """
    missing = _missing(inventory, inventory.direct_co2_g)
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


def explained(before: Obligation | None, after: Obligation) -> Words | None:
    """Say what changed from one version of an obligation to the next, and why; None: the first."""
    if before is None:
        return None
    why = _why(before, after)
    return Words(
        en=f"{_said(before).en} → {_said(after).en}: {why.en}",
        zh=f"{_said(before).zh} → {_said(after).zh}：{why.zh}",
    )


def _by_guide(account: Account, guide: Inventory, found: Verified | None) -> Obligation:
    missing = _missing_of_guide(guide, found)
    verified_t = None if found is None else found.verified_t
    exact_t = _reported(guide) if verified_t is None else verified_t
    return Obligation(
        account=account.account,
        compliance_year=guide.accounting_year,
        basis=Basis.REPORTED if found is None else Basis.VERIFIED,
        known=missing is None,
        allowance_count=round_integer(exact_t, Rounding.HALF_UP) if missing is None else 0,
        missing=missing,
        inventory=guide.name,
        inventory_version=guide.version,
        direct_co2_g=guide.direct_co2_g,
        reported_t=guide.reported_t if verified_t is None else _decimal(verified_t),
        verification="" if found is None else found.name,
        verification_version=0 if found is None else found.version,
        status=guide.status,
    )


def _verification(guide: Inventory, verifications: Sequence[Verified]) -> Verified | None:
    """Return the newest conclusion that confirms this very version of the inventory, or None."""
    confirming = [
        each for each in verifications if each.confirms and each.inventory_version == guide.version
    ]
    return max(confirming, key=lambda each: each.verification, default=None)


def _reported(guide: Inventory) -> Fraction:
    if guide.reported_t is not None:
        return Fraction(guide.reported_t)
    return Fraction(guide.direct_co2e_g or guide.direct_co2_g, G_PER_T)


def _decimal(tonnes: Fraction) -> Decimal:
    return Decimal(tonnes.numerator) / Decimal(tonnes.denominator)


def _missing_of_guide(guide: Inventory, found: Verified | None) -> Words | None:
    if found is not None and found.corrected and found.verified_t is None:
        return NO_VERIFIED_TOTAL
    return _missing(guide, max(guide.direct_co2_g, guide.direct_co2e_g))


def _missing(inventory: Inventory, direct_g: int) -> Words | None:
    if not inventory.complete:
        return joined(inventory.findings)
    return NO_DIRECT_EMISSIONS if direct_g <= 0 else None


def joined(findings: Iterable[Words]) -> Words:
    """Return what is missing in an inventory as one phrase."""
    several = list(findings)
    return Words(
        en="; ".join(each.en for each in several), zh="；".join(each.zh for each in several)
    )


def _said(obligation: Obligation) -> Words:
    inventory = f"{obligation.inventory} v{obligation.inventory_version}"
    if not obligation.known:
        return Words(en=f"unknown ({inventory})", zh=f"未知（{inventory}）")
    tonnes, basis = f"{obligation.allowance_count} t", obligation.basis.words
    return Words(
        en=f"{tonnes} ({basis.en}, {inventory})", zh=f"{tonnes}（{basis.zh}，{inventory}）"
    )


def _why(before: Obligation, after: Obligation) -> Words:
    if after.verification != before.verification and after.basis is Basis.VERIFIED:
        return Words(en=f"verified by {after.verification}", zh=f"{after.verification} 核查通过")
    if after.inventory != before.inventory:
        return Words(en=f"it now follows {after.inventory}", zh=f"改为依据 {after.inventory}")
    if before.basis is Basis.VERIFIED and after.basis is not Basis.VERIFIED:
        return Words(
            en=f"the inventory was restated to version {after.inventory_version} after it was "
            "verified; have the new version verified",
            zh=f"清单在核查后重述为第 {after.inventory_version} 版，请对新版本重新核查",
        )
    return Words(
        en=f"the inventory got version {after.inventory_version}",
        zh=f"清单更新为第 {after.inventory_version} 版",
    )
