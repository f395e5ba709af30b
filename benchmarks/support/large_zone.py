"""A large zone in services of its own: the library, the enterprises, and their books."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from benchmarks.support import deployed, enterprises, metered
from benchmarks.support.metered import Library, Meters
from services.accounting import files
from services.accounting.domain.enterprise import Enterprise
from services.accounting.domain.need import Reporter
from services.accounting.neighbours import Registry
from services.accounting.servicer import Periods, Rules
from services.kernel.names import HOME_METHOD
from services.runtime import memory
from services.runtime.config import Settings
from services.runtime.database import Database
from zonecarbon.cli import library
from zonecarbon.client import Client, channel
from zonecarbon.registry.v1 import registry_service_pb2, zone_pb2
from zonecarbon.type.v1 import label_pb2

KEY = "zc-benchmark"
ZONE = "zones/benchmark"
HALF = "zones/half"
"""A zone inside it, of every other enterprise."""
_LOOPBACK = "127.0.0.1:0"
_DATA = Path(__file__).parents[2] / "services" / "registry" / "data"
_REGIONS = ("CN-JS", "CN-ZJ", "CN-AH", "CN-HB")


@dataclass(frozen=True, slots=True, kw_only=True)
class LargeZone:
    """A large zone, and who works in it."""

    client: Client
    periods: Periods
    enterprises: Sequence[Enterprise]
    library: Library
    """How the lines of their books are bound."""


@contextmanager
def large_zone(folder: Path, enterprise_count: int, meters: Meters) -> Iterator[LargeZone]:
    """Give a zone with its library, its enterprises and their books."""
    # Without a service key no job follows the registry: the measurement does.
    settings = Settings(
        registry_listen=_LOOPBACK,
        accounting_listen=_LOOPBACK,
        metrics_listen=_LOOPBACK,
        data_folder=str(folder),
        bootstrap_key=SecretStr(KEY),
    )
    with ExitStack() as stack:
        addresses = stack.enter_context(deployed.serving(settings, ["registry", "accounting"]))
        database = stack.enter_context(closing(Database.of(settings, "accounting")))
        to_registry = stack.enter_context(closing(channel(addresses.registry)))
        client = stack.enter_context(Client.connect(addresses, key=KEY, deadline_seconds=300.0))
        zone = _filled(client, database, Registry(to_registry), enterprise_count, meters)
        # As a service that has started does: a restatement is made in this process.
        memory.settle()
        yield zone


def _filled(
    client: Client, database: Database, registry: Registry, count: int, meters: Meters
) -> LargeZone:
    _register(client, count)
    known = list(registry.enterprises(key=KEY).values())
    home = files.methods()[HOME_METHOD]
    rules = Rules(methods={HOME_METHOD: home}, steam=files.steam_table())
    of_region = {each.region_code: each for each in known}
    reporters = [
        Reporter(enterprise=each, methods=(home,), steam=rules.steam) for each in of_region.values()
    ]
    bound = metered.ask(registry, reporters, meters, home, KEY)
    periods = Periods(database, registry, rules)
    # What the registry was told until here is no revision.
    periods.follow(KEY)
    metered.write(database, known, meters, bound)
    return LargeZone(client=client, periods=periods, enterprises=known, library=bound)


def _register(client: Client, count: int) -> None:
    """Load the factor library, and create the zone with its enterprises."""
    for request in library.requests(_DATA):
        client.factors.ImportFactors(request)
    for name in (ZONE, HALF):
        client.registry.CreateZone(
            registry_service_pb2.CreateZoneRequest(
                zone_id=name.removeprefix("zones/"),
                zone=zone_pb2.Zone(
                    display_name="Benchmark",
                    region_code="CN-JS",
                    label=label_pb2.DATA_LABEL_SYNTHETIC,
                ),
            )
        )
    for number in range(count):
        region = _REGIONS[number % len(_REGIONS)]
        zones = (ZONE,) if number % 2 else (ZONE, HALF)
        enterprises.create(client, number, zones=zones, region_code=region)
