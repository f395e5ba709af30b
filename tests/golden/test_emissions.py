"""Golden cases of emissions: each a file with its citation, what is expected, and the tolerance.

Every case runs through the pure domain, and through the wire on a real server; those that the
factor library can answer also without naming a factor.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from services.accounting.domain.activity import Kind
from services.accounting.domain.emission import Emission, of_quantity, total
from services.accounting.domain.method import Category, Role
from services.kernel import units
from services.kernel.mass import G_PER_T
from tests.accounting import builders, requests
from tests.accounting.world import DATA
from tests.fixtures.house import Running
from zonecarbon.accounting.v1 import accounting_service_pb2, line_pb2
from zonecarbon.cli import library

CASES = sorted(Path(__file__).parent.glob("cn-*.toml"))
IN_LIBRARY = [path for path in CASES if "library_year" in path.read_text(encoding="utf-8")]
WANTED = "02 03 06 10 11 13 14 20 23 24 40 41 43 44 46 47"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A published or derived figure, and the activities that lead to it."""

    data: Mapping[str, Any]

    @property
    def activities(self) -> list[Mapping[str, Any]]:
        """What was done, with the factors that the source gives."""
        return list(self.data["activities"])

    def holds(self, value: Fraction, unit: str) -> bool:
        """Tell whether `value`, in `unit`, is the expected one within the tolerance."""
        wanted_unit = str(self.data["expected_unit"]).partition("/")[0]
        # The sources do not write the basis of a fuel's heat; the formula's is the net one.
        wanted_unit = "GJ(NCV)" if wanted_unit == "GJ" else wanted_unit
        found = value * units.conversion(unit, wanted_unit)
        difference = abs(found - Fraction(self.data["expected"]))
        return difference <= Fraction(self.data["abs_tolerance"])


@pytest.fixture(params=CASES, ids=lambda path: path.stem)
def case(request: pytest.FixtureRequest) -> Case:
    return read(request.param)


@pytest.fixture(scope="module")
def stocked_house(shared_house: Running) -> Running:
    """The services with the whole factor library."""
    for each in library.requests(DATA):
        shared_house.administrator.factors.ImportFactors(each)
    return shared_house


def read(path: Path) -> Case:
    return Case(data=tomllib.loads(path.read_text(encoding="utf-8")))


def computed(activity: Mapping[str, Any]) -> tuple[Kind, Emission]:
    """Return the kind and the emissions of an activity, by the pure domain."""
    method, kind = builders.method(), Kind(activity["kind"])
    factors = {Role(role): text for role, text in activity["factors"].items()}
    return kind, of_quantity(
        method,
        method.terms[kind],
        builders.quantity(activity["quantity"]),
        builders.binding(factors),
    )


def message(activity: Mapping[str, Any], *, with_factors: bool) -> line_pb2.ActivityInput:
    given = activity["factors"].items() if with_factors else ()
    return requests.activity(
        activity["kind"],
        activity["quantity"],
        *(requests.given(role, text) for role, text in given),
        subject=activity.get("subject", ""),
    )


def answered(
    house: Running, case: Case, *, with_factors: bool = True
) -> accounting_service_pb2.ComputeEmissionsResponse:
    return house.administrator.accounting.ComputeEmissions(
        requests.compute(
            *(message(each, with_factors=with_factors) for each in case.activities),
            accounting_year=case.data.get("library_year", 2023),
        )
    )


def shown(
    answer: accounting_service_pb2.ComputeEmissionsResponse, figure: str
) -> tuple[Fraction, str]:
    """Return the figure of an answer that a case speaks of, and its unit."""
    match figure:
        case "unrounded":
            return Fraction(answer.results[0].unrounded_t.value), "tCO2"
        case "heat":
            heat = answer.results[0].steps[0].result
            return Fraction(heat.value.value), heat.unit_code
        case _:
            return Fraction(getattr(answer, figure).co2_g, G_PER_T), "tCO2"


def test_no_case_is_missing() -> None:
    assert [path.stem for path in CASES] == [f"cn-{number}" for number in WANTED.split()]


def test_a_case_cites_its_source(case: Case) -> None:
    assert {"id", "title", "kind", "source", "licence", "inputs"} <= case.data.keys()


def test_the_domain_gives_the_expected_figure(case: Case) -> None:
    terms = builders.method().terms
    parts = [computed(activity) for activity in case.activities]
    first = parts[0][1]
    wanted = [Category.INDIRECT] if case.data["figure"] == "indirect" else list(Category)
    booked = total(
        [
            (terms[kind].sign, emission.booked)
            for kind, emission in parts
            if terms[kind].category in wanted
        ]
    )

    found = {
        "unrounded": (first.value_t, "tCO2"),
        "heat": (first.steps[0].value, first.steps[0].unit),
        "indirect": (Fraction(booked.co2_g, G_PER_T), "tCO2"),
        "total": (Fraction(booked.co2_g, G_PER_T), "tCO2"),
    }

    assert case.holds(*found[case.data["figure"]])


def test_the_wire_gives_the_expected_figure(stocked_house: Running, case: Case) -> None:
    assert case.holds(*shown(answered(stocked_house, case), case.data["figure"]))


@pytest.mark.parametrize("path", IN_LIBRARY, ids=lambda path: path.stem)
def test_the_library_leads_to_the_same_parameters(stocked_house: Running, path: Path) -> None:
    case = read(path)

    answer = answered(stocked_house, case, with_factors=False)

    (activity,), (result,) = case.activities, answer.results
    given = [builders.quantity(text) for text in activity["factors"].values()]
    assert case.holds(*shown(answer, case.data["figure"]))
    assert [
        (Decimal(factor.quantity.value.value), factor.quantity.unit_code)
        for factor in result.binding.factors
    ] == [(quantity.value, quantity.unit) for quantity in given]
    assert result.binding.registry_revision > 0
