"""The chart of accounts: purposes, kinds of transfers, and which of them debits and credits what.

What an enterprise has is an asset, so a debit increases it. Accounts outside the enterprise are the
other side; they alone may be below zero.
"""

from __future__ import annotations

from enum import Enum, StrEnum, unique
from typing import Final

from services.kernel.errors import Words


class Purpose(StrEnum):
    """What a ledger account is for; the contract says it in words."""

    HELD = "HELD"
    ORDERED = "ORDERED"
    PLEDGED = "PLEDGED"
    FROZEN = "FROZEN"
    SURRENDERED = "SURRENDERED"
    ISSUANCE = "ISSUANCE"
    MARKET = "MARKET"
    SURRENDER = "SURRENDER"
    EXPIRY = "EXPIRY"
    OFFSET_CANCELLATION = "OFFSET_CANCELLATION"
    BANK = "BANK"
    CHARGES = "CHARGES"


INSIDE: Final = frozenset(
    {Purpose.HELD, Purpose.ORDERED, Purpose.PLEDGED, Purpose.FROZEN, Purpose.SURRENDERED}
)
"""What the enterprise has: never below zero, and never below what is reserved."""


class InstrumentKind(StrEnum):
    """What an instrument is; the contract says it in words."""

    ALLOWANCE = "ALLOWANCE"
    OFFSET = "OFFSET"
    CASH = "CASH"

    @property
    def words(self) -> Words:
        """What it is called."""
        return _WORDS[self]


_WORDS: Final = {
    InstrumentKind.ALLOWANCE: Words(en="allowances", zh="配额"),
    InstrumentKind.OFFSET: Words(en="certified reductions", zh="核证自愿减排量"),
    InstrumentKind.CASH: Words(en="cash", zh="资金"),
}

_ALLOWANCES: Final = frozenset({InstrumentKind.ALLOWANCE})
_OFFSETS: Final = frozenset({InstrumentKind.OFFSET})
_UNITS: Final = _ALLOWANCES | _OFFSETS
_CASH: Final = frozenset({InstrumentKind.CASH})
_ALL: Final = _UNITS | _CASH


@unique
class Kind(Enum):
    """What a transfer is: debit (receives), credit (gives), and of which instruments."""

    ALLOCATION = (Purpose.HELD, Purpose.ISSUANCE, _UNITS)
    PURCHASE = (Purpose.HELD, Purpose.MARKET, _UNITS)
    SALE = (Purpose.MARKET, Purpose.HELD, _UNITS)
    ORDER = (Purpose.ORDERED, Purpose.HELD, _ALL)
    ORDER_WITHDRAWAL = (Purpose.HELD, Purpose.ORDERED, _ALL)
    ORDER_EXECUTION = (Purpose.MARKET, Purpose.ORDERED, _ALL)
    PLEDGE = (Purpose.PLEDGED, Purpose.HELD, _ALL)
    PLEDGE_RELEASE = (Purpose.HELD, Purpose.PLEDGED, _ALL)
    FREEZE = (Purpose.FROZEN, Purpose.HELD, _ALL)
    UNFREEZE = (Purpose.HELD, Purpose.FROZEN, _ALL)
    SURRENDER = (Purpose.SURRENDERED, Purpose.HELD, _ALLOWANCES)
    SURRENDER_CLOSING = (Purpose.SURRENDER, Purpose.SURRENDERED, _ALLOWANCES)
    EXPIRY = (Purpose.EXPIRY, Purpose.HELD, _UNITS)
    CARRY_OVER_OUT = (Purpose.EXPIRY, Purpose.HELD, _ALLOWANCES)
    CARRY_OVER_IN = (Purpose.HELD, Purpose.ISSUANCE, _ALLOWANCES)
    OFFSET_CANCELLATION = (Purpose.OFFSET_CANCELLATION, Purpose.HELD, _OFFSETS)
    DEPOSIT = (Purpose.HELD, Purpose.BANK, _CASH)
    WITHDRAWAL = (Purpose.BANK, Purpose.HELD, _CASH)
    CHARGE = (Purpose.CHARGES, Purpose.HELD, _CASH)
    PAYMENT = (Purpose.MARKET, Purpose.HELD, _CASH)
    PROCEEDS = (Purpose.HELD, Purpose.MARKET, _CASH)

    # Each is there once. An enum's own hash is that of its name, found out anew each time.
    __hash__ = object.__hash__

    def __init__(
        self,
        debit: Purpose,
        credit: Purpose,
        instruments: frozenset[InstrumentKind],
    ) -> None:
        self.debit = debit
        self.credit = credit
        self.instruments = instruments
