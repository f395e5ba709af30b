"""Obligations estimated from inventories."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from services.trading.domain.obligation import (
    NO_DIRECT_EMISSIONS,
    NO_VERIFIED_TOTAL,
    Basis,
    Evidence,
    Inventory,
    Obligation,
    Verified,
    estimate,
    explained,
    owed,
)
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


GUIDE = "ets-power"


def guide(version: int = 1, **others: Any) -> Inventory:
    return builders.inventory(
        800_000_400_000, version=version, method_id=GUIDE, reported_t=Decimal(800_001), **others
    )


def decided(**evidence: Any) -> Obligation:
    found = owed(builders.account(), Evidence(**evidence))
    assert found is not None
    return found


def test_nothing_reported_is_no_obligation() -> None:
    assert owed(builders.account(), Evidence()) is None


def test_the_reported_figure_of_the_guide_goes_before_the_estimate() -> None:
    found = decided(home=builders.inventory(), guide=guide())

    assert (found.basis, found.allowance_count) == (Basis.REPORTED, 800_001)
    assert found.inventory == "enterprises/chp/inventories/2024-ets-power"
    assert found.reported_t == 800_001


def test_a_guide_that_prints_no_stages_counts_its_booked_total_half_up() -> None:
    plain = builders.inventory(1_500_000, method_id=GUIDE, direct_co2e_g=2_500_000)

    assert decided(guide=plain).allowance_count == 3


def test_an_incomplete_guide_leaves_the_estimate_and_says_why_where_there_is_none() -> None:
    incomplete = guide(missing="December")

    assert decided(home=builders.inventory(), guide=incomplete).basis is Basis.ESTIMATE
    alone = decided(guide=incomplete)
    assert not alone.known
    assert alone.missing is not None
    assert alone.missing.en == "December"


def test_a_verification_of_this_version_makes_it_verified() -> None:
    found = decided(guide=guide(2), verifications=(builders.verified(inventory_version=2),))

    assert (found.basis, found.allowance_count) == (Basis.VERIFIED, 800_001)
    assert found.verification == "enterprises/chp/periods/2024/verifications/v-1"


@pytest.mark.parametrize(
    "verified",
    [
        builders.verified(inventory_version=1),
        builders.verified(inventory_version=2, conclusion="NOT_CONFORMING"),
        builders.verified(inventory_version=0),
    ],
)
def test_another_version_or_another_conclusion_verifies_nothing(verified: Verified) -> None:
    assert decided(guide=guide(2), verifications=(verified,)).basis is Basis.REPORTED


def test_the_verified_total_goes_before_the_reported_one() -> None:
    verified = builders.verified(
        conclusion="CONFORMING_WITH_CORRECTIONS", corrected=True, verified_t=Fraction("805000.5")
    )
    found = decided(guide=guide(), verifications=(verified,))

    assert (found.allowance_count, found.reported_t) == (805_001, Decimal("805000.5"))


def test_corrected_figures_without_a_corrected_total_are_no_obligation() -> None:
    verified = builders.verified(conclusion="CONFORMING_WITH_CORRECTIONS", corrected=True)
    found = decided(guide=guide(), verifications=(verified,))

    assert not found.known
    assert found.missing == NO_VERIFIED_TOTAL


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (
            decided(home=builders.inventory()),
            decided(guide=guide()),
            "it now follows enterprises/chp/inventories/2024-ets-power",
        ),
        (
            decided(guide=guide()),
            decided(guide=guide(), verifications=(builders.verified(),)),
            "verified by enterprises/chp/periods/2024/verifications/v-1",
        ),
        (
            decided(guide=guide(), verifications=(builders.verified(),)),
            decided(guide=guide(2), verifications=(builders.verified(),)),
            "the inventory was restated to version 2 after it was verified",
        ),
        (decided(guide=guide()), decided(guide=guide(2)), "the inventory got version 2"),
        (
            decided(guide=guide()),
            decided(guide=guide(3, missing="May")),
            "unknown (enterprises/chp/inventories/2024-ets-power v3)",
        ),
    ],
)
def test_a_change_says_what_it_was_what_it_is_and_why(
    before: Obligation, after: Obligation, words: str
) -> None:
    said = explained(before, after)

    assert said is not None
    assert words in said.en
    assert "→" in said.zh
    assert explained(None, after) is None
