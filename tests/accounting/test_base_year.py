"""When a change of a base year's figure is significant, and what is fixed."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accounting.domain.inventory import Inventory, State
from services.accounting.domain.knowledge import base_year
from services.accounting.domain.knowledge.base_year import BaseYear, Change, Event, Policy
from services.accounting.domain.method import Basis
from services.accounting.domain.row import Row
from services.kernel.errors import InventoryIncomplete
from services.kernel.quantity import Quantity
from tests.accounting.ledgers import MONTHS, Ledger, ledger, row

WHY = {"decider": "principals/desk", "reason": "the first year with meters"}
GRAMS = st.integers(-(10**15), 10**15)


def percent(text: str) -> Quantity:
    return Quantity.parse(text, "%")


POLICY = Policy(
    accounting_year=2024, basis=Basis.LOCATION, gwp_set="gwp100-ar6", threshold=percent("5")
)


def books(*more: Row, what: str = "100 MWh") -> Ledger:
    """The year 2024 of a mill: electricity in every month, and `more` besides."""
    return ledger("mill", "1713", *(row(what=what, when=month) for month in MONTHS), *more)


def inventory(ledger_: Ledger) -> Inventory:
    return ledger_.inventory("ghgp")


def fixed(of: Inventory, policy: Policy = POLICY) -> BaseYear:
    """The base year as it was set first, stored at revision 7."""
    return replace(base_year.chosen(None, of, policy, **WHY), revision=7)


def later(of: Inventory, version: int = 2) -> Inventory:
    """The same inventory as the next version."""
    return replace(of, version=version)


def test_what_is_displayed_as_the_threshold_exceeds_it_where_it_is_more() -> None:
    """BEH-22: 5.0000004 against 5 is displayed as 5.00 and is still more."""
    change = Change(fixed_g=1_000_000_000, current_g=1_050_000_004)

    assert change.percent == Fraction("5.0000004")
    assert f"{float(change.percent):.2f}" == "5.00"
    assert change.exceeds(percent("5"))
    assert not change.exceeds(percent("5.0000004"))


@given(fixed_g=GRAMS, current_g=GRAMS)
def test_what_went_down_is_as_significant_as_what_went_up(fixed_g: int, current_g: int) -> None:
    up = Change(fixed_g=fixed_g, current_g=current_g)
    down = Change(fixed_g=fixed_g, current_g=2 * fixed_g - current_g)

    for threshold in ("0", "1", "12.5"):
        assert up.exceeds(percent(threshold)) == down.exceeds(percent(threshold))


@given(
    fixed_g=GRAMS.filter(bool),
    current_g=GRAMS,
    threshold=st.decimals(0, 1000, places=4, allow_nan=False),
)
def test_the_threshold_is_strict_and_nothing_is_rounded(
    fixed_g: int, current_g: int, threshold: Decimal
) -> None:
    change = Change(fixed_g=fixed_g, current_g=current_g)

    whole = abs(current_g - fixed_g) * 100
    bound = Fraction(threshold) * abs(fixed_g)
    assert change.exceeds(percent(f"{threshold:f}")) == (whole > bound)


def test_against_nothing_any_change_is_significant_and_has_no_percentage() -> None:
    assert Change(fixed_g=0, current_g=1).exceeds(percent("1000"))
    assert Change(fixed_g=0, current_g=1).percent is None
    assert not Change(fixed_g=0, current_g=0).exceeds(percent("0"))


@pytest.mark.parametrize(
    ("basis", "gwp_set", "figure"),
    [
        (Basis.LOCATION, "gwp100-ar5", "totals.location-based.co2e_g"),
        (Basis.MARKET, "gwp100-ar6", "totals.market-based.co2e_g.gwp100-ar6"),
    ],
)
def test_the_figure_is_the_total_on_the_basis_and_under_the_set(
    basis: Basis, gwp_set: str, figure: str
) -> None:
    of = inventory(books())
    policy = replace(POLICY, basis=basis, gwp_set=gwp_set)

    found = fixed(of, policy)

    assert policy.figure(of.method) == figure
    assert found.total_g == of.total_by(basis).under(gwp_set)
    assert (found.event, found.version, found.inventory_version) == (Event.SET, 1, of.version)


def test_a_year_that_lacks_something_is_no_base() -> None:
    of = inventory(ledger("mill", "1713", row(when=MONTHS[0])))
    assert of.state is State.INCOMPLETE

    with pytest.raises(InventoryIncomplete) as caught:
        base_year.chosen(None, of, POLICY, **WHY)

    assert [f"{each}" for each in caught.value.missing] == ["days"]
    with pytest.raises(InventoryIncomplete):
        fixed(inventory(books())).restated(later(of), **WHY)


@pytest.mark.parametrize(
    ("more", "below"), [("60 MWh", True), ("60.01 MWh", False)], ids=["just 5 %", "more"]
)
def test_a_change_is_adopted_below_the_threshold_too_and_says_so(more: str, *, below: bool) -> None:
    before = fixed(inventory(books()))
    # The second meter reports every day of the year, or the year lacks something.
    second = [row(what="0 MWh", when=month, source_id="second") for month in MONTHS[1:]]
    added = row(what=more, when=MONTHS[0], source_id="second")
    now = later(inventory(books(*second, added)))

    after = before.restated(now, decider="principals/own", reason="a meter was forgotten")

    assert (after.event, after.below_threshold) == (Event.RESTATED, below)
    assert (after.version, after.inventory_version) == (2, 2)
    assert after.total_g == base_year.total_g(now, POLICY) > before.total_g
    assert (after.revision, after.decider) == (0, "principals/own")


def test_what_is_fixed_already_is_not_adopted_again() -> None:
    of = inventory(books())
    before = fixed(of)

    assert before.restated(of, **WHY) is before


def test_another_threshold_does_not_move_the_figure_and_another_year_does() -> None:
    before = fixed(inventory(books()))
    now = later(inventory(books(what="110 MWh")))

    stricter = base_year.chosen(before, now, replace(POLICY, threshold=percent("1.50")), **WHY)
    market = base_year.chosen(before, now, replace(POLICY, basis=Basis.MARKET), **WHY)

    assert (stricter.version, stricter.policy.threshold.text) == (2, "1.50")
    assert (stricter.inventory_version, stricter.total_g) == (1, before.total_g)
    assert (market.inventory_version, market.total_g) == (
        2,
        now.total_by(Basis.MARKET).under("gwp100-ar6"),
    )
