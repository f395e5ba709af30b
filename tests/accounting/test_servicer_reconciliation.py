"""Reconciliation statements over the wire, of a works that reported a bit of everything."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from tests.accounting import works
from tests.accounting import world as worlds
from tests.accounting.world import World
from tests.fixtures.house import Running
from tests.refusals import refused
from zonecarbon.accounting.v1 import accounting_service_pb2 as pb
from zonecarbon.accounting.v1 import reconciliation_pb2

SIDES = [
    ("gbt32150", "", ""),
    ("ghgp", "", ""),
    ("ghgp", "gwp100-ar4", "location-based"),
    ("ghgp", "gwp100-ar6", "market-based"),
    ("ets-steel", "", ""),
    ("park910", "", ""),
]
FACTOR = reconciliation_pb2.DIFFERENCE_CAUSE_FACTOR


@pytest.fixture(scope="module")
def steel(running: Running) -> tuple[World, str]:
    """A steel works that reported 2024."""
    world = worlds.in_zone(running)
    return world, works.steel(world)


def side(method_id: str, gwp_set: str = "", basis: str = "") -> pb.ReconciledSide:
    return pb.ReconciledSide(method_id=method_id, gwp_set=gwp_set, scope2_basis=basis)


def request(
    parent: str, first: pb.ReconciledSide, second: pb.ReconciledSide, year: int = 2024
) -> pb.ReconcileInventoriesRequest:
    values: dict[str, Any] = {
        "parent": parent,
        "accounting_year": year,
        "from": first,
        "to": second,
    }
    return pb.ReconcileInventoriesRequest(**values)


def test_every_pair_of_totals_closes_to_the_gram(steel: tuple[World, str]) -> None:
    world, name = steel
    for first, second in itertools.product(SIDES, SIDES):
        found = world.desk.accounting.ReconcileInventories(
            request(name, side(*first), side(*second))
        )

        source, target = getattr(found, "from"), found.to
        assert target.total_co2e_g == source.total_co2e_g + sum(
            row.difference_g for row in found.rows
        ), (first, second)
        assert all(row.difference_g and row.text and row.text_zh for row in found.rows)
        if first == second:
            assert list(found.rows) == []
        for total in (source, target):
            (shown,) = (
                each
                for each in world.inventory(name, total.inventory.rpartition("/")[2]).totals
                if each.scope2_basis == total.scope2_basis
            )
            booked = {each.gwp_set: each.co2e_g for each in shown.total.co2_equivalents}
            assert booked[total.gwp_set] == total.total_co2e_g


def test_a_factor_that_another_stands_in_for_is_told_with_both_figures(
    steel: tuple[World, str],
) -> None:
    world, name = steel

    found = world.desk.accounting.ReconcileInventories(
        request(name, side("gbt32150"), side("park910"))
    )

    texts = [row.text for row in found.rows if row.cause == FACTOR and row.subject == "electricity"]
    assert any("0.5978" in text and "0.8325" in text for text in texts), texts


def test_an_oxidation_rate_that_is_dropped_is_told(steel: tuple[World, str]) -> None:
    world, name = steel

    found = world.desk.accounting.ReconcileInventories(
        request(name, side("gbt32150"), side("ets-steel"))
    )

    told = [row for row in found.rows if "not applied" in row.text]
    assert {row.subject for row in told} == {"bituminous-coal", "natural-gas"}
    assert all("%" in row.text and row.difference_g > 0 for row in told)


def test_what_does_not_exist_is_refused(steel: tuple[World, str]) -> None:
    world, name = steel

    def refusal(first: pb.ReconciledSide, second: pb.ReconciledSide, year: int = 2024) -> object:
        found = refused(
            world.desk.accounting.ReconcileInventories, request(name, first, second, year)
        )
        return found.reason, *found.fields

    home = side("gbt32150")
    assert refusal(home, side("nonsense")) == ("FIELD_INVALID", "to.method_id")
    assert refusal(side("ghgp", "gwp100-ar9"), home) == ("FIELD_INVALID", "from.gwp_set")
    assert refusal(home, side("ghgp", "", "none")) == ("FIELD_INVALID", "to.scope2_basis")
    assert refusal(home, side("ets-power")) == ("NOT_FOUND",)
    assert refusal(home, side("ghgp"), 2023) == ("NOT_FOUND",)


def test_a_stranger_learns_nothing(steel: tuple[World, str]) -> None:
    world, name = steel
    stranger = world.running.principal("ENTERPRISE", world.enterprise())

    found = refused(
        stranger.accounting.ReconcileInventories, request(name, side("gbt32150"), side("ghgp"))
    )

    assert found.reason == "NOT_FOUND"
