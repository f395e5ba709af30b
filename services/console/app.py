"""The pages of the door: the contract's calls below /v1, its description, and its health."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from services.console import answer, openapi
from services.console.door import Door
from services.kernel.errors import RouteUnknown
from services.runtime import auth


def build(door: Door) -> Starlette:
    """Return the application."""
    described = openapi.document(door.routes.all)

    async def description(_: Request) -> Response:
        return Response(described, media_type=answer.JSON, headers=answer.HEADERS)

    async def health(_: Request) -> Response:
        return PlainTextResponse("SERVING\n", headers=answer.HEADERS)

    pages = Starlette(
        routes=[
            Route("/openapi.json", description),
            Route("/healthz", health),
            Route("/v1/{path:path}", door),
        ],
        exception_handlers={HTTPException: _refused},
    )
    # A path that is nearly one is refused as any other, and not led elsewhere.
    pages.router.redirect_slashes = False
    return pages


async def _refused(request: Request, error: Exception) -> Response:
    """Return Starlette's refusal of a path or a method in the form of all others."""
    assert isinstance(error, HTTPException)
    allow = (error.headers or {}).get("Allow", "")
    allowed = tuple(sorted(allow.split(", "))) if allow else ()
    refusal = RouteUnknown(name=request.url.path, method=request.method, allowed=allowed)
    return answer.of_error(refusal, auth.language_of(request.headers.get("accept-language", "")))
