"""Account ⇄ its message."""

from __future__ import annotations

from services.kernel import names
from services.runtime import wire
from services.trading.domain.account import Account
from services.trading.domain.market import Sector
from services.trading.domain.versioned import Versioned
from zonecarbon.trading.v1 import account_pb2, trading_service_pb2

_SECTOR = "MARKET_SECTOR_"
_VALUES = {sector: account_pb2.MarketSector.Value(_SECTOR + sector.value) for sector in Sector}


def to_account(request: trading_service_pb2.CreateAccountRequest) -> Account:
    """Return the account that is to be created."""
    message = request.account
    sector = account_pb2.MarketSector.Name(message.sector).removeprefix(_SECTOR)
    return Account(
        account=names.check_id("account", request.account_id),
        enterprise=names.ENTERPRISE.parse(message.enterprise, "account.enterprise")["enterprise"],
        sector=Sector(sector),
        first_compliance_year=message.first_compliance_year,
    )


def from_account(stored: Versioned[Account]) -> account_pb2.Account:
    """Return the message of an account."""
    account = stored.value
    return account_pb2.Account(
        name=account.name,
        enterprise=account.enterprise_name,
        sector=from_sector(account.sector),
        first_compliance_year=account.first_compliance_year,
        create_time=wire.from_instant(stored.create_time),
        revision=stored.revision,
    )


def from_sector(sector: Sector) -> account_pb2.MarketSector.ValueType:
    """Return the enum value of `sector`."""
    return _VALUES[sector]
