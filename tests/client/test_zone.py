"""`zonecarbon zone`: what the desk reads of its zone beyond the totals."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.accounting import world as worlds
from tests.accounting.requests import fuel, record
from tests.accounting.world import World
from tests.client.conftest import Command
from tests.fixtures.house import Running
from zonecarbon.cli import library


@pytest.fixture(scope="module")
def world(shared_house: Running) -> World:
    """A zone whose mill burns coal and buys electricity in two years, less in the second."""
    for each in library.requests(worlds.DATA):
        shared_house.administrator.factors.ImportFactors(each)
    world = worlds.in_zone(shared_house)
    mill = world.enterprise()
    for year, power in ((2023, "100 MWh"), (2024, "80 MWh")):
        for month in range(1, 13):
            world.report(
                mill,
                record(mill, power, f"{year}-{month:02d}"),
                fuel(mill, "10 t", f"{year}-{month:02d}"),
            )
    return world


def output(folder: Path) -> str:
    def of(year: int, value: str) -> dict[str, object]:
        added = {"value": {"value": value}, "unit_code": "10^4 CNY"}
        return {"year": year, "added_value": added}

    declared = {
        "price_year": 2023,
        "price_indices": [{"year": 2024, "index": {"value": "1.02"}}],
        "outputs": [of(2023, "1000"), of(2024, "1122")],
    }
    path = folder / "outputs.json"
    path.write_text(json.dumps(declared), encoding="utf-8")
    return str(path)


def test_a_trend_tells_years_declines_and_states(
    zonecarbon: Command, world: World, tmp_path: Path
) -> None:
    arguments = ("zone", "trend", world.zone, "2023", "2024", "--outputs", output(tmp_path))
    code, told, err = zonecarbon(*arguments)

    assert (code, err) == (0, "")
    head, first, second, equal, elasticity = told.splitlines()
    assert head.startswith(f"{world.zone}: gbt32150, location-based")
    assert first.split()[0] == "2023"
    assert second.endswith("strong")
    assert equal.startswith("equal annual decline ")
    assert elasticity.startswith("elasticity of energy -")


def test_a_file_that_is_no_outputs_is_refused_by_its_name(
    zonecarbon: Command, world: World, tmp_path: Path
) -> None:
    (tmp_path / "wrong.json").write_text('{"outputz": []}', encoding="utf-8")

    code, _, err = zonecarbon(
        "zone", "trend", world.zone, "2023", "2024", "--outputs", str(tmp_path / "wrong.json")
    )

    assert code != 0
    assert "outputz" in err


def test_drivers_add_up_from_year_to_year(zonecarbon: Command, world: World) -> None:
    code, told, err = zonecarbon("zone", "drivers", world.zone, "2023", "2024")

    assert (code, err) == (0, "")
    _, before, *effects, after, mill = told.splitlines()
    figures = [float(line.split()[1].replace(",", "")) for line in effects]
    first, last = (float(line.split()[1].replace(",", "")) for line in (before, after))
    assert [line.split()[0] for line in effects] == [
        "activity",
        "structure",
        "intensity",
        "mix",
        "factor",
        "non_energy",
    ]
    assert abs(first + sum(figures) - last) < 0.01
    assert float(mill.split()[0].replace(",", "")) == pytest.approx(last - first, abs=0.01)


def test_a_target_tells_distance_and_months(zonecarbon: Command, world: World) -> None:
    code, told, err = zonecarbon("zone", "target", world.zone, "2023", "2033", "--reduction", "0.5")

    assert (code, err) == (0, "")
    lines = told.splitlines()
    assert len(lines) == 11
    assert "months ahead" in lines[1]
    assert "net" not in lines[2]


def test_an_outlook_says_how_and_what_it_needs(zonecarbon: Command, world: World) -> None:
    code, told, err = zonecarbon("zone", "outlook", f"{world.zone}/inventories/2024")
    soon = zonecarbon("zone", "outlook", f"{world.zone}/inventories/2026")

    assert (code, err) == (0, "")
    how, whole, mill = told.splitlines()
    assert how.startswith("how: ")
    assert "unverified" in how
    assert whole.startswith(f"{world.zone} 2024: ")
    assert mill.startswith("enterprises/")
    assert f"{world.zone}: needs 24 months without a gap" in soon[1]


def test_a_scenario_is_told_beside_what_is(zonecarbon: Command, world: World) -> None:
    code, told, err = zonecarbon(
        *("zone", "scenario", f"{world.zone}/inventories/2023"),
        *("--factor", "GRID_AVERAGE=0.5 tCO2/MWh"),
    )

    assert (code, err) == (0, "")
    difference = float(told.splitlines()[2].split()[1].replace(",", ""))
    assert difference < 0
    assert told.splitlines()[3].split(maxsplit=2)[0] == told.splitlines()[2].split()[1]
    wrong = zonecarbon(
        "zone", "scenario", f"{world.zone}/inventories/2023", "--factor", "NO_ROLE=1 t"
    )
    assert wrong[0] != 0
    assert "GRID_AVERAGE" in wrong[2]


def test_a_table_says_what_it_hides(zonecarbon: Command, world: World) -> None:
    code, told, err = zonecarbon("zone", "table", f"{world.zone}/inventories/2023")

    assert (code, err) == (0, "")
    # The mill is alone in all of it.
    assert told.splitlines()[-1] == "6 cells hidden"


def test_energy_is_told_with_its_base(zonecarbon: Command, world: World) -> None:
    code, told, err = zonecarbon(
        *("zone", "energy", f"{world.zone}/inventories/2023"),
        *("--coefficient", "electricity=0.1229 kgce/kWh,EQUIVALENT,2020,GB/T 2589-2020"),
        *("--coefficient", "bituminous-coal=0.7143 tce/t,EQUIVALENT,2020,GB/T 2589-2020"),
    )
    undeclared = zonecarbon("zone", "energy", f"{world.zone}/inventories/2023")

    assert (code, err) == (0, "")
    assert told.splitlines()[-1].split() == [
        *("=", "233.196", "tce,", "electricity", "by", "equivalent,", "unverified"),
    ]
    assert undeclared[0] != 0
    assert "coal_equivalent of" in undeclared[2]
