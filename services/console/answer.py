"""Messages and statuses → HTTP answers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from http import HTTPStatus

import orjson
from google.protobuf import any_pb2
from google.protobuf.message import Message
from google.rpc import code_pb2, error_details_pb2, status_pb2
from starlette.responses import Response

from services.console.fields import Broken
from services.console.printed import printed
from services.kernel.errors import (
    BodyMalformed,
    BodyProblem,
    DomainError,
    Language,
    LimitExceeded,
    RouteUnknown,
    Unauthenticated,
)
from services.runtime import status

JSON = "application/json"
LINES = "application/x-ndjson"
BODY_LIMIT = "body_bytes"
ALL_LIMIT = "bodies_bytes"

_CLIENT_CLOSED = 499
# As google/rpc/code.proto says beside each code.
_OF_CODE: Mapping[int, int] = {
    code_pb2.OK: HTTPStatus.OK,
    code_pb2.CANCELLED: _CLIENT_CLOSED,
    code_pb2.UNKNOWN: HTTPStatus.INTERNAL_SERVER_ERROR,
    code_pb2.INVALID_ARGUMENT: HTTPStatus.BAD_REQUEST,
    code_pb2.DEADLINE_EXCEEDED: HTTPStatus.GATEWAY_TIMEOUT,
    code_pb2.NOT_FOUND: HTTPStatus.NOT_FOUND,
    code_pb2.ALREADY_EXISTS: HTTPStatus.CONFLICT,
    code_pb2.PERMISSION_DENIED: HTTPStatus.FORBIDDEN,
    code_pb2.UNAUTHENTICATED: HTTPStatus.UNAUTHORIZED,
    code_pb2.RESOURCE_EXHAUSTED: HTTPStatus.TOO_MANY_REQUESTS,
    code_pb2.FAILED_PRECONDITION: HTTPStatus.BAD_REQUEST,
    code_pb2.ABORTED: HTTPStatus.CONFLICT,
    code_pb2.OUT_OF_RANGE: HTTPStatus.BAD_REQUEST,
    code_pb2.UNIMPLEMENTED: HTTPStatus.NOT_IMPLEMENTED,
    code_pb2.INTERNAL: HTTPStatus.INTERNAL_SERVER_ERROR,
    code_pb2.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    code_pb2.DATA_LOSS: HTTPStatus.INTERNAL_SERVER_ERROR,
}
_WRONG_TYPES = {BodyProblem.WRONG_TYPE, BodyProblem.WRONG_STREAM_TYPE, BodyProblem.ENCODED}
HEADERS = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
"""Of every answer: figures are asked for anew, and are what they say they are."""


def text(message: Message) -> bytes:
    """Return a message as JSON: fields spelt as the contract has them, empty ones too."""
    return orjson.dumps(printed(message))


def of_message(body: bytes) -> Response:
    """Return the answer that holds a message, already as JSON."""
    return Response(body, media_type=JSON, headers=HEADERS)


def of_error(error: DomainError | Broken, language: Language) -> Response:
    """Return the answer that refuses, its `google.rpc.Status` in `language`."""
    refusal = to_status(error, language)
    return Response(
        text(refusal),
        _code(error, refusal),
        media_type=JSON,
        headers={**HEADERS, **_headers(error, refusal)},
    )


def last_line(error: DomainError | Broken, language: Language) -> bytes:
    """Return the line that ends a stream with an error; its "@type" tells it from a message."""
    box = any_pb2.Any()
    box.Pack(to_status(error, language))
    return text(box) + b"\n"


def code(error: DomainError | Broken) -> int:
    """Return the HTTP code of a refusal."""
    return _code(error, to_status(error, "en"))


def to_status(error: DomainError | Broken, language: Language) -> status_pb2.Status:
    """Return the status that stands for the error."""
    if isinstance(error, Broken):
        return status.violations(error.wrong, language)
    return status.to_status(error, language)


def _code(error: DomainError | Broken, refusal: status_pb2.Status) -> int:
    if isinstance(error, RouteUnknown) and error.allowed:
        return HTTPStatus.METHOD_NOT_ALLOWED
    if isinstance(error, LimitExceeded) and error.limit == BODY_LIMIT:
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    if isinstance(error, BodyMalformed) and error.problem in _WRONG_TYPES:
        return HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    return _OF_CODE.get(refusal.code, HTTPStatus.INTERNAL_SERVER_ERROR)


def _headers(error: DomainError | Broken, refusal: status_pb2.Status) -> dict[str, str]:
    if isinstance(error, RouteUnknown) and error.allowed:
        return {"allow": ", ".join(error.allowed)}
    if refusal.code == code_pb2.UNAUTHENTICATED or isinstance(error, Unauthenticated):
        return {"www-authenticate": "Bearer"}
    retry = error_details_pb2.RetryInfo()
    for detail in refusal.details:
        if detail.Unpack(retry):
            seconds = retry.retry_delay.seconds + retry.retry_delay.nanos / 1e9
            return {"retry-after": str(math.ceil(seconds))}
    return {}
