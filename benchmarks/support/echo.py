"""The floor of a call: the same library, the same loopback, a handler that returns its bytes."""

from __future__ import annotations

from collections.abc import Callable
from concurrent import futures

import grpc

from benchmarks.support.process import Begun

_METHOD = "/benchmark.Echo/Echo"


def begin() -> Begun:
    """Begin to answer."""
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=16))
    handler: grpc.RpcMethodHandler[bytes, bytes] = grpc.unary_unary_rpc_method_handler(
        lambda request, _: request
    )
    service, method = _METHOD.strip("/").split("/")
    server.add_generic_rpc_handlers(
        [grpc.method_handlers_generic_handler(service, {method: handler})]
    )
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return Begun(f"127.0.0.1:{port}", server)


def call(channel: grpc.Channel) -> Callable[[bytes], bytes]:
    """Return the call."""
    echo: Callable[[bytes], bytes] = channel.unary_unary(_METHOD)  # type: ignore[assignment]
    return echo
