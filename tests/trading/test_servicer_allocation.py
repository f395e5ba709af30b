"""Allocations over the wire, beside a real registry, on SQLite and on PostgreSQL."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor

from tests.trading import requests
from tests.trading.stand import Stand, refusal
from zonecarbon.client import Client
from zonecarbon.trading.v1 import allocation_pb2, trading_service_pb2
from zonecarbon.type.v1 import source_pb2

ALLOCATED = 80_490


def test_an_allocation_gets_a_version_only_if_something_differs(desk: Client) -> None:
    first = desk.trading.AllocateAllowances(requests.allocate())
    same = desk.trading.AllocateAllowances(requests.allocate())
    other = desk.trading.AllocateAllowances(
        requests.allocate(requests.unit(electricity="100001 MWh"))
    )
    read = desk.trading.GetAllocation(
        trading_service_pb2.GetAllocationRequest(account="accounts/chp", compliance_year=2024)
    )

    assert (first.allowance_count, first.resource_version) == (ALLOCATED, 1)
    assert first.status == source_pb2.SOURCE_STATUS_OFFICIAL
    assert same == first
    assert read == other
    assert (other.allowance_count, other.resource_version) == (ALLOCATED, 2)
    assert other.rulebook == "rulebooks/power-2024"
    assert any("100001 MWh" in step for step in other.units[0].steps)


def test_an_allocation_sent_twice_is_answered_with_the_same_bytes(desk: Client) -> None:
    request = requests.allocate(request_id=str(uuid.uuid4()))
    first = desk.trading.AllocateAllowances(request)
    desk.trading.AllocateAllowances(requests.allocate(requests.unit(electricity="5 MWh")))

    again = desk.trading.AllocateAllowances(request)

    assert again.SerializeToString() == first.SerializeToString()
    request.compliance_year = 2023
    assert refusal(desk.trading.AllocateAllowances, request)[0] == "REQUEST_ID_REUSED"


UNITS: dict[str, tuple[list[allocation_pb2.UnitProduction], tuple[str, str]]] = {
    "class I below 400 MW": (
        [requests.unit(unit_class="I")],
        ("FIELD_INVALID", "units[0].unit_class"),
    ),
    "class II from 400 MW on": (
        [requests.unit(), requests.unit("unit-2")],
        ("FIELD_INVALID", "units[1].unit_class"),
    ),
    "no unit": ([], ("FIELD_REQUIRED", "units")),
    "a boiler": ([requests.unit("boiler")], ("FIELD_INVALID", "units[0].facility")),
    "no such unit": (
        [requests.unit("unit-9")],
        ("NOT_FOUND", "enterprises/chp/facilities/unit-9"),
    ),
    "another's unit": (
        [requests.unit(enterprise="steel")],
        ("FIELD_INVALID", "units[0].facility"),
    ),
    "no name": ([requests.unit("Unit 1")], ("NAME_INVALID", "units[0].facility")),
    "an unknown unit of energy": (
        [requests.unit(electricity="1 kwh")],
        ("UNIT_UNKNOWN", "units[0].electricity.unit_code"),
    ),
    "electricity in tonnes": (
        [requests.unit(electricity="1 t")],
        ("UNIT_DIMENSION", "units[0].electricity.unit_code"),
    ),
    "not a number": (
        [requests.unit(electricity="NaN MWh")],
        ("QUANTITY_INVALID", "units[0].electricity.value"),
    ),
    "a thousand digits": (
        [requests.unit(electricity="9" * 1000 + " MWh")],
        ("QUANTITY_INVALID", "units[0].electricity.value"),
    ),
    "a load factor in percent": (
        [requests.unit(load_factor="60")],
        ("FIELD_INVALID", "units[0].load_factor_ratio"),
    ),
    "no load factor": (
        [requests.unit(load_factor="")],
        ("QUANTITY_INVALID", "units[0].load_factor_ratio.value"),
    ),
    "a unit twice": ([requests.unit(), requests.unit()], ("DUPLICATE_ROW", "units[1]")),
}


def test_what_cannot_be_a_unit_is_refused_by_field(desk: Client) -> None:
    for case, (units, expected) in UNITS.items():
        request = requests.allocate(*units)
        if not units:
            request.ClearField("units")
        assert refusal(desk.trading.AllocateAllowances, request) == expected, case
    nothing = trading_service_pb2.GetAllocationRequest(account="accounts/chp", compliance_year=2024)
    assert refusal(desk.trading.GetAllocation, nothing) == (
        "NOT_FOUND",
        "accounts/chp/allocations/2024",
    )


def test_a_year_without_rules_or_before_the_first_is_refused(desk: Client) -> None:
    def told(year: int) -> str:
        return refusal(desk.trading.AllocateAllowances, requests.allocate(year=year))[0]

    assert told(2030) == "RULEBOOK_MISSING"
    assert told(2022) == "FIELD_REQUIRED", "the plan of 2022 asks how a unit is cooled"
    assert told(2020) == "FIELD_INVALID"


def test_the_same_request_from_many_at_once_has_one_effect(stand: Stand) -> None:
    desk = stand.principal("DESK", "zones/home").trading
    create, allocate = requests.create_account(), requests.allocate()

    with ThreadPoolExecutor(8) as pool:
        accounts = list(pool.map(lambda _: desk.CreateAccount(create), range(8)))
        allocations = list(pool.map(lambda _: desk.AllocateAllowances(allocate), range(8)))

    assert len({each.SerializeToString() for each in accounts}) == 1
    assert len({each.SerializeToString() for each in allocations}) == 1
    assert allocations[0].resource_version == 1
