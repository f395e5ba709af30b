"""The registry as accounting asks it, real and away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from services.accounting.domain.binding import BoundFactor, Query, Unresolved
from services.accounting.domain.role import Role
from services.accounting.neighbours import Registry
from services.kernel.errors import NeighbourUnavailable, NotFound
from services.runtime import auth
from services.runtime.auth import Caller
from tests import builders
from tests.accounting.world import World
from tests.fixtures.house import ROOT
from zonecarbon.client import channel

ADMINISTRATOR = Caller(name="principals/root", role=auth.Role.ADMINISTRATOR, key=ROOT)


@pytest.fixture
def registry(world: World) -> Iterator[Registry]:
    with channel(world.running.addresses.registry) as opened:
        yield Registry(opened)


def query(subject: str, role: Role = Role.OXIDATION_RATE, year: int = 2025) -> Query:
    return Query(
        method_id="gbt32150",
        accounting_year=year,
        role=role,
        subject=subject,
        region_code="CN-JS",
    )


def test_more_queries_than_fit_one_call_are_asked_in_several(registry: Registry) -> None:
    queries = {query(f"fuel-{number}") for number in range(1500)} | {query("anthracite")}

    with auth.acting(ADMINISTRATOR):
        found, revision = registry.resolve(queries)

    assert found.keys() == queries
    anthracite = found[query("anthracite")]
    assert isinstance(anthracite, BoundFactor)
    assert (str(anthracite.quantity), anthracite.data_period) == ("94 %", "2025–")
    assert found[query("fuel-7")] == Unresolved(
        reason="FACTOR_MISSING", candidates=("factorSets/gbt32151-2024",)
    )
    assert revision > 0


def test_the_place_and_the_year_of_a_factor_are_told(registry: Registry) -> None:
    wanted = query("electricity", Role.GRID_AVERAGE, 2023)

    with auth.acting(ADMINISTRATOR):
        found, _ = registry.resolve([wanted])

    factor = found[wanted]
    assert isinstance(factor, BoundFactor)
    assert (factor.region_level, factor.region_code) == ("PROVINCE", "CN-JS")
    assert factor.data_period == "2021"


def test_the_ends_of_a_published_interval_come_with_the_factor(registry: Registry) -> None:
    wanted = replace(query("anthracite", Role.CO2_PER_HEAT, 2023), method_id="ghgp")
    without = query("electricity", Role.GRID_AVERAGE, 2023)

    with auth.acting(ADMINISTRATOR):
        found, _ = registry.resolve([wanted, without])

    bounded, unbounded = found[wanted], found[without]
    assert isinstance(bounded, BoundFactor)
    assert (str(bounded.lower), str(bounded.upper)) == ("94600", "101000")
    assert isinstance(unbounded, BoundFactor)
    assert (unbounded.lower, unbounded.upper) == (None, None)


def test_no_queries_are_no_question(registry: Registry) -> None:
    assert registry.resolve([]) == ({}, 0)


def test_only_what_is_the_enterprises_own_is_known(
    world: World, registry: Registry, mill: str
) -> None:
    hall = world.desk.registry.CreateFacility(builders.facility(mill)).name
    meter = world.desk.registry.CreateMeter(builders.meter(mill, hall)).name
    grid, foreign = f"{mill}/counterparties/grid", f"{world.enterprise()}/counterparties/grid"
    named = {hall, meter, grid, foreign, f"{mill}/meters/none", f"{mill}/nonsense/x", "grid"}

    with auth.acting(ADMINISTRATOR):
        known = registry.own(mill, named)

    assert known == {hall, meter, grid}


def test_the_partners_of_a_zone_are_those_of_its_members(
    world: World, registry: Registry, mill: str
) -> None:
    plant = world.enterprise()
    sold_to = world.partner(plant, mill)

    with auth.acting(ADMINISTRATOR):
        of_zone = registry.partners(zone=world.zone)
        of_mill = registry.partners(mill)

    grids = {f"{each}/counterparties/grid": "" for each in (mill, plant)}
    assert of_zone == {**grids, sold_to: mill}
    assert of_mill == {f"{mill}/counterparties/grid": ""}


def test_what_is_not_there_is_named_as_the_caller_asked_for_it(registry: Registry) -> None:
    wanted = "enterprises/none/inventories/2023"

    with auth.acting(ADMINISTRATOR), pytest.raises(NotFound) as caught:
        registry.enterprise("enterprises/none", wanted=wanted)

    assert caught.value.name == wanted


def test_a_registry_that_is_away_is_worth_asking_later() -> None:
    with (
        channel("127.0.0.1:1") as opened,
        auth.acting(ADMINISTRATOR),
        pytest.raises(NeighbourUnavailable) as caught,
    ):
        Registry(opened).enterprise("enterprises/mill")

    assert caught.value.service == "registry"
