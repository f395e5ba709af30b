"""The door before the real services: what it passes on is what gRPC answers."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from google.protobuf import json_format

from services.__main__ import House
from services.console import answer
from tests.accounting import requests
from tests.console import mills
from tests.console.mills import MILL, Mill
from tests.fixtures.apart import wait
from tests.fixtures.house import on_loopback
from tests.fixtures.http import Http
from zonecarbon.accounting.v1 import accounting_service_pb2
from zonecarbon.registry.v1 import principal_pb2

REPORT = f"/v1/{MILL}/activityRecords:report"


@pytest.fixture(scope="module")
def mill(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mill]:
    """Real services with one enterprise."""
    with mills.serving(tmp_path_factory.mktemp("mill")) as served:
        yield served


def rows(month: str) -> dict[str, Any]:
    """A report of one month as JSON, without an id."""
    report = requests.report(MILL, requests.record(MILL, when=month), request_id="")
    value = json_format.MessageToDict(report, preserving_proto_field_name=True)
    del value["parent"]
    return value


def test_a_report_that_is_repeated_has_one_effect_and_the_same_answer_byte_by_byte(
    mill: Mill,
) -> None:
    key = {"idempotency-key": str(uuid.uuid4())}

    first = mill.http().post(REPORT, rows("2023-01"), headers=key)
    again = mill.http().post(REPORT, rows("2023-01"), headers=key)
    other = mill.http().post(REPORT, rows("2023-02"), headers=key)

    assert first.json["accepted_count"] == 1
    assert again.body == first.body
    assert (other.code, other.reason) == (409, "REQUEST_ID_REUSED")


def test_a_report_by_json_and_by_grpc_under_one_id_is_one_report(mill: Mill) -> None:
    request = requests.report(MILL, requests.record(MILL, when="2023-03"))
    client = mill.running.client(mill.key)

    by_grpc = client.accounting.ReportActivity(request)
    by_json = mill.http().post(REPORT, rows("2023-03") | {"request_id": request.request_id})

    assert by_json.body == answer.text(by_grpc)


def test_a_resource_reads_the_same_by_json_and_by_grpc(mill: Mill) -> None:
    mill.http().post(REPORT, rows("2023-04") | {"request_id": str(uuid.uuid4())})
    name = f"{MILL}/inventories/2023"
    request = accounting_service_pb2.GetEnterpriseInventoryRequest(name=name)

    by_grpc = mill.running.client(mill.key).accounting.GetEnterpriseInventory(request)

    assert mill.http().get(f"/v1/{name}").body == answer.text(by_grpc)


def test_an_enterprise_sees_itself_and_nobody_else(mill: Mill) -> None:
    got = mill.http().get("/v1/caller")

    assert got.json["scopes"] == [MILL]
    assert got.json["role"] == principal_pb2.Role.Name(principal_pb2.ROLE_ENTERPRISE)
    other = mill.http().get("/v1/enterprises/steel/inventories/2023")
    assert (other.code, other.reason) == (404, "NOT_FOUND")
    assert mill.http().get("/v1/zones/east/inventories/2023").code == 403


def test_a_rule_of_the_contract_is_told_with_its_field(mill: Mill) -> None:
    got = mill.http().post(REPORT, {"records": [], "request_id": "1"})

    assert (got.code, got.reason) == (400, "FIELD_REQUIRED")
    assert got.fields == ["records", "request_id"]


def test_the_console_can_be_served_alone(mill: Mill) -> None:
    addresses = mill.running.addresses
    settings = on_loopback(mill.running.folder).model_copy(
        update={
            f"{name}_address": getattr(addresses, name)
            for name in ("registry", "accounting", "trading")
        }
    )
    house = House(settings, ["console"])
    try:
        assert house.servers == {}
        assert house.console is not None
        http = Http(address=house.console.address, key=mill.key)
        assert http.get("/v1/units").code == 200
        assert Http(address=house.metrics.address).get("/healthz").body == b"SERVING\n"
        metrics = Http(address=house.metrics.address)
        counted = 'zonecarbon_http_requests_total{code="200",method="GET",route="/v1/units"} 1.0'
        # It is counted once it is answered, so perhaps a moment later.
        wait(lambda: counted in metrics.get("/metrics").body.decode())
    finally:
        house.stop()
