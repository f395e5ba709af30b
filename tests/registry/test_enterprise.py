from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from tests import builders
from tests.fixtures.registry import RunningRegistry
from tests.refusals import refused
from zonecarbon.client import reason
from zonecarbon.registry.v1 import enterprise_pb2
from zonecarbon.registry.v1 import registry_service_pb2 as pb


def create(registry: RunningRegistry, request: pb.CreateEnterpriseRequest) -> Enterprise:
    return registry.administrator.registry.CreateEnterprise(request)


Enterprise = enterprise_pb2.Enterprise


def get(registry: RunningRegistry, name: str, version: int = 0) -> Enterprise:
    request = pb.GetEnterpriseRequest(name=name, resource_version=version)
    return registry.administrator.registry.GetEnterprise(request)


def update(enterprise: Enterprise, *paths: str, **fields: Any) -> pb.UpdateEnterpriseRequest:
    """The request that changes `fields`, all of them named by the mask unless `paths` are."""
    changed = Enterprise(name=enterprise.name, etag=enterprise.etag)
    changed.MergeFrom(Enterprise(**fields))
    return pb.UpdateEnterpriseRequest(
        enterprise=changed, update_mask=FieldMask(paths=paths or fields)
    )


def test_an_enterprise_is_created_and_found_again(registry: RunningRegistry) -> None:
    zone = registry.zone()
    request = builders.enterprise(zone=zone)
    created = create(registry, request)

    assert created.name == f"enterprises/{request.enterprise_id}"
    assert created.resource_version == 1
    assert [span.credit_code for span in created.credit_codes] == [created.credit_code]
    assert created.memberships[0].zone == zone
    assert not created.memberships[0].HasField("leave_date")
    assert get(registry, created.name) == created


def test_creating_an_enterprise_again_returns_what_exists(registry: RunningRegistry) -> None:
    request = builders.enterprise()
    created = create(registry, request)
    assert create(registry, request) == created

    changed = registry.administrator.registry.UpdateEnterprise(update(created, display_name="New"))
    assert create(registry, request) == changed


def test_an_enterprise_with_a_taken_id_and_other_content_is_refused(
    registry: RunningRegistry,
) -> None:
    request = builders.enterprise()
    create(registry, request)

    request.enterprise.industry_code = "3011"
    told = refused(registry.administrator.registry.CreateEnterprise, request)
    assert (told.code, told.reason) == ("ALREADY_EXISTS", "ALREADY_EXISTS")
    assert told.metadata == {"name": f"enterprises/{request.enterprise_id}"}


@pytest.mark.parametrize(
    ("fields", "reason", "field"),
    [
        ({"enterprise_id": "Works"}, "NAME_INVALID", "enterprise_id"),
        ({"display_name": ""}, "FIELD_REQUIRED", "enterprise.display_name"),
        ({"credit_code": ""}, "FIELD_REQUIRED", "enterprise.credit_code"),
        ({"industry_code": "31"}, "FIELD_INVALID", "enterprise.industry_code"),
        ({"industry_code": "三一二〇"}, "FIELD_INVALID", "enterprise.industry_code"),
        ({"region_code": "Jiangsu"}, "FIELD_INVALID", "enterprise.region_code"),
        ({"label": 0}, "FIELD_INVALID", "enterprise.label"),
        (
            {"memberships": [enterprise_pb2.ZoneMembership(zone="zones/z")]},
            "FIELD_REQUIRED",
            "enterprise.memberships[0].join_date",
        ),
        (
            {"memberships": [builders.membership("zone/z")]},
            "NAME_INVALID",
            "enterprise.memberships[0].zone",
        ),
    ],
)
def test_an_enterprise_that_breaks_the_contract_is_refused_by_field(
    registry: RunningRegistry, fields: dict[str, Any], reason: str, field: str
) -> None:
    request = builders.enterprise(**fields)

    told = refused(registry.administrator.registry.CreateEnterprise, request)
    assert (told.code, told.reason, told.fields) == ("INVALID_ARGUMENT", reason, [field])


def test_a_day_that_does_not_exist_is_refused_where_it_stands(registry: RunningRegistry) -> None:
    zone = registry.zone()
    wrong = builders.membership(zone)
    wrong.join_date.month = 13

    request = builders.enterprise(
        memberships=[builders.membership(zone, leave="2020-06-01"), wrong]
    )
    told = refused(registry.administrator.registry.CreateEnterprise, request)
    assert told.fields == ["enterprise.memberships[1].join_date"]
    assert told.metadata["given"] == "2020-13-1"


def test_a_zone_that_is_not_there_is_named(registry: RunningRegistry) -> None:
    request = builders.enterprise(zone="zones/none")

    told = refused(registry.administrator.registry.CreateEnterprise, request)
    assert (told.reason, told.metadata) == ("NOT_FOUND", {"name": "zones/none"})


@pytest.mark.parametrize(
    ("spans", "field"),
    [
        (["2020-01-01 2019-12-31"], "memberships[0].leave_date"),
        (["2020-01-01 2020-01-01"], "memberships[0].leave_date"),
        (["2020-01-01", "2021-01-01"], "memberships[1].join_date"),
        (["2020-01-01 2021-01-01", "2020-12-31"], "memberships[1].join_date"),
        (["2021-01-01", "2020-01-01"], "memberships[0].join_date"),
        (["2021-01-01", "2020-01-01 2021-01-02"], "memberships[0].join_date"),
    ],
)
def test_memberships_of_one_zone_that_overlap_are_refused_where_they_stand(
    registry: RunningRegistry, spans: list[str], field: str
) -> None:
    zone = registry.zone()
    memberships = [builders.membership(zone, *span.split()) for span in spans]

    request = builders.enterprise(memberships=memberships)
    told = refused(registry.administrator.registry.CreateEnterprise, request)
    assert (told.reason, told.fields) == ("FIELD_INVALID", [f"enterprise.{field}"])


def test_an_enterprise_may_leave_a_zone_return_and_be_in_two_at_once(
    registry: RunningRegistry,
) -> None:
    one, other = registry.zone(), registry.zone()
    memberships = [
        builders.membership(one, "2022-01-01"),
        builders.membership(other, "2020-06-01"),
        builders.membership(one, "2020-01-01", "2022-01-01"),
    ]

    created = create(registry, builders.enterprise(memberships=memberships))
    assert list(created.memberships) == [memberships[2], memberships[1], memberships[0]]


def test_two_that_create_the_same_at_once_get_the_same(registry: RunningRegistry) -> None:
    for _ in range(5):
        request = builders.enterprise()
        with ThreadPoolExecutor(4) as pool:
            made = list(pool.map(lambda _, asked=request: create(registry, asked), range(4)))
        assert made == [made[0]] * 4


def test_of_two_that_claim_one_credit_code_at_once_one_gets_it(registry: RunningRegistry) -> None:
    def claim(code: str) -> str:
        try:
            return create(registry, builders.enterprise(credit_code=code)).credit_code
        except grpc.RpcError as error:
            return reason(error)

    for _ in range(5):
        code = builders.credit_code()
        with ThreadPoolExecutor(4) as pool:
            outcomes = sorted(pool.map(claim, [code] * 4))
        assert outcomes == [code, *["ALREADY_EXISTS"] * 3]


def test_an_update_changes_what_its_mask_names_and_keeps_the_version_before(
    registry: RunningRegistry,
) -> None:
    zone = registry.zone()
    first = create(registry, builders.enterprise())
    request = update(
        first,
        "display_name",
        "memberships",
        display_name="新名称",
        industry_code="9999",
        memberships=[builders.membership(zone)],
    )

    second = registry.administrator.registry.UpdateEnterprise(request)
    assert (second.display_name, second.industry_code) == ("新名称", first.industry_code)
    assert [each.zone for each in second.memberships] == [zone]
    assert second.resource_version == 2
    assert second.etag != first.etag
    assert second.revision > first.revision
    assert second.create_time == first.create_time
    assert get(registry, first.name) == second
    assert get(registry, first.name, version=1) == first
    assert get(registry, first.name, version=2) == second


def test_a_version_that_is_not_there_is_not_found(registry: RunningRegistry) -> None:
    name = registry.enterprise()
    request = pb.GetEnterpriseRequest(name=name, resource_version=2)

    told = refused(registry.administrator.registry.GetEnterprise, request)
    assert (told.reason, told.metadata) == ("NOT_FOUND", {"name": name})


def test_an_update_that_changes_nothing_makes_no_version(registry: RunningRegistry) -> None:
    first = create(registry, builders.enterprise())

    same = registry.administrator.registry.UpdateEnterprise(
        update(first, display_name=first.display_name)
    )
    assert same == first


def test_an_update_of_a_stale_version_is_refused(registry: RunningRegistry) -> None:
    first = create(registry, builders.enterprise())
    registry.administrator.registry.UpdateEnterprise(update(first, display_name="Second"))

    told = refused(
        registry.administrator.registry.UpdateEnterprise, update(first, display_name="Third")
    )
    assert (told.code, told.reason) == ("ABORTED", "ETAG_MISMATCH")
    assert told.metadata == {"name": first.name}
    assert get(registry, first.name).display_name == "Second"


def test_an_update_without_an_etag_changes_whatever_is_there(registry: RunningRegistry) -> None:
    first = create(registry, builders.enterprise())
    for name in ("Second", "Third"):
        request = update(first, display_name=name)
        request.enterprise.etag = ""
        registry.administrator.registry.UpdateEnterprise(request)

    assert get(registry, first.name).resource_version == 3


@pytest.mark.parametrize(
    ("paths", "fields", "reason", "field"),
    [
        (["credit_code"], {}, "FIELD_INVALID", "update_mask"),
        (["label"], {}, "FIELD_INVALID", "update_mask"),
        (["memberships.zone"], {}, "FIELD_INVALID", "update_mask"),
        (["nonsense"], {}, "FIELD_INVALID", "update_mask"),
        (["display_name"], {"display_name": ""}, "FIELD_REQUIRED", "enterprise.display_name"),
        (["region_code"], {"region_code": "moon"}, "FIELD_INVALID", "enterprise.region_code"),
        (["industry_code"], {"industry_code": "1"}, "FIELD_INVALID", "enterprise.industry_code"),
        (
            ["memberships"],
            {"memberships": [enterprise_pb2.ZoneMembership(zone="zones/z")]},
            "FIELD_REQUIRED",
            "enterprise.memberships[0].join_date",
        ),
    ],
)
def test_an_update_that_breaks_the_contract_is_refused_by_field(
    registry: RunningRegistry,
    paths: list[str],
    fields: dict[str, Any],
    reason: str,
    field: str,
) -> None:
    first = create(registry, builders.enterprise())

    told = refused(
        registry.administrator.registry.UpdateEnterprise, update(first, *paths, **fields)
    )
    assert (told.code, told.reason, told.fields) == ("INVALID_ARGUMENT", reason, [field])
    assert get(registry, first.name) == first


def test_an_update_that_names_no_field_is_refused(registry: RunningRegistry) -> None:
    first = create(registry, builders.enterprise())
    nameless = pb.UpdateEnterpriseRequest(enterprise=Enterprise(name=first.name))

    told = refused(registry.administrator.registry.UpdateEnterprise, nameless)
    assert (told.reason, told.fields) == ("FIELD_REQUIRED", ["update_mask"])
    nameless.update_mask.SetInParent()
    told = refused(registry.administrator.registry.UpdateEnterprise, nameless)
    assert (told.reason, told.fields) == ("FIELD_REQUIRED", ["update_mask"])


def test_an_update_says_whom_it_is_about(registry: RunningRegistry) -> None:
    bad = pb.UpdateEnterpriseRequest(
        enterprise=Enterprise(name="Works"), update_mask=FieldMask(paths=["display_name"])
    )
    told = refused(registry.administrator.registry.UpdateEnterprise, bad)
    assert (told.reason, told.fields) == ("NAME_INVALID", ["enterprise.name"])

    bad.enterprise.name = "enterprises/none"
    told = refused(registry.administrator.registry.UpdateEnterprise, bad)
    assert (told.reason, told.metadata) == ("NOT_FOUND", {"name": "enterprises/none"})


def merge(
    enterprise: Enterprise, into: str, day: str = "2023-07-01", etag: str = ""
) -> pb.MergeEnterpriseRequest:
    return pb.MergeEnterpriseRequest(
        name=enterprise.name, merged_into=into, merge_date=builders.day(day), etag=etag
    )


def test_an_enterprise_is_taken_over_and_stays_to_be_seen(registry: RunningRegistry) -> None:
    first, into = create(registry, builders.enterprise()), registry.enterprise()

    merged = registry.administrator.registry.MergeEnterprise(merge(first, into, etag=first.etag))
    assert merged.merged_into == into
    assert merged.merge_date == builders.day("2023-07-01")
    assert merged.credit_code == first.credit_code
    assert get(registry, first.name) == merged
    assert get(registry, first.name, version=1) == first
    assert get(registry, into).resource_version == 1


def test_a_merger_that_cannot_be_is_refused(registry: RunningRegistry) -> None:
    gone, other, third = (create(registry, builders.enterprise()) for _ in range(3))
    registry.administrator.registry.MergeEnterprise(merge(gone, other.name))

    def told(request: pb.MergeEnterpriseRequest) -> tuple[str, list[str]]:
        found = refused(registry.administrator.registry.MergeEnterprise, request)
        return found.reason, found.fields

    assert told(merge(gone, third.name)) == ("FIELD_INVALID", ["name"])
    assert told(merge(other, other.name)) == ("FIELD_INVALID", ["merged_into"])
    assert told(merge(other, gone.name)) == ("FIELD_INVALID", ["merged_into"])
    assert told(merge(other, "works")) == ("NAME_INVALID", ["merged_into"])
    assert told(merge(other, "enterprises/none")) == ("NOT_FOUND", [])
    assert told(merge(other, third.name, etag='"9"')) == ("ETAG_MISMATCH", [])
    dateless = pb.MergeEnterpriseRequest(name=other.name, merged_into=third.name)
    assert told(dateless) == ("FIELD_REQUIRED", ["merge_date"])
    assert told(merge(other, third.name, "2023-02-29")) == ("FIELD_INVALID", ["merge_date"])
    assert get(registry, other.name) == other
