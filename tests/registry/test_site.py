from __future__ import annotations

from typing import Any

import pytest

from tests import builders
from tests.fixtures.registry import RunningRegistry
from tests.refusals import refused
from zonecarbon.registry.v1 import facility_pb2
from zonecarbon.registry.v1 import registry_service_pb2 as pb

UNIT = facility_pb2.FACILITY_KIND_GENERATING_UNIT


@pytest.fixture
def parent(registry: RunningRegistry) -> str:
    """The name of an enterprise."""
    return registry.enterprise()


def facility(registry: RunningRegistry, parent: str) -> str:
    """Create a facility; return its name."""
    return registry.administrator.registry.CreateFacility(builders.facility(parent)).name


def test_a_facility_is_created_once_and_found_again(registry: RunningRegistry, parent: str) -> None:
    stub = registry.administrator.registry
    power = builders.quantity("25.00", "MW")
    request = builders.facility(parent, kind=UNIT, rated_power=power)

    created = stub.CreateFacility(request)
    assert created.name == f"{parent}/facilities/{request.facility_id}"
    assert created.rated_power == power
    assert created.revision > 0
    assert stub.CreateFacility(request) == created
    assert stub.GetFacility(pb.GetFacilityRequest(name=created.name)) == created


@pytest.mark.parametrize(
    ("fields", "reason", "field"),
    [
        ({"facility_id": "Site 1"}, "NAME_INVALID", "facility_id"),
        ({"display_name": ""}, "FIELD_REQUIRED", "facility.display_name"),
        ({"kind": 0}, "FIELD_INVALID", "facility.kind"),
        ({"kind": 9}, "FIELD_INVALID", "facility.kind"),
        ({"kind": UNIT}, "FIELD_REQUIRED", "facility.rated_power"),
        (
            {"rated_power": builders.quantity("1", "mw")},
            "UNIT_UNKNOWN",
            "facility.rated_power.unit_code",
        ),
        (
            {"rated_power": builders.quantity("1", "kWh")},
            "UNIT_DIMENSION",
            "facility.rated_power.unit_code",
        ),
        (
            {"rated_power": builders.quantity("1", "ton")},
            "UNIT_AMBIGUOUS",
            "facility.rated_power.unit_code",
        ),
        (
            {"rated_power": builders.quantity("0", "MW")},
            "QUANTITY_INVALID",
            "facility.rated_power.value",
        ),
        (
            {"rated_power": builders.quantity("-25", "MW")},
            "QUANTITY_INVALID",
            "facility.rated_power.value",
        ),
        (
            {"rated_power": builders.quantity("NaN", "MW")},
            "QUANTITY_INVALID",
            "facility.rated_power.value",
        ),
        (
            {"rated_power": builders.quantity("1" * 1000, "MW")},
            "QUANTITY_INVALID",
            "facility.rated_power.value",
        ),
    ],
)
def test_a_facility_that_breaks_the_contract_is_refused_by_field(
    registry: RunningRegistry, parent: str, fields: dict[str, Any], reason: str, field: str
) -> None:
    request = builders.facility(parent, **fields)

    told = refused(registry.administrator.registry.CreateFacility, request)
    assert (told.code, told.reason, told.fields) == ("INVALID_ARGUMENT", reason, [field])
    listed = registry.administrator.registry.ListFacilities(pb.ListFacilitiesRequest(parent=parent))
    assert not listed.facilities


def test_a_meter_is_created_once_and_found_again(registry: RunningRegistry, parent: str) -> None:
    stub = registry.administrator.registry
    request = builders.meter(parent, facility(registry, parent), unit_code="度")

    created = stub.CreateMeter(request)
    assert created.name == f"{parent}/meters/{request.meter_id}"
    assert created.unit_code == "kWh"
    assert stub.CreateMeter(request) == created
    assert stub.GetMeter(pb.GetMeterRequest(name=created.name)) == created


@pytest.mark.parametrize(
    ("fields", "reason", "field"),
    [
        ({"meter_id": "M"}, "NAME_INVALID", "meter_id"),
        ({"display_name": ""}, "FIELD_REQUIRED", "meter.display_name"),
        ({"facility": ""}, "FIELD_REQUIRED", "meter.facility"),
        ({"facility": "site"}, "NAME_INVALID", "meter.facility"),
        ({"unit_code": ""}, "FIELD_REQUIRED", "meter.unit_code"),
        ({"unit_code": "kwh"}, "UNIT_UNKNOWN", "meter.unit_code"),
        ({"unit_code": "ton"}, "UNIT_AMBIGUOUS", "meter.unit_code"),
        ({"decimals_count": 7}, "FIELD_INVALID", "meter.decimals_count"),
        ({"decimals_count": -1}, "FIELD_INVALID", "meter.decimals_count"),
    ],
)
def test_a_meter_that_breaks_the_contract_is_refused_by_field(
    registry: RunningRegistry, parent: str, fields: dict[str, Any], reason: str, field: str
) -> None:
    request = builders.meter(parent, **{"facility": f"{parent}/facilities/f"} | fields)

    told = refused(registry.administrator.registry.CreateMeter, request)
    assert (told.code, told.reason, told.fields) == ("INVALID_ARGUMENT", reason, [field])


def test_a_meter_stands_at_a_facility_of_its_own_enterprise(
    registry: RunningRegistry, parent: str
) -> None:
    foreign = facility(registry, registry.enterprise())
    missing = f"{parent}/facilities/none"

    for name in (foreign, missing):
        told = refused(registry.administrator.registry.CreateMeter, builders.meter(parent, name))
        assert (told.reason, told.metadata) == ("NOT_FOUND", {"name": name})


def test_a_counterparty_is_created_once_and_found_again(
    registry: RunningRegistry, parent: str
) -> None:
    stub = registry.administrator.registry
    request = builders.counterparty(parent)

    created = stub.CreateCounterparty(request)
    assert created.name == f"{parent}/counterparties/{request.counterparty_id}"
    assert (created.credit_code, created.enterprise) == ("", "")
    assert stub.CreateCounterparty(request) == created
    assert stub.GetCounterparty(pb.GetCounterpartyRequest(name=created.name)) == created


@pytest.mark.parametrize(
    ("fields", "reason", "field"),
    [
        ({"counterparty_id": "Grid"}, "NAME_INVALID", "counterparty_id"),
        ({"display_name": ""}, "FIELD_REQUIRED", "counterparty.display_name"),
        ({"credit_code": "x" * 41}, "FIELD_INVALID", "counterparty.credit_code"),
        ({"credit_code": "x"}, "CREDIT_CODE_INVALID", "counterparty.credit_code"),
    ],
)
def test_a_counterparty_that_breaks_the_contract_is_refused_by_field(
    registry: RunningRegistry, parent: str, fields: dict[str, Any], reason: str, field: str
) -> None:
    request = builders.counterparty(parent, **fields)

    told = refused(registry.administrator.registry.CreateCounterparty, request)
    assert (told.code, told.reason, told.fields) == ("INVALID_ARGUMENT", reason, [field])


def test_a_counterparty_leads_to_the_enterprise_that_has_or_had_its_code(
    registry: RunningRegistry, parent: str
) -> None:
    stub = registry.administrator.registry
    code = builders.credit_code()
    created = stub.CreateCounterparty(builders.counterparty(parent, credit_code=code))
    assert created.enterprise == ""

    partner = stub.CreateEnterprise(builders.enterprise(credit_code=code))
    request = pb.GetCounterpartyRequest(name=created.name)
    assert stub.GetCounterparty(request).enterprise == partner.name
    stub.ChangeCreditCode(
        pb.ChangeCreditCodeRequest(
            name=partner.name,
            credit_code=builders.credit_code(),
            start_date=builders.day("2023-01-01"),
            change_reason="relocated",
        )
    )
    assert stub.GetCounterparty(request).enterprise == partner.name


def test_a_counterparty_leads_nowhere_for_those_who_may_not_see_the_enterprise(
    registry: RunningRegistry,
) -> None:
    one, other = registry.zone(), registry.zone()
    seller, buyer = registry.enterprise(one), registry.enterprise(other)
    code = registry.administrator.registry.GetEnterprise(pb.GetEnterpriseRequest(name=buyer))
    request = builders.counterparty(seller, credit_code=code.credit_code)
    name = registry.administrator.registry.CreateCounterparty(request).name

    def leads_to(role: str, *scopes: str) -> str:
        client = registry.principal(role, *scopes)
        (listed,) = client.registry.ListCounterparties(
            pb.ListCounterpartiesRequest(parent=seller)
        ).counterparties
        found = client.registry.GetCounterparty(pb.GetCounterpartyRequest(name=name))
        assert found == listed
        return found.enterprise

    assert leads_to("SERVICE") == buyer
    assert leads_to("DESK", one, other) == buyer
    assert leads_to("DESK", one) == ""
    assert leads_to("ENTERPRISE", seller) == ""
    assert leads_to("ENTERPRISE", seller, buyer) == buyer


@pytest.mark.parametrize("noun", ["facility", "meter", "counterparty"])
def test_a_taken_id_with_other_content_is_refused(
    registry: RunningRegistry, parent: str, noun: str
) -> None:
    stub = registry.administrator.registry
    site = facility(registry, parent)
    calls: dict[str, tuple[Any, Any]] = {
        "facility": (stub.CreateFacility, builders.facility(parent)),
        "meter": (stub.CreateMeter, builders.meter(parent, site)),
        "counterparty": (stub.CreateCounterparty, builders.counterparty(parent)),
    }
    create, request = calls[noun]
    name = create(request).name

    getattr(request, noun).display_name = "Another"
    told = refused(create, request)
    assert (told.code, told.reason, told.metadata) == (
        "ALREADY_EXISTS",
        "ALREADY_EXISTS",
        {"name": name},
    )


@pytest.mark.parametrize(
    ("method", "request_"),
    [
        ("CreateFacility", builders.facility("works")),
        ("CreateMeter", builders.meter("works", "enterprises/e/facilities/f")),
        ("CreateCounterparty", builders.counterparty("works")),
        ("ListFacilities", pb.ListFacilitiesRequest(parent="works")),
        ("ListMeters", pb.ListMetersRequest(parent="works")),
        ("ListCounterparties", pb.ListCounterpartiesRequest(parent="works")),
    ],
)
def test_a_parent_of_another_form_is_refused(
    registry: RunningRegistry, method: str, request_: Any
) -> None:
    told = refused(getattr(registry.administrator.registry, method), request_)

    assert (told.reason, told.fields) == ("NAME_INVALID", ["parent"])
