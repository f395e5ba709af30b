"""Callers of one gRPC method that take next to nothing themselves, as pgbench's clients do.

A caller by grpcio takes half of what the service takes for its call, of the same processors. These
send the frames of HTTP/2 as they are (RFC 9113), their headers spelt out (RFC 7541), and look only
for the end of each answer and its status. Who calls from elsewhere takes nothing of the server's.
"""

from __future__ import annotations

import socket
import struct
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

_PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_DATA, _HEADERS, _RESET, _SETTINGS, _PING, _GO_AWAY, _WINDOW = 0, 1, 3, 4, 6, 7, 8
_ACK, _END_STREAM, _END_HEADERS = 0x1, 0x1, 0x4
_FRAME_BYTES: Final = 9
_TABLE_SIZE, _FIRST_WINDOW = 1, 4
_WIDE: Final = 2**31 - 1
_NARROW: Final = 2**16 - 1
_POST, _HTTP = 0x83, 0x86
"""Of the static table: the method and the scheme."""
_READ_BYTES: Final = 1 << 18
_LONGEST_FRAME: Final = 1 << 14
_SHORT: Final = 0x7F
_FINE: Final = b"grpc-status\x010"


@dataclass(slots=True)
class Callers:
    """Some callers on one connection, each of which calls again once it is answered."""

    address: str
    method: str
    """Such as "/package.Service/Method"."""
    key: str
    _socket: socket.socket = field(init=False)
    _headers: bytes = field(init=False)
    _out: bytearray = field(default_factory=bytearray)
    _in: bytearray = field(default_factory=bytearray)
    _held: deque[tuple[int, bytes]] = field(default_factory=deque)
    """Of which streams what may not be sent yet."""
    _may_send: int = _NARROW
    """How many bytes of messages the service takes, of all streams together."""
    _next: int = 1

    def __post_init__(self) -> None:
        host, _, port = self.address.rpartition(":")
        self._socket = socket.create_connection((host, int(port)))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._headers = bytes((_POST, _HTTP)) + b"".join(
            b"\0" + _text(name) + _text(value)
            for name, value in (
                (":path", self.method),
                (":authority", self.address),
                ("te", "trailers"),
                ("content-type", "application/grpc"),
                ("authorization", f"Bearer {self.key}"),
            )
        )
        # Headers come spelt out too, and answers as fast as they can.
        settings = struct.pack(">HIHI", _TABLE_SIZE, 0, _FIRST_WINDOW, _WIDE)
        self._out += _PREFACE + _frame(_SETTINGS, 0, 0, settings)
        self._out += _frame(_WINDOW, 0, 0, struct.pack(">I", _WIDE - _NARROW))

    def call(self, requests: list[Iterator[bytes]], until: float) -> list[float]:
        """Let each caller call for its requests, one after another, until a moment.

        Returns:
            How many milliseconds each call took.
        """
        calls_ms: list[float] = []
        under_way: dict[int, tuple[float, Iterator[bytes]]] = {}

        def go_on(caller: Iterator[bytes]) -> None:
            if (now := time.perf_counter()) < until:
                under_way[self._send(next(caller))] = (now, caller)

        def answered(stream: int) -> None:
            began, caller = under_way.pop(stream)
            calls_ms.append((time.perf_counter() - began) * 1000)
            go_on(caller)

        for caller in requests:
            go_on(caller)
        while under_way:
            self._socket.sendall(self._out)
            self._out.clear()
            self._read(answered)
        return calls_ms

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def _send(self, message: bytes) -> int:
        """Put a call among what goes out next; return the number of its stream."""
        stream = self._next
        self._next += 2
        self._out += _frame(_HEADERS, _END_HEADERS, stream, self._headers)
        body = b"\0" + struct.pack(">I", len(message)) + message
        assert len(body) <= _NARROW, "no stream has room for it"
        self._held.append((stream, body))
        self._send_held()
        return stream

    def _send_held(self) -> None:
        """Put among what goes out next as many messages as the service takes."""
        while self._held and len(self._held[0][1]) <= self._may_send:
            stream, body = self._held.popleft()
            self._may_send -= len(body)
            for place in range(0, len(body), _LONGEST_FRAME):
                part = body[place : place + _LONGEST_FRAME]
                is_last = place + _LONGEST_FRAME >= len(body)
                self._out += _frame(_DATA, _END_STREAM if is_last else 0, stream, part)

    def _read(self, answered: Callable[[int], None]) -> None:
        """Take what came, and tell which streams have ended well."""
        came = self._socket.recv(_READ_BYTES)
        assert came, "the service hung up"
        self._in += came
        start, end = 0, len(self._in)
        while end - start >= _FRAME_BYTES:
            high, low, kind, flags, stream = struct.unpack_from(">BHBBI", self._in, start)
            after = start + _FRAME_BYTES + (high << 16) + low
            if after > end:
                break
            content = bytes(self._in[start + _FRAME_BYTES : after])
            start = after
            assert kind not in {_RESET, _GO_AWAY}, content
            if kind in {_SETTINGS, _PING} and not flags & _ACK:
                self._out += _frame(kind, _ACK, 0, b"" if kind == _SETTINGS else content)
            elif kind == _WINDOW and not stream:
                self._may_send += int.from_bytes(content)
                self._send_held()
            elif kind == _HEADERS and flags & _END_STREAM:
                assert _FINE in content, content
                answered(stream)
        del self._in[:start]


def _frame(kind: int, flags: int, stream: int, content: bytes) -> bytes:
    size = len(content)
    return struct.pack(">BHBBI", size >> 16, size & 0xFFFF, kind, flags, stream) + content


def _text(value: str) -> bytes:
    """Return a text of fewer than 127 bytes as headers have it."""
    data = value.encode()
    assert len(data) < _SHORT, value
    return bytes((len(data),)) + data
