"""The shipped rules: each leads to one figure, none to that of another table, year or use."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache

import pytest

from services.kernel.trust import Status
from services.registry.domain.factor import CUSTOM_SET
from tests.registry.test_data_files import FUEL_ROLES, factors, rows

Row = dict[str, str]

PROCESS = {
    "carbon_content",
    "co2_factor",
    "n2o_factor",
    "anode_carbon",
    "sulphur_share",
    "ash_share",
    "cf4_factor",
    "c2f6_factor",
    "cf4_slope",
    "anode_effect_minutes",
    "component_share",
    "conversion_rate",
    "volatile_coefficient",
    "volatile_share",
    "methane_capacity",
    "methane_correction",
}
PER_HEAT = {"co2_per_heat", "ch4_per_heat", "n2o_per_heat"}
ANODES = {"anode_carbon", "sulphur_share", "ash_share"}
ALUMINIUM = ANODES | {"cf4_factor", "c2f6_factor", "cf4_slope", "anode_effect_minutes"}
GUIDE = FUEL_ROLES | {"carbon_content", "gwp100"}
ENTERPRISE_METHOD = (
    FUEL_ROLES | PROCESS | {"grid_average", "heat_default", "gwp100", "co2_per_heat"}
)
CORPORATE_METHOD = (
    PROCESS
    | PER_HEAT
    | {"net_calorific_value", "grid_average", "grid_residual", "electricity_nonfossil"}
    | {"heat_default", "gwp100", "ch4_factor"}
)
PARK_METHOD = (
    FUEL_ROLES
    | ANODES
    | {"grid_fossil", "electricity_nonfossil", "heat_default", "co2_factor", "gwp100"}
    | {"carbon_content", "component_share", "conversion_rate"}
)
GAS_SETS = {"gwp100-ar4", "gwp100-ar5", "gwp100-ar6"}


@cache
def rules(method: str = "", year: str = "") -> list[Row]:
    return [
        rule
        for rule in rows("applicability.csv")
        if method in {"", rule["method"]} and year in {"", rule["accounting_year"]}
    ]


def applying(method: str, year: str, role: str, subject: str) -> list[Row]:
    """The rules that a question meets: one for the very thing goes before one for every thing."""
    of_role = [rule for rule in rules(method, year) if rule["role"] == role]
    exact = [rule for rule in of_role if rule["subject"] == subject]
    return exact or [rule for rule in of_role if rule["subject"] == "*"]


@cache
def by_thing() -> dict[tuple[str, str], list[Row]]:
    found: defaultdict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in factors():
        found[row["factor_set"], row["role"]].append(row)
    return found


@cache
def level_of_place() -> dict[str, str]:
    return {row["region"]: row["level"] for row in rows("regions.csv")}


def reached(rule: Row) -> list[Row]:
    """The factors that a rule leads to, in whatever place."""
    levels = rule["region_levels"].split(">")
    return [
        row
        for row in by_thing().get((rule["factor_set"], rule["role"]), [])
        if level_of_place()[row["region"]] in levels
        and rule in applying(rule["method"], rule["accounting_year"], rule["role"], row["subject"])
    ]


def everything_reached() -> Iterator[tuple[Row, Row]]:
    for rule in rules():
        for row in reached(rule):
            yield rule, row


def answer(method: str, year: str, role: str, subject: str, factor_set: str = "") -> str:
    """The figure that a question leads to in the widest place, with its unit."""
    (rule,) = (
        rule
        for rule in applying(method, year, role, subject)
        if factor_set in {"", rule["factor_set"]}
    )
    if rule["factor_set"] == CUSTOM_SET:
        return CUSTOM_SET
    (row,) = (
        row
        for row in reached(rule)
        if row["subject"] == subject and row["region"] in {"CN", "GLOBAL"}
    )
    return f"{row['value']} {row['unit']}"


@pytest.mark.parametrize(
    ("method", "years", "roles"),
    [
        ("gbt32150", "2023 2024 2025", ENTERPRISE_METHOD),
        ("ets-power", "2023 2024 2025 2026", GUIDE | {"co2_factor"}),
        ("ets-steel", "2024 2025 2026", GUIDE | {"co2_factor"}),
        ("ets-cement", "2024 2025 2026", GUIDE | {"co2_factor"}),
        ("ets-aluminium", "2024 2025 2026", GUIDE | ALUMINIUM),
        ("ghgp", "2023 2024 2025", CORPORATE_METHOD),
        ("park910", "2023 2024 2025", PARK_METHOD),
    ],
)
def test_a_method_has_a_rule_for_each_of_its_roles_in_each_of_its_years(
    method: str, years: str, roles: set[str]
) -> None:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for rule in rules(method):
        found[rule["accounting_year"]].add(rule["role"])
    # The enthalpy of feed water is subtracted by the guidelines of 2013–2015 alone.
    steam = {"heat_constant"} if method in {"gbt32150", "ghgp"} else set()
    assert found == {
        year: roles | (steam if year in {"2023", "2024"} else set()) for year in years.split()
    }


def test_no_other_method_has_rules() -> None:
    assert {rule["method"] for rule in rules()} == {
        *("gbt32150", "ets-power", "ets-steel", "ets-cement", "ets-aluminium"),
        *("ghgp", "park910"),
    }


def test_a_rule_says_where_it_comes_from_and_how_far_it_can_be_trusted() -> None:
    for rule in rules():
        assert rule["source"], rule
        official = Status(rule["status"]) is Status.OFFICIAL
        assert not official or "text read" in rule["source"], rule
        ours = rule["source"].startswith("reading of this product")
        assert not ours or Status(rule["status"]) is Status.UNVERIFIED, rule


def test_a_published_set_is_tried_in_known_places_and_the_emitter_first() -> None:
    known = ["enterprise", "province", "grid_region", "nation", "global"]
    for rule in rules():
        levels = rule["region_levels"].split(">")
        assert levels == sorted(levels, key=known.index), rule
        assert (levels == ["enterprise"]) is (rule["factor_set"] == CUSTOM_SET), rule


def test_the_set_of_custom_factors_has_no_row() -> None:
    assert CUSTOM_SET not in {row["factor_set"] for row in rows("factor_sets.csv")}


def test_a_rule_leads_to_exactly_one_figure_of_each_of_its_things_in_a_place() -> None:
    for rule in rules():
        if rule["factor_set"] == CUSTOM_SET:
            continue
        found = Counter((row["subject"], row["region"]) for row in reached(rule))
        assert set(found.values()) == {1}, rule
        assert rule["subject"] in {"*", *(subject for subject, _ in found)}, rule


def test_only_the_choice_of_a_warming_potential_leads_to_several_sets() -> None:
    sets: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
    for rule in rules():
        key = (rule["method"], rule["accounting_year"], rule["role"], rule["subject"])
        assert rule["factor_set"] not in sets[key], rule
        sets[key].add(rule["factor_set"])
    several = {key: names for key, names in sets.items() if len(names) > 1}
    assert several == {("ghgp", year, "gwp100", "*"): GAS_SETS for year in ("2023", "2024", "2025")}


# Trap 1: the default tables of fuels contradict each other.


@pytest.mark.parametrize(
    ("method", "year", "carbon"),
    [
        ("gbt32150", "2023", "26.18 tC/TJ(NCV)"),
        ("gbt32150", "2024", "26.18 tC/TJ(NCV)"),
        ("gbt32150", "2025", "26.1 tC/TJ(NCV)"),
        ("park910", "2024", "26.18 tC/TJ(NCV)"),
        ("park910", "2025", "26.1 tC/TJ(NCV)"),
        ("ets-steel", "2024", "0.02618 tC/GJ(NCV)"),
        ("ets-cement", "2025", "0.02618 tC/GJ(NCV)"),
        ("ets-aluminium", "2026", "0.02618 tC/GJ(NCV)"),
        ("ets-power", "2024", "custom"),
    ],
)
def test_the_method_and_the_year_choose_the_carbon_of_bituminous_coal(
    method: str, year: str, carbon: str
) -> None:
    assert carbon == answer(method, year, "carbon_content_per_heat", "bituminous-coal")


@pytest.mark.parametrize("method", sorted({rule["method"] for rule in rules()}))
def test_a_method_takes_all_figures_of_a_fuel_from_one_table(method: str) -> None:
    for year in {rule["accounting_year"] for rule in rules(method)}:
        tables: defaultdict[str, set[str]] = defaultdict(set)
        for rule in rules(method, year):
            if rule["role"] in FUEL_ROLES:
                for row in reached(rule):
                    tables[row["subject"]].add(row["factor_set"])
        assert {fuel: sets for fuel, sets in tables.items() if len(sets) > 1} == {}, year


def test_a_suspect_table_is_reached_by_no_rule() -> None:
    sets = {row["factor_set"] for _, row in everything_reached()}
    assert not sets & {"mee-cets-2024", "prov-guide-gbt2589-2008", "mee-ets-power"}
    carbon = {
        row["value"]
        for _, row in everything_reached()
        if (row["role"], row["subject"]) == ("carbon_content_per_heat", "bituminous-coal")
    }
    assert carbon == {"26.18", "26.1", "0.02618"}


# Trap 2: grid factors look alike, and a data year is not the accounting year (BEH-18).


@pytest.mark.parametrize("method", ["gbt32150", "ghgp"])
@pytest.mark.parametrize(
    ("year", "data_year", "average", "residual"),
    [
        ("2023", "2021", "0.5568", "0.5942"),
        ("2024", "2022", "0.5366", "0.5856"),
        ("2025", "2023", "0.5306", "0.6096"),
    ],
)
def test_an_accounting_year_takes_the_grid_of_two_years_before(
    method: str, year: str, data_year: str, average: str, residual: str
) -> None:
    (rule,) = applying(method, year, "grid_average", "electricity")
    assert rule["factor_set"] == f"cn-grid-{data_year}"
    assert rule["region_levels"] == "province>grid_region>nation"
    assert answer(method, year, "grid_average", "electricity") == f"{average} tCO2/MWh"
    for row in reached(rule):
        assert row["data_start_date"] == f"{data_year}-01-01", row["id"]
    if method == "ghgp":
        found = answer(method, year, "grid_residual", "electricity")
        assert found == f"{residual} tCO2/MWh"


def test_the_factor_of_ets_reporting_is_the_average_of_no_year() -> None:
    reporting = {row["value"] for row in factors() if row["role"] == "grid_ets_reporting"}
    assert "0.5703" in reporting
    grid = [row for _, row in everything_reached() if row["subject"] == "electricity"]
    assert not reporting & {row["value"] for row in grid if row["region"] == "CN"}
    assert {row["role"] for row in grid} == {"grid_average", "grid_residual", "grid_fossil"}


def test_a_life_cycle_factor_is_reached_by_no_rule() -> None:
    life_cycle = {row["value"] for row in factors() if row["role"] == "electricity_life_cycle"}
    assert life_cycle == {"0.6205", "0.5777"}
    assert "electricity_life_cycle" not in {rule["role"] for rule in rules()}
    assert not life_cycle & {row["value"] for _, row in everything_reached()}


@pytest.mark.parametrize("year", ["2023", "2024", "2025"])
def test_the_park_takes_the_printed_fossil_factor_in_every_year(year: str) -> None:
    assert answer("park910", year, "grid_fossil", "electricity") == "0.8325 kgCO2/kWh"
    nothing = answer("park910", year, "electricity_nonfossil", "electricity-non-fossil")
    assert nothing == "0 kgCO2/kWh"
    assert answer("park910", year, "heat_default", "heat-non-fossil") == "0 tCO2/GJ"
    assert not applying("park910", year, "grid_average", "electricity")
    (rule,) = applying("park910", year, "grid_fossil", "electricity")
    assert ("Retrospective" in rule["note"]) is (year != "2025")


# Trap 3: warming potentials.


@pytest.mark.parametrize(
    ("factor_set", "gas", "figure"),
    [
        ("gwp100-ar6", "sf6", "24300"),
        ("gwp100-ar6", "hfc134a", "1526"),
        ("gwp100-ar6", "ch4-fossil", "29.8"),
        ("gwp100-ar6", "ch4-nonfossil", "27.0"),
        ("gwp100-ar6", "n2o", "273"),
        ("gwp100-ar5", "sf6", "23500"),
        ("gwp100-ar5", "ch4-fossil", "30"),
        ("gwp100-ar5", "ch4-nonfossil", "28"),
        ("gwp100-ar4", "sf6", "22800"),
        ("gwp100-ar4", "ch4-fossil", "25"),
    ],
)
def test_a_gas_has_one_warming_potential_in_a_set(factor_set: str, gas: str, figure: str) -> None:
    for year in ("2023", "2024", "2025"):
        assert answer("ghgp", year, "gwp100", gas, factor_set) == f"{figure} kgCO2e/kg"


def test_the_value_that_the_final_report_replaced_is_not_under_the_name_of_the_gas() -> None:
    sulphur = {row["subject"]: row["value"] for row in by_thing()["gwp100-ar6", "gwp100"]}
    assert (sulphur["sf6"], sulphur["sf6-preprint"]) == ("24300", "25200")


@pytest.mark.parametrize("gas", ["co2", "ch4-fossil", "n2o", "sf6", "nf3", "cf4", "c2f6"])
def test_the_enterprise_method_has_one_set_of_warming_potentials(gas: str) -> None:
    for year in ("2023", "2024", "2025"):
        (rule,) = applying("gbt32150", year, "gwp100", gas)
        assert rule["factor_set"] == "gwp100-ar5"


def test_the_aluminium_guide_names_its_own_warming_potentials() -> None:
    for year in ("2024", "2025", "2026"):
        assert answer("ets-aluminium", year, "gwp100", "cf4") == "6630 kgCO2e/kg"
        assert answer("ets-aluminium", year, "gwp100", "c2f6") == "11100 kgCO2e/kg"


# What else the rules must say.


@pytest.mark.parametrize(
    ("asked", "figure"),
    [
        ("gbt32150 2024 co2_factor calcium-carbonate", "0.4397 tCO2/t"),
        ("gbt32150 2025 co2_factor calcium-carbonate", "0.440 tCO2/t"),
        ("gbt32150 2024 co2_factor dolomite", "0.471 tCO2/t"),
        ("gbt32150 2024 co2_factor natural-gas", "21.622 tCO2/10^4 Nm3"),
        ("gbt32150 2024 co2_factor clinker-portland", "0.535 tCO2/t"),
        ("gbt32150 2024 n2o_factor adipic-acid", "0.3 tN2O/t"),
        ("gbt32150 2024 n2o_factor nitric-acid-dual-pressure", "0.008 tN2O/t"),
        ("gbt32150 2024 component_share desulphurisation-agent", "90 %"),
        ("gbt32150 2024 component_share limestone", "custom"),
        ("gbt32150 2024 conversion_rate desulphurisation-agent", "100 %"),
        ("gbt32150 2024 volatile_coefficient carbon-materials", "0.35 1"),
        ("gbt32150 2024 volatile_share petroleum-coke", "custom"),
        ("gbt32150 2024 carbon_content bituminous-coal", "custom"),
        ("gbt32150 2024 methane_capacity wastewater", "0.25 kgCH4/kg"),
        ("gbt32150 2024 methane_correction wastewater-aerobic", "0 1"),
        ("gbt32150 2024 anode_effect_minutes aluminium", "custom"),
        ("gbt32150 2024 heat_constant water-20c", "83.74 kJ/kg"),
        ("ets-power 2023 net_calorific_value natural-gas", "389.31 GJ(NCV)/10^4 Nm3"),
        ("ets-power 2023 net_calorific_value coal-unmeasured", "26.7 GJ(NCV)/t"),
        ("ets-power 2023 carbon_content_per_heat coal-unmeasured", "0.03085 tC/GJ(NCV)"),
        (
            "ets-power 2023 carbon_content_per_heat coal-unmeasured-unconventional",
            "0.02858 tC/GJ(NCV)",
        ),
        ("ets-power 2023 carbon_content lignite", "custom"),
        ("ets-power 2025 oxidation_rate coal", "99 %"),
        ("ets-power 2026 oxidation_rate coal", "custom"),
        ("ets-power 2026 oxidation_rate natural-gas", "custom"),
        ("ets-steel 2025 co2_factor dolomite", "0.476 tCO2/t"),
        ("ets-steel 2025 oxidation_rate blast-furnace-gas", "99 %"),
        ("ets-cement 2025 co2_factor carbide-slag", "0.480 tCO2/t"),
        ("ets-cement 2025 co2_factor fly-ash", "0.055 tCO2/t"),
        ("ets-cement 2025 co2_factor incineration-fly-ash", "0.305 tCO2/t"),
        ("ets-aluminium 2025 anode_carbon aluminium", "0.411 tC/t"),
        ("ets-aluminium 2025 cf4_slope aluminium", "0.143 kgCF4/t"),
        ("ets-aluminium 2025 c2f6_factor aluminium", "0.0034 kgC2F6/t"),
        ("ghgp 2024 net_calorific_value bituminous-coal", "23.204 GJ(NCV)/t"),
        ("ghgp 2024 net_calorific_value wood", "15.6 GJ(NCV)/t"),
        ("ghgp 2024 co2_per_heat bituminous-coal", "94600 kgCO2/TJ(NCV)"),
        ("ghgp 2024 ch4_per_heat wood", "30 kgCH4/TJ(NCV)"),
        ("ghgp 2024 n2o_per_heat natural-gas", "0.1 kgN2O/TJ(NCV)"),
        ("ghgp 2024 electricity_nonfossil electricity-non-fossil", "0.0000 tCO2/MWh"),
        ("park910 2024 co2_factor pig-iron", "0.172 tCO2/t"),
        ("park910 2024 co2_factor quicklime", "0.7857 tCO2/t"),
        ("park910 2024 heat_default heat", "0.11 tCO2/GJ"),
    ],
)
def test_a_question_has_its_answer(asked: str, figure: str) -> None:
    method, year, role, subject = asked.split()
    assert figure == answer(method, year, role, subject)


@pytest.mark.parametrize(
    ("method", "roles"),
    [
        (
            "gbt32150",
            FUEL_ROLES
            | {"heat_default", "sulphur_share", "ash_share"}
            | {"component_share", "conversion_rate"},
        ),
        ("ets-power", {"net_calorific_value", "carbon_content_per_heat"}),
        ("ets-steel", {"net_calorific_value", "carbon_content_per_heat"}),
        (
            "ets-aluminium",
            {"net_calorific_value", "carbon_content_per_heat", "sulphur_share", "ash_share"},
        ),
        ("park910", {"heat_default", "co2_factor"}),
    ],
)
def test_a_measured_value_may_go_before_a_default(method: str, roles: set[str]) -> None:
    found = {
        rule["role"] for rule in rules(method) if rule["region_levels"].startswith("enterprise>")
    }
    assert found == roles


def test_every_raw_material_without_carbonate_is_deducted_from_clinker() -> None:
    (rule,) = applying("ets-cement", "2024", "co2_factor", "carbide-slag")
    deducted = {row["subject"] for row in reached(rule) if "clinker-" not in row["subject"]}
    substitutes = {
        row["material"] for row in rows("materials.csv") if row["kind"] == "cement-substitute"
    }
    assert deducted == substitutes
    assert len(deducted) == 30


def test_coal_equivalents_are_there_for_reference_and_no_rule_takes_them() -> None:
    found = {row["subject"]: row["value"] for row in by_thing()["gbt2589-2020", "coal_equivalent"]}
    assert (found["electricity"], found["heat"]) == ("0.1229", "0.03412")
    assert "coal_equivalent" not in {rule["role"] for rule in rules()}
