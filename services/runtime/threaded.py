"""A gRPC server that answers each call on a thread of its own."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent import futures
from typing import Any

import grpc
from google.protobuf.message import Message
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection
from grpc_status import rpc_status

from services.runtime import edge
from services.runtime.edge import Edge, Handler, Method
from services.runtime.metrics import Kind
from services.runtime.service import Service
from services.runtime.streams import Call, Streams
from services.runtime.transport import Options


class Threaded:
    """Answers the calls of a service on threads, and its streams on others."""

    def __init__(  # noqa: PLR0913 (a setting each)
        self,
        service: Service,
        listen: str,
        options: Options,
        *,
        around: Edge,
        threads: int,
        streams: Streams,
    ) -> None:
        self._server = grpc.server(
            futures.ThreadPoolExecutor(max_workers=threads, thread_name_prefix=service.name),
            interceptors=[_Interceptor(around, streams)],
            options=options,
        )
        for register in service.register:
            register(self._server)
        self._health = health.HealthServicer()
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        names = (*service.protos, health.SERVICE_NAME, reflection.SERVICE_NAME)
        reflection.enable_server_reflection(names, self._server)
        self._healthy = ("", *service.protos)
        self.port = self._server.add_insecure_port(listen)

    def start(self) -> None:
        """Begin to answer, and say so."""
        self._server.start()
        for name in self._healthy:
            self._health.set(name, health_pb2.HealthCheckResponse.SERVING)

    def withdraw(self) -> None:
        """Tell who asks for its health that it ends."""
        self._health.enter_graceful_shutdown()

    def stop(self, grace_seconds: float | None) -> None:
        """Take no more calls, and return once those under way have ended or the grace is over."""
        self._server.stop(grace_seconds).wait()


class _Interceptor(grpc.ServerInterceptor):
    """Puts the edge around every method."""

    def __init__(self, around: Edge, streams: Streams) -> None:
        self._edge = around
        self._streams = streams
        self._wrapped: dict[str, Handler] = {}

    def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Handler | None],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Handler | None:
        """Return the method wrapped."""
        name = handler_call_details.method
        if name in self._wrapped:
            return self._wrapped[name]
        handler = continuation(handler_call_details)
        if handler is None or edge.is_open(name):
            return handler
        self._wrapped[name] = self._around(name, handler)
        return self._wrapped[name]

    def _around(self, name: str, handler: Handler) -> Handler:
        coders = {
            "request_deserializer": handler.request_deserializer,
            "response_serializer": handler.response_serializer,
        }
        if handler.unary_unary is not None:
            guarded = self._guard(name, handler.unary_unary)
            return grpc.unary_unary_rpc_method_handler(guarded, **coders)
        if handler.unary_stream is not None:
            told = self._guard_stream(name, Kind.SERVER_STREAM, handler.unary_stream)
            return grpc.unary_stream_rpc_method_handler(self._streams.pooled(told), **coders)
        if handler.stream_unary is not None:
            told = self._guard_stream(name, Kind.CLIENT_STREAM, handler.stream_unary)

            def only(given: Any, context: grpc.ServicerContext) -> Any:
                (answer,) = told(given, context)
                return answer

            return grpc.stream_unary_rpc_method_handler(self._streams.pooled(only), **coders)
        assert handler.stream_stream is not None, "there is no fifth kind"
        told = self._guard_stream(name, Kind.BIDI_STREAM, handler.stream_stream)
        return grpc.stream_stream_rpc_method_handler(self._streams.pooled(told), **coders)

    def _guard(self, name: str, method: Method) -> Method:
        metrics = self._edge.metrics(name)

        def call(request: Message, context: grpc.ServicerContext) -> Message:
            began = time.perf_counter()
            metrics.begin()
            outcome = self._edge.outcome(name, method, request, context)
            refusal = edge.refused(outcome)
            metrics.end(edge.code(refusal), time.perf_counter() - began)
            if refusal is not None:
                context.abort_with_status(rpc_status.to_status(refusal))
            return outcome

        return call

    def _guard_stream(self, name: str, kind: Kind, method: Method) -> Method:
        metrics = self._edge.metrics(name, kind)

        def call(given: Any, context: grpc.ServicerContext) -> Any:
            began = time.perf_counter()
            metrics.begin()
            headers = edge.headers_of(context)
            language = edge.language_of(headers)
            code, refusal = grpc.StatusCode.CANCELLED, None
            try:
                of_call = Call(
                    admit=lambda: self._edge.admitted(name, headers),
                    language=language,
                    received=metrics.received,
                )
                with self._streams.held():
                    for answer in of_call.answers(method, given, context, kind):
                        metrics.sent()
                        yield answer
                code = grpc.StatusCode.OK
            except grpc.RpcError:
                # The caller went away; what was not acknowledged it will send again.
                raise
            except Exception as error:  # noqa: BLE001 (a defect must not show its text to the caller)
                refusal = self._edge.refusal(name, error, language)
                code = edge.code(refusal)
            finally:
                metrics.end(code, time.perf_counter() - began)
            if refusal is not None:
                context.abort_with_status(rpc_status.to_status(refusal))

        return call
