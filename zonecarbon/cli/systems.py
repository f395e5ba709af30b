"""Indicator systems: those of documents, and a desk's own by four eyes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from zonecarbon.accounting.v1 import indicator_system_pb2
from zonecarbon.accounting.v1 import indicator_system_service_pb2 as pb
from zonecarbon.cli import declared
from zonecarbon.cli.terminal import language, say, services, show
from zonecarbon.type.v1 import source_pb2

app = typer.Typer(
    no_args_is_help=True,
    help="What zones are judged by: NAME is {zone/}indicatorSystems/{system}/versions/{version}.",
)

Etag = Annotated[str, typer.Option(help="what was read, as `list` shows it")]
Reason = Annotated[str, typer.Option(help="why, for those who ask later")]


@app.command("list")
def list_(zone: Annotated[str, typer.Argument(help="zones/{zone}, for its own too")] = "") -> None:
    """Show the systems of this release, and those of ZONE."""
    request = pb.ListIndicatorSystemsRequest(parent=zone)
    with services() as to:
        while True:
            page = to.indicator_systems.ListIndicatorSystems(request)
            for each in page.indicator_systems:
                _say(each)
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token


@app.command("show")
def show_(name: str) -> None:
    """Show the system NAME whole: formulas, limits, sources."""
    with services() as to:
        show(to.indicator_systems.GetIndicatorSystem(pb.GetIndicatorSystemRequest(name=name)))


@app.command()
def propose(
    zone: str,
    system: str,
    version: int,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
) -> None:
    """Propose VERSION of ZONE's own SYSTEM as FILE writes it, TOML or JSON."""
    try:
        content = declared.message(declared.read(file), indicator_system_pb2.IndicatorSystem())
    except declared.FileWrong as error:
        raise typer.BadParameter(str(error)) from None
    request = pb.CreateIndicatorSystemRequest(
        parent=zone, indicator_system_id=system, version=version, indicator_system=content
    )
    with services() as to:
        _say(to.indicator_systems.CreateIndicatorSystem(request))


@app.command()
def publish(name: str, etag: Etag) -> None:
    """Publish the proposed system NAME; another principal than its proposer."""
    request = pb.PublishIndicatorSystemRequest(name=name, etag=f'"{etag}"')
    with services() as to:
        _say(to.indicator_systems.PublishIndicatorSystem(request))


@app.command()
def reject(name: str, etag: Etag, reason: Reason) -> None:
    """Refuse the proposed system NAME."""
    request = pb.RejectIndicatorSystemRequest(name=name, etag=f'"{etag}"', reason=reason)
    with services() as to:
        _say(to.indicator_systems.RejectIndicatorSystem(request))


@app.command()
def retire(name: str, etag: Etag, reason: Reason) -> None:
    """Take the published system NAME back."""
    request = pb.RetireIndicatorSystemRequest(name=name, etag=f'"{etag}"', reason=reason)
    with services() as to:
        _say(to.indicator_systems.RetireIndicatorSystem(request))


def _say(system: indicator_system_pb2.IndicatorSystem) -> None:
    state = indicator_system_pb2.IndicatorSystemState.Name(system.state)
    status = source_pb2.SourceStatus.Name(system.status)
    title = system.title_zh if language().startswith("zh") else system.title
    say(
        f"{system.name} {state.removeprefix('INDICATOR_SYSTEM_STATE_')}, "
        f"{status.removeprefix('SOURCE_STATUS_').lower()}, "
        f"etag {system.etag.strip(chr(34))}: {title}"
    )
