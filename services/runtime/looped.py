"""A gRPC server that answers all calls on one thread, which waits for none of them.

To hand a call from thread to thread costs more than most of what is done for it. A method that is
`awaited` runs in the loop; it must not wait for anything there but by `await`. All others run on
threads, as in `threaded`. None may stream.
"""

from __future__ import annotations

import asyncio
import inspect
import threading
import time
from collections.abc import Callable, Coroutine, Mapping
from concurrent import futures
from functools import cache, partial
from typing import Any, Final, TypeVar, cast

import grpc
import grpc.aio
from google.protobuf.message import DecodeError, Message
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection
from grpc_status import rpc_status

from services.runtime import auth, contract, edge, status
from services.runtime.edge import Edge, Handler, Method
from services.runtime.service import Service
from services.runtime.transport import Options

_Answer = TypeVar("_Answer")

_NO_MESSAGE: Final = "Exception deserializing request!"
"""As the server on threads says it."""


class Looped:
    """Answers the calls of a service in the loop of this process."""

    def __init__(
        self, service: Service, listen: str, options: Options, *, around: Edge, threads: int
    ) -> None:
        self._pool = futures.ThreadPoolExecutor(threads, thread_name_prefix=service.name)
        self._health = health.aio.HealthServicer()
        self._healthy = ("", *service.protos)
        self._server, self.port = _in_loop(self._made(service, listen, options, around))

    async def _made(
        self, service: Service, listen: str, options: Options, around: Edge
    ) -> tuple[grpc.aio.Server, int]:
        """Return the server and the port that it listens to; it belongs to the loop it is made in.

        Raises:
            RuntimeError: somebody listens there.
        """
        server = grpc.aio.server(options=options)
        added = cast("grpc.Server", server)
        methods = _Methods(around, self._pool)
        for register in service.register:
            register(cast("grpc.Server", methods))
        added.add_generic_rpc_handlers([methods])
        health_pb2_grpc.add_HealthServicer_to_server(self._health, added)
        names = (*service.protos, health.SERVICE_NAME, reflection.SERVICE_NAME)
        reflection.enable_server_reflection(names, added)
        return server, server.add_insecure_port(listen)

    def start(self) -> None:
        """Begin to answer, and say so."""
        _in_loop(self._server.start())
        for name in self._healthy:
            _in_loop(self._health.set(name, health_pb2.HealthCheckResponse.SERVING))

    def withdraw(self) -> None:
        """Tell who asks for its health that it ends."""
        _in_loop(self._health.enter_graceful_shutdown())

    def stop(self, grace_seconds: float | None) -> None:
        """Take no more calls, and return once those under way have ended or the grace is over."""
        _in_loop(self._server.stop(grace_seconds))
        self._pool.shutdown(wait=False)


@cache
def _loop() -> asyncio.AbstractEventLoop:
    """Return the loop of this process: those of several would take each other's news from gRPC."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="loop", daemon=True).start()
    return loop


def _in_loop(work: Coroutine[Any, Any, _Answer]) -> _Answer:
    return asyncio.run_coroutine_threadsafe(work, _loop()).result()


def _or_nothing(parse: Callable[[bytes], Message]) -> Callable[[bytes], Message | None]:
    """Return what parses a request, or gives None: `grpc.aio` would show what went wrong inside."""

    def parsed(data: bytes) -> Message | None:
        try:
            return parse(data)
        except DecodeError:
            return None

    return parsed


class _Methods(grpc.GenericRpcHandler):
    """The methods of a service, the edge around each; servicers are added to it as to a server.

    An interceptor would be awaited for every call.
    """

    def __init__(self, around: Edge, pool: futures.Executor) -> None:
        self._edge = around
        self._pool = pool
        self._guarded: dict[str, Handler] = {}

    def add_registered_method_handlers(self, service: str, methods: Mapping[str, Handler]) -> None:
        """Add the methods of a servicer."""
        for method, handler in methods.items():
            assert handler.unary_unary is not None, "none streams"
            assert handler.request_deserializer is not None, "generated"
            name = f"/{service}/{method}"
            self._guarded[name] = grpc.unary_unary_rpc_method_handler(
                self._guard(name, handler.unary_unary),
                request_deserializer=_or_nothing(handler.request_deserializer),
                response_serializer=handler.response_serializer,
            )

    def add_generic_rpc_handlers(self, _: object) -> None:
        """Do nothing: they are the same methods, which do not tell their names."""

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> Handler | None:
        """Return the method that is called."""
        return self._guarded.get(handler_call_details.method)

    def _guard(self, name: str, method: Method) -> Callable[[Message, Any], Any]:
        metrics = self._edge.metrics(name)
        outcome_of = self._awaited if inspect.iscoroutinefunction(method) else self._on_a_thread

        async def call(request: Message | None, context: Any) -> Message:
            if request is None:
                await context.abort(grpc.StatusCode.INTERNAL, _NO_MESSAGE)
            assert request is not None, "aborted"
            began = time.perf_counter()
            metrics.begin()
            code, refusal = grpc.StatusCode.CANCELLED, None
            try:
                outcome = await outcome_of(name, method, request, context)
                refusal = edge.refused(outcome)
                code = edge.code(refusal)
            finally:
                # Also where the caller went away meanwhile.
                metrics.end(code, time.perf_counter() - began)
            if refusal is not None:
                told = rpc_status.to_status(refusal)
                await context.abort(told.code, told.details, told.trailing_metadata)
            return outcome

        return call

    async def _on_a_thread(
        self, name: str, method: Method, request: Message, context: Any
    ) -> Message:
        return await self._threaded(self._edge.outcome, name, method, request, context)

    async def _awaited(self, name: str, method: Method, request: Message, context: Any) -> Message:
        """Return what `Edge.outcome` does, for a method that is awaited."""
        headers = edge.headers_of(context)
        language = edge.language_of(headers)
        try:
            caller = self._edge.admitted_at_hand(name, headers)
            if caller is None:
                caller = await self._threaded(self._edge.admitted, name, headers)
            if broken := contract.violations(request):
                return status.violations(broken, language)
            with auth.acting(caller, language):
                answer: Message = await method(request, context)
                return answer
        except Exception as error:  # noqa: BLE001 (a defect must not show its text to the caller)
            return self._edge.refusal(name, error, language)

    async def _threaded(self, work: Callable[..., _Answer], *given: Any) -> _Answer:
        return await asyncio.get_running_loop().run_in_executor(self._pool, partial(work, *given))
