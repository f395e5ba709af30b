"""Whose data a key sees: its own, and of the rest not even whether it is there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from tests import builders
from tests.fixtures.registry import RunningRegistry
from tests.refusals import refused
from zonecarbon.client import Client
from zonecarbon.registry.v1 import enterprise_pb2
from zonecarbon.registry.v1 import registry_service_pb2 as pb


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours:
    """Two zones with a works each; the foreign one has a facility, a meter and a counterparty."""

    registry: RunningRegistry
    zone: str
    foreign_zone: str
    works: str
    foreign: str


FACILITY, METER, PARTY = "site", "main", "grid"


@pytest.fixture(scope="module")
def neighbours(registry: RunningRegistry) -> Neighbours:
    zone, foreign_zone = registry.zone(), registry.zone()
    works, foreign = registry.enterprise(zone), registry.enterprise(foreign_zone)
    stub = registry.administrator.registry
    site = stub.CreateFacility(builders.facility(foreign, FACILITY)).name
    stub.CreateMeter(builders.meter(foreign, site, METER))
    stub.CreateCounterparty(builders.counterparty(foreign, PARTY))
    return Neighbours(
        registry=registry, zone=zone, foreign_zone=foreign_zone, works=works, foreign=foreign
    )


ROLES = ["DESK", "ENTERPRISE", "VERIFIER"]
"""Those that see some enterprises, and not all."""


def client(neighbours: Neighbours, role: str, language: str = "en") -> Client:
    scope = neighbours.zone if role == "DESK" else neighbours.works
    return neighbours.registry.principal(role, scope, language=language)


def enterprises(of: Client, **fields: Any) -> list[str]:
    found = of.registry.ListEnterprises(pb.ListEnterprisesRequest(page_size=1000, **fields))
    return [each.name for each in found.enterprises]


@pytest.mark.parametrize("role", ["ENTERPRISE", "VERIFIER"])
def test_a_key_of_an_enterprise_sees_that_enterprise_only(
    neighbours: Neighbours, role: str
) -> None:
    own = client(neighbours, role)

    assert enterprises(own) == [neighbours.works]
    assert enterprises(own, zone=neighbours.zone) == [neighbours.works]
    assert enterprises(own, zone=neighbours.foreign_zone) == []
    found = own.registry.GetEnterprise(pb.GetEnterpriseRequest(name=neighbours.works))
    assert found.name == neighbours.works


def test_a_desk_sees_the_enterprises_of_its_zones_only(neighbours: Neighbours) -> None:
    desk = client(neighbours, "DESK")
    more = neighbours.registry.enterprise(neighbours.zone)
    neighbours.registry.enterprise()

    assert enterprises(desk) == sorted([neighbours.works, more])
    assert enterprises(desk, zone=neighbours.zone) == enterprises(desk)
    assert enterprises(desk, zone=neighbours.foreign_zone) == []
    both = neighbours.registry.principal("DESK", neighbours.zone, neighbours.foreign_zone)
    assert set(enterprises(both)) == {neighbours.works, more, neighbours.foreign}


def test_a_service_and_an_administrator_see_every_enterprise(neighbours: Neighbours) -> None:
    for sees_all in (
        neighbours.registry.administrator,
        neighbours.registry.principal("SERVICE"),
    ):
        assert {neighbours.works, neighbours.foreign} <= set(enterprises(sees_all))


def test_who_left_a_zone_is_still_seen_by_its_desk(neighbours: Neighbours) -> None:
    member = builders.membership(neighbours.zone, "2020-01-01", "2022-01-01")
    request = builders.enterprise(memberships=[member])
    gone = neighbours.registry.administrator.registry.CreateEnterprise(request).name

    assert gone in enterprises(client(neighbours, "DESK"))


def partners(of: Client, parent: str = "enterprises/-", zone: str = "") -> set[str]:
    request = pb.ListCounterpartiesRequest(parent=parent, zone=zone, page_size=1000)
    return {each.name for each in of.registry.ListCounterparties(request).counterparties}


def test_the_counterparties_of_all_enterprises_are_those_of_whom_one_sees(
    registry: RunningRegistry,
) -> None:
    zone, other = registry.zone(), registry.zone()
    left = builders.enterprise(memberships=[builders.membership(zone, leave="2022-01-01")])
    works = registry.enterprise(zone)
    gone = registry.administrator.registry.CreateEnterprise(left).name
    foreign = registry.enterprise(other)
    of = {
        each: registry.administrator.registry.CreateCounterparty(builders.counterparty(each)).name
        for each in (works, gone, foreign)
    }
    here, every = {of[works], of[gone]}, set(of.values())

    for sees_all in (registry.administrator, registry.principal("SERVICE")):
        assert every <= partners(sees_all)
        assert partners(sees_all, zone=zone) == here
    desk, of_both = registry.principal("DESK", zone), registry.principal("DESK", zone, other)
    assert partners(desk) == partners(desk, zone=zone) == here
    assert partners(desk, zone=other) == set()
    assert partners(of_both) == every
    assert partners(of_both, zone=other) == partners(of_both, foreign, other) == {of[foreign]}
    assert partners(of_both, works, other) == set()
    for role in ("ENTERPRISE", "VERIFIER"):
        own = registry.principal(role, works)
        assert partners(own) == partners(own, zone=zone) == {of[works]}
        assert partners(own, zone=other) == set()


def about(name: str) -> list[tuple[str, Any]]:
    """Every call that is about the enterprise `name`: the method and its request."""
    mask = FieldMask(paths=["display_name"])
    changed = enterprise_pb2.Enterprise(name=name, display_name="Mine now")
    code = pb.ChangeCreditCodeRequest(
        name=name,
        credit_code=builders.credit_code(),
        start_date=builders.day("2024-01-01"),
        change_reason="why not",
    )
    return [
        ("GetEnterprise", pb.GetEnterpriseRequest(name=name)),
        ("GetEnterprise", pb.GetEnterpriseRequest(name=name, resource_version=1)),
        ("GetFacility", pb.GetFacilityRequest(name=f"{name}/facilities/{FACILITY}")),
        ("GetMeter", pb.GetMeterRequest(name=f"{name}/meters/{METER}")),
        ("GetCounterparty", pb.GetCounterpartyRequest(name=f"{name}/counterparties/{PARTY}")),
        ("ListFacilities", pb.ListFacilitiesRequest(parent=name)),
        ("ListMeters", pb.ListMetersRequest(parent=name)),
        ("ListCounterparties", pb.ListCounterpartiesRequest(parent=name)),
        ("CreateFacility", builders.facility(name, FACILITY)),
        ("CreateMeter", builders.meter(name, f"{name}/facilities/{FACILITY}", METER)),
        ("CreateCounterparty", builders.counterparty(name, PARTY)),
        ("UpdateEnterprise", pb.UpdateEnterpriseRequest(enterprise=changed, update_mask=mask)),
        ("ChangeCreditCode", code),
        (
            "MergeEnterprise",
            pb.MergeEnterpriseRequest(
                name=name, merged_into=name, merge_date=builders.day("2024-01-01")
            ),
        ),
    ]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("role", ROLES)
def test_a_foreign_and_a_missing_enterprise_look_alike(
    neighbours: Neighbours, role: str, language: str
) -> None:
    stub = client(neighbours, role, language).registry
    # Of the same length, so that only the letters differ.
    missing = neighbours.foreign.replace("works", "wirks")

    for (method, foreign), (_, nobodys) in zip(
        about(neighbours.foreign), about(missing), strict=True
    ):
        told = refused(getattr(stub, method), foreign)
        expected = refused(getattr(stub, method), nobodys).status.SerializeToString()
        assert told.reason in {"NOT_FOUND", "PERMISSION_DENIED"}, method
        same = told.status.SerializeToString().replace(b"works-", b"wirks-")
        assert same == expected, method


@pytest.mark.parametrize("role", ["DESK", "ENTERPRISE"])
def test_a_key_may_build_on_its_own_ground(neighbours: Neighbours, role: str) -> None:
    stub = client(neighbours, role).registry

    site = stub.CreateFacility(builders.facility(neighbours.works)).name
    assert stub.CreateMeter(builders.meter(neighbours.works, site)).facility == site
    assert stub.CreateCounterparty(builders.counterparty(neighbours.works)).name


def test_a_foreign_and_a_missing_zone_look_alike_to_a_desk(neighbours: Neighbours) -> None:
    stub = client(neighbours, "DESK").registry
    missing = neighbours.foreign_zone.replace("zone-", "zune-")

    def joins(zone: str) -> bytes:
        members = [builders.membership(neighbours.zone), builders.membership(zone)]
        told = refused(stub.CreateEnterprise, builders.enterprise(memberships=members))
        assert told.metadata == {"name": zone}
        return told.status.SerializeToString()

    assert joins(neighbours.foreign_zone).replace(b"zone-", b"zune-") == joins(missing)


def test_a_desk_creates_enterprises_of_its_own_zones_only(neighbours: Neighbours) -> None:
    stub = client(neighbours, "DESK").registry

    created = stub.CreateEnterprise(builders.enterprise(zone=neighbours.zone))
    assert created.memberships[0].zone == neighbours.zone
    told = refused(stub.CreateEnterprise, builders.enterprise(zone=neighbours.foreign_zone))
    assert told.metadata == {"name": neighbours.foreign_zone}
    told = refused(stub.CreateEnterprise, builders.enterprise())
    assert (told.reason, told.fields) == ("FIELD_REQUIRED", ["enterprise.memberships"])


def test_a_desk_moves_nobody_into_or_out_of_a_foreign_zone(neighbours: Neighbours) -> None:
    here = builders.membership(neighbours.zone)
    there = builders.membership(neighbours.foreign_zone, "2019-01-01")
    request = builders.enterprise(memberships=[here, there])
    name = neighbours.registry.administrator.registry.CreateEnterprise(request).name
    stub = client(neighbours, "DESK").registry

    def update(*memberships: enterprise_pb2.ZoneMembership) -> pb.UpdateEnterpriseRequest:
        changed = enterprise_pb2.Enterprise(name=name, memberships=memberships)
        mask = FieldMask(paths=["memberships"])
        return pb.UpdateEnterpriseRequest(enterprise=changed, update_mask=mask)

    left = builders.membership(neighbours.foreign_zone, "2019-01-01", "2024-01-01")
    for foreign in (update(here), update(here, left)):
        told = refused(stub.UpdateEnterprise, foreign)
        assert (told.reason, told.metadata) == ("NOT_FOUND", {"name": neighbours.foreign_zone})
    told = refused(stub.UpdateEnterprise, update(there))
    assert (told.reason, told.fields) == ("FIELD_REQUIRED", ["enterprise.memberships"])
    own = builders.membership(neighbours.zone, "2020-01-01", "2024-01-01")
    assert stub.UpdateEnterprise(update(there, own)).memberships[1] == own


def test_a_desk_merges_into_nobody_it_cannot_see(neighbours: Neighbours) -> None:
    stub = client(neighbours, "DESK").registry
    own = neighbours.registry.enterprise(neighbours.zone)

    request = pb.MergeEnterpriseRequest(
        name=own, merged_into=neighbours.foreign, merge_date=builders.day("2024-01-01")
    )
    told = refused(stub.MergeEnterprise, request)
    assert (told.reason, told.metadata) == ("NOT_FOUND", {"name": neighbours.foreign})


def test_an_enterprise_never_changes_its_own_master_data(neighbours: Neighbours) -> None:
    stub = client(neighbours, "ENTERPRISE").registry

    closed = {"UpdateEnterprise", "ChangeCreditCode", "MergeEnterprise"}
    for method, request in about(neighbours.works):
        if method in closed:
            assert refused(getattr(stub, method), request).reason == "PERMISSION_DENIED"
    told = refused(stub.CreateEnterprise, builders.enterprise())
    assert told.reason == "PERMISSION_DENIED"
    assert refused(stub.ListZones, pb.ListZonesRequest()).reason == "PERMISSION_DENIED"


@pytest.mark.parametrize(("role", "scoped"), [("SERVICE", False), ("VERIFIER", True)])
def test_a_service_and_a_verifier_read_and_write_nothing(
    neighbours: Neighbours, role: str, *, scoped: bool
) -> None:
    scopes = [neighbours.foreign] if scoped else []
    stub = neighbours.registry.principal(role, *scopes).registry

    for method, request in about(neighbours.foreign):
        if method.startswith(("Get", "List")):
            assert getattr(stub, method)(request).ByteSize(), method
        else:
            told = refused(getattr(stub, method), request)
            assert (told.reason, told.metadata["role"]) == ("PERMISSION_DENIED", role), method


def test_a_verifier_sees_nothing_of_whom_it_does_not_verify(neighbours: Neighbours) -> None:
    stub = client(neighbours, "VERIFIER").registry

    for method, request in about(neighbours.foreign):
        expected = "NOT_FOUND" if method.startswith(("Get", "List")) else "PERMISSION_DENIED"
        assert refused(getattr(stub, method), request).reason == expected, method
    assert refused(stub.ListZones, pb.ListZonesRequest()).reason == "PERMISSION_DENIED"
