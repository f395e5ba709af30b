"""Golden cases of drivers and trends: by the bare method, and by the zone's own identity."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from services.accounting import files
from services.accounting.domain.activity import Kind
from services.accounting.domain.driver import logarithmic, zone
from services.accounting.domain.driver.zone import DRIVERS, Side
from services.accounting.domain.flow import Carrier, Crossing
from services.accounting.domain.trend import decline, decoupling
from tests.accounting import builders

HERE = Path(__file__).parent
CASES = {
    case["id"]: case for case in tomllib.loads((HERE / "lmdi.toml").read_text("utf-8"))["cases"]
}
ZONE: Mapping[str, Any] = tomllib.loads((HERE / "lmdi-7.toml").read_text("utf-8"))
TRENDS: Mapping[str, Any] = tomllib.loads((HERE / "trend.toml").read_text("utf-8"))
CARRIERS = {
    "coal": Carrier(kind=Kind.FUEL_COMBUSTION, subject="bituminous-coal"),
    "gas": Carrier(kind=Kind.FUEL_COMBUSTION, subject="natural-gas"),
    "electricity": Carrier(kind=Kind.ELECTRICITY_PURCHASED, subject="electricity"),
}
SCALE = 10**9
"""Grams are whole: the small numbers of the case are told in thousands of tonnes."""


def effects(case: Mapping[str, Any]) -> logarithmic.Effects:
    if "before" in case:
        return logarithmic.effects(np.array(case["before"]), np.array(case["after"]))
    sides = []
    for when in ("before", "after"):
        energy, output = (np.array(case[f"{each}_{when}"]) for each in ("energy", "output"))
        whole = np.full_like(output, output.sum())
        sides.append(np.array([whole, output / output.sum(), energy / output]))
    return logarithmic.effects(*sides)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_additive_effects_are_those_of_the_case(case: Mapping[str, Any]) -> None:
    found = dict(zip(case["factors"], effects(case).additive, strict=True))

    expected = case["additive"]
    assert found == pytest.approx(expected, rel=case["rel_tolerance"], abs=1e-12)
    done = effects(case)
    assert math.fsum(found.values()) == pytest.approx(done.after.sum() - done.before.sum())


@pytest.mark.parametrize(
    "case",
    [case for case in CASES.values() if "multiplicative" in case],
    ids=lambda case: case["id"],
)
def test_the_multiplicative_effects_are_those_of_the_case(case: Mapping[str, Any]) -> None:
    ratios = effects(case).multiplicative

    assert ratios is not None
    found = dict(zip(case["factors"], ratios, strict=True))
    assert found == pytest.approx(case["multiplicative"], rel=case["rel_tolerance"])


def test_the_logarithmic_mean_is_that_of_lmdi_5() -> None:
    mean = float(logarithmic.logarithmic_mean(np.array(0.5913), np.array(0.565)))

    assert mean == pytest.approx(0.5780502874905101, rel=1e-9)
    assert round(mean, 3) == 0.578


def crossings(when: int) -> Iterator[Crossing]:
    """Yield the case's sectors as members of a zone."""
    for sector in ("chem", "elec"):
        output = ZONE["activity"][when] * ZONE["structure"][sector][when]
        energy = output * ZONE["intensity"][sector][when]
        carriers: dict[Carrier, tuple[int, float | None]] = {}
        for name, carrier in CARRIERS.items():
            used = energy * ZONE["mix"][sector][name][when]
            carriers[carrier] = (round(used * ZONE["factor"][name][when] * SCALE), used)
        yield Crossing(
            enterprise=builders.enterprise(sector), carriers=carriers, given_back_co2e_g=0
        )


def side(when: int) -> Side:
    return Side(
        year=2020 + when,
        crossings=tuple(crossings(when)),
        outputs={
            f"enterprises/{sector}": ZONE["activity"][when] * ZONE["structure"][sector][when]
            for sector in ("chem", "elec")
        },
    )


def test_the_drivers_of_a_zone_are_those_of_lmdi_7() -> None:
    found = zone.decompose(side(0), side(1))

    expected = ZONE["expected"]
    assert found.before.co2e_g / SCALE == pytest.approx(expected["before"])
    assert found.after.co2e_g / SCALE == pytest.approx(expected["after"])
    for driver in DRIVERS:
        assert found.effects_g[driver] / SCALE == pytest.approx(
            expected[driver], rel=ZONE["rel_tolerance"], abs=1e-9
        )
    assert abs(found.unexplained_g) < 1


@pytest.mark.parametrize("case", TRENDS["decoupling"], ids=lambda case: case["id"])
def test_states_of_decoupling_are_called_as_they_were_published(case: Mapping[str, Any]) -> None:
    rule = files.zone_rules().decoupling
    state = decoupling.state(1.0, 1.0, case["elasticity"], rule)

    assert (state.words.zh, state.words.en) == (case["expected"], case["expected_en"])


@pytest.mark.parametrize("case", TRENDS["decline"], ids=lambda case: case["id"])
def test_chained_declines_make_what_was_published(case: Mapping[str, Any]) -> None:
    found = 100 * decline.cumulative([each / 100 for each in case["annual_percent"]])

    assert round(found, 4) == case["expected_percent"]
    assert abs(found - case["published_percent"]) <= case["abs_tolerance_percent"]
    years = len(case["annual_percent"])
    equal = decline.equivalent_annual(found / 100, years)
    assert decline.cumulative([equal] * years) == pytest.approx(found / 100)
