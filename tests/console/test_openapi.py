from __future__ import annotations

import json
from typing import Any

import jsonschema_rs

from services.console import openapi
from services.console.route import Routes
from tests.console.doors import Toys, routes, stream_service

DOCUMENT: dict[str, Any] = json.loads(openapi.document(routes().all))
SCHEMAS = DOCUMENT["components"]["schemas"]


def operation(verb: str, path: str) -> dict[str, Any]:
    found: dict[str, Any] = DOCUMENT["paths"][path][verb]
    return found


def body(verb: str, path: str) -> dict[str, Any]:
    content = operation(verb, path)["requestBody"]["content"]
    found: dict[str, Any] = content["application/json"]["schema"]
    return found


def parameters(verb: str, path: str) -> dict[str, Any]:
    return {each["name"]: each for each in operation(verb, path)["parameters"] if "name" in each}


REPORT = "/v1/enterprises/{enterprise}/activityRecords:report"


def test_every_method_is_described_with_its_own_comment() -> None:
    found = [each for verbs in DOCUMENT["paths"].values() for each in verbs.values()]

    assert len(found) == len(routes().all)
    assert len({each["operationId"] for each in found}) == len(found)
    assert all(each["description"].startswith(each["summary"]) for each in found)
    convert = operation("post", "/v1/units:convert")
    assert convert["summary"] == "Converts a quantity and explains the path"
    assert "UNIT_AMBIGUOUS" in convert["description"]


def test_every_field_of_the_contract_is_described() -> None:
    bare = [
        f"{name}.{field}"
        for name, schema in SCHEMAS.items()
        if name.startswith("zonecarbon.")
        for field, of in schema.get("properties", {}).items()
        if not of.get("description")
    ]
    assert bare == []


def test_every_schema_is_one_and_every_reference_leads_to_one() -> None:
    for schema in SCHEMAS.values():
        jsonschema_rs.meta.validate(schema)
    references = {line.split('"')[1] for line in json.dumps(DOCUMENT).split('"$ref": ')[1:]}
    for reference in references:
        at: Any = DOCUMENT
        for part in reference.removeprefix("#/").split("/"):
            at = at[part]


def test_the_rules_of_the_contract_are_bounds() -> None:
    schema = body("post", REPORT)

    assert schema["properties"]["records"]["maxItems"] == 50_000
    assert schema["properties"]["request_id"]["format"] == "uuid"
    assert schema["required"] == ["records"]
    assert schema["additionalProperties"] is False
    year = parameters("get", "/v1/enterprises/{enterprise}/inventories:reconcile")
    assert year["accounting_year"]["schema"]["minimum"] == 1990
    assert year["accounting_year"]["required"]
    assert year["from.method_id"]["required"]
    assert not year["from.gwp_set"]["required"]


def test_what_the_path_says_the_body_need_not() -> None:
    assert "parent" not in body("post", REPORT)["properties"]
    assert list(parameters("post", REPORT)) == ["enterprise"]


def test_a_call_that_has_a_request_id_takes_the_header_for_it() -> None:
    header = {"$ref": "#/components/parameters/IdempotencyKey"}

    assert header in operation("post", REPORT)["parameters"]
    assert header not in operation("post", "/v1/units:convert")["parameters"]


def test_what_only_answers_have_is_read_only() -> None:
    account = SCHEMAS["zonecarbon.trading.v1.Account"]["properties"]

    assert account["revision"]["readOnly"]
    assert "readOnly" not in account["sector"]


def test_numbers_of_64_bits_are_text_in_answers_and_either_in_requests() -> None:
    schema = SCHEMAS["zonecarbon.trading.v1.Account"]["properties"]["revision"]

    for value, fits in (("12", True), (12, True), ("012", False), (1.5, False), (True, False)):
        assert jsonschema_rs.is_valid(schema, value) is fits


def test_enums_and_error_reasons_tell_what_each_value_means() -> None:
    reasons = SCHEMAS["zonecarbon.type.v1.ErrorReason"]

    assert "ERROR_REASON_FIELD_UNKNOWN" in reasons["enum"]
    assert "`ERROR_REASON_FIELD_UNKNOWN`: INVALID_ARGUMENT." in reasons["description"]


def test_every_call_needs_a_key_and_refuses_in_one_form() -> None:
    assert DOCUMENT["security"] == [{"key": []}]
    for verbs in DOCUMENT["paths"].values():
        for each in verbs.values():
            assert each["responses"]["default"] == {"$ref": "#/components/responses/Refused"}


def test_streams_are_described_as_lines() -> None:
    document = json.loads(openapi.document(Routes([stream_service()]).all))
    upload = document["paths"]["/v1/toys:upload"]["post"]
    watch = document["paths"]["/v1/toys:watch"]["get"]

    assert list(upload["requestBody"]["content"]) == ["application/x-ndjson"]
    assert not upload["requestBody"]["required"]
    assert list(upload["responses"]["200"]["content"]) == ["application/json"]
    assert list(watch["responses"]["200"]["content"]) == ["application/x-ndjson"]


def test_a_refusal_fits_the_schema_of_refusals(toys: Toys) -> None:
    refusal = toys.http().get("/v1/units?colour=red").json
    schema = {**SCHEMAS["google.rpc.Status"], "components": DOCUMENT["components"]}

    assert jsonschema_rs.is_valid(schema, refusal)
    assert not jsonschema_rs.is_valid(schema, {**refusal, "colour": "red"})


def test_it_is_served(toys: Toys) -> None:
    got = toys.http(key="").get("/openapi.json")

    assert (got.code, got.headers["content-type"]) == (200, "application/json")
    assert set(got.json["paths"]) >= {"/v1/units", "/v1/toys:watch"}
