"""Golden cases of uncertainty: each a file with its citation, by the domain and over the wire."""

from __future__ import annotations

import tomllib
import uuid
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from google.type import decimal_pb2

from services.accounting.domain.activity import Kind
from services.accounting.domain.binding import BoundFactor
from services.accounting.domain.quality import uncertainty
from services.accounting.domain.quality.monte_carlo import simulated
from services.accounting.domain.quality.uncertainty import Cause, Question, propagated
from services.accounting.domain.role import Role
from tests import builders
from tests.accounting import library, requests, world
from tests.accounting.ledgers import Ledger, ledger, row
from tests.accounting.quality import bounded
from tests.fixtures.house import Running
from zonecarbon.accounting.v1 import (
    activity_pb2,
    data_quality_plan_pb2,
    quality_service_pb2,
    uncertainty_pb2,
)
from zonecarbon.registry.v1 import factor_pb2, factor_service_pb2

CASES = sorted((Path(__file__).parent / "uncertainty").glob("*.toml"))
WANTED = ["int-06", *(f"unc-0{number}" for number in (1, 2, 3, 4, 5, 7, 9))]
SEED, SAMPLES = 7, 50_000
PROVINCES = iter(
    f"CN-{code}" for code in ("AH", "BJ", "FJ", "GD", "GS", "GX", "GZ", "HA", "HB", "HE")
)

Case = Mapping[str, Any]


@pytest.fixture(params=CASES, ids=lambda path: path.stem)
def case(request: pytest.FixtureRequest) -> Case:
    return tomllib.loads(request.param.read_text(encoding="utf-8"))


def holds(case: Case, found: float) -> bool:
    """Tell whether the figure came out, within the tolerance of the source."""
    return abs(Decimal(found) - Decimal(case["expected"])) <= Decimal(case["abs_tolerance"])


def by_domain(case: Case) -> Question:
    """Return the question of a case, of books that the domain made."""
    books = reported(case["sources"])
    first = case["sources"][0]
    ends = {"electricity": (first["lower"], first["upper"])} if "factor" in first else {}
    return uncertainty.question(
        books.inventory(),
        bounded(books.current(), ends),
        {each["source_id"]: Decimal(each["percent"]) for each in case["sources"]},
        basis=books.inventory().method.basis,
    )


def reported(sources: Sequence[Mapping[str, str]]) -> Ledger:
    rows = [
        row(
            Kind(each["kind"]),
            each["quantity"],
            subject=each.get("subject", ""),
            source_id=each["source_id"],
        )
        for each in sources
    ]
    figures: library.Figures = {Role.GRID_AVERAGE: sources[0].get("factor", "1 tCO2/MWh")}
    return ledger("mill", "1713", *rows, by=["gbt32150"], figures=figures)


def by_wire(house: Running, case: Case) -> uncertainty_pb2.UncertaintyEstimate:
    """Return what a real server answers to a case, reported in a province of its own."""
    province = next(PROVINCES)
    publish(house, province, case["sources"][0])
    zone = world.in_zone(house)
    mill = zone.enterprise(region_code=province)
    for each in case["sources"]:
        kind = activity_pb2.ActivityKind.Value(f"ACTIVITY_KIND_{each['kind']}")
        fields: dict[str, Any] = {"source_id": each["source_id"], "kind": kind}
        if each["kind"] == "GAS_RELEASED":
            fields |= {"subject": each["subject"], "counterparty": ""}
        zone.report(mill, requests.record(mill, each["quantity"], "2022-01", **fields))
    zone.desk.quality.UpdateDataQualityPlan(
        quality_service_pb2.UpdateDataQualityPlanRequest(
            data_quality_plan=data_quality_plan_pb2.DataQualityPlan(
                name=f"{mill}/dataQualityPlan",
                entries=[entry(each) for each in case["sources"]],
            ),
            request_id=str(uuid.uuid4()),
        )
    )
    return zone.desk.quality.EstimateUncertainty(
        quality_service_pb2.EstimateUncertaintyRequest(
            name=f"{mill}/inventories/2022",
            monte_carlo=quality_service_pb2.MonteCarloOptions(
                seed_number=SEED, sample_count=SAMPLES
            ),
        )
    )


def publish(house: Running, province: str, of: Mapping[str, str]) -> None:
    """Publish the factor of a case for its province, with the rule for 2026."""
    if "factor" not in of:
        return
    value, unit = of["factor"].split()
    factor = builders.factor(
        f"factorSets/of-cases/factors/{province.lower()}",
        value,
        unit,
        region_code=province,
        lower_value=decimal_pb2.Decimal(value=of["lower"]),
        upper_value=decimal_pb2.Decimal(value=of["upper"]),
    )
    rule = builders.rule(
        "gbt32150",
        "factorSets/of-cases",
        accounting_year=2022,
        region_levels=[factor_pb2.REGION_LEVEL_PROVINCE],
    )
    house.administrator.factors.ImportFactors(
        factor_service_pb2.ImportFactorsRequest(factors=[factor], rules=[rule])
    )


def entry(of: Mapping[str, str]) -> data_quality_plan_pb2.PlanEntry:
    return data_quality_plan_pb2.PlanEntry(
        source_id=of["source_id"],
        determination=data_quality_plan_pb2.QUANTITY_DETERMINATION_METERED,
        frequency="daily",
        responsible="energy office",
        uncertainty_percent=decimal_pb2.Decimal(value=of["percent"]),
    )


def test_no_case_is_missing() -> None:
    assert [path.stem for path in CASES] == WANTED


def test_a_case_cites_its_source(case: Case) -> None:
    assert {"id", "title", "kind", "source", "licence", "inputs", "mapped"} <= case.keys()
    assert case["figure"] in {"half_width", "deviation"}


def test_the_domain_gives_the_expected_figure(case: Case) -> None:
    asked = by_domain(case)
    if case["figure"] == "deviation":
        assert holds(case, float(asked.intervals[factor_of(asked)].deviation))
        return

    found = propagated(asked)

    assert found is not None
    assert found.half_width_ratio is not None
    assert holds(case, found.half_width_ratio * 100)


def test_the_wire_gives_the_expected_figure(stocked_house: Running, case: Case) -> None:
    found = by_wire(stocked_house, case)

    assert list(found.lacks) == []
    if case["figure"] == "deviation":
        # Simulated, within the 5 % that the source allows; its total is 1 MWh of the factor.
        mean_t, deviation_t = (
            each / 10**6 for each in (found.simulated.mean_co2e_g, found.simulated.deviation_co2e_g)
        )
        assert mean_t == pytest.approx(0.5, rel=0.05)
        assert deviation_t == pytest.approx(float(case["expected"]), rel=0.05)
        return
    assert holds(case, found.propagated.half_width_ratio * 100)


def test_the_domain_simulates_the_mean_and_the_deviation() -> None:
    """UNC-09: simulated mean and standard deviation within 5 %."""
    case = tomllib.loads(next(each for each in CASES if each.stem == "unc-09").read_text("utf-8"))

    found = simulated(by_domain(case), seed=SEED, sample_count=SAMPLES)

    assert found is not None
    assert found.mean_g == pytest.approx(500_000, rel=0.05)
    assert found.deviation_g == pytest.approx(1_000_000 * float(case["expected"]), rel=0.05)


def test_independent_sources_are_known_better_than_the_worst_of_them() -> None:
    """INT-06: the half-width must not exceed the largest component."""
    case = tomllib.loads(CASES[0].read_text("utf-8"))

    found = propagated(by_domain(case))

    assert found is not None
    assert found.half_width_ratio is not None
    assert found.half_width_ratio < max(int(each["percent"]) for each in case["sources"]) / 100


def factor_of(asked: Question) -> Cause:
    factors: list[BoundFactor] = [factor for term in asked.terms for _, factor in term.causes()]
    return Cause.of_factor(factors[0])
