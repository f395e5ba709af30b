from __future__ import annotations

import gzip
import json
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from services.kernel.errors import Busy
from tests.console import doors
from tests.console.doors import BODY_BYTES, Toys
from tests.fixtures.http import Http
from tests.runtime import toy
from zonecarbon.registry.v1 import unit_pb2

UNITS = "/v1/units"


def test_a_call_is_answered(toys: Toys) -> None:
    seen: list[str] = []

    def answer(request: unit_pb2.ListUnitsRequest) -> unit_pb2.ListUnitsResponse:
        seen.append(request.dimension)
        return unit_pb2.ListUnitsResponse(units=[unit_pb2.Unit(unit_code="吨")])

    toys.toy.answer = answer
    got = toys.http().get(f"{UNITS}?dimension=mass")

    assert (got.code, got.headers["content-type"]) == (200, "application/json")
    assert got.json["units"][0]["unit_code"] == "吨"
    assert seen == ["mass"]


def test_without_a_key_nothing_is_read(toys: Toys) -> None:
    got = toys.http(key="").ask("POST", "/v1/units:convert", "no JSON at all")

    assert (got.code, got.reason) == (401, "UNAUTHENTICATED")
    assert got.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("key", ["unknown", "café", " "])
def test_with_a_key_of_nobody_the_call_is_refused(toys: Toys, key: str) -> None:
    got = toys.http().ask("GET", UNITS, headers={"authorization": f"Bearer {key}".rstrip()})

    assert (got.code, got.reason) == (401, "UNAUTHENTICATED")


def test_what_a_role_may_not_the_service_refuses_in_the_callers_language(toys: Toys) -> None:
    got = toys.http(toy.ENTERPRISE_KEY, language="zh-CN,zh;q=0.9").get(UNITS)

    assert (got.code, got.reason) == (403, "PERMISSION_DENIED")
    assert "ENTERPRISE" in got.json["message"]
    assert "请" in got.json["message"]


def test_what_the_door_refuses_it_refuses_in_the_callers_language(toys: Toys) -> None:
    english, chinese = toys.http(), toys.http(language="zh")

    assert "Fields here: dimension" in english.get(f"{UNITS}?colour=red").json["message"]
    assert "此处可用的字段：dimension" in chinese.get(f"{UNITS}?colour=red").json["message"]


def test_an_unknown_path_and_verb_are_refused_in_the_one_form(toys: Toys) -> None:
    http = toys.http()
    for path in ("/", "/v1", "/v1/nothing", "/v2/units", "/metrics"):
        got = http.get(path)
        assert (got.code, got.reason) == (404, "ROUTE_UNKNOWN"), path
    for path, allowed in ((UNITS, "GET"), ("/healthz", "GET, HEAD")):
        got = http.ask("DELETE", path)
        assert (got.code, got.reason) == (405, "ROUTE_UNKNOWN")
        assert got.headers["allow"] == allowed


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=gbk", "-"],
)
def test_a_body_of_another_type_is_refused(toys: Toys, kind: str) -> None:
    got = toys.http().ask("POST", "/v1/units:convert", "{}", kind=kind)

    assert (got.code, got.reason, got.fields) == (415, "BODY_MALFORMED", ["body"])


def test_a_body_of_json_in_utf8_is_taken(toys: Toys) -> None:
    got = toys.http().ask(
        "POST", "/v1/units:convert", "{", kind='Application/JSON; charset="UTF-8"'
    )

    assert (got.code, got.reason) == (400, "BODY_MALFORMED")


def test_a_body_that_is_too_large_is_refused_and_counted(toys: Toys) -> None:
    def value(name: str) -> float | None:
        return toys.metrics.registry.get_sample_value(name, {"limit": "body_bytes"})

    assert value("zonecarbon_limit") == BODY_BYTES
    got = toys.http().ask("POST", "/v1/units:convert", b" " * (BODY_BYTES + 1))

    assert (got.code, got.reason) == (413, "LIMIT_EXCEEDED")
    assert value("zonecarbon_limit_exceeded_total") == 1
    fits = toys.http().ask("POST", "/v1/units:convert", b"{" + b" " * (BODY_BYTES - 1))
    assert fits.reason == "BODY_MALFORMED"


def test_a_body_that_is_packed_is_refused(toys: Toys) -> None:
    packed = {"content-encoding": "gzip"}
    got = toys.http().ask("POST", "/v1/units:convert", gzip.compress(b"{}"), headers=packed)

    assert (got.code, got.reason) == (415, "BODY_MALFORMED")


def test_a_service_that_does_not_answer_is_said_to(toys: Toys) -> None:
    toys.toy.server.stop(0)

    got = toys.http().get(UNITS)

    assert (got.code, got.reason) == (503, "NEIGHBOUR_UNAVAILABLE")


def test_an_answer_that_comes_too_late_is_said_to_in_the_callers_language(toys: Toys) -> None:
    released = threading.Event()

    def answer(_: unit_pb2.ListUnitsRequest) -> unit_pb2.ListUnitsResponse:
        released.wait()
        return unit_pb2.ListUnitsResponse()

    toys.toy.answer = answer
    try:
        got = toys.http(language="zh").ask("GET", UNITS, headers={"grpc-timeout": "50m"})
    finally:
        released.set()

    assert (got.code, got.reason) == (504, "DEADLINE_EXCEEDED")
    assert got.json["message"].startswith("服务 toy 未在 0.05 秒内答复")


def test_a_service_that_hangs_holds_up_nobody_who_asks_another() -> None:
    released = threading.Event()

    def hang(requests: Iterator[unit_pb2.ListUnitsRequest]) -> Iterator[unit_pb2.Unit]:
        released.wait()
        yield from toy.echo(requests)

    with doors.toys() as toys, ThreadPoolExecutor(3 * doors.THREADS) as callers:
        toys.beside.flow = hang
        hanging = [
            callers.submit(toys.http().get, "/v1/toys:ask") for _ in range(3 * doors.THREADS)
        ]
        try:
            asked = [toys.http().get(UNITS).code for _ in range(3)]
            assert not any(each.done() for each in hanging)
        finally:
            released.set()
        answered = [each.result().code for each in hanging]

    assert asked == [200] * 3
    assert answered == [200] * len(hanging)


def test_what_is_worth_sending_again_is_passed_on(toys: Toys) -> None:
    def answer(_: unit_pb2.ListUnitsRequest) -> unit_pb2.ListUnitsResponse:
        raise Busy

    toys.toy.answer = answer

    assert (toys.http().get(UNITS).code, toys.http().get(UNITS).reason) == (503, "BUSY")


def test_a_caller_may_say_how_long_it_waits(toys: Toys) -> None:
    def answer(_: unit_pb2.ListUnitsRequest) -> unit_pb2.ListUnitsResponse:
        time.sleep(0.5)
        return unit_pb2.ListUnitsResponse()

    toys.toy.answer = answer

    assert toys.http().ask("GET", UNITS, headers={"grpc-timeout": "50m"}).code == 504
    assert toys.http().ask("GET", UNITS, headers={"grpc-timeout": "20S"}).code == 200
    wrong = toys.http().ask("GET", UNITS, headers={"grpc-timeout": "soon"})
    assert (wrong.code, wrong.fields) == (400, ["grpc-timeout"])


def test_a_defect_of_a_service_shows_nothing_of_itself(toys: Toys) -> None:
    def answer(_: unit_pb2.ListUnitsRequest) -> unit_pb2.ListUnitsResponse:
        raise ValueError("secret")

    toys.toy.answer = answer
    got = toys.http().get(UNITS)

    assert (got.code, got.reason) == (500, "INTERNAL")
    assert b"secret" not in got.body


def test_requests_are_counted_by_route_and_never_by_path(toys: Toys) -> None:
    http = toys.http()
    for path in (f"{UNITS}?dimension=a", f"{UNITS}?dimension=b", f"{UNITS}?x=1", "/v1/a", "/v1/b"):
        http.get(path)

    toys.wait_for_requests(2, route=UNITS, method="GET", code="200")
    toys.wait_for_requests(1, route=UNITS, method="GET", code="400")
    toys.wait_for_requests(2, route="", method="", code="404")
    name, labels = "zonecarbon_http_request_seconds_count", {"route": UNITS, "method": "GET"}
    assert toys.metrics.registry.get_sample_value(name, labels) == 3


def test_it_says_that_it_serves(toys: Toys) -> None:
    got = Http(address=toys.server.address).get("/healthz")

    assert (got.code, got.body) == (200, b"SERVING\n")


def test_a_caller_that_goes_away_in_its_body_is_no_defect(
    toys: Toys, capsys: pytest.CaptureFixture[str]
) -> None:
    host, _, port = toys.server.address.rpartition(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(
            b"POST /v1/units:convert HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n"
            b"Content-Type: application/json\r\nAuthorization: Bearer good-key\r\n\r\n{"
        )
        time.sleep(0.1)
    toys.wait_for_requests(1, route="/v1/units:convert", method="POST", code="499")
    assert "defect" not in capsys.readouterr().out


def test_many_callers_are_answered_side_by_side_on_one_connection_each(toys: Toys) -> None:
    host, _, port = toys.server.address.rpartition(":")
    asked = f"GET {UNITS} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {toy.KEY}\r\n\r\n".encode()
    with socket.create_connection((host, int(port))) as connection:
        for _ in range(3):
            connection.sendall(asked)
            got = connection.recv(65_536)
            while not got.endswith(b"}"):
                got += connection.recv(65_536)
            assert got.startswith(b"HTTP/1.1 200")
            assert json.loads(got.partition(b"\r\n\r\n")[2]) == {"units": []}
