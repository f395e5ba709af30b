from __future__ import annotations

from typing import Any

import pytest

from tests import builders
from tests.fixtures.registry import RunningRegistry
from tests.refusals import refused
from zonecarbon.registry.v1 import registry_service_pb2 as pb
from zonecarbon.type.v1 import label_pb2


def test_a_zone_is_created_and_found_again(registry: RunningRegistry) -> None:
    request = builders.zone(label=label_pb2.DATA_LABEL_REPLAYED)
    created = registry.administrator.registry.CreateZone(request)

    assert created.name == f"zones/{request.zone_id}"
    assert created.label == label_pb2.DATA_LABEL_REPLAYED
    assert created.revision > 0
    assert created.create_time.seconds > 0
    found = registry.administrator.registry.GetZone(pb.GetZoneRequest(name=created.name))
    assert found == created


def test_creating_a_zone_again_returns_what_exists(registry: RunningRegistry) -> None:
    request = builders.zone()
    created = registry.administrator.registry.CreateZone(request)

    assert registry.administrator.registry.CreateZone(request) == created


@pytest.mark.parametrize(
    ("fields", "reason", "field"),
    [
        ({"zone_id": "Zone 1"}, "NAME_INVALID", "zone_id"),
        ({"zone_id": "1z"}, "NAME_INVALID", "zone_id"),
        ({"zone_id": "z" * 64}, "NAME_INVALID", "zone_id"),
        ({"display_name": ""}, "FIELD_REQUIRED", "zone.display_name"),
        ({"display_name": "园" * 201}, "FIELD_INVALID", "zone.display_name"),
        ({"display_name": "a\0b"}, "FIELD_INVALID", "zone.display_name"),
        ({"region_code": "JS"}, "FIELD_INVALID", "zone.region_code"),
        ({"label": 0}, "FIELD_INVALID", "zone.label"),
        ({"label": 99}, "FIELD_INVALID", "zone.label"),
    ],
)
def test_a_zone_that_breaks_the_contract_is_refused_by_field(
    registry: RunningRegistry, fields: dict[str, Any], reason: str, field: str
) -> None:
    told = refused(registry.administrator.registry.CreateZone, builders.zone(**fields))

    assert (told.code, told.reason, told.fields) == ("INVALID_ARGUMENT", reason, [field])


def test_a_zone_needs_its_id_and_its_content(registry: RunningRegistry) -> None:
    told = refused(registry.administrator.registry.CreateZone, pb.CreateZoneRequest())

    assert (told.reason, sorted(told.fields)) == ("FIELD_REQUIRED", ["zone", "zone_id"])


def test_a_zone_with_a_taken_id_and_other_content_is_refused(registry: RunningRegistry) -> None:
    request = builders.zone()
    registry.administrator.registry.CreateZone(request)

    request.zone.display_name = "Another zone"
    told = refused(registry.administrator.registry.CreateZone, request)
    assert (told.code, told.reason) == ("ALREADY_EXISTS", "ALREADY_EXISTS")
    assert told.metadata == {"name": f"zones/{request.zone_id}"}


@pytest.mark.parametrize("name", ["zones/", "zones/A", "zone/a", "zones/a/b", "zones/a\n"])
def test_a_name_of_another_form_is_refused(registry: RunningRegistry, name: str) -> None:
    told = refused(registry.administrator.registry.GetZone, pb.GetZoneRequest(name=name))

    assert (told.reason, told.fields) == ("NAME_INVALID", ["name"])
    assert told.metadata["pattern"] == "zones/{zone}"


def test_a_zone_that_is_not_there_is_not_found(registry: RunningRegistry) -> None:
    told = refused(registry.administrator.registry.GetZone, pb.GetZoneRequest(name="zones/none"))

    assert (told.code, told.reason) == ("NOT_FOUND", "NOT_FOUND")


def test_a_desk_sees_its_own_zones_only(registry: RunningRegistry) -> None:
    own, other = registry.zone(), registry.zone()
    desk = registry.principal("DESK", own)

    assert [zone.name for zone in desk.registry.ListZones(pb.ListZonesRequest()).zones] == [own]
    assert desk.registry.GetZone(pb.GetZoneRequest(name=own)).name == own
    foreign = refused(desk.registry.GetZone, pb.GetZoneRequest(name=other))
    assert foreign.reason == "NOT_FOUND"


def test_an_administrator_and_a_service_see_every_zone(registry: RunningRegistry) -> None:
    zone = registry.zone()

    for client in (registry.administrator, registry.principal("SERVICE")):
        listed = client.registry.ListZones(pb.ListZonesRequest(page_size=1000)).zones
        assert zone in {each.name for each in listed}


@pytest.mark.parametrize("role", ["DESK", "ENTERPRISE", "SERVICE"])
def test_only_an_administrator_creates_zones(registry: RunningRegistry, role: str) -> None:
    scopes = {"DESK": ["zones/z"], "ENTERPRISE": ["enterprises/e"], "SERVICE": []}[role]
    client = registry.principal(role, *scopes)

    told = refused(client.registry.CreateZone, builders.zone())
    assert (told.reason, told.metadata["role"]) == ("PERMISSION_DENIED", role)
