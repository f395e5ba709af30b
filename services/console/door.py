"""Every call of the contract over HTTP, as an ASGI application.

A call goes: find the route, see the key, read the body, make the message, ask the service, answer.
What is wrong with it is refused before the service is asked; what the service refuses is passed on.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent import futures
from contextlib import nullcontext, suppress
from typing import Any

import grpc
from google.protobuf.message import Message
from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope, Send

from services.console import answer, call, request
from services.console.body import Body, Room
from services.console.call import Call
from services.console.fields import Broken
from services.console.metrics import HttpMetrics
from services.console.neighbour import Neighbour, defect
from services.console.route import Route, Routes
from services.console.stream import Lines, Stream
from services.kernel.errors import DomainError, LimitExceeded, NeighbourUnavailable
from services.runtime import auth
from services.runtime.metrics import Metrics
from services.runtime.streams import Streams

SERVICE = "console"
_GONE = 499
_LARGE_BYTES = 256 * 1024
_BODIES = 4
"""So many of the largest bodies are held at a time."""


class Door:
    """Asks the neighbours what comes over HTTP."""

    def __init__(
        self,
        neighbours: Sequence[Neighbour],
        metrics: Metrics,
        *,
        threads: int = 16,
        streams: int = 16,
        body_bytes: int = 16 * 1024 * 1024,
    ) -> None:
        self.routes = Routes(
            [service for neighbour in neighbours for service in neighbour.services]
        )
        self._neighbours: Mapping[str, Neighbour] = {
            service.full_name: neighbour
            for neighbour in neighbours
            for service in neighbour.services
        }
        self._places = {each.name: asyncio.Semaphore(threads) for each in neighbours}
        self._stubs = {route.rpc: self._of(route).stub(route) for route in self.routes.all}
        self._metrics = metrics
        self._http = HttpMetrics(metrics)
        self._streams = Streams(SERVICE, streams, metrics)
        self._body_bytes = body_bytes
        self._room = Room(_BODIES * body_bytes)
        metrics.limit(answer.BODY_LIMIT, body_bytes)
        metrics.limit(answer.ALL_LIMIT, self._room.most_bytes)
        # Made into messages side by side, large bodies would take more memory and no less time.
        self._large = threading.Lock()
        self._threads = futures.ThreadPoolExecutor(threads, thread_name_prefix=SERVICE)
        # A stream takes a thread only while it waits for its service.
        self._stream_threads = futures.ThreadPoolExecutor(
            streams, thread_name_prefix=f"{SERVICE}-stream"
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        began = time.perf_counter()
        asked = Request(scope, receive)
        path = scope["raw_path"].decode("ascii", errors="replace")
        route, code = None, _GONE
        lines = Lines(send)
        body = Body(receive, self._body_bytes, self._room)
        try:
            route, variables = self.routes.find(asked.method, path)
            asking = call.of(asked, route, variables)
            if route.method.server_streaming:
                await self._download(asking, body, lines)
            else:
                answered = await self._answer(asking, body)
                await answer.of_message(answered)(scope, receive, send)
            code = 200
        except ClientDisconnect:
            pass
        except asyncio.CancelledError:
            # The console closes, and the grace it was given is over.
            refusal = NeighbourUnavailable(service=SERVICE)
            code = await self._refuse(asked, lines, refusal)
        except Exception as error:  # noqa: BLE001 (a defect must not show its text to the caller)
            code = await self._refuse(asked, lines, self._refusal(error, route))
        finally:
            body.let_go()
            self._http.answered(route, code, time.perf_counter() - began)

    async def _answer(self, asking: Call, body: Body) -> bytes:
        """Return the one answer as JSON."""
        if asking.route.method.client_streaming:
            with self._streams.held():
                return answer.text(await self._stream(asking, body).upload())
        whole = await body.whole()
        loop = asyncio.get_running_loop()
        message = await loop.run_in_executor(self._threads, self._message, asking, whole)
        found = await self._asked(asking, message)
        return await loop.run_in_executor(self._threads, answer.text, found)

    def _message(self, asking: Call, body: bytes) -> Message:
        with self._large if len(body) > _LARGE_BYTES else nullcontext():
            return request.message(asking.route, asking.said, body)

    async def _asked(self, asking: Call, message: Message) -> Message:
        """Return what the service answers.

        No thread waits for it, and only so many calls for each service: one that hangs holds up
        nobody who asks another.
        """
        neighbour, seconds = self._of(asking.route), asking.timeout_seconds
        try:
            async with asyncio.timeout(seconds), self._places[neighbour.name]:
                under_way = self._stubs[asking.route.rpc].future(
                    message, timeout=seconds, metadata=asking.metadata
                )
                try:
                    return await _answered(under_way)
                finally:
                    under_way.cancel()
        except TimeoutError:
            raise neighbour.late(seconds) from None
        except grpc.RpcError as error:
            raise neighbour.refusal(asking.route, error, seconds) from error

    async def _download(self, asking: Call, body: Body, lines: Lines) -> None:
        with self._streams.held():
            await self._stream(asking, body).download(lines)
        await lines.end()

    def _stream(self, asking: Call, body: Body) -> Stream:
        return Stream(
            call=asking,
            neighbour=self._of(asking.route),
            stub=self._stubs[asking.route.rpc],
            body=body,
            threads=self._stream_threads,
        )

    async def _refuse(self, asked: Request, lines: Lines, refusal: DomainError | Broken) -> int:
        """Answer with the refusal, where the answer has begun as its last line; return its code."""
        language = auth.language_of(asked.headers.get("accept-language", ""))
        if lines.begun:
            await lines.put(answer.last_line(refusal, language))
            await lines.end()
        else:
            await answer.of_error(refusal, language)(asked.scope, asked.receive, lines.send)
        return answer.code(refusal)

    def _refusal(self, error: Exception, route: Route | None) -> DomainError | Broken:
        if isinstance(error, LimitExceeded):
            self._metrics.limit_exceeded(error.limit)
        if isinstance(error, DomainError | Broken):
            return error
        return defect(route.rpc if route is not None else "", error)

    def _of(self, route: Route) -> Neighbour:
        return self._neighbours[route.method.containing_service.full_name]

    def close(self) -> None:
        """Close what it opened, and the neighbours' channels."""
        self._streams.close()
        for threads in (self._threads, self._stream_threads):
            threads.shutdown(wait=False)
        for neighbour in {each.name: each for each in self._neighbours.values()}.values():
            neighbour.channel.close()


async def _answered(under_way: Any) -> Message:
    """Return the answer of a call once it is there; raises as the call."""
    loop = asyncio.get_running_loop()
    there = asyncio.Event()

    def tell(_: object) -> None:
        # Where the door has closed meanwhile, nobody waits any more.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(there.set)

    under_way.add_done_callback(tell)
    await there.wait()
    found: Message = under_way.result()
    return found
