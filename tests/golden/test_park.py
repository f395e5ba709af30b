"""Golden cases of the zero-carbon-park indicators: regression values of kind C, never evidence.

发改环资〔2025〕910号, annexes 3 and 4, prints requirements and no worked park: the cases were
computed from its formulas with invented inputs (zero-carbon-park examples, section 1: G1, G2, G5,
G6). G3 and G4 of that section are emissions and belong to the method itself. Each case runs through
the pure domain and through the wire on a real server.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from services.accounting.domain.indicator.requirement import Verdict
from services.accounting.domain.park.statement import Statement
from tests.accounting import parks
from tests.fixtures.house import Running
from zonecarbon.accounting.v1 import park_pb2
from zonecarbon.cli import park
from zonecarbon.type.v1 import quantity_pb2

FOLDER = Path(__file__).parent
CASES = [FOLDER / f"g-{name}.toml" for name in ("1", "2a", "2b", "2c", "6")]
BOUNDARIES: Mapping[str, Any] = tomllib.loads((FOLDER / "g-5.toml").read_text("utf-8"))
ROWS = [line.split() for line in BOUNDARIES["rows"].strip().splitlines()]


@pytest.fixture(params=CASES, ids=lambda path: path.stem)
def case(request: pytest.FixtureRequest) -> Mapping[str, Any]:
    return tomllib.loads(request.param.read_text("utf-8"))


def as_printed(value: Fraction, expected: str) -> str:
    """Return `value` with the decimals of `expected`, half up, as the examples print it."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return f"{exact.quantize(Decimal(expected), ROUND_HALF_UP)}"


def exact(quantity: quantity_pb2.Quantity) -> Fraction:
    return Fraction(quantity.value.value)


def test_no_case_is_missing_and_each_cites_its_source() -> None:
    found = sorted(FOLDER.glob("g-*.toml"))

    assert found == sorted([*CASES, FOLDER / "g-5.toml"])
    for path in found:
        data = tomllib.loads(path.read_text("utf-8"))
        assert data["kind"] == "derived"
        assert {"id", "title", "source", "licence", "note"} <= data.keys()


def test_the_domain_gives_the_expected_statement(case: Mapping[str, Any]) -> None:
    statement, expected = parks.evaluated(park.declared(case["request"])), case["expected"]

    assert statement.energy.tce == Fraction(expected["energy_tce"])
    assert [line.coal_equivalent_tce for line in statement.energy.lines] == [
        Fraction(line) for line in expected["lines_tce"]
    ]
    core = statement.core
    assert core.size.case_id == expected["size_class_id"]
    assert as_printed(core.value, expected["indicator"]) == expected["indicator"]
    assert core.verdict is Verdict(expected["verdict"])
    assert core.limit_tco2 == Fraction(expected["limit_tco2"])
    assert statement.conclusion is parks.ACCEPTANCE[expected["acceptance"]]
    assert_shares(statement, expected)
    assert_guiding(statement, expected)


def assert_shares(statement: Statement, expected: Mapping[str, Any]) -> None:
    readings = {share.reading_id: share for share in statement.shares}
    for reading_id, name in [("of-intake", "of_intake"), ("of-consumption", "of_consumption")]:
        if (wanted := expected.get(f"{name}_percent")) is not None:
            share = readings.pop(reading_id)
            assert share.percent is not None
            assert as_printed(share.percent, wanted) == wanted
            assert share.verdict is Verdict(expected["shares"])
    assert not readings
    if (wanted := expected.get("matched_share_needed_percent")) is not None:
        matching = statement.matching
        assert matching is not None
        assert matching.share_needed_percent is not None
        assert as_printed(matching.share_needed_percent, wanted) == wanted
        assert matching.sufficient


def assert_guiding(statement: Statement, expected: Mapping[str, Any]) -> None:
    verdicts = [each.verdict.value for each in statement.guiding]
    assert verdicts == expected.get("guiding", ["MISSING"] * 5)


def test_the_wire_gives_the_expected_statement(
    shared_house: Running, case: Mapping[str, Any]
) -> None:
    request, expected = park.declared(case["request"]), case["expected"]

    answer = shared_house.administrator.park.EvaluatePark(request)

    core = answer.core
    assert exact(answer.energy.quantity) == Fraction(expected["energy_tce"])
    assert as_printed(exact(core.value), expected["indicator"]) == expected["indicator"]
    assert core.verdict == park_pb2.ParkVerdict.Value(f"PARK_VERDICT_{expected['verdict']}")
    assert exact(core.limit_emissions) == Fraction(expected["limit_tco2"])
    assert exact(core.reduction) == max(
        exact(request.emissions.quantity) - Fraction(expected["limit_tco2"]), Fraction(0)
    )
    assert answer.acceptance.state == park_pb2.ParkAcceptanceState.Value(
        f"PARK_ACCEPTANCE_STATE_{expected['acceptance']}"
    )
    if "counted" in expected:
        assert list(answer.acceptance.counted_indicator_ids) == expected["counted"]
        assert answer.acceptance.not_applicable_count == 1
        assert answer.acceptance.met_count == len(expected["counted"])


@pytest.mark.parametrize(("energy_tce", "emissions_t", "size", "verdict"), ROWS)
def test_a_size_or_a_limit_at_its_boundary(
    energy_tce: str, emissions_t: str, size: str, verdict: str
) -> None:
    request = parks.request(energy_tce=energy_tce, emissions=f"{emissions_t} tCO2")

    core = parks.evaluated(request).core
    assert (core.size.case_id, core.verdict.value) == (size, verdict)
    assert (core.limit_tco2 is None) is (verdict == "NO_THRESHOLD")


@pytest.mark.parametrize(("energy_tce", "emissions_t", "size", "verdict"), ROWS)
def test_the_wire_says_the_same_of_a_boundary(
    shared_house: Running, energy_tce: str, emissions_t: str, size: str, verdict: str
) -> None:
    request = parks.request(energy_tce=energy_tce, emissions=f"{emissions_t} tCO2")

    core = shared_house.administrator.park.EvaluatePark(request).core
    assert core.size_class_id == size
    assert core.verdict == park_pb2.ParkVerdict.Value(f"PARK_VERDICT_{verdict}")
    assert core.HasField("limit") is (verdict != "NO_THRESHOLD")
