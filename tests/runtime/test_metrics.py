from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from prometheus_client.parser import text_string_to_metric_families

from services.kernel.errors import EtagMismatch, NotFound
from services.runtime.metrics import Metrics, MetricsServer
from tests.refusals import refused
from tests.runtime import toy
from zonecarbon.registry.v1 import unit_pb2

LABELS = {
    "grpc_type": "unary",
    "grpc_service": toy.NAME,
    "grpc_method": "ListUnits",
}
# As the Go package writes them, which everybody's dashboards expect.
CODES = {
    "OK",
    "Canceled",
    "Unknown",
    "InvalidArgument",
    "DeadlineExceeded",
    "NotFound",
    "AlreadyExists",
    "PermissionDenied",
    "ResourceExhausted",
    "FailedPrecondition",
    "Aborted",
    "OutOfRange",
    "Unimplemented",
    "Internal",
    "Unavailable",
    "DataLoss",
    "Unauthenticated",
}


@pytest.fixture
def scraped(running: toy.Toy) -> Iterator[MetricsServer]:
    """The page of the toy's metrics."""
    server = MetricsServer(running.metrics, "127.0.0.1:0", lambda: running.server.serving)
    yield server
    server.stop()


def get(server: MetricsServer, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://{server.address}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def samples(server: MetricsServer, name: str) -> dict[frozenset[tuple[str, str]], float]:
    """The samples called `name`, by their labels."""
    status, page = get(server, "/metrics")
    assert status == 200
    return {
        frozenset(sample.labels.items()): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
        if sample.name == name
    }


def call(running: toy.Toy, error: Exception | None = None, **given: Any) -> None:
    """Call the toy once; it raises `error` if there is one."""

    def answer(_: unit_pb2.ListUnitsRequest) -> unit_pb2.ListUnitsResponse:
        if error is not None:
            raise error
        return unit_pb2.ListUnitsResponse()

    running.answer = answer
    with running.client() as client:
        if error is None and not given:
            client.units.ListUnits(unit_pb2.ListUnitsRequest())
        else:
            refused(client.units.ListUnits, unit_pb2.ListUnitsRequest(**given))


def test_calls_are_counted_under_the_names_of_go_grpc_prometheus(
    running: toy.Toy, scraped: MetricsServer
) -> None:
    call(running)
    call(running)
    call(running, NotFound(name="x"))
    call(running, EtagMismatch(name="x"))
    call(running, RuntimeError("defect"))
    call(running, dimension="x" * 101)

    labels = frozenset(LABELS.items())
    assert samples(scraped, "grpc_server_started_total")[labels] == 6
    assert samples(scraped, "grpc_server_handling_seconds_count")[labels] == 6
    assert samples(scraped, "grpc_server_handling_seconds_sum")[labels] > 0
    handled = samples(scraped, "grpc_server_handled_total")
    counted = {dict(key)["grpc_code"]: value for key, value in handled.items() if value}
    assert counted == {"OK": 2, "NotFound": 1, "Aborted": 1, "Internal": 1, "InvalidArgument": 1}


def test_every_code_is_written_as_go_writes_it() -> None:
    metrics = Metrics()
    method = metrics.method("/p.S/M")
    for code in grpc.StatusCode:
        method.end(code, 0.1)

    written = {
        sample.labels["grpc_code"]
        for family in metrics.registry.collect()
        for sample in family.samples
        if sample.name == "grpc_server_handled_total"
    }
    assert written == CODES


def test_an_unknown_method_makes_no_series(running: toy.Toy, scraped: MetricsServer) -> None:
    with grpc.insecure_channel(running.server.address) as channel:
        unknown: toy.Raw = channel.unary_unary(f"/{toy.NAME}/Nothing")
        with pytest.raises(grpc.RpcError):
            unknown(b"")

    assert samples(scraped, "grpc_server_started_total") == {}


def test_the_process_itself_is_measured(scraped: MetricsServer) -> None:
    assert samples(scraped, "process_cpu_seconds_total")
    assert samples(scraped, "python_info")


def test_health_follows_the_servers(running: toy.Toy, scraped: MetricsServer) -> None:
    assert get(scraped, "/healthz") == (200, "SERVING\n")

    running.server.stop(0)
    assert get(scraped, "/healthz") == (503, "NOT SERVING\n")


@pytest.mark.parametrize("path", ["/", "/metricsx", "/metrics/more"])
def test_another_path_tells_what_there_is(scraped: MetricsServer, path: str) -> None:
    assert get(scraped, path) == (404, "Here are /metrics and /healthz.\n")


def test_two_metrics_do_not_mix() -> None:
    one, other = Metrics(), Metrics()
    for metrics in (one, one, other):
        metrics.method("/p.S/M").begin()

    labels = {"grpc_type": "unary", "grpc_service": "p.S", "grpc_method": "M"}
    values = [
        metrics.registry.get_sample_value("grpc_server_started_total", labels)
        for metrics in (one, other)
    ]
    assert values == [2, 1]
