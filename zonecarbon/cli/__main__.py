"""`zonecarbon`: what people ask of the services from a terminal."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, cast

import grpc
import typer
from google.protobuf import json_format
from google.protobuf.message import Message
from google.type import date_pb2, decimal_pb2
from rich.console import Console

from zonecarbon import client
from zonecarbon.accounting.v1 import accounting_service_pb2
from zonecarbon.cli import library, prices
from zonecarbon.registry.v1 import unit_pb2
from zonecarbon.trading.v1 import trading_service_pb2
from zonecarbon.type.v1 import quantity_pb2

app = typer.Typer(no_args_is_help=True, help=__doc__, pretty_exceptions_enable=False)
_console = Console(highlight=False, markup=False)
_errors = Console(stderr=True, highlight=False, markup=False)
_REFUSED = 1


@app.command("load-library")
def load_library(folder: Annotated[Path, typer.Argument(exists=True, file_okay=False)]) -> None:
    """Load the factor files of FOLDER; repeating it changes nothing."""
    with _client() as to:
        for request in library.requests(folder):
            done = to.factors.ImportFactors(request)
            _console.print(
                f"{done.created_count} new, {done.changed_count} changed, "
                f"{done.unchanged_count} unchanged"
            )


@app.command("load-prices")
def load_prices(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)]) -> None:
    """Load the published prices of FILE; repeating it changes nothing."""
    with _client() as to:
        done = to.trading.ImportPrices(prices.request(file))
    _console.print(
        f"{done.created_count} new, {done.changed_count} changed, {done.unchanged_count} unchanged"
    )


@app.command()
def convert(value: str, unit: str, to_unit: str) -> None:
    """Convert VALUE of UNIT into TO_UNIT and say how."""
    request = unit_pb2.ConvertQuantityRequest(
        quantity=quantity_pb2.Quantity(value=decimal_pb2.Decimal(value=value), unit_code=unit),
        unit_code=to_unit,
    )
    with _client() as to:
        done = to.units.ConvertQuantity(request)
    for step in done.steps:
        _console.print(step)
    about = "" if done.exact else "about "
    _console.print(f"{value} {unit} = {about}{done.to.value.value} {done.to.unit_code}")


@app.command()
def inventory(name: str) -> None:
    """Show the inventory NAME of an enterprise, or zones/{zone}/inventories/{year} of a zone."""
    with _client() as to:
        if name.startswith("zones/"):
            of_zone = accounting_service_pb2.GetZoneInventoryRequest(name=name)
            _show(to.accounting.GetZoneInventory(of_zone))
        else:
            of_enterprise = accounting_service_pb2.GetEnterpriseInventoryRequest(name=name)
            _show(to.accounting.GetEnterpriseInventory(of_enterprise))


@app.command()
def explain(name: str, figure: str = "") -> None:
    """Explain a FIGURE of the resource NAME down to the records and the published factors."""
    request = accounting_service_pb2.ExplainFigureRequest(name=name, figure=figure)
    with _client() as to:
        _console.print(to.accounting.ExplainFigure(request).text, soft_wrap=True)


@app.command()
def position(
    name: str,
    day: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="the day of the valuation, 2025-12-31")
    ],
) -> None:
    """Show where an account stands: NAME is accounts/{account}/positions/{year}."""
    request = trading_service_pb2.GetPositionRequest(
        name=name, valuation_date=date_pb2.Date(year=day.year, month=day.month, day=day.day)
    )
    with _client() as to:
        _show(to.trading.GetPosition(request))


def main() -> None:
    """Run a command; what the services refuse is printed as they say it, with exit code 1."""
    try:
        app()
    except grpc.RpcError as error:
        status = client.status(error)
        told = status.message if status is not None else _no_answer(cast("grpc.Call", error))
        _errors.print(told, soft_wrap=True)
        raise SystemExit(_REFUSED) from None


@contextmanager
def _client() -> Iterator[client.Client]:
    """Give a client by ZONECARBON_CLI_KEY, _LANG, _REGISTRY, _ACCOUNTING and _TRADING."""
    given = {
        name: value
        for name in ("registry", "accounting", "trading")
        if (value := os.environ.get(f"ZONECARBON_CLI_{name.upper()}"))
    }
    key = os.environ.get("ZONECARBON_CLI_KEY", "")
    language = os.environ.get("ZONECARBON_CLI_LANG", "en")
    with client.Client.connect(client.Addresses(**given), key=key, language=language) as to:
        yield to


def _no_answer(call: grpc.Call) -> str:
    return (
        f"no answer from the services ({call.code().name}): {call.details()}. "
        "See that they run, and where ZONECARBON_CLI_REGISTRY, _ACCOUNTING and _TRADING point."
    )


def _show(message: Message) -> None:
    text = json_format.MessageToJson(message, preserving_proto_field_name=True, ensure_ascii=False)
    _console.print(text, soft_wrap=True)


if __name__ == "__main__":
    main()
