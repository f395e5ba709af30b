"""Every shipped method, as data: complete in two languages, sourced, and computable."""

from __future__ import annotations

import csv
import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import cache
from typing import Any

import pytest

from services.accounting.domain import formula as formulas
from services.accounting.domain.activity import INSTRUMENTS, ORIGINS, Kind
from services.accounting.domain.claim import BEYOND
from services.accounting.domain.emission import compute
from services.accounting.domain.method import ANY_SUBJECT, Category, Method
from services.accounting.domain.role import MANNERS, MEASURABLE, Role
from services.accounting.files.methods import METHODS
from services.kernel import names, trust, units
from services.kernel.mass import Gas, Rounding
from services.kernel.trust import Status
from tests.accounting import builders, typical
from tests.accounting.typical import Case
from tests.accounting.world import DATA

SHIPPED = builders.methods()
EXPECTED = (
    "gbt32150",
    "ets-aluminium",
    "ets-cement",
    "ets-power",
    "ets-steel",
    "ghgp",
    "park910",
)
CHINESE = re.compile(r"[\u4e00-\u9fff]")
GASES_RELEASED = {gas.value.lower() for gas in Gas if gas is not Gas.CO2E}


OF_CARBON_WORKS = {"calcination", "baking", "graphitisation"}
"""Balances of what no table prints a figure of: every figure is the works' own."""


@cache
def data_of(method_id: str) -> Mapping[str, Any]:
    return tomllib.loads((METHODS / f"{method_id}.toml").read_text(encoding="utf-8"))


def subjects_of(name: str) -> set[str]:
    """Return the first column of a list of the library: "fuels" or "materials"."""
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = iter(csv.reader(file))
        next(rows)
        return {row[0] for row in rows}


def every(table: str) -> Iterator[tuple[str, Mapping[str, Any], Mapping[str, Any]]]:
    """Yield the entries of a table of every method, each with its method and the whole file."""
    for method_id in SHIPPED:
        data = data_of(method_id)
        for each in data.get(table, []):
            yield method_id, each, data


def formulas_of(data: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for term in data["terms"]:
        yield from term["formulas"]


def test_the_seven_methods_are_there_and_the_home_method_stands_first() -> None:
    assert tuple(SHIPPED) == EXPECTED
    assert EXPECTED[0] == names.HOME_METHOD


@pytest.mark.parametrize("method_id", EXPECTED)
def test_a_file_is_named_after_its_method(method_id: str) -> None:
    assert data_of(method_id)["method"] == method_id


@pytest.mark.parametrize("method", SHIPPED.values(), ids=SHIPPED)
def test_everything_that_is_shown_is_said_in_both_languages(method: Method) -> None:
    words = [
        method.title,
        *(item.name for item in method.items.values()),
        *(formula.words for term in method.terms for formula in term.formulas),
        *(industry.name for industry in method.expected.values()),
        *(industry.missing for industry in method.expected.values()),
        *method.open_points,
    ]

    assert all(each.en.strip() and not CHINESE.search(each.en) for each in words)
    # A formula of symbols alone is the same in both.
    assert all(CHINESE.search(each.zh) or "=" in each.zh for each in words)


@pytest.mark.parametrize("method", SHIPPED.values(), ids=SHIPPED)
def test_every_rule_names_its_document_its_clause_and_its_status(method: Method) -> None:
    clauses = [formula.clause for term in method.terms for formula in term.formulas]
    if method.reporting is not None:
        clauses.append(method.reporting.clause)

    assert all(each.title and each.document_no and each.locator for each in clauses)
    assert all(each.url.startswith("http") for each in clauses)
    assert all(each.confidence for each in clauses)


@pytest.mark.parametrize("method_id", EXPECTED)
def test_no_rule_is_trusted_more_than_the_document_it_names(method_id: str) -> None:
    data = data_of(method_id)
    documents = {each["id"]: Status(each["status"]) for each in data["documents"]}
    rules = [*formulas_of(data), *data.get("constants", [])]

    for rule in rules:
        status = Status(rule["status"])
        assert trust.lowest(status, documents[rule["document"]]) is status, rule["clause"]
    # What replaces a document after the last accounting year is named and no rule rests on it.
    assert set(documents) == {
        each["document"]
        for each in (*rules, *data.get("process_industries", []), data["rounding"]["reported"])
        if "document" in each
    } | {each["id"] for each in data["documents"] if "In force" in each.get("note", "")}


@pytest.mark.parametrize("method_id", EXPECTED)
def test_what_was_not_read_is_not_called_official(method_id: str) -> None:
    data = data_of(method_id)
    doubtful = re.compile(
        r"memory|not seen|not read|not found|unsure|analogy|not printed", re.IGNORECASE
    )

    for each in (*data["documents"], *formulas_of(data)):
        said = f"{each.get('confidence', '')} {each.get('clause', '')}"
        if doubtful.search(said):
            assert each["status"] != "official", said


def test_the_house_rule_of_rounding_calls_itself_one() -> None:
    for method_id in EXPECTED:
        booked = data_of(method_id)["rounding"]["booked"]
        assert (booked["house_rule"], booked["status"]) == (True, "unverified")
        assert SHIPPED[method_id].rounding is Rounding.HALF_UP
        assert SHIPPED[method_id].rounding_reason


def test_a_method_is_trusted_no_more_than_its_best_document() -> None:
    for method_id in EXPECTED:
        data = data_of(method_id)
        best = max((Status(each["status"]) for each in data["documents"]), key=_rank)
        assert _rank(SHIPPED[method_id].status) <= _rank(best)
        assert data["note"].endswith(".")


def _rank(status: Status) -> int:
    return sum(trust.lowest(status, other) is other for other in Status)


@pytest.mark.parametrize("case", typical.cases(), ids=str)
def test_every_formula_comes_out_as_a_mass_of_each_of_its_gases(case: Case) -> None:
    emission = compute(case.formula, Fraction(1000), case.binding, case.method.rounding)

    gases = [gas.gas for gas in emission.gases]
    assert gases == list(dict.fromkeys(chain.gas for chain in case.formula.chains))
    assert all(steps[-1].unit == f"t{gas.gas}" for gas in emission.gases for steps in gas.chains)
    assert emission.co2e_t.keys() == set(case.method.gwp_sets)
    is_zero = any(slot.role is Role.ELECTRICITY_NONFOSSIL for slot in case.formula.slots())
    assert all((gas.value_t == 0) is is_zero for gas in emission.gases)


def test_all_products_of_a_formula_take_the_activity_in_one_unit() -> None:
    for case in typical.cases():
        known = case.binding.known
        taken = {formulas.activity_unit(chain, known) for chain in case.formula.chains}
        assert len({units.unit(each).vector for each in taken}) == 1, case
        if case.formula.unit:
            assert units.unit(case.formula.unit).vector == units.unit(case.unit).vector, case


def test_every_gas_of_a_formula_is_one_that_the_method_covers() -> None:
    for case in typical.cases():
        gases = {chain.gas for chain in case.formula.chains} - {Gas.CO2E}
        assert gases <= set(case.method.gases), case


def test_every_constant_is_declared_with_its_source() -> None:
    for case in typical.cases():
        listed = data_of(case.method.method_id).get("constants", [])
        declared = {each["id"]: each for each in listed}
        used = {
            token.text
            for chain in case.formula.chains
            for token in chain.tokens
            if isinstance(token, formulas.Constant)
        }
        assert used <= declared.keys(), case
        assert all(declared[each]["document"] and declared[each]["clause"] for each in used)


def test_a_typical_figure_measures_what_its_role_measures() -> None:
    for role, manner in MANNERS.items():
        unit = typical.FIGURES[role].split(maxsplit=1)[1]
        fitting = {units.unit(code).vector for code in manner.units}
        assert not manner.units or units.unit(unit).vector in fitting, role
        if manner.is_share:
            assert unit == "%"
    assert typical.FIGURES.keys() == MANNERS.keys() == set(Role)
    assert MANNERS.keys() >= MEASURABLE


def test_every_subject_is_one_of_the_library() -> None:
    library = subjects_of("fuels") | subjects_of("materials")
    energy = {each for origins in ORIGINS.values() for each in origins}

    for method in SHIPPED.values():
        for term in method.terms:
            known = library
            if term.kind.carrier:
                known = energy
            elif term.kind is Kind.GREEN_POWER_CLAIMED:
                known = set(INSTRUMENTS)
            elif term.kind is Kind.GAS_RELEASED:
                known = GASES_RELEASED
            if term.item.balance in OF_CARBON_WORKS:
                assert ANY_SUBJECT not in term.subjects
                continue
            unknown = set(term.subjects) - known - {ANY_SUBJECT}
            assert not unknown, (method.method_id, term.kind, unknown)


def test_every_subject_that_a_formula_names_is_one_of_the_librarys_factors() -> None:
    with (DATA / "applicability.csv").open(encoding="utf-8", newline="") as file:
        rules = {(row["method"], row["role"], row["subject"]) for row in csv.DictReader(file)}

    for case in typical.cases():
        for slot in case.formula.slots():
            if slot.subject:
                method_id, role = case.method.method_id, slot.role.lower()
                assert {(method_id, role, slot.subject), (method_id, role, ANY_SUBJECT)} & rules


def test_an_activity_stands_once_in_each_item_and_in_the_home_method_in_one_only() -> None:
    for method in SHIPPED.values():
        counted = Counter(
            (term.kind, subject, term.item.item_id)
            for term in method.terms
            for subject in term.subjects
        )
        assert set(counted.values()) == {1}, method.method_id
    home = SHIPPED[names.HOME_METHOD]
    for case in typical.cases():
        if case.method is home:
            assert len(home.terms_of(case.source.kind, case.source.subject)) == 1


def test_in_one_total_an_activity_is_counted_once() -> None:
    for case in typical.cases():
        terms = case.method.terms_of(case.source.kind, case.source.subject)
        for basis in case.method.bases:
            counted = [each for each in terms if case.method.counts(each.item.category, basis)]
            # Aluminium has its anodes and its anode effect: two emissions of one output.
            items = {each.item.item_id for each in counted}
            assert len(counted) <= 1 or items == {"anode", "anode_effect"}


def test_every_item_can_be_reached_and_what_is_given_back_by_the_claims() -> None:
    for method in SHIPPED.values():
        reached = {term.item.item_id for term in method.terms}
        assert set(method.items) - reached <= {BEYOND}
        deducts_claims = any(term.kind is Kind.GREEN_POWER_CLAIMED for term in method.terms)
        assert (BEYOND in method.items) is deducts_claims


def test_the_parts_of_a_balance_stand_on_both_sides() -> None:
    for method in SHIPPED.values():
        signs: dict[str, set[int]] = {}
        for item in method.items.values():
            if item.balance:
                signs.setdefault(item.balance, set()).add(item.sign)
        assert all(each == {1, -1} for each in signs.values()), method.method_id


def test_sold_energy_is_deducted_wherever_it_is_counted() -> None:
    for method in SHIPPED.values():
        for term in method.terms:
            if term.kind.is_sale:
                assert term.item.sign == -1
            if term.kind.is_purchase:
                assert term.item.sign == 1


def test_scope_three_and_the_carbon_of_biomass_are_in_no_total() -> None:
    apart = {Category.VALUE_CHAIN, Category.MEMO}
    for method in SHIPPED.values():
        for term in method.terms:
            if term.kind is Kind.OTHER_INDIRECT:
                assert term.item.category is Category.VALUE_CHAIN
            carbon = {chain.gas for each in term.formulas for chain in each.chains} & {Gas.CO2}
            if term.kind is Kind.BIOMASS_COMBUSTION and carbon:
                assert term.item.category in apart


def test_the_last_formula_of_a_term_needs_nothing_of_the_emitter_but_its_factors() -> None:
    for case in typical.cases():
        term = case.method.term_of(case.source, case.binding.item_id)
        ids = [each.formula_id for each in term.formulas]
        assert len(set(ids)) == len(ids)
        if term.kind is not Kind.OTHER_INDIRECT:
            assert not term.formulas[-1].needs, str(case)


def test_carbon_becomes_co2_by_an_exact_fraction() -> None:
    constants = [each for _, each, _ in every("constants") if each["id"] == "44/12"]

    assert len(constants) == len(EXPECTED)
    assert {(Fraction(each["value"]), each["unit"]) for each in constants} == {
        (Fraction(44, 12), "tCO2/tC")
    }


def test_each_guide_of_the_market_is_for_its_industry_and_counts_direct_emissions_alone() -> None:
    industries = {
        "ets-power": ("4411", "4412"),
        "ets-steel": ("3110", "3120"),
        "ets-cement": ("3011",),
        "ets-aluminium": ("3216",),
    }

    for method_id, codes in industries.items():
        method = SHIPPED[method_id]
        assert method.industries == codes
        assert [basis.value for basis in method.bases] == ["none"]
        assert method.reporting is not None
        assert not method.is_of_zones
        assert {item.category for item in method.items.values()} <= {
            Category.DIRECT,
            Category.MEMO,
        }


def test_the_methods_of_zones_are_for_every_industry() -> None:
    of_zones = {each.method_id: each for each in SHIPPED.values() if each.is_of_zones}

    assert set(of_zones) == {"gbt32150", "ghgp", "park910"}
    assert all(not each.industries for each in of_zones.values())


@pytest.mark.parametrize("method", SHIPPED.values(), ids=SHIPPED)
def test_what_a_method_leaves_open_is_written_down(method: Method) -> None:
    assert method.open_points
    assert all(each.en.endswith(".") and each.zh.endswith("。") for each in method.open_points)
