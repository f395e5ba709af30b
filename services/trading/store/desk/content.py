"""What an instruction wants ⇄ JSON."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import orjson

from services.trading.domain.desk.instruction import Content
from services.trading.domain.desk.trade import Side, Trade
from services.trading.domain.exchange import Mode
from services.trading.domain.ledger.chart import Kind
from services.trading.domain.ledger.transfer import Phase, Wanted, microseconds, moment


def to_json(content: Content) -> str:
    """Return the content as it is stored."""
    table = {
        "purpose": content.purpose,
        "wanted": [_from_wanted(each) for each in content.wanted],
        "trade": None if content.trade is None else _from_trade(content.trade),
        "execute_time": microseconds(content.execute_time),
        "expire_time": microseconds(content.expire_time),
    }
    return orjson.dumps(table).decode()


def from_json(text: str) -> Content:
    """Return the content that was stored."""
    table = orjson.loads(text)
    return Content(
        purpose=table["purpose"],
        wanted=tuple(_to_wanted(each) for each in table["wanted"]),
        trade=None if table["trade"] is None else _to_trade(table["trade"]),
        execute_time=moment(table["execute_time"]),
        expire_time=_moment(table["expire_time"]),
    )


def _from_wanted(each: Wanted) -> dict[str, Any]:
    return {
        "book": each.book,
        "transfer": each.transfer,
        "phase": each.phase.value,
        "kind": each.kind.name if each.kind else None,
        "instrument": each.instrument,
        "unit_count": each.unit_count,
        "target": each.target,
        "timeout_time": microseconds(each.timeout_time),
        "trade_date": each.trade_date,
        "settlement_date": each.settlement_date,
        "evidence": each.evidence,
    }


def _to_wanted(table: dict[str, Any]) -> Wanted:
    return Wanted(
        book=table["book"],
        transfer=table["transfer"],
        phase=Phase(table["phase"]),
        kind=Kind[table["kind"]] if table["kind"] else None,
        instrument=table["instrument"],
        unit_count=table["unit_count"],
        target=table["target"],
        timeout_time=moment(table["timeout_time"]),
        trade_date=date.fromisoformat(table["trade_date"]),
        settlement_date=date.fromisoformat(table["settlement_date"]),
        evidence=table["evidence"],
    )


def _from_trade(trade: Trade) -> dict[str, Any]:
    return {
        "mode": trade.mode.value,
        "side": trade.side.value,
        "instrument": trade.instrument,
        "unit_count": trade.unit_count,
        "price_cny_per_t": str(trade.price_cny_per_t),
        "trade_time": microseconds(trade.trade_time),
        "settlement_date": trade.settlement_date,
        "cash_instrument": trade.cash_instrument,
        "charge_fen": trade.charge_fen,
        "counterparty": trade.counterparty,
        "counter_account": trade.counter_account,
        "counter_charge_fen": trade.counter_charge_fen,
        "notice": trade.notice,
        "evidence": trade.evidence,
    }


def _to_trade(table: dict[str, Any]) -> Trade:
    return Trade(
        mode=Mode(table["mode"]),
        side=Side(table["side"]),
        instrument=table["instrument"],
        unit_count=table["unit_count"],
        price_cny_per_t=Decimal(table["price_cny_per_t"]),
        trade_time=_moment(table["trade_time"]),
        settlement_date=date.fromisoformat(table["settlement_date"]),
        cash_instrument=table["cash_instrument"],
        charge_fen=table["charge_fen"],
        counterparty=table["counterparty"],
        counter_account=table["counter_account"],
        counter_charge_fen=table["counter_charge_fen"],
        notice=table["notice"],
        evidence=table["evidence"],
    )


def _moment(count: int) -> datetime:
    found = moment(count)
    assert found is not None, "always said"
    return found
