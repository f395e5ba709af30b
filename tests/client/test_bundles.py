"""The command `bundle export`: an inventory that becomes a file, whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent import futures
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import grpc
import pytest

from services.accounting.files import archive, bundle
from tests.accounting import world as worlds
from tests.accounting.requests import fuel, record
from tests.accounting.world import World
from tests.client.conftest import Command
from tests.fixtures.house import Running
from zonecarbon.accounting.v1 import accounting_service_pb2, bundle_pb2
from zonecarbon.cli import library


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """An inventory in two versions."""

    name: str
    between: datetime
    """A moment at which the first was current."""


@pytest.fixture(scope="module")
def reported(shared_house: Running) -> Reported:
    for each in library.requests(worlds.DATA):
        shared_house.administrator.factors.ImportFactors(each)
    world: World = worlds.in_zone(shared_house)
    mill = world.enterprise()
    world.report(mill, record(mill))
    between = datetime.now(UTC)
    world.report(mill, fuel(mill))
    return Reported(name=f"{mill}/inventories/2023", between=between)


def version_in(file: Path) -> int:
    """The version of the inventory in an exported file."""
    return bundle.read(archive.opened(file.read_bytes())).bundle.inventory.version


def test_the_file_is_the_bundle_and_how_to_recompute_it_is_told(
    zonecarbon: Command, reported: Reported, tmp_path: Path
) -> None:
    out = tmp_path / "mill.zip"

    code, told, err = zonecarbon("bundle", "export", reported.name, "--out", str(out))

    digest = archive.sha256(out.read_bytes())
    assert (code, err) == (0, "")
    assert version_in(out) == 2
    assert told.splitlines() == [
        f"{reported.name}, version 2: {out.stat().st_size} bytes, SHA-256 {digest}",
        f"python -m services recompute {out} --sha256 {digest}",
    ]


def test_an_older_version_is_asked_for_by_its_number_or_a_moment(
    zonecarbon: Command, reported: Reported, tmp_path: Path
) -> None:
    china = reported.between + timedelta(hours=8)
    moments = (f"{reported.between.isoformat()}", f"{china.replace(tzinfo=None).isoformat()}")
    for number, options in enumerate(
        [("--version", "1"), *(("--as-of", moment) for moment in moments)]
    ):
        out = tmp_path / f"{number}.zip"

        code, _, err = zonecarbon("bundle", "export", reported.name, "--out", str(out), *options)

        assert (code, err) == (0, "")
        assert version_in(out) == 1


def test_what_there_is_not_writes_no_file(
    zonecarbon: Command, reported: Reported, tmp_path: Path
) -> None:
    out = tmp_path / "mill.zip"

    refused = zonecarbon(
        "bundle", "export", "enterprises/nobody/inventories/2023", "--out", str(out)
    )
    wrong = zonecarbon("bundle", "export", reported.name, "--out", str(out), "--as-of", "yesterday")

    assert (refused[0], wrong[0]) == (1, 2)
    assert "enterprises/nobody/inventories/2023" in refused[2]
    assert "--as-of" in wrong[2]
    assert not out.exists()


def answered_carelessly(
    _request: accounting_service_pb2.ExportBundleRequest, _context: grpc.ServicerContext
) -> bundle_pb2.Bundle:
    """Answer with a byte whose digest is another one."""
    return bundle_pb2.Bundle(sha256="0" * 64, archive_size=1, content=b"x")


@pytest.fixture
def careless() -> Iterator[str]:
    """The address of a service whose bytes are not those that it has packed."""
    export = grpc.unary_unary_rpc_method_handler(
        answered_carelessly,
        request_deserializer=accounting_service_pb2.ExportBundleRequest.FromString,
        response_serializer=bundle_pb2.Bundle.SerializeToString,
    )
    service = accounting_service_pb2.DESCRIPTOR.services_by_name["AccountingService"].full_name
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=1))
    server.add_generic_rpc_handlers(
        [grpc.method_handlers_generic_handler(service, {"ExportBundle": export})]
    )
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield f"127.0.0.1:{port}"
    server.stop(None).wait()


def test_what_arrives_otherwise_than_it_was_packed_writes_no_file(
    zonecarbon: Command, careless: str, reported: Reported, tmp_path: Path
) -> None:
    out = tmp_path / "mill.zip"

    code, _, err = zonecarbon(
        "bundle", "export", reported.name, "--out", str(out), address=careless
    )

    assert (code, out.exists()) == (1, False)
    assert "did not arrive as the service has packed it" in err
