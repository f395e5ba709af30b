"""Gauges of the registry, read from the store at each scrape."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector as PrometheusCollector

from services.registry import store
from services.runtime import revision
from services.runtime.database import Database


class Collector(PrometheusCollector):
    """What the registry holds."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the gauges."""
        with self._database.read() as connection:
            newest = revision.newest(connection)
            sets = store.factors.sets(connection)
            states = store.custom_factors.states(connection)
        held = GaugeMetricFamily(
            "zonecarbon_factors", "Factors of the library, by set.", labels=["factor_set", "status"]
        )
        for name, (count, status) in sets.items():
            held.add_metric([name, status.value], count)
        yield held
        custom = GaugeMetricFamily(
            "zonecarbon_custom_factors",
            "Factors of single enterprises, by state; proposed ones wait for a second principal.",
            labels=["state"],
        )
        for state, count in states.items():
            custom.add_metric([state.value.lower()], count)
        yield custom
        yield GaugeMetricFamily(
            "zonecarbon_registry_revision", "Newest revision of the registry.", value=newest
        )
