"""The body of an HTTP request: whole, or line by line as fast as the lines are taken."""

from __future__ import annotations

from starlette.requests import ClientDisconnect
from starlette.types import Receive

from services.console.answer import ALL_LIMIT, BODY_LIMIT
from services.kernel.errors import LimitExceeded, Words

_WHOLE = Words(en="Send it in parts, each a request of its own.", zh="请拆分为多个请求分别发送。")
_LATER = Words(en="Send it again in a moment.", zh="请稍后重新发送。")
_LINE = Words(en="Send it in more lines, each smaller.", zh="请拆分为更多较小的行发送。")


class Room:
    """The memory for all bodies that are held at a time; the event loop alone gives and takes."""

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self._taken = 0

    def take(self, size: int) -> None:
        """Take room for so many bytes, or give it back where they are fewer than none.

        Raises:
            LimitExceeded: there is none.
        """
        wanted = self._taken + size
        if size > 0 and wanted > self.most_bytes:
            raise LimitExceeded(
                limit=ALL_LIMIT, given=wanted, allowed=self.most_bytes, way_out=_LATER
            )
        self._taken = wanted


class Body:
    """What comes of a body, of which no more than a line is kept at a time.

    Raises, wherever it is read:
        LimitExceeded: the body, or a line of it, is larger than is taken, or all are together.
        ClientDisconnect: the caller went away before its end.
    """

    def __init__(self, receive: Receive, most_bytes: int, room: Room) -> None:
        self._receive = receive
        self._most = most_bytes
        self._room = room
        self._roomy = 0
        self._held = bytearray()
        self._searched = 0
        self._ended = False

    async def whole(self) -> bytes:
        """Return all of it."""
        while not self._ended:
            await self._more()
            self._check(len(self._held), _WHOLE)
        return bytes(self._held)

    async def line(self) -> bytes | None:
        """Return the next line that is not blank; None at the end."""
        while True:
            end = self._held.find(b"\n", self._searched)
            self._check(len(self._held) if end < 0 else end, _LINE)
            if end >= 0:
                line = self._taken(end + 1)
            elif self._ended:
                line = self._taken(len(self._held))
                if not line:
                    return None
            else:
                self._searched = len(self._held)
                await self._more()
                continue
            if stripped := line.strip():
                return stripped

    def let_go(self) -> None:
        """Give back the room it had."""
        self._room.take(-self._roomy)
        self._roomy = 0

    async def left(self) -> None:
        """Return once the caller went away, after the body's end."""
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def _more(self) -> None:
        event = await self._receive()
        if event["type"] == "http.disconnect":
            raise ClientDisconnect
        part = event.get("body", b"")
        self._room.take(len(part))
        self._roomy += len(part)
        self._held += part
        self._ended = not event.get("more_body", False)

    def _taken(self, size: int) -> bytes:
        taken = bytes(self._held[:size])
        del self._held[:size]
        self._room.take(-size)
        self._roomy -= size
        self._searched = 0
        return taken

    def _check(self, given: int, way_out: Words) -> None:
        if given > self._most:
            raise LimitExceeded(limit=BODY_LIMIT, given=given, allowed=self._most, way_out=way_out)
