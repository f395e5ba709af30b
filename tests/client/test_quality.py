"""The commands of quality, against real services."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Callable

import pytest
from google.type import decimal_pb2

from tests.accounting import world as worlds
from tests.accounting.requests import record
from tests.accounting.world import World
from tests.fixtures.house import ROOT, Running
from zonecarbon.accounting.v1 import data_quality_plan_pb2, evidence_pb2
from zonecarbon.accounting.v1 import quality_service_pb2 as pb
from zonecarbon.cli import library
from zonecarbon.cli.__main__ import main

Command = Callable[..., list[str]]


@pytest.fixture(scope="module")
def world(shared_house: Running) -> World:
    for each in library.requests(worlds.DATA):
        shared_house.administrator.factors.ImportFactors(each)
    return worlds.in_zone(shared_house)


@pytest.fixture
def zonecarbon(
    shared_house: Running, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """Runs a command of quality that succeeds; gives its lines."""

    def run(*arguments: str, language: str = "en") -> list[str]:
        monkeypatch.setenv("ZONECARBON_CLI_KEY", ROOT)
        monkeypatch.setenv("ZONECARBON_CLI_ACCOUNTING", shared_house.addresses.accounting)
        monkeypatch.setenv("ZONECARBON_CLI_LANG", language)
        monkeypatch.setattr(sys, "argv", ["zonecarbon", "quality", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        assert (ended.value.code, printed.err) == (0, "")
        return printed.out.splitlines()

    return run


def released(mill: str, what: str, source_id: str) -> object:
    """A release of CO2, which takes no factor."""
    return record(
        mill,
        what,
        "2024-03",
        source_id=source_id,
        kind="ACTIVITY_KIND_GAS_RELEASED",
        subject="co2",
        counterparty="",
    )


def plan(world: World, mill: str, percents: dict[str, str]) -> None:
    entries = [
        data_quality_plan_pb2.PlanEntry(
            source_id=source_id,
            determination=data_quality_plan_pb2.QUANTITY_DETERMINATION_METERED,
            frequency="daily",
            responsible="energy office",
            uncertainty_percent=decimal_pb2.Decimal(value=percent),
        )
        for source_id, percent in percents.items()
    ]
    world.desk.quality.UpdateDataQualityPlan(
        pb.UpdateDataQualityPlanRequest(
            data_quality_plan=data_quality_plan_pb2.DataQualityPlan(
                name=f"{mill}/dataQualityPlan", entries=entries
            ),
            request_id=str(uuid.uuid4()),
        )
    )


def test_a_total_is_shown_with_its_width_and_its_causes(world: World, zonecarbon: Command) -> None:
    mill = world.enterprise()
    world.report(mill, released(mill, "30 tCO2", "a"), released(mill, "40 tCO2", "b"))
    plan(world, mill, {"a": "10", "b": "10"})

    total, first, second, drawn = zonecarbon(
        "uncertainty", f"{mill}/inventories/2024", "--seed", "7", "--samples", "2000"
    )

    assert total == "70.000 ± 5.000 tCO2e = 7.14% (location-based, 95 %)"
    assert first.split() == ["64.0%", "+4.000", "t", "b"]
    assert second.split() == ["36.0%", "+3.000", "t", "a"]
    assert drawn.startswith("Monte Carlo, 2000 samples, seed 7: ")


def test_a_total_that_is_not_known_says_what_it_lacks(world: World, zonecarbon: Command) -> None:
    mill = world.enterprise()
    world.report(mill, record(mill))

    total, meter, factor = zonecarbon("uncertainty", f"{mill}/inventories/2023")

    assert total.endswith("uncertainty not known")
    assert meter.startswith("! intake: the data-quality plan states no uncertainty")
    assert "no 95 % interval" in factor


def test_what_is_missing_is_listed(world: World, zonecarbon: Command) -> None:
    mill = world.enterprise()
    world.report(mill, record(mill))

    source, months, no_plan = zonecarbon("assess", mill, "2023", language="zh")

    assert source == "intake: 31 of 365 days (8.5%)"
    assert months.startswith("! SOURCE_MONTH_MISSING: intake：2023-02、")
    assert no_plan.startswith("! PLAN_MISSING: 尚无数据质量控制计划")


def test_a_pack_is_shown_with_what_is_filed(world: World, zonecarbon: Command) -> None:
    plant = world.enterprise(industry_code="4411")
    name = f"{plant}/evidencePacks/2026-01"
    document = evidence_pb2.EvidenceDocument(title="report 7", sha256="0" * 64, document_size=1)
    world.desk.quality.FileEvidence(
        pb.FileEvidenceRequest(
            parent=name,
            item_id="laboratory-report",
            document=document,
            request_id=str(uuid.uuid4()),
        )
    )

    head, ledgers, laboratory, _ = zonecarbon("evidence", name)

    assert head == f"{name} (ets-power): due by 2026-03-12 (official), overdue"
    assert ledgers.endswith("(data of the calculation with stamped ledgers, secondary): missing")
    assert laboratory.endswith(f": report 7, SHA-256 {'0' * 64}")


def test_a_list_that_is_not_known_is_called_so(world: World, zonecarbon: Command) -> None:
    steel = world.enterprise(industry_code="3120")

    lines = zonecarbon("evidence", f"{steel}/evidencePacks/2025-03")

    assert lines[1] == "! the list of items is not known: one stands for all documents"


def test_shares_are_added_up(zonecarbon: Command) -> None:
    added, flagged = zonecarbon("shares", "66.8", "40.0", "16.4", "10.7")

    assert added == "sum 67.1, difference 0.3"
    assert flagged.startswith("! SHARES_DO_NOT_ADD_UP: ")
