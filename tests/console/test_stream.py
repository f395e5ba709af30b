from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from services.kernel.errors import Busy
from tests.console.doors import BODY_BYTES, STREAMS, Toys
from tests.fixtures.http import Answer, reason
from tests.runtime import toy
from zonecarbon.registry.v1 import unit_pb2

LINES = "application/x-ndjson"
WATCH, UPLOAD, EXCHANGE = "/v1/toys:watch", "/v1/toys:upload", "/v1/toys:exchange"

Requests = Iterator[unit_pb2.ListUnitsRequest]
Units = Iterator[unit_pb2.Unit]
Opening = Callable[[str, str], "Open"]


def line(dimension: str) -> bytes:
    return json.dumps({"dimension": dimension}).encode() + b"\n"


def sent(toys: Toys, path: str, *parts: bytes) -> Answer:
    return toys.http().ask("POST", path, iter(parts), kind=LINES)


def names(lines: list[dict[str, str]]) -> list[str]:
    return [each["display_name"] for each in lines if "display_name" in each]


def count(number: int) -> toy.Flow:
    """A flow that answers so many units whatever is asked."""

    def flow(requests: Requests) -> Units:
        next(requests)
        for index in range(number):
            yield unit_pb2.Unit(display_name=f"{index}")

    return flow


class Open:
    """A request over a socket, of which more can be sent while its answer is read."""

    def __init__(self, toys: Toys, verb: str, path: str) -> None:
        host, _, port = toys.server.address.rpartition(":")
        self.socket = socket.create_connection((host, int(port)), timeout=10)
        body = "" if verb == "GET" else f"Transfer-Encoding: chunked\r\nContent-Type: {LINES}\r\n"
        head = f"{verb} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {toy.KEY}\r\n{body}\r\n"
        self.socket.sendall(head.encode())
        self.got = b""

    def send(self, part: bytes) -> None:
        """Send a part of the body; an empty one ends it."""
        self.socket.sendall(f"{len(part):x}\r\n".encode() + part + b"\r\n")

    def wait_for(self, text: bytes) -> None:
        """Return once `text` was answered."""
        while text not in self.got:
            more = self.socket.recv(65_536)
            assert more, self.got
            self.got += more


@pytest.fixture
def opened(toys: Toys) -> Iterator[Opening]:
    """Opens requests, and closes them after the test."""
    requests: list[Open] = []

    def open_(verb: str, path: str) -> Open:
        requests.append(Open(toys, verb, path))
        return requests[-1]

    yield open_
    for each in requests:
        each.socket.close()


def test_answers_come_as_lines(toys: Toys) -> None:
    toys.beside.flow = count(3)

    got = toys.http().get(f"{WATCH}?dimension=mass")

    assert (got.code, got.headers["content-type"]) == (200, LINES)
    assert names(got.lines) == ["0", "1", "2"]


def test_lines_are_taken_as_messages_and_answered_once(toys: Toys) -> None:
    got = sent(toys, UPLOAD, line("a"), line("b"), line("c"))

    assert (got.code, got.headers["content-type"]) == (200, "application/json")
    assert got.json["display_name"] == "c"


def test_lines_are_answered_by_lines(toys: Toys) -> None:
    got = sent(toys, EXCHANGE, line("a"), line("b"))

    assert names(got.lines) == ["a", "b"]


def test_a_line_may_come_in_parts_and_the_last_without_its_end(toys: Toys) -> None:
    whole = line("a") + b"\r\n  \n" + line("b") + line("c").strip()

    got = sent(toys, EXCHANGE, *(whole[index : index + 1] for index in range(len(whole))))

    assert names(got.lines) == ["a", "b", "c"]


def test_each_line_is_answered_before_the_next_is_sent(opened: Opening) -> None:
    call = opened("POST", EXCHANGE)
    for dimension in ("first", "second"):
        call.send(line(dimension))
        call.wait_for(f'"display_name":"{dimension}"'.encode())
    call.send(b"")

    call.wait_for(b"0\r\n\r\n")


def test_a_stream_that_fails_at_once_has_the_code_of_its_error(toys: Toys) -> None:
    def flow(_: Requests) -> Units:
        raise Busy

    toys.beside.flow = flow

    for got in (toys.http().get(WATCH), sent(toys, UPLOAD, line("a")), sent(toys, EXCHANGE)):
        assert (got.code, got.reason) == (503, "BUSY")


def test_a_stream_that_fails_later_ends_with_the_error_as_its_last_line(toys: Toys) -> None:
    def flow(_: Requests) -> Units:
        yield unit_pb2.Unit(display_name="good")
        raise Busy

    toys.beside.flow = flow
    got = toys.http().get(WATCH)

    *good, last = got.lines
    assert (got.code, names(good)) == (200, ["good"])
    assert (last["@type"], reason(last)) == ("type.googleapis.com/google.rpc.Status", "BUSY")
    toys.wait_for_requests(1, route=WATCH, method="GET", code="503")


def test_a_wrong_line_ends_an_exchange_after_the_answers_to_those_before(toys: Toys) -> None:
    got = sent(toys, EXCHANGE, line("a"), b'{"colour": 1}\n', line("b"))

    *good, last = got.lines
    assert names(good) == ["a"]
    assert reason(last) == "FIELD_UNKNOWN"


def test_a_wrong_line_refuses_an_upload(toys: Toys) -> None:
    got = sent(toys, UPLOAD, line("a"), b"no JSON\n", line("b"))

    assert (got.code, got.reason) == (400, "BODY_MALFORMED")


def test_a_caller_that_goes_away_ends_its_upload(toys: Toys, opened: Opening) -> None:
    came, ended = threading.Event(), threading.Event()

    def flow(requests: Requests) -> Units:
        try:
            for request in requests:
                yield unit_pb2.Unit(display_name=request.dimension)
                came.set()
        finally:
            ended.set()

    toys.beside.flow = flow
    call = opened("POST", UPLOAD)
    call.send(line("a"))
    assert came.wait(10)
    call.socket.close()

    assert ended.wait(10)
    toys.wait_for_requests(1, route=UPLOAD, method="POST", code="499")


def test_a_caller_that_goes_away_ends_the_answers_too(toys: Toys, opened: Opening) -> None:
    ended = threading.Event()

    def flow(_: Requests) -> Units:
        try:
            for index in range(10**9):
                yield unit_pb2.Unit(display_name=f"{index}")
                time.sleep(0.001)
        finally:
            ended.set()

    toys.beside.flow = flow
    call = opened("GET", WATCH)
    call.wait_for(b"display_name")
    call.socket.close()

    assert ended.wait(10)


def test_a_slow_reader_holds_the_service_back(toys: Toys, opened: Opening) -> None:
    made = 0

    def flow(_: Requests) -> Units:
        nonlocal made
        for _index in range(2_000):
            made += 1
            yield unit_pb2.Unit(display_name="x" * 50_000)

    toys.beside.flow = flow
    call = opened("GET", WATCH)
    call.wait_for(b"display_name")
    held = -1
    while made != held:
        held = made
        time.sleep(0.3)

    assert made < 1_000


def test_a_service_that_is_slow_holds_the_sender_back(toys: Toys, opened: Opening) -> None:
    go_on = threading.Event()

    def flow(requests: Requests) -> Units:
        go_on.wait(10)
        yield from toy.echo(requests)

    toys.beside.flow = flow
    call = opened("POST", UPLOAD)
    call.socket.settimeout(1.0)
    with pytest.raises(TimeoutError):
        call.send(line("x" * 90) * 1_000_000)
    go_on.set()


def test_a_line_that_is_too_large_is_refused(toys: Toys) -> None:
    many = sent(toys, UPLOAD, *([line("x" * 90)] * (2 * BODY_BYTES // 100)))
    assert many.code == 200, "only a line is bounded, not the stream"

    for part in (line("x" * BODY_BYTES), b"x" * (BODY_BYTES + 1)):
        got = sent(toys, UPLOAD, line("a"), part)
        assert (got.code, got.reason) == (413, "LIMIT_EXCEEDED")


def test_a_stream_of_another_type_is_refused(toys: Toys) -> None:
    got = toys.http().ask("POST", UPLOAD, line("a"))

    assert (got.code, got.reason) == (415, "BODY_MALFORMED")
    assert "application/x-ndjson" in got.json["message"]


def test_only_so_many_streams_go_on_at_a_time(toys: Toys, opened: Opening) -> None:
    go_on = threading.Event()

    def flow(requests: Requests) -> Units:
        for request in requests:
            yield unit_pb2.Unit(display_name=request.dimension)
            go_on.wait(10)

    toys.beside.flow = flow
    calls = [opened("POST", EXCHANGE) for _ in range(STREAMS)]
    for call in calls:
        call.send(line("held"))
        call.wait_for(b"held")

    got = sent(toys, EXCHANGE, line("one more"))
    go_on.set()

    assert (got.code, got.reason) == (429, "LIMIT_EXCEEDED")
    limit = {"limit": "streams"}
    refused = toys.metrics.registry.get_sample_value("zonecarbon_limit_exceeded_total", limit)
    assert refused == 1
    for call in calls:
        call.send(b"")
        call.wait_for(b"0\r\n\r\n")


def test_unary_calls_are_answered_beside_streams_that_wait(toys: Toys, opened: Opening) -> None:
    calls = [opened("POST", EXCHANGE) for _ in range(STREAMS)]
    for call in calls:
        call.send(line("held"))
        call.wait_for(b"held")

    assert toys.http().get("/v1/units").code == 200


def test_the_door_closes_though_a_stream_goes_on(toys: Toys, opened: Opening) -> None:
    call = opened("POST", EXCHANGE)
    call.send(line("held"))
    call.wait_for(b"held")

    began = time.monotonic()
    toys.server.stop(0)

    assert time.monotonic() - began < 5
    call.wait_for(b"NEIGHBOUR_UNAVAILABLE")
