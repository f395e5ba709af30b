"""How a zone moves over years: declines, states of decoupling, prices."""

from __future__ import annotations

from fractions import Fraction

import pytest

from services.accounting import files
from services.accounting.domain import comparable_price
from services.accounting.domain.trend import decoupling
from services.accounting.domain.trend import zone as trend
from services.accounting.domain.trend.decoupling import Decoupling
from services.accounting.domain.trend.zone import Year
from services.kernel.errors import ParameterUndeclared

RULE = files.zone_rules().decoupling

# Tapio's eight states: emissions after, output after, both 100 before.
STATES = """
130 110 EXPANSIVE_NEGATIVE
110 110 EXPANSIVE_COUPLING
102 110 WEAK
100 110 WEAK
 90 110 STRONG
110  90 STRONG_NEGATIVE
 70  90 RECESSIVE
 90  90 RECESSIVE_COUPLING
 98  90 WEAK_NEGATIVE
100  90 WEAK_NEGATIVE
110 100 UNDEFINED
"""
ROWS = [line.split() for line in STATES.strip().splitlines()]


def year(of: int, tonnes: int, output: int | None, energy: float | None = 1000.0) -> Year:
    return Year(
        year=of,
        net_co2e_g=tonnes * 10**6,
        energy_gj=energy,
        output=None if output is None else Fraction(output),
    )


@pytest.mark.parametrize(("emissions", "output", "state"), ROWS)
def test_each_state_is_told(emissions: str, output: str, state: str) -> None:
    found = trend.trend([year(2023, 100, 100), year(2024, int(emissions), int(output))], RULE)

    assert found.whole.decoupling is Decoupling(state)


@pytest.mark.parametrize(("elasticity", "state"), [(0.8, "coupling"), (1.2, "coupling")])
def test_the_bounds_belong_to_coupling(elasticity: float, state: str) -> None:
    assert decoupling.state(1.0, 1.0, elasticity, RULE).words.en.endswith(state)


def test_declines_are_chained_from_the_first_year_on() -> None:
    found = trend.trend([year(2022, 100, 100), year(2023, 95, 100), year(2024, 95, 110)], RULE)

    annual = [each.annual_decline for each in found.steps]
    assert annual[0] is None
    assert annual[1:] == pytest.approx([0.05, 1 - 100 / 110])
    assert found.steps[2].cumulative_decline == pytest.approx(1 - 0.95 / 1.1)
    assert found.whole.cumulative_decline == found.steps[2].cumulative_decline
    assert found.equivalent_annual == pytest.approx(1 - (0.95 / 1.1) ** 0.5)


def test_a_chain_with_a_missing_link_says_nothing() -> None:
    found = trend.trend([year(2022, 100, 100), year(2023, 95, None), year(2024, 90, 110)], RULE)

    assert [each.cumulative_decline for each in found.steps] == [None] * 3
    assert found.equivalent_annual is None
    assert found.elasticity is None
    assert found.whole.tapio == pytest.approx(-1)


def test_energy_that_is_not_known_makes_no_elasticity() -> None:
    known = [year(2023, 100, 100, 1000.0), year(2024, 100, 110, 1050.0)]
    unknown = [known[0], year(2024, 100, 110, None)]

    assert trend.trend(known, RULE).elasticity == pytest.approx(0.5)
    assert trend.trend(unknown, RULE).elasticity is None


def test_a_chain_of_prices_goes_across_a_change_of_their_base() -> None:
    indices = {2021: Fraction("1.02"), 2022: Fraction("1.03")}

    assert comparable_price.comparable(Fraction("105.06"), 2022, indices, 2020) == 100
    with pytest.raises(ParameterUndeclared, match="price_index of 2023"):
        comparable_price.comparable(Fraction(100), 2023, indices, 2020)
