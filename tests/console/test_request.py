from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from google.protobuf import json_format
from google.protobuf.message import Message
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from services.console.fields import Broken
from services.console.request import Said, message
from services.console.route import Route
from services.kernel.errors import BodyMalformed
from tests.console.doors import routes
from tests.console.messages import messages
from zonecarbon.accounting.v1 import accounting_service_pb2 as accounting
from zonecarbon.accounting.v1 import inventory_pb2
from zonecarbon.registry.v1 import enterprise_pb2, registry_service_pb2
from zonecarbon.trading.v1 import trading_service_pb2

ID = "0f8fad5b-d9cb-469f-a165-70867728950e"
OTHER_ID = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
REPORT = "/v1/enterprises/chp/activityRecords:report"


def read(
    verb: str, path: str, body: Any = None, *, query: str = "", key: str | None = None
) -> Message:
    route, variables = routes().find(verb, path)
    text = b"" if body is None else json.dumps(body).encode()
    return message(route, Said(path=variables, query=query.encode(), key=key), text)


def wrong(verb: str, path: str, body: Any = None, **said: Any) -> list[tuple[str, str]]:
    with pytest.raises(Broken) as caught:
        read(verb, path, body, **said)
    return [(each.reason, each.field) for each in caught.value.wrong]


def test_the_path_is_a_part_of_the_request() -> None:
    found = read("GET", "/v1/enterprises/chp/inventories/2024")

    assert found == accounting.GetEnterpriseInventoryRequest(
        name="enterprises/chp/inventories/2024"
    )


def test_a_number_in_the_path_is_a_number_of_the_request() -> None:
    found = read("GET", "/v1/accounts/chp/allocations/2024")

    assert found == trading_service_pb2.GetAllocationRequest(
        account="accounts/chp", compliance_year=2024
    )
    assert wrong("GET", "/v1/accounts/chp/allocations/last") == [
        ("FIELD_INVALID", "compliance_year")
    ]


def test_the_query_fills_fields_of_every_kind() -> None:
    found = read(
        "GET",
        "/v1/enterprises/chp/inventories/2024",
        query="view=INVENTORY_VIEW_FULL&resourceVersion=3&as_of_time=2024-02-01T00:00:00%2B08:00",
    )

    wanted = accounting.GetEnterpriseInventoryRequest(
        name="enterprises/chp/inventories/2024",
        view=inventory_pb2.INVENTORY_VIEW_FULL,
        resource_version=3,
    )
    wanted.as_of_time.FromJsonString("2024-01-31T16:00:00Z")
    assert found == wanted


def test_the_query_reaches_into_messages_by_dots() -> None:
    found = read(
        "GET",
        "/v1/enterprises/chp/inventories:reconcile",
        query="accounting_year=2024&from.method_id=gbt32150&to.method_id=ghgp&to.gwp_set=gwp100-ar6",
    )

    wanted = accounting.ReconcileInventoriesRequest(parent="enterprises/chp", accounting_year=2024)
    getattr(wanted, "from").method_id = "gbt32150"
    wanted.to.method_id, wanted.to.gwp_set = "ghgp", "gwp100-ar6"
    assert found == wanted


@pytest.mark.parametrize(
    ("query", "reason", "field"),
    [
        ("nam=x", "FIELD_UNKNOWN", "nam"),
        ("from.colour=x", "FIELD_UNKNOWN", "from.colour"),
        ("from.method_id.x=1", "FIELD_UNKNOWN", "from.method_id"),
        ("from=ghgp", "FIELD_INVALID", "from"),
        ("accounting_year=2024&accounting_year=2025", "FIELD_INVALID", "accounting_year"),
        ("accounting_year=2024&accountingYear=2024", "FIELD_INVALID", "accounting_year"),
        ("accounting_year=", "FIELD_INVALID", "accounting_year"),
        ("accounting_year=two", "FIELD_INVALID", "accounting_year"),
        ("parent=enterprises/steel", "FIELD_INVALID", "parent"),
    ],
)
def test_what_is_wrong_in_the_query_is_refused_with_its_path(
    query: str, reason: str, field: str
) -> None:
    path = "/v1/enterprises/chp/inventories:reconcile"

    assert wrong("GET", path, query=query) == [(reason, field)]


def test_a_query_that_is_not_utf8_is_refused() -> None:
    with pytest.raises(BodyMalformed) as refused:
        read("GET", "/v1/units", query="dimension=%FF")

    assert refused.value.field == "query"


def test_a_body_may_be_one_field_and_the_query_the_others() -> None:
    found = read(
        "PATCH",
        "/v1/enterprises/chp",
        {"display_name": "CHP"},
        query="update_mask=display_name,industryCode",
    )

    wanted = registry_service_pb2.UpdateEnterpriseRequest(
        enterprise=enterprise_pb2.Enterprise(name="enterprises/chp", display_name="CHP")
    )
    wanted.update_mask.paths.extend(["display_name", "industry_code"])
    assert found == wanted


def test_what_belongs_to_the_body_is_not_taken_from_the_query() -> None:
    assert wrong("POST", REPORT, {}, query="validate_only=true") == [
        ("FIELD_INVALID", "validate_only")
    ]
    assert wrong("PATCH", "/v1/enterprises/chp", {}, query="enterprise.display_name=x") == [
        ("FIELD_INVALID", "enterprise.display_name")
    ]


def test_the_body_may_say_what_the_path_says_and_nothing_else() -> None:
    same = read("POST", REPORT, {"parent": "enterprises/chp"})

    assert same == accounting.ReportActivityRequest(parent="enterprises/chp")
    assert wrong("POST", REPORT, {"parent": "enterprises/steel"}) == [("FIELD_INVALID", "parent")]
    plan = "/v1/enterprises/chp/dataQualityPlan"
    assert read("PATCH", plan, {}) == read(
        "PATCH", plan, {"data_quality_plan": {"name": "enterprises/chp/dataQualityPlan"}}
    )
    assert wrong("PATCH", plan, {"data_quality_plan": {"name": "x"}}) == [
        ("FIELD_INVALID", "data_quality_plan.name")
    ]


def test_a_call_without_a_body_takes_none() -> None:
    with pytest.raises(BodyMalformed) as refused:
        read("GET", "/v1/units", {})

    assert refused.value.problem.name == "UNWANTED"


@pytest.mark.parametrize("key", [ID, f'"{ID}"'])
def test_an_idempotency_key_is_the_request_id(key: str) -> None:
    wanted = accounting.ReportActivityRequest(parent="enterprises/chp", request_id=ID)

    assert read("POST", REPORT, {}, key=key) == wanted
    assert read("POST", REPORT, {"requestId": ID}, key=key) == wanted


def test_another_request_id_beside_the_key_is_refused() -> None:
    assert wrong("POST", REPORT, {"request_id": OTHER_ID}, key=ID) == [
        ("FIELD_INVALID", "request_id")
    ]


def test_a_key_that_would_have_no_effect_is_refused() -> None:
    assert wrong("POST", "/v1/units:convert", {}, key=ID) == [("FIELD_INVALID", "idempotency-key")]


def bare(value: object) -> bool:
    """Whether a message without fields is in a message somewhere."""
    return isinstance(value, dict) and any(it == {} or bare(it) for it in value.values())


IN_QUERIES = {route.rpc: route for route in routes().all if not route.body}


@pytest.mark.parametrize("route", IN_QUERIES.values(), ids=IN_QUERIES)
@given(data=st.data())
@settings(max_examples=10)
def test_any_request_can_be_said_in_path_and_query(route: Route, data: st.DataObject) -> None:
    wanted = data.draw(messages(route.method.input_type))
    value = json_format.MessageToDict(wanted, preserving_proto_field_name=True)
    # A query has words for fields alone, not for a message that has none.
    assume(not bare(value))
    path = {name: str(getattr(wanted, name)) for name in route.template.variables}
    for name in path:
        value.pop(name, None)

    query = urlencode(list(pairs(value)))

    assert message(route, Said(path=path, query=query.encode()), b"") == wanted


def pairs(value: dict[str, Any], within: str = "") -> list[tuple[str, str]]:
    """The fields of a message as a query has them."""
    found: list[tuple[str, str]] = []
    for name, part in value.items():
        for each in part if isinstance(part, list) else [part]:
            if isinstance(each, dict):
                found += pairs(each, f"{within}{name}.")
            else:
                text = json.dumps(each) if isinstance(each, bool) else str(each)
                found.append((f"{within}{name}", text))
    return found
