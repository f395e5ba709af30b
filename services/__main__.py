"""All services in one process, or one of them: `python -m services [registry|accounting|trading]`.

They meet over gRPC also when they share the process: each has its own server, port and database.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Mapping, Sequence

import structlog

from services.accounting.__main__ import build as build_accounting
from services.registry.__main__ import build as build_registry
from services.runtime import config
from services.runtime.config import Settings
from services.runtime.metrics import Metrics, MetricsServer
from services.runtime.server import Server, Service
from services.trading.__main__ import build as build_trading

# In the order in which they need each other.
BUILDERS: Mapping[str, Callable[[Settings, Metrics], Service]] = {
    "registry": build_registry,
    "accounting": build_accounting,
    "trading": build_trading,
}


class House:
    """Some of the services, serving, with one page of metrics."""

    def __init__(self, settings: Settings, names: Sequence[str] = tuple(BUILDERS)) -> None:
        metrics = Metrics()
        self.servers: dict[str, Server] = {}
        for name in names:
            server = Server(
                BUILDERS[name](settings, metrics),
                getattr(settings, f"{name}_listen"),
                metrics,
                threads=settings.worker_threads,
            )
            server.start()
            self.servers[name] = server
            if name != "trading":
                # Those that come later in this process find it where it really listens.
                settings = settings.model_copy(update={f"{name}_address": server.address})
        self.metrics = MetricsServer(
            metrics,
            settings.metrics_listen,
            lambda: all(server.serving for server in self.servers.values()),
        )
        self._drain_seconds = settings.drain_seconds

    def stop(self) -> None:
        """Drain the services, those that ask before those that are asked."""
        for server in reversed(self.servers.values()):
            server.stop(self._drain_seconds)
        self.metrics.stop()


def main() -> None:
    """Serve until SIGTERM or SIGINT, then drain."""
    names = sys.argv[1:] or list(BUILDERS)
    if unknown := [name for name in names if name not in BUILDERS]:
        raise SystemExit(f"no service is called {unknown}; there are {list(BUILDERS)}")
    log = structlog.get_logger()
    ended = threading.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: ended.set())
    settings = config.load()
    house = House(settings, names)
    log.info(
        "serving",
        **{name: server.address for name, server in house.servers.items()},
        metrics=f"http://{house.metrics.address}/metrics",
        settings=str(settings),
    )
    ended.wait()
    log.info("draining", seconds=settings.drain_seconds)
    house.stop()


if __name__ == "__main__":
    main()
