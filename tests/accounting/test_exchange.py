"""Why two totals of the same records differ: each cause in words, and together to the gram."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from services.accounting.domain.activity import Kind
from services.accounting.domain.method import Basis
from services.accounting.domain.reconciliation import Cause, Row, Side, rows
from services.accounting.domain.role import Role
from services.kernel.mass import Rounding
from tests.accounting import builders
from tests.accounting.ledgers import MONTHS, Ledger, ledger, row, year_of
from tests.accounting.library import Own

STEEL, SMELTER, POWER, PAPER = "3120", "3216", "4411", "1713"
BURNT = year_of(Kind.FUEL_COMBUSTION, "100 t", "anthracite")


def told(found: Sequence[Row]) -> dict[str, int]:
    """Return what each row makes, by its text; no two rows say the same."""
    texts = {each.text.en: each.difference_g for each in found}
    assert len(texts) == len(found), "each row says what no other does"
    return texts


def statement(first: Side, second: Side) -> tuple[Row, ...]:
    """Return the statement, of which the sum is what lies between the totals."""
    found = rows(first, second)
    assert sum(each.difference_g for each in found) == second.total_g - first.total_g
    return found


def test_two_totals_that_agree_have_nothing_to_tell() -> None:
    books = ledger("mill", PAPER, *BURNT)

    assert statement(books.side(), books.side("park910")) == ()
    assert statement(books.side(), books.side()) == ()


def test_a_factor_is_exchanged_and_an_oxidation_rate_dropped() -> None:
    books = ledger("mill", STEEL, *BURNT)

    found = statement(books.side(), books.side("ets-steel"))

    # 1200 t × 0.509 GJ/t × 27.49 kgC/GJ × 94 % × 44/12, then 6/94 of what that leads to; each
    # month is booked by itself.
    assert told(found) == {
        "oxidation rate 94 % → not applied": 181_608_180,
        "net calorific value 24.515 GJ(NCV)/t → 25.024 GJ(NCV)/t": 57_872_604,
    }
    assert [each.cause for each in found] == [Cause.FORMULA, Cause.FACTOR]
    assert found[0].text.zh == "碳氧化率 94 % → 不采用"
    assert found[1].text.zh == "低位发热量 24.515 GJ(NCV)/t → 25.024 GJ(NCV)/t"


def test_figures_that_are_worth_the_same_make_no_row() -> None:
    books = ledger("mill", STEEL, *BURNT)

    texts = told(statement(books.side(), books.side("ets-steel")))

    # 27.49 tC/TJ and 0.02749 tC/GJ are written differently and are one figure.
    assert not any("carbon content per heat" in text for text in texts)


def test_the_months_of_a_year_are_one_row_with_the_activity_of_all() -> None:
    books = ledger("mill", STEEL, *BURNT)

    found = statement(books.side(), books.side("ets-steel"))

    assert {(each.activity, each.unit) for each in found} == {(Fraction(1200), "t")}
    assert {(each.from_item, each.to_item) for each in found} == {("combustion", "combustion")}
    assert {each.subject for each in found} == {"anthracite"}


def test_what_is_no_mass_of_co2_alone_is_exchanged_together() -> None:
    books = ledger("mill", PAPER, *BURNT)

    found = told(statement(books.side(), books.side("ghgp")))

    assert found == {
        "oxidation rate 94 % → not applied": 177_914_172,
        "carbon content per heat 27.49 tC/TJ(NCV) × 44/12 → CO2 per heat 98300 kgCO2/TJ(NCV)": (
            -73_446_936
        ),
        "gases other than CO2: none → CH4, N2O by gwp100-ar5": 20_519_052,
    }


def test_the_way_back_takes_up_what_was_dropped() -> None:
    books = ledger("mill", PAPER, *BURNT)

    found = told(statement(books.side("ghgp"), books.side()))

    assert found == {
        "not applied → oxidation rate 94 %": -177_914_172,
        "CO2 per heat 98300 kgCO2/TJ(NCV) → carbon content per heat 27.49 tC/TJ(NCV) × 44/12": (
            73_446_936
        ),
        "gases other than CO2: CH4, N2O by gwp100-ar5 → none": -20_519_052,
    }


def test_a_name_is_said_twice_only_where_it_changes() -> None:
    books = ledger("mill", PAPER, *year_of(Kind.ELECTRICITY_PURCHASED, "10 MWh"))

    by_park = statement(books.side(), books.side("park910"))
    by_basis = statement(books.side("ghgp"), books.side("ghgp", basis=Basis.MARKET))

    assert told(by_park) == {
        "grid factor 0.5978 tCO2/MWh → fossil power factor 0.8325 kgCO2/kWh": 28_164_000
    }
    assert told(by_basis) == {
        "grid factor 0.5978 tCO2/MWh → residual grid factor 0.5856 tCO2/MWh": -1_464_000
    }
    assert {each.cause for each in (*by_park, *by_basis)} == {Cause.FACTOR}


def test_an_activity_in_two_units_is_not_told_as_one() -> None:
    books = ledger("mill", PAPER, row())

    (by_park,) = statement(books.side(), books.side("park910"))

    # The one method multiplies megawatt-hours, the other kilowatt-hours.
    assert (by_park.activity, by_park.unit) == (Fraction(0), "")


def test_a_default_of_another_subject_is_named_with_it() -> None:
    books = ledger("mill", POWER, *BURNT)

    found = told(statement(books.side(), books.side("ets-power")))

    assert set(found) == {
        "oxidation rate 94 % → not applied",
        (
            "net calorific value 24.515 GJ(NCV)/t × carbon content per heat 27.49 tC/TJ(NCV) → "
            "net calorific value of coal-unmeasured 26.7 GJ(NCV)/t × "
            "carbon content per heat of coal-unmeasured 0.03085 tC/GJ(NCV)"
        ),
        "not applied → oxidation rate of coal 99 %",
    }


def test_a_year_of_differing_figures_is_told_by_its_span() -> None:
    measured = [
        Own(
            role=Role.OXIDATION_RATE,
            subject="anthracite",
            text=f"{90 + number} %",
            period=builders.period(month),
        )
        for number, month in enumerate(MONTHS[:9])
    ]
    books = ledger("mill", STEEL, *BURNT[:9], own=measured)

    found = statement(books.side(), books.side("ets-steel"))

    texts = told(found)
    assert "oxidation rate 90 % … 98 % → not applied" in texts
    assert "net calorific value 24.515 GJ(NCV)/t → 25.024 GJ(NCV)/t" in texts
    assert {each.activity for each in found} == {Fraction(900)}
    assert {each.text.zh for each in found} >= {"碳氧化率 90 % … 98 % → 不采用"}


def test_the_rounding_has_a_row_only_where_the_modes_differ() -> None:
    def books(mode: Rounding) -> Ledger:
        made = ledger("mill", PAPER)
        park = replace(builders.method("park910"), rounding=mode)
        made.reporter = replace(made.reporter, methods=(builders.method(), park))
        # 1.001 kg of anthracite, 2.325091 kg of CO2.
        made.report(*year_of(Kind.FUEL_COMBUSTION, "1.001 kg", "anthracite"))
        return made

    same, other = books(Rounding.HALF_UP), books(Rounding.CEILING)

    assert statement(same.side(), same.side("park910")) == ()
    (rounding,) = statement(other.side(), other.side("park910"))
    assert rounding.text.en == ("rounding at the grain: half up → rounding at the grain: ceiling")
    assert (rounding.cause, rounding.difference_g) == (Cause.FORMULA, 12)


def test_other_gases_are_named_with_the_set_they_are_weighted_by() -> None:
    books = ledger("mill", PAPER, *BURNT)

    found = statement(books.side("ghgp"), books.side("ghgp", "gwp100-ar6"))

    assert told(found) == {
        "gases other than CO2: CH4, N2O by gwp100-ar5 → CH4, N2O by gwp100-ar6": 294_180
    }
    assert found[0].cause is Cause.OTHER_GASES
    assert found[0].text.zh == (
        "二氧化碳以外的气体：CH4、N2O（gwp100-ar5） → CH4、N2O（gwp100-ar6）"
    )


def test_gases_that_stand_in_an_item_of_their_own_leave_one_and_enter_the_other() -> None:
    books = ledger("mill", SMELTER, *year_of(Kind.PRODUCT_OUTPUT, "100 t", "aluminium"))

    found = statement(books.side(), books.side("ets-aluminium"))

    assert told(found) == {
        "CF4 and C2F6 of anode effects: in ets-aluminium only": 315_792_000,
        "gases other than CO2: CF4, C2F6 by gwp100-ar5 → none": -315_792_000,
    }


def test_what_only_one_method_counts_is_told_with_its_item_and_sign() -> None:
    sold = row(Kind.FUEL_SOLD, "1 10^4 Nm3", subject="coke-oven-gas")
    books = ledger("mill", STEEL, *BURNT, *year_of(Kind.ELECTRICITY_PURCHASED, "10 MWh"), sold)

    found = {each.text.en: each for each in statement(books.side(), books.side("ets-steel"))}

    left = found["electricity purchased: in gbt32150 only"]
    come = found["own coke and gas sold: in ets-steel only"]
    assert (left.cause, left.from_item, left.to_item) == (
        Cause.NOT_COUNTED,
        "electricity_purchased",
        "",
    )
    assert (left.difference_g, left.activity, left.unit) == (-71_736_000, Fraction(120), "MWh")
    assert (come.cause, come.from_item, come.to_item) == (Cause.ONLY_COUNTED_HERE, "", "fuel_sold")
    assert come.difference_g < 0, "it is deducted there"


def test_what_stands_in_no_total_stands_in_no_statement() -> None:
    inside = row(Kind.PROCESS_INPUT, "10 t", subject="coke")
    books = ledger("mill", STEEL, *BURNT, inside)

    found = statement(books.side(), books.side("ets-steel"))

    assert {each.subject for each in found} == {"anthracite"}


def test_green_power_is_a_cause_of_its_own_and_so_is_what_is_given_back() -> None:
    claimed = row(Kind.GREEN_POWER_CLAIMED, "150 MWh", subject="green-certificate")
    books = ledger("mill", PAPER, *year_of(Kind.ELECTRICITY_PURCHASED, "10 MWh"), claimed)

    found = statement(books.side("ghgp"), books.side("ghgp", basis=Basis.MARKET))

    green = {each.text.en: each for each in found if each.cause is Cause.GREEN_POWER}
    assert {text: each.difference_g for text, each in green.items()} == {
        "green power claimed, market-based: in ghgp only": -150 * 585_600,
        "claims beyond consumption, given back": 30 * 585_600,
    }
    given_back = green["claims beyond consumption, given back"]
    assert (given_back.from_item, given_back.to_item) == ("", "claims_beyond_consumption")


def test_the_largest_row_goes_first() -> None:
    books = ledger("mill", STEEL, *BURNT, *year_of(Kind.ELECTRICITY_PURCHASED, "10 MWh"))

    sizes = [abs(each.difference_g) for each in statement(books.side(), books.side("ets-steel"))]

    assert sizes == sorted(sizes, reverse=True)
    assert 0 not in sizes
