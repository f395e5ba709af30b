"""Golden cases of units: each a file with its citation, by the kernel and over the wire."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests.accounting import requests
from tests.fixtures.house import Running
from tests.golden import cases
from zonecarbon.registry.v1 import unit_pb2

PATHS = sorted((Path(__file__).parent / "units").glob("*.toml"))


@pytest.fixture(params=PATHS, ids=lambda path: path.stem)
def case(request: pytest.FixtureRequest) -> Mapping[str, Any]:
    return tomllib.loads(request.param.read_text(encoding="utf-8"))


def holds(case: Mapping[str, Any], total: Fraction) -> bool:
    per = cases.quantity(case["per"]).fraction if "per" in case else Fraction(1)
    difference = abs(total / per - Fraction(case["expected"]))
    return difference <= Fraction(case["abs_tolerance"])


def test_no_case_is_missing() -> None:
    assert [path.stem for path in PATHS] == ["int-07", "int-08", "int-09", "us-avg-2023"]


def test_a_case_cites_its_source(case: Mapping[str, Any]) -> None:
    assert {"id", "title", "kind", "source", "licence", "inputs"} <= case.keys()


def test_the_kernel_converts_exactly(case: Mapping[str, Any]) -> None:
    parts = [cases.quantity(text).to(case["unit"]) for text in case["quantities"]]

    assert holds(case, sum(parts, Fraction(0)))


def test_the_wire_converts_the_same(shared_house: Running, case: Mapping[str, Any]) -> None:
    answers = [
        shared_house.administrator.units.ConvertQuantity(
            unit_pb2.ConvertQuantityRequest(quantity=requests.amount(text), unit_code=case["unit"])
        )
        for text in case["quantities"]
    ]

    assert all(answer.exact for answer in answers)
    assert holds(case, sum((Fraction(each.to.value.value) for each in answers), Fraction(0)))
