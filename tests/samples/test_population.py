from __future__ import annotations

import pytest

from samples import population
from samples.population import PUBLISHED_COUNT, Firm, sector_shares


def total_tce(firms: tuple[Firm, ...] | list[Firm]) -> float:
    return sum(firm.energy_tce for firm in firms)


@pytest.fixture(scope="module", params=[1, 2, 3, 8, 20230])
def firms(request: pytest.FixtureRequest) -> tuple[Firm, ...]:
    """A population of the published size; what is published must hold whatever the seed."""
    return population.population(count=PUBLISHED_COUNT, seed=request.param)


def test_seventy_five_firms_hold_two_thirds_of_the_energy(firms: tuple[Firm, ...]) -> None:
    large = [firm for firm in firms if firm.size == "large"]

    assert len(firms) == 1934
    assert len(large) == 75
    assert 100 * total_tce(large) / total_tce(firms) == pytest.approx(66.8, abs=1)


def test_the_energy_is_what_was_published(firms: tuple[Firm, ...]) -> None:
    assert total_tce(firms) == pytest.approx(4_670_900, rel=0.01)


def test_every_sector_has_its_share(firms: tuple[Firm, ...]) -> None:
    for sector, share in sector_shares().items():
        held = [firm for firm in firms if firm.sector == sector]
        assert total_tce(held) / total_tce(firms) == pytest.approx(share, abs=0.001), sector


def test_the_shares_are_the_published_ones() -> None:
    figures = population.published()
    key = figures["energy-of-six-key-industries"] / figures["energy"]
    textiles = figures["energy-of-textiles"] / figures["energy"]

    assert sum(sector_shares().values()) == pytest.approx(1)
    assert sector_shares()["textiles"] == pytest.approx(float(textiles), abs=0.0001)
    assert sum(list(sector_shares().values())[:6]) == pytest.approx(float(key), abs=0.0001)


def test_the_same_seed_gives_the_same_firms_and_another_seed_others() -> None:
    firms = population.population(count=200, seed=1)

    assert population.population(count=200, seed=1) == firms
    assert population.population(count=200, seed=2) != firms


def test_a_smaller_population_is_as_concentrated() -> None:
    firms = population.population(count=967, seed=1)
    large = [firm for firm in firms if firm.size == "large"]

    assert len(large) == 38
    assert 100 * total_tce(large) / total_tce(firms) == pytest.approx(66.8, abs=2)
