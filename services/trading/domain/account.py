"""An enterprise's place in the market."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from services.kernel.errors import FieldInvalid, Words
from services.kernel.names import ACCOUNT, ENTERPRISE, Pattern
from services.trading.domain.market import Market, Sector

ALLOCATION: Final = Pattern("accounts/{account}/allocations/{year}")
HOLDING: Final = Pattern("accounts/{account}/holdings/{holding}")
OBLIGATION: Final = Pattern("accounts/{account}/obligations/{year}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An enterprise in the market; one account an enterprise."""

    account: str
    enterprise: str
    sector: Sector
    first_compliance_year: int

    @property
    def name(self) -> str:
        """The resource name."""
        return ACCOUNT.format(account=self.account)

    @property
    def enterprise_name(self) -> str:
        """The resource name of the enterprise."""
        return ENTERPRISE.format(enterprise=self.enterprise)

    def name_of(self, kind: Pattern, compliance_year: int) -> str:
        """Return the name of the account's allocation, obligation or position of a year."""
        return kind.format(account=self.account, year=f"{compliance_year:04d}")

    def takes_part(self, compliance_year: int) -> bool:
        """Tell whether it must surrender for the year."""
        return compliance_year >= self.first_compliance_year


def checked(account: Account, market: Market) -> Account:
    """Return `account` if its sector was in the market in its first year.

    Raises:
        FieldInvalid: the sector came later; at `account.first_compliance_year`.
    """
    since = market.first_compliance_years[account.sector]
    if account.first_compliance_year < since:
        raise FieldInvalid(
            field="account.first_compliance_year",
            given=str(account.first_compliance_year),
            allowed=Words(
                en=f"{since} or later: {account.sector.words.en} is in the market since then",
                zh=f"{since} 年及以后（{account.sector.words.zh}行业自该履约年度起纳入全国碳市场）",
            ),
        )
    return account


def check_takes_part(account: Account, compliance_year: int) -> None:
    """Raise FieldInvalid at `compliance_year` if the account is not in the market yet."""
    if not account.takes_part(compliance_year):
        since = account.first_compliance_year
        raise FieldInvalid(
            field="compliance_year",
            given=str(compliance_year),
            allowed=Words(
                en=f"{since} or later: the first compliance year of {account.name}",
                zh=f"{since} 年及以后（{account.name} 的首个履约年度）",
            ),
        )
