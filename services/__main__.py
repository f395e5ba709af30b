"""All services in one process, or some of them: `python -m services [NAME …]`.

The names are registry, accounting, trading and console. They meet over gRPC also when they share
the process: each has its own server and port, and its own database but for the console.

`python -m services recompute BUNDLE` serves nothing: it computes every figure of a bundle again
from the file alone. It ends with 0 where all agree, 1 where figures differ, 2 where bytes do or
where the file is no bundle.

`python -m services admin` works on the databases themselves: see `admin`.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import structlog
from rich.console import Console

from services import admin
from services.accounting.__main__ import build as build_accounting
from services.accounting.domain.bundle.recomputation import recompute
from services.accounting.files import archive, bundle, recomputation
from services.console.__main__ import build as build_console
from services.console.server import HttpServer
from services.kernel.errors import Language, StorageUnavailable
from services.registry.__main__ import build as build_registry
from services.runtime import config, memory
from services.runtime.config import Settings
from services.runtime.metrics import Metrics, MetricsServer
from services.runtime.server import Server
from services.runtime.service import Service
from services.trading.__main__ import build as build_trading

# In the order in which they need each other.
BUILDERS: Mapping[str, Callable[[Settings, Metrics], Service]] = {
    "registry": build_registry,
    "accounting": build_accounting,
    "trading": build_trading,
}
CONSOLE = "console"
NAMES = (*BUILDERS, CONSOLE)


class House:
    """Some of the services, serving, with one page of metrics."""

    def __init__(self, settings: Settings, names: Sequence[str] = NAMES) -> None:
        metrics = Metrics()
        self.servers: dict[str, Server] = {}
        """Those that answer gRPC, by name."""
        for name in (each for each in BUILDERS if each in names):
            server = Server(
                BUILDERS[name](settings, metrics),
                getattr(settings, f"{name}_listen"),
                metrics,
                threads=settings.worker_threads,
                streams=settings.stream_threads,
            )
            server.start()
            self.servers[name] = server
            # Those that come later in this process find it where it really listens.
            settings = settings.model_copy(update={f"{name}_address": server.address})
        self.console: HttpServer | None = None
        if CONSOLE in names:
            self.console = build_console(settings, metrics)
            self.console.start()
        self.metrics = MetricsServer(
            metrics,
            settings.metrics_listen,
            lambda: all(server.serving for server in self._all()),
        )
        self._drain_seconds = settings.drain_seconds

    def stop(self) -> None:
        """Drain the services, those that ask before those that are asked."""
        for server in self._all():
            server.stop(self._drain_seconds)
        self.metrics.stop()

    @property
    def addresses(self) -> dict[str, str]:
        """Where each answers, by name."""
        grpc = {name: server.address for name, server in self.servers.items()}
        return grpc | ({CONSOLE: f"http://{self.console.address}"} if self.console else {})

    def _all(self) -> Iterable[Server | HttpServer]:
        """Yield those that ask before those that are asked."""
        if self.console is not None:
            yield self.console
        yield from reversed(self.servers.values())


_AGREES, _FIGURES_DIFFER, _BYTES_DIFFER = range(3)


def _recompute(arguments: Sequence[str]) -> int:
    """Compute a bundle again, say what differs, and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m services recompute",
        description="Compute every figure of a bundle again, from the file alone.",
    )
    parser.add_argument("file", type=Path, help="the archive, as it was exported")
    parser.add_argument("--sha256", default="", help="of the archive, as its sender quotes it")
    given = parser.parse_args(arguments)
    language: Language = "zh" if os.environ.get("ZONECARBON_CLI_LANG") == "zh" else "en"
    try:
        with given.file.open("rb") as file:
            data = file.read(archive.LARGEST_SIZE + 1)
        opened = bundle.read(archive.opened(data, given.sha256))
    except OSError as error:
        parser.error(f"{given.file}: {error.strerror}")
    except archive.BundleWrong as wrong:
        _say(recomputation.refused(wrong, language))
        return _BYTES_DIFFER
    found = recompute(opened.bundle)
    _say(recomputation.told(opened, found, language))
    return _FIGURES_DIFFER if found.differing else _AGREES


def _say(lines: Iterable[str]) -> None:
    console = Console(highlight=False, markup=False)
    for line in lines:
        console.print(line, soft_wrap=True)


def main() -> None:
    """Serve until SIGTERM or SIGINT, then drain; or compute a bundle again."""
    names = sys.argv[1:] or list(NAMES)
    if names[0] == "recompute":
        raise SystemExit(_recompute(names[1:]))
    if names[0] == "admin":
        admin.app(names[1:], prog_name="zonecarbon admin")
    if unknown := [name for name in names if name not in NAMES]:
        raise SystemExit(
            f"no service is called {unknown}; there are {list(NAMES)}, recompute and admin"
        )
    log = structlog.get_logger()
    ended = threading.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: ended.set())
    settings = config.load()
    try:
        house = House(settings, names)
    except StorageUnavailable as failed:
        raise SystemExit(str(failed)) from None
    memory.settle()
    log.info(
        "serving",
        **house.addresses,
        metrics=f"http://{house.metrics.address}/metrics",
        settings=str(settings),
    )
    ended.wait()
    log.info("draining", seconds=settings.drain_seconds)
    house.stop()


if __name__ == "__main__":
    main()
