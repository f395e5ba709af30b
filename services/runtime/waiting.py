"""Those who wait for an answer to something that they asked for: threads, and tasks of a loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from typing import Any, Generic, TypeAlias, TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class Waiting(Generic[Item, Answer]):
    """An item whose answer a thread waits for."""

    __slots__ = ("_answer", "_answered", "item")

    def __init__(self, item: Item) -> None:
        self.item = item
        self._answer: Answer | Exception
        # A bare lock: a future costs several times as much, in the thread that all wait for.
        self._answered = threading.Lock()
        self._answered.acquire()

    def answer(self, answer: Answer | Exception) -> None:
        """Give the answer, or why there is none."""
        self._answer = answer
        self._answered.release()

    def wait(self) -> Answer:
        """Return the answer; raise what it failed with."""
        self._answered.acquire()
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


class Awaiting(Generic[Item, Answer]):
    """An item whose answer a task waits for."""

    __slots__ = ("_told", "item", "loop")

    def __init__(self, item: Item) -> None:
        self.item = item
        self.loop = asyncio.get_running_loop()
        self._told: asyncio.Future[Answer] = self.loop.create_future()

    def answer(self, answer: Answer | Exception) -> None:
        """Give the answer, or why there is none; in the loop."""
        # Who went away waits no more.
        if self._told.done():
            return
        if isinstance(answer, Exception):
            self._told.set_exception(answer)
        else:
            self._told.set_result(answer)

    async def wait(self) -> Answer:
        """Return the answer; raise what it failed with."""
        return await self._told


Asked: TypeAlias = "Waiting[Item, Answer] | Awaiting[Item, Answer]"
"""An item, however its answer is waited for."""


def tell(answered: Sequence[tuple[Asked[Item, Answer], Answer | Exception]]) -> None:
    """Give all their answers; a loop is woken once for those who wait in it."""
    in_loops: dict[asyncio.AbstractEventLoop, list[tuple[Awaiting[Item, Answer], Any]]] = {}
    for waiting, answer in answered:
        if isinstance(waiting, Awaiting):
            in_loops.setdefault(waiting.loop, []).append((waiting, answer))
        else:
            waiting.answer(answer)
    for loop, of_loop in in_loops.items():
        loop.call_soon_threadsafe(_tell_in_loop, of_loop)


def _tell_in_loop(answered: Sequence[tuple[Awaiting[Item, Answer], Any]]) -> None:
    for waiting, answer in answered:
        waiting.answer(answer)
