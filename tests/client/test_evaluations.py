"""Commands `statistics`, `system`, `evaluation`: files that people write, lines that they read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests import builders
from tests.client.conftest import Command
from tests.fixtures.house import Running

FACTS = """input_id,period,value,unit,source,evidence,subject,price_base_year
fresh_water,2023,1,10^4 m3,return,page 1,,
reused_water,2023,9,10^4 m3,return,page 1,,
industrial_value_added,2023,1.5,10^8 CNY,return,page 2,,2020
product_output,2023,90000,t,return,page 3,crude-steel,
"""

ASKED = """indicator_system = "indicatorSystems/park910"
accounting_year = 2023

[[answers]]
indicator_id = "product-energy"
value = "2 1"
evidence = "audit of 2023"
"""

SYSTEM = """title = "water of our zone"
title_zh = "本园区用水指标"
scoring = "VERDICTS"

[[groups]]
group_id = "water"

[[indicators]]
indicator_id = "reuse"
display_name = "reuse of water"
display_name_zh = "水重复利用率"
group_id = "water"
part = "MANDATORY"
unit_code = "%"
direction = "HIGHER"
formula = "reused_water / (fresh_water + reused_water)"
source = { title = "decision 7 of the desk", status = "SECONDARY" }

[[indicators.cases]]
case_id = "all"
comparison = "AT_LEAST"
limit = "50 %"
source = { title = "decision 7 of the desk", status = "SECONDARY" }
"""


@pytest.fixture
def zone(shared_house: Running) -> str:
    name = shared_house.administrator.registry.CreateZone(builders.zone()).name
    membership = builders.membership(name, "2020-01-01")
    shared_house.administrator.registry.CreateEnterprise(
        builders.enterprise(memberships=[membership])
    )
    return name


@pytest.fixture
def facts(tmp_path: Path) -> str:
    path = tmp_path / "facts.csv"
    path.write_text(FACTS, "utf-8")
    return str(path)


@pytest.fixture
def asked(tmp_path: Path) -> str:
    path = tmp_path / "asked.toml"
    path.write_text(ASKED, "utf-8")
    return str(path)


def test_facts_are_reported_from_a_file_once(zonecarbon: Command, zone: str, facts: str) -> None:
    code, out, _ = zonecarbon("statistics", "report", zone, facts)
    assert (code, out) == (0, "4 stored, 0 said before already\n")
    assert zonecarbon("statistics", "report", zone, facts)[1].startswith("0 stored, 4 said")

    listed = zonecarbon("statistics", "list", zone)[1].splitlines()
    assert f"{zone}/statistics/fresh_water.2023 v1: 1 10^4 m3 (return)" in listed
    assert any("1.5 10^8 CNY at prices of 2020" in line for line in listed)


def test_a_wrong_row_is_told_by_its_number_and_nothing_is_stored(
    zonecarbon: Command, zone: str, facts: str
) -> None:
    path = Path(facts)
    path.write_text(FACTS.replace("9,10^4 m3", "9,t"), "utf-8")

    code, _, err = zonecarbon("statistics", "report", zone, facts)

    assert code == 1
    assert err.startswith('row 3: statistics[1].quantity.unit_code is "t"')
    assert zonecarbon("statistics", "list", zone)[1] == ""


def test_what_can_be_reported_is_listed(zonecarbon: Command) -> None:
    code, out, _ = zonecarbon("statistics", "inputs")

    assert code == 0
    assert "industrial_value_added" in out


def test_a_zone_is_evaluated_shown_repeated_compared_and_written(
    zonecarbon: Command, zone: str, facts: str, asked: str, tmp_path: Path
) -> None:
    zonecarbon("statistics", "report", zone, facts)

    code, out, err = zonecarbon("evaluation", "create", zone, "first", asked)

    assert (code, err) == (0, "")
    assert "reuse of industrial water: 90 % ≥ 80 % MET (secondary)" in out
    assert "energy per unit of the products made in the park: 2 ≤ 2 MET (official)" in out
    assert "- needs comprehensive energy consumption" in out
    name = f"{zone}/evaluations/first"
    assert zonecarbon("evaluation", "show", name)[1] == out
    assert "the same to the last digit" in zonecarbon("evaluation", "repeat", name)[1]
    assert f"{name} 2023" in zonecarbon("evaluation", "list", zone)[1]

    Path(facts).write_text(FACTS.replace("water,2023,9", "water,2023,4"), "utf-8")
    zonecarbon("statistics", "report", zone, facts)
    zonecarbon("evaluation", "create", zone, "second", asked)
    compared = zonecarbon("evaluation", "compare", name, f"{zone}/evaluations/second")[1]
    assert compared.splitlines() == [
        "water-reuse: 90 % → 80 %",
        "    DATA reused_water: -10 %",
    ]

    told = zonecarbon("evaluation", "export", name, "json", "--folder", str(tmp_path))[1]
    path = tmp_path / told.partition(": ")[0].rpartition("/")[2]
    assert json.loads(path.read_text("utf-8"))["name"] == name


def test_a_file_that_asks_otherwise_is_refused_with_what_is_allowed(
    zonecarbon: Command, zone: str, asked: str
) -> None:
    Path(asked).write_text(ASKED.replace("accounting_year", "year"), "utf-8")

    code, _, err = zonecarbon("evaluation", "create", zone, "first", asked)

    assert code == 2
    assert "year is not known" in " ".join(err.split())


def test_a_desk_s_own_system_is_proposed_from_a_file(
    zonecarbon: Command, zone: str, tmp_path: Path
) -> None:
    path = tmp_path / "system.toml"
    path.write_text(SYSTEM, "utf-8")

    code, out, err = zonecarbon("system", "propose", zone, "our-water", "1", str(path))

    assert (code, err) == (0, "")
    name = f"{zone}/indicatorSystems/our-water/versions/1"
    assert out == f"{name} PROPOSED, secondary, etag 1: water of our zone\n"
    refused = zonecarbon("system", "publish", name, "--etag", "1")
    assert refused[0] == 1
    assert "proposed" in refused[2]
    assert "indicatorSystems/hj274/versions/1" in zonecarbon("system", "list", zone)[1]
    assert '"formula"' in zonecarbon("system", "show", name)[1]
