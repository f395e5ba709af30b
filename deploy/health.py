"""Exit with 0 when a server says that it serves: `health.py HOST:PORT` of gRPC, `health.py URL`."""

from __future__ import annotations

import sys
import urllib.error
import urllib.request

import grpc
from grpc_health.v1 import health_pb2

TIMEOUT_S = 3.0


def problem(address: str) -> str | None:
    """Why the server at this address cannot be used, or None."""
    if address.startswith("http://"):
        return _http_problem(address)
    with grpc.insecure_channel(address) as channel:
        check = channel.unary_unary(
            "/grpc.health.v1.Health/Check",
            request_serializer=health_pb2.HealthCheckRequest.SerializeToString,
            response_deserializer=health_pb2.HealthCheckResponse.FromString,
        )
        try:
            answer = check(health_pb2.HealthCheckRequest(), timeout=TIMEOUT_S)
        except grpc.RpcError as error:
            return f"{address}: {error}"
    if answer.status == health_pb2.HealthCheckResponse.SERVING:
        return None
    return f"{address}: {health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status)}"


def _http_problem(url: str) -> str | None:
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT_S):  # noqa: S310 (http alone comes here)
            return None
    except (urllib.error.URLError, TimeoutError) as error:
        return f"{url}: {error}"


if __name__ == "__main__":
    sys.exit(problem(*sys.argv[1:]))
