"""Work that is dear to begin, done for all who wait at once: a commit, above all.

A thread takes whatever came while it did the work for those before, up to a limit. Whom it has just
answered is likely to come again, so it waits a little for as many as they were: else callers fall
into two groups, each of which waits while the other is served. One caller alone waits for nothing.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import Any, Final, Generic, TypeAlias, TypeVar

from services.kernel.errors import DomainError

Item = TypeVar("Item")
Answer = TypeVar("Answer")

_LINGER_SECONDS: Final = 0.004
"""About what a commit takes for some callers."""

_Work = Callable[[Sequence[Item]], Sequence[Answer | DomainError]]


class _Waiting(Generic[Item, Answer]):
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


class _Awaited(Generic[Item, Answer]):
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


_Asked: TypeAlias = "_Waiting[Item, Answer] | _Awaited[Item, Answer]"


class Grouped(Generic[Item, Answer]):
    """Does `work` for groups of at most `largest` items, one group at a time, on its own thread.

    `work` gives for each item its answer or its refusal, after all is done that they speak of.
    """

    def __init__(self, name: str, work: _Work[Item, Answer], *, largest: int) -> None:
        self._work = work
        self._largest = largest
        self._waiting: SimpleQueue[_Asked[Item, Answer] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def __call__(self, item: Item) -> Answer:
        """Return the answer for `item`.

        Raises:
            DomainError: the refusal of `item`.
            Exception: what `work` failed with for `item` alone.
        """
        waiting = _Waiting[Item, Answer](item)
        self._waiting.put(waiting)
        return waiting.wait()

    async def awaited(self, item: Item) -> Answer:
        """Return what a call does, to a task that waits in its loop."""
        waiting = _Awaited[Item, Answer](item)
        self._waiting.put(waiting)
        return await waiting.wait()

    def stop(self) -> None:
        """Stop, once all who wait have their answers."""
        self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        expected = 1
        while (first := self._waiting.get()) is not None:
            group = [first]
            until = time.monotonic() + _LINGER_SECONDS
            while len(group) < self._largest:
                lingers = len(group) < expected and time.monotonic() < until
                try:
                    more = self._waiting.get(lingers, max(0.0, until - time.monotonic()))
                except Empty:
                    break
                if more is None:
                    self._answer(group)
                    return
                group.append(more)
            self._answer(group)
            expected = len(group)

    def _answer(self, group: Sequence[_Asked[Item, Answer]]) -> None:
        try:
            answers = self._work([each.item for each in group])
        except Exception as failure:  # noqa: BLE001 (the thread must outlive it, and who waits be told)
            if len(group) == 1:
                _tell([(group[0], failure)])
                return
            # One of them may have spoilt it for the others.
            for each in group:
                self._answer([each])
            return
        _tell([*zip(group, answers, strict=True)])


def _tell(answered: Sequence[tuple[_Asked[Item, Answer], Answer | Exception]]) -> None:
    """Give all their answers; a loop is woken once for those who wait in it."""
    in_loops: dict[asyncio.AbstractEventLoop, list[tuple[_Awaited[Item, Answer], Any]]] = {}
    for waiting, answer in answered:
        if isinstance(waiting, _Awaited):
            in_loops.setdefault(waiting.loop, []).append((waiting, answer))
        else:
            waiting.answer(answer)
    for loop, of_loop in in_loops.items():
        loop.call_soon_threadsafe(_tell_in_loop, of_loop)


def _tell_in_loop(answered: Sequence[tuple[_Awaited[Item, Answer], Any]]) -> None:
    for waiting, answer in answered:
        waiting.answer(answer)
