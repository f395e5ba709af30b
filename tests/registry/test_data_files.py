"""The shipped factor library checked against itself: counts, ids, units, periods, rules."""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from services.kernel import units
from services.kernel.trust import Status, from_confidence, lowest

DATA = Path(__file__).parents[2] / "services" / "registry" / "data"
FACTOR_FILES = ("china_fuels.csv", "china_grid.csv", "heat.csv", "gwp.csv")
COLLECTED_ROWS = 12_788
RESOURCE_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,126}")
FUEL_ROLES = {"net_calorific_value", "carbon_content_per_heat", "oxidation_rate"}
ROLES = FUEL_ROLES | {
    "grid_average",
    "grid_residual",
    "grid_fossil",
    "grid_ets_reporting",
    "electricity_nonfossil",
    "electricity_life_cycle",
    "heat_default",
    "heat_constant",
    "gwp100",
}
LEVELS = {"global", "nation", "grid_region", "grid_region_2012", "province"}


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def factors() -> list[dict[str, str]]:
    return [row for name in FACTOR_FILES for row in rows(f"factors/{name}")]


def value(factor_id: str) -> str:
    (row,) = (row for row in factors() if row["id"] == factor_id)
    return row["value"]


@pytest.mark.parametrize("name", FACTOR_FILES)
def test_a_file_holds_the_rows_that_its_sets_declare(name: str) -> None:
    counted = Counter(row["factor_set"] for row in rows(f"factors/{name}"))
    declared = {
        row["factor_set"]: int(row["rows"])
        for row in rows("factor_sets.csv")
        if row["file"] == name
    }
    assert declared == counted


def test_every_collected_row_is_shipped_or_listed_with_its_reason() -> None:
    left_out = rows("not_loaded.csv")
    assert all(row["reason"] for row in left_out)
    assert all(row["rows"] == "1" for row in left_out if row["id"])
    assert len(factors()) + sum(int(row["rows"]) for row in left_out) == COLLECTED_ROWS


def test_nothing_is_both_shipped_and_left_out() -> None:
    shipped = {row["source_id"] for row in factors()}
    assert not shipped & {row["id"] for row in rows("not_loaded.csv")}


def test_ids_are_unique_and_fit_a_resource_name() -> None:
    ids = [row["id"] for row in factors()]
    assert len(ids) == len(set(ids))
    names = {*ids, *(row["factor_set"] for row in rows("factor_sets.csv"))}
    assert [name for name in names if not RESOURCE_ID.fullmatch(name)] == []
    changed = [row for row in factors() if row["id"] != row["source_id"]]
    assert all(re.search(r"[+()]", row["source_id"]) for row in changed)
    assert len(changed) == 92


def test_every_value_is_a_finite_decimal_and_not_negative() -> None:
    for row in factors():
        figure = Decimal(row["value"])
        assert figure.is_finite(), row["id"]
        assert figure >= 0, row["id"]


@pytest.mark.parametrize(
    ("factor_id", "written"),
    [
        ("cn-grid-region-east-2023", "0.5500"),
        ("cn-gbt32151-2024-bituminous-coal-ncv", "19.570"),
        ("cn-ndrc-2013-2015-lignite-cc", "28.00"),
        ("cn-elec-nonfossil-zero", "0.0000"),
        ("gwp100-ar6-ch4-nonfossil", "27.0"),
    ],
)
def test_a_value_keeps_the_zeros_of_its_source(factor_id: str, written: str) -> None:
    assert written == value(factor_id)


@pytest.mark.parametrize("code", sorted({row["unit"] for row in factors()}))
def test_every_unit_is_on_the_unit_list(code: str) -> None:
    assert code == units.unit(code).code


def test_a_fuel_is_reported_in_units_of_the_unit_list() -> None:
    for code in {row["activity_unit"] for row in rows("fuels.csv")}:
        assert code == units.unit(code).code


def test_a_status_follows_from_the_words_on_confidence() -> None:
    for row in factors():
        assert from_confidence(row["confidence"]) is Status(row["status"]), row["id"]


def test_a_set_has_the_lowest_status_of_its_rows() -> None:
    found = defaultdict(list)
    for row in factors():
        found[row["factor_set"]].append(Status(row["status"]))
    declared = {row["factor_set"]: Status(row["status"]) for row in rows("factor_sets.csv")}
    assert declared == {name: lowest(*statuses) for name, statuses in found.items()}


def test_periods_are_half_open_and_ordered() -> None:
    for row in factors():
        end = date.fromisoformat(row["data_end_date"] or "9999-12-31")
        assert date.fromisoformat(row["data_start_date"] or "0001-01-01") < end, row["id"]
    for row in factors():
        if re.fullmatch(r"cn-grid-20\d\d", row["factor_set"]):
            year = date.fromisoformat(row["data_start_date"]).year
            assert row["data_end_date"] == f"{year + 1}-01-01", row["id"]


def test_roles_subjects_and_regions_are_known() -> None:
    fuels = {row["fuel"] for row in rows("fuels.csv")}
    places = {row["region"] for row in rows("regions.csv")}
    for row in factors():
        assert row["role"] in ROLES, row["id"]
        assert row["region"] in places, row["id"]
        if row["role"] in FUEL_ROLES:
            assert row["subject"] in fuels, row["id"]


def test_a_fuel_is_complete_in_the_sets_that_it_names() -> None:
    have: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for row in rows("factors/china_fuels.csv"):
        have[row["factor_set"], row["subject"]][row["role"]] += 1
    once = Counter(dict.fromkeys(FUEL_ROLES, 1))
    complete = {key for key, roles in have.items() if roles == once}
    named = {
        (name, row["fuel"]) for row in rows("fuels.csv") for name in row["factor_sets"].split()
    }
    assert named == complete


@pytest.mark.parametrize(("factor_set", "count"), [("ndrc-2013-2015", 27), ("gbt32151-2024", 26)])
def test_an_applicable_fuel_table_has_all_three_roles_of_each_fuel(
    factor_set: str, count: int
) -> None:
    mine = [row for row in rows("factors/china_fuels.csv") if row["factor_set"] == factor_set]
    pairs = Counter((row["subject"], row["role"]) for row in mine)
    fuels = {row["subject"] for row in mine}
    assert len(fuels) == count
    assert pairs == Counter((fuel, role) for fuel in fuels for role in FUEL_ROLES)


def test_a_heat_value_is_given_per_the_fuels_own_activity_unit() -> None:
    activity_unit = {row["fuel"]: row["activity_unit"] for row in rows("fuels.csv")}
    for row in rows("factors/china_fuels.csv"):
        if row["role"] == "net_calorific_value":
            assert row["unit"] == f"GJ(NCV)/{activity_unit[row['subject']]}", row["id"]


def test_a_province_lies_in_a_regional_grid_of_the_nation() -> None:
    level = {row["region"]: row["level"] for row in rows("regions.csv")}
    assert set(level.values()) == LEVELS
    provinces = [row for row in rows("regions.csv") if row["level"] == "province"]
    assert len(provinces) == 31
    for row in provinces:
        assert level[row["grid_region"]] == "grid_region", row["region"]
        assert level[row["nation"]] == "nation", row["region"]
    assert "CN-region-east" in {row["grid_region"] for row in provinces if row["region"] == "CN-JS"}


@pytest.mark.parametrize("year", ["2021", "2022", "2023"])
def test_a_grid_set_covers_the_nation_seven_grids_and_all_provinces_but_tibet(year: str) -> None:
    averages = Counter(
        row["region"]
        for row in rows("factors/china_grid.csv")
        if row["factor_set"] == f"cn-grid-{year}" and row["role"] == "grid_average"
    )
    places = {
        row["region"]
        for row in rows("regions.csv")
        if row["level"] in {"nation", "grid_region", "province"}
    }
    assert averages == Counter(places - {"CN-XZ"})


def test_a_rule_leads_to_a_set_that_has_the_role() -> None:
    have = {(row["factor_set"], row["role"]) for row in factors()}
    subjects = {(row["factor_set"], row["role"], row["subject"]) for row in factors()}
    for rule in rows("applicability.csv"):
        assert (rule["factor_set"], rule["role"]) in have, rule
        if rule["subject"] != "*":
            assert (rule["factor_set"], rule["role"], rule["subject"]) in subjects, rule
        assert set(rule["region_levels"].split(">")) <= LEVELS, rule
        assert Status(rule["status"]) <= Status.SECONDARY, rule
        assert rule["source"], rule


def test_a_query_meets_one_rule_and_one_factor() -> None:
    rules = rows("applicability.csv")
    keys = [(r["method"], r["accounting_year"], r["role"], r["subject"]) for r in rules]
    assert len(keys) == len(set(keys))
    applied = {(rule["factor_set"], rule["role"]) for rule in rules}
    found = Counter(
        (row["factor_set"], row["role"], row["subject"], row["region"])
        for row in factors()
        if (row["factor_set"], row["role"]) in applied
    )
    assert {1} == set(found.values())


def test_the_only_double_values_stand_in_sets_that_no_rule_names() -> None:
    found = Counter(
        (row["factor_set"], row["role"], row["subject"], row["region"]) for row in factors()
    )
    assert {key for key, count in found.items() if count > 1} == {
        ("cn-ets-grid", "grid_ets_reporting", "electricity", "CN"),
        ("gwp100-ar6", "gwp100", "sf6", "GLOBAL"),
        ("gwp100-ar6", "gwp100", "hfc134a", "GLOBAL"),
    }


@pytest.mark.parametrize(
    ("accounting_year", "data_year", "national"),
    [("2023", "2021", "0.5568"), ("2024", "2022", "0.5366"), ("2025", "2023", "0.5306")],
)
def test_an_accounting_year_takes_the_grid_of_two_years_before(
    accounting_year: str, data_year: str, national: str
) -> None:
    (rule,) = (
        rule
        for rule in rows("applicability.csv")
        if rule["accounting_year"] == accounting_year and rule["role"] == "grid_average"
    )
    assert rule["factor_set"] == f"cn-grid-{data_year}"
    assert rule["region_levels"] == "province>grid_region>nation"
    assert national == value(f"cn-grid-national-{data_year}")


def test_a_rule_of_every_role_exists_for_every_year() -> None:
    per_year = defaultdict(set)
    for rule in rows("applicability.csv"):
        assert rule["method"] == "gbt32150"
        per_year[rule["accounting_year"]].add(rule["role"])
    wanted = FUEL_ROLES | {"grid_average", "heat_default", "gwp100"}
    assert per_year == {"2023": wanted, "2024": wanted, "2025": wanted}
