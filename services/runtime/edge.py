"""The edge of every service, around each method once: who calls, may it, is the request whole.

It times and counts the call, and turns every failure into a status. Servicers do none of this, and
never touch their `context`.
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

from services.kernel.errors import DomainError, Internal, Language
from services.runtime import auth, contract, status
from services.runtime.log import log
from services.runtime.metrics import Metrics

# Health and reflection answer everybody, and have no contract of ours.
_OPEN = ("/grpc.health.v1.Health/", "/grpc.reflection.v1alpha.ServerReflection/")

Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"
Method = Callable[[Any, grpc.ServicerContext], Any]


class Edge(grpc.ServerInterceptor):
    """Wraps every unary method of one service."""

    def __init__(
        self, *, access: auth.Access, authenticate: auth.Authenticator, metrics: Metrics
    ) -> None:
        self._access = access
        self._authenticate = authenticate
        self._metrics = metrics
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
        if handler is None or handler.unary_unary is None or name.startswith(_OPEN):
            return handler
        self._wrapped[name] = grpc.unary_unary_rpc_method_handler(
            self._guard(name, handler.unary_unary),
            request_deserializer=handler.request_deserializer,
            response_serializer=handler.response_serializer,
        )
        return self._wrapped[name]

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
        language = _language(str(headers.get("accept-language", "")))
        try:
            try:
                caller = self._authenticate(auth.secret(headers))
                auth.permit(self._access, name, caller)
                if broken := contract.violations(request):
                    return status.violations(broken, language)
                with auth.acting(caller, language):
                    answer: Message = method(request, context)
                    return answer
            except DomainError as error:
                return status.to_status(error, language)
        except Exception as defect:  # noqa: BLE001 (a defect must not show its text to the caller)
            return _defect(name, defect, language)


def _language(header: str) -> Language:
    return "zh" if header.lower().startswith("zh") else "en"


def _code(refusal: status_pb2.Status | None) -> grpc.StatusCode:
    if refusal is None:
        return grpc.StatusCode.OK
    return next(code for code in grpc.StatusCode if code.value[0] == refusal.code)


def _defect(name: str, defect: Exception, language: Language) -> status_pb2.Status:
    error_id = uuid.uuid4().hex[:12]
    log.error("defect", method=name, error_id=error_id, exc_info=defect)
    return status.to_status(Internal(error_id=error_id), language)
