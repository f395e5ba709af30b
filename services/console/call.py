"""One call: what an HTTP request asks of which method, and how long it may take."""

from __future__ import annotations

import re
from dataclasses import dataclass

from starlette.requests import Request

from services.console.answer import JSON, LINES
from services.console.request import IDEMPOTENCY_KEY, Said
from services.console.route import Route
from services.kernel.errors import (
    BodyMalformed,
    BodyProblem,
    FieldInvalid,
    Language,
    Unauthenticated,
    Words,
)
from services.runtime import auth
from zonecarbon.client import DEADLINE_SECONDS

TIMEOUT = "grpc-timeout"

_TIMEOUT = re.compile(r"([0-9]{1,8})([HMSmun])")
_SECONDS = {"H": 3600.0, "M": 60.0, "S": 1.0, "m": 1e-3, "u": 1e-6, "n": 1e-9}
_ALLOWED = Words(
    en="up to eight digits and one of H, M, S, m, u, n, as in 5S for five seconds",
    zh="最多八位数字加 H、M、S、m、u、n 之一，例如 5S 表示五秒",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call that is admitted to be made."""

    route: Route
    said: Said
    language: Language
    secret: str
    timeout_seconds: float | None
    """As the caller asks; else 30 for a call, and none for a stream."""

    @property
    def metadata(self) -> tuple[tuple[str, str], ...]:
        """What goes along over gRPC."""
        return (
            ("authorization", f"Bearer {self.secret}"),
            ("accept-language", self.language),
        )


def of(request: Request, route: Route, variables: dict[str, str]) -> Call:
    """Return the call that a request asks for, its body apart.

    Raises:
        Unauthenticated: there is no key, or one that no key can be.
        BodyMalformed: the body is of another content type than the method takes.
        FieldInvalid: a header is malformed.
    """
    secret = auth.secret(request.headers)
    if not (secret.isascii() and secret.isprintable()):
        raise Unauthenticated
    _check_type(request, route)
    streams = route.method.client_streaming or route.method.server_streaming
    return Call(
        route=route,
        said=Said(
            path=variables,
            query=request.scope["query_string"],
            key=request.headers.get(IDEMPOTENCY_KEY),
        ),
        language=auth.language_of(request.headers.get("accept-language", "")),
        secret=secret,
        timeout_seconds=_timeout(request, None if streams else DEADLINE_SECONDS),
    )


def _check_type(request: Request, route: Route) -> None:
    headers = request.headers
    if headers.get("content-length", "0") == "0" and "transfer-encoding" not in headers:
        return
    encoding = headers.get("content-encoding", "identity")
    if encoding.lower() != "identity":
        raise BodyMalformed(given=f"content-encoding: {encoding}", problem=BodyProblem.ENCODED)
    streamed = route.method.client_streaming
    given = headers.get("content-type", "")
    kind, _, parameters = given.partition(";")
    charset = parameters.strip().lower().replace('"', "")
    wanted = LINES if streamed else JSON
    if kind.strip().lower() != wanted or charset not in {"", "charset=utf-8"}:
        problem = BodyProblem.WRONG_STREAM_TYPE if streamed else BodyProblem.WRONG_TYPE
        raise BodyMalformed(given=f"content-type: {given}", problem=problem)


def _timeout(request: Request, otherwise: float | None) -> float | None:
    given = request.headers.get(TIMEOUT)
    if given is None:
        return otherwise
    found = _TIMEOUT.fullmatch(given)
    if found is None:
        raise FieldInvalid(field=TIMEOUT, given=given, allowed=_ALLOWED)
    return int(found[1]) * _SECONDS[found[2]]
