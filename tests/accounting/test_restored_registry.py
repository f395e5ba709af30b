"""A registry that was restored from an older copy than the books follow."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from pydantic import SecretStr

from services.accounting.servicer.ledger import REGISTRY
from services.runtime import outbox
from services.runtime.database import Database
from tests.accounting import requests
from tests.accounting import world as worlds
from tests.fixtures.house import on_loopback, start
from tests.refusals import refused
from zonecarbon.cli import library


def test_a_report_is_given_up_and_not_judged_for_ever(tmp_path: Path) -> None:
    settings = on_loopback(tmp_path)
    # Without a key nobody follows the registry, which would bring the cursor back at once.
    running = start(settings.model_copy(update={"service_key": SecretStr("")}))
    for each in library.requests(worlds.DATA):
        running.administrator.factors.ImportFactors(each)
    world = worlds.in_zone(running)
    mill = world.enterprise()
    world.report(mill, requests.record(mill))
    with closing(Database.of(settings, "accounting")) as database, database.write() as connection:
        outbox.advance(connection, REGISTRY, 10**6)

    late = requests.report(mill, requests.record(mill, when="2023-02"))
    refusal = refused(world.desk.accounting.ReportActivity, late)

    assert (refusal.reason, refusal.metadata["service"]) == ("NEIGHBOUR_UNAVAILABLE", REGISTRY)
    assert world.inventory(mill).resource_version == 1
    running.stop()
