"""Golden cases of indicators and rankings: published numbers, each with its source."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from services.accounting import files
from services.accounting.domain.indicator.requirement import Verdict
from services.accounting.domain.indicator.system import Conclusion
from services.accounting.domain.indicator.written import quantity
from services.accounting.domain.ranking.normalisation import Normalisation
from services.accounting.domain.ranking.topsis import closeness
from services.accounting.domain.ranking.weights import ahp, entropy
from tests.accounting import parks
from tests.accounting.evaluating import SYSTEMS, evaluated

FOLDER = Path(__file__).parent / "indicators"
CASES = ("ahp-1", "ent-1", "topsis-1", "zcp-1", "zcp-2")


def read(name: str) -> Mapping[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def test_no_case_is_missing_and_each_cites_its_source() -> None:
    assert [path.stem for path in sorted(FOLDER.glob("*.toml"))] == list(CASES)
    for name in CASES:
        assert {"id", "title", "kind", "source", "licence", "note", "expected"} <= read(name).keys()


@pytest.mark.parametrize("name", ["zcp-1", "zcp-2"])
def test_the_core_indicator_of_a_zero_carbon_park(name: str) -> None:
    case = read(name)
    expected = case["expected"]

    found = evaluated(SYSTEMS["park910"], case["figures"])

    core = found.results[0]
    assert core.value == Fraction(expected["value"])
    assert core.verdict is Verdict(expected["verdict"])
    assert found.conclusion is Conclusion(expected["conclusion"])
    required = core.case.requirement if core.case else None
    assert (required and str(required.limit)) == expected.get("limit")


def test_what_the_park_has_to_save_is_told_by_its_statement() -> None:
    case = read("zcp-1")
    emissions = case["figures"]["emissions_co2"]
    energy_tce = quantity(case["figures"]["energy_equal_value"]).text

    core = parks.evaluated(parks.request(energy_tce=energy_tce, emissions=emissions)).core

    assert core.reduction_tco2 == Fraction(case["expected"]["reduction_tco2"])


def test_weights_by_entropy() -> None:
    case = read("ent-1")

    found = entropy(np.asarray(case["values"], dtype=float))

    assert found == pytest.approx(case["expected"]["weights"], abs=case["tolerance"])


def test_closeness_by_topsis() -> None:
    case = read("topsis-1")

    found = closeness(
        np.asarray(case["values"], dtype=float),
        np.asarray(case["weights"]),
        np.asarray(case["higher_is_better"]),
        Normalisation.VECTOR,
    )

    assert found == pytest.approx(case["expected"]["closeness"], abs=case["tolerance"])
    ranks = [1 + int((found > each).sum()) for each in found]
    assert ranks == case["expected"]["rank"]


def test_weights_by_pairwise_comparison_with_their_consistency() -> None:
    case = read("ahp-1")
    names, tolerance, expected = case["names"], case["tolerance"], case["expected"]
    matrix = np.eye(len(names))
    for pair, ratio in case["comparisons"].items():
        one, other = (names.index(each) for each in pair.split("/"))
        matrix[one, other], matrix[other, one] = ratio, 1 / ratio

    found = ahp(matrix, files.consistency())

    assert dict(zip(names, found.weights, strict=True)) == pytest.approx(
        expected["weights"], abs=tolerance
    )
    assert found.lambda_max == pytest.approx(expected["lambda_max"], abs=1e-9)
    assert found.consistency_ratio == pytest.approx(expected["consistency_ratio"], abs=tolerance)
    assert found.is_consistent
