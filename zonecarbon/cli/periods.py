"""An accounting year: handed in, locked, reopened, pinned, restated."""

from __future__ import annotations

import uuid
from typing import Annotated

import typer

from zonecarbon.accounting.v1 import period_pb2, period_service_pb2
from zonecarbon.cli.history import of_report
from zonecarbon.cli.terminal import language, lines, say, services, show

app = typer.Typer(
    no_args_is_help=True,
    help="An accounting year: NAME is enterprises/{enterprise}/periods/{year}.",
)

Reason = Annotated[str, typer.Option(help="why; it stays and is shown to whoever asks later")]


@app.command("show")
def show_(name: str) -> None:
    """Show where the year NAME stands, and which factors in its figures have successors."""
    with services() as to:
        show(to.periods.GetPeriod(period_service_pb2.GetPeriodRequest(name=name)))


@app.command()
def submit(name: str) -> None:
    """Hand the year NAME in: it takes no more reports."""
    with services() as to:
        _told(to.periods.SubmitPeriod(period_service_pb2.SubmitPeriodRequest(name=name)))


@app.command()
def lock(name: str) -> None:
    """Close the year NAME: its figures change by a restatement alone."""
    with services() as to:
        _told(to.periods.LockPeriod(period_service_pb2.LockPeriodRequest(name=name)))


@app.command()
def reopen(name: str, reason: Reason) -> None:
    """Open the year NAME again."""
    request = period_service_pb2.ReopenPeriodRequest(name=name, reason=reason)
    with services() as to:
        _told(to.periods.ReopenPeriod(request))


@app.command()
def pin(
    name: str,
    reason: Reason,
    *,
    revision: Annotated[int, typer.Option(min=0, help="of the registry; the newest")] = 0,
) -> None:
    """Keep the figures of the year NAME at what the factor library said at a revision."""
    request = period_service_pb2.PinFactorsRequest(
        name=name,
        factor_mode=period_pb2.FACTOR_MODE_PINNED,
        registry_revision=revision,
        reason=reason,
    )
    with services() as to:
        _told(to.periods.PinFactors(request))


@app.command()
def release(name: str, reason: Reason) -> None:
    """Let the figures of the year NAME follow the newest factors again."""
    request = period_service_pb2.PinFactorsRequest(
        name=name, factor_mode=period_pb2.FACTOR_MODE_LATEST, reason=reason
    )
    with services() as to:
        _told(to.periods.PinFactors(request))


@app.command()
def restate(
    name: str,
    reason: Reason,
    *,
    dry_run: Annotated[bool, typer.Option(help="say what would differ, store nothing")] = False,
) -> None:
    """Compute the year NAME again by what is known now, closed or not, and say what differs."""
    request = period_service_pb2.RestatePeriodRequest(
        name=name, reason=reason, request_id=str(uuid.uuid4()), validate_only=dry_run
    )
    with services() as to:
        done = to.periods.RestatePeriod(request)
    for report in done.reports:
        lines(of_report(report, language()))
    if not done.reports:
        say("nothing differs")


def _told(period: period_pb2.AccountingPeriod) -> None:
    state = period_pb2.PeriodState.Name(period.state).removeprefix("PERIOD_STATE_")
    pinned = period.pinned_registry_revision
    follows = f", factors of revision {pinned}" if pinned else ""
    say(f"{period.name}: {state}{follows}, version {period.resource_version}")
