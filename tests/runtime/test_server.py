from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from services.runtime.repeat import Repeated
from services.runtime.server import Server
from services.runtime.service import Service
from tests.runtime import toy
from zonecarbon.registry.v1 import unit_pb2

SERVING = health_pb2.HealthCheckResponse.SERVING


@pytest.fixture(params=toy.KINDS)
def running(request: pytest.FixtureRequest) -> Iterator[toy.Toy]:
    """A server that answers in each way."""
    served = toy.KINDS[request.param]()
    yield served
    served.stop()


def health(running: toy.Toy, service: str = "") -> object:
    with grpc.insecure_channel(running.server.address) as channel:
        stub: Any = health_pb2_grpc.HealthStub(channel)
        return stub.Check(health_pb2.HealthCheckRequest(service=service), timeout=5).status


@pytest.mark.parametrize("service", ["", toy.NAME])
def test_health_answers_without_a_key(running: toy.Toy, service: str) -> None:
    assert health(running, service) == SERVING


def test_the_health_of_an_unknown_service_is_not_found(running: toy.Toy) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        health(running, "zonecarbon.Nothing")

    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


def test_reflection_tells_the_services_and_their_files(running: toy.Toy) -> None:
    request = reflection_pb2.ServerReflectionRequest
    with grpc.insecure_channel(running.server.address) as channel:
        stub: Any = reflection_pb2_grpc.ServerReflectionStub(channel)
        asked = [request(list_services=""), request(file_containing_symbol=toy.NAME)]
        listed, file = stub.ServerReflectionInfo(iter(asked), timeout=5)

    names = {service.name for service in listed.list_services_response.service}
    assert names == {
        toy.NAME,
        "grpc.health.v1.Health",
        "grpc.reflection.v1alpha.ServerReflection",
    }
    assert file.file_descriptor_response.file_descriptor_proto


def test_a_call_under_way_may_end_while_new_ones_are_refused(running: toy.Toy) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(_: unit_pb2.ListUnitsRequest) -> unit_pb2.ListUnitsResponse:
        begun.set()
        assert go_on.wait(10)
        return unit_pb2.ListUnitsResponse(units=[unit_pb2.Unit(unit_code="t")])

    running.answer = slow
    with running.client() as client, ThreadPoolExecutor(2) as pool:
        under_way = pool.submit(client.units.ListUnits, unit_pb2.ListUnitsRequest())
        assert begun.wait(10)
        stopping = pool.submit(running.server.stop, 10)
        while running.server.serving:
            pass
        with running.client(seconds=1) as late, pytest.raises(grpc.RpcError):
            late.units.ListUnits(unit_pb2.ListUnitsRequest())
        assert not running.closed, "the database is closed only after the last call"
        go_on.set()

        assert under_way.result(10).units[0].unit_code == "t"
        stopping.result(10)
    assert running.closed


def test_a_call_that_outlasts_the_grace_is_cut_off(running: toy.Toy) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def endless(_: unit_pb2.ListUnitsRequest) -> unit_pb2.ListUnitsResponse:
        begun.set()
        go_on.wait(10)
        return unit_pb2.ListUnitsResponse()

    running.answer = endless
    with running.client() as client, ThreadPoolExecutor(1) as pool:
        under_way = pool.submit(client.units.ListUnits, unit_pb2.ListUnitsRequest())
        assert begun.wait(10)
        running.server.stop(0.05)
        with pytest.raises(grpc.RpcError):
            under_way.result(10)
        go_on.set()


def test_jobs_begin_with_the_server_and_end_before_the_database() -> None:
    worked = threading.Event()
    ended: list[bool] = []

    class Job(Repeated):
        def stop(self) -> None:
            super().stop()
            ended.append(served.closed)

    served = toy.start(jobs=[lambda: Job("job", worked.set, 60)])
    assert worked.wait(10)
    served.stop()

    assert ended == [False]
    assert served.closed


def test_two_servers_never_share_a_port(running: toy.Toy) -> None:
    service = Service(
        name="second",
        register=[],
        protos=[],
        access={},
        authenticate=toy.authenticate,
        close=lambda: None,
    )

    with pytest.raises(RuntimeError, match="bind"):
        Server(service, running.server.address, running.metrics)
