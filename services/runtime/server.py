"""A service's gRPC server: methods behind the edge, health, reflection, drain."""

from __future__ import annotations

import sys
from typing import Final

from services.runtime import transport
from services.runtime.edge import Edge
from services.runtime.looped import Looped
from services.runtime.metrics import Metrics
from services.runtime.service import Job, Service
from services.runtime.streams import Streams
from services.runtime.threaded import Threaded
from services.runtime.transport import Transport

KEEPALIVE_SECONDS = 30.0
"""A caller that answers no ping for so long, and a third of it, has gone: its streams end, and give
their places free. A closed laptop says no goodbye."""


_SWITCH_SECONDS: Final = 0.0005


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
        metrics.limit("message_bytes", transport.LARGEST_MESSAGE_BYTES)
        around = Edge(access=service.access, authenticate=service.authenticate, metrics=metrics)
        options = transport.options(keepalive_seconds)
        self._transport: Transport = (
            Looped(service, listen, options, around=around, threads=threads)
            if service.looped
            else Threaded(
                service, listen, options, around=around, threads=threads, streams=self._streams
            )
        )
        host, _, _ = listen.rpartition(":")
        self.address = f"{host}:{self._transport.port}"
        self._serving = False
        self._jobs: list[Job] = []

    def start(self) -> None:
        """Begin to answer."""
        # A call hands the interpreter over many times; beside a long computation each of them would
        # wait for Python's usual 5 ms.
        sys.setswitchinterval(_SWITCH_SECONDS)
        self._transport.start()
        self._serving = True
        self._jobs = [begin() for begin in self._service.jobs]

    @property
    def serving(self) -> bool:
        """Tell whether it takes calls."""
        return self._serving

    def stop(self, grace_seconds: float | None = None) -> None:
        """Take no more calls, let those under way end within the grace, and close."""
        self._serving = False
        self._transport.withdraw()
        for job in self._jobs:
            job.stop()
        self._transport.stop(grace_seconds)
        self._streams.close()
        self._service.close()
