"""Statistics of enterprises and of zones: reported from a file, listed."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from google.type import date_pb2, decimal_pb2

from zonecarbon.accounting.v1 import statistic_pb2
from zonecarbon.accounting.v1 import statistic_service_pb2 as pb
from zonecarbon.cli.library import Row, rows
from zonecarbon.cli.terminal import REFUSED, errors, language, say, services
from zonecarbon.type.v1 import period_pb2, quantity_pb2

app = typer.Typer(
    no_args_is_help=True,
    help="Facts that are not energy: OWNER is enterprises/{enterprise} or zones/{zone}.",
)

_COLUMNS = ("input_id", "period", "value", "unit", "source", "evidence")
_DECEMBER = 12


@app.command("inputs")
def inputs() -> None:
    """Show what can be reported, and what else formulas can name."""
    with services() as to:
        answer = to.statistics.ListStatisticInputs(pb.ListStatisticInputsRequest())
    for each in answer.inputs:
        name = each.display_name_zh if language().startswith("zh") else each.display_name
        say(f"{each.input_id:<44} {each.unit_code:<12} {name}")


@app.command("report")
def report(
    owner: str,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    *,
    dry_run: Annotated[bool, typer.Option(help="judge, store nothing")] = False,
) -> None:
    """Report the facts in FILE, all of them or none.

    A row of the CSV has input_id, period (2024 or 2024-03), value, unit, source and evidence, and
    where it applies subject and price_base_year.
    """
    request = pb.ReportStatisticsRequest(
        parent=owner,
        statistics=list(read(file)),
        request_id=str(uuid.uuid4()),
        validate_only=dry_run,
    )
    with services() as to:
        answer = to.statistics.ReportStatistics(request)
    if answer.refused_count:
        for number, each in enumerate(answer.results, start=2):
            if each.HasField("error"):
                errors.print(f"row {number}: {each.error.message}", soft_wrap=True)
        raise SystemExit(REFUSED)
    said = len(answer.results) - answer.stored_count
    say(f"{answer.stored_count} stored, {said} said before already")


@app.command("list")
def list_(owner: str) -> None:
    """Show the facts of OWNER as they are now."""
    request = pb.ListStatisticsRequest(parent=owner)
    with services() as to:
        while True:
            page = to.statistics.ListStatistics(request)
            for each in page.statistics:
                prices = f" at prices of {each.price_base_year}" if each.price_base_year else ""
                amount = f"{each.quantity.value.value} {each.quantity.unit_code}{prices}"
                say(f"{each.name} v{each.resource_version}: {amount} ({each.source})")
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token


def read(file: Path) -> Iterator[statistic_pb2.Statistic]:
    """Yield the fact of each row of a file.

    Raises:
        typer.BadParameter: a column is missing, or a cell holds no number or period.
    """
    for number, row in enumerate(rows(file), start=2):
        missing = [column for column in _COLUMNS if row.get(column) is None]
        if missing:
            raise typer.BadParameter(f"{file} has no column {', '.join(missing)}")
        try:
            yield _statistic(row)
        except ValueError as wrong:
            raise typer.BadParameter(f"{file}, row {number}: {wrong}") from wrong


def _statistic(row: Row) -> statistic_pb2.Statistic:
    return statistic_pb2.Statistic(
        input_id=row["input_id"],
        subject=row.get("subject") or "",
        period=_period(row["period"]),
        quantity=quantity_pb2.Quantity(
            value=decimal_pb2.Decimal(value=row["value"]), unit_code=row["unit"]
        ),
        price_base_year=int(row.get("price_base_year") or 0),
        source=row["source"],
        evidence=row["evidence"],
    )


def _period(text: str) -> period_pb2.Period:
    """Return a year, "2024", or a month, "2024-03"."""
    year, _, month = text.partition("-")
    first = int(month or 1)
    last = int(month or _DECEMBER)
    over, following = divmod(last, _DECEMBER)
    return period_pb2.Period(
        start_date=date_pb2.Date(year=int(year), month=first, day=1),
        end_date=date_pb2.Date(year=int(year) + over, month=following + 1, day=1),
    )
