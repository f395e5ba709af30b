"""Why two methods differ over the same records: rows that add up to the gram."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.accounting.domain.activity import Kind
from services.accounting.domain.method import Basis
from services.accounting.domain.reconciliation import Cause, Row, Side, rows
from services.accounting.domain.role import Role
from services.accounting.domain.row import Row as Reported
from tests.accounting import builders
from tests.accounting.ledger import Ledger
from tests.accounting.library import COAL, MISSING, Figures, Own

ACTIVITIES: tuple[tuple[Kind, str, tuple[str, ...]], ...] = (
    (Kind.FUEL_COMBUSTION, COAL, ("t", "kg")),
    (Kind.FEEDSTOCK_USED, COAL, ("t",)),
    (Kind.FUEL_SOLD, COAL, ("t",)),
    (Kind.MATERIAL_CONSUMED, "limestone", ("t",)),
    (Kind.MATERIAL_CONSUMED, "pig-iron", ("t", "kg")),
    (Kind.PRODUCT_OUTPUT, "crude-steel", ("t",)),
    (Kind.PROCESS_INPUT, "pig-iron", ("t",)),
    (Kind.GAS_RELEASED, "ch4", ("kgCH4",)),
    (Kind.ELECTRICITY_PURCHASED, "electricity", ("MWh", "kWh")),
    (Kind.ELECTRICITY_PURCHASED, "electricity-non-fossil", ("MWh",)),
    (Kind.ELECTRICITY_EXPORTED, "electricity-fossil", ("MWh",)),
    (Kind.HEAT_PURCHASED, "heat", ("GJ",)),
    (Kind.HEAT_EXPORTED, "heat", ("GJ",)),
    (Kind.GREEN_POWER_CLAIMED, "green-certificate", ("MWh",)),
    (Kind.GREEN_POWER_CLAIMED, "green-power-trade", ("MWh",)),
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
    period=builders.period("2024-01-16 2024-02-01"),
)
"""Of which one method makes two lines of a record and the others one."""

amounts = st.decimals(min_value=0, max_value=10**5, places=4)
factors = st.decimals(min_value=0, max_value=2, places=4)


def reported(number: int, kind: Kind, subject: str, text: str, when: str = "2024-01") -> Reported:
    is_claim = kind is Kind.GREEN_POWER_CLAIMED
    return builders.row(
        number,
        source_id=f"source-{number}",
        kind=kind,
        subject=subject,
        quantity=builders.quantity(text),
        period=builders.period(when),
        counterparty=builders.GRID_PARTNER if kind.carrier else "",
        evidence="paper" if is_claim or subject.endswith("-non-fossil") else "",
        certificate=f"GEC-{number}" if is_claim else "",
    )


def ledger_of(*activities: tuple[Kind, str, str], **fields: Any) -> Ledger:
    """Return the books of a steel works that reports a January of activities."""
    ledger = Ledger(of=builders.reporter(industry="3120"), **fields)
    ledger.report(*(reported(at, *each) for at, each in enumerate(activities)))
    return ledger


def told(first: Side, second: Side) -> list[tuple[Cause, str, str, int]]:
    return [
        (row.cause, row.from_item, row.to_item, row.difference_g) for row in rows(first, second)
    ]


def texts(found: Sequence[Row]) -> list[str]:
    return [row.text.en for row in found]


@st.composite
def ledgers(draw: st.DrawFn) -> Ledger:
    """The year of a steel works as chance has it, some factors lacking, others of any size."""
    chosen = draw(st.lists(st.sampled_from(ACTIVITIES), min_size=1, max_size=6))
    figures: dict[Any, Any] = dict.fromkeys(draw(st.sets(st.sampled_from(LACKABLE))), MISSING)
    figures[Role.GRID_AVERAGE, "electricity"] = f"{draw(factors)} tCO2/MWh"
    figures[Role.NET_CALORIFIC_VALUE, COAL, "ghgp"] = f"{draw(factors)} GJ(NCV)/t"
    figures[Role.OXIDATION_RATE, COAL, "park910"] = "97.5 %"
    own = [HALF_MEASURED] if draw(st.booleans()) else []
    ledger = Ledger(of=builders.reporter(industry="3120"), figures=figures, own=own)
    for at, (kind, subject, units) in enumerate(chosen):
        months = draw(st.sets(st.integers(1, 12), min_size=1, max_size=3))
        ledger.report(
            *(
                reported(
                    100 * at + month,
                    kind,
                    subject,
                    f"{draw(amounts)} {draw(st.sampled_from(units))}",
                    f"2024-{month:02d}",
                )
                for month in sorted(months)
            )
        )
    return ledger


@st.composite
def sides(draw: st.DrawFn, ledger: Ledger) -> Side:
    """A total of a ledger: of any method, under any of its sets, on any of its bases."""
    method_ids = sorted({method_id for _, method_id in ledger.inventories})
    method = builders.method(draw(st.sampled_from(method_ids)))
    return ledger.side(
        method.method_id,
        draw(st.sampled_from(method.gwp_sets)),
        draw(st.sampled_from(method.bases)),
        year=2024,
    )


@given(st.data())
def test_the_rows_of_any_two_totals_add_up_to_their_difference_to_the_gram(
    data: st.DataObject,
) -> None:
    ledger = data.draw(ledgers())
    first, second = data.draw(sides(ledger)), data.draw(sides(ledger))

    found = rows(first, second)

    assert sum(row.difference_g for row in found) == second.total_g - first.total_g
    assert all(row.difference_g for row in found)
    assert [abs(row.difference_g) for row in found] == sorted(
        (abs(row.difference_g) for row in found), reverse=True
    )


@given(st.data())
def test_the_way_back_undoes_the_way_there(data: st.DataObject) -> None:
    ledger = data.draw(ledgers())
    first, second = data.draw(sides(ledger)), data.draw(sides(ledger))

    there, back = rows(first, second), rows(second, first)

    assert sum(row.difference_g for row in there) == -sum(row.difference_g for row in back)
    alone = {Cause.NOT_COUNTED: Cause.ONLY_COUNTED_HERE, Cause.ONLY_COUNTED_HERE: Cause.NOT_COUNTED}
    assert {
        (alone[row.cause], row.subject, -row.difference_g) for row in there if row.cause in alone
    } == {(row.cause, row.subject, row.difference_g) for row in back if row.cause in alone}


@given(st.data())
def test_a_total_and_itself_have_no_difference(data: st.DataObject) -> None:
    side = data.draw(sides(data.draw(ledgers())))

    assert rows(side, side) == ()


def test_what_one_method_counts_alone_is_not_counted_on_the_other_side() -> None:
    ledger = ledger_of(
        (Kind.ELECTRICITY_PURCHASED, "", "100 MWh"), (Kind.FUEL_COMBUSTION, COAL, "1 t")
    )
    home, steel = ledger.side("gbt32150", year=2024), ledger.side("ets-steel", year=2024)

    there, back = rows(home, steel), rows(steel, home)

    assert (there[0].cause, there[0].from_item, there[0].to_item) == (
        Cause.NOT_COUNTED,
        "electricity_purchased",
        "",
    )
    assert there[0].difference_g == -64_510_000
    assert there[0].text.en == "electricity purchased: in gbt32150 only"
    assert there[0].text.zh == "购入电力：仅 gbt32150 核算"
    assert (there[0].activity, there[0].unit) == (Fraction(100), "MWh")
    assert (back[0].cause, back[0].to_item, back[0].difference_g) == (
        Cause.ONLY_COUNTED_HERE,
        "electricity_purchased",
        64_510_000,
    )


def test_a_factor_of_another_role_in_the_same_place_is_a_factor_exchanged() -> None:
    ledger = ledger_of((Kind.ELECTRICITY_PURCHASED, "", "100 MWh"))

    (row,) = rows(ledger.side("gbt32150", year=2024), ledger.side("park910", year=2024))

    assert (row.cause, row.from_item, row.to_item, row.subject) == (
        Cause.FACTOR,
        "electricity_purchased",
        "electricity_in",
        "electricity",
    )
    assert row.text.en == "grid factor 0.6451 tCO2/MWh → fossil power factor 0.8325 tCO2/MWh"
    assert row.difference_g == 83_250_000 - 64_510_000


def test_one_factor_after_the_other_is_exchanged_and_what_each_makes_is_booked() -> None:
    figures: Figures = {
        (Role.NET_CALORIFIC_VALUE, COAL, "ets-steel"): "20 GJ(NCV)/t",
        (Role.CARBON_CONTENT_PER_HEAT, COAL, "ets-steel"): "27 tC/TJ(NCV)",
    }
    ledger = ledger_of((Kind.FUEL_COMBUSTION, COAL, "1000 t"), figures=figures)
    home, steel = ledger.side("gbt32150", year=2024), ledger.side("ets-steel", year=2024)

    found = {row.text.en: row for row in rows(home, steel)}

    def grams(heat: str, carbon: str, share: str) -> int:
        exact = Fraction(heat) * Fraction(carbon) / 1000 * Fraction(share) * 44 / 12 * 1000
        return int(exact * 10**6 + Fraction(1, 2))

    begin, heat, carbon, end = (
        grams("23.204", "26.18", "0.93"),
        grams("20", "26.18", "0.93"),
        grams("20", "27", "0.93"),
        grams("20", "27", "1"),
    )
    assert {text: row.difference_g for text, row in found.items()} == {
        "net calorific value 23.204 GJ(NCV)/t → 20 GJ(NCV)/t": heat - begin,
        "carbon content per heat 26.18 tC/TJ(NCV) → 27 tC/TJ(NCV)": carbon - heat,
        "oxidation rate 93 % → not applied": end - carbon,
    }
    assert found["oxidation rate 93 % → not applied"].cause is Cause.FORMULA
    assert found["oxidation rate 93 % → not applied"].text.zh == "碳氧化率 93 % → 不采用"


def test_gases_beside_co2_are_a_row_of_their_own() -> None:
    ledger = ledger_of((Kind.FUEL_COMBUSTION, COAL, "1000 t"))

    found = rows(ledger.side("gbt32150", year=2024), ledger.side("ghgp", year=2024))

    (gases,) = [row for row in found if row.cause is Cause.OTHER_GASES]
    line = ledger.line("source-0-2024-01-ghgp-combustion")
    assert gases.difference_g == line.booked.under("gwp100-ar5") - line.booked.co2_g
    assert gases.text.en == "gases other than CO2: none → CH4, N2O by gwp100-ar5"
    assert gases.text.zh == "二氧化碳以外的气体：无 → CH4、N2O（gwp100-ar5）"


def test_one_method_under_two_sets_differs_by_its_gases_alone() -> None:
    ledger = ledger_of(
        (Kind.FUEL_COMBUSTION, COAL, "1000 t"), (Kind.GAS_RELEASED, "ch4", "5 kgCH4")
    )

    found = rows(
        ledger.side("ghgp", "gwp100-ar4", year=2024), ledger.side("ghgp", "gwp100-ar6", year=2024)
    )

    assert {row.cause for row in found} == {Cause.OTHER_GASES}
    assert sorted(texts(found)) == [
        "gases other than CO2: CH4 by gwp100-ar4 → CH4 by gwp100-ar6",
        "gases other than CO2: CH4, N2O by gwp100-ar4 → CH4, N2O by gwp100-ar6",
    ]


def test_one_method_on_two_bases_differs_by_what_is_bought_and_claimed() -> None:
    ledger = ledger_of(
        (Kind.ELECTRICITY_PURCHASED, "", "100 MWh"),
        (Kind.GREEN_POWER_CLAIMED, "green-certificate", "40 MWh"),
    )
    location = ledger.side("ghgp", year=2024)
    market = ledger.side("ghgp", basis=Basis.MARKET, year=2024)

    assert told(location, market) == [
        (Cause.GREEN_POWER, "", "green_power", -28_000_000),
        (Cause.FACTOR, "electricity_location", "electricity_market", 5_490_000),
    ]


def test_what_is_given_back_of_claims_is_told_with_green_power() -> None:
    ledger = ledger_of(
        (Kind.ELECTRICITY_PURCHASED, "", "100 MWh"),
        (Kind.GREEN_POWER_CLAIMED, "green-certificate", "130 MWh"),
    )
    home, market = (
        ledger.side("gbt32150", year=2024),
        ledger.side("ghgp", basis=Basis.MARKET, year=2024),
    )

    green = [row for row in rows(home, market) if row.cause is Cause.GREEN_POWER]

    assert [(row.to_item, row.difference_g) for row in green] == [
        ("green_power", -91_000_000),
        ("claims_beyond_consumption", 21_000_000),
    ]
    back = [row for row in rows(market, home) if row.cause is Cause.GREEN_POWER]
    assert [(row.from_item, row.difference_g) for row in back] == [
        ("green_power", 91_000_000),
        ("claims_beyond_consumption", -21_000_000),
    ]


def test_months_of_one_cause_are_added_up_with_their_activity_and_the_span_of_their_factors() -> (
    None
):
    ledger = ledger_of()
    for month, factor in ((1, "0.6"), (2, "0.7")):
        ledger.figures = {(Role.GRID_AVERAGE, "electricity"): f"{factor} tCO2/MWh"}
        ledger.report(
            reported(month, Kind.ELECTRICITY_PURCHASED, "", "10 MWh", f"2024-{month:02d}")
        )

    (row,) = rows(ledger.side("gbt32150", year=2024), ledger.side("park910", year=2024))

    assert row.text.en == (
        "grid factor 0.6 tCO2/MWh … 0.7 tCO2/MWh → fossil power factor 0.8325 tCO2/MWh"
    )
    assert (row.activity, row.unit) == (Fraction(20), "MWh")
    assert row.difference_g == 10 * (832_500 - 600_000) + 10 * (832_500 - 700_000)


def test_a_record_that_one_method_has_no_factor_for_is_not_counted_there() -> None:
    ledger = ledger_of(
        (Kind.FUEL_COMBUSTION, COAL, "1 t"), figures={(Role.CO2_PER_HEAT, COAL): MISSING}
    )
    home, ghgp = ledger.side("gbt32150", year=2024), ledger.side("ghgp", year=2024)

    (row,) = rows(home, ghgp)

    assert (row.cause, row.difference_g) == (Cause.NOT_COUNTED, -home.total_g)
    assert not ghgp.inventory.knows(ghgp.basis)


def test_a_record_that_one_method_divides_by_days_is_counted_by_both() -> None:
    ledger = ledger_of((Kind.FUEL_COMBUSTION, COAL, "31 t"), own=[HALF_MEASURED])
    home, ghgp = ledger.side("gbt32150", year=2024), ledger.side("ghgp", year=2024)

    (row,) = rows(home, ghgp)

    assert len(ghgp.lines) == 2
    assert (row.cause, row.from_item, row.to_item) == (Cause.FORMULA, "combustion", "combustion")
    assert row.text.en.startswith("divided by days where a factor changes")
    assert (row.activity, row.unit) == (Fraction(31), "t")
    assert row.difference_g == ghgp.total_g - home.total_g


def test_what_both_give_back_of_claims_is_told_as_one() -> None:
    ledger = ledger_of(
        (Kind.ELECTRICITY_PURCHASED, "", "100 MWh"),
        (Kind.GREEN_POWER_CLAIMED, "green-certificate", "130 MWh"),
    )
    market = ledger.side("ghgp", basis=Basis.MARKET, year=2024)
    park = ledger.side("park910", year=2024)

    (given_back,) = [row for row in rows(market, park) if "claims" in row.to_item]

    assert given_back.from_item == given_back.to_item == "claims_beyond_consumption"
    assert given_back.difference_g == 30 * (832_500 - 700_000)
