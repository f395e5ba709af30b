"""Holding ⇄ its message."""

from __future__ import annotations

from services.kernel.errors import within
from services.runtime import wire
from services.trading.domain.holding import Holding, Origin, Statement
from zonecarbon.trading.v1 import account_pb2, trading_service_pb2

_ORIGIN = "HOLDING_ORIGIN_"


def to_holdings(request: trading_service_pb2.RecordHoldingsRequest) -> list[Holding]:
    """Return the statements that are to be recorded.

    Raises:
        FieldInvalid: a day does not exist; at `holdings[i].statement_date`.
    """
    found: list[Holding] = []
    for index, message in enumerate(request.holdings):
        with within(f"holdings[{index}]."):
            found.append(_to_holding(message))
    return found


def from_statement(stored: Statement) -> account_pb2.Holding:
    """Return the message of a statement."""
    holding = stored.value
    return account_pb2.Holding(
        vintage_year=holding.vintage_year,
        origin=account_pb2.HoldingOrigin.Value(_ORIGIN + holding.origin.value),
        allowance_count=holding.allowance_count,
        statement_date=wire.from_day(holding.statement_date),
        evidence=holding.evidence,
        revision=stored.revision,
    )


def _to_holding(message: account_pb2.Holding) -> Holding:
    origin = account_pb2.HoldingOrigin.Name(message.origin).removeprefix(_ORIGIN)
    return Holding(
        vintage_year=message.vintage_year,
        origin=Origin(origin),
        allowance_count=message.allowance_count,
        statement_date=wire.to_day(message.statement_date, "statement_date"),
        evidence=message.evidence,
    )
