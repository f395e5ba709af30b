"""A real server of one protobuf service whose method does what a test tells it to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import grpc

from services.kernel.errors import Unauthenticated
from services.runtime import auth
from services.runtime.auth import Caller, Role
from services.runtime.metrics import Metrics
from services.runtime.server import Server
from services.runtime.service import Job, Service, awaited
from zonecarbon.client import Addresses, Client
from zonecarbon.registry.v1 import unit_pb2, unit_service_pb2, unit_service_pb2_grpc

NAME = unit_service_pb2.DESCRIPTOR.services_by_name["UnitService"].full_name
KEY = "good-key"
ENTERPRISE_KEY = "enterprise-key"
CALLERS = {
    KEY: Caller(name="principals/tester", role=Role.ADMINISTRATOR, key=KEY),
    ENTERPRISE_KEY: Caller(name="principals/e", role=Role.ENTERPRISE, key=ENTERPRISE_KEY),
}

STREAMS = "zonecarbon.toy.StreamService"
"""Its methods take units and give units: one or many, as their names say."""

Raw: TypeAlias = "grpc.UnaryUnaryMultiCallable[bytes, bytes]"
Answer = Callable[[unit_pb2.ListUnitsRequest], unit_pb2.ListUnitsResponse]
Flow = Callable[[Iterator[unit_pb2.ListUnitsRequest]], Iterator[unit_pb2.Unit]]


def authenticate(secret: str) -> Caller:
    """The caller of a known key."""
    if secret not in CALLERS:
        raise Unauthenticated
    return CALLERS[secret]


def nothing(_: unit_pb2.ListUnitsRequest) -> unit_pb2.ListUnitsResponse:
    """An empty list of units."""
    return unit_pb2.ListUnitsResponse()


def echo(requests: Iterator[unit_pb2.ListUnitsRequest]) -> Iterator[unit_pb2.Unit]:
    """A unit for each request, called after its dimension."""
    for request in requests:
        yield unit_pb2.Unit(display_name=request.dimension)


@dataclass(slots=True, kw_only=True)
class Toy(unit_service_pb2_grpc.UnitServiceServicer):
    """The server and its servicer; `ListUnits` answers with `answer`, streams with `flow`."""

    answer: Answer = nothing
    flow: Flow = echo
    closed: bool = False
    metrics: Metrics = field(default_factory=Metrics)
    server: Server = field(init=False)

    def ListUnits(
        self, request: unit_pb2.ListUnitsRequest, context: grpc.ServicerContext
    ) -> unit_pb2.ListUnitsResponse:
        """Answer as the test says."""
        return self.answer(request)

    def ConvertQuantity(
        self, request: unit_pb2.ConvertQuantityRequest, context: grpc.ServicerContext
    ) -> unit_pb2.Conversion:
        """Say nothing; no role may ask."""
        return unit_pb2.Conversion()

    def register(self, server: grpc.Server) -> None:
        """Add the servicer and the methods that stream."""
        unit_service_pb2_grpc.add_UnitServiceServicer_to_server(self, server)
        server.add_generic_rpc_handlers((self.streams(),))

    def streams(self) -> grpc.GenericRpcHandler:
        """The methods that stream."""
        coders: dict[str, Any] = {
            "request_deserializer": unit_pb2.ListUnitsRequest.FromString,
            "response_serializer": unit_pb2.Unit.SerializeToString,
        }
        return grpc.method_handlers_generic_handler(
            STREAMS,
            {
                "OneToOne": grpc.unary_unary_rpc_method_handler(
                    lambda request, _: next(self.flow(iter([request]))), **coders
                ),
                "OneToMany": grpc.unary_stream_rpc_method_handler(
                    lambda request, _: self.flow(iter([request])), **coders
                ),
                "ManyToOne": grpc.stream_unary_rpc_method_handler(
                    lambda requests, _: list(self.flow(requests))[-1], **coders
                ),
                "ManyToMany": grpc.stream_stream_rpc_method_handler(
                    lambda requests, _: self.flow(requests), **coders
                ),
            },
        )

    def client(self, key: str = KEY, language: str = "en", seconds: float = 10) -> Client:
        """A client in the name of `key`."""
        addresses = Addresses(registry=self.server.address)
        return Client.connect(addresses, key=key, language=language, deadline_seconds=seconds)

    def stop(self) -> None:
        """Stop unless the test did."""
        if not self.closed:
            self.server.stop(0)

    def close(self) -> None:
        """Remember that the service was closed."""
        self.closed = True


@dataclass(slots=True, kw_only=True)
class Awaited(Toy):
    """The same whose `ListUnits` is awaited."""

    @awaited
    async def ListUnits(
        self, request: unit_pb2.ListUnitsRequest, context: grpc.ServicerContext
    ) -> unit_pb2.ListUnitsResponse:
        """Answer as the test says, on another thread: it may wait there."""
        return await asyncio.to_thread(self.answer, request)


def start(
    toy: Toy | None = None, *, looped: bool = False, jobs: Sequence[Callable[[], Job]] = ()
) -> Toy:
    """Start a server on a free port; one that is looped has no streams."""
    toy = toy or Toy()
    service = Service(
        name="toy",
        register=[toy.register],
        protos=[NAME],
        access=dict.fromkeys(
            (
                f"/{NAME}/ListUnits",
                *(
                    f"/{STREAMS}/{each}"
                    for each in ("OneToOne", "OneToMany", "ManyToOne", "ManyToMany")
                ),
            ),
            auth.OFFICE,
        ),
        authenticate=auth.Remembering(authenticate) if looped else authenticate,
        close=toy.close,
        jobs=jobs,
        looped=looped,
    )
    toy.server = Server(
        service, "127.0.0.1:0", toy.metrics, threads=4, streams=2, keepalive_seconds=1
    )
    toy.server.start()
    return toy


KINDS: Mapping[str, Callable[[], Toy]] = {
    "threaded": start,
    "looped": lambda: start(looped=True),
    "awaited": lambda: start(Awaited(), looped=True),
}
"""How a call can be answered."""
