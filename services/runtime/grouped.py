"""Work that is dear to begin, done for all who wait at once: a commit, above all.

A thread takes whatever came while it did the work for those before, up to a limit. Whom it has just
answered is likely to come again, so it waits a little for as many as they were: else callers fall
into two groups, each of which waits while the other is served. One caller alone waits for nothing.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import Final, Generic, TypeVar

from services.kernel.errors import DomainError

Item = TypeVar("Item")
Answer = TypeVar("Answer")

_LINGER_SECONDS: Final = 0.004
"""About what a commit takes for some callers."""

_Work = Callable[[Sequence[Item]], Sequence[Answer | DomainError]]


class _Waiting(Generic[Item, Answer]):
    """An item whose answer somebody waits for."""

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


class Grouped(Generic[Item, Answer]):
    """Does `work` for groups of at most `largest` items, one group at a time, on its own thread.

    `work` gives for each item its answer or its refusal, after all is done that they speak of.
    """

    def __init__(self, name: str, work: _Work[Item, Answer], *, largest: int) -> None:
        self._work = work
        self._largest = largest
        self._waiting: SimpleQueue[_Waiting[Item, Answer] | None] = SimpleQueue()
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

    def _answer(self, group: Sequence[_Waiting[Item, Answer]]) -> None:
        try:
            answers = self._work([each.item for each in group])
        except Exception as failure:  # noqa: BLE001 (the thread must outlive it, and who waits be told)
            if len(group) == 1:
                group[0].answer(failure)
                return
            # One of them may have spoilt it for the others.
            for each in group:
                self._answer([each])
            return
        for waiting, answer in zip(group, answers, strict=True):
            waiting.answer(answer)
