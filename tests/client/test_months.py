"""`zonecarbon months`: what the desk reads, and whether it is what the books say."""

from __future__ import annotations

import pytest

from tests.accounting import world as worlds
from tests.accounting.requests import fuel, record
from tests.accounting.world import World
from tests.client.conftest import Command
from tests.fixtures.house import Running
from zonecarbon.cli import library


@pytest.fixture(scope="module")
def world(shared_house: Running) -> World:
    """A zone whose mill has reported two months."""
    for each in library.requests(worlds.DATA):
        shared_house.administrator.factors.ImportFactors(each)
    world = worlds.in_zone(shared_house)
    mill = world.enterprise()
    world.report(mill, record(mill, "100 MWh", "2023-02"), fuel(mill, "10 t", "2023-02"))
    world.report(mill, record(mill, "0 MWh", "2023-03"))
    return world


def test_a_zone_is_shown_month_by_month(zonecarbon: Command, world: World) -> None:
    code, told, err = zonecarbon("months", "show", f"{world.zone}/monthlyEmissions/2023")

    assert (code, err) == (0, "")
    head, _, january, february, march, *_ = told.splitlines()
    assert head == f"{world.zone}/monthlyEmissions/2023: gbt32150, location-based, gwp100-ar5"
    assert january.split() == ["2023-01", "nothing", "reported"]
    assert march.split() == ["2023-03", "0.000", "0.000", "0.000"]
    _, direct, indirect, total = february.split()
    assert float(direct) > 0
    assert abs(float(direct) + float(indirect) - float(total)) < 0.002


def test_a_check_says_how_much_was_compared(zonecarbon: Command, world: World) -> None:
    code, told, err = zonecarbon("months", "check", world.zone)

    assert (code, err) == (0, "")
    assert told.endswith(" figures compared, 0 differ\n")
