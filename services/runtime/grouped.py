"""Work that is dear to begin, done for all who wait at once: a commit, above all.

A thread takes whatever came while it did the work for those before, up to a limit. So one caller
alone waits for nothing, and many share one commit.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from services.kernel.errors import DomainError

Item = TypeVar("Item")
Answer = TypeVar("Answer")

_Work = Callable[[Sequence[Item]], Sequence[Answer | DomainError]]


class Grouped(Generic[Item, Answer]):
    """Does `work` for groups of at most `largest` items, one group at a time, on its own thread.

    `work` gives for each item its answer or its refusal, after all is done that they speak of.
    """

    def __init__(self, name: str, work: _Work[Item, Answer], *, largest: int) -> None:
        self._work = work
        self._largest = largest
        self._waiting: SimpleQueue[tuple[Item, Future[Answer]] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def __call__(self, item: Item) -> Answer:
        """Return the answer for `item`.

        Raises:
            DomainError: the refusal of `item`.
            Exception: what `work` failed with for `item` alone.
        """
        answer: Future[Answer] = Future()
        self._waiting.put((item, answer))
        return answer.result()

    def stop(self) -> None:
        """Stop, once all who wait have their answers."""
        self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (first := self._waiting.get()) is not None:
            group = [first]
            ended = False
            while len(group) < self._largest and not ended:
                try:
                    more = self._waiting.get_nowait()
                except Empty:
                    break
                if more is None:
                    ended = True
                else:
                    group.append(more)
            self._answer(group)
            if ended:
                return

    def _answer(self, group: Sequence[tuple[Item, Future[Answer]]]) -> None:
        try:
            answers = self._work([item for item, _ in group])
        except Exception as failure:  # noqa: BLE001 (the thread must outlive it, and who waits be told)
            if len(group) == 1:
                group[0][1].set_exception(failure)
                return
            # One of them may have spoilt it for the others.
            for each in group:
                self._answer([each])
            return
        for (_, waiting), answer in zip(group, answers, strict=True):
            if isinstance(answer, DomainError):
                waiting.set_exception(answer)
            else:
                waiting.set_result(answer)
