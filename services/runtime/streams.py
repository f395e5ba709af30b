"""Streams: each message is held to the rules of a call, and only so many go on at a time.

They answer on threads of their own, so that long uploads never starve unary calls or health.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent import futures
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import grpc
from google.protobuf.message import Message

from services.kernel.errors import FieldInvalid, Language, LimitExceeded, Words
from services.runtime import auth, contract
from services.runtime.metrics import Kind, Metrics

_LIMIT = "streams"
_WAY_OUT = Words(
    en="Send again in a moment, and put more into each stream.",
    zh="请稍后重试，并在每个流中发送更多数据。",
)
# To refuse a stream takes a thread too.
_SPARE_THREADS = 2

_Behavior = TypeVar("_Behavior", bound=Callable[..., Any])


class Numbered(Protocol):
    """A message that its caller counts."""

    sequence_number: int


_Numbered = TypeVar("_Numbered", bound=Numbered)


def in_order(messages: Iterable[_Numbered]) -> Iterator[_Numbered]:
    """Yield messages, each with a greater number than the one before.

    Raises:
        FieldInvalid: one has not.
    """
    last = -1
    for message in messages:
        number = message.sequence_number
        if number <= last:
            allowed = Words(
                en=f"more than {last}, that of the message before",
                zh=f"大于上一条消息的序号 {last}",
            )
            raise FieldInvalid(field="sequence_number", given=str(number), allowed=allowed)
        last = number
        yield message


class Streams:
    """The streams of one server."""

    def __init__(self, service: str, most: int, metrics: Metrics) -> None:
        self._most = most
        self._free = threading.BoundedSemaphore(most)
        self._in_flight = metrics.streams_in_flight(service)
        self._pool = futures.ThreadPoolExecutor(
            max_workers=most + _SPARE_THREADS, thread_name_prefix=f"{service}-stream"
        )
        metrics.limit(_LIMIT, most)

    def pooled(self, behavior: _Behavior) -> _Behavior:
        """Return `behavior`, to be run by gRPC on the threads of streams."""
        behavior.experimental_thread_pool = self._pool  # type: ignore[attr-defined]
        return behavior

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold one of the places.

        Raises:
            LimitExceeded: all are taken.
        """
        if not self._free.acquire(blocking=False):
            raise LimitExceeded(
                limit=_LIMIT, given=self._most + 1, allowed=self._most, way_out=_WAY_OUT
            )
        self._in_flight.inc()
        try:
            yield
        finally:
            self._in_flight.dec()
            self._free.release()

    def close(self) -> None:
        """Let the threads go."""
        self._pool.shutdown(wait=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of a method that streams."""

    admit: Callable[[], auth.Caller]
    """Returns who calls, if it may: asked anew with each message, so that a key that is retired
    ends its streams too."""
    language: Language
    received: Callable[[], None]
    """Counts a message."""

    def answers(
        self,
        method: Callable[[Any, grpc.ServicerContext], Any],
        given: Any,
        context: grpc.ServicerContext,
        kind: Kind,
    ) -> Iterator[Message]:
        """Yield what the method answers, acting for the caller.

        Raises:
            DomainError: the caller may not, or a message breaks the contract.
        """
        caller = self.admit()
        request = self._checked(given) if kind is Kind.SERVER_STREAM else self._whole(given)
        with auth.acting(caller, self.language):
            answered = method(request, context)
            if kind is Kind.CLIENT_STREAM:
                yield answered
            else:
                yield from answered

    def _whole(self, given: Iterator[Message]) -> Iterator[Message]:
        for message in given:
            self.admit()
            yield self._checked(message)

    def _checked(self, message: Message) -> Message:
        self.received()
        if broken := contract.violations(message):
            raise contract.Broken(broken)
        return message
