"""Long work that tells how far it is while it goes on."""

from __future__ import annotations

import contextvars
from collections.abc import Callable, Generator, Iterable
from concurrent import futures
from typing import TypeVar

_Message = TypeVar("_Message")

EVERY_SECONDS = 1.0


def told(
    work: Callable[[Callable[[_Message], None]], Iterable[_Message]],
    every_seconds: float = EVERY_SECONDS,
) -> Generator[_Message, None, None]:
    """Yield the newest message that `work` tells, about every so often, then those it returns.

    The work goes on in a thread of its own, for the same caller. Whoever stops listening lets it
    come to its end: what it writes is written whole.
    """
    newest: list[_Message] = []

    def tell(message: _Message) -> None:
        newest[:] = [message]

    with futures.ThreadPoolExecutor(max_workers=1) as thread:
        going = thread.submit(contextvars.copy_context().run, work, tell)
        while not futures.wait([going], timeout=every_seconds).done:
            yield from newest[-1:]
        yield from going.result()
