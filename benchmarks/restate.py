"""A revision of the grid factors that touches every figure of a large zone.

Enterprises buy electricity at several meters, month after month, for years; then the ministry
publishes other grid factors. Measured is how long it takes until every figure has its new version
and the zone's desk has read why, against the same from the records, and what the past costs to ask.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TypeVar

from google.protobuf import timestamp_pb2

from benchmarks.harness import Contest, Figure, Plan, compare, p99, seconds
from benchmarks.support.large_zone import KEY, large_zone
from benchmarks.support.metered import Meters
from services.accounting.domain.enterprise import Enterprise
from services.accounting.servicer import Periods
from services.kernel.period import MONTHS_PER_YEAR
from zonecarbon.accounting.v1 import accounting_service_pb2, inventory_pb2
from zonecarbon.client import Client
from zonecarbon.registry.v1 import factor_pb2, factor_service_pb2

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
    enterprises: Sequence[Enterprise]
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
        self.periods.follow(KEY)
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
                posting = self.periods.computed(enterprise, year, key=KEY)
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
        return p99(
            self._ms(
                partial(
                    self.client.accounting.ExplainFigure,
                    accounting_service_pb2.ExplainFigureRequest(name=name_of()),
                )
            )
            for _ in range(self.sizes.call_count)
        )

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
    meters = Meters(years=sizes.years, source_count=sizes.source_count)
    with large_zone(folder, sizes.enterprise_count, meters) as zone:
        bindings = zone.library.bindings.values()
        used = {factor.name for binding in bindings for factor in binding.factors}
        factors = [
            zone.client.factors.GetFactor(factor_service_pb2.GetFactorRequest(name=name))
            for name in sorted(used)
        ]
        yield _Zone(
            client=zone.client,
            periods=zone.periods,
            sizes=sizes,
            enterprises=zone.enterprises,
            factors=factors,
            chance=random.Random(7),  # noqa: S311 (which of them is asked)
        )


def _now() -> timestamp_pb2.Timestamp:
    moment = timestamp_pb2.Timestamp()
    moment.FromDatetime(datetime.now(UTC))
    return moment
