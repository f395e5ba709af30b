"""What accepted rows make of the books: lines and inventories of every method that covers them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from services.accounting.domain.activity import Kind
from services.accounting.domain.binding import Origin
from services.accounting.domain.emission import NOTHING
from services.accounting.domain.inventory import FindingKind, Inventory
from services.accounting.domain.line import Grain, Line
from services.accounting.domain.method import Basis
from services.accounting.domain.posting import Before, Occasion, Posting, post
from services.accounting.domain.report import Accepted, Books
from services.accounting.domain.role import Role
from services.accounting.domain.row import Row
from tests.accounting import builders
from tests.accounting.ledgers import Ledger
from tests.accounting.library import COAL, FIGURES, MISSING, Own

HALF = builders.period("2023-01-01 2023-01-16")
REST = builders.period("2023-01-16 2023-02-01")
CARBON = Own(role=Role.CARBON_CONTENT, subject=COAL, text="0.58 tC/t", period=REST)


def bought(when: str = "2023-01", what: str = "100 MWh", number: int = 0, **fields: Any) -> Row:
    return builders.row(
        number, period=builders.period(when), quantity=builders.quantity(what), **fields
    )


def coal(when: str = "2023-01", what: str = "10 t", number: int = 0, **fields: Any) -> Row:
    return builders.fuel_row(number, what, period=builders.period(when), **fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """What a report made of the books."""

    lines: Sequence[Line]
    inventories: Sequence[Inventory]


def books(industry: str = "1713", *, by: Sequence[str] = (), **fields: Any) -> Ledger:
    """Return empty books by all methods or those named, with the figures of the table."""
    return Ledger(reporter=builders.reporter(industry=industry, by=by), figures=FIGURES, **fields)


def report(ledger: Ledger, *rows: Row) -> Posted:
    """Report rows, all of which are accepted, and return what is new in the books."""
    verdicts = ledger.report(*rows)
    assert all(isinstance(each, Accepted) for each in verdicts), verdicts
    number = ledger.revision
    return Posted(
        lines=[each for each in ledger.lines.values() if each.revision == number],
        inventories=[each for each in ledger.inventories.values() if each.revision == number],
    )


def current(ledger: Ledger, method_id: str) -> set[str]:
    """Return the ids of the lines of a method that have records."""
    return {each.line_id for each in ledger.current(method_id, 2023)}


def test_a_report_makes_a_line_for_each_month_and_an_inventory_for_each_year() -> None:
    ledger = books(by=["gbt32150"])

    posting = report(
        ledger,
        bought("2023-12"),
        bought("2024-01-01 2024-01-11", number=1),
        bought("2024-01-11 2024-01-12", number=2),
    )

    assert [(line.name, line.record_count) for line in posting.lines] == [
        ("enterprises/mill/lines/intake-2023-12", 1),
        ("enterprises/mill/lines/intake-2024-01", 2),
    ]
    assert [(each.name, each.version) for each in posting.inventories] == [
        ("enterprises/mill/inventories/2023", 1),
        ("enterprises/mill/inventories/2024", 1),
    ]
    assert {each.revision for each in posting.lines} == {1}
    assert {each.revision for each in posting.inventories} == {1}
    assert {each.registry_revision for each in posting.lines} == {1}
    assert {each.registry_revision for each in posting.inventories} == {1}


def test_one_record_makes_lines_of_every_method_that_covers_the_enterprise() -> None:
    posting = report(books(), bought())

    assert [(line.line_id, line.booked.co2_g) for line in posting.lines] == [
        ("intake-2023-01", 64_510_000),
        ("intake-2023-01-ghgp-electricity_location", 64_510_000),
        ("intake-2023-01-ghgp-electricity_market", 70_000_000),
        ("intake-2023-01-park910-electricity_in", 83_250_000),
    ]
    assert [each.name for each in posting.inventories] == [
        "enterprises/mill/inventories/2023",
        "enterprises/mill/inventories/2023-ghgp",
        "enterprises/mill/inventories/2023-park910",
    ]


def test_the_method_of_an_industry_covers_that_industry_alone() -> None:
    def methods(industry: str, year: int) -> list[str]:
        posting = report(books(industry), coal(f"{year}-01"))
        return [each.method.method_id for each in posting.inventories]

    assert methods("4412", 2023) == ["gbt32150", "ets-power", "ghgp", "park910"]
    assert methods("3120", 2024) == ["gbt32150", "ets-steel", "ghgp", "park910"]
    assert methods("3120", 2023) == ["gbt32150", "ghgp", "park910"]
    assert methods("1713", 2024) == ["gbt32150", "ghgp", "park910"]


def test_a_method_that_counts_nothing_of_it_has_no_inventory() -> None:
    posting = report(books("4412"), bought("2024-01"))

    assert "ets-power" not in {each.method.method_id for each in posting.inventories}


def test_what_one_method_lacks_is_a_gap_of_that_methods_inventory_alone() -> None:
    ledger = books()
    ledger.figures = {**FIGURES, (Role.GRID_RESIDUAL, "electricity"): MISSING}

    report(ledger, bought())

    ghgp, home = ledger.inventory("ghgp", 2023), ledger.inventory(year=2023)
    (gap,) = ghgp.gaps
    assert (gap.item_id, gap.reason) == ("electricity_market", "FACTOR_MISSING")
    assert gap.grain == Grain(source_id="intake", month=builders.period("2023-01"))
    assert "grid_residual of electricity" in gap.text.en
    assert (ghgp.knows(Basis.LOCATION), ghgp.knows(Basis.MARKET)) == (True, False)
    assert FindingKind.FACTOR_MISSING in {each.kind for each in ghgp.findings}
    assert home.gaps == ()
    assert current(ledger, "ghgp") == {"intake-2023-01-ghgp-electricity_location"}


def test_a_unit_that_does_not_fit_another_method_is_a_gap_too() -> None:
    ledger = books("4412")

    report(ledger, coal(what="200 GJ(NCV)"))

    (gap,) = ledger.inventory("ets-power", 2023).gaps
    assert (gap.item_id, gap.reason) == ("combustion", "UNIT_DIMENSION")
    assert ledger.inventory(year=2023).gaps == ()


def test_gaps_of_other_months_stay_and_those_of_a_mended_month_go() -> None:
    ledger = books()
    ledger.figures = {**FIGURES, (Role.GRID_RESIDUAL, "electricity"): MISSING}
    report(ledger, bought("2023-01"))
    report(ledger, bought("2023-02"))

    ledger.figures = FIGURES
    report(ledger, bought("2023-01", "90 MWh", corrects=ledger.name(0)))

    (gap,) = ledger.inventory("ghgp", 2023).gaps
    assert gap.grain.month == builders.period("2023-02")
    assert ledger.inventory("ghgp", 2023).total_by(Basis.MARKET).co2_g == 63_000_000


def test_a_further_report_makes_the_next_version_from_all_that_counts() -> None:
    ledger = books(by=["gbt32150"])
    report(ledger, bought("2023-01-01 2023-01-02", "50 MWh"))
    report(ledger, bought("2023-02", "1 MWh"))

    posting = report(ledger, bought("2023-01-02 2023-01-03"))

    (line,) = posting.lines
    (inventory,) = posting.inventories
    assert (line.version, line.record_count, line.activity) == (2, 2, Fraction(150))
    assert inventory.version == 3
    assert inventory.total.co2_g == 151 * 645_100


def test_a_custom_factor_from_the_middle_of_the_month_makes_two_lines_with_stable_ids() -> None:
    ledger = books(own=[CARBON])

    posting = report(ledger, coal("2023-01-01 2023-01-16"), coal("2023-01-16 2023-02-01", number=1))

    home = {each.line_id: each for each in posting.lines if each.binding.method_id == "gbt32150"}
    assert {id_: each.binding.formula_id for id_, each in home.items()} == {
        "boiler-1-2023-01": "default",
        "boiler-1-2023-01-from-16": "measured_carbon",
    }
    assert home["boiler-1-2023-01"].days == (HALF,)
    assert home["boiler-1-2023-01-from-16"].days == (REST,)
    measured = home["boiler-1-2023-01-from-16"].binding
    assert [factor.origin for factor in measured.factors] == [Origin.CUSTOM, Origin.PUBLISHED]
    assert ledger.inventory(year=2023).total.co2_g == sum(
        each.booked.co2_g for each in home.values()
    )

    again = report(ledger, coal("2023-01-01 2023-01-16", "11 t", corrects=ledger.name(0)))

    assert {(each.line_id, each.version) for each in again.lines} >= {
        ("boiler-1-2023-01", 2),
        ("boiler-1-2023-01-from-16", 2),
    }


def test_a_correction_that_moves_records_empties_the_old_line_and_the_totals_follow() -> None:
    ledger = books(by=["gbt32150"], own=[CARBON])
    report(ledger, coal("2023-01-01 2023-01-16"))
    report(ledger, coal("2023-01-16 2023-02-01"))
    before = ledger.inventory(year=2023).total.co2_g

    ledger.own = []
    posting = report(ledger, coal("2023-01-01 2023-01-16", corrects=ledger.name(0)))

    whole, emptied = posting.lines
    assert (whole.line_id, whole.record_count, whole.days) == ("boiler-1-2023-01", 2, ())
    assert emptied.line_id == "boiler-1-2023-01-from-16"
    assert (emptied.record_count, emptied.booked, emptied.version) == (0, NOTHING, 2)
    assert current(ledger, "gbt32150") == {"boiler-1-2023-01"}
    assert ledger.inventory(year=2023).total.co2_g == whole.booked.co2_g != before
    assert ledger.inventory(year=2023).coverage.reported_day_count == 31


def test_a_line_that_was_emptied_fills_again_in_its_next_version() -> None:
    ledger = books(by=["gbt32150"], own=[CARBON])
    report(ledger, coal("2023-01-01 2023-01-16"))
    report(ledger, coal("2023-01-16 2023-02-01"))
    ledger.own = []
    report(ledger, coal("2023-01-01 2023-01-16", corrects=ledger.name(0)))

    ledger.own = [CARBON]
    report(ledger, coal("2023-01-01 2023-01-16", "9 t", corrects=ledger.name(2)))

    line = ledger.lines["boiler-1-2023-01-from-16"]
    assert (line.version, line.record_count) == (3, 1)
    assert ledger.inventory(year=2023).version == 4


def test_only_a_method_that_divides_by_days_cuts_a_record_in_two() -> None:
    whole = replace(CARBON, role=Role.CO2_FACTOR, text="2.1 tCO2/t")
    ledger = books(by=["gbt32150", "ghgp"], own=[whole])

    posting = report(ledger, coal("2023-01", "31 t"))

    lines = {each.line_id: each for each in posting.lines}
    assert {id_: (each.activity, each.binding.formula_id) for id_, each in lines.items()} == {
        "boiler-1-2023-01": (Fraction(31), "default"),
        "boiler-1-2023-01-ghgp-combustion": (Fraction(15), "default"),
        "boiler-1-2023-01-ghgp-combustion-from-16": (Fraction(16), "whole_factor"),
    }
    assert lines["boiler-1-2023-01-ghgp-combustion-from-16"].activities[0].value == Fraction(16)
    assert lines["boiler-1-2023-01"].days == ()
    assert ledger.inventory("ghgp", 2023).coverage.reported_day_count == 31


def test_a_method_that_begins_later_begins_with_all_that_was_reported_before() -> None:
    ledger = books("1713")
    report(ledger, coal("2024-01"))
    report(ledger, coal("2024-02"))

    ledger.reporter = builders.reporter(industry="3120")
    posting = report(ledger, coal("2024-03"))

    steel = [each for each in posting.lines if each.binding.method_id == "ets-steel"]
    assert [each.line_id for each in steel] == [
        f"boiler-1-2024-{month:02d}-ets-steel-combustion" for month in (1, 2, 3)
    ]
    home = [each for each in posting.lines if each.binding.method_id == "gbt32150"]
    assert [each.line_id for each in home] == ["boiler-1-2024-03"]


def test_an_inventory_that_was_begun_goes_on_whatever_the_industry_is() -> None:
    ledger = books("3120")
    report(ledger, coal("2024-01"))

    ledger.reporter = builders.reporter(industry="1713")
    report(ledger, coal("2024-02"))

    assert ledger.inventory("ets-steel", 2024).version == 2


def test_steam_by_mass_is_heat_by_its_state() -> None:
    ledger = books(by=["gbt32150"])

    posting = report(
        ledger, bought("2023-01", "10 t", kind=Kind.HEAT_PURCHASED, steam="0.5 MPa 400 °C")
    )

    (line,) = posting.lines
    enthalpy = line.binding.factors[0].quantity.fraction
    heat_gj = 10 * (enthalpy - Fraction("83.74")) / 1000
    assert line.booked.co2_g == round(heat_gj * Fraction("0.11") * 10**6)
    assert (line.activity, line.activity_unit) == (Fraction(10_000), "kg")


def test_nothing_accepted_makes_nothing() -> None:
    occasion = Occasion(reporter=builders.reporter(), found={}, revision=9, registry_revision=4)

    posting = post([], Books(), Before(lines=[], inventories={}), occasion)

    assert posting == Posting(enterprise="mill", accepted=(), lines=(), inventories=())
