"""A method file as it is read."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from services.accounting import files
from services.accounting.domain.activity import Kind
from services.accounting.domain.formula import Constant, Slot
from services.accounting.domain.method import Basis, Category, Industry, Method, Stage
from services.accounting.domain.role import Role
from services.kernel.errors import Words
from services.kernel.mass import Gas, Rounding
from services.kernel.trust import Status

TEXT = """
method = "trial"
version = 3
title_en = "A trial"
title_zh = "试行"
status = "draft"
gases = ["CO2", "CH4"]
gwp_sets = ["gwp100-ar6", "gwp100-ar5"]
bases = ["market-based", "location-based"]
zones = true
industries = ["3120"]
first_year = 2024
splits_periods = true
note = "read me"

[[documents]]
id = "guide"
title_zh = "指南"
document_no = "G-1"
date = 2024-05-06
url = "https://example.org/"
status = "secondary"
confidence = "a page"

[[constants]]
id = "44/12"
value = "44/12"
unit = "tCO2/tC"

[[items]]
id = "kiln"
name_en = "the kiln"
name_zh = "窑"
category = "DIRECT"

[[items]]
id = "carbon_out"
name_en = "carbon that leaves"
name_zh = "输出碳"
category = "MEMO"
sign = -1
balance = "kiln"
by_facility = true

[[terms]]
kind = "FUEL_COMBUSTION"
subjects = ["*"]
item = "kiln"

[[terms.formulas]]
id = "measured"
needs = ["carbon_content"]
optional_gases = ["CH4"]
gwp_subjects = { CH4 = "ch4-nonfossil" }
unit = "t"
first_year = 2024
last_year = 2025
words_en = "E = C × 44/12"
words_zh = "E = 碳 × 44/12"
document = "guide"
clause = "5.2"
status = "official"
note = "as received"

[terms.formulas.gases]
CO2 = ["AD × carbon_content × 44/12", "AD × co2_factor[limestone]"]
CH4 = "AD × ch4_factor"

[[terms]]
kind = "FUEL_COMBUSTION"
subjects = ["coke"]
item = "kiln"

[[terms.formulas]]
id = "default"
words_en = "E = AD × EF"
words_zh = "E = AD × EF"
document = "guide"
clause = "5.3"
status = "unverified"

[terms.formulas.gases]
CO2 = "AD × co2_factor"

[rounding.booked]
mode = "HALF_EVEN"
reason = "as the guide has it"

[rounding.reported]
defined = true
mode = "HALF_UP"
emissions_decimals = 2
total_decimals = 0
document = "guide"
clause = "table C.3"
status = "official"
activity = [{ unit = "t", decimals = 2 }]
products = [{ unit = "tC/t", decimals = 4 }]

[rounding.reported.factors]
carbon_content = [{ unit = "tC/t", decimals = 5 }]

[[process_industries]]
code = "3120"
name_en = "steelmaking"
name_zh = "炼钢"
missing = "fluxes"
missing_zh = "熔剂"
items = ["kiln"]

[[known_gaps]]
text = "Nothing is known of slag."
text_zh = "矿渣不明。"
"""


@pytest.fixture
def trial() -> Method:
    return files.method(TEXT)


def test_what_the_file_says_of_the_method_is_kept(trial: Method) -> None:
    assert (trial.method_id, trial.version, trial.status) == ("trial", 3, Status.DRAFT)
    assert trial.title == Words(en="A trial", zh="试行")
    assert trial.note == "read me"
    assert trial.open_points == (Words(en="Nothing is known of slag.", zh="矿渣不明。"),)
    assert (trial.gases, trial.industries) == ((Gas.CO2, Gas.CH4), ("3120",))
    assert (trial.is_of_zones, trial.splits_periods, trial.first_year) == (True, True, 2024)


def test_the_first_set_and_the_first_basis_are_the_methods_own(trial: Method) -> None:
    assert trial.gwp_set == "gwp100-ar6"
    assert (trial.basis, trial.bases) == (Basis.MARKET, (Basis.MARKET, Basis.LOCATION))


def test_it_covers_its_industries_from_its_first_year_on(trial: Method) -> None:
    assert trial.covers("3120", 2024)
    assert not trial.covers("3120", 2023)
    assert not trial.covers("4412", 2024)


def test_an_item_adds_unless_the_file_deducts_it(trial: Method) -> None:
    kiln, out = trial.items.values()

    assert (kiln.sign, kiln.balance, kiln.by_facility) == (1, "", False)
    assert (out.sign, out.balance, out.by_facility) == (-1, "kiln", True)
    assert (kiln.category, out.category) == (Category.DIRECT, Category.MEMO)


def test_a_total_counts_direct_emissions_and_the_category_of_its_basis(trial: Method) -> None:
    counted = {
        basis: {category for category in Category if trial.counts(category, basis)}
        for basis in Basis
    }

    assert counted == {
        Basis.LOCATION: {Category.DIRECT, Category.INDIRECT_LOCATION},
        Basis.MARKET: {Category.DIRECT, Category.INDIRECT_MARKET},
        Basis.NONE: {Category.DIRECT},
    }


def test_a_term_for_the_very_subject_goes_before_one_for_all(trial: Method) -> None:
    (coke,) = trial.terms_of(Kind.FUEL_COMBUSTION, "coke")
    (coal,) = trial.terms_of(Kind.FUEL_COMBUSTION, "coal")

    assert (coke.subjects, coal.subjects) == (("coke",), ("*",))
    assert trial.terms_of(Kind.PRODUCT_OUTPUT, "coke") == ()


def test_a_formula_has_its_needs_its_unit_and_its_years(trial: Method) -> None:
    formula = trial.terms[0].formula("measured")

    assert formula.needs == (Slot(role=Role.CARBON_CONTENT),)
    assert (formula.unit, formula.first_year, formula.last_year) == ("t", 2024, 2025)
    assert formula.words == Words(en="E = C × 44/12", zh="E = 碳 × 44/12")


def test_a_gas_may_be_several_products_and_one_may_be_left_out(trial: Method) -> None:
    carbon, stone, methane = trial.terms[0].formula("measured").chains

    exact = Constant(text="44/12", value=Fraction(44, 12), unit="tCO2/tC")
    assert carbon.tokens == (Slot(role=Role.CARBON_CONTENT), exact)
    assert stone.tokens == (Slot(role=Role.CO2_FACTOR, subject="limestone"),)
    assert [(each.gas, each.optional) for each in (carbon, stone, methane)] == [
        (Gas.CO2, False),
        (Gas.CO2, False),
        (Gas.CH4, True),
    ]


def test_methane_is_fossil_unless_the_formula_says_otherwise(trial: Method) -> None:
    measured, default = (term.formulas[0] for term in trial.terms)

    assert measured.gwp_subjects[Gas.CH4] == "ch4-nonfossil"
    assert default.gwp_subjects[Gas.CH4] == "ch4-fossil"
    assert (default.gwp_subjects[Gas.N2O], default.gwp_subjects[Gas.HFC134A]) == (
        "n2o",
        "hfc134a",
    )


def test_a_clause_is_trusted_no_more_than_its_document(trial: Method) -> None:
    clauses = [term.formulas[0].clause for term in trial.terms]

    assert [clause.status for clause in clauses] == [Status.SECONDARY, Status.UNVERIFIED]
    assert (clauses[0].title, clauses[0].document_no, clauses[0].locator) == ("指南", "G-1", "5.2")
    assert (clauses[0].source_year, clauses[0].url) == (2024, "https://example.org/")
    assert clauses[0].note == "as received"


def test_the_stages_of_rounding_are_read_with_their_clause(trial: Method) -> None:
    reporting = trial.reporting

    assert reporting is not None
    assert reporting.rounding is Rounding.HALF_UP
    assert reporting.activity == (Stage(unit="t", decimals=2),)
    assert reporting.factors == {Role.CARBON_CONTENT: (Stage(unit="tC/t", decimals=5),)}
    assert reporting.products == (Stage(unit="tC/t", decimals=4),)
    assert (reporting.emissions_decimals, reporting.total_decimals) == (2, 0)
    assert reporting.clause.locator == "table C.3"
    assert (trial.rounding, trial.rounding_reason) == (Rounding.HALF_EVEN, "as the guide has it")


def test_an_industry_says_what_it_must_report(trial: Method) -> None:
    assert trial.expected == {
        "3120": Industry(
            code="3120",
            name=Words(en="steelmaking", zh="炼钢"),
            missing=Words(en="fluxes", zh="熔剂"),
            items=("kiln",),
        )
    }


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            'item = "kiln"\n\n[[terms.formulas]]\nid = "measured"',
            'item = "oven"\n\n[[terms.formulas]]\nid = "measured"',
        ),
        ('needs = ["carbon_content"]', 'needs = ["carbon"]'),
        ("AD × ch4_factor", "AD × ch4_per_mass"),
        ('document = "guide"\nclause = "5.3"', 'document = "rumour"\nclause = "5.3"'),
        ('status = "unverified"', 'status = "rumour"'),
        ('items = ["kiln"]', 'items = ["oven"]'),
        ('bases = ["market-based"', 'bases = ["residual"'),
        ('category = "MEMO"', 'category = "SCOPE_4"'),
    ],
)
def test_a_file_that_contradicts_itself_stops_the_start(before: str, after: str) -> None:
    assert before in TEXT

    with pytest.raises((KeyError, ValueError, AssertionError)):
        files.method(TEXT.replace(before, after))


def test_the_home_method_stands_first_and_other_data_files_are_left_alone(tmp_path: Path) -> None:
    for name in ("a-trial", "gbt32150", "z-trial"):
        text = TEXT.replace('method = "trial"', f'method = "{name}"').lstrip()
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    (tmp_path / "b.toml").write_text('indicators = "none"\n', encoding="utf-8")

    assert list(files.methods(tmp_path)) == ["gbt32150", "a-trial", "z-trial"]
