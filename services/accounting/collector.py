"""Gauges of accounting: what is stored, and the figures of the zones.

    zonecarbon_activity_records                stored records, corrected ones too
    zonecarbon_accounting_revision             newest revision of accounting
    zonecarbon_accounting_registry_revision    the registry's revision that figures of open years
                                               follow; behind its own for long: nobody follows
    zonecarbon_zone_emissions_tonnes           by zone, year, method and basis: "net" is the zone's
                                               figure, "naive" counts passed energy twice, "members"
                                               is the sum of the members' own totals
    zonecarbon_completeness_ratio              reported source-days over source-days of the year
    zonecarbon_zone_incomplete_members         members whose inventory is incomplete
    zonecarbon_zone_findings                   by kind: what is missing or differs
    zonecarbon_zone_unresolved_factors         months of sources that the method counts and has no
                                               factor for, over all members
    zonecarbon_zone_evidence_missing           items of monthly evidence that members have not filed
    zonecarbon_zone_evidence_overdue           those of them whose last day has gone by

They are gauges, not counters: a restatement lowers them. No enterprise is a label, so that their
number does not grow with a zone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector as PrometheusCollector

from services.accounting import store
from services.accounting.domain.inventory import State
from services.accounting.domain.quality import evidence
from services.accounting.domain.quality.evidence import EvidenceRules, Standing
from services.accounting.domain.zone import ZoneInventory
from services.kernel.mass import G_PER_T
from services.kernel.period import SHANGHAI, Period
from services.runtime import outbox, revision
from services.runtime.database import Database

_ZONE = ["zone", "year", "method"]


class Collector(PrometheusCollector):
    """What accounting holds."""

    def __init__(self, database: Database, zones: Callable[[], Sequence[ZoneInventory]]) -> None:
        self._database = database
        self._zones = zones

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the gauges."""
        with self._database.read() as connection:
            newest = revision.newest(connection)
            stored = store.records.count(connection)
            followed = outbox.cursor(connection, "registry")
        yield GaugeMetricFamily(
            "zonecarbon_accounting_revision", "Newest revision of accounting.", value=newest
        )
        yield GaugeMetricFamily(
            "zonecarbon_accounting_registry_revision",
            "The registry's revision that the figures of open years follow.",
            value=followed,
        )
        yield GaugeMetricFamily(
            "zonecarbon_activity_records",
            "Stored activity records, corrected ones too.",
            value=stored,
        )
        yield from _of_zones(self._zones())


class EvidenceCollector(PrometheusCollector):
    """How the monthly evidence of the members of each zone stands."""

    def __init__(
        self,
        database: Database,
        zones: Callable[[], Sequence[ZoneInventory]],
        rules: EvidenceRules,
        today: Callable[[], date] = lambda: datetime.now(SHANGHAI).date(),
    ) -> None:
        self._database = database
        self._zones = zones
        self._rules = rules
        self._today = today

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the gauges."""
        missing = GaugeMetricFamily(
            "zonecarbon_zone_evidence_missing",
            "Items of monthly evidence of months that have ended, not filed by members of a zone.",
            labels=["zone", "year"],
        )
        overdue = GaugeMetricFamily(
            "zonecarbon_zone_evidence_overdue",
            "Those of them whose last day for filing has gone by.",
            labels=["zone", "year"],
        )
        # One inventory a zone and year: its members are the same by every method.
        by_year = {(each.zone, each.accounting_year): each for each in self._zones()}
        for (zone, year), inventory in sorted(by_year.items()):
            found = self._standing(inventory)
            missing.add_metric([zone, str(year)], found.missing_count)
            overdue.add_metric([zone, str(year)], found.overdue_count)
        yield from (missing, overdue)

    def _standing(self, inventory: ZoneInventory) -> Standing:
        members = [member.enterprise for member in inventory.members]
        year = Period.year(inventory.accounting_year)
        with self._database.read() as connection:
            filed = store.evidence.filed(connection, [each.enterprise_id for each in members], year)
        return evidence.standing(members, year.months(), self._rules, filed, today=self._today())


def _of_zones(inventories: Sequence[ZoneInventory]) -> Iterator[GaugeMetricFamily]:
    emissions = GaugeMetricFamily(
        "zonecarbon_zone_emissions_tonnes",
        "Emissions of a zone in a year, tonnes of CO2 equivalent: net, naive, or of its members.",
        labels=[*_ZONE, "basis"],
    )
    completeness = GaugeMetricFamily(
        "zonecarbon_completeness_ratio",
        "Reported source-days over source-days of the year, 0 to 1.",
        labels=_ZONE,
    )
    incomplete = GaugeMetricFamily(
        "zonecarbon_zone_incomplete_members",
        "Members of a zone whose inventory of the year is incomplete.",
        labels=_ZONE,
    )
    findings = GaugeMetricFamily(
        "zonecarbon_zone_findings",
        "What is missing or differs in a zone's inventory, by kind.",
        labels=[*_ZONE, "kind"],
    )
    unresolved = GaugeMetricFamily(
        "zonecarbon_zone_unresolved_factors",
        "Months of sources that the method counts and has no factor for, over all members.",
        labels=_ZONE,
    )
    for each in inventories:
        labels = [each.zone, str(each.accounting_year), each.method_id]
        for basis, grams in (
            ("net", each.net_co2e_g),
            ("naive", each.naive_co2e_g),
            ("members", each.members_total_co2e_g),
        ):
            emissions.add_metric([*labels, basis], grams / G_PER_T)
        completeness.add_metric(labels, each.coverage.ratio)
        members = [member.inventory for member in each.members if member.inventory]
        unresolved.add_metric(labels, sum(len(inventory.gaps) for inventory in members))
        states = [member.state for member in each.members]
        incomplete.add_metric(labels, states.count(State.INCOMPLETE))
        for kind, count in sorted(Counter(finding.kind for finding in each.findings).items()):
            findings.add_metric([*labels, kind.lower()], count)
    yield from (emissions, completeness, incomplete, findings, unresolved)
