"""Servers in a process of their own: they share no interpreter with who measures them."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import NamedTuple


class Begun(NamedTuple):
    """What serves in the other process."""

    address: str
    server: object
    """Is held as long as the process lives: a server that nobody holds stops."""


Begin = Callable[[], Begun]


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """A server that serves."""

    address: str
    _pipe: Connection

    def cpu_seconds(self) -> float:
        """Return how long its process has used a processor."""
        self._pipe.send(None)
        return float(self._pipe.recv())


@contextmanager
def serving(begin: Begin) -> Iterator[Apart]:
    """Give the server that `begin` begins in a process of its own."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(begin, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        yield Apart(address=ours.recv(), _pipe=ours)
    finally:
        process.terminate()
        process.join()
        ours.close()


def _serve(begin: Begin, pipe: Connection) -> None:
    begun = begin()
    pipe.send(begun.address)
    while True:
        pipe.recv()
        pipe.send(time.process_time())
