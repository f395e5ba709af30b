"""Work that is dear to begin, done for all who wait at once: a commit, above all.

A thread takes whatever came while it did the work for those before, up to a limit. Whom it has just
answered is likely to come again, so it waits a little for as many as they were: else callers fall
into two groups, each of which waits while the other is served. One caller alone waits for nothing.

What can be done of a large group before the one ahead of it is done, a second thread does then. The
two go hand over hand: who has gathered a group takes it to its end, and lets the other gather the
next if it is large. So no group goes from thread to thread, and a few callers wake one alone.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from enum import Enum, auto
from functools import partial
from queue import Empty, SimpleQueue
from typing import Final, Generic, TypeAlias

from services.kernel.errors import Busy, DomainError
from services.runtime.waiting import Answer, Asked, Awaiting, Item, Waiting, tell

_LINGER_SECONDS: Final = 0.004
"""About what a commit takes for some callers."""

_Rest: TypeAlias = Callable[[], Sequence[Answer | DomainError]]
_Work: TypeAlias = Callable[[Sequence[Item]], Sequence[Answer | DomainError]]
_Ahead: TypeAlias = Callable[[Sequence[Item]], _Rest[Answer] | None]


class _Signal(Enum):
    """What is to be known by who waits for items."""

    TURN = auto()
    """The group ahead is done."""
    STOP = auto()
    """No more items come."""


class Grouped(Generic[Item, Answer]):
    """Does `work` for groups of items, one group at a time, on its own threads.

    `work` gives for each item its answer or its refusal, after all is done that they speak of. A
    group is full with items of the `size` of `largest` together, or more by a part of the last.

    With `ahead` a large group, half full or more, is begun while a large one before it is at work:
    it gives what remains to be done after that, or None where it cannot be begun before that. One
    group at most is begun so. Of the one before, if that failed as a whole, each item may be worked
    at after it was begun.
    """

    def __init__(
        self,
        name: str,
        work: _Work[Item, Answer],
        *,
        largest: int,
        size: Callable[[Item], int] = lambda _item: 1,
        ahead: _Ahead[Item, Answer] | None = None,
    ) -> None:
        self._work = work
        self._largest = largest
        self._size = size
        self._ahead = ahead
        self._waiting: SimpleQueue[Asked[Item, Answer] | _Signal] = SimpleQueue()
        self._asking = threading.Lock()
        self._stopped = False
        self._expected = 1
        self._gathering = threading.Lock()
        """Whose it is takes from those who wait."""
        self._turn = threading.Lock()
        """Whose it is has a group at work; it is asked for with the other, and kept without it."""
        self._gathers = False
        """Whether somebody is in a group that is not begun."""
        self._threads = [
            threading.Thread(target=self._run, name=name, daemon=True)
            for _ in range(1 if ahead is None else 2)
        ]
        for each in self._threads:
            each.start()

    def __call__(self, item: Item) -> Answer:
        """Return the answer for `item`.

        Raises:
            DomainError: the refusal of `item`.
            Busy: it has stopped.
            Exception: what `work` failed with for `item` alone.
        """
        waiting = Waiting[Item, Answer](item)
        self._ask(waiting)
        return waiting.wait()

    async def awaited(self, item: Item) -> Answer:
        """Return what a call does, to a task that waits in its loop."""
        waiting = Awaiting[Item, Answer](item)
        self._ask(waiting)
        return await waiting.wait()

    def stop(self) -> None:
        """Stop, once all who wait have their answers; who comes later is told to come again."""
        with self._asking:
            self._stopped = True
            self._waiting.put(_Signal.STOP)
        for each in self._threads:
            each.join()

    def _ask(self, waiting: Asked[Item, Answer]) -> None:
        with self._asking:
            if self._stopped:
                raise Busy
            self._waiting.put(waiting)

    def _run(self) -> None:
        while True:
            with self._gathering:
                group, large = self._gather()
                if not group:
                    return
                rest = self._begin(group) if large else None
                self._turn.acquire()
                self._expected = len(group)
                if rest is None:
                    # Nothing is begun meanwhile.
                    self._finish(group, self._whole(group))
                    continue
            self._finish(group, rest)

    def _gather(self) -> tuple[list[Asked[Item, Answer]], bool]:
        """Return the next group, empty once all is done, and whether it is large."""
        group: list[Asked[Item, Answer]] = []
        size, until = 0, 0.0
        while size < self._largest:
            seconds = None
            at_work = self._turn.locked()
            if group and (2 * size >= self._largest or not at_work):
                until = until or time.monotonic() + _LINGER_SECONDS
                lingers = at_work or len(group) < self._expected
                seconds = max(0.0, until - time.monotonic()) if lingers else 0.0
            try:
                more = self._waiting.get(seconds != 0, seconds)
            except Empty:
                break
            if more is _Signal.STOP:
                # For the other thread, and for this one if it has a group now.
                self._waiting.put(more)
                break
            if not isinstance(more, _Signal):
                group.append(more)
                size += self._size(more.item)
                self._gathers = True
        self._gathers = False
        return group, 2 * size >= self._largest

    def _begin(self, group: Sequence[Asked[Item, Answer]]) -> _Rest[Answer] | None:
        if self._ahead is None:
            return None
        try:
            return self._ahead([each.item for each in group])
        except Exception:  # noqa: BLE001 (the work fails with it too, and tells who waits)
            return None

    def _whole(self, group: Sequence[Asked[Item, Answer]]) -> _Rest[Answer]:
        return partial(self._work, [each.item for each in group])

    def _finish(self, group: Sequence[Asked[Item, Answer]], rest: _Rest[Answer]) -> None:
        """Do what remains for a group whose turn it is; give the turn away, then the answers."""
        answers: Sequence[Answer | Exception] | None = None
        try:
            answers = rest()
        except Exception as failure:  # noqa: BLE001 (the thread must outlive it, and who waits be told)
            if len(group) == 1:
                answers = [failure]
        self._turn.release()
        if self._gathers:
            self._waiting.put(_Signal.TURN)
        if answers is None:
            # One of them may have spoilt it for the others.
            for each in group:
                self._turn.acquire()
                self._finish([each], self._whole([each]))
            return
        tell([*zip(group, answers, strict=True)])
