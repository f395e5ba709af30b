"""What answers the calls of a service, however it does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeAlias

LARGEST_MESSAGE_BYTES = 16 * 1024 * 1024

Options: TypeAlias = Sequence[tuple[str, int]]


class Transport(Protocol):
    """A gRPC server of one service."""

    port: int
    """Where it listens."""

    def start(self) -> None:
        """Begin to answer, and say so."""

    def withdraw(self) -> None:
        """Tell who asks for its health that it ends."""

    def stop(self, grace_seconds: float | None) -> None:
        """Take no more calls, and return once those under way have ended or the grace is over."""


def options(keepalive_seconds: float) -> Options:
    """Return how connections are held, to callers that answer pings for so long."""
    return [
        ("grpc.max_receive_message_length", LARGEST_MESSAGE_BYTES),
        ("grpc.keepalive_time_ms", int(keepalive_seconds * 1000)),
        # The older `grpc.keepalive_timeout_ms` alone would wait for a minute.
        ("grpc.http2.ping_timeout_ms", int(keepalive_seconds * 1000 / 3)),
        # Two servers on one port would each get half of the calls.
        ("grpc.so_reuseport", 0),
    ]
