"""The edge of every service, around each method once: who calls, may it, is the request whole.

It turns every failure into a status. Servicers do none of this, and never touch their `context`.
`threaded` and `looped` put it around methods that are answered on threads and in a loop; streams
are held to the same rules, message by message, see `streams`.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any, TypeAlias

import grpc
from google.protobuf.message import Message
from google.rpc import status_pb2

from services.kernel.errors import DomainError, Internal, Language, LimitExceeded
from services.runtime import auth, contract, status
from services.runtime.log import log
from services.runtime.metrics import Kind, MethodMetrics, Metrics

# Health and reflection answer everybody, and have no contract of ours.
_OPEN = ("/grpc.health.v1.Health/", "/grpc.reflection.v1alpha.ServerReflection/")

Headers: TypeAlias = "dict[str, str | bytes]"
Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"
Method = Callable[[Any, grpc.ServicerContext], Any]


class Edge:
    """What each call of one service meets."""

    def __init__(
        self, *, access: auth.Access, authenticate: auth.Authenticator, metrics: Metrics
    ) -> None:
        self._access = access
        self._authenticate = authenticate
        self._metrics = metrics

    def metrics(self, name: str, kind: Kind = Kind.UNARY) -> MethodMetrics:
        """Return what counts and times the calls of a method."""
        return self._metrics.method(name, kind)

    def outcome(
        self, name: str, method: Method, request: Message, context: grpc.ServicerContext
    ) -> Message:
        """Return the method's answer, or the status that refuses the call."""
        headers = headers_of(context)
        language = language_of(headers)
        try:
            caller = self.admitted(name, headers)
            if broken := contract.violations(request):
                return status.violations(broken, language)
            with auth.acting(caller, language):
                answer: Message = method(request, context)
                return answer
        except Exception as error:  # noqa: BLE001 (a defect must not show its text to the caller)
            return self.refusal(name, error, language)

    def admitted(self, name: str, headers: Headers) -> auth.Caller:
        """Return who calls the method, if it may.

        Raises:
            Unauthenticated, PermissionDenied: it may not.
        """
        caller = self._authenticate(auth.secret(headers))
        auth.permit(self._access, name, caller)
        return caller

    def admitted_at_hand(self, name: str, headers: Headers) -> auth.Caller | None:
        """Return what `admitted` does, or None where somebody has to be asked for it."""
        if not isinstance(self._authenticate, auth.Remembering):
            return None
        caller = self._authenticate.known(auth.secret(headers))
        if caller is not None:
            auth.permit(self._access, name, caller)
        return caller

    def refusal(self, name: str, error: Exception, language: Language) -> status_pb2.Status:
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


def is_open(name: str) -> bool:
    """Tell whether a method is everybody's, and not ours."""
    return name.startswith(_OPEN)


def headers_of(context: grpc.ServicerContext) -> Headers:
    """Return what came with a call beside its request."""
    return dict(context.invocation_metadata())


def language_of(headers: Headers) -> Language:
    """Return the language that the caller reads."""
    return auth.language_of(str(headers.get("accept-language", "")))


def refused(outcome: Message) -> status_pb2.Status | None:
    """Return the outcome of a call where it is no answer, but the status that refuses it."""
    return outcome if isinstance(outcome, status_pb2.Status) else None


def code(refusal: status_pb2.Status | None) -> grpc.StatusCode:
    """Return the code that a call ends with."""
    if refusal is None:
        return grpc.StatusCode.OK
    return next(code for code in grpc.StatusCode if code.value[0] == refusal.code)
