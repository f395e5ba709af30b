from __future__ import annotations

import re
from pathlib import Path

import pytest
from google.protobuf import any_pb2, duration_pb2
from google.rpc import code_pb2, error_details_pb2, status_pb2

from services.console import answer
from services.kernel.errors import (
    BodyMalformed,
    BodyProblem,
    LimitExceeded,
    RouteUnknown,
    Unauthenticated,
)
from services.runtime.status import Relayed
from zonecarbon.registry.v1 import unit_pb2

CODES = Path(code_pb2.__file__).with_name("code.proto").read_text(encoding="utf-8")
DOCUMENTED = {
    name: int(number)
    for number, name in re.findall(r"// HTTP Mapping: (\d+)[^\n]*\n  ([A-Z_]+) = \d+;", CODES)
}


def relayed(code: str, *details: any_pb2.Any) -> Relayed:
    status = status_pb2.Status(code=code_pb2.Code.Value(code), details=details)
    return Relayed(status=status.SerializeToString())


@pytest.mark.parametrize(("code", "number"), DOCUMENTED.items(), ids=DOCUMENTED)
def test_a_status_has_the_http_code_that_google_documents_for_it(code: str, number: int) -> None:
    assert answer.code(relayed(code)) == number


def test_every_code_is_documented() -> None:
    assert set(DOCUMENTED) == set(code_pb2.Code.keys())


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (RouteUnknown(name="/v1/x", method="GET"), 404),
        (RouteUnknown(name="/v1/units", method="PUT", allowed=("GET",)), 405),
        (LimitExceeded(limit="body_bytes", given=2, allowed=1), 413),
        (LimitExceeded(limit="streams", given=2, allowed=1), 429),
        (BodyMalformed(given="text/plain", problem=BodyProblem.WRONG_TYPE), 415),
        (BodyMalformed(given="line 1", problem=BodyProblem.NOT_JSON), 400),
    ],
)
def test_what_http_has_a_code_of_its_own_for_gets_it(error: RouteUnknown, code: int) -> None:
    assert answer.code(error) == code


def test_headers_say_what_http_has_headers_for() -> None:
    box = any_pb2.Any()
    box.Pack(
        error_details_pb2.RetryInfo(retry_delay=duration_pb2.Duration(seconds=1, nanos=200_000_000))
    )
    unknown = RouteUnknown(name="/v1/units", method="PUT", allowed=("GET", "POST"))

    assert answer.of_error(unknown, "en").headers["allow"] == "GET, POST"
    assert answer.of_error(Unauthenticated(), "en").headers["www-authenticate"] == "Bearer"
    assert answer.of_error(relayed("UNAVAILABLE", box), "en").headers["retry-after"] == "2"


def test_an_answer_spells_fields_as_the_contract_and_shows_empty_ones() -> None:
    text = answer.text(unit_pb2.Unit(unit_code="10^4 Nm3", display_name_zh="万标立方米"))

    assert text.decode() == (
        '{"unit_code":"10^4 Nm3","display_name":"","display_name_zh":"万标立方米","dimension":"",'
        '"aliases":[]}'
    )
