"""Golden cases of emissions: each a file with its citation, what is expected, and the tolerance.

Every case runs through the pure domain, and through the wire on a real server; those that the
factor library can answer also without naming a factor.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from services.kernel.errors import AtField
from tests.fixtures.house import Running
from tests.golden import cases
from tests.golden.cases import Case
from tests.refusals import refused

FOLDER = Path(__file__).parent
PATHS = sorted((FOLDER / "emissions").glob("*.toml"))
IN_LIBRARY = [path for path in PATHS if "library_year" in path.read_text(encoding="utf-8")]
ONE_SET_ONLY = [path for path in PATHS if "refused_under" in path.read_text(encoding="utf-8")]

COLLECTED = """
    CN-02 CN-03 CN-04 CN-05c CN-06 CN-10 CN-11 CN-13 CN-14 CN-15 CN-18 CN-19 CN-20 CN-22 CN-23
    CN-24 CN-30 CN-31 CN-32 CN-40 CN-41 CN-43 CN-44 CN-46 CN-47 CN-49
    INT-01 INT-03 INT-04 INT-07 INT-08 INT-09 INT-10 INT-12
    UK-01 UK-02 UK-03 UK-05 UK-07 UK-08 UK-10 UK-12 UK-13
    US-01 US-04 US-05 US-avg-2023 S2-01 CC-01
    IPCC-01 IPCC-ef-anthracite IPCC-ef-gas-diesel IPCC-ef-natural IPCC-ef-motor
    GHGP-mass-crude GHGP-mass-gas-diesel GHGP-mass-anthracite GHGP-mass-natural GHGP-vol-crude
    GHGP-blend-b20 GHGP-blend-e85 GHGP-uk-split
"""
"""The rows that were collected from public sources, but for those of uncertainty."""

OWN = """
    B17 C12-anthracite C12-coke C12-gas C13-anode C13-pfc G1 G3 G4
    power-default power-measured-carbon power-measured-heat
"""
"""Rows of the examples of the carbon market and of zero-carbon parks that are emissions."""


@pytest.fixture(params=PATHS, ids=lambda path: path.stem)
def case(request: pytest.FixtureRequest) -> Case:
    return cases.read(request.param)


def ids(folder: str) -> set[str]:
    found = (FOLDER / folder).glob("*.toml")
    return {tomllib.loads(path.read_text(encoding="utf-8"))["id"] for path in found}


def test_no_collected_row_is_missing() -> None:
    found = ids("emissions") | ids("units") | ids("metering")

    assert set(COLLECTED.split()) - found == set()
    assert ids("emissions") - set(COLLECTED.split()) == set(OWN.split())


def test_a_case_cites_its_source_and_what_it_gives(case: Case) -> None:
    assert {"id", "title", "kind", "source", "licence", "inputs"} <= case.data.keys()
    assert case.data["kind"] in {"published", "published-test", "derived"}
    assert case.data["inputs"]


def test_the_domain_gives_the_expected_figures(case: Case) -> None:
    shown = cases.by_domain(case)

    assert [str(each) for each in case.expected if not each.holds(shown)] == []


def test_the_wire_gives_the_expected_figures(stocked_house: Running, case: Case) -> None:
    shown = cases.by_wire(stocked_house.administrator, case)

    assert [str(each) for each in case.expected if not each.holds(shown)] == []


@pytest.mark.parametrize("path", IN_LIBRARY, ids=lambda path: path.stem)
def test_the_library_leads_to_the_same_parameters(stocked_house: Running, path: Path) -> None:
    case = cases.read(path)
    request = cases.message(stocked_house.administrator, case, with_factors=False)

    answer = stocked_house.administrator.accounting.ComputeEmissions(request)

    assert [each for each in case.expected if not each.holds(cases.shown(answer))] == []
    for index, activity in enumerate(case.activities):
        bound = {
            (Fraction(factor.quantity.value.value), factor.quantity.unit_code)
            for result in answer.results
            if result.activity_index == index
            for factor in result.binding.factors
        }
        assert given(activity) <= bound
    assert all(result.binding.registry_revision > 0 for result in answer.results)


def given(activity: Mapping[str, Any]) -> set[tuple[Fraction, str]]:
    quantities = map(cases.quantity, activity.get("factors", {}).values())
    return {(each.fraction, each.unit) for each in quantities}


@pytest.mark.parametrize("path", IN_LIBRARY, ids=lambda path: path.stem)
def test_the_shelf_answers_as_the_registry_does(stocked_house: Running, path: Path) -> None:
    case = cases.read(path)

    by_domain = cases.by_domain(case, with_factors=False)
    by_wire = cases.by_wire(stocked_house.administrator, case, with_factors=False)

    assert by_domain.totals_g == by_wire.totals_g


@pytest.mark.parametrize("path", ONE_SET_ONLY, ids=lambda path: path.stem)
def test_a_factor_of_one_set_is_refused_under_another(stocked_house: Running, path: Path) -> None:
    case = cases.read(path)
    client, other = stocked_house.administrator, case.data["refused_under"]

    with pytest.raises(AtField) as caught:
        cases.by_domain(case, gwp_set=other)
    refusal = refused(
        client.accounting.ComputeEmissions, cases.message(client, case, gwp_set=other)
    )

    assert caught.value.reason == refusal.reason == "GWP_SET_MISMATCH"


def test_int_12_differs_by_less_than_a_thousandth_under_the_newer_set() -> None:
    case = cases.read(FOLDER / "emissions" / "int-12.toml")
    newer = cases.by_domain(case, gwp_set="gwp100-ar6").figure("co2e", "electricity_location")
    own = cases.by_domain(case).figure("co2e", "electricity_location")

    assert 0 < newer[0] / own[0] - 1 < Fraction(1, 1000)
