"""Trades ⇄ their messages."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from google.type import decimal_pb2, money_pb2

from services.kernel import money
from services.kernel.errors import FieldInvalid, SettlementBeforeTrade, Words, within
from services.kernel.quantity import Quantity
from services.runtime import wire
from services.trading.domain.desk.counterparty import COUNTERPARTY
from services.trading.domain.desk.trade import Side, Trade
from services.trading.domain.exchange import Mode
from services.trading.domain.ledger.transfer import INSTRUMENT
from zonecarbon.trading.v1 import trade_pb2

_MODES = {trade_pb2.TradeMode.Value(f"TRADE_MODE_{mode.value}"): mode for mode in Mode}
_OF_MODE = {mode: value for value, mode in _MODES.items()}
_SIDES = {trade_pb2.TradeSide.Value(f"TRADE_SIDE_{side.value}"): side for side in Side}
_OF_SIDE = {side: value for value, side in _SIDES.items()}
_NANOS_PER_YUAN = Decimal(1_000_000_000)
_UNIT = "CNY/t"


def to_trade(message: trade_pb2.Trade, book: str) -> Trade:
    """Return a trade of `book`; its other side is looked up by its counterparty.

    Raises:
        NameInvalid, FieldInvalid, QuantityInvalid, SettlementBeforeTrade: at the field.
    """
    mode = _MODES[message.mode]
    trade = Trade(
        mode=mode,
        side=_SIDES[message.side],
        instrument=INSTRUMENT.parse(message.instrument, "instrument")["instrument"],
        unit_count=message.unit_count,
        price_cny_per_t=_price(message.price_cny_per_t),
        trade_time=wire.to_instant(message.trade_time, "trade_time"),
        settlement_date=wire.to_instant(message.trade_time, "trade_time").date(),
        cash_instrument=INSTRUMENT.parse(message.cash_instrument, "cash_instrument")["instrument"],
        charge_fen=_charge(message.charge, "charge"),
        counterparty=_counterparty(message, book, mode),
        counter_charge_fen=_charge(message.counterparty_charge, "counterparty_charge"),
        notice=message.notice,
        evidence=message.evidence,
    )
    return _settled(trade, message)


def from_trade(trade: Trade, book: str) -> trade_pb2.Trade:
    """Return the message of a trade of `book`."""
    message = trade_pb2.Trade(
        mode=_OF_MODE[trade.mode],
        side=_OF_SIDE[trade.side],
        instrument=INSTRUMENT.format(instrument=trade.instrument),
        unit_count=trade.unit_count,
        price_cny_per_t=wire.from_decimal(trade.price_cny_per_t),
        trade_time=wire.from_instant(trade.trade_time),
        settlement_date=wire.from_day(trade.settlement_date),
        cash_instrument=INSTRUMENT.format(instrument=trade.cash_instrument),
        charge=_from_charge(trade.charge_fen),
        counterparty_charge=_from_charge(trade.counter_charge_fen),
        notice=trade.notice,
        evidence=trade.evidence,
        amount=wire.from_fen(trade.amount_fen),
    )
    if trade.counterparty:
        message.trusted_counterparty = COUNTERPARTY.format(
            account=book, trusted_counterparty=trade.counterparty
        )
    return message


def _settled(trade: Trade, message: trade_pb2.Trade) -> Trade:
    """Return the trade with its day of delivery: the trade date where none is said."""
    said = wire.to_optional_day(message.settlement_date, "settlement_date")
    if said is not None and said < trade.trade_date:
        raise SettlementBeforeTrade(
            field="settlement_date", given=said, trade_date=trade.trade_date
        )
    return replace(trade, settlement_date=said or trade.trade_date)


def _price(message: decimal_pb2.Decimal) -> Decimal:
    with within("price_cny_per_t."):
        return Quantity.parse(message.value, _UNIT).positive().value


def _charge(given: money_pb2.Money, field: str) -> int | None:
    """Return a charge in fen; None where it is not said: 0 yuan says its currency."""
    if not given.ByteSize():
        return None
    amount_yuan = Decimal(given.units) + Decimal(given.nanos) / _NANOS_PER_YUAN
    if given.currency_code != "CNY" or amount_yuan < 0:
        allowed = Words(en="yuan (CNY), 0 or more", zh="非负的人民币元（CNY）金额")
        said = f"{given.currency_code} {amount_yuan}"
        raise FieldInvalid(field=field, given=said, allowed=allowed)
    return money.fen(amount_yuan, field)


def _from_charge(charge_fen: int | None) -> money_pb2.Money | None:
    return None if charge_fen is None else wire.from_fen(charge_fen)


def _counterparty(message: trade_pb2.Trade, book: str, mode: Mode) -> str:
    """Return the id of the counterparty, which is of the same account; "" where none is named."""
    name = message.trusted_counterparty
    if not name:
        return ""
    ids = COUNTERPARTY.parse(name, "trusted_counterparty")
    if mode is not Mode.BLOCK or ids["account"] != book:
        allowed = Words(
            en=f"one of accounts/{book}, for a block trade; else nothing",
            zh=f"仅大宗协议填写 accounts/{book} 的可信交易对手，其他方式留空",
        )
        raise FieldInvalid(field="trusted_counterparty", given=name, allowed=allowed)
    return ids["trusted_counterparty"]
