"""The uncertainty of a total: which causes it has, how they add, and what is lacking."""

from __future__ import annotations

from math import hypot, sqrt
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.accounting.domain.activity import Kind
from services.accounting.domain.method import Basis
from services.accounting.domain.quality.monte_carlo import Simulated, simulated
from services.accounting.domain.quality.uncertainty import LackKind, propagated
from services.accounting.domain.role import Role
from services.kernel.mass import Gas
from tests.accounting import library
from tests.accounting.ledgers import MONTHS, Ledger, ledger, row, year_of
from tests.accounting.quality import asked, effects_t, percent

GRID = "1 tCO2/MWh"
BOUGHT, SOLD, FUEL = (
    Kind.ELECTRICITY_PURCHASED,
    Kind.ELECTRICITY_EXPORTED,
    Kind.FUEL_COMBUSTION,
)
FIGURES: library.Figures = {Role.GRID_AVERAGE: GRID}


def books(*rows: Any, **fields: Any) -> Ledger:
    return ledger("mill", "1713", *rows, by=["gbt32150"], figures=FIGURES, **fields)


def test_a_source_and_its_factor_are_independent() -> None:
    found = propagated(asked(books(row(BOUGHT, "100 MWh")), "3", "4"))

    assert percent(found) == pytest.approx(5)


def test_two_sources_with_one_factor_share_its_error() -> None:
    both = books(row(BOUGHT, "60 MWh", source_id="east"), row(BOUGHT, "40 MWh", source_id="west"))

    found = propagated(asked(both, "10", "8"))

    # The factor moves all 100 t by 8 % at once, each meter its own part.
    assert percent(found) == pytest.approx(sqrt(8**2 + 6**2 + 4**2))
    assert found is not None
    (shared,) = [each for each in found.contributions if len(each.source_ids) > 1]
    assert shared.source_ids == ("east", "west")
    assert shared.cause.name.endswith("@1")


def test_two_factors_are_not_taken_for_one() -> None:
    both = books(
        row(BOUGHT, "60 MWh"), row(Kind.HEAT_PURCHASED, "400 GJ"), row(FUEL, "1 t", subject="coke")
    )

    found = propagated(
        asked(both, "0", {"electricity": ("0.9", "1.1"), "heat": ("0.099", "0.121")})
    )
    assert found is None  # The coke's factors have no bounds.
    found = propagated(
        asked(books(row(BOUGHT, "60 MWh"), row(Kind.HEAT_PURCHASED, "400 GJ")), "0", "10")
    )

    assert percent(found) == pytest.approx(10 * hypot(60, 44) / 104)


def test_what_is_sold_cancels_in_the_error_of_a_shared_factor() -> None:
    both = books(row(BOUGHT, "100 MWh"), row(SOLD, "80 MWh", source_id="outlet"))

    found = propagated(asked(both, "0", "10"))

    # 20 t remain, and the factor is wrong by 10 % in them alone.
    assert percent(found) == pytest.approx(10)


def test_a_total_of_nothing_has_a_width_and_no_ratio() -> None:
    both = books(row(BOUGHT, "100 MWh"), row(SOLD, "100 MWh", source_id="outlet"))

    found = propagated(asked(both, "10"))

    assert found is not None
    assert found.half_width_ratio is None
    assert found.half_width_g == pytest.approx(sqrt(2) * 10e6)


def test_a_source_is_wrong_alike_in_all_its_months() -> None:
    whole = books(*year_of(BOUGHT, "10 MWh"))
    once = books(row(BOUGHT, "120 MWh"))

    for each in (whole, once):
        assert percent(propagated(asked(each, "6", "8"))) == pytest.approx(10)


def test_a_factor_weighs_as_its_formula_has_it() -> None:
    anode: library.Figures = {
        Role.ANODE_CARBON: "0.5 tC/t",
        Role.SULPHUR_SHARE: "20 %",
        Role.ASH_SHARE: "30 %",
        Role.CF4_FACTOR: "0 kgCF4/t",
        Role.C2F6_FACTOR: "0 kgC2F6/t",
    }
    smelter = ledger(
        "mill",
        "3216",
        row(Kind.PRODUCT_OUTPUT, "12 t", subject="aluminium"),
        by=["ets-aluminium"],
        figures=anode,
    )

    found = propagated(asked(smelter, "0", "10", by="ets-aluminium"))

    # 12 × 0.5 × (1 − 0.2 − 0.3) × 44/12 = 11 t; the shares take away, each by its own size.
    moved = {name.partition("/factors/")[2]: t for name, t in effects_t(found).items()}
    assert moved["aluminium-anode-carbon@1"] == pytest.approx(1.1)
    assert moved["aluminium-sulphur-share@1"] == pytest.approx(-22 * 0.02)
    assert moved["aluminium-ash-share@1"] == pytest.approx(-22 * 0.03)


def test_a_gas_weighs_by_its_potential_and_the_potential_is_exact() -> None:
    burnt = ledger("mill", "1713", row(FUEL, "100 t", subject="anthracite"), by=["ghgp"])

    found = propagated(asked(burnt, "0", "10", by="ghgp"))

    (line,) = burnt.current("ghgp")
    moved = {name.rpartition("-")[2]: t for name, t in effects_t(found).items()}
    methane_t = 30 * dict(line.booked.other_mg)[Gas.CH4] / 10**9
    assert moved["ch4@1"] == pytest.approx(methane_t / 10, rel=1e-6)
    assert not any("gwp" in name for name in moved)


def test_the_farther_end_of_a_lopsided_interval_counts() -> None:
    found = propagated(asked(books(row(BOUGHT, "1 MWh")), "0", {"electricity": ("0.7", "1.1")}))

    assert percent(found) == pytest.approx(30)


def test_a_claim_counts_as_far_as_electricity_was_bought() -> None:
    claimed = ledger(
        "mill",
        "1713",
        row(BOUGHT, "100 MWh"),
        row(Kind.GREEN_POWER_CLAIMED, "150 MWh", subject="green-certificate"),
        by=["ghgp"],
        figures={Role.GRID_RESIDUAL: GRID, Role.GRID_AVERAGE: GRID},
    )

    found = propagated(asked(claimed, "10", by="ghgp", basis=Basis.MARKET))

    moved = effects_t(found)
    assert moved["electricity-purchased-grid"] == pytest.approx(10)
    assert moved["green-power-claimed-grid-green-certifica"] == pytest.approx(-10)


def test_the_other_basis_has_other_lines() -> None:
    both = ledger(
        "mill",
        "1713",
        row(BOUGHT, "100 MWh"),
        by=["ghgp"],
        figures={Role.GRID_RESIDUAL: "2 tCO2/MWh", Role.GRID_AVERAGE: GRID},
    )

    for basis, tonnes in ((Basis.LOCATION, 10), (Basis.MARKET, 20)):
        found = propagated(asked(both, "10", by="ghgp", basis=basis))
        assert effects_t(found)["electricity-purchased-grid"] == pytest.approx(tonnes)


def test_nothing_has_no_uncertainty_and_not_one_of_0() -> None:
    """INT-06: an empty inventory has none."""
    emptied = ledger("mill", "1713", row(FUEL, "1 t", subject="coke"), by=["ghgp"])
    emptied.lines.clear()

    question = asked(emptied, "5", by="ghgp")

    assert [lack.kind for lack in question.lacks] == [LackKind.NOTHING_COUNTED]
    assert propagated(question) is None
    assert simulated(question, seed=1, sample_count=1000) is None


def test_one_line_without_an_uncertainty_leaves_the_total_without_one() -> None:
    both = books(row(BOUGHT, "60 MWh"), row(FUEL, "1 t", subject="coke"))

    question = asked(both, {"electricity-purchased-grid": "5"}, {"electricity": ("0.9", "1.1")})

    assert propagated(question) is None
    lacking = [(lack.kind, lack.subject.rpartition("/")[2]) for lack in question.lacks]
    assert lacking[0] == (LackKind.MEASUREMENT_UNSTATED, "fuel-combustion-grid-coke")
    assert {kind for kind, _ in lacking[1:]} == {LackKind.FACTOR_UNBOUNDED}
    assert len(lacking) == 4  # Its calorific value, carbon content and oxidation rate.
    assert all(lack.source_ids == ("fuel-combustion-grid-coke",) for lack in question.lacks)
    assert all(
        lack.lines == ("enterprises/mill/lines/fuel-combustion-grid-coke-2024-01",)
        for lack in question.lacks
    )
    assert "95 %" in question.lacks[1].text.en
    assert "95%" in question.lacks[1].text.zh


def test_a_figure_that_is_missing_is_lacking_too() -> None:
    half = ledger(
        "mill",
        "1713",
        row(BOUGHT, "60 MWh"),
        row(FUEL, "1 t", subject="coke"),
        by=["gbt32150", "ghgp"],
        figures={(Role.CO2_PER_HEAT, "coke"): library.MISSING},
    )

    question = asked(half, "5", "5", by="ghgp", basis=Basis.LOCATION)

    assert [(lack.kind, lack.subject) for lack in question.lacks] == [
        (LackKind.FIGURE_MISSING, "fuel-combustion-grid-coke")
    ]
    assert MONTHS[0] in question.lacks[0].text.en


def drawn(each: Ledger, *, seed: int = 7, count: int = 20_000, **fields: Any) -> Simulated:
    found = simulated(asked(each, **fields), seed=seed, sample_count=count)
    assert found is not None
    return found


def test_a_seed_gives_the_same_samples_and_another_one_others() -> None:
    mill = books(row(BOUGHT, "100 MWh"))

    def of(seed: int) -> Simulated:
        return drawn(mill, seed=seed, count=1000, percents="10", ends="10")

    assert of(7) == of(7)
    assert of(7).mean_g != of(8).mean_g
    assert (of(7).seed, of(7).sample_count) == (7, 1000)


def test_samples_agree_with_the_propagation_where_errors_are_small() -> None:
    mill = books(
        row(BOUGHT, "100 MWh"),
        row(SOLD, "40 MWh", source_id="outlet"),
        row(FUEL, "10 t", subject="coke"),
        row(Kind.HEAT_PURCHASED, "400 GJ"),
    )
    terms: dict[str, Any] = {"percents": "3", "ends": "4"}

    samples, found = drawn(mill, **terms), propagated(asked(mill, **terms))

    assert found is not None
    total_g = asked(mill, **terms).total_g
    assert samples.mean_g == pytest.approx(total_g, rel=0.002)
    assert samples.deviation_g * 1.96 == pytest.approx(found.half_width_g, rel=0.03)
    assert (samples.upper_g - samples.lower_g) / 2 == pytest.approx(found.half_width_g, rel=0.03)


def test_a_shared_factor_is_drawn_once() -> None:
    both = books(row(BOUGHT, "100 MWh"), row(SOLD, "99.99 MWh", source_id="outlet"))

    samples = drawn(both, percents="0", ends="50")

    # 0.01 t remain, wrong by a quarter of themselves; drawn twice it would be tens of tonnes.
    assert samples.deviation_g == pytest.approx(10_000 * 0.5 / 1.96, rel=0.03)


def test_no_sample_of_an_amount_is_negative() -> None:
    samples = drawn(books(row(BOUGHT, "1 MWh")), percents="100", ends="0")

    assert samples.lower_g > 0
    assert samples.mean_g > 1e6, "what was cut off below lifts the mean"


@settings(max_examples=25)
@given(
    st.lists(st.tuples(st.integers(1, 1000), st.integers(0, 50)), min_size=1, max_size=5),
    st.integers(0, 50),
)
def test_the_error_of_a_sum_lies_between_none_and_the_sum_of_the_errors(
    sources: list[tuple[int, int]], of_factor: int
) -> None:
    rows = [
        row(BOUGHT, f"{amount} MWh", source_id=f"meter-{at}")
        for at, (amount, _) in enumerate(sources)
    ]
    percents = {f"meter-{at}": str(each) for at, (_, each) in enumerate(sources)}

    found = percent(propagated(asked(books(*rows), percents, str(of_factor))))

    largest = max(hypot(each, of_factor) for _, each in sources)
    assert of_factor * (1 - 1e-9) <= found <= largest * (1 + 1e-9)


@settings(max_examples=25)
@given(st.permutations(range(4)))
def test_the_order_of_lines_moves_nothing(order: list[int]) -> None:
    rows = [
        row(BOUGHT, "3 MWh"),
        row(SOLD, "1 MWh", source_id="outlet"),
        row(FUEL, "7 t", subject="coke"),
        row(Kind.HEAT_PURCHASED, "9 GJ"),
    ]

    straight = asked(books(*rows), "7", "9")
    other = asked(books(*(rows[at] for at in order)), "7", "9")

    assert propagated(other) == propagated(straight)
