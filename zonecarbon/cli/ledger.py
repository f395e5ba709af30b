"""The ledger: what an enterprise has and paid, transfer by transfer."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from google.type import date_pb2

from zonecarbon.cli.terminal import console, errors, say, services, show
from zonecarbon.trading.v1 import instrument_pb2, ledger_service_pb2, transfer_pb2

app = typer.Typer(
    no_args_is_help=True,
    help="The ledger: BOOK is accounts/{account}, dates are 2025-12-31.",
)

_NOT_WELL = 1

Day = Annotated[datetime, typer.Option(formats=["%Y-%m-%d"])]
LaterDay = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])]
Evidence = Annotated[str, typer.Option(help="what proves it; it stays")]


@app.command()
def instrument(
    id_: Annotated[str, typer.Argument(metavar="ID")],
    kind: Annotated[str, typer.Argument(help="ALLOWANCE, OFFSET or CASH")],
    *,
    vintage: int = 0,
    project: str = "",
) -> None:
    """Register what can be held; repeating it changes nothing."""
    request = ledger_service_pb2.CreateInstrumentRequest(
        instrument_id=id_,
        instrument=instrument_pb2.Instrument(
            kind=value(instrument_pb2.InstrumentKind, "INSTRUMENT_KIND_", kind),
            vintage_year=vintage,
            project=project,
        ),
    )
    with services() as to:
        say(to.ledger.CreateInstrument(request).name)


@app.command()
def post(  # noqa: PLR0913 (an option each)
    book: str,
    id_: Annotated[str, typer.Argument(metavar="ID")],
    kind: Annotated[str, typer.Argument(help="such as PURCHASE; docs/ledger.md lists them")],
    count: Annotated[int, typer.Argument(help="tonnes, or fen of cash")],
    instrument: Annotated[str, typer.Argument(help="the id of an instrument")],
    *,
    on: Day,
    settled: LaterDay = None,
    pending: Annotated[bool, typer.Option(help="reserve only")] = False,
    evidence: Evidence,
) -> None:
    """Post a transfer to BOOK alone, within a mandate; ID makes it happen once."""
    phase = "PENDING" if pending else "POSTED"
    transfer = wanted(phase, on, settled, evidence)
    transfer.kind = value(transfer_pb2.TransferKind, "TRANSFER_KIND_", kind)
    transfer.unit_count, transfer.instrument = count, f"instruments/{instrument}"
    _post(book, id_, transfer)


@app.command()
def settle(  # noqa: PLR0913 (an option each)
    book: str,
    id_: Annotated[str, typer.Argument(metavar="ID")],
    phase: Annotated[str, typer.Argument(help="POST_PENDING, VOID_PENDING or REVERSAL")],
    target: Annotated[str, typer.Argument(help="the id of the transfer that it is about")],
    *,
    count: Annotated[int, typer.Option(help="less than all of a POST_PENDING")] = 0,
    on: Day,
    evidence: Evidence,
) -> None:
    """Post, void or reverse a transfer of BOOK by another one."""
    transfer = wanted(phase, on, None, evidence)
    transfer.target, transfer.unit_count = f"{book}/transfers/{target}", count
    _post(book, id_, transfer)


@app.command()
def balances(
    book: str,
    *,
    traded: LaterDay = None,
    settled: LaterDay = None,
) -> None:
    """Show how the ledger accounts of BOOK stand, or stood by a day."""
    as_of = transfer_pb2.LedgerAsOf(trade_date=to_day(traded), settlement_date=to_day(settled))
    request = ledger_service_pb2.ListBalancesRequest(parent=book, as_of=as_of)
    with services() as to:
        for each in to.ledger.ListBalances(request).balances:
            purpose = transfer_pb2.LedgerPurpose.Name(each.purpose)
            say(
                f"{each.instrument.partition('/')[2]} {purpose.removeprefix('LEDGER_PURPOSE_')}: "
                f"{each.balance_count}, available {each.available_count}"
            )


@app.command()
def statement(book: str, folder: Path, *, start: Day, end: Day) -> None:
    """Write the statement of BOOK from START to before END into FOLDER."""
    request = ledger_service_pb2.ExportStatementRequest(
        parent=book, start_date=to_day(start), end_date=to_day(end)
    )
    with services() as to:
        answer = to.ledger.ExportStatement(request)
    path = folder / answer.file_name
    with path.open("xb") as file:
        file.write(answer.content)
    say(f"{path}: {answer.entry_count} entries")


@app.command()
def verify(book: str) -> None:
    """Walk the chain of BOOK and compute every balance anew; end with 1 where all is not well."""
    with services() as to:
        answer = to.ledger.VerifyLedger(ledger_service_pb2.VerifyLedgerRequest(parent=book))
    for each in answer.findings:
        errors.print(f"{each.name} ({each.chain_number}): {each.text}", soft_wrap=True)
    if answer.findings:
        raise typer.Exit(_NOT_WELL)
    console.print(f"{answer.transfer_count} transfers, head {answer.head.chain_hash.hex()}")


def wanted(
    phase: str, on: datetime, settled: datetime | None, evidence: str
) -> transfer_pb2.Transfer:
    """Return a transfer of which only kind, count and instrument are not said."""
    return transfer_pb2.Transfer(
        phase=value(transfer_pb2.TransferPhase, "TRANSFER_PHASE_", phase),
        trade_date=to_day(on),
        settlement_date=to_day(settled),
        evidence=evidence,
    )


def value(of: Any, prefix: str, given: str) -> Any:
    """Return the value of an enum of the contract."""
    choices = [name.removeprefix(prefix) for name in of.keys()][1:]  # noqa: SIM118 (no mapping)
    if given not in choices:
        raise typer.BadParameter(f"{given} is none of {', '.join(choices)}")
    return of.Value(prefix + given)


def _post(book: str, id_: str, transfer: transfer_pb2.Transfer) -> None:
    request = ledger_service_pb2.PostTransferRequest(
        parent=book, transfer_id=id_, transfer=transfer
    )
    with services() as to:
        show(to.ledger.PostTransfer(request))


def to_day(moment: datetime | None) -> date_pb2.Date | None:
    """Return the day of an option; None where it is left out."""
    if moment is None:
        return None
    return date_pb2.Date(year=moment.year, month=moment.month, day=moment.day)
