"""A revision of the grid factors that touches every figure of a large zone.

Enterprises buy electricity at several meters, month after month, for years; then the ministry
publishes other grid factors. Measured is how long it takes until every figure has its new version
and the zone's desk has read why, against the same from the records, and what the past costs to ask.
"""

from __future__ import annotations

import math
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TypeVar

from google.protobuf import timestamp_pb2
from pydantic import SecretStr

from benchmarks.harness import Contest, Figure, Plan, compare, seconds
from benchmarks.support import deployed, enterprises, metered
from benchmarks.support.metered import Meters
from services.accounting import files
from services.accounting.domain.enterprise import Enterprise
from services.accounting.domain.need import Reporter
from services.accounting.neighbours import Registry
from services.accounting.servicer import Periods, Rules
from services.kernel.names import HOME_METHOD
from services.kernel.period import MONTHS_PER_YEAR
from services.runtime import memory
from services.runtime.config import Settings
from services.runtime.database import Database
from zonecarbon.accounting.v1 import accounting_service_pb2, inventory_pb2
from zonecarbon.cli import library
from zonecarbon.client import Client, channel
from zonecarbon.registry.v1 import factor_pb2, factor_service_pb2, registry_service_pb2, zone_pb2
from zonecarbon.type.v1 import label_pb2

_KEY = "zc-benchmark"
_LOOPBACK = "127.0.0.1:0"
_DATA = Path(__file__).parents[1] / "services" / "registry" / "data"
_ZONE = "zones/benchmark"
_REGIONS = ("CN-JS", "CN-ZJ", "CN-AH", "CN-HB")
_FULL = inventory_pb2.INVENTORY_VIEW_FULL
_PLAN = Plan(repetition_count=3)
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How much there is, and how much of it is measured in which way."""

    enterprise_count: int = 2000
    source_count: int = 8
    years: tuple[int, ...] = (2023, 2024, 2025)
    recomputed_count: int = 20
    """Enterprises that are computed from their records too; their time is scaled to all."""
    call_count: int = 100

    @property
    def figure_count(self) -> int:
        """Source-months."""
        return self.enterprise_count * self.source_count * 12 * len(self.years)


def run(sizes: Sizes = Sizes(), plan: Plan = _PLAN) -> Iterable[Figure]:
    """Measure a restatement, explanations, and reads of the past."""
    with tempfile.TemporaryDirectory() as folder, _zone(Path(folder), sizes) as zone:
        yesterday = _now()
        restated = compare(
            Contest(
                figure=f"{sizes.figure_count:,} electricity figures restated, stored and explained",
                unit="s",
                candidate=seconds(zone.restate),
                against="5 s",
                reference=5.0,
                goal=1.0,
                less_is_better=True,
            ),
            plan=plan,
        )
        yield restated
        scale = sizes.enterprise_count / sizes.recomputed_count
        from_records = seconds(zone.compute_from_records)
        yield compare(
            Contest(
                figure=f"the same from the records ({sizes.recomputed_count} enterprises, scaled)",
                unit="s",
                candidate=lambda: from_records() * scale,
                against="the restatement",
                reference=restated.value,
                goal=20.0,
            ),
            plan=plan,
        )
        for what, name_of in (("line", zone.line), ("inventory", zone.inventory)):
            yield compare(
                Contest(
                    figure=f"ExplainFigure of {what}, p99 of {sizes.call_count} calls",
                    unit="ms",
                    candidate=partial(zone.explain_p99_ms, name_of),
                    against="20 ms",
                    reference=20.0,
                    goal=1.0,
                    less_is_better=True,
                ),
                plan=plan,
            )
        yield compare(
            Contest(
                figure="an inventory with its lines, as of before the revisions",
                unit="ms/call",
                candidate=partial(zone.read_ms, as_of_time=yesterday),
                against="the same as it is now",
                reference=zone.read_ms,
                goal=1.5,
                less_is_better=True,
            ),
            plan=plan,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Zone:
    """A large zone, and who works in it."""

    client: Client
    periods: Periods
    sizes: Sizes
    enterprises: list[Enterprise]
    factors: list[factor_pb2.Factor]
    """The grid factors that are revised."""
    chance: random.Random

    def restate(self) -> None:
        """Publish other grid factors; return once the books follow, and one is told why."""
        for factor in self.factors:
            value = Decimal(factor.quantity.value.value)
            factor.quantity.value.value = str(value + Decimal("0.0001"))
        self.client.factors.ImportFactors(
            factor_service_pb2.ImportFactorsRequest(factors=self.factors)
        )
        self.periods.follow(_KEY)
        inventory = self.inventory()
        version = self.client.accounting.GetEnterpriseInventory(
            accounting_service_pb2.GetEnterpriseInventoryRequest(name=inventory)
        ).resource_version
        report = self.client.accounting.CompareInventory(
            accounting_service_pb2.CompareInventoryRequest(name=inventory, from_version=version - 1)
        )
        assert len(report.lines) == self.sizes.source_count * MONTHS_PER_YEAR

    def compute_from_records(self) -> None:
        """Compute some enterprises from their records, and find what the restatement wrote."""
        for enterprise in self.enterprises[: self.sizes.recomputed_count]:
            for year in self.sizes.years:
                posting = self.periods.computed(enterprise, year, key=_KEY)
                assert not posting.lines, posting.lines[0]
                assert not posting.inventories, posting.inventories[0]

    def line(self) -> str:
        """Return the name of some line."""
        source, month = self._any(range(self.sizes.source_count)), self._any(range(1, 13))
        who, year = self._any(self.enterprises), self._any(self.sizes.years)
        return f"{who.name}/lines/meter-{source}-{year}-{month:02d}"

    def inventory(self) -> str:
        """Return the name of some inventory."""
        return f"{self._any(self.enterprises).name}/inventories/{self._any(self.sizes.years)}"

    def explain_p99_ms(self, name_of: Callable[[], str]) -> float:
        """Return what the slowest but a hundredth of calls take."""
        took = sorted(
            self._ms(
                partial(
                    self.client.accounting.ExplainFigure,
                    accounting_service_pb2.ExplainFigureRequest(name=name_of()),
                )
            )
            for _ in range(self.sizes.call_count)
        )
        return took[math.ceil(len(took) * 0.99) - 1]

    def read_ms(self, as_of_time: timestamp_pb2.Timestamp | None = None) -> float:
        """Return the median of reading inventories with their lines."""
        request = accounting_service_pb2.GetEnterpriseInventoryRequest
        return statistics.median(
            self._ms(
                partial(
                    self.client.accounting.GetEnterpriseInventory,
                    request(name=self.inventory(), view=_FULL, as_of_time=as_of_time),
                )
            )
            for _ in range(self.sizes.call_count)
        )

    def _any(self, choices: Sequence[_T]) -> _T:
        return self.chance.choice(choices)

    def _ms(self, call: Callable[[], object]) -> float:
        began = time.perf_counter()
        call()
        return (time.perf_counter() - began) * 1000


@contextmanager
def _zone(folder: Path, sizes: Sizes) -> Iterator[_Zone]:
    """Give a zone with its library, its enterprises and their books."""
    # Without a service key no job follows the registry: the measurement does.
    settings = Settings(
        registry_listen=_LOOPBACK,
        accounting_listen=_LOOPBACK,
        metrics_listen=_LOOPBACK,
        data_folder=str(folder),
        bootstrap_key=SecretStr(_KEY),
    )
    with ExitStack() as stack:
        addresses = stack.enter_context(deployed.serving(settings, ["registry", "accounting"]))
        database = stack.enter_context(closing(Database.of(settings, "accounting")))
        to_registry = stack.enter_context(closing(channel(addresses.registry)))
        client = stack.enter_context(Client.connect(addresses, key=_KEY, deadline_seconds=60.0))
        zone = _filled(client, database, Registry(to_registry), sizes)
        # As a service that has started does: the restatement is made in this process.
        memory.settle()
        yield zone


def _filled(client: Client, database: Database, registry: Registry, sizes: Sizes) -> _Zone:
    _register(client, sizes)
    known = list(registry.enterprises(key=_KEY).values())
    home = files.methods()[HOME_METHOD]
    rules = Rules(methods={HOME_METHOD: home}, steam=files.steam_table())
    meters = Meters(years=sizes.years, source_count=sizes.source_count)
    of_region = {each.region_code: each for each in known}
    reporters = [
        Reporter(enterprise=each, methods=(home,), steam=rules.steam) for each in of_region.values()
    ]
    bound = metered.ask(registry, reporters, meters, home, _KEY)
    periods = Periods(database, registry, rules)
    # What the registry was told until here is no revision.
    periods.follow(_KEY)
    metered.write(database, known, meters, bound)
    used = {factor.name for binding in bound.bindings.values() for factor in binding.factors}
    factors = [
        client.factors.GetFactor(factor_service_pb2.GetFactorRequest(name=name))
        for name in sorted(used)
    ]
    return _Zone(
        client=client,
        periods=periods,
        sizes=sizes,
        enterprises=known,
        factors=factors,
        chance=random.Random(7),  # noqa: S311 (which of them is asked)
    )


def _register(client: Client, sizes: Sizes) -> None:
    """Load the factor library, and create the zone with its enterprises."""
    for request in library.requests(_DATA):
        client.factors.ImportFactors(request)
    client.registry.CreateZone(
        registry_service_pb2.CreateZoneRequest(
            zone_id="benchmark",
            zone=zone_pb2.Zone(
                display_name="Benchmark",
                region_code="CN-JS",
                label=label_pb2.DATA_LABEL_SYNTHETIC,
            ),
        )
    )
    for number in range(sizes.enterprise_count):
        region = _REGIONS[number % len(_REGIONS)]
        enterprises.create(client, number, zone=_ZONE, region_code=region)


def _now() -> timestamp_pb2.Timestamp:
    moment = timestamp_pb2.Timestamp()
    moment.FromDatetime(datetime.now(UTC))
    return moment
