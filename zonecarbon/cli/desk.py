"""The desk: instructions by four eyes, limits, trusted counterparties."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer
from google.protobuf import timestamp_pb2

from zonecarbon.cli.ledger import Day, Evidence, LaterDay, value, wanted
from zonecarbon.cli.terminal import moment, say, services, show
from zonecarbon.registry.v1 import principal_pb2
from zonecarbon.trading.v1 import (
    desk_limit_pb2,
    desk_service_pb2,
    instruction_pb2,
    instrument_pb2,
    ledger_service_pb2,
    transfer_pb2,
    trusted_counterparty_pb2,
)

app = typer.Typer(
    no_args_is_help=True,
    help="The desk: BOOK is accounts/{account}, NAME BOOK/instructions/{instruction}.",
)

Purpose = Annotated[str, typer.Option(help="what it is for")]
Days = Annotated[float, typer.Option(help="until it expires")]
At = Annotated[str, typer.Option(help="not executed before: 2026-07-21T10:00, of China")]
Reason = Annotated[str, typer.Option(help="why; it stays")]


@app.command()
def draft(  # noqa: PLR0913 (an option each)
    book: str,
    id_: Annotated[str, typer.Argument(metavar="ID")],
    kind: Annotated[str, typer.Argument(help="such as SURRENDER; docs/ledger.md lists them")],
    count: Annotated[int, typer.Argument(help="tonnes, or fen of cash")],
    instrument: Annotated[str, typer.Argument(help="the id of an instrument")],
    *,
    on: Day,
    settled: LaterDay = None,
    purpose: Purpose,
    evidence: Evidence,
    at: At = "",
    days: Days = 7,
) -> None:
    """Write an instruction for one transfer of BOOK, which has the same ID."""
    transfer = wanted("POSTED", on, settled, evidence)
    transfer.kind = value(transfer_pb2.TransferKind, "TRANSFER_KIND_", kind)
    transfer.unit_count, transfer.instrument = count, f"instruments/{instrument}"
    request = ledger_service_pb2.PostTransferRequest(
        parent=book, transfer_id=id_, transfer=transfer
    )
    create(book, id_, instruction_pb2.Instruction(transfers=[request]), purpose, at, days)


@app.command()
def submit(name: str) -> None:
    """Hand NAME to another person."""
    _decide("SubmitInstruction", name)


@app.command()
def approve(name: str) -> None:
    """Approve NAME as it stands; it is executed at once unless its time lies ahead."""
    _decide("ApproveInstruction", name)


@app.command()
def reject(name: str, *, reason: Reason) -> None:
    """Refuse NAME."""
    _decide("RejectInstruction", name, reason=reason)


@app.command()
def withdraw(name: str, *, reason: Reason) -> None:
    """Take NAME back."""
    _decide("WithdrawInstruction", name, reason=reason)


@app.command()
def record(name: str, *, evidence: Evidence) -> None:
    """Say that the outside system confirmed NAME."""
    _decide("RecordInstruction", name, evidence=evidence)


@app.command("show")
def show_one(name: str) -> None:
    """Show NAME with all that happened to it."""
    with services() as to:
        show(to.desk.GetInstruction(desk_service_pb2.GetInstructionRequest(name=name)))


@app.command("list")
def list_all(book: Annotated[str, typer.Argument()] = "accounts/-", *, state: str = "") -> None:
    """List the instructions of BOOK, or of all, by name, with the state of each."""
    states = instruction_pb2.InstructionState
    request = desk_service_pb2.ListInstructionsRequest(
        parent=book,
        state=value(states, "INSTRUCTION_STATE_", state)
        if state
        else instruction_pb2.INSTRUCTION_STATE_UNSPECIFIED,
    )
    with services() as to:
        while True:
            page = to.desk.ListInstructions(request)
            for each in page.instructions:
                said = states.Name(each.state).removeprefix("INSTRUCTION_STATE_")
                say(f"{each.name} {said}: {each.purpose}")
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token


@app.command()
def check(name: str) -> None:
    """Show each check of NAME, and whether it passes; end with 1 where one does not."""
    with services() as to:
        answer = to.desk.CheckInstruction(desk_service_pb2.CheckInstructionRequest(name=name))
    for each in answer.results:
        verdict = "passes" if each.passed else "FAILS"
        say(f"{each.check_number} {each.field} {verdict}: {each.text} [{each.source.title}]")
    if not all(each.passed for each in answer.results):
        raise typer.Exit(1)


@app.command()
def limit(  # noqa: PLR0913 (an option each)
    id_: Annotated[str, typer.Argument(metavar="ID")],
    act: Annotated[str, typer.Argument(help="MAKE, APPROVE or POST")],
    whose: Annotated[str, typer.Argument(help="DESK or ADMINISTRATOR; of POST a principal")],
    kind: Annotated[str, typer.Argument(help="ALLOWANCE, OFFSET or CASH")],
    count: Annotated[int, typer.Argument(help="the most of one transfer, tonnes or fen")],
    *,
    purpose: Purpose,
    until: Annotated[str, typer.Option(help="of POST: until when")] = "",
) -> None:
    """Propose a limit, or by POST a mandate; another administrator approves it."""
    role = whose if act != "POST" else ""
    wanted_limit = desk_limit_pb2.DeskLimit(
        act=value(desk_limit_pb2.DeskAct, "DESK_ACT_", act),
        role=value(principal_pb2.Role, "ROLE_", role) if role else principal_pb2.ROLE_UNSPECIFIED,
        principal="" if role else whose,
        instrument_kind=value(instrument_pb2.InstrumentKind, "INSTRUMENT_KIND_", kind),
        largest_count=count,
        expire_time=moment(until, "--until") if until else None,
        purpose=purpose,
    )
    request = desk_service_pb2.CreateLimitRequest(limit_id=id_, limit=wanted_limit)
    with services() as to:
        show(to.desk.CreateLimit(request))


@app.command("approve-limit")
def approve_limit(name: str, etag: str) -> None:
    """Put limits/{limit} in force as it was read."""
    with services() as to:
        show(to.desk.ApproveLimit(desk_service_pb2.ApproveLimitRequest(name=name, etag=etag)))


@app.command()
def limits() -> None:
    """List the limits."""
    request = desk_service_pb2.ListLimitsRequest(page_size=1000)
    with services() as to:
        for each in to.desk.ListLimits(request).limits:
            act = desk_limit_pb2.DeskAct.Name(each.act).removeprefix("DESK_ACT_")
            whose = each.principal or principal_pb2.Role.Name(each.role).removeprefix("ROLE_")
            kind = instrument_pb2.InstrumentKind.Name(each.instrument_kind)
            state = desk_limit_pb2.ProposalState.Name(each.state)
            say(
                f"{each.name} {state.removeprefix('PROPOSAL_STATE_')} {each.etag}: {whose} {act} "
                f"{kind.removeprefix('INSTRUMENT_KIND_')} up to {each.largest_count}"
            )


@app.command()
def trust(  # noqa: PLR0913 (an option each)
    book: str,
    id_: Annotated[str, typer.Argument(metavar="ID")],
    display_name: str,
    credit_code: str,
    *,
    account: Annotated[str, typer.Option(help="its account, where it is one of ours")] = "",
    evidence: Evidence,
) -> None:
    """Propose a trusted counterparty of BOOK; another person approves it."""
    request = desk_service_pb2.CreateTrustedCounterpartyRequest(
        parent=book,
        trusted_counterparty_id=id_,
        trusted_counterparty=trusted_counterparty_pb2.TrustedCounterparty(
            display_name=display_name,
            credit_code=credit_code,
            counterparty_account=account,
            evidence=evidence,
        ),
    )
    with services() as to:
        show(to.desk.CreateTrustedCounterparty(request))


@app.command("approve-trust")
def approve_trust(name: str, etag: str) -> None:
    """Put a counterparty on the list as it was read; usable after its cooling-off."""
    request = desk_service_pb2.ApproveTrustedCounterpartyRequest(name=name, etag=etag)
    with services() as to:
        show(to.desk.ApproveTrustedCounterparty(request))


def create(  # noqa: PLR0913, PLR0917 (what an instruction is)
    book: str,
    id_: str,
    content: instruction_pb2.Instruction,
    purpose: str,
    at: str,
    days: float,
) -> None:
    """Write an instruction and show it."""
    content.purpose = purpose
    content.expire_time.CopyFrom(_in(days))
    if at:
        content.execute_time.CopyFrom(moment(at, "--at"))
    request = desk_service_pb2.CreateInstructionRequest(
        parent=book, instruction_id=id_, instruction=content
    )
    with services() as to:
        show(to.desk.CreateInstruction(request))


def _in(days: float) -> timestamp_pb2.Timestamp:
    stamp = timestamp_pb2.Timestamp()
    stamp.FromDatetime(datetime.now(UTC) + timedelta(days=days))
    return stamp


def _decide(method: str, name: str, **said: Any) -> None:
    """Decide on an instruction as it stands."""
    with services() as to:
        found = to.desk.GetInstruction(desk_service_pb2.GetInstructionRequest(name=name))
        request = getattr(desk_service_pb2, f"{method}Request")
        show(getattr(to.desk, method)(request(name=name, etag=found.etag, **said)))
