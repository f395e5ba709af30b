from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent import futures
from typing import Any

import grpc
import pytest
from google.rpc import code_pb2, status_pb2

from services.kernel.errors import (
    DomainError,
    EtagMismatch,
    NeighbourUnavailable,
    NotFound,
    RequestIdReused,
)
from services.runtime import auth
from tests.refusals import refused
from tests.runtime import toy
from zonecarbon import client
from zonecarbon.client import Addresses, Client
from zonecarbon.registry.v1 import unit_pb2

REQUEST = unit_pb2.ListUnitsRequest()


@pytest.fixture
def running() -> Iterator[toy.Toy]:
    """A server whose one method does what the test says."""
    served = toy.start()
    yield served
    served.stop()


def failing(running: toy.Toy, *errors: Exception) -> list[float]:
    """Let the server fail so often; return the list of when it was called."""
    left, calls = list(errors), []

    def answer(_: unit_pb2.ListUnitsRequest) -> unit_pb2.ListUnitsResponse:
        calls.append(time.monotonic())
        if left:
            raise left.pop(0)
        return unit_pb2.ListUnitsResponse()

    running.answer = answer
    return calls


def test_each_call_carries_key_and_language(running: toy.Toy) -> None:
    seen = []

    def answer(_: unit_pb2.ListUnitsRequest) -> unit_pb2.ListUnitsResponse:
        seen.append((auth.caller().key, auth.language()))
        return unit_pb2.ListUnitsResponse()

    running.answer = answer
    for language in ("en", "zh"):
        with running.client(language=language) as connected:
            connected.units.ListUnits(REQUEST)

    assert seen == [(toy.KEY, "en"), (toy.KEY, "zh")]


def test_a_client_never_prints_its_key(running: toy.Toy) -> None:
    with running.client() as connected:
        assert toy.KEY not in repr(connected)


def test_what_is_unavailable_is_tried_again(running: toy.Toy) -> None:
    away = NeighbourUnavailable(service="accounting")
    calls = failing(running, away, away)

    with running.client() as connected:
        connected.units.ListUnits(REQUEST)
    assert len(calls) == 3


def test_after_four_times_it_is_given_up_with_the_reason(running: toy.Toy) -> None:
    calls = failing(running, *[NeighbourUnavailable(service="accounting")] * 9)

    with running.client() as connected:
        told = refused(connected.units.ListUnits, REQUEST)
    assert told.reason == "NEIGHBOUR_UNAVAILABLE"
    assert len(calls) == 4


@pytest.mark.parametrize(
    "error",
    [
        NotFound(name="x"),
        EtagMismatch(name="x"),
        RequestIdReused(request_id="x"),
        RuntimeError("defect"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_nothing_else_is_tried_again(running: toy.Toy, error: Exception) -> None:
    calls = failing(running, error)

    with running.client() as connected:
        told = refused(connected.units.ListUnits, REQUEST)
    assert told.reason == (error.reason if isinstance(error, DomainError) else "INTERNAL")
    assert len(calls) == 1


def slow(_: unit_pb2.ListUnitsRequest) -> unit_pb2.ListUnitsResponse:
    time.sleep(0.5)
    return unit_pb2.ListUnitsResponse()


def test_a_call_ends_with_the_clients_deadline(running: toy.Toy) -> None:
    running.answer = slow

    with running.client(seconds=0.1) as connected, pytest.raises(grpc.RpcError) as late:
        connected.units.ListUnits(REQUEST)
    assert late.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert client.status(late.value) is None


def test_a_deadline_of_the_call_goes_before_the_clients(running: toy.Toy) -> None:
    running.answer = slow

    with running.client(seconds=60) as connected, pytest.raises(grpc.RpcError) as late:
        connected.units.ListUnits(REQUEST, timeout=0.1)
    assert late.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED


def test_without_a_server_there_is_no_reason() -> None:
    nowhere = Addresses(registry="127.0.0.1:1")

    with Client.connect(nowhere, key="k") as connected, pytest.raises(grpc.RpcError) as away:
        connected.units.ListUnits(REQUEST)
    assert away.value.code() is grpc.StatusCode.UNAVAILABLE
    assert client.status(away.value) is None
    assert client.reason(away.value) == ""


def test_a_status_that_grpc_put_another_code_upon_is_none_of_ours() -> None:
    ours = status_pb2.Status(code=code_pb2.INVALID_ARGUMENT).SerializeToString()

    def answer(_: bytes, context: grpc.ServicerContext) -> Any:
        context.set_trailing_metadata((("grpc-status-details-bin", ours),))
        context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "too large")

    handler: Any = grpc.unary_unary_rpc_method_handler(answer)
    server = grpc.server(futures.ThreadPoolExecutor(1))
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("s", {"M": handler}),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with client.channel(f"127.0.0.1:{port}") as channel:
        call: toy.Raw = channel.unary_unary("/s/M")
        with pytest.raises(grpc.RpcError) as replaced:
            call(b"")
    server.stop(0)

    assert client.status(replaced.value) is None
    assert client.reason(replaced.value) == ""


def test_the_reason_of_a_refused_row_is_read_like_that_of_a_call(running: toy.Toy) -> None:
    failing(running, NotFound(name="x"))

    with running.client() as connected:
        told = refused(connected.units.ListUnits, REQUEST)
    assert client.reason(told.status) == "NOT_FOUND"
    assert client.reason(status_pb2.Status(code=code_pb2.NOT_FOUND)) == ""
