"""A guide's own figures: rounded in stages, told beside the books and never mixed with them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from services.accounting.domain import reported as domain
from services.accounting.domain import written
from services.accounting.domain.activity import Kind
from services.accounting.domain.emission import Booked
from services.accounting.domain.reported import Reported, ReportedRow
from services.accounting.domain.role import Role
from services.kernel.mass import G_PER_T
from tests.accounting import builders
from tests.accounting.ledgers import Ledger, ledger, row, year_of
from tests.accounting.library import Own

STEEL, SMELTER, POWER = "3120", "3216", "4411"


def figures(books: Ledger, method_id: str) -> Reported:
    """Return the reported figures of a year by a method that prints stages."""
    found = books.inventory(method_id).reported
    assert found is not None
    return found


def printed(each: ReportedRow) -> str:
    """Return a row as the guide prints it: "1000.00 t × 25.024 GJ(NCV)/t = 2522.34 tCO2e"."""
    factors = "".join(f" × {factor.quantity}" for factor in each.factors)
    return f"{each.activity}{factors} = {each.emissions}"


def test_fuels_of_a_steelworks_are_printed_as_the_guide_has_them() -> None:
    books = ledger(
        "mill",
        STEEL,
        row(Kind.FUEL_COMBUSTION, "1000 t", subject="coke"),
        row(Kind.FUEL_COMBUSTION, "100 10^4 Nm3", subject="natural-gas"),
        row(Kind.FUEL_COMBUSTION, "1000 t", subject="anthracite"),
    )

    found = figures(books, "ets-steel")

    # No oxidation rate; table A.1 of the steel guide.
    assert {each.subject: printed(each) for each in found.rows} == {
        "coke": "1000.00 t × 28.435 GJ(NCV)/t × 0.02942 tC/GJ(NCV) = 3067.38 tCO2e",
        "natural-gas": (
            "100.00 10^4 Nm3 × 389.310 GJ(NCV)/10^4 Nm3 × 0.01532 tC/GJ(NCV) = 2186.88 tCO2e"
        ),
        "anthracite": "1000.00 t × 25.024 GJ(NCV)/t × 0.02749 tC/GJ(NCV) = 2522.34 tCO2e",
    }
    assert found.total == Decimal(7777)


def test_the_total_is_rounded_of_the_rounded_rows_and_differs_from_the_books() -> None:
    books = ledger(
        "mill",
        STEEL,
        row(Kind.FUEL_COMBUSTION, "1000 t", subject="anthracite"),
        row(Kind.FUEL_SOLD, "1 10^4 Nm3", subject="coke-oven-gas"),
        row(Kind.PRODUCT_OUTPUT, "100 t", subject="crude-steel"),
    )
    inventory = books.inventory("ets-steel")

    found = figures(books, "ets-steel")

    assert [(each.sign, each.emissions.text) for each in found.rows] == [
        (1, "2522.34"),
        (-1, "7.71"),
        (-1, "3.70"),
    ]
    assert found.total == Decimal(2511)
    assert found.booked_g == inventory.total.under("gwp100-ar5")
    assert found.difference_g == 2511 * G_PER_T - found.booked_g != 0


def test_the_activity_of_a_year_is_summed_before_it_is_rounded() -> None:
    # Twelve times 1.004 t are 12.05 t; rounded each by itself they would be 12.00 t.
    books = ledger("mill", STEEL, *year_of(Kind.FUEL_COMBUSTION, "1.004 t", "anthracite"))

    (found,) = figures(books, "ets-steel").rows

    assert str(found.activity) == "12.05 t"
    assert found.emissions.text == "30.39"


def test_an_activity_is_printed_in_the_units_of_the_guide() -> None:
    books = ledger("mill", STEEL, row(Kind.FUEL_COMBUSTION, "12345 Nm3", subject="natural-gas"))

    (found,) = figures(books, "ets-steel").rows

    assert str(found.activity) == "1.23 10^4 Nm3"


def test_a_measured_figure_is_rounded_before_it_is_multiplied() -> None:
    measured = Own(
        role=Role.NET_CALORIFIC_VALUE,
        subject="bituminous-coal",
        text="22.3456 GJ(NCV)/t",
        period=builders.period("2024-01"),
    )
    coal = row(Kind.FUEL_COMBUSTION, "100.005 t", subject="bituminous-coal")
    books = ledger("mill", STEEL, coal, own=[measured])

    (found,) = figures(books, "ets-steel").rows

    # Half up in each stage; 22.346 × 0.02618 × 100.01 × 44/12 = 214.5286.
    assert printed(found) == "100.01 t × 22.346 GJ(NCV)/t × 0.02618 tC/GJ(NCV) = 214.53 tCO2e"


def test_months_of_different_figures_are_rows_of_their_own() -> None:
    measured = [
        Own(
            role=Role.CARBON_CONTENT,
            subject="anthracite",
            text=text,
            period=builders.period(month),
        )
        for month, text in (("2024-01", "0.60 tC/t"), ("2024-02", "0.61 tC/t"))
    ]
    burnt = [
        row(Kind.FUEL_COMBUSTION, "100 t", month, "anthracite")
        for month in ("2024-01", "2024-02", "2024-03", "2024-04")
    ]
    books = ledger("mill", STEEL, *burnt, own=measured)

    found = figures(books, "ets-steel").rows

    assert [printed(each) for each in found] == [
        "100.00 t × 0.60 tC/t = 220.00 tCO2e",
        "100.00 t × 0.61 tC/t = 223.67 tCO2e",
        "200.00 t × 25.024 GJ(NCV)/t × 0.02749 tC/GJ(NCV) = 504.47 tCO2e",
    ]


def test_a_product_that_is_printed_is_rounded_on_the_way() -> None:
    # The screen of a reporting platform: 389.31 × 0.01532 is printed as 5.96 tC/10^4 Nm3, and
    # 21 × 5.96 × 99 % × 44/12 = 454.33; without that stage it is 454.65.
    books = ledger(
        "mill",
        POWER,
        row(Kind.FUEL_COMBUSTION, "21 10^4 Nm3", subject="natural-gas"),
        figures={
            (Role.NET_CALORIFIC_VALUE, "natural-gas"): "389.31 GJ(NCV)/10^4 Nm3",
            (Role.CARBON_CONTENT_PER_HEAT, "natural-gas"): "0.01532 tC/GJ(NCV)",
            (Role.OXIDATION_RATE, "natural-gas"): "99 %",
        },
    )

    found = figures(books, "ets-power")

    assert [each.emissions.text for each in found.rows] == ["454.33"]
    assert round(found.booked_g / G_PER_T, 2) == 454.65


def test_factors_that_a_guide_prints_as_one_are_rounded_as_one() -> None:
    # 0.411 × (1 − 2 % − 0.4 %) × 44/12 = 1.470832 is printed as 1.47 tCO2/t.
    books = ledger("mill", SMELTER, row(Kind.PRODUCT_OUTPUT, "1000 t", subject="aluminium"))

    found = {each.item_id: each for each in figures(books, "ets-aluminium").rows}

    assert found["anode"].emissions.text == "1470.00"
    # (0.034 × 6630 + 0.0034 × 11100) kg CO2e for each tonne, by the guide's own potentials.
    assert found["anode_effect"].emissions.text == "263.16"
    assert figures(books, "ets-aluminium").total == Decimal(1733)
    assert books.inventory("ets-aluminium").total.co2_g == 1_470_832_000


def test_the_boundary_of_a_process_is_printed_and_in_no_total() -> None:
    furnace = "enterprises/mill/facilities/furnace"
    books = ledger(
        "mill",
        STEEL,
        row(Kind.FUEL_COMBUSTION, "10 t", subject="anthracite"),
        row(Kind.PROCESS_INPUT, "10 t", subject="coke", facility=furnace),
        row(Kind.PROCESS_OUTPUT, "10 t", subject="crude-steel", facility=furnace),
    )

    found = figures(books, "ets-steel")

    apart = {each.item_id: each for each in found.rows if not each.in_total}
    assert set(apart) == {"process_in", "process_out"}
    assert {each.facility for each in apart.values()} == {furnace}
    assert apart["process_in"].emissions.text == "30.67"
    assert found.total == Decimal(25), "of 10 t of anthracite alone, 25.22 t"
    assert abs(found.difference_g) < G_PER_T


def test_facilities_are_rows_of_their_own() -> None:
    books = ledger(
        "mill",
        POWER,
        *(
            row(
                Kind.FUEL_COMBUSTION,
                "100 t",
                subject="anthracite",
                source_id=unit,
                facility=f"enterprises/mill/facilities/{unit}",
            )
            for unit in ("unit-1", "unit-2")
        ),
    )

    found = figures(books, "ets-power").rows

    assert [each.facility.rpartition("/")[2] for each in found] == ["unit-1", "unit-2"]
    assert [each.emissions.text for each in found] == ["299.00", "299.00"]


def test_a_method_that_prints_no_stages_reports_nothing_of_its_own() -> None:
    books = ledger("mill", STEEL, row(Kind.FUEL_COMBUSTION, "10 t", subject="anthracite"))

    assert books.inventory().reported is None
    assert books.inventory("ghgp").reported is None
    assert domain.of(books.current(), Booked(), builders.method()) is None


def test_what_the_guide_does_not_round_is_taken_as_it_is_written() -> None:
    books = ledger("mill", STEEL, row(Kind.MATERIAL_CONSUMED, "10 t", subject="limestone"))

    (found,) = figures(books, "ets-steel").rows

    assert [factor.quantity for factor in found.factors] == [
        factor.quantity for factor in books.current("ets-steel")[0].binding.factors
    ]


def test_reported_figures_come_back_from_the_store_as_they_were_printed() -> None:
    books = ledger("mill", SMELTER, row(Kind.PRODUCT_OUTPUT, "1000 t", subject="aluminium"))
    found = figures(books, "ets-aluminium")

    assert written.reported.of(written.reported.content(found)) == found
    assert replace(found, booked_g=0).difference_g == 1733 * G_PER_T
