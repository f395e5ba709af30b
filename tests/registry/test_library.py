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


def rows(file: str) -> list[dict[str, str]]:
    with (DATA / file).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def ask(registry: RunningRegistry, asked: str) -> pb.FactorResolution:
    """The answer to a question written as year, role, subject and province."""
    year, role, subject, place = asked.split()
    query = builders.query(
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
    sizes = [len(rows(f"factors/{file}.csv")) for file in ("china_fuels", "china_grid")]
    assert [each.unchanged_count for each in done][:2] == sizes
    assert len({each.revision for each in done}) == 1


def test_every_factor_is_found_with_the_digits_of_its_file(loaded: RunningRegistry) -> None:
    stub = loaded.administrator.factors
    for file in ("china_fuels", "china_grid", "heat", "gwp"):
        written = {row["id"]: row for row in rows(f"factors/{file}.csv")}
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
        ("2023 GRID_AVERAGE electricity CN-JS", "cn-grid-js-2021 0.6451", "PROVINCE"),
        ("2024 GRID_AVERAGE electricity CN-JS", "cn-grid-js-2022 0.5978", "PROVINCE"),
        (
            "2023 GRID_AVERAGE electricity CN-XZ",
            "cn-grid-region-southwest-2021 0.2113",
            "GRID_REGION",
        ),
        (
            "2023 NET_CALORIFIC_VALUE bituminous-coal CN-JS",
            "cn-ndrc-2013-2015-bituminous-coal-ncv 23.204",
            "NATION",
        ),
        ("2024 HEAT_DEFAULT heat CN-JS", "cn-heat-ndrc-guidelines 0.11", "NATION"),
        ("2023 GWP100 co2 CN-JS", "gwp100-ar5-co2 1", "GLOBAL"),
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
        ("2019 GRID_AVERAGE electricity CN-JS", "FACTOR_NOT_APPLICABLE"),
        ("2023 GRID_RESIDUAL electricity CN-JS", "FACTOR_NOT_APPLICABLE"),
        ("2023 NET_CALORIFIC_VALUE peat CN-JS", "FACTOR_MISSING"),
    ],
)
def test_what_no_rule_or_table_has_is_said(
    loaded: RunningRegistry, asked: str, reason: str
) -> None:
    assert ask(loaded, asked).unresolved.reason == reason
