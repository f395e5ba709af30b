"""Statements of the registration system, and the ledger held against them."""

from __future__ import annotations

import gzip
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from google.type import date_pb2

from zonecarbon.cli.terminal import errors, say, services, show
from zonecarbon.trading.v1 import reconciliation_pb2 as pb
from zonecarbon.trading.v1 import reconciliation_service_pb2

app = typer.Typer(
    no_args_is_help=True,
    help="Statements of the registration system or the exchange, and the ledger held against them.",
)

_DIFFERS = 1

Day = Annotated[datetime, typer.Option(formats=["%Y-%m-%d"])]
Kind = Annotated[str, typer.Argument(help="TRANSFERS or HOLDINGS")]
Statement = Annotated[str, typer.Argument(help="the id of a statement")]


@app.command()
def template(kind: Kind, folder: Path, *, xlsx: bool = False) -> None:
    """Write the empty form of a KIND of statement into FOLDER."""
    form = pb.STATEMENT_FORMAT_XLSX if xlsx else pb.STATEMENT_FORMAT_CSV
    request = reconciliation_service_pb2.GetStatementTemplateRequest(kind=_kind(kind), format=form)
    with services() as to:
        _write(folder, to.reconciliation.GetStatementTemplate(request))


@app.command("import")
def import_statement(  # noqa: PLR0913 (an option each)
    id_: Annotated[str, typer.Argument(metavar="ID")],
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    kind: Kind = "TRANSFERS",
    *,
    start: Day,
    end: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="the day after")],
    evidence: Annotated[str, typer.Option(help="who issued it and how it came")],
    account: Annotated[list[str] | None, typer.Option(help="covered though without a line")] = None,
    supersedes: Annotated[str, typer.Option(help="the statement whose place it takes")] = "",
) -> None:
    """Import FILE as the statement ID; the same file again changes nothing."""
    request = reconciliation_service_pb2.ImportStatementRequest(
        statement_id=id_,
        kind=_kind(kind),
        start_date=_day(start),
        end_date=_day(end),
        accounts=account or [],
        file_name=file.name,
        content=gzip.compress(file.read_bytes(), mtime=0),
        evidence=evidence,
        supersedes=f"statements/{supersedes}" if supersedes else "",
    )
    with services() as to:
        found = to.reconciliation.ImportStatement(request)
    say(f"{found.name}: {found.line_count} lines, {len(found.accounts)} accounts")


@app.command("list")
def list_statements() -> None:
    """Show the statements."""
    request = reconciliation_service_pb2.ListStatementsRequest(page_size=1000)
    with services() as to:
        while True:
            answer = to.reconciliation.ListStatements(request)
            for each in answer.statements:
                kind = pb.StatementKind.Name(each.kind).removeprefix("STATEMENT_KIND_")
                say(
                    f"{each.name} {kind}, {_text(each.start_date)} to before "
                    f"{_text(each.end_date)}: "
                    f"{each.line_count} lines, {each.file_name}"
                    f"{', superseded' if each.superseded else ''}"
                )
            request.page_token = answer.next_page_token
            if not request.page_token:
                return


@app.command()
def fetch(statement: Statement, folder: Path) -> None:
    """Write the file of STATEMENT into FOLDER, as it came."""
    request = reconciliation_service_pb2.GetStatementFileRequest(name=f"statements/{statement}")
    with services() as to:
        _write(folder, to.reconciliation.GetStatementFile(request))


@app.command()
def reconcile(statement: Statement) -> None:
    """Hold the ledger against STATEMENT; end with 1 where they differ."""
    request = reconciliation_service_pb2.ReconcileStatementRequest(name=f"statements/{statement}")
    with services() as to:
        found = to.reconciliation.ReconcileStatement(request)
    for each in found.breaks:
        errors.print(_told(each), soft_wrap=True)
    say(
        f"{found.agreed_count} of {found.line_count} lines agree, {found.break_count} breaks, "
        f"blocked: {', '.join(found.blocked_accounts) or 'none'}"
    )
    if found.break_count:
        raise typer.Exit(_DIFFERS)


@app.command()
def breaks(statement: Statement) -> None:
    """Show the breaks of STATEMENT as its newest reconciliation found them."""
    request = reconciliation_service_pb2.ListBreaksRequest(
        parent=f"statements/{statement}", page_size=1000
    )
    with services() as to:
        while True:
            answer = to.reconciliation.ListBreaks(request)
            for each in answer.breaks:
                say(_told(each))
            request.page_token = answer.next_page_token
            if not request.page_token:
                return


@app.command()
def correct(
    statement_break: Annotated[str, typer.Argument(help="statements/{statement}/breaks/{break}")],
    id_: Annotated[str, typer.Argument(metavar="ID")],
    *,
    evidence: Annotated[str, typer.Option(help="what proves that the statement is right")],
) -> None:
    """Propose the transfers that would put a break right; another person decides."""
    request = reconciliation_service_pb2.ProposeCorrectionRequest(
        parent=statement_break, correction_id=id_, evidence=evidence
    )
    with services() as to:
        show(to.reconciliation.ProposeCorrection(request))


@app.command()
def decide(
    correction: Annotated[
        str, typer.Argument(help="statements/{statement}/corrections/{correction}")
    ],
    verdict: Annotated[str, typer.Argument(help="APPROVED or REJECTED")],
    *,
    reason: Annotated[str, typer.Option(help="why; it stays")],
) -> None:
    """Approve or reject a correction that somebody else proposed."""
    request = reconciliation_service_pb2.DecideCorrectionRequest(
        name=correction,
        verdict=_value(
            reconciliation_service_pb2.CorrectionVerdict, "CORRECTION_VERDICT_", verdict
        ),
        reason=reason,
    )
    with services() as to:
        show(to.reconciliation.DecideCorrection(request))


@app.command()
def corrections(statement: Statement) -> None:
    """Show the corrections of STATEMENT."""
    request = reconciliation_service_pb2.ListCorrectionsRequest(
        parent=f"statements/{statement}", page_size=1000
    )
    with services() as to:
        while True:
            answer = to.reconciliation.ListCorrections(request)
            for each in answer.corrections:
                state = pb.CorrectionState.Name(each.state).removeprefix("CORRECTION_STATE_")
                say(f"{each.name} {state}, by {each.maker}, decided by {each.checker or 'nobody'}")
            request.page_token = answer.next_page_token
            if not request.page_token:
                return


@app.command()
def blocks() -> None:
    """Show the accounts whose ledger differs from a statement."""
    request = reconciliation_service_pb2.ListAccountBlocksRequest()
    with services() as to:
        for each in to.reconciliation.ListAccountBlocks(request).blocks:
            kind = pb.BreakKind.Name(each.kind).removeprefix("BREAK_KIND_")
            say(f"{each.account} {kind}, open {each.open_day_count} days: {each.statement_break}")


def _told(each: pb.Break) -> str:
    kind = pb.BreakKind.Name(each.kind).removeprefix("BREAK_KIND_")
    ours = ", ".join(f"{line.line} {line.unit_count}" for line in each.transfers) or "nothing"
    theirs = ", ".join(f"{line.line} {line.unit_count}" for line in each.lines) or "nothing"
    return f"{each.name} {kind}, open {each.open_day_count} days: ledger {ours}; statement {theirs}"


def _kind(given: str) -> pb.StatementKind.ValueType:
    found: pb.StatementKind.ValueType = _value(pb.StatementKind, "STATEMENT_KIND_", given)
    return found


def _value(of: Any, prefix: str, given: str) -> Any:
    choices = [name.removeprefix(prefix) for name in of.keys()][1:]  # noqa: SIM118 (no mapping)
    if given not in choices:
        raise typer.BadParameter(f"{given} is none of {', '.join(choices)}")
    return of.Value(prefix + given)


def _write(folder: Path, file: reconciliation_service_pb2.StatementFile) -> None:
    path = folder / file.file_name
    with path.open("xb") as opened:
        opened.write(file.content)
    say(str(path))


def _day(moment: datetime) -> date_pb2.Date:
    return date_pb2.Date(year=moment.year, month=moment.month, day=moment.day)


def _text(day: date_pb2.Date) -> str:
    return f"{day.year}-{day.month:02}-{day.day:02}"
