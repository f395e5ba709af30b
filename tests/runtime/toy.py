"""A real server of one protobuf service whose method does what a test tells it to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import grpc

from services.kernel.errors import Unauthenticated
from services.runtime import auth
from services.runtime.auth import Caller, Role
from services.runtime.metrics import Metrics
from services.runtime.server import Job, Server, Service
from zonecarbon.client import Addresses, Client
from zonecarbon.registry.v1 import unit_pb2, unit_service_pb2, unit_service_pb2_grpc

NAME = unit_service_pb2.DESCRIPTOR.services_by_name["UnitService"].full_name
KEY = "good-key"
ENTERPRISE_KEY = "enterprise-key"
CALLERS = {
    KEY: Caller(name="principals/tester", role=Role.ADMINISTRATOR, key=KEY),
    ENTERPRISE_KEY: Caller(name="principals/e", role=Role.ENTERPRISE, key=ENTERPRISE_KEY),
}

Raw: TypeAlias = "grpc.UnaryUnaryMultiCallable[bytes, bytes]"
Answer = Callable[[unit_pb2.ListUnitsRequest], unit_pb2.ListUnitsResponse]


def authenticate(secret: str) -> Caller:
    """The caller of a known key."""
    if secret not in CALLERS:
        raise Unauthenticated
    return CALLERS[secret]


def nothing(_: unit_pb2.ListUnitsRequest) -> unit_pb2.ListUnitsResponse:
    """An empty list of units."""
    return unit_pb2.ListUnitsResponse()


@dataclass(slots=True, kw_only=True)
class Toy(unit_service_pb2_grpc.UnitServiceServicer):
    """The server and its servicer; `ListUnits` answers with `answer`."""

    answer: Answer = nothing
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


def start(*, jobs: Sequence[Callable[[], Job]] = ()) -> Toy:
    """Start a server on a free port."""
    toy = Toy()
    service = Service(
        name="toy",
        register=[
            lambda server: unit_service_pb2_grpc.add_UnitServiceServicer_to_server(toy, server)
        ],
        protos=[NAME],
        access={f"/{NAME}/ListUnits": auth.OFFICE},
        authenticate=authenticate,
        close=toy.close,
        jobs=jobs,
    )
    toy.server = Server(service, "127.0.0.1:0", toy.metrics, threads=4)
    toy.server.start()
    return toy
