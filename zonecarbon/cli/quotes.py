"""Daily quotes: bulletins read, files of quotes loaded, quotes shown."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from google.type import date_pb2, money_pb2

from zonecarbon.cli import library
from zonecarbon.cli.terminal import errors, say, services
from zonecarbon.trading.v1 import quote_pb2, quote_service_pb2
from zonecarbon.type.v1 import source_pb2

app = typer.Typer(no_args_is_help=True, help="What the exchange says of each trading day.")

_FEN_PER_YUAN = 100
_NANOS_PER_FEN = 10_000_000
_PRICES = ("open_cny_per_t", "high_cny_per_t", "low_cny_per_t", "close_cny_per_t")

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False)]


@app.command()
def bulletin(
    file: File,
    *,
    on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="where no title says it")
    ] = None,
    source: Annotated[str, typer.Option(help="where it was read")],
    status: Annotated[str, typer.Option(help="OFFICIAL or SECONDARY")] = "OFFICIAL",
    reductions: Annotated[bool, typer.Option(help="it is the JSON of CCER")] = False,
) -> None:
    """Read a bulletin of the exchange from FILE; repeating it changes nothing."""
    form = quote_service_pb2.BulletinForm.Value(
        "BULLETIN_FORM_REDUCTIONS" if reductions else "BULLETIN_FORM_ALLOWANCES"
    )
    request = quote_service_pb2.ImportBulletinRequest(
        text=file.read_text(encoding="utf-8"),
        form=form,
        date=None if on is None else date_pb2.Date(year=on.year, month=on.month, day=on.day),
        source=source_pb2.Source(title=source, status=library.status(status.lower())),
    )
    with services() as to:
        _told(to.quotes.ImportBulletin(request))


@app.command("import")
def import_quotes(file: File) -> None:
    """Load the quotes of FILE; `services/trading/rulebooks/quotes.csv` is one."""
    with services() as to:
        _told(to.quotes.ImportQuotes(request(file)))


@app.command("list")
def list_quotes(product: str) -> None:
    """Show the quotes of PRODUCT, oldest first."""
    request = quote_service_pb2.ListQuotesRequest(product=product, page_size=1000)
    with services() as to:
        while True:
            answer = to.quotes.ListQuotes(request)
            for each in answer.quotes:
                say(_line(each))
            request.page_token = answer.next_page_token
            if not request.page_token:
                return


def request(file: Path) -> quote_service_pb2.ImportQuotesRequest:
    """Return the request that loads a file of quotes; an empty cell is a figure not printed."""
    return quote_service_pb2.ImportQuotesRequest(quotes=[_quote(row) for row in library.rows(file)])


def _quote(row: library.Row) -> quote_pb2.Quote:
    message = quote_pb2.Quote(
        product=row["product"],
        date=library.date(row["date"]),
        listed=_turnover(row, "listed"),
        block=_turnover(row, "block"),
        source=source_pb2.Source(
            title=row["source"],
            status=library.status(row["status"]),
            confidence=row["confidence"],
            note=row["note"],
        ),
    )
    for name in _PRICES:
        if row[name]:
            getattr(message, name).value = row[name]
    return message


def _turnover(row: library.Row, mode: str) -> quote_pb2.Turnover | None:
    volume, amount = row[f"{mode}_volume_t"], row[f"{mode}_amount_cny"]
    if not volume:
        return None
    yuan, _, fen = amount.partition(".")
    return quote_pb2.Turnover(
        volume_t=int(volume),
        amount=money_pb2.Money(
            currency_code="CNY", units=int(yuan), nanos=int(f"{fen:0<2}") * _NANOS_PER_FEN
        ),
    )


def _told(answer: quote_service_pb2.ImportQuotesResponse) -> None:
    for each in answer.quotes:
        for finding in each.findings:
            errors.print(f"{each.product}: {finding}", soft_wrap=True)
    say(
        f"{answer.created_count} new, {answer.changed_count} changed, "
        f"{answer.unchanged_count} unchanged"
    )


def _line(each: quote_pb2.Quote) -> str:
    day = each.date
    parts = [f"{day.year}-{day.month:02}-{day.day:02} close {each.close_cny_per_t.value or '-'}"]
    for mode in ("listed", "block", "auction"):
        turnover: quote_pb2.Turnover = getattr(each, mode)
        if turnover.volume_t:
            parts.append(f"{mode} {turnover.volume_t} t {_yuan(turnover.amount)}")
    status = source_pb2.SourceStatus.Name(each.source.status).removeprefix("SOURCE_STATUS_")
    return ", ".join([*parts, status.lower(), *each.findings])


def _yuan(amount: money_pb2.Money) -> str:
    fen = amount.units * _FEN_PER_YUAN + amount.nanos // _NANOS_PER_FEN
    return f"{fen // _FEN_PER_YUAN}.{fen % _FEN_PER_YUAN:02} CNY"
