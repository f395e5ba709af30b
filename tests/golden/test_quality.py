"""Golden cases of data quality: shares that do not add up, days on which evidence is due."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from google.type import decimal_pb2

from services.accounting import files
from services.accounting.domain.quality import shares
from services.accounting.domain.quality.finding import FindingKind
from tests.accounting import builders, world
from tests.fixtures.house import Running
from zonecarbon.accounting.v1 import data_quality_pb2, quality_service_pb2


def read(name: str) -> Mapping[str, Any]:
    return tomllib.loads((Path(__file__).parent / f"{name}.toml").read_text(encoding="utf-8"))


DQ1, C14 = read("dq-1"), read("c-14")


@pytest.mark.parametrize("case", [DQ1, C14], ids=lambda case: case["id"])
def test_a_case_cites_its_source(case: Mapping[str, Any]) -> None:
    assert {"id", "title", "kind", "source", "licence", "expected"} <= case.keys()


def test_the_domain_flags_shares_that_do_not_add_up() -> None:
    found = shares.checked([Decimal(each) for each in DQ1["shares"]], Decimal(DQ1["stated_total"]))

    assert str(found.total) == DQ1["expected"]["sum"]
    assert bool(found.findings()) is DQ1["expected"]["flag"]
    assert [each.kind for each in found.findings()] == [FindingKind.SHARES_DO_NOT_ADD_UP]


def test_the_wire_flags_shares_that_do_not_add_up(shared_house: Running) -> None:
    answer = shared_house.administrator.quality.CheckShares(
        quality_service_pb2.CheckSharesRequest(
            shares=[decimal_pb2.Decimal(value=each) for each in DQ1["shares"]],
            stated_total=decimal_pb2.Decimal(value=DQ1["stated_total"]),
        )
    )

    (finding,) = answer.findings
    assert answer.sum.value == DQ1["expected"]["sum"]
    assert answer.difference.value == DQ1["expected"]["difference"]
    assert finding.kind == data_quality_pb2.QUALITY_FINDING_KIND_SHARES_DO_NOT_ADD_UP
    assert "cannot explain" in finding.text


@pytest.mark.parametrize(("month", "day"), C14["expected"].items())
def test_the_domain_says_when_evidence_is_due(month: str, day: str) -> None:
    rules, period = files.evidence_rules(builders.methods()), builders.period(month)

    schedule = rules.schedule("4411", period)

    assert schedule is not None
    assert str(schedule.due(period)) == day


@pytest.mark.parametrize(("month", "day"), C14["expected"].items())
def test_the_wire_says_when_evidence_is_due(shared_house: Running, month: str, day: str) -> None:
    plant = world.in_zone(shared_house).enterprise(industry_code="4411")
    name = f"{plant}/evidencePacks/{month}"

    pack = shared_house.administrator.quality.GetEvidencePack(
        quality_service_pb2.GetEvidencePackRequest(name=name)
    )

    due = pack.due_date
    assert f"{due.year}-{due.month:02d}-{due.day:02d}" == day
