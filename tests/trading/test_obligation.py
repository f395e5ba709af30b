"""Obligations estimated from inventories."""

from __future__ import annotations

import pytest

from services.trading.domain.obligation import NO_DIRECT_EMISSIONS, Basis, estimate
from tests.trading import builders


@pytest.mark.parametrize(
    ("grams", "tonnes"),
    [
        (1_000_000, 1),
        (1_499_999, 1),
        (1_500_000, 2),
        (2_500_000, 3),
        (1, 0),
        (1_782_377_499_999, 1_782_377),
    ],
)
def test_grams_become_whole_tonnes_half_up(grams: int, tonnes: int) -> None:
    obligation = builders.obligation(grams)

    assert (obligation.known, obligation.allowance_count) == (True, tonnes)
    assert obligation.basis is Basis.ESTIMATE
    assert obligation.missing is None
    assert obligation.inventory == "enterprises/chp/inventories/2024"


def test_an_incomplete_inventory_gives_no_tonnes_but_the_reason_in_two_languages() -> None:
    obligation = builders.obligation(missing="process emissions")

    assert (obligation.known, obligation.allowance_count) == (False, 0)
    assert obligation.missing is not None
    assert obligation.missing.en == "process emissions"
    assert obligation.missing.zh == "缺少 process emissions"
    assert obligation.direct_co2_g == 900_000_000_000


def test_a_complete_inventory_without_fuel_is_no_obligation_of_nothing() -> None:
    obligation = builders.obligation(0)

    assert not obligation.known
    assert obligation.missing == NO_DIRECT_EMISSIONS


def test_a_version_of_the_inventory_that_says_the_same_makes_the_same_obligation() -> None:
    account = builders.account()

    first = estimate(account, builders.inventory(version=1))
    assert first == estimate(account, builders.inventory(version=2))
    assert first != estimate(account, builders.inventory(1_000_000, version=2))
    assert first != estimate(account, builders.inventory(version=2, missing="December"))
