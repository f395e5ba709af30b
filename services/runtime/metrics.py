"""Prometheus: the RPCs under go-grpc-prometheus names, and the page that is scraped."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from enum import StrEnum
from functools import cache
from wsgiref.simple_server import WSGIRequestHandler, make_server
from wsgiref.types import StartResponse, WSGIEnvironment

import grpc
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
    make_wsgi_app,
)
from prometheus_client.core import Metric
from prometheus_client.exposition import ThreadingWSGIServer
from prometheus_client.registry import Collector

from services.kernel.errors import Busy, StorageProblem, StorageUnavailable

_STOPS_WITHIN_SECONDS = 0.05
_LABELS = ("grpc_type", "grpc_service", "grpc_method")

# A second series for each, to say when it was made, is worth nobody's disk.
disable_created_metrics()  # type: ignore[no-untyped-call]
_SPELT = {grpc.StatusCode.OK: "OK", grpc.StatusCode.CANCELLED: "Canceled"}


class Kind(StrEnum):
    """How a method is called."""

    UNARY = "unary"
    CLIENT_STREAM = "client_stream"
    SERVER_STREAM = "server_stream"
    BIDI_STREAM = "bidi_stream"


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

        self._received = Counter(
            "grpc_server_msg_received",
            "Messages of streams received.",
            _LABELS,
            registry=self.registry,
        )
        self._sent = Counter(
            "grpc_server_msg_sent", "Messages of streams sent.", _LABELS, registry=self.registry
        )
        self._in_flight = Gauge(
            "zonecarbon_streams_in_flight",
            "Streams going on.",
            ("service",),
            registry=self.registry,
        )
        self._limit = Gauge(
            "zonecarbon_limit",
            "The most that is taken at a time, by the name of the limit.",
            ("limit",),
            registry=self.registry,
        )
        self._limit_exceeded = Counter(
            "zonecarbon_limit_exceeded",
            "Calls and messages refused because more came, by the name of the limit.",
            ("limit",),
            registry=self.registry,
        )
        self._storage_failures = Counter(
            "zonecarbon_storage_failures",
            "Transactions that a database could not do, by service and what kept it from them.",
            ("service", "problem"),
            registry=self.registry,
        )

    def gauges(self, of_store: Collector) -> None:
        """Show the gauges of `of_store` at each scrape; none of them while its store fails."""
        self.registry.register(_WhileStored(of_store))

    def storage(self, service: str) -> Callable[[StorageProblem], None]:
        """Return what counts the failures of a service's database, of which none came yet."""
        counters = {
            problem: self._storage_failures.labels(service, problem.name.lower())
            for problem in StorageProblem
        }
        return lambda problem: counters[problem].inc()

    def limit(self, name: str, most: int) -> None:
        """Show a limit that is enforced, and that it was not exceeded yet."""
        self._limit.labels(name).set(most)
        self._limit_exceeded.labels(name)

    def limit_exceeded(self, name: str) -> None:
        """Count a refusal."""
        self._limit_exceeded.labels(name).inc()

    def streams_in_flight(self, service: str) -> Gauge:
        """Return the gauge of the streams of a service."""
        return self._in_flight.labels(service)

    def method(self, full_name: str, kind: Kind = Kind.UNARY) -> MethodMetrics:
        """Return the metrics of the method `/package.Service/Method`."""
        _, service, name = full_name.split("/")
        labels = (kind.value, service, name)
        return MethodMetrics(
            started=self._started.labels(*labels),
            seconds=self._seconds.labels(*labels),
            received=cache(lambda: self._received.labels(*labels)),
            sent=cache(lambda: self._sent.labels(*labels)),
            # A code that never came makes no series.
            handled=cache(lambda code: self._handled.labels(*labels, _camel(code))),
        )


class _WhileStored(Collector):
    """Gauges that are left out while they cannot be read: the others say what is wrong."""

    def __init__(self, of_store: Collector) -> None:
        self._of_store = of_store

    def collect(self) -> Iterable[Metric]:
        try:
            return list(self._of_store.collect())
        except (Busy, StorageUnavailable):
            return []


class MethodMetrics:
    """The metrics of one method, looked up once."""

    def __init__(
        self,
        *,
        started: Counter,
        seconds: Histogram,
        received: Callable[[], Counter],
        sent: Callable[[], Counter],
        handled: Callable[[grpc.StatusCode], Counter],
    ) -> None:
        self._started = started
        self._seconds = seconds
        self._received = received
        self._sent = sent
        self._handled = handled

    def received(self) -> None:
        """Count a message of a stream that came."""
        self._received().inc()

    def sent(self) -> None:
        """Count a message of a stream that went."""
        self._sent().inc()

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
