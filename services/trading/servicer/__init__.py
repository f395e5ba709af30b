"""Trading's servicer, one module a noun, and who may call which method."""

from __future__ import annotations

from services.runtime import auth
from services.trading.servicer.account import Accounts
from services.trading.servicer.allocation import Allocations
from services.trading.servicer.holding import Holdings
from services.trading.servicer.house import House
from services.trading.servicer.position import Positions
from services.trading.servicer.price import Prices

_TRADING = "/zonecarbon.trading.v1.TradingService/"

ACCESS: auth.Access = {
    _TRADING + "CreateAccount": auth.OFFICE,
    _TRADING + "GetAccount": auth.ANYONE,
    _TRADING + "ListAccounts": auth.ANYONE,
    _TRADING + "ListRulebooks": auth.ANYONE,
    _TRADING + "RecordHoldings": auth.OFFICE,
    _TRADING + "ListHoldings": auth.ANYONE,
    _TRADING + "AllocateAllowances": auth.OFFICE,
    _TRADING + "GetAllocation": auth.ANYONE,
    _TRADING + "GetPosition": auth.ANYONE,
    _TRADING + "ListPositions": auth.ANYONE,
    _TRADING + "ImportPrices": auth.ADMINISTRATORS,
    _TRADING + "GetPrice": auth.ANYONE,
    _TRADING + "ListPrices": auth.ANYONE,
    _TRADING + "GetFollowState": auth.ANYONE,
}


class Trading(Accounts, Holdings, Allocations, Positions, Prices):
    """TradingService: each noun in a module of its own."""

    def __init__(self, house: House) -> None:
        Accounts.__init__(self, house)


__all__ = ["ACCESS", "House", "Trading"]
