"""Prometheus: the RPCs under go-grpc-prometheus names, and the page that is scraped."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from functools import cache
from wsgiref.simple_server import WSGIRequestHandler, make_server
from wsgiref.types import StartResponse, WSGIEnvironment

import grpc
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
    make_wsgi_app,
)
from prometheus_client.exposition import ThreadingWSGIServer

_STOPS_WITHIN_SECONDS = 0.05
_LABELS = ("grpc_type", "grpc_service", "grpc_method")

# A second series for each, to say when it was made, is worth nobody's disk.
disable_created_metrics()  # type: ignore[no-untyped-call]
_SPELT = {grpc.StatusCode.OK: "OK", grpc.StatusCode.CANCELLED: "Canceled"}


class Metrics:
    """The metrics of one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self._started = Counter(
            "grpc_server_started", "RPCs begun.", _LABELS, registry=self.registry
        )
        self._handled = Counter(
            "grpc_server_handled",
            "RPCs ended, by status code.",
            (*_LABELS, "grpc_code"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "grpc_server_handling_seconds",
            "Time an RPC took.",
            _LABELS,
            registry=self.registry,
        )

    def method(self, full_name: str) -> MethodMetrics:
        """Return the metrics of the unary method `/package.Service/Method`."""
        _, service, name = full_name.split("/")
        labels = ("unary", service, name)
        return MethodMetrics(
            started=self._started.labels(*labels),
            seconds=self._seconds.labels(*labels),
            # A code that never came makes no series.
            handled=cache(lambda code: self._handled.labels(*labels, _camel(code))),
        )


class MethodMetrics:
    """The metrics of one method, looked up once."""

    def __init__(
        self,
        *,
        started: Counter,
        seconds: Histogram,
        handled: Callable[[grpc.StatusCode], Counter],
    ) -> None:
        self._started = started
        self._seconds = seconds
        self._handled = handled

    def begin(self) -> None:
        """Count a call that begins."""
        self._started.inc()

    def end(self, code: grpc.StatusCode, seconds: float) -> None:
        """Count a call that ended."""
        self._handled(code).inc()
        self._seconds.observe(seconds)


class MetricsServer:
    """Serves `/metrics`, and `/healthz` for those who cannot ask gRPC."""

    def __init__(self, metrics: Metrics, listen: str, healthy: Callable[[], bool]) -> None:
        host, _, port = listen.rpartition(":")
        self._server = make_server(
            host,
            int(port),
            _app(metrics, healthy),
            server_class=ThreadingWSGIServer,
            handler_class=_Quiet,
        )
        self.address = f"{host}:{self._server.server_port}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_STOPS_WITHIN_SECONDS,), daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base's name)
        """Log nothing: a scrape every few seconds is no news."""


_App = Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]


def _app(metrics: Metrics, healthy: Callable[[], bool]) -> _App:
    scrape: _App = make_wsgi_app(metrics.registry)

    def app(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == "/metrics":
            return scrape(environ, start)
        if path == "/healthz":
            well = healthy()
            start("200 OK" if well else "503 Service Unavailable", [("Content-Type", "text/plain")])
            return [b"SERVING\n" if well else b"NOT SERVING\n"]
        start("404 Not Found", [("Content-Type", "text/plain")])
        return [b"Here are /metrics and /healthz.\n"]

    return app


def _camel(code: grpc.StatusCode) -> str:
    """Return the code as go-grpc-prometheus writes it: OK, InvalidArgument."""
    return _SPELT.get(code) or code.name.title().replace("_", "")
