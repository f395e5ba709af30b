"""Laws of zones: order, splitting, transfers, swapped years, parts that make a whole."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from services.accounting.domain import comparable_price, flow
from services.accounting.domain.activity import Kind
from services.accounting.domain.driver import logarithmic
from services.accounting.domain.driver import zone as driver
from services.accounting.domain.driver.zone import Side
from services.accounting.domain.flow import Carrier, Crossing, Inhabitant
from services.accounting.domain.transfer import Member, member_of
from tests.accounting import builders, ledgers
from tests.accounting.test_laws import ZONE_METHODS, few, members

CARRIERS = [
    Carrier(kind=Kind.FUEL_COMBUSTION, subject="bituminous-coal"),
    Carrier(kind=Kind.FUEL_COMBUSTION, subject="natural-gas"),
    Carrier(kind=Kind.ELECTRICITY_PURCHASED, subject="electricity"),
]
PROCESS = Carrier(kind=Kind.PRODUCT_OUTPUT, subject="clinker")
NAMES = ["a", "b", "c", "d"]


@st.composite
def sides(draw: st.DrawFn, year: int) -> Side:
    """A zone of a year: who burns what, and what they produced."""
    who = draw(st.lists(st.sampled_from(NAMES), unique=True, min_size=1))
    amounts = st.integers(1, 10**6)
    crossings = []
    for name in who:
        used = draw(st.lists(st.sampled_from(CARRIERS), unique=True, min_size=1))
        carriers: dict[Carrier, tuple[int, float | None]] = {
            each: (draw(amounts) * 1000, float(draw(amounts))) for each in used
        }
        if draw(st.booleans()):
            carriers[PROCESS] = draw(amounts) * 1000, None
        crossings.append(
            Crossing(enterprise=builders.enterprise(name), carriers=carriers, given_back_co2e_g=0)
        )
    outputs = {f"enterprises/{name}": float(draw(amounts)) for name in who}
    return Side(year=year, crossings=tuple(crossings), outputs=outputs)


def bare(side: Side) -> Side:
    """The same without outputs."""
    return replace(side, outputs={})


def near(found: Mapping[driver.Driver, float], scale: float) -> object:
    return pytest.approx(found, abs=1e-9 * scale)


@given(before=sides(2023), after=sides(2024), by_output=st.booleans())
def test_drivers_close_exactly(before: Side, after: Side, *, by_output: bool) -> None:
    pair = (before, after) if by_output else (bare(before), bare(after))

    found = driver.decompose(*pair)

    scale = max(before.co2e_g, after.co2e_g)
    assert abs(found.unexplained_g) <= 1e-9 * scale
    for each in found.enterprises:
        moved = math.fsum(each.effects_g.values())
        assert moved == pytest.approx(each.after_co2e_g - each.before_co2e_g, abs=1e-9 * scale)
    assert found.ratios is not None
    product = math.prod(found.ratios.values())
    assert product == pytest.approx(after.co2e_g / before.co2e_g)


@given(before=sides(2023), after=sides(2024), by_output=st.booleans())
def test_swapping_the_years_flips_every_drivers_sign(
    before: Side, after: Side, *, by_output: bool
) -> None:
    pair = (before, after) if by_output else (bare(before), bare(after))

    there, back = driver.decompose(*pair), driver.decompose(*reversed(pair))

    flipped = {each: -effect for each, effect in back.effects_g.items()}
    assert there.effects_g == near(flipped, max(before.co2e_g, after.co2e_g))


@given(sides(2023), sides(2024), st.randoms(use_true_random=False))
def test_the_order_of_members_moves_no_driver(before: Side, after: Side, chance: Random) -> None:
    def shuffled(side: Side) -> Side:
        crossings = list(side.crossings)
        chance.shuffle(crossings)
        return replace(side, crossings=tuple(crossings))

    found = driver.decompose(before, after)
    again = driver.decompose(shuffled(before), shuffled(after))

    assert found.effects_g == near(again.effects_g, max(before.co2e_g, after.co2e_g))
    assert [each.enterprise for each in found.enterprises] == [
        each.enterprise for each in again.enterprises
    ]


@given(sides(2023), sides(2024), st.integers(1, 9))
def test_splitting_an_enterprise_in_two_alike_moves_no_driver(
    before: Side, after: Side, tenths: int
) -> None:
    def split(side: Side) -> Side:
        crossings, outputs = list[Crossing](), dict[str, float]()
        for each in side.crossings:
            for part, name in ((tenths, ""), (10 - tenths, "-2")):
                id_ = each.enterprise.enterprise_id + name
                carriers = {
                    carrier: (grams // 10 * part, None if energy is None else energy * part / 10)
                    for carrier, (grams, energy) in each.carriers.items()
                }
                crossings.append(
                    replace(each, enterprise=builders.enterprise(id_), carriers=carriers)
                )
                outputs[f"enterprises/{id_}"] = side.outputs[each.enterprise.name] * part / 10
        return Side(year=side.year, crossings=tuple(crossings), outputs=outputs)

    whole, parts = driver.decompose(before, after), driver.decompose(split(before), split(after))

    assert parts.after.co2e_g == whole.after.co2e_g
    assert parts.effects_g == near(whole.effects_g, max(before.co2e_g, after.co2e_g))


values = arrays(np.float64, (3, 4), elements=st.sampled_from([0.0, 0.5, 1.0, 2.0, 7.0]))


@given(values, values)
def test_a_zero_is_the_limit_of_ever_smaller_numbers(
    before: logarithmic.Floats, after: logarithmic.Floats
) -> None:
    # Slowly, and never quite there: a small number in the place of 0 converges like 1/ln δ.
    def small(factors: logarithmic.Floats, exponent: int) -> logarithmic.Floats:
        return np.where(factors == 0, 10.0**-exponent, factors)

    exact = logarithmic.effects(before, after)

    coarse, fine = (
        logarithmic.effects(small(before, each), small(after, each)) for each in (30, 90)
    )
    far = np.abs(coarse.additive - exact.additive)
    close = np.abs(fine.additive - exact.additive)
    assert np.all(close <= far / 2 + 1e-9)


@given(st.floats(1e-6, 1e6), st.floats(1e-6, 1e6))
def test_the_logarithmic_mean_lies_between_geometric_and_arithmetic(a: float, b: float) -> None:
    found = float(logarithmic.logarithmic_mean(np.array(a), np.array(b)))

    assert math.sqrt(a * b) * (1 - 1e-9) <= found <= (a + b) / 2 * (1 + 1e-9)
    swapped = float(logarithmic.logarithmic_mean(np.array(b), np.array(a)))
    assert found == pytest.approx(swapped, rel=1e-9)


def inhabitants(found: Sequence[Member], by: str) -> list[Inhabitant]:
    return [
        Inhabitant(
            enterprise=each.enterprise,
            months=each.months,
            year=flow.of_lines(each.lines, builders.method(by)),
        )
        for each in found
    ]


def partners(found: Sequence[Member]) -> dict[str, str]:
    return {partner: behind for each in found for partner, behind in each.partners.items()}


def crossings(found: Sequence[Member], by: str) -> tuple[Crossing, ...]:
    return flow.crossing(inhabitants(found, by), partners(found), builders.method(by))


@few
@given(st.data(), st.sampled_from(ZONE_METHODS))
def test_flows_add_up_to_the_net_of_the_zones_inventory(data: st.DataObject, by: str) -> None:
    found = data.draw(members(by))
    cut = [
        member_of(
            each.enterprise,
            each.inventory,
            each.lines,
            partners=each.partners,
            months=data.draw(st.frozensets(st.integers(1, 12))),
        )
        for each in found
    ]

    zone = ledgers.zone(*cut, by=by)

    assert sum(each.co2e_g for each in crossings(cut, by)) == zone.net_co2e_g
    residual = flow.residual(inhabitants(cut, by), partners(cut), builders.method(by))
    assert residual.co2e_g == zone.residual_co2e_g
    # Electricity and heat are CO2 alone by all methods but the protocol.
    assert by == "ghgp" or residual.co2_g == residual.co2e_g


@few
@given(st.data(), st.sampled_from(ZONE_METHODS))
def test_a_bigger_zone_is_its_parts_less_what_they_passed_each_other(
    data: st.DataObject, by: str
) -> None:
    found = data.draw(members(by))
    at = data.draw(st.integers(0, len(found)))
    parts = [group for group in (found[:at], found[at:]) if group]

    whole = ledgers.zone(*found, by=by)
    zones = [ledgers.zone(*group, by=by) for group in parts]

    inside = {tuple(each.passage for each in zone.transfers) for zone in zones}
    known = {passage for group in inside for passage in group}
    between = [each for each in whole.transfers if each.passage not in known]
    bought = sum(each.bought_co2e_g for each in between)
    sold = sum(each.sold_co2e_g for each in between)
    claimed = whole.claimed_inside_co2e_g - sum(each.claimed_inside_co2e_g for each in zones)
    assert whole.net_co2e_g == sum(each.net_co2e_g for each in zones) - bought + sold + claimed


@few
@given(st.data(), st.sampled_from(ZONE_METHODS))
def test_the_order_of_members_moves_no_figure_of_a_zone(data: st.DataObject, by: str) -> None:
    found = data.draw(members(by))

    assert ledgers.zone(*reversed(found), by=by) == ledgers.zone(*found, by=by)


@given(
    nominal=st.integers(1, 10**6),
    indices=st.lists(st.integers(80, 120), min_size=5, max_size=5),
    year=st.integers(2020, 2025),
    base=st.integers(2020, 2025),
)
def test_there_and_back_the_prices_are_the_same(
    nominal: int, indices: list[int], year: int, base: int
) -> None:
    by_year = {2021 + at: Fraction(each, 100) for at, each in enumerate(indices)}

    there = comparable_price.comparable(Fraction(nominal), year, by_year, base)

    assert comparable_price.comparable(there, base, by_year, year) == nominal


def burning(name: str, energy: float | None, tonnes: int) -> Crossing:
    """Who buys a thousand GJ of power and burns coal, whose heat content may be unknown."""
    coal, _, power = CARRIERS
    return Crossing(
        enterprise=builders.enterprise(name),
        carriers={coal: (tonnes * 10**6, energy), power: (10**6, 1000.0)},
        given_back_co2e_g=0,
    )


def test_coal_whose_heat_is_not_known_in_one_year_is_of_no_energy_in_both() -> None:
    known = Side(year=2023, crossings=[burning("a", 5000.0, 500)], outputs={})
    unknown = Side(year=2024, crossings=[burning("a", None, 520)], outputs={})

    found = driver.decompose(known, unknown)

    moved = {each: effect for each, effect in found.effects_g.items() if effect}
    assert moved == {driver.Driver.NON_ENERGY: pytest.approx(20 * 10**6)}
    assert known.crossings[0].without_heat == ()
    assert unknown.crossings[0].without_heat == ("bituminous-coal",)
