"""Gauges of accounting: what is stored, and the figures of the zones.

    zonecarbon_activity_records                stored records, corrected ones too
    zonecarbon_accounting_revision             newest revision of accounting
    zonecarbon_zone_emissions_tonnes           by zone, year, method and basis: "net" is the zone's
                                               figure, "naive" counts passed energy twice, "members"
                                               is the sum of the members' own totals
    zonecarbon_completeness_ratio              reported source-days over source-days of the year
    zonecarbon_zone_incomplete_members         members whose inventory is incomplete
    zonecarbon_zone_findings                   by kind: what is missing or differs
    zonecarbon_zone_unresolved_factors         months of sources that the method counts and has no
                                               factor for, over all members

They are gauges, not counters: a restatement lowers them. No enterprise is a label, so that their
number does not grow with a zone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector as PrometheusCollector

from services.accounting import store
from services.accounting.domain.inventory import State
from services.accounting.domain.zone import ZoneInventory
from services.kernel.mass import G_PER_T
from services.runtime import revision
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
        yield GaugeMetricFamily(
            "zonecarbon_accounting_revision", "Newest revision of accounting.", value=newest
        )
        yield GaugeMetricFamily(
            "zonecarbon_activity_records",
            "Stored activity records, corrected ones too.",
            value=stored,
        )
        yield from _of_zones(self._zones())


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
