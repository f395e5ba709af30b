"""Sends reports over a stream, and again where it breaks.

An answer means that its report is durable and booked. Only so many reports are on their way without
one; where the stream breaks, these are sent again under the same ids and have one effect.
"""

from __future__ import annotations

import queue
import random
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, Generic, Protocol, TypeVar

import grpc

WINDOW: Final = 4
"""How many reports are on their way without an answer."""

PATIENCE_SECONDS: Final = 120.0
"""For how long a service that does not answer is tried again."""

_FIRST_BACKOFF_SECONDS: Final = 0.1
_LONGEST_BACKOFF_SECONDS: Final = 5.0

_Report = TypeVar("_Report")
_Answered_co = TypeVar("_Answered_co", covariant=True)
_Message = TypeVar("_Message", bound="Counted")


class Counted(Protocol):
    """A message that is counted."""

    sequence_number: int


class Answer(Protocol, Generic[_Answered_co]):
    """What answers it."""

    sequence_number: int

    @property
    def report(self) -> _Answered_co:
        """What became of the report."""


def send(
    method: Callable[[Iterator[_Message]], Iterator[Answer[_Answered_co]]],
    message: Callable[..., _Message],
    reports: Iterable[_Report],
    *,
    window: int = WINDOW,
    patience_seconds: float = PATIENCE_SECONDS,
) -> Iterator[_Answered_co]:
    """Yield the answer to each report, in their order, as they become durable.

    `method` is the stub's, `message` makes what it takes of `sequence_number` and `report`. Reports
    are taken as there is room for them, so their number is not bounded by memory. A stream that
    breaks because the service is not available is begun again after a while, with the reports that
    have no answer yet.

    Raises:
        grpc.RpcError: the service refuses a report, or was not available for `patience_seconds`.
    """
    numbered = (
        message(sequence_number=number, report=report) for number, report in enumerate(reports)
    )
    unanswered: deque[_Message] = deque()
    failures, failing_since = 0, 0.0
    while True:
        try:
            for answer in _stream(method, numbered, unanswered, window):
                failures = 0
                yield answer
        except grpc.RpcError as error:
            now = time.monotonic()
            failing_since = failing_since if failures else now
            failures += 1
            if not _is_unavailable(error) or now - failing_since > patience_seconds:
                raise
            time.sleep(_backoff_seconds(failures))
        else:
            return


def _stream(
    method: Callable[[Iterator[_Message]], Iterator[Answer[_Answered_co]]],
    numbered: Iterator[_Message],
    unanswered: deque[_Message],
    window: int,
) -> Iterator[_Answered_co]:
    """Yield answers over one stream: first to what is `unanswered`, then to what follows."""
    # gRPC reads the queue on a thread of its own; all else happens on the caller's.
    outgoing: queue.SimpleQueue[_Message | None] = queue.SimpleQueue()
    for message in unanswered:
        outgoing.put(message)
    call: Any = method(iter(outgoing.get, None))
    try:
        while True:
            while len(unanswered) < window and (following := next(numbered, None)) is not None:
                unanswered.append(following)
                outgoing.put(following)
            if not unanswered:
                break
            answer = next(call)
            answered = unanswered.popleft()
            assert answer.sequence_number == answered.sequence_number, "answers come in order"
            yield answer.report
        outgoing.put(None)
        assert not list(call), "each message has one answer"
    finally:
        outgoing.put(None)
        call.cancel()


def _is_unavailable(error: grpc.RpcError) -> bool:
    return isinstance(error, grpc.Call) and error.code() is grpc.StatusCode.UNAVAILABLE


def _backoff_seconds(failures: int) -> float:
    """Return how long to wait: longer each time, and not all callers the same."""
    longest = min(_FIRST_BACKOFF_SECONDS * 2 ** min(failures, 16), _LONGEST_BACKOFF_SECONDS)
    return random.uniform(0, longest)  # noqa: S311 (no secret)
