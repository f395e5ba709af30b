"""Fetches the bundle of an inventory, part by part, and sees that it is whole."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from zonecarbon.accounting.v1 import accounting_service_pb2
from zonecarbon.cli.terminal import REFUSED, AsOf, as_of_moment, console, errors, services
from zonecarbon.client import Client

app = typer.Typer(
    no_args_is_help=True, help="Inventories as archives that are computed again without us."
)


@app.command("export")
def export_bundle(
    name: str,
    *,
    out: Annotated[Path, typer.Option(dir_okay=False, help="the file to write")],
    version: Annotated[int, typer.Option(min=0, help="of the inventory; the current one")] = 0,
    as_of: AsOf = "",
) -> None:
    """Export the inventory NAME as an archive that can be computed again offline."""
    request = accounting_service_pb2.ExportBundleRequest(
        name=name, resource_version=version, as_of_time=as_of_moment(as_of)
    )
    with services() as to:
        try:
            found = fetched(to, request)
        except BundleBroken as error:
            errors.print(str(error), soft_wrap=True)
            raise typer.Exit(REFUSED) from None
    out.write_bytes(found.data)
    console.print(
        f"{found.inventory}, version {found.version}: {len(found.data)} bytes, SHA-256 "
        f"{found.sha256}",
        soft_wrap=True,
    )
    console.print(f"python -m services recompute {out} --sha256 {found.sha256}", soft_wrap=True)


class BundleBroken(Exception):
    """What has arrived is not the archive that the service speaks of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A whole archive."""

    inventory: str
    version: int
    sha256: str
    data: bytes


def fetched(to: Client, request: accounting_service_pb2.ExportBundleRequest) -> Fetched:
    """Return the archive that is asked for, all parts of it of one version.

    Raises:
        BundleBroken: its SHA-256 is not what the service says.
    """
    first = to.accounting.ExportBundle(request)
    data = first.content
    following = accounting_service_pb2.ExportBundleRequest(
        name=request.name, resource_version=first.resource_version, part_size=request.part_size
    )
    while len(data) < first.archive_size:
        following.begin_index = len(data)
        part = to.accounting.ExportBundle(following)
        if part.sha256 != first.sha256 or not part.content:
            raise BundleBroken(_BROKEN)
        data += part.content
    if hashlib.sha256(data).hexdigest() != first.sha256:
        raise BundleBroken(_BROKEN)
    return Fetched(
        inventory=first.inventory,
        version=first.resource_version,
        sha256=first.sha256,
        data=data,
    )


_BROKEN = "the archive did not arrive as the service has packed it; export it again"
