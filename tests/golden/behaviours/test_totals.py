"""Behaviours that others published as tests, of totals: with and without, known and not, unrounded.

The ids are those of the collection of behaviours; each test is named by what must happen.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from services.accounting import files
from services.accounting.domain.activity import Kind
from services.accounting.domain.indicator.requirement import Verdict
from services.accounting.domain.metering.calibration import DataKind, correct
from services.accounting.domain.method import Basis
from services.accounting.domain.role import Role
from tests.accounting import metering, parks, requests, world
from tests.accounting.world import DATA
from tests.fixtures.house import Running, on_loopback, start
from tests.golden import books, cases
from tests.golden.cases import activity, case
from tests.refusals import refused
from zonecarbon.accounting.v1 import accounting_service_pb2 as pb
from zonecarbon.accounting.v1 import inventory_pb2, park_pb2
from zonecarbon.cli import library
from zonecarbon.registry.v1 import factor_pb2

RESIDUAL = frozenset({Role.GRID_RESIDUAL})


@pytest.fixture(scope="module")
def location_only(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The services with a library that has no residual mix."""
    running = start(on_loopback(tmp_path_factory.mktemp("location-only")))
    for load in library.requests(DATA):
        rules = [each for each in load.rules if each.role != factor_pb2.FACTOR_ROLE_GRID_RESIDUAL]
        del load.rules[:]
        load.rules.extend(rules)
        running.administrator.factors.ImportFactors(load)
    yield running
    running.stop()


def totals(found: inventory_pb2.EnterpriseInventory) -> dict[str, inventory_pb2.InventoryTotal]:
    return {each.scope2_basis: each for each in found.totals}


def of_ghgp(zone: world.World, enterprise: str) -> inventory_pb2.EnterpriseInventory:
    request = pb.GetEnterpriseInventoryRequest(name=f"{enterprise}/inventories/2024-ghgp")
    return zone.desk.accounting.GetEnterpriseInventory(request)


def test_a_market_total_without_market_data_is_not_known(location_only: Running) -> None:
    """BEH-08: with location data alone the other total is no total, and says why."""
    zone = world.in_zone(location_only)
    mill = zone.enterprise()
    zone.report(mill, requests.record(mill, "100 MWh", "2024-01"))
    made = books.posted(books.row(0, "100 MWh"), without=RESIDUAL).inventories["ghgp"]

    found = of_ghgp(zone, mill)

    assert {basis: each.known for basis, each in totals(found).items()} == {
        "location-based": True,
        "market-based": False,
    }
    assert (made.knows(Basis.LOCATION), made.knows(Basis.MARKET)) == (True, False)
    assert totals(found)["location-based"].total.co2_g == 59_780_000
    assert made.total_by(Basis.LOCATION).co2_g == 59_780_000
    missing = [
        each.text
        for each in found.findings
        if each.kind == inventory_pb2.FINDING_KIND_FACTOR_MISSING
    ]
    assert len(missing) == 1
    assert "grid_residual of electricity" in missing[0]
    assert found.state == inventory_pb2.INVENTORY_STATE_INCOMPLETE


def test_a_market_figure_without_market_data_is_refused(location_only: Running) -> None:
    """BEH-08: and a computation that would need it raises."""
    request = requests.compute(
        requests.activity("ELECTRICITY_PURCHASED", "1 MWh"), accounting_year=2024, method_id="ghgp"
    )

    refusal = refused(location_only.administrator.accounting.ComputeEmissions, request)

    assert refusal.reason == "FACTOR_NOT_APPLICABLE"
    assert "grid_residual of electricity" in refusal.metadata["factor"]


def test_without_any_bought_energy_both_totals_are_known(location_only: Running) -> None:
    """BEH-08: where there is no scope 2 at all both totals are legitimate, and the same."""
    zone = world.in_zone(location_only)
    mill = zone.enterprise()
    zone.report(mill, requests.fuel(mill, "10 t", "2024-01"))
    coal = books.row(
        0, "10 t", kind=Kind.FUEL_COMBUSTION, source_id="boiler", subject="bituminous-coal"
    )
    made = books.posted(coal, without=RESIDUAL).inventories["ghgp"]

    found = totals(of_ghgp(zone, mill))

    assert all(each.known for each in found.values())
    assert len({each.total.co2_g for each in found.values()}) == 1
    assert all(made.knows(basis) for basis in made.method.bases)
    assert made.total_by(Basis.MARKET) == made.total_by(Basis.LOCATION) == made.direct


def test_exported_energy_is_taken_off_and_both_totals_are_told(stocked_house: Running) -> None:
    """BEH-21: exports reduce indirect emissions; the total is told with and without them."""
    zone = world.in_zone(stocked_house)
    mill = zone.enterprise()
    zone.report(
        mill,
        requests.fuel(mill, "10 t", "2024-01"),
        requests.record(mill, "10 MWh", "2024-01"),
        requests.record(
            mill, "30 MWh", "2024-01", source_id="out", kind="ACTIVITY_KIND_ELECTRICITY_EXPORTED"
        ),
        requests.record(
            mill, "50 GJ", "2024-01", source_id="heat", kind="ACTIVITY_KIND_HEAT_EXPORTED"
        ),
    )
    made = books.posted(
        books.row(
            0, "10 t", kind=Kind.FUEL_COMBUSTION, source_id="boiler", subject="bituminous-coal"
        ),
        books.row(1, "10 MWh"),
        books.row(2, "30 MWh", kind=Kind.ELECTRICITY_EXPORTED, source_id="out"),
        books.row(3, "50 GJ", kind=Kind.HEAT_EXPORTED, source_id="heat"),
    ).inventories["gbt32150"]

    found = zone.inventory(mill, "2024")

    indirect = -20 * 597_800 - 50 * 110_000
    assert found.indirect_co2_g == made.indirect_by(Basis.LOCATION).co2_g == indirect
    assert found.direct_co2_g == made.direct.co2_g == 20_715_093
    assert found.total_co2_g == made.total.co2_g == found.direct_co2_g + indirect


def test_a_computation_tells_both_totals_too(stocked_house: Running) -> None:
    """BEH-21: also where nothing is stored."""
    grid = {"GRID_AVERAGE": "0.5 tCO2/MWh"}
    asked = case(
        "gbt32150",
        activity(
            "FUEL_COMBUSTION",
            "1 t",
            "other-fuel",
            {"CARBON_CONTENT": "0.6 tC/t", "OXIDATION_RATE": "1 1"},
        ),
        activity("ELECTRICITY_PURCHASED", "1 MWh", "", grid),
        activity("ELECTRICITY_EXPORTED", "3 MWh", "", grid),
    )

    for shown in (cases.by_domain(asked), cases.by_wire(stocked_house.administrator, asked)):
        assert dict(shown.totals_g) == {
            "direct": 2_200_000,
            "indirect": -1_000_000,
            "total": 1_200_000,
            "total_co2e": 1_200_000,
        }


def test_a_threshold_is_held_against_the_unrounded_figure(shared_house: Running) -> None:
    """BEH-22: a meter found at 5.0000004 % is above 5 %, though both are printed 5.00."""
    found, allowed = "5.0000004 %", "5 %"
    request = metering.reading_request(
        allowed_accuracy=requests.amount(allowed),
        calibrations=[metering.calibration_message(found)],
    )

    by_domain = correct(
        metering.reading(allowed=allowed),
        [metering.calibration(found)],
        files.calibration_rules()[DataKind.ACTIVITY],
    )
    by_wire = shared_house.administrator.metering.CorrectReading(request)

    assert round(Decimal("5.0000004"), 2) == Decimal("5.00")
    assert by_domain.value == Fraction("100000.0004")
    assert Fraction(by_wire.corrected.value.value.value) == Fraction("100000.0004")


def test_a_limit_is_held_against_the_unrounded_figure(shared_house: Running) -> None:
    """BEH-22: an indicator that is printed as its limit and lies above it does not meet it."""
    above = parks.request(energy_tce="200000", emissions="40000.0008 tCO2")
    at = parks.request(energy_tce="200000", emissions="40000 tCO2")
    client = shared_house.administrator.park

    assert parks.evaluated(at).core.verdict is Verdict.MET
    assert parks.evaluated(above).core.verdict is Verdict.NOT_MET
    assert round(float(parks.evaluated(above).core.value), 2) == 0.2
    assert client.EvaluatePark(at).core.verdict == park_pb2.PARK_VERDICT_MET
    assert client.EvaluatePark(above).core.verdict == park_pb2.PARK_VERDICT_NOT_MET


def test_no_behaviour_is_missing() -> None:
    files_ = sorted(Path(__file__).parent.glob("test_*.py"))
    told = "".join(path.read_text(encoding="utf-8") for path in files_)
    # A blank row, a pin against the newest and a factor edited after the fact are of other tests.
    wanted = {*range(1, 4), *range(5, 19), *range(21, 27)}

    assert {number for number in wanted if f'"""BEH-{number:02d}:' not in told} == set()
