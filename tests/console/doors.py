"""The door before the toy of the runtime, whose streams have a contract here."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

from google.api import annotations_pb2
from google.protobuf import descriptor_pb2, descriptor_pool
from google.protobuf.descriptor import ServiceDescriptor

from services.console import app
from services.console.door import Door
from services.console.neighbour import Neighbour
from services.console.route import Routes, services
from services.console.server import HttpServer
from services.runtime.metrics import Metrics
from tests.fixtures.http import Http
from tests.runtime import toy
from tests.runtime.toy import KEY, Toy
from zonecarbon.client import channel
from zonecarbon.registry.v1 import unit_service_pb2

_PATIENCE_S = 10.0
BODY_BYTES = 200_000
STREAMS = 2
THREADS = 4

_FILE = "zonecarbon/toy/toy_service.proto"
_WAYS = {
    "OneToOne": {"get": "/v1/toys:ask"},
    "OneToMany": {"get": "/v1/toys:watch"},
    "ManyToOne": {"post": "/v1/toys:upload", "body": "*"},
    "ManyToMany": {"post": "/v1/toys:exchange", "body": "*"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Toys:
    """The toy, and the door before it."""

    toy: Toy
    beside: Toy
    """Another service, whose methods are those of streams."""
    metrics: Metrics
    server: HttpServer

    def http(self, key: str = KEY, language: str = "") -> Http:
        """Return a client in the name of `key`."""
        return Http(address=self.server.address, key=key, language=language)

    def wait_for_requests(self, count: int, **labels: str) -> None:
        """Return once so many were counted, which is a moment after the answer."""
        deadline = time.monotonic() + _PATIENCE_S
        name = "zonecarbon_http_requests_total"
        while self.metrics.registry.get_sample_value(name, labels) != count:
            assert time.monotonic() < deadline, f"{labels} is not counted"
            time.sleep(0.005)


@contextmanager
def toys() -> Iterator[Toys]:
    """Serve the toy and the door on free ports."""
    served = toy.start()
    metrics = Metrics()
    neighbour = Neighbour(
        name="toy",
        channel=channel(served.server.address),
        services=[unit_service_pb2.DESCRIPTOR.services_by_name["UnitService"]],
    )
    other = toy.start()
    beside = Neighbour(
        name="beside", channel=channel(other.server.address), services=[stream_service()]
    )
    door = Door(
        [neighbour, beside], metrics, threads=THREADS, streams=STREAMS, body_bytes=BODY_BYTES
    )
    server = HttpServer(app.build(door), "127.0.0.1:0", door.close)
    server.start()
    try:
        yield Toys(toy=served, beside=other, metrics=metrics, server=server)
    finally:
        server.stop(1.0)
        served.stop()
        other.stop()


@cache
def stream_service() -> ServiceDescriptor:
    """Return the contract of the toy's streams."""
    file = descriptor_pb2.FileDescriptorProto(
        name=_FILE,
        package=toy.STREAMS.rpartition(".")[0],
        syntax="proto3",
        dependency=["google/api/annotations.proto", "zonecarbon/registry/v1/unit.proto"],
    )
    service = file.service.add(name=toy.STREAMS.rpartition(".")[2])
    http: Any = annotations_pb2.http
    for name, way in _WAYS.items():
        method = service.method.add(
            name=name,
            input_type=".zonecarbon.registry.v1.ListUnitsRequest",
            output_type=".zonecarbon.registry.v1.Unit",
            client_streaming=name.startswith("Many"),
            server_streaming=name.endswith("Many"),
        )
        rule = method.options.Extensions[http]
        for part, text in way.items():
            setattr(rule, part, text)
    pool = descriptor_pool.Default()
    pool.AddSerializedFile(file.SerializeToString())
    return pool.FindServiceByName(toy.STREAMS)


@cache
def routes() -> Routes:
    """Return every way of the contract."""
    names = ("registry", "accounting", "trading")
    return Routes([each for name in names for each in services(f"zonecarbon.{name}.v1")])
