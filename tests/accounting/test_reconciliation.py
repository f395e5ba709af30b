"""Statements over books of any figures: they close to the gram, whatever lacks or is divided.

How one formula is exchanged for another, step by step, is in `test_exchange`.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.accounting.domain.activity import Kind
from services.accounting.domain.method import Basis
from services.accounting.domain.reconciliation import Cause, Side, rows
from services.accounting.domain.role import Role
from tests.accounting import builders
from tests.accounting.ledgers import MONTHS, YEAR, Ledger, ledger, row
from tests.accounting.library import COAL, FIGURES, MISSING, Own

ACTIVITIES: tuple[tuple[Kind, str, str], ...] = (
    (Kind.FUEL_COMBUSTION, COAL, "t"),
    (Kind.FEEDSTOCK_USED, COAL, "t"),
    (Kind.FUEL_SOLD, COAL, "t"),
    (Kind.MATERIAL_CONSUMED, "limestone", "t"),
    (Kind.MATERIAL_CONSUMED, "pig-iron", "kg"),
    (Kind.PRODUCT_OUTPUT, "crude-steel", "t"),
    (Kind.PROCESS_INPUT, "pig-iron", "t"),
    (Kind.GAS_RELEASED, "ch4", "kgCH4"),
    (Kind.ELECTRICITY_PURCHASED, "", "kWh"),
    (Kind.ELECTRICITY_PURCHASED, "electricity-non-fossil", "MWh"),
    (Kind.ELECTRICITY_EXPORTED, "electricity-fossil", "MWh"),
    (Kind.HEAT_PURCHASED, "", "GJ"),
    (Kind.HEAT_EXPORTED, "", "GJ"),
    (Kind.GREEN_POWER_CLAIMED, "green-certificate", "MWh"),
    (Kind.GREEN_POWER_CLAIMED, "green-power-trade", "MWh"),
)
"""What a works may report, of which each method counts what it counts."""

LACKABLE = (
    (Role.GRID_RESIDUAL, "electricity"),
    (Role.OXIDATION_RATE, COAL),
    (Role.CO2_PER_HEAT, COAL),
    (Role.CO2_FACTOR, "limestone", "park910"),
)

HALF_MEASURED = Own(
    role=Role.CO2_FACTOR,
    subject=COAL,
    text="2.1 tCO2/t",
    period=builders.period(f"{YEAR}-01-16 {YEAR}-02-01"),
)
"""Of which one method makes two lines of a record and the others one."""

amounts = st.decimals(min_value=0, max_value=10**5, places=4)
factors = st.decimals(min_value=0, max_value=2, places=4)
some = settings(max_examples=60)


@st.composite
def ledgers(draw: st.DrawFn) -> Ledger:
    """The year of a steel works as chance has it, some factors lacking, others of any size."""
    chosen = draw(st.lists(st.sampled_from(ACTIVITIES), min_size=1, max_size=6, unique=True))
    figures: dict[Any, Any] = {
        **FIGURES,
        **dict.fromkeys(draw(st.sets(st.sampled_from(LACKABLE))), MISSING),
        (Role.GRID_AVERAGE, "electricity"): f"{draw(factors)} tCO2/MWh",
        (Role.NET_CALORIFIC_VALUE, COAL, "ghgp"): f"{draw(factors)} GJ(NCV)/t",
        (Role.OXIDATION_RATE, COAL, "park910"): "97.5 %",
    }
    own = [HALF_MEASURED] if draw(st.booleans()) else []
    deeds = [
        row(kind, f"{draw(amounts)} {unit}", month, subject)
        for kind, subject, unit in chosen
        for month in sorted(draw(st.sets(st.sampled_from(MONTHS), min_size=1, max_size=3)))
    ]
    return ledger("mill", "3120", *deeds, figures=figures, own=own)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Side, Side]:
    """Any two totals of a ledger."""
    sides = st.sampled_from(draw(ledgers()).sides())
    return draw(sides), draw(sides)


@some
@given(pairs())
def test_the_rows_of_any_two_totals_add_up_to_their_difference_to_the_gram(
    pair: tuple[Side, Side],
) -> None:
    first, second = pair

    found = rows(first, second)

    assert sum(each.difference_g for each in found) == second.total_g - first.total_g
    assert all(each.difference_g for each in found)
    sizes = [abs(each.difference_g) for each in found]
    assert sizes == sorted(sizes, reverse=True)


@some
@given(pairs())
def test_what_one_side_counts_alone_is_the_same_on_the_way_back(pair: tuple[Side, Side]) -> None:
    first, second = pair
    turned = {
        Cause.NOT_COUNTED: Cause.ONLY_COUNTED_HERE,
        Cause.ONLY_COUNTED_HERE: Cause.NOT_COUNTED,
        Cause.GREEN_POWER: Cause.GREEN_POWER,
    }

    there, back = rows(first, second), rows(second, first)

    assert {
        (turned[each.cause], each.subject, each.to_item, each.from_item, -each.difference_g)
        for each in there
        if each.cause in turned
    } == {
        (each.cause, each.subject, each.from_item, each.to_item, each.difference_g)
        for each in back
        if each.cause in turned
    }


@some
@given(ledgers())
def test_a_total_and_itself_have_no_difference(books: Ledger) -> None:
    for side in books.sides():
        assert rows(side, side) == ()


def test_one_method_under_two_sets_differs_by_its_gases_alone() -> None:
    books = ledger(
        "mill",
        "3120",
        row(Kind.FUEL_COMBUSTION, "1000 t", subject=COAL),
        row(Kind.GAS_RELEASED, "5 kgCH4", subject="ch4"),
        figures=FIGURES,
    )

    found = rows(books.side("ghgp", "gwp100-ar4"), books.side("ghgp", "gwp100-ar6"))

    assert {each.cause for each in found} == {Cause.OTHER_GASES}
    assert sorted(each.text.en for each in found) == [
        "gases other than CO2: CH4 by gwp100-ar4 → CH4 by gwp100-ar6",
        "gases other than CO2: CH4, N2O by gwp100-ar4 → CH4, N2O by gwp100-ar6",
    ]


def claimed(what: str) -> Ledger:
    """Return the books of who buys 100 MWh and claims so much green power."""
    return ledger(
        "mill",
        "3120",
        row(Kind.ELECTRICITY_PURCHASED, "100 MWh"),
        row(Kind.GREEN_POWER_CLAIMED, what, subject="green-certificate"),
        figures=FIGURES,
    )


def test_one_method_on_two_bases_differs_by_what_is_bought_and_claimed() -> None:
    books = claimed("40 MWh")

    found = rows(books.side("ghgp"), books.side("ghgp", basis=Basis.MARKET))

    assert [(each.cause, each.from_item, each.to_item, each.difference_g) for each in found] == [
        (Cause.GREEN_POWER, "", "green_power", -28_000_000),
        (Cause.FACTOR, "electricity_location", "electricity_market", 5_490_000),
    ]


def test_what_both_give_back_of_claims_is_told_as_one() -> None:
    books = claimed("130 MWh")

    found = rows(books.side("ghgp", basis=Basis.MARKET), books.side("park910"))

    (given_back,) = [each for each in found if "claims" in each.to_item]
    assert given_back.cause is Cause.GREEN_POWER
    assert given_back.from_item == given_back.to_item == "claims_beyond_consumption"
    assert given_back.difference_g == 30 * (832_500 - 700_000)


def test_a_record_that_one_method_divides_by_days_is_counted_by_both() -> None:
    coal = row(Kind.FUEL_COMBUSTION, "31 t", subject=COAL)
    books = ledger("mill", "3120", coal, figures=FIGURES, own=[HALF_MEASURED])
    home, ghgp = books.side("gbt32150"), books.side("ghgp")

    (found,) = rows(home, ghgp)

    assert len(ghgp.lines) == 2
    assert (found.cause, found.from_item, found.to_item) == (
        Cause.FORMULA,
        "combustion",
        "combustion",
    )
    assert found.text.en.startswith("divided by days where a factor changes")
    assert found.text.zh.startswith("因子变更处按日拆分")
    assert (found.activity, found.unit) == (Fraction(31), "t")
    assert found.difference_g == ghgp.total_g - home.total_g


def test_a_record_that_one_method_has_no_factor_for_is_not_counted_there() -> None:
    coal = row(Kind.FUEL_COMBUSTION, "1 t", subject=COAL)
    lacking: dict[Any, Any] = {**FIGURES, (Role.CO2_PER_HEAT, COAL): MISSING}
    books = ledger("mill", "3120", coal, figures=lacking)
    home, ghgp = books.side("gbt32150"), books.side("ghgp")

    (found,) = rows(home, ghgp)

    assert (found.cause, found.difference_g) == (Cause.NOT_COUNTED, -home.total_g)
    assert not ghgp.inventory.knows(ghgp.basis)
