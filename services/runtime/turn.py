"""Turns: who came first goes first."""

from __future__ import annotations

import threading
from collections import deque
from typing import Self

from services.kernel.errors import Busy


class Turn:
    """A lock that is given in the order in which it was asked for; a thread cannot ask twice."""

    def __init__(self, patience_seconds: float) -> None:
        self._patience_seconds = patience_seconds
        self._guard = threading.Lock()
        self._queue: deque[threading.Event] = deque()

    def __enter__(self) -> Self:
        """Wait for those who came before.

        Raises:
            Busy: they took longer than anybody should wait.
        """
        mine = threading.Event()
        with self._guard:
            self._queue.append(mine)
            if self._queue[0] is mine:
                mine.set()
        if not mine.wait(self._patience_seconds):
            with self._guard:
                # It may have become this one's turn in the last moment.
                if not mine.is_set():
                    self._queue.remove(mine)
                    raise Busy
        return self

    def __exit__(self, *_: object) -> None:
        """Let the next one go."""
        with self._guard:
            self._queue.popleft()
            if self._queue:
                self._queue[0].set()
