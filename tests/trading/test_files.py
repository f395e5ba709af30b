"""The shipped rulebooks as values."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from services.kernel.errors import RulebookMissing
from services.kernel.trust import Status
from services.trading.domain.market import Sector
from services.trading.domain.rulebook import FuelGroup
from tests.trading import builders

INDUSTRY = {2024: Status.SECONDARY, 2025: Status.SECONDARY, 2026: Status.DRAFT}


def test_the_shelf_holds_final_and_draft_rulebooks_by_year() -> None:
    found = [(each.name, each.source.status) for each in builders.shelf().rulebooks]

    assert found == [
        *(
            (f"rulebooks/{sector}-{year}", status)
            for sector in ("aluminium", "cement")
            for year, status in INDUSTRY.items()
        ),
        ("rulebooks/power-2019", Status.OFFICIAL),
        ("rulebooks/power-2020", Status.OFFICIAL),
        ("rulebooks/power-2021", Status.SECONDARY),
        ("rulebooks/power-2022", Status.SECONDARY),
        ("rulebooks/power-2023", Status.OFFICIAL),
        ("rulebooks/power-2024", Status.OFFICIAL),
        ("rulebooks/power-2025", Status.DRAFT),
        ("rulebooks/power-2026", Status.DRAFT),
        *((f"rulebooks/steel-{year}", status) for year, status in INDUSTRY.items()),
    ]
    assert builders.shelf().superseded == ()


def test_a_rulebook_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(RulebookMissing) as caught:
        builders.shelf().get(Sector.POWER, 2030)

    assert caught.value.available == (2019, 2020, 2021, 2022, 2023, 2024, 2025, 2026)
    assert builders.shelf().find(Sector.STEEL, 2023) is None


def test_every_rule_keeps_its_article_and_status() -> None:
    book = builders.rulebook(2024)

    assert book.formula.rule.source.document_no == "国环规气候〔2024〕1号"
    assert builders.peak(2024).rule.source.locator == "附3 表1"
    assert builders.peak(2024).rounding_rule.house_rule
    assert builders.peak(2024).rounding_rule.source.status is Status.DRAFT
    assert book.quota_rounding.rule.house_rule
    assert book.surrender_date == date(2025, 12, 31)
    assert {each.name for each in book.omitted_rules} == {"mixed_fuel", "units_outside"}
    assert {each.name for each in book.said_rules()} == {
        "merged_units",
        "gas_exemption",
        "gap_cap",
        "pre_allocation",
        "issue",
        "differentiated_issue",
    }
    assert not builders.rulebook(2026).quota_rounding.rule.house_rule


def test_the_form_of_the_peak_factor_follows_the_plan() -> None:
    def curves(year: int) -> list[str]:
        return [type(each.curve).__name__ for each in builders.peak(year).segments]

    assert curves(2019) == curves(2022) == ["Power", "Line", "Line"]
    assert curves(2023) == curves(2024) == ["Power"]
    assert curves(2025) == curves(2026) == ["DoubleExponential"]
    assert builders.peak(2025).full_load == 100
    assert builders.peak(2020).cogeneration_too is False
    assert builders.peak(2021).cogeneration_too is True


@pytest.mark.parametrize("year", range(2019, 2027))
def test_every_class_has_one_benchmark(year: int) -> None:
    book = builders.rulebook(year)

    classes = [each.unit_class for each in book.unit_classes]
    assert classes == [each.unit_class for each in book.benchmarks] == ["I", "II", "III", "IV"]
    assert [each.fuel_group for each in book.unit_classes][-1] is FuelGroup.GAS
    assert book.benchmarks[0].power_t_per_mwh > Decimal("0.7")


def test_the_market_knows_sectors_and_products() -> None:
    market = builders.market()

    assert market.first_compliance_years == {
        Sector.POWER: 2019,
        Sector.STEEL: 2024,
        Sector.CEMENT: 2024,
        Sector.ALUMINIUM: 2024,
    }
    assert market.products_of(2020) == ("CEA19-20", "CEA")
    assert market.products_of(2023) == ("CEA23", "CEA")
    assert market.products_of(2031) == ("CEA",)
