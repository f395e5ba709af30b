"""A trade that the exchange made, and the transfers that follow from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from services.kernel import money
from services.kernel.period import SHANGHAI
from services.trading.domain.exchange import Mode
from services.trading.domain.ledger.chart import Kind
from services.trading.domain.ledger.transfer import Phase, Wanted


class Side(StrEnum):
    """Which side of a trade an account is on."""

    BUY = "BUY"
    SELL = "SELL"

    @property
    def other(self) -> Side:
        """The other side."""
        return Side.SELL if self is Side.BUY else Side.BUY


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """A trade as the exchange made it."""

    mode: Mode
    side: Side
    instrument: str
    unit_count: int
    price_cny_per_t: Decimal
    trade_time: datetime
    settlement_date: date
    cash_instrument: str
    charge_fen: int | None
    """None: not said. No rate was published, so it is never computed."""
    counterparty: str = ""
    """The id of a trusted counterparty of the account."""
    counter_account: str = ""
    """The book of the other side, where it is one of ours."""
    counter_charge_fen: int | None = None
    notice: str = ""
    evidence: str

    @property
    def trade_date(self) -> date:
        """The day in China."""
        return self.trade_time.astimezone(SHANGHAI).date()

    @property
    def kind(self) -> Kind:
        """Which kind of transfer it is of the account's units."""
        return _UNITS[self.side]

    @property
    def amount_fen(self) -> int:
        """Price × units in fen, exact where the price has no part of a fen; else half up."""
        return money.value_fen(self.unit_count, self.price_cny_per_t)


_UNITS = {Side.BUY: Kind.PURCHASE, Side.SELL: Kind.SALE}
_CASH = {Side.BUY: Kind.PAYMENT, Side.SELL: Kind.PROCEEDS}


def transfers_of(trade: Trade, book: str, id_: str) -> tuple[Wanted, ...]:
    """Return the transfers of a trade: of the account, then of the other side if it is ours.

    Each is named after the instruction `id_`. Cash that comes in goes before the charge on it.
    """
    found = [*_of_side(trade, book, id_, trade.side, trade.charge_fen)]
    if trade.counter_account:
        found += _of_side(
            trade, trade.counter_account, id_, trade.side.other, trade.counter_charge_fen
        )
    return tuple(found)


def _of_side(
    trade: Trade, book: str, id_: str, side: Side, charge_fen: int | None
) -> Iterator[Wanted]:
    parts = (
        ("units", _UNITS[side], trade.instrument, trade.unit_count),
        ("cash", _CASH[side], trade.cash_instrument, trade.amount_fen),
        ("charge", Kind.CHARGE, trade.cash_instrument, charge_fen or 0),
    )
    for part, kind, instrument, count in parts:
        if count:
            yield Wanted(
                book=book,
                transfer=f"{id_}-{part}",
                phase=Phase.POSTED,
                kind=kind,
                instrument=instrument,
                unit_count=count,
                trade_date=trade.trade_date,
                settlement_date=trade.settlement_date,
                evidence=trade.evidence,
            )
