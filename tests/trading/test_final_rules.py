"""The final text of a plan arrives where its draft was in use: a new version of its rulebook."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from services.runtime.config import Settings
from services.runtime.metrics import Metrics
from services.runtime.server import Server
from services.trading import files
from services.trading.__main__ import build
from tests.trading import requests
from tests.trading.stand import LOOPBACK, PATIENCE_S, ROOT, Stand
from zonecarbon.client import Addresses, Client
from zonecarbon.trading.v1 import (
    allocation_pb2,
    compliance_service_pb2,
    trading_service_pb2,
)
from zonecarbon.type.v1 import source_pb2

DRAFT = files.FOLDER / "power-2025.toml"
BENCHMARK = 'unit_class = "II"\npower_tco2_per_mwh = "{}"'
ALLOCATED = trading_service_pb2.GetAllocationRequest(account="accounts/chp", compliance_year=2025)


@pytest.fixture
def final(stand: Stand, storage: Settings, tmp_path: Path) -> Iterator[Client]:
    """Trading as it starts anew on the same books, beside a folder with the final text.

    The text is made up: the draft's, declared official, with a lower benchmark of class II.
    """
    text = DRAFT.read_text(encoding="utf-8")
    for old, new in (
        ("version = 1\n", "version = 2\n"),
        ('status = "draft"\nplan', 'status = "official"\nplan'),
        (BENCHMARK.format("0.8017"), BENCHMARK.format("0.7990")),
    ):
        assert text.count(old) == 1
        text = text.replace(old, new)
    folder = tmp_path / "rulebooks"
    folder.mkdir()
    (folder / "power-2025-v2.toml").write_text(text, encoding="utf-8")
    settings = storage.model_copy(
        update={
            "registry_address": stand.addresses.registry,
            "accounting_address": stand.addresses.accounting,
            "rulebooks_folder": str(folder),
            "follow_seconds": 0.02,
        }
    )
    metrics = Metrics()
    server = Server(build(settings, metrics), LOOPBACK, metrics)
    server.start()
    addresses = Addresses(
        registry=stand.addresses.registry,
        accounting=stand.addresses.accounting,
        trading=server.address,
    )
    with closing(Client.connect(addresses, key=ROOT)) as client:
        yield client
    server.stop(0)


def derived_anew(client: Client) -> allocation_pb2.Allocation:
    deadline = time.monotonic() + PATIENCE_S
    while (found := client.trading.GetAllocation(ALLOCATED)).rulebook_version == 1:
        assert time.monotonic() < deadline, "nothing is derived anew"
        time.sleep(0.01)
    return found


def test_it_supersedes_the_draft_and_says_what_it_changes_for_each_enterprise(
    desk: Client, request: pytest.FixtureRequest
) -> None:
    plan = allocation_pb2.AllocationState.ALLOCATION_STATE_INITIAL
    draft = desk.trading.AllocateAllowances(requests.allocate(year=2025))
    client: Client = request.getfixturevalue("final")

    found = derived_anew(client)
    compared = client.compliance.CompareRulebookVersions(
        compliance_service_pb2.CompareRulebookVersionsRequest(
            name="rulebooks/power-2025", before_version=1
        )
    )

    # 100,000 MWh by 0.8017 and by 0.7990 t/MWh, and 3,000 GJ by 0.1027 t/GJ in both.
    assert draft.status == source_pb2.SOURCE_STATUS_DRAFT
    assert (draft.state, found.state) == (plan, plan)
    assert found.allowance_count - draft.allowance_count == -270
    assert found.resource_version == draft.resource_version + 1
    rules = {each.rule_id: each.text for each in compared.changed_rules}
    assert rules.keys() == {"plan", "benchmark.II"}
    assert rules["plan"] == "draft → official"
    assert [
        (each.account, each.enterprise, each.before_count, each.after_count, each.difference_count)
        for each in compared.comparisons
    ] == [("accounts/chp", "enterprises/chp", draft.allowance_count, found.allowance_count, -270)]
    statuses = (compared.before_status, compared.after_status)
    assert statuses == (source_pb2.SOURCE_STATUS_DRAFT, source_pb2.SOURCE_STATUS_OFFICIAL)
