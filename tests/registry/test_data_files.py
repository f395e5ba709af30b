"""The shipped factor library checked against itself: counts, ids, units, periods, trust."""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from services.kernel import units
from services.kernel.trust import Status, from_confidence, lowest
from services.registry.domain.factor import FactorRole

DATA = Path(__file__).parents[2] / "services" / "registry" / "data"
COLLECTED = Path(__file__).parents[3] / "shared" / "data"
"""Where the collected tables lie beside the project, if they do."""
COLLECTED_ROWS = {
    "china_energy_coal_equivalent.csv": 72,
    "china_fuels.csv": 331,
    "china_grid.csv": 235,
    "china_process.csv": 184,
    "ghgp_mobile.csv": 143,
    "ghgp_stationary_mass_volume.csv": 77,
    "gwp.csv": 472,
    "heat.csv": 15,
    "intl_grid.csv": 500,
    "ipcc2006_ippu.csv": 401,
    "ipcc2006_mobile.csv": 428,
    "ipcc2006_stationary.csv": 593,
    "ipcc_ippu_bounds_bonsai.csv": 624,
    "mrv_defaults.csv": 232,
    "steam_enthalpy_gbt32151_34.csv": 442,
    "uk_desnz_2025_scope12_selected.csv": 13,
    "uk_desnz_2025_scope3.csv": 4146,
    "uk_desnz_2026.csv": 2421,
    "unit_conversions.csv": 163,
    "us_egrid.csv": 1108,
    "us_epa_hub.csv": 420,
}
FACTOR_FILES = {
    "china_energy_coal_equivalent.csv": "china_energy_coal_equivalent.csv",
    "china_fuels.csv": "china_fuels.csv",
    "china_grid.csv": "china_grid.csv",
    "china_process.csv": "china_process.csv",
    "ets_guides.csv": "mrv_defaults.csv",
    "gwp.csv": "gwp.csv",
    "heat.csv": "heat.csv",
    "ipcc2006_stationary.csv": "ipcc2006_stationary.csv",
    "zero_carbon_park.csv": "",
}
"""The shipped file and the collected table it comes from; none for what was typed from a text."""
SAME_IDS = ("china_fuels.csv", "china_grid.csv", "china_process.csv", "heat.csv", "gwp.csv")
MOST_ROWS = 2600
RESOURCE_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,126}")
FUEL_ROLES = {"net_calorific_value", "carbon_content_per_heat", "oxidation_rate"}
FUEL_SUBJECTS = FUEL_ROLES | {"co2_per_heat", "ch4_per_heat", "n2o_per_heat"}
ENERGIES = {"electricity", "electricity-non-fossil", "heat", "heat-non-fossil"}
LEVELS = {"global", "nation", "grid_region", "grid_region_2012", "province"}


@cache
def rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def factors() -> list[dict[str, str]]:
    return [row for name in FACTOR_FILES for row in rows(f"factors/{name}")]


def shipped() -> dict[str, set[str]]:
    """The ids of the collected rows that are shipped, by collected table."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for name, table in FACTOR_FILES.items():
        found[table] |= {row["source_id"] for row in rows(f"factors/{name}")}
    return found


@cache
def collected(table: str) -> dict[str, dict[str, str]]:
    """The rows of a collected table by id, if it lies beside the project."""
    (path, *_) = (*COLLECTED.glob(f"*/{table}"), Path("nowhere"))
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    return {row.get("id", f"mrv-defaults-{line}"): row for line, row in enumerate(found, start=2)}


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


def test_the_folder_holds_these_files_and_no_other() -> None:
    assert {path.name for path in (DATA / "factors").iterdir()} == set(FACTOR_FILES)


@pytest.mark.parametrize("table", COLLECTED_ROWS)
def test_every_collected_row_is_shipped_or_listed_with_its_reason(table: str) -> None:
    left_out = [row for row in rows("not_loaded.csv") if row["file"] == table]
    assert all(row["reason"] for row in left_out)
    assert all(row["rows"] == "1" for row in left_out if row["id"])
    listed = sum(int(row["rows"]) for row in left_out)
    assert len(shipped()[table]) + listed == COLLECTED_ROWS[table]

    there = collected(table)
    assert len(there) in {0, COLLECTED_ROWS[table]}
    named = shipped()[table] | {row["id"] for row in left_out}
    rest = Counter(
        row.get("source_set") or row["sector"] for id_, row in there.items() if id_ not in named
    )
    counted: Counter[str] = Counter()
    for row in left_out:
        if not row["id"]:
            counted[row["factor_set"]] += int(row["rows"])
    assert rest in (counted, Counter())


@pytest.mark.parametrize(("name", "table"), FACTOR_FILES.items())
def test_a_value_is_written_as_in_the_collected_table(name: str, table: str) -> None:
    there = collected(table)
    for row in rows(f"factors/{name}"):
        assert bool(row["source_id"]) is bool(table), row["id"]
        assert row["value"] == there.get(row["source_id"], row)["value"], row["id"]


def test_nothing_is_both_shipped_and_left_out() -> None:
    sources = set().union(*shipped().values()) - {""}
    assert not sources & {row["id"] for row in rows("not_loaded.csv")}


def test_ids_are_unique_and_fit_a_resource_name() -> None:
    ids = [row["id"] for row in factors()]
    assert len(ids) == len(set(ids))
    names = {*ids, *(row["factor_set"] for row in rows("factor_sets.csv"))}
    assert [name for name in names if not RESOURCE_ID.fullmatch(name)] == []


def test_an_id_is_that_of_the_collected_table_but_for_marks_a_name_cannot_have() -> None:
    kept = [row for name in SAME_IDS for row in rows(f"factors/{name}")]
    changed = [row for row in kept if row["id"] != row["source_id"]]
    assert all(re.search(r"[+()]", row["source_id"]) for row in changed)
    assert len(changed) == 92


def test_the_library_is_small_enough_for_a_fast_first_start() -> None:
    assert len(factors()) < MOST_ROWS


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
        ("ets-steel-2024-petroleum-coke-cc", "0.02750"),
        ("ets-cement-2024-clinker-white-co2", "0.550"),
        ("cn-proc-carbonate-mgco3-4d", "0.5220"),
    ],
)
def test_a_value_keeps_the_zeros_of_its_source(factor_id: str, written: str) -> None:
    assert written == value(factor_id)


@pytest.mark.parametrize("code", sorted({row["unit"] for row in factors()}))
def test_every_unit_is_on_the_unit_list(code: str) -> None:
    assert code == units.unit(code).code


def test_a_thing_is_reported_in_units_of_the_unit_list() -> None:
    for code in {row["activity_unit"] for row in [*rows("fuels.csv"), *rows("materials.csv")]}:
        assert code == units.unit(code).code


def test_a_thing_has_one_slug_and_a_name_in_both_languages() -> None:
    things = [
        *((row["fuel"], row) for row in rows("fuels.csv")),
        *((row["material"], row) for row in rows("materials.csv")),
    ]
    slugs = [slug for slug, _ in things]
    assert len(slugs) == len(set(slugs))
    for slug, row in things:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug), slug
        assert row["name_en"], slug
        assert row["name_zh"], slug


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
    materials = {row["material"] for row in rows("materials.csv")}
    places = {row["region"] for row in rows("regions.csv")}
    for row in factors():
        assert FactorRole(row["role"].upper()), row["id"]
        assert row["region"] in places, row["id"]
        if row["role"] in FUEL_SUBJECTS:
            assert row["subject"] in fuels, row["id"]
        elif row["role"] != "gwp100":
            assert row["subject"] in fuels | materials | ENERGIES, row["id"]


def test_a_material_is_listed_because_a_factor_or_a_rule_is_about_it() -> None:
    named = {row["subject"] for row in [*factors(), *rows("applicability.csv")]}
    assert {row["material"] for row in rows("materials.csv")} <= named


def test_a_fuel_is_complete_in_the_sets_that_it_names() -> None:
    have: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for row in factors():
        if row["role"] in FUEL_ROLES:
            have[row["factor_set"], row["subject"]][row["role"]] += 1
    once = Counter(dict.fromkeys(FUEL_ROLES, 1))
    complete = {key for key, roles in have.items() if roles == once}
    named = {
        (name, row["fuel"]) for row in rows("fuels.csv") for name in row["factor_sets"].split()
    }
    assert named == complete


@pytest.mark.parametrize(
    ("factor_set", "count"),
    [("ndrc-2013-2015", 27), ("gbt32151-2024", 26), ("power-2013", 5), ("ets-steel-2024", 25)],
)
def test_an_applicable_fuel_table_has_all_three_roles_of_each_fuel(
    factor_set: str, count: int
) -> None:
    mine = [
        row for row in factors() if row["factor_set"] == factor_set and row["role"] in FUEL_ROLES
    ]
    pairs = Counter((row["subject"], row["role"]) for row in mine)
    fuels = {row["subject"] for row in mine}
    assert len(fuels) == count
    assert pairs == Counter((fuel, role) for fuel in fuels for role in FUEL_ROLES)


def test_a_heat_value_is_given_per_the_fuels_own_activity_unit() -> None:
    activity_unit = {row["fuel"]: row["activity_unit"] for row in rows("fuels.csv")}
    for row in factors():
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


@pytest.mark.parametrize(
    ("factor_id", "status"),
    [
        # Two collected tables name the same guide and the same item: the lower word.
        ("ets-steel-2024-pig-iron-co2", "secondary"),
        ("ets-steel-2024-coal-tar-co2", "secondary"),
        ("cn-grid-national-2023", "secondary"),
        # One table alone, or another document.
        ("ets-steel-2024-limestone-co2", "official"),
        ("ets-steel-2024-anthracite-ncv", "official"),
        ("ets-power-2023-coal-ox", "official"),
        ("cn-ets-power-coal-oxidation", "unverified"),
        ("ets-power-2023-coal-unmeasured-cc", "unverified"),
        ("ndrc-910-2025-grid-fossil", "official"),
    ],
)
def test_of_two_words_on_one_fact_the_lower_stands(factor_id: str, status: str) -> None:
    (row,) = (row for row in factors() if row["id"] == factor_id)
    assert status == row["status"]


def test_a_factor_says_which_ipcc_fuel_stands_for_ours() -> None:
    mine = rows("factors/ipcc2006_stationary.csv")
    for row in mine:
        assert row["notes"].startswith(f"IPCC name: {row['name_en']}."), row["id"]
    pairs = Counter((row["subject"], row["role"]) for row in mine)
    assert set(pairs.values()) == {1}
    have = {row["subject"] for row in mine}
    tables = {"ndrc-2013-2015", "gbt32151-2024"}
    fuels = {row["subject"] for row in factors() if row["factor_set"] in tables}
    assert fuels - have == {"crude-benzol", "calcium-carbide-furnace-gas"}


def test_bounds_that_rest_on_memory_are_not_shipped() -> None:
    there = collected("ipcc2006_stationary.csv")
    for row in rows("factors/ipcc2006_stationary.csv"):
        kept = there.get(row["source_id"], {}).get("bounds_confidence", "package")
        assert (row["lower"] == "") or kept in {"package", "derived"}, row["id"]
        assert bool(row["lower"]) is bool(row["upper"]) is ("Bounds not" not in row["notes"])


def test_only_a_double_value_of_the_ets_grid_would_be_a_conflict() -> None:
    found = Counter(
        (row["factor_set"], row["role"], row["subject"], row["region"]) for row in factors()
    )
    assert {key for key, count in found.items() if count > 1} == {
        ("cn-ets-grid", "grid_ets_reporting", "electricity", "CN"),
    }
