"""Portfolios: what accounts have, what it cost and what it is worth; and the journal."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from google.type import date_pb2

from zonecarbon.cli.terminal import say, services, show
from zonecarbon.trading.v1 import portfolio_pb2, portfolio_service_pb2, transfer_pb2

app = typer.Typer(no_args_is_help=True, help="What accounts have: BOOK is accounts/{account}.")

Day = Annotated[datetime, typer.Option(formats=["%Y-%m-%d"])]
LaterDay = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])]
Evidence = Annotated[str, typer.Option(help="where it is declared; it stays")]


@app.command()
def policy(
    book: str,
    method: Annotated[str, typer.Argument(help="WEIGHTED_AVERAGE or FIFO")],
    *,
    sales: Annotated[str, typer.Option(help="FREE_FIRST or BOUGHT_FIRST")],
    others: Annotated[str, typer.Option(help="of surrenders and the like")],
    evidence: Evidence,
) -> None:
    """Declare how the costs of BOOK flow."""
    request = portfolio_service_pb2.DeclareCostPolicyRequest(
        parent=book,
        method=_value(portfolio_pb2.CostMethod, "COST_METHOD_", method),
        sale_order=_value(portfolio_pb2.DisposalOrder, "DISPOSAL_ORDER_", sales),
        other_order=_value(portfolio_pb2.DisposalOrder, "DISPOSAL_ORDER_", others),
        evidence=evidence,
    )
    with services() as to:
        show(to.portfolio.DeclareCostPolicy(request))


@app.command()
def disposal(
    transfer: Annotated[str, typer.Argument(help="accounts/{account}/transfers/{transfer}")],
    free: Annotated[int, typer.Argument(help="tonnes of it that were free ones")],
    *,
    evidence: Evidence,
) -> None:
    """Declare which units a transfer took, against the policy's order."""
    request = portfolio_service_pb2.DeclareDisposalRequest(
        name=transfer, free_count=free, evidence=evidence
    )
    with services() as to:
        say(f"version {to.portfolio.DeclareDisposal(request).resource_version}")


@app.command("show")
def show_portfolio(book: str, *, on: Day, traded: LaterDay = None) -> None:
    """Show what BOOK has at the end of a day."""
    request = portfolio_service_pb2.GetPortfolioRequest(
        parent=book,
        valuation_date=_day(on),
        as_of=transfer_pb2.LedgerAsOf(trade_date=_day(traded)) if traded else None,
    )
    with services() as to:
        show(to.portfolio.GetPortfolio(request))


@app.command()
def total(*, on: Day, zone: str = "") -> None:
    """Show what all accounts together, or those of a zone, have at the end of a day."""
    request = portfolio_service_pb2.ListPortfoliosRequest(valuation_date=_day(on), zone=zone)
    with services() as to:
        for each in to.portfolio.ListPortfolios(request).totals:
            show(each)


@app.command()
def journal(book: str, folder: Path, *, start: Day, end: Day, xlsx: bool = False) -> None:
    """Write the entries of BOOK from START to before END into FOLDER."""
    form = "XLSX" if xlsx else "CSV"
    request = portfolio_service_pb2.ExportJournalRequest(
        parent=book,
        start_date=_day(start),
        end_date=_day(end),
        format=portfolio_service_pb2.JournalFormat.Value(f"JOURNAL_FORMAT_{form}"),
    )
    with services() as to:
        answer = to.portfolio.ExportJournal(request)
    path = folder / answer.file_name
    with path.open("xb") as file:
        file.write(answer.content)
    say(f"{path}: {answer.entry_count} entries")


def _value(of: Any, prefix: str, given: str) -> Any:
    choices = [name.removeprefix(prefix) for name in of.keys()][1:]  # noqa: SIM118 (no mapping)
    if given not in choices:
        raise typer.BadParameter(f"{given} is none of {', '.join(choices)}")
    return of.Value(prefix + given)


def _day(moment: datetime) -> date_pb2.Date:
    return date_pb2.Date(year=moment.year, month=moment.month, day=moment.day)
