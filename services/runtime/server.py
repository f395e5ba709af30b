"""A service's gRPC server: methods behind the edge, health, reflection, drain."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from concurrent import futures
from dataclasses import dataclass, field
from typing import Final, Protocol

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from services.runtime import auth
from services.runtime.edge import Edge
from services.runtime.metrics import Metrics
from services.runtime.streams import Streams

_LARGEST_MESSAGE_BYTES = 16 * 1024 * 1024

KEEPALIVE_SECONDS = 30.0
"""A caller that answers no ping for so long, and a third of it, has gone: its streams end, and give
their places free. A closed laptop says no goodbye."""


_SWITCH_SECONDS: Final = 0.0005


class Job(Protocol):
    """Work in the background."""

    def stop(self) -> None:
        """Stop and wait until it has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What a service is made of; its `__main__` puts it together."""

    name: str
    register: Sequence[Callable[[grpc.Server], None]]
    """The generated functions that add its servicers, bound to them."""
    protos: Sequence[str]
    """Full names of its protobuf services."""
    access: auth.Access
    authenticate: auth.Authenticator
    close: Callable[[], None]
    """Closes its database and channels."""
    jobs: Sequence[Callable[[], Job]] = field(default=())
    """Background jobs, begun once it serves."""


class Server:
    """A service that answers."""

    def __init__(  # noqa: PLR0913 (a setting each)
        self,
        service: Service,
        listen: str,
        metrics: Metrics,
        *,
        threads: int = 16,
        streams: int = 16,
        keepalive_seconds: float = KEEPALIVE_SECONDS,
    ) -> None:
        self.name = service.name
        self._service = service
        self._streams = Streams(service.name, streams, metrics)
        metrics.limit("message_bytes", _LARGEST_MESSAGE_BYTES)
        edge = Edge(
            access=service.access,
            authenticate=service.authenticate,
            metrics=metrics,
            streams=self._streams,
        )
        self._server = grpc.server(
            futures.ThreadPoolExecutor(max_workers=threads, thread_name_prefix=service.name),
            interceptors=[edge],
            options=[
                ("grpc.max_receive_message_length", _LARGEST_MESSAGE_BYTES),
                ("grpc.keepalive_time_ms", int(keepalive_seconds * 1000)),
                # The older `grpc.keepalive_timeout_ms` alone would wait for a minute.
                ("grpc.http2.ping_timeout_ms", int(keepalive_seconds * 1000 / 3)),
                # Two servers on one port would each get half of the calls.
                ("grpc.so_reuseport", 0),
            ],
        )
        for register in service.register:
            register(self._server)
        self._health = health.HealthServicer()
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        names = (*service.protos, health.SERVICE_NAME, reflection.SERVICE_NAME)
        reflection.enable_server_reflection(names, self._server)
        host, _, _ = listen.rpartition(":")
        self.address = f"{host}:{self._server.add_insecure_port(listen)}"
        self._serving = False
        self._jobs: list[Job] = []

    def start(self) -> None:
        """Begin to answer."""
        # A call hands the interpreter over many times; beside a long computation each of them would
        # wait for Python's usual 5 ms.
        sys.setswitchinterval(_SWITCH_SECONDS)
        self._server.start()
        for name in ("", *self._service.protos):
            self._health.set(name, health_pb2.HealthCheckResponse.SERVING)
        self._serving = True
        self._jobs = [begin() for begin in self._service.jobs]

    @property
    def serving(self) -> bool:
        """Tell whether it takes calls."""
        return self._serving

    def stop(self, grace_seconds: float | None = None) -> None:
        """Take no more calls, let those under way end within the grace, and close."""
        self._serving = False
        self._health.enter_graceful_shutdown()
        for job in self._jobs:
            job.stop()
        self._server.stop(grace_seconds).wait()
        self._streams.close()
        self._service.close()
