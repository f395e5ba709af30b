"""The golden case of a zone: a plant that sells power and heat to works inside and outside."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from services.accounting.domain.activity import ELECTRICITY, Kind
from services.accounting.domain.emission import Booked
from services.accounting.domain.line import Line
from services.accounting.domain.method import Role
from services.accounting.domain.transfer import Member
from services.accounting.domain.zone import ZoneInventory
from services.kernel.mass import G_PER_T
from tests.accounting import builders

CASE: Mapping[str, Any] = tomllib.loads(
    (Path(__file__).parent / "net-1.toml").read_text(encoding="utf-8")
)
TOLERANCE_G = Fraction(CASE["abs_tolerance"]) * G_PER_T


def zone(seller_factors: Mapping[str, str]) -> ZoneInventory:
    """Return the zone, with what is sold inside booked at the seller's factors."""
    return builders.zone(
        *(member(id_, data, seller_factors) for id_, data in CASE["members"].items())
    )


def member(id_: str, data: Mapping[str, Any], seller_factors: Mapping[str, str]) -> Member:
    inside = CASE["members"]
    lines = [direct(id_, data["direct"])]
    for flow in data.get("bought", ()):
        amount, seller = flow.split(" from ")
        lines.append(passed(id_, amount, seller, CASE["factors"], sold=False))
    for flow in data.get("sold", ()):
        amount, buyer = flow.split(" to ")
        factors = seller_factors if buyer in inside else CASE["factors"]
        lines.append(passed(id_, amount, buyer, factors, sold=True))
    return builders.member(id_, lines, {partner: partner for partner in inside})


def direct(id_: str, tonnes: str) -> Line:
    """Return a line of fuel that books so many tonnes of CO2."""
    coal = builders.source(Kind.FUEL_COMBUSTION, "boiler", enterprise=id_)
    grams = int(tonnes) * G_PER_T
    line = builders.line([builders.entry("1 t")], coal, enterprise=id_)
    return replace(line, booked=Booked(co2_g=grams, co2e_g=grams))


def passed(id_: str, amount: str, partner: str, factors: Mapping[str, str], *, sold: bool) -> Line:
    power = amount.endswith("MWh")
    kind = {
        (True, False): Kind.ELECTRICITY_PURCHASED,
        (True, True): Kind.ELECTRICITY_EXPORTED,
        (False, False): Kind.HEAT_PURCHASED,
        (False, True): Kind.HEAT_EXPORTED,
    }[power, sold]
    role = Role.GRID_AVERAGE if power else Role.HEAT_DEFAULT
    source = builders.source(kind, f"{kind.carrier}-{partner}", partner=partner, enterprise=id_)
    return builders.line(
        [builders.entry(amount)],
        source,
        {role: factors[ELECTRICITY if power else "heat"]},
        enterprise=id_,
    )


def test_each_member_is_as_expected() -> None:
    found = {
        each.enterprise.enterprise_id: each.total_co2_g for each in zone(CASE["factors"]).members
    }

    assert found == {
        id_: int(tonnes) * G_PER_T for id_, tonnes in CASE["expected"]["members"].items()
    }


@pytest.mark.parametrize("figure", CASE["expected"]["zone"])
def test_each_figure_of_the_zone_is_as_expected(figure: str) -> None:
    found = getattr(zone(CASE["factors"]), figure)

    assert abs(found - int(CASE["expected"]["zone"][figure]) * G_PER_T) <= TOLERANCE_G


@pytest.mark.parametrize("figure", CASE["expected"]["with_seller_factors"])
def test_factors_that_differ_leave_a_residual_and_move_no_net(figure: str) -> None:
    found = zone(CASE["seller_factors"])
    expected = int(CASE["expected"]["with_seller_factors"][figure]) * G_PER_T

    assert abs(getattr(found, figure) - expected) <= TOLERANCE_G
    assert found.members_total_co2_g == found.net_co2_g + found.residual_co2_g
    assert not any(finding.kind.startswith("TRANSFER") for finding in found.findings)
