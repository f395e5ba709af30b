"""Trades of the exchange, written as instructions."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

import typer
from google.type import decimal_pb2, money_pb2

from zonecarbon.cli import desk
from zonecarbon.cli.ledger import Evidence, LaterDay, to_day, value
from zonecarbon.cli.terminal import moment
from zonecarbon.trading.v1 import instruction_pb2, trade_pb2

app = typer.Typer(no_args_is_help=True, help="Trades of the exchange; BOOK is accounts/{account}.")

_NANOS = 1_000_000_000
Yuan = Annotated[str, typer.Option(help="in yuan; 0 where there is none")]


@app.command()
def record(  # noqa: PLR0913, PLR0917 (an option each)
    book: str,
    id_: Annotated[str, typer.Argument(metavar="ID")],
    mode: Annotated[str, typer.Argument(help="LISTED, BLOCK or AUCTION")],
    side: Annotated[str, typer.Argument(help="BUY or SELL")],
    count: Annotated[int, typer.Argument(help="tonnes")],
    instrument: Annotated[str, typer.Argument(help="the id of an instrument")],
    price: Annotated[str, typer.Argument(help="yuan a tonne")],
    *,
    made: Annotated[str, typer.Option(help="when: 2026-07-21T10:00:00, of China")],
    settled: LaterDay = None,
    charge: Yuan,
    cash: Annotated[str, typer.Option(help="the id of the instrument that is paid with")] = "cny",
    counterparty: Annotated[str, typer.Option(help="of a block: a trusted counterparty")] = "",
    counterparty_charge: Yuan = "",
    notice: Annotated[str, typer.Option(help="of an auction: its notice")] = "",
    purpose: desk.Purpose,
    evidence: Evidence,
    days: desk.Days = 7,
) -> None:
    """Write a trade of BOOK as a draft; submit it, and have another person approve it."""
    trade = trade_pb2.Trade(
        mode=value(trade_pb2.TradeMode, "TRADE_MODE_", mode),
        side=value(trade_pb2.TradeSide, "TRADE_SIDE_", side),
        instrument=f"instruments/{instrument}",
        unit_count=count,
        price_cny_per_t=decimal_pb2.Decimal(value=price),
        trade_time=moment(made, "--made"),
        settlement_date=to_day(settled),
        cash_instrument=f"instruments/{cash}",
        charge=_yuan(charge, "--charge"),
        trusted_counterparty=counterparty,
        counterparty_charge=_yuan(counterparty_charge, "--counterparty-charge")
        if counterparty_charge
        else None,
        notice=notice,
        evidence=evidence,
    )
    desk.create(book, id_, instruction_pb2.Instruction(trade=trade), purpose, "", days)


def _yuan(text: str, option: str) -> money_pb2.Money:
    try:
        amount = Decimal(text)
        units = int(amount)
    except ArithmeticError as error:
        raise typer.BadParameter(f"{text} is no amount of yuan", param_hint=option) from error
    nanos = int((amount - units) * _NANOS)
    return money_pb2.Money(currency_code="CNY", units=units, nanos=nanos)
