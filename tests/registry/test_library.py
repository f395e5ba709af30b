"""The shipped factor library, loaded through the API as everybody loads it."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from services.kernel.trust import Status
from tests import builders
from tests.fixtures.registry import RunningRegistry
from zonecarbon.cli import library
from zonecarbon.registry.v1 import factor_pb2
from zonecarbon.registry.v1 import factor_service_pb2 as pb
from zonecarbon.type.v1 import source_pb2

DATA = Path(__file__).parents[2] / "services" / "registry" / "data"
FILES = sorted(path.name for path in (DATA / "factors").iterdir())
MOST_ROWS_A_CALL = 5000


def rows(file: str) -> list[dict[str, str]]:
    with (DATA / file).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def ask(registry: RunningRegistry, asked: str) -> pb.FactorResolution:
    """The answer to a question written as method, year, role, subject and province."""
    method, year, role, subject, place = asked.split()
    query = builders.query(
        method,
        accounting_year=int(year),
        role=factor_pb2.FactorRole.Value(f"FACTOR_ROLE_{role}"),
        subject=subject,
        region_code=place,
    )
    request = pb.ResolveFactorsRequest(queries=[query])
    return registry.administrator.factors.ResolveFactors(request).resolutions[0]


@pytest.fixture(scope="module")
def loaded(registry: RunningRegistry) -> RunningRegistry:
    """The registry with the shipped library."""
    for request in library.requests(DATA):
        registry.administrator.factors.ImportFactors(request)
    return registry


def test_the_library_is_loaded_in_calls_that_the_contract_takes() -> None:
    requests = library.requests(DATA)

    assert max(len(each.factors) for each in requests) <= MOST_ROWS_A_CALL
    assert max(len(each.rules) for each in requests) <= MOST_ROWS_A_CALL
    names = [factor.name for each in requests for factor in each.factors]
    assert len(names) == sum(len(rows(f"factors/{file}")) for file in FILES)
    assert sum(len(each.rules) for each in requests) == len(rows("applicability.csv"))


def test_a_library_of_more_rows_than_a_call_takes_is_parted(tmp_path: Path) -> None:
    (tmp_path / "factors").mkdir()
    header, first, *_ = (DATA / "factors" / "heat.csv").read_text("utf-8").splitlines()
    many = "\n".join([header, *[first] * (MOST_ROWS_A_CALL + 1)])
    (tmp_path / "factors" / "many.csv").write_text(many, "utf-8")
    for file in ("applicability.csv", "regions.csv"):
        (tmp_path / file).write_text((DATA / file).read_text("utf-8"), "utf-8")

    sizes = [len(each.factors) for each in library.requests(tmp_path) if each.factors]
    assert sizes == [MOST_ROWS_A_CALL, 1]


def test_each_set_has_as_many_factors_as_its_file_says(loaded: RunningRegistry) -> None:
    listed = loaded.administrator.factors.ListFactorSets(pb.ListFactorSetsRequest()).factor_sets
    found = {
        each.name.removeprefix("factorSets/"): (each.factor_count, each.status) for each in listed
    }

    expected = {
        row["factor_set"]: (
            int(row["rows"]),
            source_pb2.SourceStatus.Value(f"SOURCE_STATUS_{Status(row['status']).name}"),
        )
        for row in rows("factor_sets.csv")
    }
    assert {name: found[name] for name in expected} == expected


def test_loading_the_library_again_changes_nothing(loaded: RunningRegistry) -> None:
    done = [
        loaded.administrator.factors.ImportFactors(request) for request in library.requests(DATA)
    ]

    assert {each.created_count + each.changed_count for each in done} == {0}
    assert sum(each.unchanged_count for each in done) == sum(
        len(request.factors) + len(request.rules) + len(request.regions)
        for request in library.requests(DATA)
    )
    assert len({each.revision for each in done}) == 1


def test_every_factor_is_found_with_the_digits_of_its_file(loaded: RunningRegistry) -> None:
    stub = loaded.administrator.factors
    for file in FILES:
        written = {row["id"]: row for row in rows(f"factors/{file}")}
        found: dict[str, factor_pb2.Factor] = {}
        for name in {row["factor_set"] for row in written.values()}:
            request = pb.ListFactorsRequest(parent=f"factorSets/{name}", page_size=1000)
            for factor in stub.ListFactors(request).factors:
                found[factor.name.rpartition("/")[2]] = factor
        for factor_id, row in written.items():
            factor = found[factor_id]
            assert factor.quantity.value.value == row["value"]
            assert factor.quantity.unit_code == row["unit"]
            assert factor.source.title == row["source_title"]
            assert factor.source.confidence == row["confidence"]


@pytest.mark.parametrize(
    ("asked", "factor", "level"),
    [
        ("gbt32150 2023 GRID_AVERAGE electricity CN-JS", "cn-grid-js-2021 0.6451", "PROVINCE"),
        ("gbt32150 2024 GRID_AVERAGE electricity CN-JS", "cn-grid-js-2022 0.5978", "PROVINCE"),
        (
            "gbt32150 2023 GRID_AVERAGE electricity CN-XZ",
            "cn-grid-region-southwest-2021 0.2113",
            "GRID_REGION",
        ),
        (
            "gbt32150 2023 NET_CALORIFIC_VALUE bituminous-coal CN-JS",
            "cn-ndrc-2013-2015-bituminous-coal-ncv 23.204",
            "NATION",
        ),
        ("gbt32150 2024 HEAT_DEFAULT heat CN-JS", "cn-heat-ndrc-guidelines 0.11", "NATION"),
        ("gbt32150 2023 GWP100 co2 CN-JS", "gwp100-ar5-co2 1", "GLOBAL"),
        ("gbt32150 2025 CO2_FACTOR limestone CN-JS", "cn-proc-steel-limestone 0.44", "NATION"),
        (
            "ets-power 2024 OXIDATION_RATE coal CN-JS",
            "ets-power-2023-coal-ox 99",
            "NATION",
        ),
        (
            "ets-steel 2024 CARBON_CONTENT_PER_HEAT bituminous-coal CN-JS",
            "ets-steel-2024-bituminous-coal-cc 0.02618",
            "NATION",
        ),
        (
            "ets-cement 2025 CO2_FACTOR clinker-portland CN-JS",
            "ets-cement-2024-clinker-portland-co2 0.535",
            "NATION",
        ),
        (
            "ets-aluminium 2025 GWP100 cf4 CN-JS",
            "cn-proc-al-gwp-cf4 6630",
            "NATION",
        ),
        ("ghgp 2024 CO2_PER_HEAT wood CN-JS", "ipcc2006-wood-co2 112000", "GLOBAL"),
        ("ghgp 2024 GRID_RESIDUAL electricity CN-JS", "cn-grid-residual-2022 0.5856", "NATION"),
        (
            "park910 2025 GRID_FOSSIL electricity CN-JS",
            "ndrc-910-2025-grid-fossil 0.8325",
            "NATION",
        ),
    ],
)
def test_the_method_finds_its_factors(
    loaded: RunningRegistry, asked: str, factor: str, level: str
) -> None:
    found = ask(loaded, asked).resolved

    factor_id = found.factor.name.rpartition("/")[2]
    assert f"{factor_id} {found.factor.quantity.value.value}" == factor
    assert factor_pb2.RegionLevel.Name(found.region_level) == f"REGION_LEVEL_{level}"


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ("gbt32150 2019 GRID_AVERAGE electricity CN-JS", "FACTOR_NOT_APPLICABLE"),
        ("gbt32150 2023 GRID_RESIDUAL electricity CN-JS", "FACTOR_NOT_APPLICABLE"),
        ("gbt32150 2023 NET_CALORIFIC_VALUE peat CN-JS", "FACTOR_MISSING"),
        ("gbt32150 2023 ELECTRICITY_LIFE_CYCLE electricity CN-JS", "FACTOR_NOT_APPLICABLE"),
        ("ets-power 2024 NET_CALORIFIC_VALUE bituminous-coal CN-JS", "FACTOR_MISSING"),
        ("ets-power 2026 OXIDATION_RATE coal CN-JS", "FACTOR_MISSING"),
        ("ets-steel 2023 CO2_FACTOR pig-iron CN-JS", "FACTOR_NOT_APPLICABLE"),
        ("park910 2025 GRID_AVERAGE electricity CN-JS", "FACTOR_NOT_APPLICABLE"),
    ],
)
def test_what_no_rule_or_table_has_is_said(
    loaded: RunningRegistry, asked: str, reason: str
) -> None:
    assert ask(loaded, asked).unresolved.reason == reason
