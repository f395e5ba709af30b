"""The edge of every service, around each method once: who calls, may it, is the request whole.

It times and counts the call, and turns every failure into a status. Servicers do none of this, and
never touch their `context`. Streams are held to the same rules, message by message, see `streams`.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import Any, TypeAlias

import grpc
from google.protobuf.message import Message
from google.rpc import status_pb2
from grpc_status import rpc_status

from services.kernel.errors import DomainError, Internal, Language, LimitExceeded
from services.runtime import auth, contract, status
from services.runtime.log import log
from services.runtime.metrics import Kind, Metrics
from services.runtime.streams import Call, Streams

# Health and reflection answer everybody, and have no contract of ours.
_OPEN = ("/grpc.health.v1.Health/", "/grpc.reflection.v1alpha.ServerReflection/")

Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"
Method = Callable[[Any, grpc.ServicerContext], Any]


class Edge(grpc.ServerInterceptor):
    """Wraps every method of one service."""

    def __init__(
        self,
        *,
        access: auth.Access,
        authenticate: auth.Authenticator,
        metrics: Metrics,
        streams: Streams,
    ) -> None:
        self._access = access
        self._authenticate = authenticate
        self._metrics = metrics
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
        if handler is None or name.startswith(_OPEN):
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
        metrics = self._metrics.method(name)

        def call(request: Message, context: grpc.ServicerContext) -> Message:
            began = time.perf_counter()
            metrics.begin()
            outcome = self._outcome(name, method, request, context)
            refusal = outcome if isinstance(outcome, status_pb2.Status) else None
            metrics.end(_code(refusal), time.perf_counter() - began)
            if refusal is not None:
                context.abort_with_status(rpc_status.to_status(refusal))
            return outcome

        return call

    def _outcome(
        self, name: str, method: Method, request: Message, context: grpc.ServicerContext
    ) -> Message:
        """Return the method's answer, or the status that refuses the call."""
        headers = dict(context.invocation_metadata())
        language = auth.language_of(str(headers.get("accept-language", "")))
        try:
            caller = self._admitted(name, headers)
            if broken := contract.violations(request):
                return status.violations(broken, language)
            with auth.acting(caller, language):
                answer: Message = method(request, context)
                return answer
        except Exception as error:  # noqa: BLE001 (a defect must not show its text to the caller)
            return self._refusal(name, error, language)

    def _guard_stream(self, name: str, kind: Kind, method: Method) -> Method:
        metrics = self._metrics.method(name, kind)

        def call(given: Any, context: grpc.ServicerContext) -> Any:
            began = time.perf_counter()
            metrics.begin()
            headers = dict(context.invocation_metadata())
            language = auth.language_of(str(headers.get("accept-language", "")))
            code, refusal = grpc.StatusCode.CANCELLED, None
            try:
                of_call = Call(
                    admit=lambda: self._admitted(name, headers),
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
            except Exception as error:  # noqa: BLE001 (as above)
                refusal = self._refusal(name, error, language)
                code = _code(refusal)
            finally:
                metrics.end(code, time.perf_counter() - began)
            if refusal is not None:
                context.abort_with_status(rpc_status.to_status(refusal))

        return call

    def _admitted(self, name: str, headers: dict[str, str | bytes]) -> auth.Caller:
        """Return who calls, if it may."""
        caller = self._authenticate(auth.secret(headers))
        auth.permit(self._access, name, caller)
        return caller

    def _refusal(self, name: str, error: Exception, language: Language) -> status_pb2.Status:
        """Return the status of a failure, expected or not."""
        try:
            if isinstance(error, contract.Broken):
                return status.violations(error.violations, language)
            if isinstance(error, DomainError):
                if isinstance(error, LimitExceeded):
                    self._metrics.limit_exceeded(error.limit)
                return status.to_status(error, language)
        except Exception as defect:  # noqa: BLE001 (as above)
            error = defect
        error_id = uuid.uuid4().hex[:12]
        log.error("defect", method=name, error_id=error_id, exc_info=error)
        return status.to_status(Internal(error_id=error_id), language)


def _code(refusal: status_pb2.Status | None) -> grpc.StatusCode:
    if refusal is None:
        return grpc.StatusCode.OK
    return next(code for code in grpc.StatusCode if code.value[0] == refusal.code)
