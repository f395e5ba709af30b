"""The golden case of a zone: a plant that sells power and heat to works inside and outside."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from services.accounting.domain import inventory, zone
from services.accounting.domain.activity import Kind
from services.accounting.domain.inventory import Edition
from services.accounting.domain.line import Line
from services.accounting.domain.role import Role
from services.accounting.domain.transfer import Member
from services.accounting.domain.zone import Snapshot, ZoneInventory
from services.kernel.mass import G_PER_T
from tests.golden import books, cases
from tests.golden.books import Setting

CASE: Mapping[str, Any] = tomllib.loads(
    (Path(__file__).parent / "net-1.toml").read_text(encoding="utf-8")
)
TOLERANCE_G = Fraction(CASE["abs_tolerance"]) * G_PER_T
HOME = cases.METHODS["gbt32150"]
KINDS = {
    ("bought", "MWh"): Kind.ELECTRICITY_PURCHASED,
    ("bought", "GJ"): Kind.HEAT_PURCHASED,
    ("sold", "MWh"): Kind.ELECTRICITY_EXPORTED,
    ("sold", "GJ"): Kind.HEAT_EXPORTED,
}


def netted(seller_factors: Mapping[str, str]) -> ZoneInventory:
    """Return the zone, with what is sold inside booked at the seller's factors."""
    return zone.of(
        "home",
        2024,
        [member(id_, seller_factors) for id_ in CASE["members"]],
        method=HOME,
        snapshot=Snapshot(revision=1, registry_revision=1),
    )


def member(id_: str, seller_factors: Mapping[str, str]) -> Member:
    lines = [*direct(id_), *passed(id_, seller_factors)]
    whose = Setting(enterprise=id_).reporter.enterprise
    edition = Edition(accounting_year=2024, version=1, revision=1)
    partners = {
        f"{whose.name}/counterparties/{other}": f"enterprises/{other}" for other in CASE["members"]
    }
    return Member(
        enterprise=whose,
        inventory=inventory.of(whose, lines, (), method=HOME, edition=edition),
        lines=tuple(lines),
        partners=partners,
    )


def direct(id_: str) -> Iterator[Line]:
    """Yield the line of what a member itself emits."""
    tonnes = CASE["members"][id_]["direct"]
    row = books.row(0, f"{tonnes} tCO2", kind=Kind.GAS_RELEASED, source_id="stack", subject="co2")
    yield from books.posted(row, enterprise=id_).lines_of(HOME.method_id)


def passed(id_: str, seller_factors: Mapping[str, str]) -> Iterator[Line]:
    """Yield the lines of what a member buys and sells, with whom it passes."""
    for side in ("bought", "sold"):
        for number, flow in enumerate(CASE["members"][id_].get(side, ())):
            amount, partner = flow.split(" from " if side == "bought" else " to ")
            inside = side == "sold" and partner in CASE["members"]
            factors = seller_factors if inside else CASE["factors"]
            row = books.row(
                0,
                amount,
                kind=KINDS[side, amount.split()[1]],
                source_id=f"{side}-{number}",
                counterparty=f"enterprises/{id_}/counterparties/{partner}",
            )
            figures = {
                Role.GRID_AVERAGE: factors["electricity"],
                Role.HEAT_DEFAULT: factors["heat"],
            }
            posted = books.posted(row, enterprise=id_, figures=figures)
            yield from posted.lines_of(HOME.method_id)


def test_each_member_is_as_expected() -> None:
    found = {
        each.enterprise.enterprise_id: each.total_co2e_g for each in netted(CASE["factors"]).members
    }

    assert found == {
        id_: int(tonnes) * G_PER_T for id_, tonnes in CASE["expected"]["members"].items()
    }


@pytest.mark.parametrize("figure", CASE["expected"]["zone"])
def test_each_figure_of_the_zone_is_as_expected(figure: str) -> None:
    found = getattr(netted(CASE["factors"]), figure)

    assert abs(found - int(CASE["expected"]["zone"][figure]) * G_PER_T) <= TOLERANCE_G


@pytest.mark.parametrize("figure", CASE["expected"]["with_seller_factors"])
def test_factors_that_differ_leave_a_residual_and_move_no_net(figure: str) -> None:
    found = netted(CASE["seller_factors"])
    expected = int(CASE["expected"]["with_seller_factors"][figure]) * G_PER_T

    assert abs(getattr(found, figure) - expected) <= TOLERANCE_G
    assert found.members_total_co2e_g == found.net_co2e_g + found.residual_co2e_g
    assert not any(finding.kind.startswith("TRANSFER") for finding in found.findings)


PARK = cases.METHODS["park910"]
"""Counts electricity by what was bought and claimed."""


def market_lines(id_: str) -> Iterator[Line]:
    """Yield the lines of what a member buys, sells and claims, by the market."""
    figures = {
        Role.GRID_FOSSIL: CASE["factors"]["electricity"],
        Role.HEAT_DEFAULT: CASE["factors"]["heat"],
    }
    flows = [
        (side, *flow.split(" from " if side == "bought" else " to "))
        for side in ("bought", "sold")
        for flow in CASE["members"][id_].get(side, ())
    ]
    for number, (side, amount, partner) in enumerate(flows):
        kind = KINDS[side, amount.split()[1]]
        row = books.row(
            0,
            amount,
            kind=kind,
            source_id=f"{side}-{number}",
            subject="electricity-fossil" if kind is Kind.ELECTRICITY_EXPORTED else "",
            counterparty=f"enterprises/{id_}/counterparties/{partner}",
        )
        yield from books.posted(row, enterprise=id_, figures=figures).lines_of(PARK.method_id)
    if green := CASE["members"][id_].get("green"):
        row = books.row(
            0,
            green,
            kind=Kind.GREEN_POWER_CLAIMED,
            source_id="green",
            subject="green-certificate",
            evidence="contract 7",
            certificate="GEC-1",
        )
        yield from books.posted(row, enterprise=id_, figures=figures).lines_of(PARK.method_id)


def by_market(id_: str) -> Member:
    whose, lines = Setting(enterprise=id_).reporter.enterprise, tuple(market_lines(id_))
    edition = Edition(accounting_year=2024, version=1, revision=1)
    return Member(
        enterprise=whose,
        inventory=inventory.of(whose, lines, (), method=PARK, edition=edition),
        lines=lines,
        partners={
            f"{whose.name}/counterparties/{other}": f"enterprises/{other}"
            for other in CASE["members"]
        },
    )


def test_green_power_makes_the_net_by_the_market() -> None:
    found = zone.of(
        "home",
        2024,
        [by_market(id_) for id_ in CASE["members"]],
        method=PARK,
        snapshot=Snapshot(revision=1, registry_revision=1),
    )

    direct_g = int(CASE["expected"]["zone"]["direct_co2e_g"]) * G_PER_T
    net_g = direct_g + found.imported_co2e_g - found.exported_co2e_g
    assert abs(net_g - int(CASE["expected"]["market"]["net"]) * G_PER_T) <= TOLERANCE_G
    assert found.residual_co2e_g == found.claimed_inside_co2e_g == 0
