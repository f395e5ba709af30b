from __future__ import annotations

import queue
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from typing import Any

import grpc
import pytest

from services.kernel.errors import NotFound
from services.runtime import auth
from tests.refusals import refused
from tests.runtime import toy
from zonecarbon.registry.v1 import unit_pb2

CODERS: dict[str, Any] = {
    "request_serializer": unit_pb2.ListUnitsRequest.SerializeToString,
    "response_deserializer": unit_pb2.Unit.FromString,
}


def metadata(key: str = toy.KEY, language: str = "en") -> tuple[tuple[str, str], ...]:
    return (("authorization", f"Bearer {key}"), ("accept-language", language))


@pytest.fixture
def channel(running: toy.Toy) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(running.server.address) as opened:
        yield opened


Many = Callable[..., Any]


@pytest.fixture
def many(channel: grpc.Channel) -> Many:
    """The method that takes many and gives many."""
    return channel.stream_stream(f"/{toy.STREAMS}/ManyToMany", **CODERS)


def requests(*dimensions: str) -> list[unit_pb2.ListUnitsRequest]:
    return [unit_pb2.ListUnitsRequest(dimension=each) for each in dimensions]


def held(many: Many) -> tuple[Any, queue.SimpleQueue[unit_pb2.ListUnitsRequest | None]]:
    """A stream that has answered once and goes on until None is put into its queue."""
    given: queue.SimpleQueue[unit_pb2.ListUnitsRequest | None] = queue.SimpleQueue()
    stream = many(iter(given.get, None), metadata=metadata(), timeout=30)
    given.put(unit_pb2.ListUnitsRequest(dimension="first"))
    assert next(stream).display_name == "first"
    return stream, given


def counted(running: toy.Toy, name: str, **labels: str) -> float:
    return running.metrics.registry.get_sample_value(name, labels) or 0.0


def test_a_stream_of_each_kind_is_answered(channel: grpc.Channel, many: Many) -> None:
    one: Many = channel.unary_stream(f"/{toy.STREAMS}/OneToMany", **CODERS)
    last: Many = channel.stream_unary(f"/{toy.STREAMS}/ManyToOne", **CODERS)

    to_many = list(one(requests("mass")[0], metadata=metadata()))
    to_one = last(iter(requests("mass", "energy")), metadata=metadata())
    both = list(many(iter(requests("mass", "energy")), metadata=metadata()))

    assert [each.display_name for each in to_many] == ["mass"]
    assert to_one.display_name == "energy"
    assert [each.display_name for each in both] == ["mass", "energy"]


def test_a_stream_acts_for_its_caller(running: toy.Toy, many: Many) -> None:
    def flow(given: Iterator[Any]) -> Iterator[unit_pb2.Unit]:
        for _ in given:
            yield unit_pb2.Unit(display_name=f"{auth.caller().name} {auth.language()}")

    running.flow = flow

    (answer,) = many(iter(requests("mass")), metadata=metadata(language="zh"))
    assert answer.display_name == "principals/tester zh"


@pytest.mark.parametrize(
    ("key", "reason"),
    [("unknown", "UNAUTHENTICATED"), (toy.ENTERPRISE_KEY, "PERMISSION_DENIED")],
)
def test_a_stream_of_somebody_who_may_not_is_refused(many: Many, key: str, reason: str) -> None:
    stream = many(iter(requests("mass")), metadata=metadata(key))

    assert refused(list, stream).reason == reason


def test_a_key_that_is_retired_ends_its_stream(many: Many) -> None:
    stream, given = held(many)
    known = toy.CALLERS.pop(toy.KEY)
    try:
        given.put(unit_pb2.ListUnitsRequest(dimension="second"))
        assert refused(list, stream).reason == "UNAUTHENTICATED"
    finally:
        toy.CALLERS[toy.KEY] = known
        given.put(None)


def test_a_message_that_breaks_the_contract_ends_the_stream_after_what_was_answered(
    many: Many,
) -> None:
    stream = many(iter(requests("mass", "x" * 101, "energy")), metadata=metadata(language="zh"))

    assert next(stream).display_name == "mass"
    told = refused(list, stream)
    assert (told.code, told.reason, told.fields) == (
        "INVALID_ARGUMENT",
        "FIELD_INVALID",
        ["dimension"],
    )
    assert "最多 100 个字符" in told.message


def test_a_refusal_inside_a_stream_is_told_whole(running: toy.Toy, many: Many) -> None:
    def flow(given: Iterator[Any]) -> Iterator[unit_pb2.Unit]:
        yield from toy.echo(given)
        raise NotFound(name="zones/z")

    running.flow = flow
    stream = many(iter(requests("mass")), metadata=metadata())

    assert next(stream).display_name == "mass"
    assert refused(list, stream).metadata == {"name": "zones/z"}


def test_a_defect_inside_a_stream_shows_an_id_and_nothing_of_its_text(
    running: toy.Toy, many: Many, capsys: pytest.CaptureFixture[str]
) -> None:
    def flow(given: Iterator[Any]) -> Iterator[unit_pb2.Unit]:
        yield from toy.echo(given)
        raise RuntimeError("secret")

    running.flow = flow
    told = refused(list, many(iter(requests("mass")), metadata=metadata()))

    assert told.reason == "INTERNAL"
    assert "secret" not in str(told.status)
    assert told.metadata["error_id"] in capsys.readouterr().out


def test_a_stream_beyond_the_limit_is_refused_and_the_next_one_after_an_end_is_not(
    running: toy.Toy, many: Many
) -> None:
    streams = [held(many), held(many)]
    assert counted(running, "zonecarbon_streams_in_flight", service="toy") == 2

    told = refused(list, many(iter(requests("mass")), metadata=metadata()))
    assert (told.code, told.reason) == ("RESOURCE_EXHAUSTED", "LIMIT_EXCEEDED")
    assert told.metadata["allowed"] == "2"
    assert counted(running, "zonecarbon_limit", limit="streams") == 2
    assert counted(running, "zonecarbon_limit_exceeded_total", limit="streams") == 1

    for stream, given in streams:
        given.put(None)
        assert list(stream) == []
    assert [each.display_name for each in many(iter(requests("mass")), metadata=metadata())] == [
        "mass"
    ]


def test_unary_calls_are_answered_while_all_streams_are_taken(running: toy.Toy, many: Many) -> None:
    streams = [held(many), held(many)]

    with running.client() as client:
        assert client.units.ListUnits(unit_pb2.ListUnitsRequest()) == unit_pb2.ListUnitsResponse()
    for stream, given in streams:
        given.put(None)
        assert list(stream) == []


def test_streams_and_their_messages_are_counted_under_their_kind(
    running: toy.Toy, many: Many
) -> None:
    list(many(iter(requests("mass", "energy")), metadata=metadata()))
    refused(list, many(iter(requests("mass")), metadata=metadata("unknown")))

    labels = {
        "grpc_type": "bidi_stream",
        "grpc_service": toy.STREAMS,
        "grpc_method": "ManyToMany",
    }
    assert counted(running, "grpc_server_started_total", **labels) == 2
    assert counted(running, "grpc_server_msg_received_total", **labels) == 2
    assert counted(running, "grpc_server_msg_sent_total", **labels) == 2
    handled = [
        counted(running, "grpc_server_handled_total", **labels, grpc_code=code)
        for code in ("OK", "Unauthenticated")
    ]
    assert handled == [1, 1]


def test_a_caller_that_goes_away_gives_its_place_back(running: toy.Toy, many: Many) -> None:
    ended = threading.Event()

    def flow(given: Iterator[Any]) -> Iterator[unit_pb2.Unit]:
        try:
            yield from toy.echo(given)
        finally:
            ended.set()

    running.flow = flow
    stream, given = held(many)
    stream.cancel()
    given.put(None)

    assert ended.wait(timeout=10)
    again, more = held(many)
    last, still = held(many)
    for each, its in ((again, more), (last, still)):
        its.put(None)
        assert list(each) == []


@contextmanager
def line_to(address: str) -> Iterator[tuple[str, threading.Event]]:
    """A line to a server that carries all, until it is cut: then nothing, and nobody is told."""
    host, port = address.rsplit(":", 1)
    cut = threading.Event()
    with ExitStack() as opened:
        listener = opened.enter_context(socket.create_server(("127.0.0.1", 0)))

        def carry(source: socket.socket, target: socket.socket) -> None:
            with suppress(OSError):
                while data := source.recv(2**16):
                    if not cut.is_set():
                        target.sendall(data)

        def accept() -> None:
            with suppress(OSError):
                caller, _ = listener.accept()
                server = socket.create_connection((host, int(port)))
                for each in (caller, server):
                    opened.callback(each.close)
                for pair in ((caller, server), (server, caller)):
                    threading.Thread(target=carry, args=pair, daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield f"127.0.0.1:{listener.getsockname()[1]}", cut


def test_a_caller_that_is_gone_without_a_goodbye_gives_its_place_free(running: toy.Toy) -> None:
    in_flight = partial(counted, running, "zonecarbon_streams_in_flight", service="toy")
    with line_to(running.server.address) as (address, cut), grpc.insecure_channel(address) as far:
        _, given = held(far.stream_stream(f"/{toy.STREAMS}/ManyToMany", **CODERS))
        assert in_flight() == 1
        cut.set()
        deadline = time.monotonic() + 20
        while in_flight():
            assert time.monotonic() < deadline, "it is waited for"
            time.sleep(0.02)
        given.put(None)
