"""A call that streams: lines of JSON one way or both, each a message, and never many in memory.

gRPC takes the next line when it has sent the one before, and the next answer is taken when the
caller has room for it: whoever is slow slows the others down.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent import futures
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import grpc
from google.protobuf.message import Message
from starlette.requests import ClientDisconnect
from starlette.types import Send

from services.console import answer, request
from services.console.body import Body
from services.console.call import Call
from services.console.fields import Broken
from services.console.neighbour import Neighbour
from services.kernel.errors import DomainError


class Upload:
    """The lines of a body as messages, taken by gRPC on a thread of its own."""

    def __init__(self, call: Call, body: Body) -> None:
        self._call = call
        self._body = body
        self._loop = asyncio.get_running_loop()
        self._under_way: futures.Future[grpc.Call] = futures.Future()
        self.broken: DomainError | Broken | None = None
        """What was wrong with the line at which it ended early."""

    def belongs_to(self, under_way: grpc.Call) -> None:
        """Say which call takes the messages, so that it can be cancelled."""
        self._under_way.set_result(under_way)

    def __iter__(self) -> Iterator[Message]:
        try:
            while (line := self._line()) is not None:
                yield request.message(self._call.route, self._call.said, line)
        except (DomainError, Broken) as error:
            self.broken = error
            if not self._call.route.method.server_streaming:
                # Ended here, it would be taken for whole.
                self._under_way.result().cancel()
        except (ClientDisconnect, futures.CancelledError, RuntimeError):
            # The caller went away, or the door closes: what came is not whole either.
            self._under_way.result().cancel()

    def _line(self) -> bytes | None:
        return asyncio.run_coroutine_threadsafe(self._next(), self._loop).result()

    async def _next(self) -> bytes | None:
        line = await self._body.line()
        if line is None:
            _watch(self._body, self._under_way.result())
        return line


class Lines:
    """Messages, sent as lines while they come."""

    def __init__(self, send: Send) -> None:
        self.send = send
        self.begun = False

    async def put(self, line: bytes) -> None:
        """Send a line, the headers before the first."""
        if not self.begun:
            await self._begin()
        await self.send({"type": "http.response.body", "body": line, "more_body": True})

    async def end(self) -> None:
        """Say that it is whole."""
        if not self.begun:
            await self._begin()
        await self.send({"type": "http.response.body", "body": b""})

    async def _begin(self) -> None:
        self.begun = True
        headers = {"content-type": answer.LINES, **answer.HEADERS}
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        await self.send({"type": "http.response.start", "status": 200, "headers": raw})


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """A call of a method that streams."""

    call: Call
    neighbour: Neighbour
    stub: Any
    body: Body
    threads: futures.Executor

    async def upload(self) -> Message:
        """Send the lines of the body; return the one answer.

        Raises:
            DomainError: the service refused, or a line is too large.
            Broken: a line is wrong.
        """
        messages = Upload(self.call, self.body)
        under_way = self.stub.future(iter(messages), *self._said)
        messages.belongs_to(under_way)
        try:
            answered: Message = await self._in_thread(under_way.result)
        except grpc.FutureCancelledError:
            raise messages.broken or ClientDisconnect from None
        except grpc.RpcError as error:
            raise self._refusal(error) from error
        finally:
            under_way.cancel()
        return answered

    async def download(self, lines: Lines) -> None:
        """Send the body's one message, or its lines, and put each answer into `lines`.

        Raises:
            DomainError: the service refused, or a line is too large.
            Broken: a message is wrong.
        """
        if self.call.route.method.client_streaming:
            messages = Upload(self.call, self.body)
            under_way = self.stub(iter(messages), *self._said)
            messages.belongs_to(under_way)
            await self._pass_on(under_way, lines)
            if messages.broken is not None:
                raise messages.broken
            return
        whole = await self.body.whole()
        message = await self._in_thread(
            partial(request.message, self.call.route, self.call.said, whole)
        )
        under_way = self.stub(message, *self._said)
        _watch(self.body, under_way)
        await self._pass_on(under_way, lines)

    async def _pass_on(self, under_way: Any, lines: Lines) -> None:
        try:
            while (found := await self._in_thread(partial(next, under_way, None))) is not None:
                await lines.put(await self._in_thread(partial(answer.text, found)) + b"\n")
        except grpc.RpcError as error:
            if cast("grpc.Call", error).code() is grpc.StatusCode.CANCELLED:
                raise ClientDisconnect from None
            raise self._refusal(error) from error
        finally:
            under_way.cancel()

    @property
    def _said(self) -> tuple[float | None, tuple[tuple[str, str], ...]]:
        return self.call.timeout_seconds, self.call.metadata

    def _refusal(self, error: grpc.RpcError) -> DomainError:
        return self.neighbour.refusal(self.call.route, error, self.call.timeout_seconds)

    async def _in_thread(self, work: Callable[[], Any]) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self.threads, work)


def _watch(body: Body, under_way: grpc.Call) -> None:
    """Cancel the call when the caller goes away."""

    async def watch() -> None:
        await body.left()
        under_way.cancel()

    task = asyncio.get_running_loop().create_task(watch())
    _WATCHING.add(task)
    task.add_done_callback(_WATCHING.discard)


# The loop itself holds its tasks only weakly.
_WATCHING: set[asyncio.Task[None]] = set()
