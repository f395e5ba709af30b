"""The gauges of accounting."""

from __future__ import annotations

import time
import urllib.request
from datetime import date

from prometheus_client import CollectorRegistry

from services.accounting import files, store
from services.accounting.collector import Collector, EvidenceCollector
from services.accounting.domain.quality.evidence import Document, Filing
from services.accounting.domain.transfer import Member
from services.accounting.domain.zone import ZoneInventory
from services.runtime import revision
from services.runtime.database import Database
from services.runtime.revision import Revision
from tests.accounting import builders, requests
from tests.accounting.world import World


def scraped(database: Database, *zones: ZoneInventory) -> dict[tuple[str, str], float]:
    """Return the samples by name and by the last of their labels."""
    registry = CollectorRegistry()
    registry.register(Collector(database, lambda: zones))
    return {
        (sample.name.removeprefix("zonecarbon_"), list(sample.labels.values() or [""])[-1]): (
            sample.value
        )
        for metric in registry.collect()
        for sample in metric.samples
    }


def test_an_empty_house_says_so(database: Database) -> None:
    assert scraped(database) == {
        ("accounting_revision", ""): 0,
        ("accounting_registry_revision", ""): 0,
        ("activity_records", ""): 0,
    }


def test_a_zone_shows_its_figures_by_method_and_basis(database: Database) -> None:
    mill = builders.member("mill", builders.year_of_lines(text="100 MWh"))
    zone = builders.zone(mill, builders.member("silent"))

    samples = scraped(database, zone)

    for basis in ("net", "naive", "members"):
        assert samples["zone_emissions_tonnes", basis] == 1200 * 0.6451
    assert samples["completeness_ratio", "gbt32150"] == 1.0
    assert samples["zone_incomplete_members", "gbt32150"] == 1
    assert samples["zone_findings", "nothing_reported"] == 1


def test_no_gauge_names_an_enterprise(database: Database) -> None:
    registry = CollectorRegistry()
    zone = builders.zone(builders.member("mill", builders.year_of_lines()))
    registry.register(Collector(database, lambda: [zone]))

    labels = {
        label
        for metric in registry.collect()
        for sample in metric.samples
        for label in sample.labels
    }

    assert labels == {"zone", "year", "method", "basis"}


def test_the_evidence_that_members_lack_is_counted_over_the_zone(database: Database) -> None:
    lines = builders.year_of_lines()
    plant, mill = builders.enterprise("plant", "4411"), builders.enterprise("mill")
    members = [
        Member(enterprise=each, inventory=builders.inventory(lines, each), lines=(), partners={})
        for each in (plant, mill)
    ]
    zones = [builders.zone(*members), builders.zone(*members)]
    rules = files.evidence_rules(builders.methods())
    with database.write() as connection:
        taken = revision.take(connection)
        for version in (1, 2):
            store.evidence.add(connection, filing("plant", version, taken))

    registry = CollectorRegistry()
    registry.register(EvidenceCollector(database, lambda: zones, rules, lambda: date(2023, 4, 1)))
    samples = {
        (sample.name, sample.labels["zone"], sample.labels["year"]): sample.value
        for metric in registry.collect()
        for sample in metric.samples
    }

    # Three months have ended, January and not February was due by then; one item is filed.
    assert samples == {
        ("zonecarbon_zone_evidence_missing", "home", "2023"): 3 * 3 - 1,
        ("zonecarbon_zone_evidence_overdue", "home", "2023"): 2,
    }


def filing(enterprise: str, version: int, taken: Revision) -> Filing:
    return Filing(
        enterprise=enterprise,
        month=builders.period("2023-01"),
        item_id="laboratory-report",
        document=Document(title="report", number="", sha256="0" * 64, size=1, note=""),
        version=version,
        author="principals/p",
        revision=taken.number,
        create_time=taken.commit_time,
    )


def test_what_is_reported_arrives_on_the_page_of_metrics(world: World, mill: str) -> None:
    world.report(mill, *requests.year_of(mill))
    zone = world.zone.partition("/")[2]
    wanted = (
        f'zonecarbon_zone_emissions_tonnes{{basis="net",method="gbt32150",year="2023",zone="{zone}"}}'
        " 774.12"
    )
    address = f"http://{world.running.house.metrics.address}/metrics"
    deadline = time.monotonic() + 30

    def page() -> list[str]:
        with urllib.request.urlopen(address) as answer:
            return str(answer.read(), "utf-8").splitlines()

    while wanted not in page():
        assert time.monotonic() < deadline, "the job does not compute the zone"
        time.sleep(0.02)
