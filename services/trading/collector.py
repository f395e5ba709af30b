"""Gauges of trading, read from the store at each scrape.

They are sums by sector and year: an enterprise's own figures are shown to those who may see it, not
to everybody who may scrape.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector as PrometheusCollector

from services.kernel.period import SHANGHAI
from services.runtime import auth
from services.runtime.database import Database
from services.trading import store
from services.trading.domain.position import Position
from services.trading.store.positions import Rules

_LABELS = ("sector", "year")
_MOST = 1000
"""Overdue reservations that are counted."""


@dataclass(slots=True, kw_only=True)
class _Sums:
    """Of the positions of a sector and year; None where no figure is known: 0 would be one."""

    allocated_t: int | None = None
    obligation_t: int | None = None
    gap_t: int | None = None
    incomplete_count: int = 0

    def add(self, position: Position) -> None:
        obligation = position.facts.obligation
        if position.facts.allocation is not None:
            self.allocated_t = (self.allocated_t or 0) + position.allocated_count
        if obligation is not None and obligation.value.known:
            self.obligation_t = (self.obligation_t or 0) + position.obligation_count
        if position.complete:
            self.gap_t = (self.gap_t or 0) + position.gap_count
        else:
            self.incomplete_count += 1


class Collector(PrometheusCollector):
    """Where the accounts stand."""

    def __init__(self, database: Database, rules: Rules) -> None:
        self._database = database
        self._rules = rules

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the gauges."""
        with self._database.read() as connection:
            followed = store.obligations.followed(connection)
            sums, now = self._sums(connection), datetime.now(UTC)
            overdue = store.ledger.transfers.timed_out(connection, now, _MOST)
            instructions = store.desk.instructions.counts(connection, now)
        yield _gauge(
            "allocated_tonnes",
            "Allowances allocated by the rulebooks.",
            {labels: of.allocated_t for labels, of in sums.items()},
        )
        yield _gauge(
            "obligation_tonnes",
            "Allowances to be surrendered, of the accounts for which that is known.",
            {labels: of.obligation_t for labels, of in sums.items()},
        )
        yield _gauge(
            "position_gap_tonnes",
            "Allowances held or to be issued minus those owed, of the accounts for which both are "
            "known; negative: lacking.",
            {labels: of.gap_t for labels, of in sums.items()},
        )
        yield _gauge(
            "positions_incomplete",
            "Accounts whose gap cannot be given.",
            {labels: of.incomplete_count for labels, of in sums.items()},
        )
        yield GaugeMetricFamily(
            "zonecarbon_followed_revision",
            "Revision of accounting up to which the obligations are current.",
            value=followed,
        )
        yield GaugeMetricFamily(
            "zonecarbon_ledger_reservations_overdue",
            "Pending transfers whose time is over and that still reserve what they reserved.",
            value=len(overdue),
        )
        waiting = GaugeMetricFamily(
            "zonecarbon_desk_instructions_waiting",
            "Instructions that are neither executed nor ended, by state.",
            labels=("state",),
        )
        for state, count in instructions.waiting.items():
            waiting.add_metric((state.value,), count)
        yield waiting
        yield GaugeMetricFamily(
            "zonecarbon_desk_instructions_overdue",
            "Instructions whose time to be executed or to end is over and that still wait.",
            value=instructions.overdue_count,
        )
        yield GaugeMetricFamily(
            "zonecarbon_desk_instructions_failed",
            "Approved instructions that were not executed, until they are edited or withdrawn.",
            value=instructions.failed_count,
        )

    def _sums(self, connection: sa.Connection) -> dict[tuple[str, str], _Sums]:
        sums: defaultdict[tuple[str, str], _Sums] = defaultdict(_Sums)
        for position in self._positions(connection):
            facts = position.facts
            sums[facts.account.sector.value, str(facts.compliance_year)].add(position)
        return sums

    def _positions(self, connection: sa.Connection) -> Iterable[Position]:
        today = datetime.now(SHANGHAI).date()
        accounts = store.accounts.page(connection, auth.EVERYONE)
        for year in store.positions.years(connection):
            of = [each.value for each in accounts if each.value.takes_part(year)]
            for facts in store.positions.facts(connection, of, year, self._rules, on=today):
                yield Position(facts=facts, valuation_date=today, price=None)


def _gauge(
    name: str, help_text: str, values: Mapping[tuple[str, str], int | None]
) -> GaugeMetricFamily:
    gauge = GaugeMetricFamily(f"zonecarbon_{name}", help_text, labels=_LABELS)
    for labels, value in values.items():
        if value is not None:
            gauge.add_metric(labels, value)
    return gauge
